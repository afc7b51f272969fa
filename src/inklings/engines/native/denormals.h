/* Denormal numbers, smaller than about 1e-38 in float32. Some processors take a hundred times longer to compute with
   them, and moments of gradients that have become zero decay into them. Here they count as zero. */
#ifndef DENORMALS_H
#define DENORMALS_H

#include <stdint.h>

/* Flush denormals to zero in this thread; return the setting before, for `restore_denormals`. Python's own arithmetic
   runs in the same thread and has to find the processor as it left it. */
uint64_t flush_denormals(void);
void restore_denormals(uint64_t before);

#endif
