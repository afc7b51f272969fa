/* A row of layers that treat each image by itself: one thread takes an image through all of them, forward or backward,
   while what lies between two layers is still in that core's cache; or a few images together, where one alone is too little
   for a convolution's matrix products (winograd.h). */
#ifndef FUSED_LAYERS_H
#define FUSED_LAYERS_H

#include "optimiser.h"

typedef struct {
    Workspace *w;
    int begin, end; /* layers `begin` .. `end` - 1 */
    int64_t batch;
    real *parameters;
    int training;
    uint32_t step; /* decides the dropout */
    real *dy, *dx; /* by the last layer's outputs, and by the first one's inputs; dx may be NULL: not needed */
    int64_t parts; /* of the batch, as the threads share it */
} FusedLayers;

/* How many images go together through a row of layers. */
int64_t images_together(const Layer *layers, int begin, int end);

void fused_forward(FusedLayers *f);
void fused_backward(FusedLayers *f, Update *update);

#endif
