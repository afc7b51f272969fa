/* Batch normalisation at training (Ioffe and Szegedy, 2015, algorithm 1 and section 3), for a batch of
   `pixels` = batch * height * width rows of `channels` values:

       y = (x - mean) / deviation * scale + shift,   deviation = sqrt(variance + epsilon)

   with mean and variance of the batch, one each per channel. Channels lie side by side, so a sum over pixels is a sum of
   rows. Sums are kept in double: in float32 a sum over some ten thousand pixels would lose the last digits of the
   mean. The variance is computed from differences in a second pass, since E[x^2] - mean^2 cancels. */
#include <math.h>

#include "layers.h"
#include "optimiser.h"

void batch_norm_forward(Workspace *w, int number, real *parameters, int64_t batch) {
    const Layer *l = &w->layers[number];
    const LayerCache *cache = &w->caches[number];
    const real *x = inputs_of(w, number), *scale = parameters + l->weights, *shift = parameters + l->biases;
    int64_t channels = l->out_channels, pixels = batch * output_size(l) / channels;
    real *y = cache->outputs, *mean = cache->statistics, *deviation = mean + channels;
    double *sums = cache->sums, *squares = sums + channels;
    memset(sums, 0, (size_t)channels * 2 * sizeof *sums);
    for (int64_t pixel = 0; pixel < pixels; pixel++)
        for (int64_t c = 0; c < channels; c++) sums[c] += (double)x[pixel * channels + c];
    for (int64_t c = 0; c < channels; c++) mean[c] = (real)(sums[c] / (double)pixels);
    for (int64_t pixel = 0; pixel < pixels; pixel++)
        for (int64_t c = 0; c < channels; c++) {
            double difference = (double)(x[pixel * channels + c] - mean[c]);
            squares[c] += difference * difference;
        }
    for (int64_t c = 0; c < channels; c++) {
        double variance = squares[c] / (double)pixels;
        deviation[c] = (real)sqrt(variance + l->epsilon);
        real *running[] = {parameters + l->mean + c, parameters + l->variance + c};
        *running[0] = (real)(l->momentum * (double)*running[0] + (1 - l->momentum) * (double)mean[c]);
        *running[1] = (real)(l->momentum * (double)*running[1] + (1 - l->momentum) * variance);
    }
    for (int64_t pixel = 0; pixel < pixels; pixel++)
        for (int64_t c = 0; c < channels; c++) {
            int64_t at = pixel * channels + c;
            y[at] = (x[at] - mean[c]) / deviation[c] * scale[c] + shift[c];
        }
}

/* With n = (x - mean) / deviation: dshift = sum dy, dscale = sum dy n, and since mean and variance depend on every x of
   the batch, dx = scale / deviation (dy - mean(dy) - n mean(dy n)). */
void batch_norm_backward(Workspace *w, int number, real *dy, real *dx, int64_t batch, struct Update *update) {
    const Layer *l = &w->layers[number];
    const LayerCache *cache = &w->caches[number];
    const real *x = inputs_of(w, number), *scale = update->parameters + l->weights;
    int64_t channels = l->out_channels, pixels = batch * output_size(l) / channels;
    const real *mean = cache->statistics, *deviation = mean + channels;
    double *dshift = cache->sums, *dscale = dshift + channels;
    memset(dshift, 0, (size_t)channels * 2 * sizeof *dshift);
    for (int64_t pixel = 0; pixel < pixels; pixel++)
        for (int64_t c = 0; c < channels; c++) {
            int64_t at = pixel * channels + c;
            dshift[c] += (double)dy[at];
            dscale[c] += (double)(dy[at] * ((x[at] - mean[c]) / deviation[c]));
        }
    if (dx)
        for (int64_t pixel = 0; pixel < pixels; pixel++)
            for (int64_t c = 0; c < channels; c++) {
                int64_t at = pixel * channels + c;
                real normal = (x[at] - mean[c]) / deviation[c];
                real rest = dy[at] - (real)(dshift[c] / (double)pixels) - normal * (real)(dscale[c] / (double)pixels);
                dx[at] = rest * scale[c] / deviation[c];
            }
    /* The statistics have served; their place takes the gradients, rounded to `real`. */
    real *gradients = cache->statistics;
    for (int64_t c = 0; c < channels; c++) {
        gradients[c] = (real)dscale[c];
        gradients[channels + c] = (real)dshift[c];
    }
    apply_gradients(update, l, l->weights, gradients, channels);
    apply_gradients(update, l, l->biases, gradients + channels, channels);
}
