/* The losses of `objective.py`, from logits: exact where a probability would round to 0 or 1. */
#ifndef LOSS_H
#define LOSS_H

#include "training.h"

/* Give one image's loss, and its gradient by the logits where `dz` is not NULL. */
double loss(const objective *aim, const real *z, int64_t classes, int64_t label, real *dz);

int64_t largest_of(const real *values, int64_t count);

#endif
