/* Batch normalisation (Ioffe and Szegedy, 2015, algorithm 1 and section 3) of `channels` values at each pixel:

       y = (x - mean) factor + shift,   factor = scale / sqrt(variance + epsilon)

   with mean and variance of the batch in training, one each per channel, and of the running averages at inference.

   Only the sums need the whole batch. So a row of layers (fused_layers.h) that ends before a batch normalisation leaves
   each image's mean and sum of squares on its way, while the image lies in that core's cache; between the rows they are
   merged; the next row begins by normalising each image. Backward it is the same in the other direction: a row that ends
   above a batch normalisation leaves each image's sums of gradients, and the row below begins with dx.

   What is kept of each image does not depend on which thread did it, and images are merged in their order, so results
   are the same to the last bit however many threads there are. */
#include <math.h>

#include "layers.h"
#include "optimiser.h"
#include "threads.h"

/* Pixels whose sum is kept in `real` before it is added to a double: few enough not to lose digits. */
#define PIXELS_PER_BLOCK 32
/* Images a thread takes at a time where no row of layers passes by. */
#define IMAGES_PER_PART 8

/* The arrays of a layer's `statistics`, (channels,) each. */
static real *means(const Layer *l, const LayerCache *c) { return c->statistics + 0 * l->out_channels; }
static real *inverse_deviations(const Layer *l, const LayerCache *c) { return c->statistics + 1 * l->out_channels; }
static real *factors(const Layer *l, const LayerCache *c) { return c->statistics + 2 * l->out_channels; }
/* Backward: mean(dy) and mean(dy n), both times factor, with n = (x - mean) / deviation; the latter also / deviation. */
static real *mean_gradients(const Layer *l, const LayerCache *c) { return c->statistics + 3 * l->out_channels; }
static real *mean_products(const Layer *l, const LayerCache *c) { return c->statistics + 4 * l->out_channels; }

static int64_t pixels_of(const Layer *l) { return (int64_t)l->out_height * l->out_width; }
/* An image's two rows of sums, (2, channels). */
static double *image_sums(const Layer *l, const LayerCache *c, int64_t image) {
    return c->sums + image * 2 * l->out_channels;
}

INLINE void add_lanes(double *to, vector values, int64_t lanes) {
    for (int64_t lane = 0; lane < minimum(lanes, LANES); lane++) to[lane] += (double)values[lane];
}

/* The mean of one image, and the sum of squared differences from it in a second pass: E[x^2] - mean^2 would cancel. */
void batch_norm_image_statistics(const Workspace *w, int number, int64_t image) {
    const Layer *l = &w->layers[number];
    const real *x = inputs_of(w, number) + image * output_size(l);
    int64_t channels = l->out_channels, pixels = pixels_of(l);
    double *mean = image_sums(l, &w->caches[number], image), *squares = mean + channels;
    memset(mean, 0, (size_t)channels * 2 * sizeof *mean);
    for (int64_t c = 0; c < channels; c += LANES) {
        int64_t lanes = minimum(channels - c, LANES);
        for (int64_t block = 0; block < pixels; block += PIXELS_PER_BLOCK) {
            vector sum = {0};
            for (int64_t p = block; p < minimum(block + PIXELS_PER_BLOCK, pixels); p++)
                sum += load_partial(x + p * channels + c, lanes);
            add_lanes(mean + c, sum, lanes);
        }
        vector centre = {0};
        for (int64_t lane = 0; lane < lanes; lane++) {
            mean[c + lane] /= (double)pixels;
            centre[lane] = (real)mean[c + lane];
        }
        for (int64_t block = 0; block < pixels; block += PIXELS_PER_BLOCK) {
            vector sum = {0};
            for (int64_t p = block; p < minimum(block + PIXELS_PER_BLOCK, pixels); p++) {
                vector difference = load_partial(x + p * channels + c, lanes) - centre;
                sum += difference * difference;
            }
            add_lanes(squares + c, sum, lanes);
        }
    }
}

/* Merge the images' means and squares, and move the running averages, which are among the parameters. The sums of all
   are those within the images and those between their means (Chan, Golub and LeVeque, 1983). */
void batch_norm_merge_statistics(const Workspace *w, int number, real *parameters, int64_t batch) {
    const Layer *l = &w->layers[number];
    const LayerCache *cache = &w->caches[number];
    int64_t channels = l->out_channels;
    const real *scale = parameters + l->weights;
    for (int64_t c = 0; c < channels; c++) {
        double mean = 0, within = 0, between = 0;
        for (int64_t image = 0; image < batch; image++) mean += image_sums(l, cache, image)[c];
        mean /= (double)batch;
        for (int64_t image = 0; image < batch; image++) {
            const double *own = image_sums(l, cache, image);
            within += own[channels + c];
            between += (own[c] - mean) * (own[c] - mean);
        }
        double variance = (within / (double)pixels_of(l) + between) / (double)batch;
        means(l, cache)[c] = (real)mean;
        inverse_deviations(l, cache)[c] = (real)(1 / sqrt(variance + l->epsilon));
        factors(l, cache)[c] = scale[c] * inverse_deviations(l, cache)[c];
        real *running[] = {parameters + l->mean + c, parameters + l->variance + c};
        *running[0] = (real)(l->momentum * (double)*running[0] + (1 - l->momentum) * mean);
        *running[1] = (real)(l->momentum * (double)*running[1] + (1 - l->momentum) * variance);
    }
}

void batch_norm_use_running(const Workspace *w, int number, const real *parameters) {
    const Layer *l = &w->layers[number];
    const LayerCache *cache = &w->caches[number];
    for (int64_t c = 0; c < l->out_channels; c++) {
        means(l, cache)[c] = parameters[l->mean + c];
        double deviation = sqrt((double)parameters[l->variance + c] + l->epsilon);
        factors(l, cache)[c] = (real)((double)parameters[l->weights + c] / deviation);
    }
}

void batch_norm_forward(const Layer *l, const LayerCache *cache, const real *parameters, const real *x, real *y) {
    int64_t channels = l->out_channels, row = (int64_t)l->out_width * channels;
    const real *mean = means(l, cache), *factor = factors(l, cache), *shift = parameters + l->biases;
    /* Row by row of the image, so that the activation finds its values in the nearest cache. */
    for (int64_t at = 0; at < output_size(l); at += row) {
        for (int64_t p = at; p < at + row; p += channels)
            for (int64_t c = 0; c < channels; c++) y[p + c] = (x[p + c] - mean[c]) * factor[c] + shift[c];
        activation_forward(l->activation, y + at, row, channels);
    }
}

/* Take dy of one image back through the activation, in place, and sum dy and dy (x - mean) over its pixels. */
void batch_norm_image_gradients(const Workspace *w, int number, int64_t image, real *dy) {
    const Layer *l = &w->layers[number];
    const LayerCache *cache = &w->caches[number];
    int64_t channels = l->out_channels, pixels = pixels_of(l), at = image * output_size(l);
    const real *x = inputs_of(w, number) + at, *mean = means(l, cache);
    activation_backward(l->activation, cache->outputs + at, dy, output_size(l));
    double *gradients = image_sums(l, cache, image), *products = gradients + channels;
    memset(gradients, 0, (size_t)channels * 2 * sizeof *gradients);
    for (int64_t c = 0; c < channels; c += LANES) {
        int64_t lanes = minimum(channels - c, LANES);
        vector centre = load_partial(mean + c, lanes);
        for (int64_t block = 0; block < pixels; block += PIXELS_PER_BLOCK) {
            vector sum = {0}, product = {0};
            for (int64_t p = block; p < minimum(block + PIXELS_PER_BLOCK, pixels); p++) {
                vector own = load_partial(dy + p * channels + c, lanes);
                sum += own;
                product += own * (load_partial(x + p * channels + c, lanes) - centre);
            }
            add_lanes(gradients + c, sum, lanes);
            add_lanes(products + c, product, lanes);
        }
    }
}

/* Merge the images' sums, and apply the gradients by scale and shift: dshift = sum dy, dscale = sum dy n. */
void batch_norm_merge_gradients(const Workspace *w, int number, int64_t batch, const Update *update) {
    const Layer *l = &w->layers[number];
    const LayerCache *cache = &w->caches[number];
    int64_t channels = l->out_channels;
    double count = (double)(batch * pixels_of(l));
    real *gradients = cache->gradients;
    for (int64_t c = 0; c < channels; c++) {
        double sum = 0, product = 0;
        for (int64_t image = 0; image < batch; image++) {
            sum += image_sums(l, cache, image)[c];
            product += image_sums(l, cache, image)[channels + c];
        }
        double factor = (double)factors(l, cache)[c], inverse = (double)inverse_deviations(l, cache)[c];
        mean_gradients(l, cache)[c] = (real)(factor * sum / count);
        mean_products(l, cache)[c] = (real)(factor * inverse * inverse * product / count);
        gradients[c] = (real)(product * inverse);
        gradients[channels + c] = (real)sum;
    }
    /* The factors hold the scale before this step, by which dx is still to be computed. */
    apply_gradients(update, l, l->weights, gradients, channels);
    apply_gradients(update, l, l->biases, gradients + channels, channels);
}

/* Since mean and variance depend on every x of the batch, dx = factor (dy - mean(dy) - n mean(dy n)). */
void batch_norm_backward(const Layer *l, const LayerCache *cache, const real *x, const real *dy, real *dx) {
    int64_t channels = l->out_channels;
    const real *mean = means(l, cache), *factor = factors(l, cache);
    const real *gradient = mean_gradients(l, cache), *product = mean_products(l, cache);
    for (int64_t p = 0; p < output_size(l); p += channels)
        for (int64_t c = 0; c < channels; c++)
            dx[p + c] = factor[c] * dy[p + c] - gradient[c] - product[c] * (x[p + c] - mean[c]);
}

typedef struct {
    const Workspace *w;
    int number;
    int64_t batch;
    real *dy; /* NULL: forward */
} BatchJob;

static void sum_part(void *argument, int64_t part, int thread) {
    (void)thread;
    const BatchJob *j = argument;
    for (int64_t i = part * IMAGES_PER_PART; i < minimum((part + 1) * IMAGES_PER_PART, j->batch); i++) {
        if (j->dy)
            batch_norm_image_gradients(j->w, j->number, i, j->dy + i * output_size(&j->w->layers[j->number]));
        else
            batch_norm_image_statistics(j->w, j->number, i);
    }
}

static void sum_all(BatchJob j) {
    /* Fewer values than this are summed before another thread has begun. */
    int is_short = j.batch * output_size(&j.w->layers[j.number]) < 50000;
    parallel_for(sum_part, &j, ceil_div(j.batch, IMAGES_PER_PART), is_short ? 1 : j.w->threads);
}

void batch_norm_statistics(const Workspace *w, int number, int64_t batch) { sum_all((BatchJob){w, number, batch, 0}); }

void batch_norm_gradients(const Workspace *w, int number, real *dy, int64_t batch) {
    sum_all((BatchJob){w, number, batch, dy});
}
