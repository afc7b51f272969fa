/* What happens to a gradient once it is known. */
#ifndef OPTIMISER_H
#define OPTIMISER_H

#include "network.h"

enum { KEEP_GRADIENTS, GRADIENT_DESCENT, MOMENTUM, NESTEROV, ADAM };

/* `library.py` has the same fields in the same order. */
typedef struct {
    int32_t rule;
    double momentum; /* or Adam's share of the old mean */
    double square;   /* Adam's share of the old mean square */
    double epsilon;
    double decay; /* the share of each weight that AdamW takes off */
    double l1, l2;
    real *first, *second; /* the optimiser's arrays, laid out like the parameters */
    real *gradients;      /* where they are kept, if they are */
} optimiser;

/* A step under way. */
struct update {
    const optimiser *how;
    real *parameters;
    double rate;
    double mean_scale, square_scale; /* undo Adam's bias towards the zeros it began with */
};
typedef struct update update;

/* Finish gradients of parameters `from` `where` on: add the penalty's, then keep them or change the parameters. */
void finish(const update *u, const layer *l, int64_t where, const real *gradients, int64_t count);

/* Give `l1 sum |w| + l2 sum w^2`; the same sum, however many threads. */
double penalty(const workspace *w, const optimiser *how, const real *parameters);

#endif
