/* A training step from top to bottom: gather the batch and augment it, forward, loss, backward; step after step without returning to
   Python, whose overhead would be as long as a small network's step.

   Layers are taken in groups: a dense layer by itself, since it computes the whole batch at once, and all layers in
   between as fused rows (fused_layers.h). In training a row begins with each batch normalisation, which waits for the
   whole batch's statistics; backward a row ends above each, which waits for the whole batch's gradients. */
#include "training.h"

#include "denormals.h"
#include "fused_layers.h"
#include "layers.h"
#include "loss.h"
#include "portable_math.h"
#include "threads.h"

static void forward(Workspace *w, real *parameters, int64_t batch, int training, uint32_t step) {
    for (int number = 0, end; number < w->count; number = end) {
        const Layer *l = &w->layers[number];
        end = number + 1;
        if (l->kind == DENSE)
            dense_forward(w, number, parameters, batch);
        else {
            while (end < w->count && !needs_whole_batch(&w->layers[end], training)) end++;
            FusedLayers f = {.w = w,
                             .begin = number,
                             .end = end,
                             .batch = batch,
                             .parameters = parameters,
                             .training = training,
                             .step = step};
            fused_forward(&f);
        }
    }
}

/* Take the gradient by the logits, which lies in the first of the workspace's two buffers, back through the layers. Each
   group reads the one buffer and writes the other; none is computed below the first layer with parameters. */
static void backward(Workspace *w, int64_t batch, Update *update) {
    int now = 0;
    if (w->layers[w->count - 1].kind == BATCH_NORM) {
        batch_norm_gradients(w, w->count - 1, w->gradients[0], batch);
        batch_norm_merge_gradients(w, w->count - 1, batch, update);
    }
    for (int end = w->count, begin; end > w->first_trainable; end = begin) {
        const Layer *l = &w->layers[end - 1];
        begin = end - 1;
        if (l->kind != DENSE)
            while (begin > w->first_trainable && !needs_whole_batch(&w->layers[begin - 1], 1)) begin--;
        real *dy = w->gradients[now], *dx = begin > w->first_trainable ? w->gradients[1 - now] : 0;
        if (l->kind == DENSE) {
            dense_backward(w, begin, dy, dx, batch, update);
            if (dx && w->layers[begin - 1].kind == BATCH_NORM) batch_norm_gradients(w, begin - 1, dx, batch);
        } else {
            FusedLayers f = {.w = w,
                             .begin = begin,
                             .end = end,
                             .batch = batch,
                             .parameters = update->parameters,
                             .training = 1,
                             .dy = dy,
                             .dx = dx};
            fused_backward(&f, update);
        }
        if (dx && w->layers[begin - 1].kind == BATCH_NORM) batch_norm_merge_gradients(w, begin - 1, batch, update);
        now = 1 - now;
    }
}

typedef struct {
    const Workspace *w;
    const float *images;
    const Warps *warps;  /* NULL: as they are */
    const int64_t *rows; /* which images; NULL: the first ones in their order */
    int64_t count, size;
    int64_t per_part; /* images */
} GatherJob;

#define COPIED_PER_PART 64
#define WARPED_PER_PART 4

static void gather_part(void *argument, int64_t part, int thread) {
    const GatherJob *j = argument;
    for (int64_t i = part * j->per_part; i < minimum((part + 1) * j->per_part, j->count); i++) {
        int64_t row = j->rows ? j->rows[i] : i;
        const float *from = j->images + row * j->size;
        real *to = j->w->inputs + i * j->size;
        if (j->warps)
            warp_image(j->warps, row, from, to, j->w->scratch[thread].image);
        else
            for (int64_t p = 0; p < j->size; p++) to[p] = (real)from[p];
    }
}

/* Bring a batch's images together as the network's inputs, in `real`, each changed by its warp. */
static void gather_batch(Workspace *w, const float *images, const Warps *warps, const int64_t *rows, int64_t count) {
    w->inputs = w->own_inputs;
    GatherJob j = {w, images, warps, rows, count, input_size(w->layers), warps ? WARPED_PER_PART : COPIED_PER_PART};
    parallel_for(gather_part, &j, ceil_div(count, j.per_part), w->threads);
}

/* Consecutive images in float32 are used where they are: no layer reads its inputs in whole vectors beyond their end, so
   the caller's array need not have room for that. */
static void use_images(Workspace *w, const float *images, int64_t count) {
    if (sizeof(real) == sizeof(float))
        w->inputs = (real *)images;
    else
        gather_batch(w, images, 0, 0, count);
}

static real *logits(const Workspace *w) { return w->caches[w->count - 1].outputs; }

void predict(Workspace *w, const real *parameters, const float *images, int64_t count, int activation, real *outputs) {
    int64_t classes = output_size(&w->layers[w->count - 1]), size = input_size(w->layers);
    uint64_t before = flush_denormals();
    for (int64_t done = 0; done < count; done += w->max_batch) {
        int64_t some = minimum(w->max_batch, count - done);
        use_images(w, images + done * size, some);
        forward(w, (real *)parameters, some, 0, 0);
        activation_forward(activation, logits(w), some * classes, classes);
        memcpy(outputs + done * classes, logits(w), (size_t)(some * classes) * sizeof *outputs);
    }
    restore_denormals(before);
}

void evaluate(Workspace *w, const real *parameters, const Objective *objective, const Dataset *data, int64_t count,
              double *sums) {
    int64_t classes = output_size(&w->layers[w->count - 1]), size = input_size(w->layers);
    uint64_t before = flush_denormals();
    sums[0] = sums[1] = 0;
    for (int64_t done = 0; done < count; done += w->max_batch) {
        int64_t some = minimum(w->max_batch, count - done);
        use_images(w, data->images + done * size, some);
        forward(w, (real *)parameters, some, 0, 0);
        for (int64_t i = 0; i < some; i++) {
            const real *z = logits(w) + i * classes;
            sums[0] += loss(objective, z, classes, data->labels[done + i], 0);
            sums[1] += argmax_of(z, classes) == data->labels[done + i];
        }
    }
    restore_denormals(before);
}

/* Return the batch's loss without the penalty, and write its gradient by the logits where `backward` begins. */
static double loss_and_gradient(Workspace *w, const Objective *objective, const Dataset *data, const int64_t *rows,
                                int64_t count) {
    int64_t classes = output_size(&w->layers[w->count - 1]);
    double sum = 0;
    for (int64_t i = 0; i < count; i++) {
        real *dz = w->gradients[0] + i * classes;
        double weight = objective->mean ? 1.0 / (double)count : 1.0;
        if (objective->class_weights) weight *= objective->class_weights[data->labels[rows[i]]];
        if (data->weights) weight *= data->weights[rows[i]];
        sum += weight * loss(objective, logits(w) + i * classes, classes, data->labels[rows[i]], dz);
        for (int64_t k = 0; k < classes; k++) dz[k] *= (real)weight;
    }
    return sum;
}

void train(Workspace *w, real *parameters, const Objective *objective, const Optimiser *optimiser, const Dataset *data,
           const int64_t *order, int64_t steps, int64_t batch_size, const double *learning_rates, int64_t first_step,
           int64_t steps_done, double *losses) {
    uint64_t before = flush_denormals();
    for (int64_t step = 0; step < steps; step++) {
        const int64_t *rows = order + step * batch_size;
        Update update = {optimiser, parameters, learning_rates[step], .mean_correction = 1, .square_correction = 1};
        if (optimiser->rule == ADAM) {
            int64_t taken = steps_done + step + 1;
            update.mean_correction = 1 / (1 - whole_power(optimiser->momentum, taken));
            update.square_correction = 1 / (1 - whole_power(optimiser->beta2, taken));
        }
        gather_batch(w, data->images, data->warps, rows, batch_size);
        forward(w, parameters, batch_size, 1, (uint32_t)(first_step + step));
        losses[step] = loss_and_gradient(w, objective, data, rows, batch_size) + penalty(w, optimiser, parameters);
        backward(w, batch_size, &update);
    }
    restore_denormals(before);
}
