/* A network at work: forward through the layers, the loss, and back again; step after step without leaving here. */
#include "training.h"

#include "layers.h"
#include "loss.h"
#include "stretch.h"
#include "threads.h"

static void forward(workspace *w, real *parameters, int64_t images, int training, uint32_t step) {
    for (int number = 0, end; number < w->count; number = end) {
        const layer *l = &w->layers[number];
        end = number + 1;
        if (l->kind == DENSE)
            dense(w, number, parameters, images);
        else if (needs_whole_batch(l, training))
            normalise_batch(w, number, parameters, images);
        else {
            while (end < w->count && !needs_whole_batch(&w->layers[end], training)) end++;
            stretch s = {w, number, end, images, parameters, training, step, 0, 0, 0};
            forward_stretch(&s);
        }
    }
}

/* Take the gradient by the last outputs, which lies in the first of the workspace's two, back through the layers. */
static void backward(workspace *w, int64_t images, update *u) {
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
            stretch s = {w, begin, end, images, u->parameters, .training = 1, .dy = dy, .dx = dx};
            back_stretch(&s, u);
        }
        now = 1 - now;
    }
}

typedef struct {
    const workspace *w;
    const float *images;
    const int64_t *rows;
    int64_t count, size;
} journey;

#define BROUGHT_AT_ONCE 64

static void bring_part(void *argument, int64_t part, int thread) {
    (void)thread;
    const journey *j = argument;
    for (int64_t i = part * BROUGHT_AT_ONCE; i < smaller((part + 1) * BROUGHT_AT_ONCE, j->count); i++) {
        const float *from = j->images + (j->rows ? j->rows[i] : i) * j->size;
        real *to = j->w->inputs + i * j->size;
        for (int64_t p = 0; p < j->size; p++) to[p] = (real)from[p];
    }
}

/* Bring images in: a batch's rows, or all that follow if there are none. These stay where they are if they are numbers
   of the right kind, since no layer reads beyond its inputs' end. */
static void bring(workspace *w, const float *images, const int64_t *rows, int64_t count) {
    w->inputs = w->own_inputs;
    if (!rows && sizeof(real) == sizeof(float)) {
        w->inputs = (real *)images;
        return;
    }
    journey j = {w, images, rows, count, input_size(w->layers)};
    share(bring_part, &j, parts_of(count, BROUGHT_AT_ONCE), w->threads);
}

static real *logits(const workspace *w) { return w->traces[w->count - 1].outputs; }

void read_images(workspace *w, const real *parameters, const float *images, int64_t count, int activation, real *outputs) {
    int64_t classes = output_size(&w->layers[w->count - 1]), size = input_size(w->layers);
    uint64_t before = begin_flushing();
    for (int64_t done = 0; done < count; done += w->images) {
        int64_t some = smaller(w->images, count - done);
        bring(w, images + done * size, 0, some);
        forward(w, (real *)parameters, some, 0, 0);
        activate(activation, logits(w), some * classes, classes);
        memcpy(outputs + done * classes, logits(w), (size_t)(some * classes) * sizeof *outputs);
    }
    end_flushing(before);
}

void evaluate(workspace *w, const real *parameters, const objective *aim, const dataset *data, int64_t count,
              double *sums) {
    int64_t classes = output_size(&w->layers[w->count - 1]), size = input_size(w->layers);
    uint64_t before = begin_flushing();
    sums[0] = sums[1] = 0;
    for (int64_t done = 0; done < count; done += w->images) {
        int64_t some = smaller(w->images, count - done);
        bring(w, data->images + done * size, 0, some);
        forward(w, (real *)parameters, some, 0, 0);
        for (int64_t i = 0; i < some; i++) {
            const real *z = logits(w) + i * classes;
            sums[0] += loss(aim, z, classes, data->labels[done + i], 0);
            sums[1] += largest_of(z, classes) == data->labels[done + i];
        }
    }
    end_flushing(before);
}

/* Give the batch's objective without penalties, and put its gradient by the logits where `backward` begins. */
static double losses_of(workspace *w, const objective *aim, const dataset *data, const int64_t *rows, int64_t count) {
    int64_t classes = output_size(&w->layers[w->count - 1]);
    double sum = 0;
    for (int64_t i = 0; i < count; i++) {
        real *dz = w->gradients[0] + i * classes;
        double weight = aim->mean ? 1.0 / (double)count : 1.0;
        if (aim->class_weights) weight *= aim->class_weights[data->labels[rows[i]]];
        if (data->weights) weight *= data->weights[rows[i]];
        sum += weight * loss(aim, logits(w) + i * classes, classes, data->labels[rows[i]], dz);
        for (int64_t k = 0; k < classes; k++) dz[k] *= (real)weight;
    }
    return sum;
}

void train(workspace *w, real *parameters, const objective *aim, const optimiser *how, const dataset *data,
           const int64_t *order, int64_t steps, int64_t batch_size, const double *rates, int64_t first_step, int64_t done,
           double *losses) {
    uint64_t before = begin_flushing();
    for (int64_t step = 0; step < steps; step++) {
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
