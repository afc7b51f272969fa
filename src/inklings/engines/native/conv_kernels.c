/* Each channel's or filter's kernels are transformed by themselves, so the threads share them. */
#include "conv_kernels.h"

#include "layers.h"
#include "threads.h"
#include "winograd.h"

static KernelOffsets offsets_from(const Workspace *w, const Layer *l, int64_t start) {
    int64_t channels = l->channels, filters = l->out_channels, size = (int64_t)l->kernel_height * l->kernel_width;
    int64_t transformed = uses_winograd(l) ? winograd_kernels_size(winograd_points(l), channels, filters) : 0;
    KernelOffsets o = {.transformed = start, .end = start + transformed};
    if (!w->trains) return o;
    o.flipped = o.end;
    o.flipped_transformed = o.flipped + packed_size(size * filters, channels);
    o.weights =
        o.flipped_transformed + (transformed ? winograd_kernels_size(winograd_points(l), filters, channels) : 0);
    o.gradients = o.weights + (transformed ? weight_count(l) : 0);
    o.biases = transformed ? transformed : weight_count(l);
    o.distance = o.biases + whole_vectors(filters);
    o.end = o.gradients + minimum(MAX_GRADIENT_PARTS, w->max_batch) * o.distance;
    return o;
}

int64_t conv_gradient_rows(const Layer *l) {
    return uses_winograd(l) ? winograd_tiles(l) : (int64_t)l->out_height * l->out_width;
}

KernelOffsets kernel_offsets(const Workspace *w, int number) {
    int64_t start = 0;
    for (int before = 0; before < number; before++)
        if (w->layers[before].kind == CONV) start = offsets_from(w, &w->layers[before], start).end;
    return offsets_from(w, &w->layers[number], start);
}

int64_t all_kernels_size(const Workspace *w) {
    int64_t size = 0;
    for (int number = 0; number < w->count; number++)
        if (w->layers[number].kind == CONV) size = offsets_from(w, &w->layers[number], size).end;
    return size;
}

typedef struct {
    const Layer *l;
    const real *weights;
    real *kernels;
    KernelOffsets offsets;
} KernelJob;

static KernelJob make_job(const Workspace *w, int number, const real *parameters) {
    const Layer *l = &w->layers[number];
    return (KernelJob){l, parameters + l->weights, w->kernels, kernel_offsets(w, number)};
}

static void transform_channel(void *argument, int64_t channel, int thread) {
    (void)thread;
    const KernelJob *j = argument;
    winograd_transform_kernels(j->l->kernel_height, winograd_points(j->l), j->l->channels, j->l->out_channels,
                               j->weights, channel, j->kernels + j->offsets.transformed);
}

void prepare_kernels(const Workspace *w, int begin, int end, const real *parameters) {
    for (int number = begin; number < end; number++) {
        if (!uses_winograd(&w->layers[number])) continue;
        KernelJob j = make_job(w, number, parameters);
        parallel_for(transform_channel, &j, j.l->channels, w->threads);
    }
}

static void flip_panel(void *argument, int64_t panel, int thread) {
    (void)thread;
    const KernelJob *j = argument;
    flip_kernels(j->l, j->weights, panel * PANEL_COLUMNS, j->kernels + j->offsets.flipped);
}

/* Flipped kernels have swapped channels and filters. */
static void transform_flipped_filter(void *argument, int64_t filter, int thread) {
    (void)thread;
    const KernelJob *j = argument;
    winograd_transform_kernels(j->l->kernel_height, winograd_points(j->l), j->l->out_channels, j->l->channels,
                               j->kernels + j->offsets.flipped, filter, j->kernels + j->offsets.flipped_transformed);
}

void prepare_flipped_kernels(const Workspace *w, int begin, int end, const real *parameters, int is_first_needed) {
    for (int number = begin; number < end; number++) {
        const Layer *l = &w->layers[number];
        if (l->kind != CONV || (number == begin && !is_first_needed)) continue;
        KernelJob j = make_job(w, number, parameters);
        parallel_for(flip_panel, &j, panel_count(l->channels), w->threads);
        if (uses_winograd(l)) parallel_for(transform_flipped_filter, &j, l->out_channels, w->threads);
    }
}

typedef struct {
    const Layer *l;
    real *weights, *gradients;
    int64_t distance, parts;
    const Update *update;
} ReductionJob;

/* Numbers added up and applied at a time: few enough to be in the cache still when the optimiser uses them. */
#define CHUNK 4096

static void gather_channel(void *argument, int64_t channel, int thread) {
    (void)thread;
    const ReductionJob *j = argument;
    winograd_gather_gradient(j->l->kernel_height, winograd_points(j->l), j->l->channels, j->l->out_channels,
                             j->gradients, j->distance, j->parts, channel, j->weights);
}

static void reduce_chunk(void *argument, int64_t chunk, int thread) {
    (void)thread;
    const ReductionJob *j = argument;
    int64_t first = chunk * CHUNK, some = minimum(CHUNK, weight_count(j->l) - first);
    /* Winograd's are added up already, at all points. */
    real *sum = (uses_winograd(j->l) ? j->weights : j->gradients) + first;
    for (int64_t other = 1; other < j->parts && !uses_winograd(j->l); other++)
        for (int64_t i = 0; i < some; i++) sum[i] += sum[other * j->distance + i];
    apply_gradients(j->update, j->l, j->l->weights + first, sum, some);
}

void reduce_kernel_gradients(const Workspace *w, int number, int64_t parts, const Update *update) {
    const Layer *l = &w->layers[number];
    KernelOffsets o = kernel_offsets(w, number);
    ReductionJob j = {l, w->kernels + o.weights, w->kernels + o.gradients, o.distance, parts, update};
    if (uses_winograd(l)) {
        /* The gaps between panels are updated like weights, and have to stay zero. */
        memset(j.weights, 0, (size_t)weight_count(l) * sizeof(real));
        parallel_for(gather_channel, &j, l->channels, w->threads);
    }
    parallel_for(reduce_chunk, &j, ceil_div(weight_count(l), CHUNK), w->threads);
    if (l->biases < 0) return;
    real *sum = j.gradients + o.biases;
    for (int64_t other = 1; other < parts; other++)
        for (int64_t f = 0; f < l->out_channels; f++) sum[f] += sum[other * o.distance + f];
    apply_gradients(update, l, l->biases, sum, l->out_channels);
}
