#include "stretch.h"

#include "layers.h"
#include "minimal.h"
#include "threads.h"

/* Fewer operations than this on a batch are over before another thread has begun. */
#define WORTH_SHARING 100000

/* Where among the workspace's kernels a convolution's lie in their several forms, and the gradients by them. */
typedef struct {
    int64_t evaluated; /* at all points, if they are needed so */
    int64_t turned, turned_evaluated;
    int64_t weights;   /* the gradient by the weights themselves, where gradients are by evaluated kernels */
    int64_t gradients; /* by kernels and then by biases, one part of the batch after the other */
    int64_t biases;    /* from the beginning of a part's gradients */
    int64_t distance;  /* from one part to the next */
    int64_t end;
} places;

static places arrange(const layer *l, int threads, int training, int64_t from) {
    int64_t channels = l->channels, filters = l->filters, size = (int64_t)l->kernel_height * l->kernel_width;
    int64_t evaluated = is_minimal(l) ? minimal_kernels(channels, filters) : 0;
    places p = {.evaluated = from, .end = from + evaluated};
    if (!training) return p;
    p.turned = p.end;
    p.turned_evaluated = p.turned + panels_size(size * filters, channels);
    p.weights = p.turned_evaluated + (evaluated ? minimal_kernels(filters, channels) : 0);
    p.gradients = p.weights + (evaluated ? weight_count(l) : 0);
    p.biases = evaluated ? evaluated : weight_count(l);
    p.distance = p.biases + whole_vectors(filters);
    p.end = p.gradients + threads * p.distance;
    return p;
}

static places find(const workspace *w, int number, int training) {
    int64_t from = 0;
    for (int before = 0; before < number; before++)
        if (w->layers[before].kind == CONVOLUTION) from = arrange(&w->layers[before], w->threads, training, from).end;
    return arrange(&w->layers[number], w->threads, training, from);
}

int64_t kernels_size(const workspace *w, int training) {
    int64_t size = 0;
    for (int number = 0; number < w->count; number++)
        if (w->layers[number].kind == CONVOLUTION) size = arrange(&w->layers[number], w->threads, training, size).end;
    return size;
}

static int threads_for(const stretch *s) {
    double operations = 0;
    for (int number = s->begin; number < s->end; number++) {
        const layer *l = &s->w->layers[number];
        operations += (double)output_size(l) * (l->kind == CONVOLUTION ? (double)patch_size(l) : 4);
    }
    return operations * (double)s->images < WORTH_SHARING ? 1 : s->w->threads;
}

/* Forward. */

static void convolve_image(const stretch *s, int number, const real *x, real *y, desk *d) {
    const layer *l = &s->w->layers[number];
    const real *biases = l->biases < 0 ? 0 : s->parameters + l->biases;
    const real *evaluated = s->w->kernels + find(s->w, number, s->w->trains).evaluated;
    convolve(l, is_minimal(l) ? evaluated : s->parameters + l->weights, biases, x, y, d);
}

static void forward_image(const stretch *s, int number, int64_t image, desk *d) {
    const layer *l = &s->w->layers[number];
    trace *t = &s->w->traces[number];
    int64_t size = output_size(l), at = image * size;
    const real *x = inputs_of(s->w, number) + image * input_size(l);
    real *y = t->outputs + at;
    integer *winners = s->training && t->winners ? t->winners + at : 0;
    switch (l->kind) {
    case CONVOLUTION: convolve_image(s, number, x, y, d); break;
    case LARGEST:
        keep_largest(l, x, y, winners);
        activate(l->activation, y, size, size);
        break;
    case AVERAGE_OF_ALL:
    case LARGEST_OF_ALL: reduce_all(l, x, y, winners); break;
    case NORMALISATION: normalise(l, s->parameters, x, y, size / l->filters); break;
    case ACTIVATION:
        memcpy(y, x, (size_t)size * sizeof *y);
        activate(l->activation, y, size, size);
        break;
    case DROPOUT:
        if (s->training)
            drop(l, s->step, at, x, y, t->kept + at, size);
        else
            memcpy(y, x, (size_t)size * sizeof *y);
    }
}

static void forward_part(void *argument, int64_t part, int thread) {
    const stretch *s = argument;
    for (int64_t image = part * s->images / s->parts; image < (part + 1) * s->images / s->parts; image++)
        for (int number = s->begin; number < s->end; number++)
            forward_image(s, number, image, &s->w->desks[thread]);
}

/* Kernels of which each channel is brought into another form by itself. */
typedef struct {
    const layer *l;
    const real *weights;
    real *kernels;
    places p;
} forms;

static void evaluate_part(void *argument, int64_t channel, int thread) {
    (void)thread;
    const forms *f = argument;
    evaluate_kernels(f->l->kernel_height, f->l->channels, f->l->filters, f->weights, channel,
                     f->kernels + f->p.evaluated);
}

void forward_stretch(stretch *s) {
    for (int number = s->begin; number < s->end; number++) {
        const layer *l = &s->w->layers[number];
        if (!is_minimal(l)) continue;
        forms f = {l, s->parameters + l->weights, s->w->kernels, find(s->w, number, s->w->trains)};
        share(evaluate_part, &f, l->channels, s->w->threads);
    }
    s->parts = smaller(s->images, 8 * s->w->threads);
    share(forward_part, s, s->parts, threads_for(s));
}

/* Back. */

static void turn_part(void *argument, int64_t part, int thread) {
    (void)thread;
    const forms *f = argument;
    turn_kernels(f->l, f->weights, part * PANEL, f->kernels + f->p.turned);
}

static void evaluate_turned_part(void *argument, int64_t filter, int thread) {
    (void)thread;
    const forms *f = argument;
    evaluate_kernels(f->l->kernel_height, f->l->filters, f->l->channels, f->kernels + f->p.turned, filter,
                     f->kernels + f->p.turned_evaluated);
}

static void turn_all(const stretch *s, const update *u) {
    for (int number = s->begin; number < s->end; number++) {
        const layer *l = &s->w->layers[number];
        if (l->kind != CONVOLUTION || (number == s->begin && !s->dx)) continue;
        forms f = {l, u->parameters + l->weights, s->w->kernels, find(s->w, number, 1)};
        share(turn_part, &f, panel_count(l->channels), s->w->threads);
        if (is_minimal(l)) share(evaluate_turned_part, &f, l->filters, s->w->threads);
    }
}

static void convolve_image_back(const stretch *s, int number, const real *x, real *dy, real *dx, int64_t image, int64_t part,
                                desk *d) {
    const layer *l = &s->w->layers[number];
    places p = find(s->w, number, 1);
    real *own = s->w->kernels + p.gradients + part * p.distance;
    convolve_back(l, x, s->w->traces[number].outputs + image * output_size(l), dy, dx, own, own + p.biases,
                  s->w->kernels + (is_minimal(l) ? p.turned_evaluated : p.turned), d);
}

static void back_image(const stretch *s, int number, int64_t image, real *dy, real *dx, int64_t part, desk *d) {
    const layer *l = &s->w->layers[number];
    const trace *t = &s->w->traces[number];
    int64_t size = output_size(l), at = image * size;
    if (l->kind == CONVOLUTION) {
        convolve_image_back(s, number, inputs_of(s->w, number) + image * input_size(l), dy, dx, image, part, d);
        return;
    }
    if (!dx) return;
    switch (l->kind) {
    case LARGEST:
        activate_back(l->activation, t->outputs + at, dy, size);
        keep_largest_back(l, t->winners + at, dy, dx);
        break;
    case AVERAGE_OF_ALL:
    case LARGEST_OF_ALL: reduce_all_back(l, t->winners ? t->winners + at : 0, dy, dx); break;
    case DROPOUT: drop_back(l, t->kept + at, dy, dx, size); break;
    case ACTIVATION:
        memcpy(dx, dy, (size_t)size * sizeof *dx);
        activate_back(l->activation, t->outputs + at, dx, size);
    }
}

static void back_part(void *argument, int64_t part, int thread) {
    const stretch *s = argument;
    desk *d = &s->w->desks[thread];
    for (int number = s->begin; number < s->end; number++) {
        if (s->w->layers[number].kind != CONVOLUTION) continue;
        places p = find(s->w, number, 1);
        memset(s->w->kernels + p.gradients + part * p.distance, 0, (size_t)p.distance * sizeof(real));
    }
    for (int64_t image = part * s->images / s->parts; image < (part + 1) * s->images / s->parts; image++) {
        real *dy = s->dy + image * output_size(&s->w->layers[s->end - 1]);
        real *first = s->dx ? s->dx + image * input_size(&s->w->layers[s->begin]) : 0;
        for (int number = s->end - 1; number >= s->begin; number--) {
            real *dx = number == s->begin ? first : d->gradients[number % 2];
            back_image(s, number, image, dy, dx, part, d);
            dy = dx;
        }
    }
}

/* Add up the parts' gradients by a convolution's parameters, some at a time, and finish them. */
typedef struct {
    const layer *l;
    real *weights, *gradients;
    int64_t distance, parts;
    const update *u;
} addition;

#define ADDED_AT_ONCE 4096

static void gather_part(void *argument, int64_t channel, int thread) {
    (void)thread;
    const addition *a = argument;
    gather_kernels(a->l->kernel_height, a->l->channels, a->l->filters, a->gradients, a->distance, a->parts, channel,
                   a->weights);
}

static void add_part(void *argument, int64_t part, int thread) {
    (void)thread;
    const addition *a = argument;
    int64_t first = part * ADDED_AT_ONCE, some = smaller(ADDED_AT_ONCE, weight_count(a->l) - first);
    real *sum = (is_minimal(a->l) ? a->weights : a->gradients) + first;
    for (int64_t other = 1; other < a->parts && !is_minimal(a->l); other++)
        for (int64_t i = 0; i < some; i++) sum[i] += sum[other * a->distance + i];
    finish(a->u, a->l, a->l->weights + first, sum, some);
}

static void finish_convolution(const stretch *s, int number, update *u) {
    const layer *l = &s->w->layers[number];
    places p = find(s->w, number, 1);
    addition a = {l, s->w->kernels + p.weights, s->w->kernels + p.gradients, p.distance, s->parts, u};
    if (is_minimal(l)) {
        memset(a.weights, 0, (size_t)weight_count(l) * sizeof(real)); /* what lies between panels stays zero */
        share(gather_part, &a, l->channels, s->w->threads);
    }
    share(add_part, &a, parts_of(weight_count(l), ADDED_AT_ONCE), s->w->threads);
    if (l->biases < 0) return;
    real *sum = a.gradients + p.biases;
    for (int64_t other = 1; other < s->parts; other++)
        for (int64_t f = 0; f < l->filters; f++) sum[f] += sum[other * p.distance + f];
    finish(u, l, l->biases, sum, l->filters);
}

void back_stretch(stretch *s, update *u) {
    turn_all(s, u);
    /* Each part adds up gradients of its own, and always the same images': sums come out the same every time. */
    s->parts = smaller(s->images, s->w->threads);
    share(back_part, s, s->parts, threads_for(s));
    for (int number = s->begin; number < s->end; number++)
        if (s->w->layers[number].kind == CONVOLUTION) finish_convolution(s, number, u);
}
