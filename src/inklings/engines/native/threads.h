/* Work shared among the cores. */
#ifndef THREADS_H
#define THREADS_H

#include <stdint.h>

/* Do one of the parts, in the thread of this number, from 0. */
typedef void (*ParallelTask)(void *argument, int64_t part, int thread);

/* Do all parts, in this thread and up to `threads` - 1 others, and return when they are done. Mostly the same thread does
   the same parts each time, and so finds their data in its core's cache. */
void parallel_for(ParallelTask task, void *argument, int64_t parts, int threads);

#endif
