/* Alloc and free, timed: generated pools, glibc and mimalloc side by side in one process. For generate.py. */
#include <dlfcn.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <time.h>

#include "bench.h"

enum { SINGLE = 1000000, MIXED_LIVE = 1024, MIXED = 500000, BATCH = 10000, BATCH_ROUNDS = 50, PASSED = 500000, RING = 1024 };

static double now_ns(clockid_t clock) {
    struct timespec at;
    clock_gettime(clock, &at);
    return (double)at.tv_sec * 1e9 + (double)at.tv_nsec;
}

/* mimalloc, where its library was found. It is loaded late, so that it does not replace malloc itself. */
static void *(*mi_malloc)(size_t);
static void *(*mi_calloc)(size_t, size_t);
static void (*mi_free)(void *);

static uint16_t sizes[4096]; /* 1 to 2048 bytes, every power of two as often */
static volatile ptrdiff_t unknown_size = 64;

/* The five kinds of work with one allocator. Each of them touches the block, and hides it from the optimizer. */
#define TOUCH(ptr) (*(ptr) = 1, (void)({ __asm__ volatile("" : : "r"(ptr) : "memory"); 0; }))
#define WORK(NAME, TYPE, PTR, ALLOC, FREE)                                                                            \
    static double NAME##_single(void) {                                                                               \
        for (int i = 0; i < SINGLE; i++) {                                                                            \
            TYPE block = ALLOC(64);                                                                                   \
            TOUCH(PTR(block));                                                                                        \
            FREE(block);                                                                                              \
        }                                                                                                             \
        return SINGLE;                                                                                                \
    }                                                                                                                 \
    static double NAME##_unknown(void) {                                                                              \
        for (int i = 0; i < SINGLE; i++) {                                                                            \
            TYPE block = ALLOC(unknown_size);                                                                         \
            TOUCH(PTR(block));                                                                                        \
            FREE(block);                                                                                              \
        }                                                                                                             \
        return SINGLE;                                                                                                \
    }                                                                                                                 \
    static double NAME##_mixed(void) {                                                                                \
        static _Thread_local TYPE live[MIXED_LIVE];                                                                   \
        for (int i = 0; i < MIXED_LIVE; i++) live[i] = ALLOC(sizes[i]);                                               \
        uint32_t state = 1;                                                                                           \
        for (int i = 0; i < MIXED; i++) {                                                                             \
            state = state * 1664525u + 1013904223u;                                                                   \
            TYPE *at = &live[state >> 22];                                                                            \
            FREE(*at);                                                                                                \
            *at = ALLOC(sizes[i & 4095]);                                                                             \
            TOUCH(PTR(*at));                                                                                          \
        }                                                                                                             \
        for (int i = 0; i < MIXED_LIVE; i++) FREE(live[i]);                                                           \
        return MIXED;                                                                                                 \
    }                                                                                                                 \
    static double NAME##_batch(void) {                                                                                \
        static _Thread_local TYPE live[BATCH];                                                                        \
        for (int round = 0; round < BATCH_ROUNDS; round++) {                                                          \
            for (int i = 0; i < BATCH; i++) {                                                                         \
                live[i] = ALLOC(64);                                                                                  \
                TOUCH(PTR(live[i]));                                                                                  \
            }                                                                                                         \
            for (int i = 0; i < BATCH; i++) FREE(live[i]);                                                            \
        }                                                                                                             \
        return (double)BATCH * BATCH_ROUNDS;                                                                          \
    }                                                                                                                 \
    static TYPE NAME##_ring[RING];                                                                                    \
    static void *NAME##_consume(void *unused) {                                                                       \
        for (size_t i = 0; i < PASSED; i++) {                                                                         \
            while (atomic_load_explicit(&written, memory_order_acquire) == i) sched_yield();                          \
            FREE(NAME##_ring[i % RING]);                                                                              \
            atomic_store_explicit(&read_so_far, i + 1, memory_order_release);                                         \
        }                                                                                                             \
        return unused;                                                                                                \
    }                                                                                                                 \
    static double NAME##_passed(void) {                                                                               \
        pthread_t consumer;                                                                                           \
        atomic_store(&written, 0);                                                                                    \
        atomic_store(&read_so_far, 0);                                                                                \
        pthread_create(&consumer, NULL, NAME##_consume, NULL);                                                        \
        for (size_t i = 0; i < PASSED; i++) {                                                                         \
            while (i - atomic_load_explicit(&read_so_far, memory_order_acquire) == RING) sched_yield();               \
            NAME##_ring[i % RING] = ALLOC(64);                                                                        \
            TOUCH(PTR(NAME##_ring[i % RING]));                                                                        \
            atomic_store_explicit(&written, i + 1, memory_order_release);                                             \
        }                                                                                                             \
        pthread_join(consumer, NULL);                                                                                 \
        return PASSED;                                                                                                \
    }

static _Alignas(64) _Atomic size_t written;
static _Alignas(64) _Atomic size_t read_so_far;

#define ITSELF(block) (block)
#define POINTER(view) ((view).ptr)
#define C_MALLOC(n) malloc((size_t)(n))
#define C_CALLOC(n) calloc((size_t)(n), 1)
#define MI_MALLOC(n) mi_malloc((size_t)(n))
#define MI_CALLOC(n) mi_calloc((size_t)(n), 1)
WORK(raw, bench_raw, POINTER, bench_raw_alloc, bench_raw_free)
WORK(zero, bench_bytes, POINTER, bench_bytes_alloc, bench_bytes_free)
WORK(libc_malloc, char *, ITSELF, C_MALLOC, free)
WORK(libc_calloc, char *, ITSELF, C_CALLOC, free)
WORK(mimalloc_malloc, char *, ITSELF, MI_MALLOC, mi_free)
WORK(mimalloc_calloc, char *, ITSELF, MI_CALLOC, mi_free)

typedef double work(void);
enum { KINDS = 5, PASSED_ON = 4, ALLOCATORS = 6 };
static const char *const kinds[KINDS] = {"single", "unknown", "mixed", "batch", "passed"};
static const char *const allocators[ALLOCATORS] = {"pool", "pool zeroed",      "malloc",
                                                   "calloc", "mi_malloc", "mi_calloc"};
#define ALL(NAME) {NAME##_single, NAME##_unknown, NAME##_mixed, NAME##_batch, NAME##_passed}
static work *const works[ALLOCATORS][KINDS] = {ALL(raw),         ALL(zero),            ALL(libc_malloc),
                                               ALL(libc_calloc), ALL(mimalloc_malloc), ALL(mimalloc_calloc)};

static pthread_barrier_t barrier;

struct run {
    work *work;
    double ns;
};

static void *run_thread(void *argument) {
    struct run *run = argument;
    pthread_barrier_wait(&barrier);
    double start = now_ns(CLOCK_THREAD_CPUTIME_ID);
    double count = run->work();
    run->ns = (now_ns(CLOCK_THREAD_CPUTIME_ID) - start) / count;
    return NULL;
}

/* Nanoseconds of processor time for an alloc and its free, in the slowest thread. Time on the clock would say more about
 * what else the machine does, the more so the longer a run takes. */
static double measure(work *work, int threads) {
    if (threads == 1) {
        double start = now_ns(CLOCK_THREAD_CPUTIME_ID);
        double count = work();
        return (now_ns(CLOCK_THREAD_CPUTIME_ID) - start) / count;
    }
    pthread_t ids[2];
    struct run runs[2];
    pthread_barrier_init(&barrier, NULL, (unsigned)threads);
    for (int i = 0; i < threads; i++) {
        runs[i] = (struct run){work, 0};
        pthread_create(&ids[i], NULL, run_thread, &runs[i]);
    }
    double slowest = 0;
    for (int i = 0; i < threads; i++) {
        pthread_join(ids[i], NULL);
        if (runs[i].ns > slowest) slowest = runs[i].ns;
    }
    pthread_barrier_destroy(&barrier);
    return slowest;
}

/* The same for work that makes its second thread itself: both threads' time, with their waiting for each other. */
static double measure_pair(work *work) {
    double start = now_ns(CLOCK_PROCESS_CPUTIME_ID);
    double count = work();
    return (now_ns(CLOCK_PROCESS_CPUTIME_ID) - start) / count;
}

int main(int argc, char **argv) {
    if (argc != 3) return 2;
    int repeats = atoi(argv[1]);
    void *library = dlopen(argv[2], RTLD_NOW | RTLD_LOCAL);
    if (library != NULL) {
        *(void **)&mi_malloc = dlsym(library, "mi_malloc");
        *(void **)&mi_calloc = dlsym(library, "mi_calloc");
        *(void **)&mi_free = dlsym(library, "mi_free");
    }
    bool has_mimalloc = mi_malloc != NULL && mi_calloc != NULL && mi_free != NULL;
    srand(1);
    for (int i = 0; i < 4096; i++) {
        unsigned bits = (unsigned)rand() % 11;
        sizes[i] = (uint16_t)((1u << bits) + (unsigned)rand() % (1u << bits));
    }
    /* One thread first: as long as there has been no other, glibc leaves its locks out. */
    for (int threads = 1; threads <= 2; threads++) {
        for (int kind = 0; kind < KINDS; kind++) {
            if (kind == PASSED_ON && threads == 1) continue;
            double best[ALLOCATORS];
            for (int a = 0; a < ALLOCATORS; a++) best[a] = 1e9;
            /* Round about, so that a slow moment of the machine falls on all of them; the best of each counts. */
            for (int repeat = 0; repeat < repeats; repeat++) {
                for (int a = 0; a < ALLOCATORS; a++) {
                    if (a >= 4 && !has_mimalloc) continue;
                    double ns = kind == PASSED_ON ? measure_pair(works[a][kind]) : measure(works[a][kind], threads);
                    if (ns < best[a]) best[a] = ns;
                }
            }
            for (int a = 0; a < ALLOCATORS; a++)
                if (best[a] < 1e9) printf("%s\t%d\t%s\t%.3f\n", kinds[kind], threads, allocators[a], best[a]);
        }
    }
    return 0;
}
