/* What the library is for: predictions, losses and training steps. `bindings.py` declares the same structures and
   functions.

   All arrays are the caller's and are only borrowed. Parameters, and what is laid out like them (gradients, moments),
   have room for a vector more than they hold, since vectors are read whole. Shapes: images (n, height, width, channels),
   labels and weights (n,). */
#ifndef TRAINING_H
#define TRAINING_H

#include "augment.h"
#include "optimiser.h"

typedef struct {
    int32_t binary;              /* binary_crossentropy on sigmoids; else crossentropy on a softmax */
    int32_t mean;                /* over the batch; else the sum */
    double smoothing;            /* of the labels */
    const double *class_weights; /* (classes,), or NULL */
} Objective;

typedef struct {
    const float *images;
    const int64_t *labels;
    const double *weights; /* one per image, or NULL */
    const Warps *warps;    /* how each image is changed in training, or NULL */
} Dataset;

/* Write the last layer's outputs, (count, classes), with `activation` applied. */
EXPORT void predict(Workspace *w, const real *parameters, const float *images, int64_t count, int activation,
                    real *outputs);
/* Write the sum of the images' losses and the number classified correctly. */
EXPORT void evaluate(Workspace *w, const real *parameters, const Objective *objective, const Dataset *data,
                     int64_t count, double *sums);
/* Take a step for each row of `order`, (steps, batch_size), which holds the images' numbers, and write the objective
   before each. `first_step` is the first one's number, which decides its dropout; `steps_done` is how many steps the
   optimiser has taken. */
EXPORT void train(Workspace *w, real *parameters, const Objective *objective, const Optimiser *optimiser,
                  const Dataset *data, const int64_t *order, int64_t steps, int64_t batch_size,
                  const double *learning_rates, int64_t first_step, int64_t steps_done, double *losses);

#endif
