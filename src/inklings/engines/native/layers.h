/* Every layer's arithmetic, forward and backward.

   x is a layer's input and y its output; dx, dy and so on are the gradients of the loss by them, of the same shapes.
   Functions that name no workspace treat one image, convolutions a few; those that do treat a whole batch and share it
   among the threads themselves. */
#ifndef LAYERS_H
#define LAYERS_H

#include "network.h"

struct Update;

/* y = f(x) in place; a softmax is taken over each `width` values. */
void activation_forward(int activation, real *values, int64_t count, int64_t width);
/* dy *= f'(x), where the derivative is computed from y. */
void activation_backward(int activation, const real *y, real *dy, int64_t count);

/* `kernels` are the packed weights, or their Winograd transform where `uses_winograd`. */
void conv_forward(const Layer *l, const real *kernels, const real *biases, const real *x, real *y, int64_t images,
                  Scratch *scratch);
/* Add to dkernels and dbiases, and compute dx unless it is NULL. dy is overwritten. `flipped` are the kernels as
   `flip_kernels` leaves them, or their Winograd transform. */
void conv_backward(const Layer *l, const real *x, const real *y, real *dy, real *dx, real *dkernels, real *dbiases,
                   const real *flipped, int64_t images, Scratch *scratch);
/* Turn kernels by 180 degrees and swap channels and filters, which is what a convolution's gradient by its input is a
   convolution with. Makes one panel of the result: the input channels from `channel` on. */
void flip_kernels(const Layer *l, const real *weights, int64_t channel, real *to);
/* How many numbers an image with its padding takes, or the gradient by its outputs with theirs. */
int64_t padded_size(const Layer *l);

/* `argmax` may be NULL in the forward functions, when no backward pass will follow. */
void max_pool_forward(const Layer *l, const real *x, real *y, integer *argmax);
void max_pool_backward(const Layer *l, const integer *argmax, const real *dy, real *dx);
void global_pool_forward(const Layer *l, const real *x, real *y, integer *argmax);
void global_pool_backward(const Layer *l, const integer *argmax, const real *dy, real *dx);

/* `position` is that of the first value in the batch. Drops the same values as `randomness.py` does. */
void dropout_forward(const Layer *l, uint32_t step, int64_t position, const real *x, real *y, uint8_t *mask,
                     int64_t count);
void dropout_backward(const Layer *l, const uint8_t *mask, const real *dy, real *dx, int64_t count);

/* Batch normalisation in training takes three steps each way (batch_norm.c). Forward: each image's statistics, or those of
   all images in one go; merging them, which moves the running averages; each image's outputs. */
void batch_norm_image_statistics(const Workspace *w, int number, int64_t image);
void batch_norm_statistics(const Workspace *w, int number, int64_t batch);
void batch_norm_merge_statistics(const Workspace *w, int number, real *parameters, int64_t batch);
/* At inference the running averages take the place of the first two. */
void batch_norm_use_running(const Workspace *w, int number, const real *parameters);
void batch_norm_forward(const Layer *l, const LayerCache *cache, const real *parameters, const real *x, real *y);
/* Backward: each image's sums of gradients, where dy is taken back through the activation in place; merging them, which
   applies the gradients by the parameters; each image's dx. */
void batch_norm_image_gradients(const Workspace *w, int number, int64_t image, real *dy);
void batch_norm_gradients(const Workspace *w, int number, real *dy, int64_t batch);
void batch_norm_merge_gradients(const Workspace *w, int number, int64_t batch, const struct Update *update);
void batch_norm_backward(const Layer *l, const LayerCache *cache, const real *x, const real *dy, real *dx);

void dense_forward(const Workspace *w, int number, const real *parameters, int64_t batch);
/* dx is not computed where it is NULL. dy is overwritten. The weights change, or their gradients are kept, at once. */
void dense_backward(Workspace *w, int number, real *dy, real *dx, int64_t batch, struct Update *update);
/* How many numbers a thread's `dense_block` takes. */
int64_t dense_block_size(const Layer *l);

#endif
