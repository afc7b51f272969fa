/* Flush to zero and denormals are zero: two bits of a thread's own control register. */
#include "threads.h"

#if defined(__SSE2__)
#include <immintrin.h>
uint64_t begin_flushing(void) {
    unsigned before = _mm_getcsr();
    _mm_setcsr(before | 0x8040);
    return before;
}
void end_flushing(uint64_t before) { _mm_setcsr((unsigned)before); }
#elif defined(__aarch64__)
uint64_t begin_flushing(void) {
    uint64_t before;
    __asm__ volatile("mrs %0, fpcr" : "=r"(before));
    __asm__ volatile("msr fpcr, %0" ::"r"(before | (uint64_t)1 << 24));
    return before;
}
void end_flushing(uint64_t before) { __asm__ volatile("msr fpcr, %0" ::"r"(before)); }
#else
uint64_t begin_flushing(void) { return 0; }
void end_flushing(uint64_t before) { (void)before; }
#endif
