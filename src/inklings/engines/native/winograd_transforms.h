/* The transforms of Winograd's algorithm (winograd.h) in one direction, on 6 vectors, each of which holds the same place
   of LANES channels; and the macro that applies one along both sides of a tile.

   In Lavin and Gray's notation y = A' [(G g) * (B' d)]: `transform_inputs` is B', `evaluate` is G for kernels and the
   transpose of A' for gradients, `add_powers` is A' for outputs and the transpose of G for the kernels' gradients. G's
   rows carry the denominators of interpolation. */
#ifndef WINOGRAD_TRANSFORMS_H
#define WINOGRAD_TRANSFORMS_H

#include "vector.h"

#define POINTS 6 /* in one direction */

/* The points besides 0 and infinity are POINT_1 and POINT_2, and their negatives: at x and -x a polynomial's even powers
   make the same sum and its odd ones the opposite, so each is computed once, then added and subtracted. */
#define POINT_1 ((real)0.75)
#define POINT_2 ((real)1.5)
/* What interpolation divides by: for each point the product of its differences from the others. Exact in binary. */
#define DENOMINATOR_0 ((real)1.265625)
#define DENOMINATOR_1 ((real)-1.8984375)
#define DENOMINATOR_2 ((real)7.59375)

INLINE real power_of(real base, const int power) {
    real result = 1;
    UNROLL for (int i = 0; i < power; i++) result *= base;
    return result;
}

/* Evaluate a polynomial of `count` coefficients at all points; at infinity that is the last coefficient. */
INLINE void evaluate(const int count, const vector *coefficients, const int divides, vector *values) {
    vector even[2] = {coefficients[0], coefficients[0]}, odd[2] = {{0}, {0}};
    UNROLL for (int k = 1; k < count; k++) {
        vector *sums = k % 2 ? odd : even;
        sums[0] += power_of(POINT_1, k) * coefficients[k];
        sums[1] += power_of(POINT_2, k) * coefficients[k];
    }
    const real scale_0 = divides ? 1 / DENOMINATOR_0 : 1, scale_1 = divides ? 1 / DENOMINATOR_1 : 1;
    const real scale_2 = divides ? 1 / DENOMINATOR_2 : 1;
    values[0] = coefficients[0] * scale_0;
    values[1] = (even[0] + odd[0]) * scale_1;
    values[2] = (even[0] - odd[0]) * scale_1;
    values[3] = (even[1] + odd[1]) * scale_2;
    values[4] = (even[1] - odd[1]) * scale_2;
    values[5] = coefficients[count - 1];
}

/* The transpose of `evaluate`: for each power k, the sum over the points of the point's k-th power times the value
   there. */
INLINE void add_powers(const int count, const vector *values, const int divides, vector *sums) {
    const real scale_0 = divides ? 1 / DENOMINATOR_0 : 1, scale_1 = divides ? 1 / DENOMINATOR_1 : 1;
    const real scale_2 = divides ? 1 / DENOMINATOR_2 : 1;
    vector even[2] = {(values[1] + values[2]) * scale_1, (values[3] + values[4]) * scale_2};
    vector odd[2] = {(values[1] - values[2]) * scale_1, (values[3] - values[4]) * scale_2};
    sums[0] = values[0] * scale_0 + even[0] + even[1];
    UNROLL for (int k = 1; k < count; k++) {
        vector *parts = k % 2 ? odd : even;
        sums[k] = power_of(POINT_1, k) * parts[0] + power_of(POINT_2, k) * parts[1];
    }
    sums[count - 1] += values[5];
}

/* What 6 inputs become: sums with the coefficients of the polynomials that vanish at all points but one. */
INLINE void transform_inputs(const vector *x, vector *values) {
    const real square_1 = POINT_1 * POINT_1, square_2 = POINT_2 * POINT_2;
    values[0] = square_1 * square_2 * x[0] - (square_1 + square_2) * x[2] + x[4];
    vector even = x[4] - square_2 * x[2], odd = POINT_1 * (x[3] - square_2 * x[1]);
    values[1] = even + odd;
    values[2] = even - odd;
    even = x[4] - square_1 * x[2];
    odd = POINT_2 * (x[3] - square_1 * x[1]);
    values[3] = even + odd;
    values[4] = even - odd;
    values[5] = square_1 * square_2 * x[1] - (square_1 + square_2) * x[3] + x[5];
}

enum { INPUTS, KERNELS, OUTPUTS, KERNELS_BACKWARD, OUTPUTS_BACKWARD };

/* One row or column of a tile, for kernels of size x size. */
INLINE void transform(const int what, const int size, const vector *from, vector *to) {
    switch (what) {
    case INPUTS: transform_inputs(from, to); break;
    case KERNELS: evaluate(size, from, 1, to); break;
    case OUTPUTS: add_powers(POINTS + 1 - size, from, 0, to); break;
    case KERNELS_BACKWARD: add_powers(size, from, 1, to); break;
    case OUTPUTS_BACKWARD: evaluate(POINTS + 1 - size, from, 0, to);
    }
}

/* Transform a tile of before x before vectors into after x after. `FROM(i, j)` returns a vector, `TO(i, j, values)` takes
   one. A macro, since both depend on the caller's variables. The outer loops stay loops: 36 vectors at once are more
   than there are registers. */
#define TRANSFORM(what, size, before, after, FROM, TO)                      \
    do {                                                                    \
        vector half[POINTS][POINTS], line[POINTS], done[POINTS];            \
        ROLLED for (int j = 0; j < (before); j++) {                         \
            UNROLL for (int i = 0; i < (before); i++) line[i] = FROM(i, j); \
            transform(what, size, line, done);                              \
            UNROLL for (int i = 0; i < (after); i++) half[i][j] = done[i];  \
        }                                                                   \
        ROLLED for (int i = 0; i < (after); i++) {                          \
            transform(what, size, half[i], done);                           \
            UNROLL for (int j = 0; j < (after); j++) TO(i, j, done[j]);     \
        }                                                                   \
    } while (0)

#endif
