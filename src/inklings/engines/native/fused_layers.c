/* Image after image through a row of layers. The batch is cut into parts of consecutive images, which the threads share.

   Forward, no image has anything to do with another, so there are several parts for each thread, and a thread that is
   done early takes more. Backward, each part adds up the gradients of its own images, and the parts' sums are added in
   their order. How many parts there are depends on the batch and the layers alone: so sums are the same to the last bit
   whichever thread is quicker, and however many threads there are. */
#include "fused_layers.h"

#include "conv_kernels.h"
#include "layers.h"
#include "threads.h"
#include "winograd.h"

/* Fewer operations than this on a batch are over before another thread has begun. */
#define MIN_SHARED_OPERATIONS 100000

#define PARTS_PER_THREAD 8 /* forward */

static int threads_for(const FusedLayers *f) {
    double operations = 0;
    for (int number = f->begin; number < f->end; number++) {
        const Layer *l = &f->w->layers[number];
        operations += (double)output_size(l) * (l->kind == CONV ? (double)patch_size(l) : 4);
    }
    return operations * (double)f->batch < MIN_SHARED_OPERATIONS ? 1 : f->w->threads;
}

int64_t images_together(const Layer *layers, int begin, int end) {
    int64_t images = 1;
    for (int number = begin; number < end; number++) images = maximum(images, winograd_images(&layers[number]));
    return images;
}

static void forward_convolution(const FusedLayers *f, int number, int64_t image, int64_t images, Scratch *scratch) {
    const Layer *l = &f->w->layers[number];
    const real *weights = f->parameters + l->weights;
    conv_forward(l, uses_winograd(l) ? f->w->kernels + kernel_offsets(f->w, number).transformed : weights,
                 l->biases < 0 ? 0 : f->parameters + l->biases, inputs_of(f->w, number) + image * input_size(l),
                 f->w->caches[number].outputs + image * output_size(l), images, scratch);
}

static void forward_image(const FusedLayers *f, int number, int64_t image) {
    const Layer *l = &f->w->layers[number];
    LayerCache *cache = &f->w->caches[number];
    int64_t size = output_size(l), at = image * size;
    const real *x = inputs_of(f->w, number) + image * input_size(l);
    real *y = cache->outputs + at;
    integer *argmax = f->training && cache->argmax ? cache->argmax + at : 0;
    switch (l->kind) {
    case MAX_POOL:
        max_pool_forward(l, x, y, argmax);
        activation_forward(l->activation, y, size, size); /* the convolution's before it (lowering.py) */
        break;
    case GLOBAL_AVG_POOL:
    case GLOBAL_MAX_POOL: global_pool_forward(l, x, y, argmax); break;
    case BATCH_NORM: batch_norm_forward(l, cache, f->parameters, x, y); break;
    case ACTIVATION:
        memcpy(y, x, (size_t)size * sizeof *y);
        activation_forward(l->activation, y, size, size);
        break;
    case DROPOUT:
        if (f->training)
            dropout_forward(l, f->step, at, x, y, cache->dropout_mask + at, size);
        else
            memcpy(y, x, (size_t)size * sizeof *y);
    }
}

/* Each part's gradients by the kernels are cleared, written and read once more, which has to pay: a part should have so
   many rows (tiles or pixels) to sum over in every convolution. Two there are anyway, for two cores. Powers of two, so that
   two or four threads have equal shares. */
#define MIN_GRADIENT_ROWS 400

static int64_t gradient_parts(const FusedLayers *f) {
    int64_t parts = 2, most = MAX_GRADIENT_PARTS;
    for (int number = f->begin; number < f->end; number++) {
        const Layer *l = &f->w->layers[number];
        if (l->kind == CONV) most = minimum(most, f->batch * conv_gradient_rows(l) / MIN_GRADIENT_ROWS);
    }
    while (2 * parts <= most) parts *= 2;
    return minimum(f->batch, parts);
}

static int64_t first_image(const FusedLayers *f, int64_t part) { return part * f->batch / f->parts; }

static void forward_part(void *argument, int64_t part, int thread) {
    const FusedLayers *f = argument;
    int normalised_next = f->training && f->end < f->w->count && f->w->layers[f->end].kind == BATCH_NORM;
    int64_t end = first_image(f, part + 1), some, most = images_together(f->w->layers, f->begin, f->end);
    for (int64_t image = first_image(f, part); image < end; image += some) {
        some = minimum(most, end - image);
        for (int number = f->begin; number < f->end; number++) {
            if (f->w->layers[number].kind == CONV)
                forward_convolution(f, number, image, some, &f->w->scratch[thread]);
            else
                for (int64_t i = 0; i < some; i++) forward_image(f, number, image + i);
        }
        for (int64_t i = 0; i < some && normalised_next; i++) batch_norm_image_statistics(f->w, f->end, image + i);
    }
}

/* A row begins with a batch normalisation's statistics: in training those of the whole batch. The row below has summed
   them up; where there is none, it is done now. */
static void prepare_batch_norms(const FusedLayers *f) {
    Workspace *w = f->w;
    for (int number = f->begin; number < f->end; number++) {
        if (w->layers[number].kind != BATCH_NORM) continue;
        if (!f->training) {
            batch_norm_use_running(w, number, f->parameters);
            continue;
        }
        if (number == 0 || w->layers[number - 1].kind == DENSE) batch_norm_statistics(w, number, f->batch);
        batch_norm_merge_statistics(w, number, f->parameters, f->batch);
    }
}

void fused_forward(FusedLayers *f) {
    prepare_batch_norms(f);
    prepare_kernels(f->w, f->begin, f->end, f->parameters);
    /* Parts of as many images as go together, unless a thread had none then. */
    int64_t most = f->batch / (f->w->threads * images_together(f->w->layers, f->begin, f->end));
    f->parts = minimum(f->batch, maximum(1, minimum(most, PARTS_PER_THREAD)) * f->w->threads);
    parallel_for(forward_part, f, f->parts, threads_for(f));
}

static void backward_convolution(const FusedLayers *f, int number, int64_t image, int64_t images, real *dy, real *dx,
                                 int64_t part, Scratch *scratch) {
    const Layer *l = &f->w->layers[number];
    KernelOffsets o = kernel_offsets(f->w, number);
    real *gradients = f->w->kernels + o.gradients + part * o.distance;
    conv_backward(l, inputs_of(f->w, number) + image * input_size(l),
                  f->w->caches[number].outputs + image * output_size(l), dy, dx, gradients, gradients + o.biases,
                  f->w->kernels + (uses_winograd(l) ? o.flipped_transformed : o.flipped), images, scratch);
}

static void backward_image(const FusedLayers *f, int number, int64_t image, real *dy, real *dx) {
    const Layer *l = &f->w->layers[number];
    const LayerCache *cache = &f->w->caches[number];
    int64_t size = output_size(l), at = image * size;
    switch (l->kind) {
    case MAX_POOL:
        activation_backward(l->activation, cache->outputs + at, dy, size);
        max_pool_backward(l, cache->argmax + at, dy, dx);
        break;
    case GLOBAL_AVG_POOL:
    case GLOBAL_MAX_POOL: global_pool_backward(l, cache->argmax ? cache->argmax + at : 0, dy, dx); break;
    case BATCH_NORM: batch_norm_backward(l, cache, inputs_of(f->w, number) + at, dy, dx); break;
    case DROPOUT: dropout_backward(l, cache->dropout_mask + at, dy, dx, size); break;
    case ACTIVATION:
        memcpy(dx, dy, (size_t)size * sizeof *dx);
        activation_backward(l->activation, cache->outputs + at, dx, size);
    }
}

static void clear_gradients(const FusedLayers *f, int64_t part) {
    for (int number = f->begin; number < f->end; number++) {
        if (f->w->layers[number].kind != CONV) continue;
        KernelOffsets o = kernel_offsets(f->w, number);
        memset(f->w->kernels + o.gradients + part * o.distance, 0, (size_t)o.distance * sizeof(real));
    }
}

/* Some images' gradients through one layer. */
static void backward_images(const FusedLayers *f, int number, int64_t image, int64_t images, real *dy, real *dx,
                            int64_t part, Scratch *scratch) {
    const Layer *l = &f->w->layers[number];
    if (l->kind == CONV)
        backward_convolution(f, number, image, images, dy, dx, part, scratch);
    else
        for (int64_t i = 0; i < images && dx; i++)
            backward_image(f, number, image + i, dy + i * output_size(l), dx + i * input_size(l));
}

static void backward_part(void *argument, int64_t part, int thread) {
    const FusedLayers *f = argument;
    const Layer *first = &f->w->layers[f->begin], *last = &f->w->layers[f->end - 1];
    Scratch *scratch = &f->w->scratch[thread];
    clear_gradients(f, part);
    int64_t end = first_image(f, part + 1), some, most = images_together(f->w->layers, f->begin, f->end);
    for (int64_t image = first_image(f, part); image < end; image += some) {
        some = minimum(most, end - image);
        int64_t size = output_size(last);
        real *dy = f->dy + image * size, *to = f->dx ? f->dx + image * input_size(first) : 0;
        /* Products read a vector beyond the last pixel, where the next part's first image begins, whose gradient another
           thread may be multiplying by its activation's slope. None of it reaches a result, but in C it would be a race;
           from a copy they read this thread's own memory. */
        if (image + some == end)
            dy = memcpy(scratch->gradients[f->end % 2], dy, (size_t)(some * size) * sizeof *dy);
        for (int number = f->end - 1; number >= f->begin; number--) {
            /* Between layers gradients live for these images only, in the one buffer or the other. */
            real *dx = number == f->begin ? to : scratch->gradients[number % 2];
            backward_images(f, number, image, some, dy, dx, part, scratch);
            dy = dx;
        }
        if (!f->dx || f->w->layers[f->begin - 1].kind != BATCH_NORM) continue;
        for (int64_t i = 0; i < some; i++)
            batch_norm_image_gradients(f->w, f->begin - 1, image + i, dy + i * input_size(first));
    }
}

void fused_backward(FusedLayers *f, Update *update) {
    prepare_flipped_kernels(f->w, f->begin, f->end, update->parameters, f->dx != 0);
    f->parts = gradient_parts(f);
    parallel_for(backward_part, f, f->parts, threads_for(f));
    for (int number = f->begin; number < f->end; number++)
        if (f->w->layers[number].kind == CONV) reduce_kernel_gradients(f->w, number, f->parts, update);
}
