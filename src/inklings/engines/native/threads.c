/* A pool of threads that share one job at a time. Many jobs are over sooner than a sleeping thread could be woken, so
   threads stay awake while jobs follow each other closely, and sleep otherwise.

   Each thread has its own range of parts, the same every time, and takes what is left of the others' ranges when it is
   done. The caller works too, and waits for nothing but parts that another thread has begun: a thread that the operating
   system has put aside holds nobody up. */
#include "threads.h"

#if defined(__wasm__) && !defined(_REENTRANT) /* one thread is all there is */

void parallel_for(ParallelTask task, void *argument, int64_t parts, int threads) {
    (void)threads;
    for (int64_t part = 0; part < parts; part++) task(argument, part, 0);
}

#else

#include <stdatomic.h>

#include "denormals.h"
#include "os_threads.h"

#if defined(__SSE2__)
#include <immintrin.h>
#define PAUSE() _mm_pause()
#elif defined(__aarch64__)
#define PAUSE() __asm__ volatile("yield")
#else
#define PAUSE()
#endif

#define MAX_THREADS 64
#define SPINS 4000 /* before a thread goes to sleep: about a tenth of a millisecond */

/* A thread's own parts, on a cache line of their own: threads that count on one line would send it to and fro. */
typedef struct {
    _Alignas(64) _Atomic int64_t next;
    int64_t end;
} PartRange;

/* All atomics are sequentially consistent. What a job is (`task` to `threads`, and the ranges' ends) is plain memory:
   it is written before `generation` turns odd and read only after that has been seen, and not written again before
   `inside` has been seen to be zero. */
static struct {
    atomic_flag taken;          /* by a caller; another one that comes meanwhile works alone */
    _Atomic int64_t generation; /* of the job, counted up as it opens and as it closes: odd while it is open */
    atomic_int inside;          /* threads that may be at work on it */
    atomic_int sleeping;
    PartRange ranges[MAX_THREADS];
    ParallelTask task;
    void *argument;
    int threads;
    int started;
    int handles_fork;
    os_mutex mutex;
    os_condition wake;
} pool = {.taken = ATOMIC_FLAG_INIT, .mutex = OS_MUTEX_INIT, .wake = OS_CONDITION_INIT};

/* Do the parts of one's own range, and then what is left of the others'. */
static void do_parts(int thread) {
    for (int i = 0; i < pool.threads; i++) {
        PartRange *range = &pool.ranges[(thread + i) % pool.threads];
        while (atomic_load(&range->next) < range->end) {
            int64_t part = atomic_fetch_add(&range->next, 1);
            if (part < range->end) pool.task(pool.argument, part, thread); /* else another was quicker */
        }
    }
}

/* Wait until another job than `seen` is open; return its generation. */
static int64_t wait_for_job(int64_t seen) {
    for (;;) {
        int64_t generation;
        for (int spins = 0; spins < SPINS; spins++) {
            generation = atomic_load(&pool.generation);
            if (generation != seen && generation % 2) return generation;
            PAUSE();
        }
        /* `sleeping` is raised before `generation` is read again, and a caller raises `generation` before it reads
           `sleeping`: whichever comes first, either this thread sees the job or the caller sees the sleeper. */
        os_lock(&pool.mutex);
        atomic_fetch_add(&pool.sleeping, 1);
        while ((generation = atomic_load(&pool.generation)) == seen || generation % 2 == 0)
            os_wait(&pool.wake, &pool.mutex);
        atomic_fetch_sub(&pool.sleeping, 1);
        os_unlock(&pool.mutex);
        return generation;
    }
}

OS_THREAD_FUNCTION(run_thread, number) {
    int thread = (int)(intptr_t)number;
    int64_t seen = 0;
    flush_denormals();
    for (;;) {
        seen = wait_for_job(seen);
        atomic_fetch_add(&pool.inside, 1);
        /* The job may have closed meanwhile. If it has not, its caller waits for `inside`, and it stays as it is. */
        if (atomic_load(&pool.generation) == seen && thread < pool.threads) do_parts(thread);
        atomic_fetch_sub(&pool.inside, 1);
    }
    return 0;
}

/* A forked process has none of its parent's threads, and what they held is held by nobody. */
static void forget_threads(void) {
    pool.started = 0;
    atomic_store(&pool.generation, 0);
    atomic_store(&pool.inside, 0);
    atomic_store(&pool.sleeping, 0);
    atomic_flag_clear(&pool.taken);
    pool.mutex = (os_mutex)OS_MUTEX_INIT;
    pool.wake = (os_condition)OS_CONDITION_INIT;
}

/* Called by one thread at a time, which has taken the pool. Where no thread can be started, fewer do the work. */
static void start_threads(int threads) {
    if (!pool.handles_fork) os_after_fork(forget_threads);
    pool.handles_fork = 1;
    while (pool.started < threads - 1) {
        if (!os_start_thread(run_thread, (void *)(intptr_t)(pool.started + 1))) return;
        pool.started++;
    }
}

static void open_job(ParallelTask task, void *argument, int64_t parts, int threads) {
    pool.task = task;
    pool.argument = argument;
    pool.threads = threads;
    for (int thread = 0; thread < threads; thread++) {
        atomic_store(&pool.ranges[thread].next, thread * parts / threads);
        pool.ranges[thread].end = (thread + 1) * parts / threads;
    }
    atomic_fetch_add(&pool.generation, 1);
    if (!atomic_load(&pool.sleeping)) return;
    os_lock(&pool.mutex);
    os_wake_all(&pool.wake);
    os_unlock(&pool.mutex);
}

static void close_job(void) {
    atomic_fetch_add(&pool.generation, 1);
    for (int spins = 0; atomic_load(&pool.inside); spins++)
        if (spins < SPINS)
            PAUSE();
        else
            os_yield(); /* perhaps that thread waits for this core */
}

void parallel_for(ParallelTask task, void *argument, int64_t parts, int threads) {
    if (threads > MAX_THREADS) threads = MAX_THREADS;
    /* The pool may be taken by another of Python's threads, or by the task that calls this. */
    if (parts < 2 || threads < 2 || atomic_flag_test_and_set(&pool.taken)) {
        for (int64_t part = 0; part < parts; part++) task(argument, part, 0);
        return;
    }
    start_threads(threads);
    open_job(task, argument, parts, threads);
    do_parts(0);
    close_job();
    atomic_flag_clear(&pool.taken);
}

#endif
