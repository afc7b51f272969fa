/* The operating system's threads: POSIX, or Windows' own, which need no further library. A mutex and a condition here
   can be initialised statically and are never destroyed, since the pool that uses them lives as long as the process. */
#ifndef OS_THREADS_H
#define OS_THREADS_H

#include <stdint.h>

#if defined(_WIN32)

#define WIN32_LEAN_AND_MEAN
#include <windows.h>
/* After windows.h, which it needs. */
#include <process.h>

typedef SRWLOCK os_mutex;
typedef CONDITION_VARIABLE os_condition;
#define OS_MUTEX_INIT SRWLOCK_INIT
#define OS_CONDITION_INIT CONDITION_VARIABLE_INIT
#define OS_THREAD_FUNCTION(name, argument) static unsigned __stdcall name(void *argument)

static inline void os_lock(os_mutex *mutex) { AcquireSRWLockExclusive(mutex); }
static inline void os_unlock(os_mutex *mutex) { ReleaseSRWLockExclusive(mutex); }
static inline void os_wait(os_condition *condition, os_mutex *mutex) {
    SleepConditionVariableSRW(condition, mutex, INFINITE, 0);
}
static inline void os_wake_all(os_condition *condition) { WakeAllConditionVariable(condition); }
static inline void os_yield(void) { SwitchToThread(); }
/* Start a thread that nobody will join. Return 0 if there is none to be had. */
static inline int os_start_thread(unsigned(__stdcall *function)(void *), void *argument) {
    uintptr_t handle = _beginthreadex(0, 0, function, argument, 0, 0);
    return handle && CloseHandle((HANDLE)handle);
}
static inline void os_after_fork(void (*in_child)(void)) { (void)in_child; } /* nothing forks */

#else

#include <pthread.h>
#include <sched.h>

typedef pthread_mutex_t os_mutex;
typedef pthread_cond_t os_condition;
#define OS_MUTEX_INIT PTHREAD_MUTEX_INITIALIZER
#define OS_CONDITION_INIT PTHREAD_COND_INITIALIZER
#define OS_THREAD_FUNCTION(name, argument) static void *name(void *argument)

static inline void os_lock(os_mutex *mutex) { pthread_mutex_lock(mutex); }
static inline void os_unlock(os_mutex *mutex) { pthread_mutex_unlock(mutex); }
static inline void os_wait(os_condition *condition, os_mutex *mutex) { pthread_cond_wait(condition, mutex); }
static inline void os_wake_all(os_condition *condition) { pthread_cond_broadcast(condition); }
static inline void os_yield(void) { sched_yield(); }
/* Start a thread that nobody will join. Return 0 if there is none to be had. */
static inline int os_start_thread(void *(*function)(void *), void *argument) {
    pthread_t thread;
    return !pthread_create(&thread, 0, function, argument) && !pthread_detach(thread);
}
/* Call a function in every process that this one forks, which has none of its parent's threads. */
static inline void os_after_fork(void (*in_child)(void)) { pthread_atfork(0, 0, in_child); }

#endif

#endif
