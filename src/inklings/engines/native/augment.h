/* Augmentation: each image of a training batch changed at random, as `data/warps.py` describes and draws it. */
#ifndef AUGMENT_H
#define AUGMENT_H

#include "network.h"

#define FIELD_CONTROLS 7 /* CONTROLS in data/warps.py */

/* For each of all images, by its row. `bindings.py` has the same fields in the same order. */
typedef struct {
    int64_t height, width, channels;     /* of the images: the network may have flattened them */
    const float *matrices;               /* (n, 2, 2) */
    const float *shifts;                 /* (n, 2) */
    const float *fields;                 /* (n, FIELD_CONTROLS, FIELD_CONTROLS, 2), or NULL */
    const float *strokes;                /* (n,), or NULL */
    const int32_t *erased;               /* (n, 4): top, left, bottom, right; or NULL */
    const float *basis_rows;             /* the splines at each row, (height, FIELD_CONTROLS) */
    const float *basis_columns;          /* and column, (width, FIELD_CONTROLS) */
} Warps;

/* Write the image of this row as its warp changes it. `spare` has room for another one. */
void warp_image(const Warps *warps, int64_t row, const float *image, real *to, real *spare);

#endif
