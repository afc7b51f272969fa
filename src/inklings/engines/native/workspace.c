/* The memory that training or inference takes. All of it is allocated and checked here, once, so that a step allocates
   nothing and cannot fail. */
#include <stdlib.h>

#include "conv_kernels.h"
#include "fused_layers.h"
#include "layers.h"
#include "optimiser.h"
#include "winograd.h"

#define CACHE_LINE 64
/* Bytes behind each array that may be read: products load whole vectors, and prefetch further still. */
#define SLACK 256

/* Blocks at most: outputs and three more per layer, six per thread, and those of the whole workspace. */
#define BLOCKS(layers, threads) (4 * (layers) + 6 * (threads) + 5)

/* Allocate an array that begins at a cache line, and so at a whole vector. It is aligned by hand, since Windows has no
   `aligned_alloc` and macOS has it only since 10.15. */
static void *allocate(Workspace *w, int64_t count, size_t size) {
    size_t bytes = ((size_t)count * size / CACHE_LINE + 2) * CACHE_LINE + SLACK;
    w->bytes += (int64_t)bytes;
    if (w->only_counts) return 0;
    char *block = malloc(bytes);
    w->blocks[w->block_count++] = block;
    return block ? block + (CACHE_LINE - (uintptr_t)block % CACHE_LINE) : 0;
}

static void allocate_caches(Workspace *w) {
    for (int number = 0; number < w->count; number++) {
        const Layer *l = &w->layers[number];
        LayerCache *cache = &w->caches[number];
        int64_t values = w->max_batch * output_size(l);
        cache->outputs = allocate(w, values, sizeof(real));
        if (l->kind == BATCH_NORM) cache->statistics = allocate(w, 5 * l->out_channels, sizeof(real));
        if (!w->trains) continue;
        if (l->kind == MAX_POOL || l->kind == GLOBAL_MAX_POOL) cache->argmax = allocate(w, values, sizeof(integer));
        if (l->kind == DROPOUT) cache->dropout_mask = allocate(w, values, 1);
        if (l->kind != BATCH_NORM) continue;
        cache->sums = allocate(w, w->max_batch * 2 * l->out_channels, sizeof(double));
        cache->gradients = allocate(w, 2 * l->out_channels, sizeof(real));
    }
}

/* The largest that any layer needs of each kind of scratch memory, in numbers. */
typedef struct {
    int64_t padded, transformed, dense_block;
    int64_t image_gradient; /* between two layers of a fused row (fused_layers.h), for some images */
    int64_t batch_gradient; /* between two such rows, for one image of the batch */
    int64_t penalties;
} Sizes;

/* How many images go together through the row of layers that one lies in. */
static int64_t images_of_row(const Workspace *w, int number) {
    int begin = number, end = number + 1;
    while (begin > 0 && !needs_whole_batch(&w->layers[begin], 1)) begin--;
    while (end < w->count && !needs_whole_batch(&w->layers[end], 1)) end++;
    return images_together(w->layers, begin, end);
}

static Sizes largest_sizes(const Workspace *w) {
    Sizes s = {0};
    for (int number = 0; number < w->count; number++) {
        const Layer *l = &w->layers[number];
        int ends_row = number == w->count - 1 || needs_whole_batch(l, 1) || needs_whole_batch(l + 1, 1);
        int64_t values = images_of_row(w, number) * maximum(input_size(l), output_size(l));
        s.image_gradient = maximum(s.image_gradient, values);
        if (ends_row) s.batch_gradient = maximum(s.batch_gradient, output_size(l));
        if (l->kind == DENSE) s.dense_block = maximum(s.dense_block, dense_block_size(l));
        if (l->kind == CONV) s.padded = maximum(s.padded, padded_size(l));
        if (uses_winograd(l)) s.transformed = maximum(s.transformed, winograd_scratch_size(l));
        s.penalties = maximum(s.penalties, penalty_parts(l));
    }
    return s;
}

static void allocate_scratch(Workspace *w) {
    Sizes sizes = largest_sizes(w);
    w->inputs = w->own_inputs = allocate(w, w->max_batch * input_size(w->layers), sizeof(real));
    for (int thread = 0; thread < w->threads; thread++) {
        Scratch *scratch = &w->scratch[thread];
        scratch->padded = allocate(w, sizes.padded, sizeof(real));
        scratch->transformed = allocate(w, sizes.transformed, sizeof(real));
        if (!w->trains) continue;
        scratch->dense_block = allocate(w, sizes.dense_block, sizeof(real));
        scratch->image = allocate(w, input_size(w->layers), sizeof(real));
        for (int i = 0; i < 2; i++) scratch->gradients[i] = allocate(w, sizes.image_gradient, sizeof(real));
    }
    w->kernels = allocate(w, all_kernels_size(w), sizeof(real));
    if (!w->trains) return;
    for (int i = 0; i < 2; i++) w->gradients[i] = allocate(w, w->max_batch * sizes.batch_gradient, sizeof(real));
    w->penalties = allocate(w, sizes.penalties, sizeof(double));
}

static Workspace *describe_workspace(const Layer *layers, int count, int64_t max_batch, int threads, int training) {
    Workspace *w = calloc(1, sizeof *w);
    if (!w) return 0;
    w->layers = malloc((size_t)count * sizeof *layers);
    w->caches = calloc((size_t)count, sizeof *w->caches);
    w->scratch = calloc((size_t)threads, sizeof *w->scratch);
    w->blocks = calloc((size_t)BLOCKS(count, threads), sizeof *w->blocks);
    if (!w->layers || !w->caches || !w->scratch || !w->blocks) {
        workspace_free(w);
        return 0;
    }
    memcpy(w->layers, layers, (size_t)count * sizeof *layers);
    w->count = count;
    w->max_batch = max_batch;
    w->threads = threads;
    w->trains = training;
    while (w->first_trainable < count - 1 && layers[w->first_trainable].weights < 0) w->first_trainable++;
    return w;
}

Workspace *workspace_create(const Layer *layers, int count, int64_t max_batch, int threads, int training) {
    Workspace *w = describe_workspace(layers, count, max_batch, threads, training);
    if (!w) return 0;
    allocate_caches(w);
    allocate_scratch(w);
    for (int number = 0; number < w->block_count; number++)
        if (!w->blocks[number]) {
            workspace_free(w);
            return 0;
        }
    return w;
}

int64_t workspace_bytes(const Layer *layers, int count, int64_t max_batch, int threads, int training) {
    Workspace *w = describe_workspace(layers, count, max_batch, threads, training);
    if (!w) return 0;
    w->only_counts = 1;
    allocate_caches(w);
    allocate_scratch(w);
    int64_t bytes = w->bytes;
    workspace_free(w);
    return bytes;
}

void workspace_free(Workspace *w) {
    for (int number = 0; number < w->block_count; number++) free(w->blocks[number]);
    free(w->blocks);
    free(w->scratch);
    free(w->caches);
    free(w->layers);
    free(w);
}
