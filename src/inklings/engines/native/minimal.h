/* Convolution with fewer multiplications: Winograd's minimal filtering.

   Instead of sliding a kernel of r x r over m x m outputs, both are taken for polynomials and evaluated at six points
   in each direction, where multiplying them is one number times another: 36 products a pair of channel and filter
   instead of r r m m, with r + m = 7. For each point that is a matrix product, as in convolution by spectra, but in
   real numbers. Winograd, "Arithmetic complexity of computations" (1980); Lavin and Gray, "Fast algorithms for
   convolutional neural networks" (2016), https://arxiv.org/abs/1509.09308.

   The points are 0, 3/4, -3/4, 3/2, -3/2 and infinity. With Lavin and Gray's 0, 1, -1, 2, -2 and infinity results
   differ 2.3 times as much from exact ones in float32; with these by about as much as a plain sum of products does. */
#ifndef MINIMAL_H
#define MINIMAL_H

#include "network.h"

#define POINTS 36

/* Whether a convolution goes this way: with stride 1, square kernels of 2 to 5, and channels enough to repay it. */
int is_minimal(const layer *l);
/* How many outputs along one side are computed together. */
INLINE int64_t minimal_step(const layer *l) { return 7 - l->kernel_height; }
/* How many numbers a thread needs to work in. */
int64_t minimal_values(const layer *l);
/* How many numbers kernels (channels, filters) take at all points. */
INLINE int64_t minimal_kernels(int64_t channels, int64_t filters) { return POINTS * panels_size(channels, filters); }

/* Evaluate kernels, in panels, at all points; those of one channel. */
void evaluate_kernels(int size, int64_t channels, int64_t filters, const real *panels, int64_t channel, real *to);

/* Convolve one image in its frame. `values` are to work in. */
void slide_minimal(int size, const real *framed, int64_t frame_width, int64_t channels, int64_t rows, int64_t columns, int64_t filters,
                   const real *kernels, const real *biases, real *y, real *values);
/* Add to the gradient by the evaluated kernels. */
void add_kernels(int size, const real *framed, int64_t frame_width, int64_t channels, int64_t rows, int64_t columns, int64_t filters,
                 const real *dy, real *dkernels, real *values);
/* Add up so many parts' gradients by the evaluated kernels, and give that by the kernels of one channel. */
void gather_kernels(int size, int64_t channels, int64_t filters, const real *dkernels, int64_t distance, int64_t parts,
                    int64_t channel, real *dpanels);

#endif
