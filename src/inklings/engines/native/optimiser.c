/* The optimisers of `optimisers.py`, each in one pass over parameters, gradients and what it remembers. */
#include "optimiser.h"

#include <stdlib.h>

#include "threads.h"

#define EACH(body)                       \
    for (int64_t i = 0; i < count; i++) {   \
        real g = gradients[i];           \
        body                             \
    }                                    \
    break

static void change(const update *u, real *restrict w, real *restrict first, real *restrict second,
                   const real *restrict gradients, int64_t count, real decay) {
    const optimiser *o = u->how;
    real rate = (real)u->rate, m = (real)o->momentum, s = (real)o->square, epsilon = (real)o->epsilon;
    real new_m = (real)(1 - o->momentum), new_s = (real)(1 - o->square);
    real mean_scale = (real)u->mean_scale, square_scale = (real)u->square_scale;
    switch (o->rule) {
    case GRADIENT_DESCENT: EACH(w[i] -= rate * g;);
    case MOMENTUM: EACH(first[i] = m * first[i] + g; w[i] -= rate * first[i];);
    case NESTEROV: EACH(first[i] = m * first[i] + g; w[i] -= rate * (g + m * first[i]););
    case ADAM:
        for (int64_t i = 0; i < count; i += LANES) {
            int64_t lanes = count - i;
            vector g = load_some(gradients + i, lanes), value = load_some(w + i, lanes);
            vector mean = m * load_some(first + i, lanes) + new_m * g;
            vector square = s * load_some(second + i, lanes) + new_s * g * g;
            vector direction = mean_scale * mean * reciprocal(root(square_scale * square) + epsilon);
            store_some(first + i, mean, lanes);
            store_some(second + i, square, lanes);
            store_some(w + i, value - rate * (direction + decay * value), lanes);
        }
    }
}

static void add_penalty(const optimiser *o, const real *w, const real *gradients, real *to, int64_t count) {
    real l1 = (real)o->l1, l2 = (real)o->l2;
    for (int64_t i = 0; i < count; i++) to[i] = gradients[i] + l1 * (real)((w[i] > 0) - (w[i] < 0)) + 2 * l2 * w[i];
}

#define AT_ONCE 1024

void finish(const update *u, const layer *l, int64_t where, const real *gradients, int64_t count) {
    const optimiser *o = u->how;
    int are_weights = has_weights(l) && where >= l->weights && where < l->weights + weight_count(l);
    int penalised = are_weights && l->penalised;
    real decay = are_weights ? (real)o->decay : 0, own[AT_ONCE];
    for (int64_t from = 0; from < count; from += AT_ONCE) {
        int64_t some = smaller(AT_ONCE, count - from), at = where + from;
        const real *g = gradients + from;
        if (penalised) {
            add_penalty(o, u->parameters + at, g, own, some);
            g = own;
        }
        if (o->rule == KEEP_GRADIENTS)
            memmove(o->gradients + at, g, (size_t)some * sizeof *g);
        else
            change(u, u->parameters + at, o->first ? o->first + at : 0, o->second ? o->second + at : 0, g, some, decay);
    }
}

typedef struct {
    const optimiser *how;
    const real *weights;
    int64_t count;
    double *sums;
} summation;

#define SUMMED_AT_ONCE (1 << 14)

static void sum_part(void *argument, int64_t part, int thread) {
    (void)thread;
    const summation *s = argument;
    int64_t first = part * SUMMED_AT_ONCE, some = smaller(SUMMED_AT_ONCE, s->count - first);
    vector sizes = {0}, squares = {0};
    for (int64_t i = first; i < first + some; i += LANES) {
        vector w = load_some(s->weights + i, first + some - i);
        sizes += w * (1 + 2 * __builtin_convertvector(w < 0, vector)); /* a comparison gives -1 where it holds */
        squares += w * w;
    }
    s->sums[part] = s->how->l1 * (double)total(sizes) + s->how->l2 * (double)total(squares);
}

double penalty(const workspace *w, const optimiser *how, const real *parameters) {
    double sum = 0;
    for (int number = 0; number < w->count && (how->l1 || how->l2); number++) {
        const layer *l = &w->layers[number];
        if (!l->penalised) continue;
        int64_t parts = parts_of(weight_count(l), SUMMED_AT_ONCE);
        summation s = {how, parameters + l->weights, weight_count(l), malloc((size_t)parts * sizeof(double))};
        share(sum_part, &s, parts, w->threads);
        for (int64_t part = 0; part < parts; part++) sum += s.sums[part];
        free(s.sums);
    }
    return sum;
}
