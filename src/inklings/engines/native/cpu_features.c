/* Which of the library's builds suits this processor. Compiled for any processor of its family, and called before
   anything else is.

   The processor itself is asked, by cpuid. `__builtin_cpu_supports` reads a table that libgcc's or compiler-rt's
   start-up code fills in; linked by zig it stays empty, every answer is no, and training silently takes three times
   as long. */
#include "vector.h"

#if defined(__x86_64__)
#include <cpuid.h>

/* Bits as in Intel's Software Developer's Manual, volume 2A, "CPUID", and volume 1, 13.3. */
enum { FMA = 1 << 12, OSXSAVE = 1 << 27 };                     /* leaf 1, ecx */
enum { BMI1 = 1 << 3, AVX2 = 1 << 5, BMI2 = 1 << 8 };          /* leaf 7, ebx */
enum { AVX512F = 1 << 16, AVX512DQ = 1 << 17, AVX512CD = 1 << 28, AVX512BW = 1 << 30 };
#define AVX512VL (1u << 31)
enum { YMM_STATE = 0x06, ZMM_STATE = 0xE6 };                   /* XCR0 */

/* Which registers the operating system saves when it switches threads. Without that, wide vectors fault. */
static uint32_t saved_state(void) {
    uint32_t low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
#if defined(__APPLE__)
    /* macOS begins to save AVX-512's registers at a thread's first use of them, and sets their bits only then. */
    if ((low & YMM_STATE) == YMM_STATE) low |= ZMM_STATE;
#endif
    return low;
}

static int has_all(uint32_t found, uint32_t wanted) { return (found & wanted) == wanted; }

EXPORT int processor_level(void) {
    uint32_t eax, ebx, ecx, edx;
    if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx) || !has_all(ecx, FMA | OSXSAVE)) return 0;
    uint32_t saved = saved_state();
    if (!has_all(saved, YMM_STATE) || !__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx)) return 0;
    if (!has_all(ebx, AVX2 | BMI1 | BMI2)) return 0;
    int has_avx512 = has_all(ebx, AVX512F | AVX512DQ | AVX512CD | AVX512BW | AVX512VL) && has_all(saved, ZMM_STATE);
    return has_avx512 ? 4 : 3;
}
#else
EXPORT int processor_level(void) { return 0; }
#endif

/* The level that this library was compiled for. 4: AVX-512 as in x86-64-v4; 3: AVX2 with fused multiply-add as in
   x86-64-v3; 0: what every processor of the family has (SSE2, or NEON on ARM). */
EXPORT int compiled_level(void) {
#if defined(__AVX512F__)
    return 4;
#elif defined(__AVX2__)
    return 3;
#else
    return 0;
#endif
}
