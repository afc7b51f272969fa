/* The memory that training or reading takes, all of it taken beforehand. */
#include <stdlib.h>

#include "layers.h"
#include "minimal.h"
#include "stretch.h"

#define CACHE_LINE 64

/* Take memory that begins at a cache line, and so at a whole vector, and reaches a little further than asked: products
   read beyond the end. It is aligned by hand, since Windows has no `aligned_alloc` and macOS has it only since 10.15. */
static void *take(workspace *w, int64_t count, size_t size) {
    size_t bytes = ((size_t)count * size / CACHE_LINE + 2) * CACHE_LINE + 256;
    w->bytes += (int64_t)bytes;
    if (w->only_counts) return 0;
    char *block = malloc(bytes);
    w->blocks[w->block_count++] = block;
    return block ? block + (CACHE_LINE - (uintptr_t)block % CACHE_LINE) : 0;
}

static void take_traces(workspace *w, int training) {
    for (int number = 0; number < w->count; number++) {
        const layer *l = &w->layers[number];
        trace *t = &w->traces[number];
        int64_t values = w->images * output_size(l);
        t->outputs = take(w, values, sizeof(real));
        if (training && l->kind == LARGEST) t->winners = take(w, values, sizeof(integer));
        if (training && l->kind == LARGEST_OF_ALL) t->winners = take(w, values, sizeof(integer));
        if (training && l->kind == DROPOUT) t->kept = take(w, values, 1);
        if (training && l->kind == NORMALISATION) t->statistics = take(w, 2 * l->filters, sizeof(real));
    }
}

static void take_rest(workspace *w, int training) {
    int64_t largest = 0, handed_on = 0, framed = 0, values = 0, rows = 0;
    for (int number = 0; number < w->count; number++) {
        const layer *l = &w->layers[number];
        int is_end = number == w->count - 1 || needs_whole_batch(l, 1) || needs_whole_batch(l + 1, 1);
        if (input_size(l) > largest) largest = input_size(l);
        if (output_size(l) > largest) largest = output_size(l);
        if (is_end && output_size(l) > handed_on) handed_on = output_size(l);
        if (l->kind == DENSE && dense_values(l) > rows) rows = dense_values(l);
        if (l->kind != CONVOLUTION) continue;
        if (framed_size(l) > framed) framed = framed_size(l);
        if (is_minimal(l) && minimal_values(l) > values) values = minimal_values(l);
    }
    w->inputs = w->own_inputs = take(w, w->images * input_size(w->layers), sizeof(real));
    for (int thread = 0; thread < w->threads; thread++) {
        desk *d = &w->desks[thread];
        d->framed = take(w, framed, sizeof(real));
        d->values = take(w, values, sizeof(real));
        if (!training) continue;
        d->rows = take(w, rows, sizeof(real));
        d->gradients[0] = take(w, largest, sizeof(real));
        d->gradients[1] = take(w, largest, sizeof(real));
    }
    w->kernels = take(w, kernels_size(w, training), sizeof(real));
    if (!training) return;
    w->gradients[0] = take(w, w->images * handed_on, sizeof(real));
    w->gradients[1] = take(w, w->images * handed_on, sizeof(real));
}

static workspace *begin(const layer *layers, int count, int64_t images, int threads, int training) {
    workspace *w = calloc(1, sizeof *w);
    if (!w) return 0;
    w->layers = malloc((size_t)count * sizeof *layers);
    w->traces = calloc((size_t)count, sizeof *w->traces);
    w->desks = calloc((size_t)threads, sizeof *w->desks);
    w->blocks = calloc((size_t)(4 * count + 5 * threads + 5), sizeof *w->blocks);
    if (!w->layers || !w->traces || !w->desks || !w->blocks) {
        release(w);
        return 0;
    }
    memcpy(w->layers, layers, (size_t)count * sizeof *layers);
    w->count = count;
    w->images = images;
    w->threads = threads;
    w->trains = training;
    while (w->first < count - 1 && layers[w->first].weights < 0) w->first++;
    return w;
}

static void take_all(workspace *w) {
    take_traces(w, w->trains);
    take_rest(w, w->trains);
}

workspace *prepare(const layer *layers, int count, int64_t images, int threads, int training) {
    workspace *w = begin(layers, count, images, threads, training);
    if (!w) return 0;
    take_all(w);
    for (int number = 0; number < w->block_count; number++)
        if (!w->blocks[number]) {
            release(w);
            return 0;
        }
    return w;
}

int64_t workspace_bytes(const layer *layers, int count, int64_t images, int threads, int training) {
    workspace *w = begin(layers, count, images, threads, training);
    if (!w) return 0;
    w->only_counts = 1;
    take_all(w);
    int64_t bytes = w->bytes;
    release(w);
    return bytes;
}

void release(workspace *w) {
    for (int number = 0; number < w->block_count; number++) free(w->blocks[number]);
    free(w->blocks);
    free(w->desks);
    free(w->traces);
    free(w->layers);
    free(w);
}
