/* Bits of a thread's control register: 15 (results are flushed to zero) and 6 (operands count as zero) of x86's MXCSR,
   24 (both) of ARM's FPCR. */
#include "denormals.h"

#if defined(__SSE2__)
#include <immintrin.h>
uint64_t flush_denormals(void) {
    unsigned before = _mm_getcsr();
    _mm_setcsr(before | 0x8040);
    return before;
}
void restore_denormals(uint64_t before) { _mm_setcsr((unsigned)before); }
#elif defined(__aarch64__)
uint64_t flush_denormals(void) {
    uint64_t before;
    __asm__ volatile("mrs %0, fpcr" : "=r"(before));
    __asm__ volatile("msr fpcr, %0" ::"r"(before | (uint64_t)1 << 24));
    return before;
}
void restore_denormals(uint64_t before) { __asm__ volatile("msr fpcr, %0" ::"r"(before)); }
#else
uint64_t flush_denormals(void) { return 0; }
void restore_denormals(uint64_t before) { (void)before; }
#endif
