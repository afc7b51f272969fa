/* A network at work: forward through the layers, the loss, and back again; step after step without leaving here. */
#include "training.h"

#include "layers.h"
#include "loss.h"
#include "threads.h"

/* Fewer operations than this on a batch are over before another thread has begun. */
#define WORTH_SHARING 100000

/* Some layers that treat each image by itself, and the images that go through them. */
typedef struct {
    workspace *w;
    int begin, end; /* layers */
    long images;
    real *parameters;
    int training;
    uint32_t step;
    real *dy, *dx;
    long parts;
} stretch;

static double operations(const stretch *s) {
    double sum = 0;
    for (int number = s->begin; number < s->end; number++) {
        const layer *l = &s->w->layers[number];
        sum += (double)output_size(l) * (l->kind == CONVOLUTION ? (double)patch_size(l) : 4);
    }
    return sum * (double)s->images;
}

static int threads_for(const stretch *s) { return operations(s) < WORTH_SHARING ? 1 : s->w->threads; }

static void forward_image(const stretch *s, int number, long image, desk *d) {
    const layer *l = &s->w->layers[number];
    trace *t = &s->w->traces[number];
    long size = output_size(l), at = image * size;
    const real *x = inputs_of(s->w, number) + image * input_size(l);
    real *y = t->outputs + at;
    integer *winners = s->training && t->winners ? t->winners + at : 0;
    switch (l->kind) {
    case CONVOLUTION: convolve(l, s->parameters, x, y, d); break;
    case LARGEST: keep_largest(l, x, y, winners); break;
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

static void forward_part(void *argument, long part, int thread) {
    const stretch *s = argument;
    for (long image = part * s->images / s->parts; image < (part + 1) * s->images / s->parts; image++)
        for (int number = s->begin; number < s->end; number++)
            forward_image(s, number, image, &s->w->desks[thread]);
}

static void forward(workspace *w, real *parameters, long images, int training, uint32_t step) {
    for (int number = 0, end; number < w->count; number = end) {
        const layer *l = &w->layers[number];
        end = number + 1;
        if (l->kind == DENSE)
            dense(w, number, parameters, images);
        else if (needs_whole_batch(l, training))
            normalise_batch(w, number, parameters, images);
        else {
            while (end < w->count && !needs_whole_batch(&w->layers[end], training)) end++;
            stretch s = {w, number, end, images, parameters, training, step, .parts = smaller(images, 8L * w->threads)};
            share(forward_part, &s, s.parts, threads_for(&s));
        }
    }
}

/* Where a convolution's gradients, and its turned weights, lie among those of the stretch. */
typedef struct {
    real *weights, *biases, *turned;
} places;

static places find(const stretch *s, int number, long part) {
    real *gradients = s->w->parts, *turned = s->w->turned;
    for (int before = s->begin; before < number; before++) {
        const layer *l = &s->w->layers[before];
        if (l->kind != CONVOLUTION) continue;
        gradients += s->w->threads * (weight_count(l) + l->filters);
        turned += turned_size(l);
    }
    const layer *l = &s->w->layers[number];
    gradients += part * (weight_count(l) + l->filters);
    return (places){gradients, gradients + weight_count(l), turned};
}

static void back_image(const stretch *s, int number, long image, real *dy, real *dx, long part, desk *d) {
    const layer *l = &s->w->layers[number];
    const trace *t = &s->w->traces[number];
    long size = output_size(l), at = image * size;
    const real *y = t->outputs + at, *x = inputs_of(s->w, number) + image * input_size(l);
    if (l->kind == CONVOLUTION) {
        places p = find(s, number, part);
        convolve_back(l, x, y, dy, dx, p.weights, p.biases, p.turned, d);
        return;
    }
    if (!dx) return;
    switch (l->kind) {
    case LARGEST: keep_largest_back(l, t->winners + at, dy, dx); break;
    case AVERAGE_OF_ALL:
    case LARGEST_OF_ALL: reduce_all_back(l, t->winners ? t->winners + at : 0, dy, dx); break;
    case DROPOUT: drop_back(l, t->kept + at, dy, dx, size); break;
    case ACTIVATION:
        memcpy(dx, dy, (size_t)size * sizeof *dx);
        activate_back(l->activation, y, dx, size);
    }
}

static void back_part(void *argument, long part, int thread) {
    const stretch *s = argument;
    desk *d = &s->w->desks[thread];
    for (int number = s->begin; number < s->end; number++) {
        const layer *l = &s->w->layers[number];
        if (l->kind == CONVOLUTION)
            memset(find(s, number, part).weights, 0, (size_t)(weight_count(l) + l->filters) * sizeof(real));
    }
    for (long image = part * s->images / s->parts; image < (part + 1) * s->images / s->parts; image++) {
        real *dy = s->dy + image * output_size(&s->w->layers[s->end - 1]);
        for (int number = s->end - 1; number >= s->begin; number--) {
            int is_last = number == s->begin;
            real *dx = is_last ? (s->dx ? s->dx + image * input_size(&s->w->layers[number]) : 0)
                               : d->gradients[number % 2];
            back_image(s, number, image, dy, dx, part, d);
            dy = dx;
        }
    }
}

/* Add up the parts' gradients by a convolution's parameters, some at a time, and finish them. */
typedef struct {
    const stretch *s;
    int number;
    update *u;
} addition;

#define ADDED_AT_ONCE 4096

static void add_part(void *argument, long part, int thread) {
    (void)thread;
    const addition *a = argument;
    const layer *l = &a->s->w->layers[a->number];
    long count = weight_count(l), first = part * ADDED_AT_ONCE, some = smaller(ADDED_AT_ONCE, count - first);
    real *sum = find(a->s, a->number, 0).weights + first;
    for (long other = 1; other < a->s->parts; other++) {
        const real *more = find(a->s, a->number, other).weights + first;
        for (long i = 0; i < some; i++) sum[i] += more[i];
    }
    finish(a->u, l, l->weights + first, sum, some);
}

static void finish_convolution(const stretch *s, int number, update *u) {
    addition a = {s, number, u};
    const layer *l = &s->w->layers[number];
    share(add_part, &a, (weight_count(l) + ADDED_AT_ONCE - 1) / ADDED_AT_ONCE, s->w->threads);
    if (l->biases < 0) return;
    real *sum = find(s, number, 0).biases;
    for (long other = 1; other < s->parts; other++)
        for (long f = 0; f < l->filters; f++) sum[f] += find(s, number, other).biases[f];
    finish(u, l, l->biases, sum, l->filters);
}

typedef struct {
    const layer *l;
    const real *weights;
    real *turned;
} turning;

static void turn_part(void *argument, long part, int thread) {
    (void)thread;
    const turning *t = argument;
    turn_kernels(t->l, t->weights, part * PANEL, t->turned);
}

static void back_stretch(stretch *s, update *u) {
    for (int number = s->begin; number < s->end; number++) {
        const layer *l = &s->w->layers[number];
        int needs_dx = number > s->begin || s->dx;
        turning t = {l, u->parameters + l->weights, find(s, number, 0).turned};
        if (l->kind == CONVOLUTION && needs_dx) share(turn_part, &t, panel_count(l->channels), s->w->threads);
    }
    /* Each part adds up gradients of its own, and always the same images': sums come out the same every time. */
    share(back_part, s, s->parts, threads_for(s));
    for (int number = s->begin; number < s->end; number++)
        if (s->w->layers[number].kind == CONVOLUTION) finish_convolution(s, number, u);
}

/* Take the gradient by the last outputs, which lies in the first of the workspace's two, back through the layers. */
static void backward(workspace *w, long images, update *u) {
    int now = 0;
    for (int end = w->count, begin; end > w->first; end = begin) {
        const layer *l = &w->layers[end - 1];
        begin = end - 1;
        if (!needs_whole_batch(l, 1))
            while (begin > w->first && !needs_whole_batch(&w->layers[begin - 1], 1)) begin--;
        real *dy = w->gradients[now], *dx = begin > w->first ? w->gradients[1 - now] : 0;
        if (l->kind == DENSE)
            dense_back(w, begin, dy, dx, images, u);
        else if (needs_whole_batch(l, 1))
            normalise_batch_back(w, begin, dy, dx, images, u);
        else {
            stretch s = {w, begin, end, images, .training = 1, .dy = dy, .dx = dx, .parts = smaller(images, w->threads)};
            back_stretch(&s, u);
        }
        now = 1 - now;
    }
}

typedef struct {
    const workspace *w;
    const float *images;
    const int64_t *rows;
    long count, size;
} journey;

#define BROUGHT_AT_ONCE 64

static void bring_part(void *argument, long part, int thread) {
    (void)thread;
    const journey *j = argument;
    for (long i = part * BROUGHT_AT_ONCE; i < smaller((part + 1) * BROUGHT_AT_ONCE, j->count); i++) {
        const float *from = j->images + (j->rows ? j->rows[i] : i) * j->size;
        real *to = j->w->inputs + i * j->size;
        for (long p = 0; p < j->size; p++) to[p] = (real)from[p];
    }
}

/* Bring images in; a batch's rows, or all that follow if there are none. */
static void bring(const workspace *w, const float *images, const int64_t *rows, long count) {
    journey j = {w, images, rows, count, input_size(w->layers)};
    share(bring_part, &j, (count + BROUGHT_AT_ONCE - 1) / BROUGHT_AT_ONCE, w->threads);
}

static real *logits(const workspace *w) { return w->traces[w->count - 1].outputs; }

void read_images(workspace *w, const real *parameters, const float *images, long count, int activation, real *outputs) {
    long classes = output_size(&w->layers[w->count - 1]), size = input_size(w->layers);
    for (long done = 0; done < count; done += w->images) {
        long some = smaller(w->images, count - done);
        bring(w, images + done * size, 0, some);
        forward(w, (real *)parameters, some, 0, 0);
        activate(activation, logits(w), some * classes, classes);
        memcpy(outputs + done * classes, logits(w), (size_t)(some * classes) * sizeof *outputs);
    }
}

void evaluate(workspace *w, const real *parameters, const objective *aim, const dataset *data, long count,
              double *sums) {
    long classes = output_size(&w->layers[w->count - 1]), size = input_size(w->layers);
    sums[0] = sums[1] = 0;
    for (long done = 0; done < count; done += w->images) {
        long some = smaller(w->images, count - done);
        bring(w, data->images + done * size, 0, some);
        forward(w, (real *)parameters, some, 0, 0);
        for (long i = 0; i < some; i++) {
            const real *z = logits(w) + i * classes;
            sums[0] += loss(aim, z, classes, data->labels[done + i], 0);
            sums[1] += largest_of(z, classes) == data->labels[done + i];
        }
    }
}

/* Give the batch's objective without penalties, and put its gradient by the logits where `backward` begins. */
static double losses_of(workspace *w, const objective *aim, const dataset *data, const int64_t *rows, long count) {
    long classes = output_size(&w->layers[w->count - 1]);
    double sum = 0;
    for (long i = 0; i < count; i++) {
        real *dz = w->gradients[0] + i * classes;
        double weight = aim->mean ? 1.0 / (double)count : 1.0;
        if (aim->class_weights) weight *= aim->class_weights[data->labels[rows[i]]];
        if (data->weights) weight *= data->weights[rows[i]];
        sum += weight * loss(aim, logits(w) + i * classes, classes, data->labels[rows[i]], dz);
        for (long k = 0; k < classes; k++) dz[k] *= (real)weight;
    }
    return sum;
}

void train(workspace *w, real *parameters, const objective *aim, const optimiser *how, const dataset *data,
           const int64_t *order, long steps, long batch_size, const double *rates, int64_t first_step, int64_t done,
           double *losses) {
    unsigned long before = begin_flushing();
    for (long step = 0; step < steps; step++) {
        const int64_t *rows = order + step * batch_size;
        double count = (double)(done + step + 1);
        update u = {how, parameters, rates[step], .mean_scale = 1, .square_scale = 1};
        if (how->rule == ADAM) {
            u.mean_scale = 1 / (1 - pow(how->momentum, count));
            u.square_scale = 1 / (1 - pow(how->square, count));
        }
        bring(w, data->images, rows, batch_size);
        forward(w, parameters, batch_size, 1, (uint32_t)(first_step + step));
        losses[step] = losses_of(w, aim, data, rows, batch_size) + penalty(w, how, parameters);
        backward(w, batch_size, &u);
    }
    end_flushing(before);
}
