/* A few threads that wait for work: awake while steps follow each other closely, asleep otherwise.

   Each thread begins with the same share of the parts every time, and so finds in its cache what it had there before.
   The caller takes the parts of a thread that is late too, and waits for nothing but a part that another has begun. */
#include "threads.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
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
    _Alignas(64) atomic_long next;
    long end;
} own_parts;

static struct {
    atomic_flag taken;    /* by a caller; others then work alone */
    atomic_long number;   /* of the job, counted up as it opens and as it closes: odd while it is open */
    atomic_int inside;    /* threads that may be at work on it */
    atomic_int sleeping;
    own_parts own[MOST_THREADS];
    work task;
    void *argument;
    int threads;
    int started;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
} pool = {.taken = ATOMIC_FLAG_INIT, .mutex = PTHREAD_MUTEX_INITIALIZER, .wake = PTHREAD_COND_INITIALIZER};

/* Take one's own parts, and then what is left of the others'. */
static void take_parts(int thread) {
    for (int i = 0; i < pool.threads; i++) {
        own_parts *own = &pool.own[(thread + i) % pool.threads];
        while (atomic_load(&own->next) < own->end) {
            long part = atomic_fetch_add(&own->next, 1);
            if (part < own->end) pool.task(pool.argument, part, thread);
        }
    }
}

/* Wait until another job than `seen` is open. */
static long wait_for_job(long seen) {
    for (;;) {
        long number;
        for (int pauses = 0; pauses < PAUSES_AWAKE; pauses++) {
            number = atomic_load(&pool.number);
            if (number != seen && number % 2) return number;
            PAUSE();
        }
        pthread_mutex_lock(&pool.mutex);
        atomic_fetch_add(&pool.sleeping, 1);
        while ((number = atomic_load(&pool.number)) == seen || number % 2 == 0)
            pthread_cond_wait(&pool.wake, &pool.mutex);
        atomic_fetch_sub(&pool.sleeping, 1);
        pthread_mutex_unlock(&pool.mutex);
        return number;
    }
}

static void *wait_and_work(void *number_of_thread) {
    int thread = (int)(long)number_of_thread;
    long seen = 0;
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
    pthread_mutex_init(&pool.mutex, 0);
    pthread_cond_init(&pool.wake, 0);
}

static void forget_threads_after_fork(void) { pthread_atfork(0, 0, forget_threads); }

static void start_threads(int threads) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, forget_threads_after_fork);
    while (pool.started < threads - 1) {
        pthread_t thread;
        if (pthread_create(&thread, 0, wait_and_work, (void *)(long)(pool.started + 1))) return;
        pthread_detach(thread);
        pool.started++;
    }
}

void share(work task, void *argument, long parts, int threads) {
    if (threads > MOST_THREADS) threads = MOST_THREADS;
    if (parts < 2 || threads < 2 || atomic_flag_test_and_set(&pool.taken)) {
        for (long part = 0; part < parts; part++) task(argument, part, 0);
        return;
    }
    start_threads(threads);
    pool.task = task;
    pool.argument = argument;
    pool.threads = threads;
    for (int thread = 0; thread < threads; thread++) {
        atomic_store(&pool.own[thread].next, thread * parts / threads);
        pool.own[thread].end = (thread + 1) * parts / threads;
    }
    atomic_fetch_add(&pool.number, 1);
    if (atomic_load(&pool.sleeping)) {
        pthread_mutex_lock(&pool.mutex);
        pthread_cond_broadcast(&pool.wake);
        pthread_mutex_unlock(&pool.mutex);
    }
    take_parts(0);
    atomic_fetch_add(&pool.number, 1);
    for (int pauses = 0; atomic_load(&pool.inside); pauses++)
        if (pauses < PAUSES_AWAKE)
            PAUSE();
        else
            sched_yield(); /* perhaps that thread waits for this core */
    atomic_flag_clear(&pool.taken);
}

#if defined(__SSE2__)
unsigned long begin_flushing(void) {
    unsigned before = _mm_getcsr();
    _mm_setcsr(before | 0x8040);
    return before;
}
void end_flushing(unsigned long before) { _mm_setcsr((unsigned)before); }
#elif defined(__aarch64__)
unsigned long begin_flushing(void) {
    unsigned long before;
    __asm__ volatile("mrs %0, fpcr" : "=r"(before));
    __asm__ volatile("msr fpcr, %0" ::"r"(before | 1ul << 24));
    return before;
}
void end_flushing(unsigned long before) { __asm__ volatile("msr fpcr, %0" ::"r"(before)); }
#else
unsigned long begin_flushing(void) { return 0; }
void end_flushing(unsigned long before) { (void)before; }
#endif
