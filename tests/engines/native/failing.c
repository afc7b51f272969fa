/* Preloaded before the engine: lets its allocations and its starts of threads fail, and those of nobody else. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* The allocation that fails, counted from 0; none if negative. Blocks that the engine holds. */
long failing_allocation = -1, allocations = 0, held = 0;
int no_threads = 0;
long refused_threads = 0;

static int is_engines(void *caller) {
    Dl_info found;
    return dladdr(caller, &found) && found.dli_fname && strstr(found.dli_fname, "/native_");
}

static int fails(void) { return allocations++ == failing_allocation; }

void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void __libc_free(void *);

/* The engine's own blocks: whoever frees one, it is known again. Only one thread allocates in these tests. */
static void *blocks[4096];

static void *keep(void *block) {
    if (block) blocks[held++] = block;
    return block;
}

void *malloc(size_t size) {
    if (!is_engines(__builtin_return_address(0))) return __libc_malloc(size);
    return fails() ? 0 : keep(__libc_malloc(size));
}

void *calloc(size_t count, size_t size) {
    if (!is_engines(__builtin_return_address(0))) return __libc_calloc(count, size);
    return fails() ? 0 : keep(__libc_calloc(count, size));
}

void free(void *block) {
    for (long i = held - 1; block && i >= 0; i--)
        if (blocks[i] == block) {
            blocks[i] = blocks[--held];
            break;
        }
    __libc_free(block);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*begin)(void *), void *argument) {
    static int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
    if (!real) real = dlsym(RTLD_NEXT, "pthread_create");
    if (no_threads && is_engines(__builtin_return_address(0))) {
        refused_threads++;
        return EAGAIN;
    }
    return real(thread, attributes, begin, argument);
}
