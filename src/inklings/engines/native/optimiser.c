/* The optimisers of `optimisers.py`, each in one pass over parameters, gradients and moments: all of them are bound by
   memory, so what counts is that nothing is read or written twice. */
#include "optimiser.h"

#include "threads.h"

#define EACH(body)                        \
    for (int64_t i = 0; i < count; i++) { \
        real g = gradients[i];            \
        body                              \
    }                                     \
    break

/* Change parameters w by their gradients; `restrict`, since nothing here overlaps and the loops may become vectors. */
static void take_step(const Update *update, real *restrict w, real *restrict first, real *restrict second,
                      const real *restrict gradients, int64_t count, real weight_decay) {
    const Optimiser *o = update->optimiser;
    real rate = (real)update->learning_rate, momentum = (real)o->momentum, beta2 = (real)o->beta2;
    /* 1 - beta in double: in float32, 1 - 0.999f is off by one part in 78,000. */
    real new_share = (real)(1 - o->momentum), new_square = (real)(1 - o->beta2), epsilon = (real)o->epsilon;
    real mean_correction = (real)update->mean_correction, square_correction = (real)update->square_correction;
    switch (o->rule) {
    case GRADIENT_DESCENT: EACH(w[i] -= rate * g;);
    case MOMENTUM: EACH(first[i] = momentum * first[i] + g; w[i] -= rate * first[i];);
    case NESTEROV: EACH(first[i] = momentum * first[i] + g; w[i] -= rate * (g + momentum * first[i]););
    case ADAM:
        for (int64_t i = 0; i < count; i += LANES) {
            int64_t lanes = count - i;
            vector g = load_partial(gradients + i, lanes), value = load_partial(w + i, lanes);
            vector mean = momentum * load_partial(first + i, lanes) + new_share * g;
            vector square = beta2 * load_partial(second + i, lanes) + new_square * g * g;
            vector direction =
                mean_correction * mean * vector_reciprocal(vector_sqrt(square_correction * square) + epsilon);
            store_partial(first + i, mean, lanes);
            store_partial(second + i, square, lanes);
            store_partial(w + i, value - rate * (direction + weight_decay * value), lanes);
        }
    }
}

/* The gradient of l1 |w| + l2 w^2; at zero, where |w| has none, 0. */
static void add_regularisation(const Optimiser *o, const real *w, const real *gradients, real *to, int64_t count) {
    real l1 = (real)o->l1, l2 = (real)o->l2;
    for (int64_t i = 0; i < count; i++) to[i] = gradients[i] + l1 * (real)((w[i] > 0) - (w[i] < 0)) + 2 * l2 * w[i];
}

/* Numbers regularised at a time, on the stack: few enough to stay in the first-level cache. */
#define CHUNK 1024

void apply_gradients(const Update *update, const Layer *l, int64_t offset, const real *gradients, int64_t count) {
    const Optimiser *o = update->optimiser;
    /* Neither regularisation nor weight decay applies to biases, nor to batch normalisation's scale. */
    int are_weights = has_weights(l) && offset >= l->weights && offset < l->weights + weight_count(l);
    int are_regularised = are_weights && l->regularised;
    real weight_decay = are_weights ? (real)o->weight_decay : 0, regularised[CHUNK];
    for (int64_t start = 0; start < count; start += CHUNK) {
        int64_t some = minimum(CHUNK, count - start), at = offset + start;
        const real *g = gradients + start;
        if (are_regularised) {
            add_regularisation(o, update->parameters + at, g, regularised, some);
            g = regularised;
        }
        if (o->rule == KEEP_GRADIENTS)
            memmove(o->gradients + at, g, (size_t)some * sizeof *g);
        else
            take_step(update, update->parameters + at, o->first_moment ? o->first_moment + at : 0,
                      o->second_moment ? o->second_moment + at : 0, g, some, weight_decay);
    }
}

typedef struct {
    const Optimiser *optimiser;
    const real *weights;
    int64_t count;
    double *sums;
} PenaltyJob;

/* Weights per partial sum. Parts do not depend on the number of threads, so neither does the sum. */
#define PENALTY_CHUNK (1 << 14)

int64_t penalty_parts(const Layer *l) { return has_weights(l) ? ceil_div(weight_count(l), PENALTY_CHUNK) : 0; }

static void sum_part(void *argument, int64_t part, int thread) {
    (void)thread;
    const PenaltyJob *job = argument;
    int64_t first = part * PENALTY_CHUNK, some = minimum(PENALTY_CHUNK, job->count - first);
    vector sizes = {0}, squares = {0};
    for (int64_t i = first; i < first + some; i += LANES) {
        vector w = load_partial(job->weights + i, first + some - i);
        /* |w|: comparing vectors makes -1 in each lane where it holds, so this is w times 1 or -1. */
        sizes += w * (1 + 2 * __builtin_convertvector(w < 0, vector));
        squares += w * w;
    }
    job->sums[part] =
        job->optimiser->l1 * (double)horizontal_sum(sizes) + job->optimiser->l2 * (double)horizontal_sum(squares);
}

double penalty(const Workspace *w, const Optimiser *optimiser, const real *parameters) {
    double sum = 0;
    if (optimiser->l1 == 0 && optimiser->l2 == 0) return 0;
    for (int number = 0; number < w->count; number++) {
        const Layer *l = &w->layers[number];
        if (!l->regularised) continue;
        PenaltyJob job = {optimiser, parameters + l->weights, weight_count(l), w->penalties};
        parallel_for(sum_part, &job, penalty_parts(l), w->threads);
        for (int64_t part = 0; part < penalty_parts(l); part++) sum += job.sums[part];
    }
    return sum;
}
