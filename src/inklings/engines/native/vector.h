/* Numbers and vectors of them: what the compiler knows of this processor decides how wide they are.

   The same sources are compiled for float and for double, and once for each level of instructions. */
#ifndef VECTOR_H
#define VECTOR_H

#include <math.h>
#include <stdint.h>
#include <string.h>
#if defined(__AVX512F__)
#include <immintrin.h>
#endif

#ifndef REAL
#define REAL float
#endif
typedef REAL real;

/* ROWS by VECTORS accumulators of a product's tile fill the registers, and leave some for what is multiplied. */
#if defined(__AVX512F__)
#define VECTOR_BYTES 64
#define ROWS 14
#define DOTS 5
#elif defined(__AVX__)
#define VECTOR_BYTES 32
#define ROWS 6
#define DOTS 3
#elif defined(__aarch64__)
#define VECTOR_BYTES 16
#define ROWS 12
#define DOTS 5
#else
#define VECTOR_BYTES 16
#define ROWS 6
#define DOTS 3
#endif
#define VECTORS 2
#define LANES ((int64_t)(VECTOR_BYTES / sizeof(real)))

typedef real vector __attribute__((vector_size(VECTOR_BYTES)));
/* The same anywhere in memory. */
typedef real loose_vector __attribute__((vector_size(VECTOR_BYTES), aligned(sizeof(real)), may_alias));

/* Loops that are written out, so that their counters are known and what they count lies in registers; and loops that are
   not, where too much would lie there. Clang takes GCC's word for the first too late. */
#if defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#define ROLLED _Pragma("clang loop unroll(disable)")
#else
#define UNROLL _Pragma("GCC unroll 16")
#define ROLLED _Pragma("GCC unroll 1")
#endif

/* What Python calls; everything else keeps its name to itself, and no other library's takes its place. */
#if defined(_WIN32)
#define EXPORT __declspec(dllexport)
#else
#define EXPORT __attribute__((visibility("default")))
#endif
#define INLINE static inline __attribute__((always_inline))

INLINE vector load(const real *from) { return *(const loose_vector *)from; }

INLINE void store(real *to, vector values) { *(loose_vector *)to = values; }

INLINE vector fill(real value) { return value - (vector){0}; }

/* Store the first lanes alone. */
INLINE void store_some(real *to, vector values, int64_t lanes) {
    if (lanes >= LANES)
        store(to, values);
    else
        memcpy(to, &values, (size_t)lanes * sizeof(real));
}

/* Load the first lanes, and zeros. */
INLINE vector load_some(const real *from, int64_t lanes) {
    vector values = {0};
    if (lanes >= LANES) return load(from);
    memcpy(&values, from, (size_t)lanes * sizeof(real));
    return values;
}

INLINE real total(vector values) {
#if defined(__AVX512F__)
    if (sizeof(real) == sizeof(float)) return (real)_mm512_reduce_add_ps((__m512)values);
    return (real)_mm512_reduce_add_pd((__m512d)values);
#else
    real sum = 0;
    for (int64_t lane = 0; lane < LANES; lane++) sum += values[lane];
    return sum;
#endif
}

/* Root and reciprocal. The processor's own take longer than all else that Adam does to a number; from an estimate one
   step of Newton's iteration is right to float32's last digit or two. */
INLINE vector root(vector values) {
#if defined(__AVX512F__)
    if (sizeof(real) == sizeof(float)) {
        /* Zero has no estimate; of two operands one of which is NaN, this gives the second. */
        __m512 x = _mm512_max_ps(_mm512_set1_ps(1e-30f), (__m512)values);
        __m512 guess = _mm512_rsqrt14_ps(x), root = x * guess;
        root = root + 0.5f * guess * (x - root * root);
        return (vector)_mm512_mask_mov_ps(root, _mm512_cmp_ps_mask(x, _mm512_set1_ps(INFINITY), _CMP_EQ_OQ), x);
    }
#endif
    for (int64_t lane = 0; lane < LANES; lane++)
        values[lane] = sizeof(real) > 4 ? (real)sqrt((double)values[lane]) : (real)sqrtf((float)values[lane]);
    return values;
}

INLINE vector reciprocal(vector values) {
#if defined(__AVX512F__)
    if (sizeof(real) == sizeof(float)) {
        __m512 x = (__m512)values, guess = _mm512_rcp14_ps(x), better = guess * (2.0f - x * guess);
        return (vector)_mm512_mask_mov_ps(better, _mm512_cmp_ps_mask(x, _mm512_set1_ps(INFINITY), _CMP_EQ_OQ), guess);
    }
#endif
    return 1 / values;
}

/* How many parts of a size it takes to hold so many. */
INLINE int64_t parts_of(int64_t count, int64_t size) { return (count + size - 1) / size; }

/* So many numbers, and what fills the last vector up. */
INLINE int64_t whole_vectors(int64_t count) { return parts_of(count, LANES) * LANES; }

INLINE int64_t smaller(int64_t one, int64_t other) { return one < other ? one : other; }

#endif
