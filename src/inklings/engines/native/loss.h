/* The losses of `objective.py`, computed from logits, where a probability would already have rounded to 0 or 1. */
#ifndef LOSS_H
#define LOSS_H

#include "training.h"

/* Return one image's loss; write its gradient by the logits unless `dz` is NULL. */
double loss(const Objective *objective, const real *z, int64_t classes, int64_t label, real *dz);

int64_t argmax_of(const real *values, int64_t count);

#endif
