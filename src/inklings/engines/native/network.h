/* A network as the library sees it, and the memory in which it is computed.

   Activations are row-major NHWC: (batch, height, width, channels), so all channels of a pixel lie side by side, which
   is what vectors run over. A vector of n values is an image of one pixel with n channels; Flatten therefore changes
   nothing in memory, and no layer stands for it.

   All parameters lie in one array, weights packed in panels (gemm.h); a Layer says where its own begin. */
#ifndef NETWORK_H
#define NETWORK_H

#include "gemm.h"

/* `lowering.py` numbers kinds and activations in the same order. */
enum { DENSE, CONV, MAX_POOL, GLOBAL_AVG_POOL, GLOBAL_MAX_POOL, DROPOUT, BATCH_NORM, ACTIVATION };
enum { LINEAR, RELU, LEAKY_RELU, ELU, SIGMOID, TANH, SOFTMAX };

/* One layer. `bindings.py` has the same fields in the same order. */
typedef struct {
    int32_t kind, activation;
    int32_t height, width, channels;                         /* input */
    int32_t out_height, out_width, out_channels;             /* output */
    int32_t kernel_height, kernel_width, stride_y, stride_x; /* window */
    int32_t pad_top, pad_left;                               /* zeros before the first row and column */
    int32_t regularised;                                     /* whether L1 and L2 apply to the weights */
    uint32_t dropout_keys[2], dropout_threshold;             /* a hash below the threshold drops a value */
    double dropout_scale;                                    /* 1 / (1 - rate), for those that are kept */
    double momentum, epsilon;                                /* of batch normalisation */
    int64_t weights, biases, mean, variance;                 /* offsets among the parameters; -1: there are none */
} Layer;

/* Integers as wide as `real`, so that one vector instruction can select by them. */
#define INTEGER_OF_float int32_t
#define INTEGER_OF_double int64_t
#define INTEGER_OF_(type) INTEGER_OF_##type
#define INTEGER_OF(type) INTEGER_OF_(type)
typedef INTEGER_OF(REAL) integer;

/* What the forward pass of a layer keeps of a batch for the backward pass. */
typedef struct {
    real *outputs;         /* (batch, out_height, out_width, out_channels) */
    integer *argmax;       /* max pooling: which place of the window won; global: which pixel. Shape of the outputs */
    uint8_t *dropout_mask; /* 1: kept. Shape of the outputs */
    real *statistics;      /* batch normalisation: of the batch, (5, channels); which ones says batch_norm.c */
    double *sums;          /* batch normalisation: two sums of each image, (batch, 2, channels) */
    real *gradients;       /* batch normalisation: by scale and shift, (2, channels) */
} LayerCache;

/* Working memory of one thread. */
typedef struct {
    real *padded;       /* an image with its padding */
    real *transformed;  /* Winograd: some images' tiles at all points, then their products with the kernels */
    real *gradients[2]; /* by the values of a few images; a layer reads the one and writes the other */
    real *dense_block;  /* dense layer: gradients by a block of weights, or a block of weights transposed */
    real *image;        /* augmentation: one input image */
} Scratch;

typedef struct {
    Layer *layers;
    int count;
    int64_t max_batch;
    int threads;
    int trains;          /* whether there is memory for gradients */
    int first_trainable; /* the first layer with parameters: no gradient is needed below it */
    real *inputs;        /* (batch, height, width, channels); either `own_inputs` or the caller's array */
    real *own_inputs;
    LayerCache *caches; /* one a layer */
    Scratch *scratch;   /* one a thread */
    real *gradients[2]; /* by a whole batch's outputs; from layer to layer they swap roles */
    real *kernels;      /* convolutions' kernels in other forms, and gradients by them (conv_kernels.h) */
    double *penalties;  /* partial sums of the regularisation term */
    void **blocks;      /* everything that was allocated */
    int block_count;
    int only_counts; /* count the bytes, allocate nothing */
    int64_t bytes;
} Workspace;

INLINE int64_t input_size(const Layer *l) { return (int64_t)l->height * l->width * l->channels; }
INLINE int64_t output_size(const Layer *l) { return (int64_t)l->out_height * l->out_width * l->out_channels; }
INLINE int64_t patch_size(const Layer *l) { return (int64_t)l->kernel_height * l->kernel_width * l->channels; }
/* How many numbers the packed weights take. */
INLINE int64_t weight_count(const Layer *l) { return packed_size(patch_size(l), l->out_channels); }
INLINE int has_weights(const Layer *l) { return l->kind == DENSE || l->kind == CONV; }
/* Whether a layer cannot begin before the one below it is done with the whole batch. All others treat each image by
   itself, so one thread can take an image through several of them while it lies in that core's cache. */
INLINE int needs_whole_batch(const Layer *l, int training) {
    return l->kind == DENSE || (training && l->kind == BATCH_NORM);
}
INLINE const real *inputs_of(const Workspace *w, int number) {
    return number ? w->caches[number - 1].outputs : w->inputs;
}

/* Allocate memory for batches of up to `max_batch` images; for inference only unless `training`. NULL if there is not
   enough. */
EXPORT Workspace *workspace_create(const Layer *layers, int count, int64_t max_batch, int threads, int training);
EXPORT void workspace_free(Workspace *w);
/* Return how many bytes `workspace_create` would allocate. */
EXPORT int64_t workspace_bytes(const Layer *layers, int count, int64_t max_batch, int threads, int training);

#endif
