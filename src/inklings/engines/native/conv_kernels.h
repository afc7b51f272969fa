/* Convolutions' kernels in the forms that the layers need besides the packed weights themselves, and gradients by them,
   all in the workspace's one array `kernels`. For each convolution, in this order:

       transformed          Winograd's transform of the weights, if the layer goes that way
       flipped              the weights turned round for the gradient by the input (`flip_kernels`)    only for training
       flipped_transformed  their transform, if the layer goes that way                                only for training
       weights              gradient by the weights, if parts' are by transformed kernels              only for training
       gradients            one after the other each part's gradient by kernels, then by biases        only for training

   A batch is cut into parts (fused_layers.c). Each part adds up a gradient of its own, and these are added in the order of
   the parts: so no two threads write the same numbers, and sums come out the same to the last bit every time. */
#ifndef CONV_KERNELS_H
#define CONV_KERNELS_H

#include "optimiser.h"

/* Most parts of a batch with gradients of their own: what so many threads can share is shared, and each part takes as much
   memory as the kernels. */
#define MAX_GRADIENT_PARTS 8

/* Offsets into the workspace's `kernels`. */
typedef struct {
    int64_t transformed, flipped, flipped_transformed, weights, gradients;
    int64_t biases;   /* from the beginning of a part's gradients */
    int64_t distance; /* from one part's gradients to the next one's */
    int64_t end;
} KernelOffsets;

KernelOffsets kernel_offsets(const Workspace *w, int number);
/* How many terms one image adds to the sum that each gradient by a kernel is. */
int64_t conv_gradient_rows(const Layer *l);
/* How many numbers the whole array takes. */
int64_t all_kernels_size(const Workspace *w);

/* Before a forward pass: transform the weights of each of these layers that needs it. */
void prepare_kernels(const Workspace *w, int begin, int end, const real *parameters);
/* Before a backward pass: flip them. The first layer's are left out where no gradient by its input is needed. */
void prepare_flipped_kernels(const Workspace *w, int begin, int end, const real *parameters, int is_first_needed);
/* After a backward pass: add up the parts' gradients by a layer's weights and biases, and apply them. */
void reduce_kernel_gradients(const Workspace *w, int number, int64_t parts, const Update *update);

#endif
