/* Layers that treat values one by one, or channels: activations, dropout, and the normalisation at rest. */
#include <math.h>

#include "layers.h"

/* exp in float by Cody and Waite's reduction and Cephes' polynomial (S. Moshier, expf.c): right to 2 units in the last
   place, and in vectors, which the C library's is not. */
INLINE real power(real x) {
    if (sizeof(real) > 4) return (real)exp((double)x);
    float bounded = x < -87.3f ? -87.3f : x > 88.0f ? 88.0f : (float)x;
    float whole = rintf(bounded * 1.44269504088896341f);
    float rest = bounded - whole * 0.693359375f + whole * 2.12194440e-4f;
    float sum = 1.9875691500e-4f;
    sum = sum * rest + 1.3981999507e-3f;
    sum = sum * rest + 8.3334519073e-3f;
    sum = sum * rest + 4.1665795894e-2f;
    sum = sum * rest + 1.6666665459e-1f;
    sum = sum * rest + 5.0000001201e-1f;
    sum = sum * rest * rest + rest + 1;
    union {
        int32_t bits;
        float value;
    } scale = {.bits = ((int32_t)whole + 127) << 23};
    return (real)(sum * scale.value);
}

INLINE real hyperbolic_tangent(real x) {
    if (sizeof(real) > 4) return (real)tanh((double)x);
    /* Near zero the quotient loses digits that a few terms of the series keep. */
    real square = x * x;
    real near_zero = x * (1 + square * ((real)-1 / 3 + square * ((real)2 / 15 - square * (real)17 / 315)));
    real elsewhere = 1 - 2 / (power(2 * x) + 1);
    return square < (real)0.02 ? near_zero : elsewhere;
}

INLINE real exponential_less_one(real x) {
    if (sizeof(real) > 4) return (real)expm1((double)x);
    real near_zero = x * (1 + x * ((real)1 / 2 + x * ((real)1 / 6 + x * ((real)1 / 24 + x / 120))));
    return x > (real)-0.1 ? near_zero : power(x) - 1;
}

static void softmax(real *row, int64_t width) {
    real largest = row[0], sum = 0;
    for (int64_t i = 1; i < width; i++) largest = row[i] > largest ? row[i] : largest;
    for (int64_t i = 0; i < width; i++) row[i] = power(row[i] - largest);
    for (int64_t i = 0; i < width; i++) sum += row[i];
    for (int64_t i = 0; i < width; i++) row[i] /= sum;
}

#define EACH(expression)                    \
    for (int64_t i = 0; i < count; i++) {      \
        real x = values[i];                 \
        values[i] = (expression);           \
    }                                       \
    break

void activate(int activation, real *values, int64_t count, int64_t width) {
    switch (activation) {
    case RELU: EACH(x < 0 ? 0 : x); /* NaN stays NaN */
    case LEAKY_RELU: EACH(x > 0 ? x : (real)0.01 * x);
    case ELU: EACH(x > 0 ? x : exponential_less_one(x > 0 ? 0 : x));
    case SIGMOID: EACH(1 / (1 + power(-x)));
    case TANH: EACH(hyperbolic_tangent(x));
    case SOFTMAX:
        for (int64_t i = 0; i < count; i += width) softmax(values + i, width);
    }
}

#define EACH_BACK(derivative)          \
    for (int64_t i = 0; i < count; i++) { \
        real own = y[i];               \
        dy[i] *= (derivative);         \
    }                                  \
    break

void activate_back(int activation, const real *y, real *dy, int64_t count) {
    switch (activation) {
    case RELU:
        for (int64_t i = 0; i < count; i++) dy[i] = y[i] > 0 ? dy[i] : 0;
        break;
    case LEAKY_RELU: EACH_BACK(own > 0 ? 1 : (real)0.01);
    case ELU: EACH_BACK(own > 0 ? 1 : own + 1);
    case SIGMOID: EACH_BACK(own * (1 - own));
    case TANH: EACH_BACK(1 - own * own);
    }
}

/* The hash of `randomness.py`: C. Wellons' lowbias32. */
INLINE uint32_t mix(uint32_t x, uint32_t key) {
    x = ((x ^ x >> 16) * 0x7FEB352Du) ^ key;
    x = (x ^ x >> 15) * 0x846CA68Bu;
    return x ^ x >> 16;
}

void drop(const layer *l, uint32_t step, int64_t place, const real *x, real *y, uint8_t *kept, int64_t count) {
    uint32_t offset = mix(step * 0x9E3779B9u + l->keys[0], 0), key = l->keys[1], threshold = l->threshold;
    real scale = (real)l->scale;
    for (int64_t i = 0; i < count; i++) {
        int keeps = mix(((uint32_t)place + (uint32_t)i) ^ offset, key) >= threshold;
        kept[i] = (uint8_t)keeps;
        y[i] = keeps ? x[i] * scale : 0;
    }
}

void drop_back(const layer *l, const uint8_t *kept, const real *dy, real *dx, int64_t count) {
    real scale = (real)l->scale;
    for (int64_t i = 0; i < count; i++) dx[i] = kept[i] ? dy[i] * scale : 0;
}

void normalise(const layer *l, const real *parameters, const real *x, real *y, int64_t pixels) {
    const real *scale = parameters + l->weights, *shift = parameters + l->biases;
    const real *mean = parameters + l->mean, *variance = parameters + l->variance;
    int64_t channels = l->filters;
    for (int64_t pixel = 0; pixel < pixels; pixel++)
        for (int64_t c = 0; c < channels; c++) {
            real deviation = (real)sqrt((double)variance[c] + l->epsilon);
            y[pixel * channels + c] = (x[pixel * channels + c] - mean[c]) / deviation * scale[c] + shift[c];
        }
}
