/* exp, log and log1p of doubles, and powers with whole exponents, by additions, multiplications and divisions alone.

   The C library's own differ with the library, its version and the processor (glibc takes other code where there is
   FMA). These give the same bits wherever the code is compiled without FMA, as that of level 0 is on x86-64
   (docs/decisions/0035). Within two units in the last place; what the loss needs of them, not more. */
#ifndef PORTABLE_MATH_H
#define PORTABLE_MATH_H

#include <stdint.h>

#include "vector.h"

/* ln 2 in two parts: the first has 32 bits, so that up to 2^20 times it is exact (Cody and Waite, 1980). */
#define LN2_HIGH 6.93147180369123816490e-01
#define LN2_LOW 1.90821492927058770002e-10

typedef union {
    double value;
    int64_t bits;
} DoubleBits;

/* 1/k!, and 1/k for odd k: divided by the compiler, once. */
static const double TAYLOR[] = {1.0 / 6227020800, 1.0 / 479001600, 1.0 / 39916800, 1.0 / 3628800, 1.0 / 362880,
                                1.0 / 40320,      1.0 / 5040,      1.0 / 720,      1.0 / 120,     1.0 / 24,
                                1.0 / 6,          1.0 / 2,         1,              1};
static const double ODD[] = {1.0 / 23, 1.0 / 21, 1.0 / 19, 1.0 / 17, 1.0 / 15, 1.0 / 13,
                             1.0 / 11, 1.0 / 9,  1.0 / 7,  1.0 / 5,  1.0 / 3};

/* exp(x) for x <= 0, as 2^n exp(r) with |r| <= ln 2 / 2, where Taylor's series to r^13 is right to 4e-18. */
INLINE double exp_negative(double x) {
    if (!(x > -708)) return x < 0 ? 0 : x; /* 2^n would be no normal number; NaN stays NaN */
    int64_t n = (int64_t)(x * 1.44269504088896340736 - 0.5);
    double r = (x - (double)n * LN2_HIGH) - (double)n * LN2_LOW, sum = 0;
    for (int k = 0; k < 14; k++) sum = sum * r + TAYLOR[k];
    DoubleBits scale = {.bits = (n + 1023) << 52};
    return sum * scale.value;
}

/* log((1 + s) / (1 - s)) = 2 (s + s^3/3 + s^5/5 + ...), to s^23: right to 1e-18 for |s| <= 0.172. */
INLINE double log_ratio(double s) {
    double square = s * s, sum = 0;
    for (int k = 0; k < 11; k++) sum = (sum + ODD[k]) * square;
    return 2 * (s + s * sum);
}

/* log(x) for x >= 1, as n ln 2 + log(m) with m between the roots of 1/2 and 2. */
INLINE double log_above_one(double x) {
    if (!(x < (double)INFINITY)) return x; /* NaN too */
    DoubleBits parts = {.value = x};
    int64_t n = (parts.bits >> 52) - 1023;
    parts.bits -= n << 52;
    double m = parts.value;
    if (m > 1.41421356237309504880) m /= 2, n++;
    return (double)n * LN2_HIGH + (log_ratio((m - 1) / (m + 1)) + (double)n * LN2_LOW);
}

/* log(1 + x) for 0 <= x <= 1, without adding x to 1, which would lose its last digits. */
INLINE double log1p_fraction(double x) {
    if (x > 0.41421356237309504880) return LN2_HIGH + (log_ratio((x - 1) / (x + 3)) + LN2_LOW);
    return log_ratio(x / (2 + x));
}

/* base^exponent for a whole exponent >= 0, by squaring. */
INLINE double whole_power(double base, int64_t exponent) {
    double power = 1;
    for (; exponent; exponent >>= 1, base *= base)
        if (exponent & 1) power *= base;
    return power;
}

#endif
