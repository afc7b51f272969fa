/* A few threads that wait for work: awake while steps follow each other closely, asleep otherwise.

   Each thread begins with the same share of the parts every time, and so finds in its cache what it had there before.
   The caller takes the parts of a thread that is late too, and waits for nothing but a part that another has begun. */
#include "threads.h"

#if defined(__wasm__) && !defined(_REENTRANT) /* one thread is all there is */

void share(work task, void *argument, int64_t parts, int threads) {
    (void)threads;
    for (int64_t part = 0; part < parts; part++) task(argument, part, 0);
}

#else

#include <stdatomic.h>

#include "os_threads.h"

#if defined(__SSE2__)
#include <immintrin.h>
#define PAUSE() _mm_pause()
#elif defined(__aarch64__)
#define PAUSE() __asm__ volatile("yield")
#else
#define PAUSE()
#endif

#define MOST_THREADS 64
#define PAUSES_AWAKE 4000 /* about a tenth of a millisecond */

/* The parts that a thread takes first, on a cache line of its own. */
typedef struct {
    _Alignas(64) _Atomic int64_t next;
    int64_t end;
} own_parts;

static struct {
    atomic_flag taken;       /* by a caller; others then work alone */
    _Atomic int64_t number;  /* of the job, counted up as it opens and as it closes: odd while it is open */
    atomic_int inside;       /* threads that may be at work on it */
    atomic_int sleeping;
    own_parts own[MOST_THREADS];
    work task;
    void *argument;
    int threads;
    int started;
    int knows_forks;
    os_mutex mutex;
    os_condition wake;
} pool = {.taken = ATOMIC_FLAG_INIT, .mutex = OS_MUTEX_INIT, .wake = OS_CONDITION_INIT};

/* Take one's own parts, and then what is left of the others'. */
static void take_parts(int thread) {
    for (int i = 0; i < pool.threads; i++) {
        own_parts *own = &pool.own[(thread + i) % pool.threads];
        while (atomic_load(&own->next) < own->end) {
            int64_t part = atomic_fetch_add(&own->next, 1);
            if (part < own->end) pool.task(pool.argument, part, thread);
        }
    }
}

/* Wait until another job than `seen` is open. */
static int64_t wait_for_job(int64_t seen) {
    for (;;) {
        int64_t number;
        for (int pauses = 0; pauses < PAUSES_AWAKE; pauses++) {
            number = atomic_load(&pool.number);
            if (number != seen && number % 2) return number;
            PAUSE();
        }
        os_lock(&pool.mutex);
        atomic_fetch_add(&pool.sleeping, 1);
        while ((number = atomic_load(&pool.number)) == seen || number % 2 == 0) os_wait(&pool.wake, &pool.mutex);
        atomic_fetch_sub(&pool.sleeping, 1);
        os_unlock(&pool.mutex);
        return number;
    }
}

OS_THREAD_FUNCTION(wait_and_work, number_of_thread) {
    int thread = (int)(intptr_t)number_of_thread;
    int64_t seen = 0;
    begin_flushing();
    for (;;) {
        seen = wait_for_job(seen);
        atomic_fetch_add(&pool.inside, 1);
        /* The job may have closed meanwhile; once inside an open one, its caller waits. */
        if (atomic_load(&pool.number) == seen && thread < pool.threads) take_parts(thread);
        atomic_fetch_sub(&pool.inside, 1);
    }
    return 0;
}

/* A forked process has none of its parent's threads. */
static void forget_threads(void) {
    pool.started = 0;
    atomic_store(&pool.number, 0);
    atomic_store(&pool.inside, 0);
    atomic_store(&pool.sleeping, 0);
    atomic_flag_clear(&pool.taken);
    pool.mutex = (os_mutex)OS_MUTEX_INIT;
    pool.wake = (os_condition)OS_CONDITION_INIT;
}

static void start_threads(int threads) {
    if (!pool.knows_forks) os_after_fork(forget_threads);
    pool.knows_forks = 1;
    while (pool.started < threads - 1) {
        if (!os_start_thread(wait_and_work, (void *)(intptr_t)(pool.started + 1))) return;
        pool.started++;
    }
}

void share(work task, void *argument, int64_t parts, int threads) {
    if (threads > MOST_THREADS) threads = MOST_THREADS;
    if (parts < 2 || threads < 2 || atomic_flag_test_and_set(&pool.taken)) {
        for (int64_t part = 0; part < parts; part++) task(argument, part, 0);
        return;
    }
    start_threads(threads); /* by one caller at a time, since the pool is taken */
    pool.task = task;
    pool.argument = argument;
    pool.threads = threads;
    for (int thread = 0; thread < threads; thread++) {
        atomic_store(&pool.own[thread].next, thread * parts / threads);
        pool.own[thread].end = (thread + 1) * parts / threads;
    }
    atomic_fetch_add(&pool.number, 1);
    if (atomic_load(&pool.sleeping)) {
        os_lock(&pool.mutex);
        os_wake_all(&pool.wake);
        os_unlock(&pool.mutex);
    }
    take_parts(0);
    atomic_fetch_add(&pool.number, 1);
    for (int pauses = 0; atomic_load(&pool.inside); pauses++)
        if (pauses < PAUSES_AWAKE)
            PAUSE();
        else
            os_yield(); /* perhaps that thread waits for this core */
    atomic_flag_clear(&pool.taken);
}

#endif
