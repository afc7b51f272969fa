/* Every layer's arithmetic, forward and back. `x` is what comes in, `y` what goes out; `dx`, `dy` and so on are
   gradients of the loss, of the same shapes. A `desk` is the thread's own. */
#ifndef LAYERS_H
#define LAYERS_H

#include "network.h"

/* y = f(x), in place. `width` values belong together for a softmax. */
void activate(int activation, real *values, int64_t count, int64_t width);
/* dy times f', which is known from y. */
void activate_back(int activation, const real *y, real *dy, int64_t count);

/* One image. The kernels are the weights, or those at all points (minimal.h); turned ones likewise, as `turn_kernels`
   makes them. */
void convolve(const layer *l, const real *kernels, const real *biases, const real *x, real *y, desk *d);
/* Add to the gradients by kernels and biases; dx is left out where it is NULL. dy is overwritten. */
void convolve_back(const layer *l, const real *x, const real *y, real *dy, real *dx, real *dkernels, real *dbiases,
                   const real *turned, desk *d);
/* One panel of the weights that go with the way back, of all channels from `channel` on. */
void turn_kernels(const layer *l, const real *weights, int64_t channel, real *to);
/* How many numbers an image and its border take. */
int64_t framed_size(const layer *l);

void keep_largest(const layer *l, const real *x, real *y, integer *winners);
void keep_largest_back(const layer *l, const integer *winners, const real *dy, real *dx);
void reduce_all(const layer *l, const real *x, real *y, integer *winners);
void reduce_all_back(const layer *l, const integer *winners, const real *dy, real *dx);

/* `place` is the first value's place in the batch; the same values as in `randomness.py` are silenced. */
void drop(const layer *l, uint32_t step, int64_t place, const real *x, real *y, uint8_t *kept, int64_t count);
void drop_back(const layer *l, const uint8_t *kept, const real *dy, real *dx, int64_t count);

/* At evaluation, by the running averages. */
void normalise(const layer *l, const real *parameters, const real *x, real *y, int64_t pixels);

/* A whole batch: a dense layer's in all threads. */
struct update;
/* How many numbers a thread needs to work in. */
int64_t dense_values(const layer *l);
void dense(const workspace *w, int number, const real *parameters, int64_t images);
/* dx is left out where it is NULL. dy is overwritten. */
void dense_back(workspace *w, int number, real *dy, real *dx, int64_t images, struct update *u);
void normalise_batch(workspace *w, int number, real *parameters, int64_t images);
void normalise_batch_back(workspace *w, int number, real *dy, real *dx, int64_t images, struct update *u);

#endif
