/* Layers in a row that treat each image by itself: one thread takes an image through all of them.

   Convolutions among them need their kernels in other forms too, and gradients of their own for each part of a batch;
   each has a place for these in the workspace's `kernels`. */
#ifndef STRETCH_H
#define STRETCH_H

#include "optimiser.h"

typedef struct {
    workspace *w;
    int begin, end; /* layers */
    int64_t images;
    real *parameters;
    int training;
    uint32_t step;
    real *dy, *dx; /* by the last layer's outputs, and by the first one's inputs */
    int64_t parts;
} stretch;

/* How many numbers all convolutions' kernels take, in all forms, with their gradients if there will be any. */
int64_t kernels_size(const workspace *w, int training);

void forward_stretch(stretch *s);
/* dx is left out where it is NULL. */
void back_stretch(stretch *s, update *u);

#endif
