/* Layers that treat each value by itself: activations and dropout.

   In float32 the transcendental functions are short polynomials, written so that the compiler turns their loops into
   vectors; calls into the C library would run one value at a time. In float64, which is for checking, the C library's
   functions are used. `sizeof(real) > 4` is a constant, so only one of the two remains. */
#include <math.h>

#include "layers.h"

/* exp by Cody and Waite's range reduction, exp(x) = 2^n exp(r) with |r| <= ln 2 / 2, and Cephes' polynomial for exp(r)
   (S. Moshier, expf.c): within 2 units in the last place. ln 2 is subtracted in two parts, of which the first times n is
   exact. */
INLINE real fast_exp(real x) {
    if (sizeof(real) > 4) return (real)exp((double)x);
    float bounded = x < (real)-87.3f ? -87.3f : x > (real)88.0f ? 88.0f : (float)x; /* so that 2^n is a normal number */
    float n = rintf(bounded * 1.44269504088896341f);
    float r = bounded - n * 0.693359375f + n * 2.12194440e-4f;
    float sum = 1.9875691500e-4f;
    sum = sum * r + 1.3981999507e-3f;
    sum = sum * r + 8.3334519073e-3f;
    sum = sum * r + 4.1665795894e-2f;
    sum = sum * r + 1.6666665459e-1f;
    sum = sum * r + 5.0000001201e-1f;
    sum = sum * r * r + r + 1;
    int32_t exponent = n >= -126 ? (int32_t)n : 0; /* always true but for NaN, which is no integer; sum is NaN then */
    union {
        int32_t bits;
        float value;
    } scale = {.bits = (exponent + 127) << 23}; /* 2^n, by its exponent's bits */
    return (real)(sum * scale.value);
}

INLINE real fast_tanh(real x) {
    if (sizeof(real) > 4) return (real)tanh((double)x);
    /* 1 - 2 / (e^2x + 1) cancels near zero, where a few terms of the series keep the digits. */
    real square = x * x;
    real near_zero = x * (1 + square * ((real)-1 / 3 + square * ((real)2 / 15 - square * (real)17 / 315)));
    real elsewhere = 1 - 2 / (fast_exp(2 * x) + 1);
    return square < (real)0.02 ? near_zero : elsewhere;
}

INLINE real fast_expm1(real x) {
    if (sizeof(real) > 4) return (real)expm1((double)x);
    real near_zero = x * (1 + x * ((real)1 / 2 + x * ((real)1 / 6 + x * ((real)1 / 24 + x / 120))));
    return x > (real)-0.1 ? near_zero : fast_exp(x) - 1;
}

static void softmax(real *row, int64_t width) {
    real largest = row[0], sum = 0;
    for (int64_t i = 1; i < width; i++) largest = row[i] > largest ? row[i] : largest;
    for (int64_t i = 0; i < width; i++) row[i] = fast_exp(row[i] - largest);
    for (int64_t i = 0; i < width; i++) sum += row[i];
    for (int64_t i = 0; i < width; i++) row[i] /= sum;
}

#define EACH(expression)                  \
    for (int64_t i = 0; i < count; i++) { \
        real x = values[i];               \
        values[i] = (expression);         \
    }                                     \
    break

void activation_forward(int activation, real *values, int64_t count, int64_t width) {
    switch (activation) {
    case RELU: EACH(x < 0 ? 0 : x); /* NaN stays NaN, so that a diverged loss is noticed */
    case LEAKY_RELU: EACH(x > 0 ? x : (real)0.01 * x);
    case ELU: EACH(x > 0 ? x : fast_expm1(x > 0 ? 0 : x));
    case SIGMOID: EACH(1 / (1 + fast_exp(-x)));
    case TANH: EACH(fast_tanh(x));
    case SOFTMAX:
        for (int64_t i = 0; i < count; i += width) softmax(values + i, width);
    }
}

#define EACH_GRADIENT(derivative)         \
    for (int64_t i = 0; i < count; i++) { \
        real own = y[i];                  \
        dy[i] *= (derivative);            \
    }                                     \
    break

/* There is no case for softmax: it is only ever the last activation, whose derivative is part of the loss's. */
void activation_backward(int activation, const real *y, real *dy, int64_t count) {
    switch (activation) {
    case RELU:
        for (int64_t i = 0; i < count; i++) dy[i] = y[i] > 0 ? dy[i] : 0;
        break;
    case LEAKY_RELU: EACH_GRADIENT(own > 0 ? 1 : (real)0.01);
    case ELU: EACH_GRADIENT(own > 0 ? 1 : own + 1);
    case SIGMOID: EACH_GRADIENT(own * (1 - own));
    case TANH: EACH_GRADIENT(1 - own * own);
    }
}

/* C. Wellons' lowbias32 with a key mixed in, as in `randomness.py`. A hash of a value's position needs no state, so any
   thread can draw any part of the mask. */
INLINE uint32_t hash32(uint32_t x, uint32_t key) {
    x = ((x ^ x >> 16) * 0x7FEB352Du) ^ key;
    x = (x ^ x >> 15) * 0x846CA68Bu;
    return x ^ x >> 16;
}

void dropout_forward(const Layer *l, uint32_t step, int64_t position, const real *x, real *y, uint8_t *mask,
                     int64_t count) {
    uint32_t offset = hash32(step * 0x9E3779B9u + l->dropout_keys[0], 0);
    uint32_t key = l->dropout_keys[1], threshold = l->dropout_threshold;
    real scale = (real)l->dropout_scale;
    for (int64_t i = 0; i < count; i++) {
        int is_kept = hash32(((uint32_t)position + (uint32_t)i) ^ offset, key) >= threshold;
        mask[i] = (uint8_t)is_kept;
        y[i] = is_kept ? x[i] * scale : 0;
    }
}

void dropout_backward(const Layer *l, const uint8_t *mask, const real *dy, real *dx, int64_t count) {
    real scale = (real)l->dropout_scale;
    for (int64_t i = 0; i < count; i++) dx[i] = mask[i] ? dy[i] * scale : 0;
}
