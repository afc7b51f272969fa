/* What the library offers. All arrays are the caller's; parameters, and what is laid out like them, reach a vector
   further than they are used. */
#ifndef TRAINING_H
#define TRAINING_H

#include "optimiser.h"

/* What a batch's objective is made of; `library.py` has the same fields in the same order. */
typedef struct {
    int32_t binary;              /* binary_crossentropy on sigmoids; else crossentropy on a softmax */
    int32_t mean;                /* over the batch; else the sum */
    double smoothing;            /* of the targets */
    const double *class_weights; /* one a class, or NULL */
} objective;

/* Labelled images; `weights`, one an image, may be NULL. */
typedef struct {
    const float *images;
    const int64_t *labels;
    const double *weights;
} dataset;

/* Give the last layer's outputs, `activation` applied. */
EXPORT void read_images(workspace *w, const real *parameters, const float *images, int64_t count, int activation, real *outputs);
/* Give the sum of the images' losses, and how many are read right. */
EXPORT void evaluate(workspace *w, const real *parameters, const objective *aim, const dataset *data, int64_t count,
              double *sums);
/* Take a step for each batch, and give the objective before each. `done` is how many steps the optimiser has taken. */
EXPORT void train(workspace *w, real *parameters, const objective *aim, const optimiser *how, const dataset *data,
           const int64_t *order, int64_t steps, int64_t batch_size, const double *rates, int64_t first_step, int64_t done,
           double *losses);

#endif
