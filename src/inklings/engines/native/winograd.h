/* Convolution with fewer multiplications: Winograd's minimal filtering.

   Instead of sliding an r x r kernel over m x m outputs, both are taken for polynomials and evaluated at r + m - 1 points
   in each direction, where a convolution is a plain product; interpolation turns the products into outputs. With 6
   points, r + m = 7, that is 36 multiplications for each pair of channel and filter instead of r r m m: 144 at r = 3, 100
   at r = 5. At each of the 36 points the sum over channels is a matrix product over all tiles of the image, which is how
   convolution by FFT works as well, but all numbers are real.

   Winograd, "Arithmetic complexity of computations" (1980); Lavin and Gray, "Fast algorithms for convolutional neural
   networks" (2016), https://arxiv.org/abs/1509.09308.

   The points are 0, 3/4, -3/4, 3/2, -3/2 and infinity. With Lavin and Gray's 0, 1, -1, 2, -2 and infinity results
   differ 2.3 times as much from exact ones in float32; with these, by about as much as a plain sum of products does.

   Transformed kernels (36, channels, filters): at each point a packed matrix (gemm.h). Transformed images (36, tiles,
   channels), with channels filled up to whole vectors. */
#ifndef WINOGRAD_H
#define WINOGRAD_H

#include "network.h"

#define WINOGRAD_POINTS 36

/* A convolution of stride 1 over a padded image, `padded_width` pixels wide. */
typedef struct {
    int64_t padded_width, channels, out_height, out_width, filters;
} WinogradShape;

/* Whether a layer is computed this way: stride 1, square kernels of 2 to 5, and channels enough to repay the transforms. */
int uses_winograd(const Layer *l);
/* m: how many outputs a tile has along each side. */
INLINE int64_t winograd_tile(const Layer *l) { return 7 - l->kernel_height; }
/* How many numbers a thread's `transformed` takes. */
int64_t winograd_scratch_size(const Layer *l);
/* How many numbers the transformed kernels take. */
INLINE int64_t winograd_kernels_size(int64_t channels, int64_t filters) {
    return WINOGRAD_POINTS * packed_size(channels, filters);
}

/* Transform packed kernels of size x size: those of one channel, in all panels. */
void winograd_transform_kernels(int size, int64_t channels, int64_t filters, const real *kernels, int64_t channel,
                                real *to);
/* The way back for gradients: add up `parts` gradients by transformed kernels, `distance` apart, and write the gradient by
   the kernels of one channel. */
void winograd_gather_gradient(int size, int64_t channels, int64_t filters, const real *dkernels, int64_t distance,
                              int64_t parts, int64_t channel, real *to);

/* Convolve one padded image with transformed kernels. `biases` may be NULL; `scratch` is `transformed` of network.h. */
void winograd_conv(int size, WinogradShape shape, const real *padded, const real *kernels, const real *biases, real *y,
                   real *scratch);
/* Add to the gradient by the transformed kernels. */
void winograd_add_kernel_gradient(int size, WinogradShape shape, const real *padded, const real *dy, real *dkernels,
                                  real *scratch);

#endif
