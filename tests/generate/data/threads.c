/* Threads that take, change, exchange and give back views of every kind, and check what they read: made for the
 * sanitizers. Prints the statistics; exit status 1 where something is wrong. */
#include <pthread.h>
#include <stdlib.h>

#include "pools.h"

enum { THREADS = 4, ROUNDS = 20000, MINE = 64, EXCHANGE = 256 };

static pthread_mutex_t exchange_lock = PTHREAD_MUTEX_INITIALIZER;
static pools_bytes exchange[EXCHANGE];
static atomic_int wrong;

static void check(bool is_right, const char *what) {
    if (is_right) return;
    fprintf(stderr, "wrong: %s\n", what);
    atomic_store(&wrong, 1);
}

static uint64_t next_random(uint64_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static unsigned char mark_of(const void *ptr) { return (unsigned char)(((uintptr_t)ptr >> 4) | 1); }

static void fill_bytes(pools_bytes view) { memset(view.ptr, mark_of(view.ptr), view.len); }

static void free_bytes(pools_bytes view) {
    if (view.ptr == NULL) return;
    for (size_t i = 0; i < view.len; i++) {
        if (view.ptr[i] != mark_of(view.ptr)) {
            check(false, "content kept");
            break;
        }
    }
    size_t cut = view.len / 2; /* sometimes what is freed is the rear half */
    pools_bytes rear = {view.ptr + cut, 0, view.cap - cut};
    check(pools_bytes_free(view.len % 3 == 0 ? rear : view), "free");
}

static bool is_zero(const void *ptr, size_t size_bytes) {
    const unsigned char *at = ptr;
    for (size_t i = 0; i < size_bytes; i++)
        if (at[i] != 0) return false;
    return true;
}

static void *work(void *seed) {
    uint64_t state = (uint64_t)(uintptr_t)seed * 0x9E3779B97F4A7C15u;
    pools_bytes mine[MINE] = {{NULL, 0, 0}};
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t random = next_random(&state);
        pools_bytes *at = &mine[random % MINE];
        ptrdiff_t len = (ptrdiff_t)(random >> 8) % (round % 512 == 0 ? 3000000 : 600);
        if (len < 0) len = -len;
        if (at->ptr == NULL) {
            *at = pools_bytes_alloc(len);
            check(at->ptr != NULL && is_zero(at->ptr, at->len), "zero");
            fill_bytes(*at);
        } else if (random >> 62 == 0) {
            size_t kept = at->len < (size_t)len ? at->len : (size_t)len;
            unsigned char mark = mark_of(at->ptr);
            pools_bytes moved = pools_bytes_resize(*at, len);
            check(moved.ptr != NULL, "resize");
            for (size_t i = 0; i < kept; i++) check(moved.ptr[i] == mark, "resize keeps");
            check(is_zero(moved.ptr + kept, moved.len - kept), "resize clears");
            *at = moved;
            fill_bytes(*at);
        } else if (random >> 62 == 1) { /* to another thread */
            pools_bytes *slot = &exchange[(random >> 40) % EXCHANGE];
            pthread_mutex_lock(&exchange_lock);
            pools_bytes other = *slot;
            *slot = *at;
            pthread_mutex_unlock(&exchange_lock);
            *at = other;
        } else {
            free_bytes(*at);
            *at = (pools_bytes){NULL, 0, 0};
        }
        pools_ids ids = pools_ids_alloc(len % 5);
        for (int i = 0; i < 5; i++) {
            ids = pools_ids_grow(ids, 7);
            check(ids.ptr != NULL && ids.ptr[ids.len - 1] == 0 && ids.len <= ids.cap, "grow");
            ids.ptr[ids.len - 1] = 0;
        }
        check(pools_ids_free(ids), "free ids");
        pools_text text = pools_text_copy("pool", 4);
        text = pools_text_append(text, text.ptr, 4);
        check(strcmp(text.ptr, "poolpool") == 0 && text.len == 8, "text");
        check(pools_text_free(text), "free text");
        if (round % 4096 == 0) pools_trim();
        if (round % 1024 == 0) (void)pools_stats_of(POOLS_WORDS);
    }
    for (int i = 0; i < MINE; i++) free_bytes(mine[i]);
    return NULL;
}

int main(void) {
    pthread_t threads[THREADS];
    for (uintptr_t i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], NULL, work, (void *)(i + 1)) != 0) return 2;
    for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    for (int i = 0; i < EXCHANGE; i++) free_bytes(exchange[i]);
    struct pools_stats stats = pools_stats_of(POOLS_WORDS);
    check(stats.live == 0 && stats.allocs == stats.frees && stats.refusals == 0, "statistics");
    pools_trim();
    check(pools_stats_of(POOLS_WORDS).held_bytes == 0, "trim");
    pools_stats_print(stdout);
    return atomic_load(&wrong);
}
