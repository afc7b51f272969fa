/* Numbers, and SIMD vectors of them.

   The same sources are compiled twice per level of instructions, with REAL=float and with REAL=double. Code is written
   in GCC's and clang's vector extensions, so that one text serves SSE2, AVX2, AVX-512 and NEON; the few intrinsics are
   for what the extensions cannot say. How wide a vector is follows from what the compiler may use (-mavx512f and
   so on). */
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

/* The register tiles of matrix products (gemm.c): TILE_ROWS x TILE_VECTORS accumulators fill the register file and
   leave room for a row of B and a broadcast of A: 14 x 2 + 2 + 1 of AVX-512's 32 registers, 6 x 2 + 2 + 1 of the 16 that
   AVX2 and SSE have, 12 x 2 + 2 of NEON's 32 and some for A. DOT_TILE x DOT_TILE is the same for products of rows with
   rows. */
#if defined(__AVX512F__)
#define VECTOR_BYTES 64
#define TILE_ROWS 14
#define DOT_TILE 5
#elif defined(__AVX__)
#define VECTOR_BYTES 32
#define TILE_ROWS 6
#define DOT_TILE 3
#elif defined(__aarch64__)
#define VECTOR_BYTES 16
#define TILE_ROWS 12
#define DOT_TILE 5
#else
#define VECTOR_BYTES 16
#define TILE_ROWS 6
#define DOT_TILE 3
#endif
#define TILE_VECTORS 2
#define LANES ((int64_t)(VECTOR_BYTES / sizeof(real)))

typedef real vector __attribute__((vector_size(VECTOR_BYTES)));
/* The same type at any address, which may alias arrays of `real`. */
typedef real unaligned_vector __attribute__((vector_size(VECTOR_BYTES), aligned(sizeof(real)), may_alias));

/* UNROLL: the loop is written out, so that indices are constants and the array it runs over lives in registers.
   ROLLED: it is not, where the array is too large for that. Clang obeys GCC's pragma too late in its pipeline. */
#if defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#define ROLLED _Pragma("clang loop unroll(disable)")
#else
#define UNROLL _Pragma("GCC unroll 16")
#define ROLLED _Pragma("GCC unroll 1")
#endif

/* What Python calls. Everything else is hidden (-fvisibility=hidden), so that no other library's symbol of the same
   name can take its place. */
#if defined(_WIN32)
#define EXPORT __declspec(dllexport)
#else
#define EXPORT __attribute__((visibility("default")))
#endif
#define INLINE static inline __attribute__((always_inline))

INLINE vector load(const real *from) { return *(const unaligned_vector *)from; }

INLINE void store(real *to, vector values) { *(unaligned_vector *)to = values; }

INLINE vector broadcast(real value) { return value - (vector){0}; }

/* Store the first lanes only. */
INLINE void store_partial(real *to, vector values, int64_t lanes) {
    if (lanes >= LANES)
        store(to, values);
    else
        memcpy(to, &values, (size_t)lanes * sizeof(real));
}

/* Load the first lanes; the others are zero. */
INLINE vector load_partial(const real *from, int64_t lanes) {
    vector values = {0};
    if (lanes >= LANES) return load(from);
    memcpy(&values, from, (size_t)lanes * sizeof(real));
    return values;
}

INLINE real horizontal_sum(vector values) {
#if defined(__AVX512F__)
    if (sizeof(real) == sizeof(float)) return (real)_mm512_reduce_add_ps((__m512)values);
    return (real)_mm512_reduce_add_pd((__m512d)values);
#else
    real sum = 0;
    for (int64_t lane = 0; lane < LANES; lane++) sum += values[lane];
    return sum;
#endif
}

/* Square root and reciprocal for Adam, where the exact instructions would take longer than everything else together.
   The processor's 14-bit estimate and one step of Newton's iteration are right to the last digit or two of float32. */
INLINE vector vector_sqrt(vector values) {
#if defined(__AVX512F__)
    if (sizeof(real) == sizeof(float)) {
        /* The estimate at zero is infinite, so zero becomes tiny first. If one operand of max is NaN it returns the
           second, which keeps NaN. */
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

INLINE vector vector_reciprocal(vector values) {
#if defined(__AVX512F__)
    if (sizeof(real) == sizeof(float)) {
        /* Newton's step makes inf * 0 = NaN of infinity; the estimate, 0, is right there. */
        __m512 x = (__m512)values, guess = _mm512_rcp14_ps(x), better = guess * (2.0f - x * guess);
        return (vector)_mm512_mask_mov_ps(better, _mm512_cmp_ps_mask(x, _mm512_set1_ps(INFINITY), _CMP_EQ_OQ), guess);
    }
#endif
    return 1 / values;
}

/* count / size, rounded up. */
INLINE int64_t ceil_div(int64_t count, int64_t size) { return (count + size - 1) / size; }

/* A count of numbers, rounded up to whole vectors. */
INLINE int64_t whole_vectors(int64_t count) { return ceil_div(count, LANES) * LANES; }

INLINE int64_t minimum(int64_t a, int64_t b) { return a < b ? a : b; }
INLINE int64_t maximum(int64_t a, int64_t b) { return a > b ? a : b; }

#endif
