/* Convolution with fewer multiplications: Winograd's minimal filtering.

   Instead of sliding an r x r kernel over m x m outputs, both are taken for polynomials and evaluated at r + m - 1 points
   in each direction, where a convolution is a plain product; interpolation turns the products into outputs. With 6
   points, r + m = 7, that is 36 multiplications for each pair of channel and filter instead of r r m m: 144 at r = 3, 100
   at r = 5. At each of the 36 points the sum over channels is a matrix product over all tiles of the image, which is how
   convolution by FFT works as well, but all numbers are real.

   Winograd, "Arithmetic complexity of computations" (1980); Lavin and Gray, "Fast algorithms for convolutional neural
   networks" (2016), https://arxiv.org/abs/1509.09308.

   With a seventh point, r + m = 8: 49 multiplications instead of 225 at r = 3, where that fits an image's size better. It
   errs by three times as much.

   The points of 6 are 0, 3/4, -3/4, 3/2, -3/2 and infinity. With Lavin and Gray's 0, 1, -1, 2, -2 and infinity results
   differ 2.3 times as much from exact ones in float32; with these, by about as much as a plain sum of products does.

   Transformed kernels (36 or 49, channels, filters): at each point a packed matrix (gemm.h). Transformed images (36 or 49,
   tiles, channels), with channels filled up to whole vectors. */
#ifndef WINOGRAD_H
#define WINOGRAD_H

#include "network.h"

/* A convolution of stride 1 with kernels of size x size over padded images, `padded_width` pixels wide, evaluated at `points`
   points in each direction. So many images are treated together as have tiles enough for a matrix product; and all their
   transformed inputs lie side by side, (points * points, images, tiles, channels), and then those of the products or
   gradients. */
typedef struct {
    int size, points;
    int64_t images, padded_width, channels, out_height, out_width, filters;
} WinogradShape;

/* Whether a layer is computed this way: stride 1, square kernels of 2 to 5, and channels enough to repay the transforms. */
int uses_winograd(const Layer *l);
/* At how many points in each direction. */
int winograd_points(const Layer *l);
/* Into how many tiles an image is cut. */
int64_t winograd_tiles(const Layer *l);
/* How many images are treated together; 1 of other layers. */
int64_t winograd_images(const Layer *l);
/* m: how many outputs a tile has along each side. */
INLINE int64_t winograd_tile(const Layer *l) { return winograd_points(l) + 1 - l->kernel_height; }
/* How many numbers a thread's `transformed` takes. */
int64_t winograd_scratch_size(const Layer *l);
/* How many numbers the transformed kernels take. */
INLINE int64_t winograd_kernels_size(int points, int64_t channels, int64_t filters) {
    return points * points * packed_size(channels, filters);
}

/* Transform packed kernels of size x size: those of one channel, in all panels. */
void winograd_transform_kernels(int size, int points, int64_t channels, int64_t filters, const real *kernels,
                                int64_t channel, real *to);
/* The way back for gradients: add up `parts` gradients by transformed kernels, `distance` apart, and write the gradient by
   the kernels of one channel. */
void winograd_gather_gradient(int size, int points, int64_t channels, int64_t filters, const real *dkernels,
                              int64_t distance, int64_t parts, int64_t channel, real *to);

/* Convolve images with transformed kernels: transform each padded image, multiply all, compute each one's outputs. `image`
   is its number among those treated together; `biases` may be NULL; `scratch` is `transformed` of network.h. */
void winograd_transform_image(WinogradShape s, int64_t image, const real *padded, real *scratch);
void winograd_multiply(WinogradShape s, const real *kernels, real *scratch);
void winograd_outputs(WinogradShape s, int64_t image, const real *biases, real *y, real *scratch);
/* The gradient by the transformed kernels: transform each padded image and its dy, then add what all make to it. */
void winograd_transform_gradient(WinogradShape s, int64_t image, const real *dy, real *scratch);
void winograd_add_kernel_gradient(WinogradShape s, real *dkernels, real *scratch);

#endif
