/* Work shared among the cores. */
#ifndef THREADS_H
#define THREADS_H

#include <stdint.h>

/* `part` is which of the parts is to be done, `thread` the number of the one that does it, from 0. */
typedef void (*work)(void *argument, int64_t part, int thread);

/* Do all parts, in this thread and up to `threads` - 1 others. Mostly the same thread takes the same parts. */
void share(work task, void *argument, int64_t parts, int threads);

/* Let numbers too small for the usual format count as zero in this thread, or as they did before.

   Computing with them is a hundred times slower on some processors, and traces of old gradients become such numbers. */
uint64_t begin_flushing(void);
void end_flushing(uint64_t before);

#endif
