/* The transforms of Winograd's algorithm (winograd.h) in one direction, on 6 or 7 vectors, each of which holds the same
   place of LANES channels; and the macro that applies one along both sides of a tile.

   In Lavin and Gray's notation y = A' [(G g) * (B' d)]: `transform_inputs` is B', `evaluate` is G for kernels and the
   transpose of A' for gradients, `add_powers` is A' for outputs and the transpose of G for the kernels' gradients. G's
   rows carry the denominators of interpolation. */
#ifndef WINOGRAD_TRANSFORMS_H
#define WINOGRAD_TRANSFORMS_H

#include "vector.h"

#define MAX_POINTS 7 /* in one direction */

/* The finite points: 0, a, -a, b, -b, and with 7 points c; infinity is the last one. At x and -x a polynomial's even powers
   make the same sum and its odd ones the opposite, so each is computed once, then added and subtracted. All numbers are
   constants wherever these functions are inlined. */
INLINE real point(const int points, const int number) {
    const real a = points == 7 ? (real)0.625 : (real)0.75, b = points == 7 ? (real)1 : (real)1.5, c = (real)2.5;
    const real places[] = {0, a, -a, b, -b, c};
    return places[number];
}

/* What interpolation divides by: the product of a point's differences from the other finite ones. */
INLINE real denominator(const int points, const int number) {
    real product = 1;
    UNROLL for (int other = 0; other < points - 1; other++)
        if (other != number) product *= point(points, number) - point(points, other);
    return product;
}

INLINE real power_of(real base, const int power) {
    real result = 1;
    UNROLL for (int i = 0; i < power; i++) result *= base;
    return result;
}

/* Evaluate a polynomial of `count` coefficients at all points; at infinity that is the last coefficient. */
INLINE void evaluate(const int count, const int points, const vector *coefficients, const int divides, vector *values) {
    values[0] = coefficients[0];
    UNROLL for (int pair = 0; pair < 2; pair++) {
        vector even = coefficients[0], odd = {0};
        UNROLL for (int k = 1; k < count; k++) *(k % 2 ? &odd : &even) +=
            power_of(point(points, 1 + 2 * pair), k) * coefficients[k];
        values[1 + 2 * pair] = even + odd;
        values[2 + 2 * pair] = even - odd;
    }
    if (points == 7) {
        vector sum = coefficients[0];
        UNROLL for (int k = 1; k < count; k++) sum += power_of(point(7, 5), k) * coefficients[k];
        values[5] = sum;
    }
    if (divides) {
        UNROLL for (int i = 0; i < points - 1; i++) values[i] = values[i] * (1 / denominator(points, i));
    }
    values[points - 1] = coefficients[count - 1];
}

/* The transpose of `evaluate`: for each power k, the sum over the points of the point's k-th power times the value
   there. */
INLINE void add_powers(const int count, const int points, const vector *values, const int divides, vector *sums) {
    vector scaled[MAX_POINTS];
    UNROLL for (int i = 0; i < points - 1; i++) scaled[i] =
        divides ? values[i] * (1 / denominator(points, i)) : values[i];
    vector even[2] = {scaled[1] + scaled[2], scaled[3] + scaled[4]};
    vector odd[2] = {scaled[1] - scaled[2], scaled[3] - scaled[4]};
    sums[0] = scaled[0] + even[0] + even[1];
    UNROLL for (int k = 1; k < count; k++) {
        vector *parts = k % 2 ? odd : even;
        sums[k] = power_of(point(points, 1), k) * parts[0] + power_of(point(points, 3), k) * parts[1];
    }
    if (points == 7) {
        UNROLL for (int k = 0; k < count; k++) sums[k] += power_of(point(7, 5), k) * scaled[5];
    }
    sums[count - 1] += values[points - 1];
}

/* What inputs become: sums with the coefficients of the polynomials that vanish at all points but one. With a factor
   x - c more than 6 points have, those of 7 are the same sums of differences; the one that vanishes at all but c has not
   got it. */
INLINE void transform_inputs(const int points, const vector *inputs, vector *values) {
    const real a = point(points, 1), b = point(points, 3), square_1 = a * a, square_2 = b * b;
    vector x[6];
    UNROLL for (int i = 0; i < 6; i++) x[i] = points == 7 ? inputs[i + 1] - point(7, 5) * inputs[i] : inputs[i];
    values[0] = square_1 * square_2 * x[0] - (square_1 + square_2) * x[2] + x[4];
    vector even = x[4] - square_2 * x[2], odd = a * (x[3] - square_2 * x[1]);
    values[1] = even + odd;
    values[2] = even - odd;
    even = x[4] - square_1 * x[2];
    odd = b * (x[3] - square_1 * x[1]);
    values[3] = even + odd;
    values[4] = even - odd;
    if (points == 7) values[5] = square_1 * square_2 * inputs[1] - (square_1 + square_2) * inputs[3] + inputs[5];
    values[points - 1] = square_1 * square_2 * x[1] - (square_1 + square_2) * x[3] + x[5];
}

enum { INPUTS, KERNELS, OUTPUTS, KERNELS_BACKWARD, OUTPUTS_BACKWARD };

/* One row or column of a tile, for kernels of size x size. */
INLINE void transform(const int what, const int size, const int points, const vector *from, vector *to) {
    switch (what) {
    case INPUTS: transform_inputs(points, from, to); break;
    case KERNELS: evaluate(size, points, from, 1, to); break;
    case OUTPUTS: add_powers(points + 1 - size, points, from, 0, to); break;
    case KERNELS_BACKWARD: add_powers(size, points, from, 1, to); break;
    case OUTPUTS_BACKWARD: evaluate(points + 1 - size, points, from, 0, to);
    }
}

/* Transform a tile of before x before vectors into after x after. `FROM(i, j)` returns a vector, `TO(i, j, values)` takes
   one. A macro, since both depend on the caller's variables. The outer loops stay loops: 36 vectors at once, or 49, are
   more than there are registers. */
#define TRANSFORM(what, size, points, before, after, FROM, TO)              \
    do {                                                                    \
        vector half[MAX_POINTS][MAX_POINTS], line[MAX_POINTS], done[MAX_POINTS]; \
        ROLLED for (int j = 0; j < (before); j++) {                         \
            UNROLL for (int i = 0; i < (before); i++) line[i] = FROM(i, j); \
            transform(what, size, points, line, done);                              \
            UNROLL for (int i = 0; i < (after); i++) half[i][j] = done[i];  \
        }                                                                   \
        ROLLED for (int i = 0; i < (after); i++) {                          \
            transform(what, size, points, half[i], done);                           \
            UNROLL for (int j = 0; j < (after); j++) TO(i, j, done[j]);     \
        }                                                                   \
    } while (0)

#endif
