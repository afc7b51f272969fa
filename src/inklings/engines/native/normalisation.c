/* Normalisation by the batch's own mean and variance (Ioffe and Szegedy, 2015, algorithm 1 and section 3).

   Channels lie side by side, so sums over pixels are sums of rows; they are kept in double. */
#include <math.h>
#include <stdlib.h>

#include "layers.h"
#include "optimiser.h"

void normalise_batch(workspace *w, int number, real *parameters, int64_t images) {
    const layer *l = &w->layers[number];
    const real *x = inputs_of(w, number), *scale = parameters + l->weights, *shift = parameters + l->biases;
    real *y = w->traces[number].outputs, *mean = w->traces[number].statistics, *deviation = mean + l->filters;
    int64_t channels = l->filters, pixels = images * output_size(l) / channels;
    double *sums = calloc((size_t)channels * 2, sizeof *sums), *squares = sums + channels;
    for (int64_t pixel = 0; pixel < pixels; pixel++)
        for (int64_t c = 0; c < channels; c++) sums[c] += (double)x[pixel * channels + c];
    for (int64_t c = 0; c < channels; c++) mean[c] = (real)(sums[c] / (double)pixels);
    for (int64_t pixel = 0; pixel < pixels; pixel++)
        for (int64_t c = 0; c < channels; c++) {
            double distance = (double)(x[pixel * channels + c] - mean[c]);
            squares[c] += distance * distance;
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
    free(sums);
}

void normalise_batch_back(workspace *w, int number, real *dy, real *dx, int64_t images, struct update *u) {
    const layer *l = &w->layers[number];
    const real *x = inputs_of(w, number), *scale = u->parameters + l->weights;
    const real *mean = w->traces[number].statistics, *deviation = mean + l->filters;
    int64_t channels = l->filters, pixels = images * output_size(l) / channels;
    double *sums = calloc((size_t)channels * 2, sizeof *sums), *along = sums + channels;
    real *gradients = malloc((size_t)channels * 2 * sizeof *gradients);
    for (int64_t pixel = 0; pixel < pixels; pixel++)
        for (int64_t c = 0; c < channels; c++) {
            int64_t at = pixel * channels + c;
            sums[c] += (double)dy[at];
            along[c] += (double)(dy[at] * ((x[at] - mean[c]) / deviation[c]));
        }
    /* The mean and the variance depend on every x of the batch: what they pass on takes out of the gradient its mean,
       and the part that points along the normal values. */
    if (dx)
        for (int64_t pixel = 0; pixel < pixels; pixel++)
            for (int64_t c = 0; c < channels; c++) {
                int64_t at = pixel * channels + c;
                real normal = (x[at] - mean[c]) / deviation[c];
                real rest = dy[at] - (real)(sums[c] / (double)pixels) - normal * (real)(along[c] / (double)pixels);
                dx[at] = rest * scale[c] / deviation[c];
            }
    for (int64_t c = 0; c < channels; c++) {
        gradients[c] = (real)along[c];
        gradients[channels + c] = (real)sums[c];
    }
    finish(u, l, l->weights, gradients, channels);
    finish(u, l, l->biases, gradients + channels, channels);
    free(gradients);
    free(sums);
}
