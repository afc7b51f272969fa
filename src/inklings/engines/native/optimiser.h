/* What happens to a gradient once it is known: the regularisation's part is added, then it is kept for the caller, or
   the parameters take their step at once, while gradient and parameters are still in the cache. */
#ifndef OPTIMISER_H
#define OPTIMISER_H

#include "network.h"

/* `workspace.py` numbers them in the same order. */
enum { KEEP_GRADIENTS, GRADIENT_DESCENT, MOMENTUM, NESTEROV, ADAM };

/* `bindings.py` has the same fields in the same order. */
typedef struct {
    int32_t rule;
    double momentum;     /* or Adam's beta1 */
    double beta2;        /* Adam's */
    double epsilon;      /* Adam's */
    double weight_decay; /* AdamW's, decoupled from the gradient */
    double l1, l2;       /* of the regularised layers' weights */
    real *first_moment;  /* momentum's velocity, or Adam's mean gradient; laid out like the parameters */
    real *second_moment; /* Adam's mean squared gradient */
    real *gradients;     /* KEEP_GRADIENTS: where they go */
} Optimiser;

/* One step under way. */
struct Update {
    const Optimiser *optimiser;
    real *parameters;
    double learning_rate;
    double mean_correction, square_correction; /* 1 / (1 - beta^t): Adam's moments begin at zero */
};
typedef struct Update Update;

/* Apply gradients of `count` of a layer's parameters, of which the first is at `offset`. */
void apply_gradients(const Update *update, const Layer *l, int64_t offset, const real *gradients, int64_t count);

/* Return l1 sum |w| + l2 sum w^2 over the regularised weights. The same bits however many threads there are. */
double penalty(const Workspace *w, const Optimiser *optimiser, const real *parameters);
/* How many partial sums a layer's penalty takes. */
int64_t penalty_parts(const Layer *l);

#endif
