/* A network as the library sees it, and the memory in which it is computed. */
#ifndef NETWORK_H
#define NETWORK_H

#include "product.h"

enum { DENSE, CONVOLUTION, LARGEST, AVERAGE_OF_ALL, LARGEST_OF_ALL, DROPOUT, NORMALISATION, ACTIVATION };
enum { LINEAR, RELU, LEAKY_RELU, ELU, SIGMOID, TANH, SOFTMAX };

/* One layer. Vectors are images of one pixel. `library.py` has the same fields in the same order. */
typedef struct {
    int32_t kind, activation;
    int32_t height, width, channels;                   /* of what comes in */
    int32_t rows, columns, filters;                    /* of what goes out */
    int32_t kernel_height, kernel_width, down, across; /* the window, and its strides */
    int32_t top, left;                                 /* border */
    int32_t penalised;                                 /* whether penalties apply to the weights */
    uint32_t keys[2], threshold;                       /* decide which values a dropout silences */
    double scale;                                      /* of those that it keeps */
    double momentum, epsilon;                          /* a normalisation's */
    int64_t weights, biases, mean, variance; /* where they lie among the parameters; -1: there are none */
} layer;

/* Integers as wide as numbers, so that both fit into the same vectors. */
#define INTEGER_OF_float int32_t
#define INTEGER_OF_double int64_t
#define INTEGER_OF_(type) INTEGER_OF_##type
#define INTEGER_OF(type) INTEGER_OF_(type)
typedef INTEGER_OF(REAL) integer;

/* What a layer keeps of a batch. */
typedef struct {
    real *outputs;
    integer *winners; /* of a pooling: which place in the window was the largest */
    uint8_t *kept;    /* of a dropout */
    real *statistics; /* of a normalisation: the batch's means, and deviations */
} trace;

/* What one thread needs for itself. */
typedef struct {
    real *framed;       /* an image with its border */
    real *values;       /* an image at all points, and its products with kernels */
    real *gradients[2]; /* by one image's values, between two layers */
    real *rows;         /* of a dense layer's weights: gradients by some, or some turned */
} desk;

typedef struct {
    layer *layers;
    int count;
    int64_t images; /* how many at most */
    int threads;
    int trains; /* whether gradients will be asked for */
    int first; /* the first layer with parameters: no gradient is needed further down */
    real *inputs, *own_inputs;
    trace *traces;
    desk *desks;
    real *gradients[2]; /* by a whole batch's outputs */
    real *kernels;      /* convolutions' (stretch.h) */
    void **blocks;
    int block_count;
    int only_counts; /* memory is not taken but counted */
    int64_t bytes;
} workspace;

INLINE int64_t input_size(const layer *l) { return (int64_t)l->height * l->width * l->channels; }
INLINE int64_t output_size(const layer *l) { return (int64_t)l->rows * l->columns * l->filters; }
INLINE int64_t patch_size(const layer *l) { return (int64_t)l->kernel_height * l->kernel_width * l->channels; }
/* How many numbers the weights take, in panels. */
INLINE int64_t weight_count(const layer *l) { return panels_size(patch_size(l), l->filters); }
INLINE int has_weights(const layer *l) { return l->kind == DENSE || l->kind == CONVOLUTION; }
/* Other layers treat each image by itself, so that one thread can take an image through several of them. */
INLINE int needs_whole_batch(const layer *l, int training) {
    return l->kind == DENSE || (training && l->kind == NORMALISATION);
}
INLINE const real *inputs_of(const workspace *w, int number) {
    return number ? w->traces[number - 1].outputs : w->inputs;
}

/* Give memory for batches of up to so many images; for reading alone unless `training`. NULL if there is not enough. */
EXPORT workspace *prepare(const layer *layers, int count, int64_t images, int threads, int training);
EXPORT void release(workspace *w);
/* Count the bytes of such memory, without taking it. */
EXPORT int64_t workspace_bytes(const layer *layers, int count, int64_t images, int threads, int training);

#endif
