/* Runs the same work once for each request that the pools make of the system, and lets that one fail; then once more
 * for each, with all the later ones failing too. What fails must say so and change nothing; frees never fail; nothing
 * is lost; afterwards all works. Linked with --wrap for the system's allocator. Prints the number of requests. */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "faults.h"

#include <pthread.h>

enum { SLOTS = 4096, CHUNKS = 64, SMALL = 12, LARGE = 2, SETS = 9, NO_SUCH_REQUEST = 3 };

static long requests, first_fault, last_fault; /* one thread at a time is at work */
static void *chunks[CHUNKS];                   /* from aligned_alloc, live */
static uint64_t failures;
static bool may_fail, is_single_fault;

void *__real_malloc(size_t bytes);
void *__real_calloc(size_t count, size_t bytes);
void *__real_realloc(void *at, size_t bytes);
void *__real_aligned_alloc(size_t align_bytes, size_t bytes);
void __real_free(void *at);
void *__wrap_malloc(size_t bytes);
void *__wrap_calloc(size_t count, size_t bytes);
void *__wrap_realloc(void *at, size_t bytes);
void *__wrap_aligned_alloc(size_t align_bytes, size_t bytes);
void __wrap_free(void *at);

static void check(bool is_right, const char *what) {
    if (is_right) return;
    fprintf(stderr, "request %ld to %ld failing: %s\n", first_fault, last_fault, what);
    _exit(1);
}

static bool fails(void) {
    requests++;
    return requests >= first_fault && requests <= last_fault;
}

static void replace_chunk(const void *old, void *by) {
    for (int i = 0; i < CHUNKS; i++) {
        if (chunks[i] != old) continue;
        chunks[i] = by;
        return;
    }
    check(old != NULL, "more chunks than expected");
}

void *__wrap_malloc(size_t bytes) { return fails() ? NULL : __real_malloc(bytes); }
void *__wrap_calloc(size_t count, size_t bytes) { return fails() ? NULL : __real_calloc(count, bytes); }
void *__wrap_realloc(void *at, size_t bytes) { return fails() ? NULL : __real_realloc(at, bytes); }

void *__wrap_aligned_alloc(size_t align_bytes, size_t bytes) {
    void *made = fails() ? NULL : __real_aligned_alloc(align_bytes, bytes);
    if (made != NULL) replace_chunk(NULL, made);
    return made;
}

void __wrap_free(void *at) {
    if (at != NULL) replace_chunk(at, NULL);
    __real_free(at);
}

/* Whether a call that gave nothing may be made again: all but one request are answered. */
static bool try_again(bool is_made) {
    if (is_made) return false;
    check(may_fail, "a call fails though no request does");
    check(faults_last_error() == FAULTS_NO_MEMORY, "the error is not that there is no memory");
    failures++;
    return is_single_fault;
}

#define TAKE(into, result, call)                                           \
    do {                                                                   \
        result = call;                                                     \
        if (try_again(RESULT_OF(result) != NULL)) {                        \
            result = call;                                                 \
            check(RESULT_OF(result) != NULL, "the second try fails too");  \
        }                                                                  \
        if (RESULT_OF(result) != NULL) into = result;                      \
    } while (0)

static bool is_filled(const void *at, size_t size_bytes, unsigned char with) {
    const unsigned char *byte = at;
    for (size_t i = 0; i < size_bytes; i++)
        if (byte[i] != with) return false;
    return true;
}

#define RESULT_OF(view) (view).ptr

static void work_with_views(void) {
    faults_words words[SMALL] = {{NULL, 0, 0}}, new_words;
    for (int i = 0; i < SMALL; i++) { /* several in each class, the last two over the largest */
        ptrdiff_t len = i < SMALL - 2 ? 9 + 6 * i : 65 + i;
        TAKE(words[i], new_words, faults_words_alloc(len));
        if (words[i].ptr == NULL) continue;
        check(is_filled(words[i].ptr, words[i].cap * 8, 0), "a block is not zero");
        memset(words[i].ptr, i + 1, words[i].len * 8);
    }
    for (int i = 0; i < SMALL; i++) {
        size_t kept = words[i].len;
        TAKE(words[i], new_words, faults_words_grow(words[i], 40));
        check(is_filled(words[i].ptr, kept * 8, (unsigned char)(i + 1)), "grow loses what was there");
        TAKE(words[i], new_words, faults_words_resize(words[i], i % 4 == 0 ? 300 : 2));
        check(is_filled(words[i].ptr, (kept < words[i].len ? kept : words[i].len) * 8, (unsigned char)(i + 1)) ||
                  kept == 0,
              "resize loses what was there");
    }
    faults_ids ids = {NULL, 0, 0}, new_ids;
    for (int i = 0; i < 8; i++) {
        TAKE(ids, new_ids, faults_ids_grow(ids, 30));
        for (size_t n = 0; n < ids.len; n++) check(ids.ptr[n] == 0, "new elements are not zero");
    }
    faults_text text = {NULL, 0, 0}, new_text;
    TAKE(text, new_text, faults_text_copy("pool", 4));
    for (int i = 0; i < 8; i++) TAKE(text, new_text, faults_text_append(text, "pool", 4));
    check(text.ptr == NULL || (strlen(text.ptr) == text.len && strncmp(text.ptr + text.len - 4, "pool", 4) == 0),
          "a string is not what was put together");
    faults_raw raw[LARGE] = {{NULL, 0, 0}}, new_raw;
    for (int i = 0; i < LARGE; i++) TAKE(raw[i], new_raw, faults_raw_alloc(1 << 20)); /* each a chunk of its own */
    for (int i = 0; i < LARGE; i++) check(faults_raw_free(raw[i]), "a free fails");
    for (int i = 0; i < SMALL; i++) check(faults_words_free(words[i]), "a free fails");
    check(faults_ids_free(ids) && faults_text_free(text), "a free fails");
}

#undef RESULT_OF
#define RESULT_OF(object) (object)

static void work_with_objects(void) {
    struct sparse_set *sets[SETS] = {NULL}, *made;
    for (int i = 0; i < SETS; i++) {
        TAKE(sets[i], made, faults_sparse_alloc(10));
        if (sets[i] != NULL) sparse_set_add(sets[i], 7);
    }
    for (int i = 0; i < SETS; i += 2) {
        if (sets[i] == NULL) continue;
        TAKE(sets[i], made, faults_sparse_grow(sets[i], i == 0 ? 1000 : 20));
        check(sparse_set_has(sets[i], 7), "grow loses what was there");
    }
    for (int i = 0; i < SETS; i++) check(faults_sparse_free(sets[i]), "a free fails");
}

static void *work(void *unused) {
    work_with_views();
    work_with_objects();
    return unused;
}

static void work_with_two_threads(void) {
    pthread_t other;
    work(NULL);
    if (pthread_create(&other, NULL, work, NULL) != 0) _exit(2);
    if (pthread_join(other, NULL) != 0) _exit(2);
}

/* One process: the work while requests fail, and again while none does; the number of requests of the former. */
static long run(void) {
    may_fail = true;
    work_with_two_threads();
    long made = requests;
    may_fail = false;
    first_fault = last_fault = 0;
    work_with_two_threads();
    uint64_t counted = 0;
    faults_trim();
    for (int i = 0; i < FAULTS_ALLOCATOR_COUNT; i++) {
        struct faults_stats stats = faults_stats_of((enum faults_allocator)i);
        counted += stats.failures;
        check(stats.live == 0 && stats.allocs == stats.frees && stats.refusals == 0, "the statistics are not exact");
        check(stats.held_bytes == 0, "something is held after trim");
    }
    check(counted == failures, "failures are not counted exactly");
    for (int i = 0; i < CHUNKS; i++) check(chunks[i] == NULL, "a chunk is lost");
    return made;
}

static bool is_clean(long first, long last) {
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        first_fault = first, last_fault = last, is_single_fault = first == last;
        exit(run() < first ? NO_SUCH_REQUEST : 0); /* the sanitizers speak at exit */
    }
    int status;
    if (child < 0 || waitpid(child, &status, 0) < 0 || !WIFEXITED(status)) exit(2);
    if (WEXITSTATUS(status) == NO_SUCH_REQUEST) return false;
    if (WEXITSTATUS(status) != 0) exit(1);
    return true;
}

int main(void) {
    long number = 1;
    while (is_clean(number, number)) number++;
    for (long first = 1; first < number && is_clean(first, 1000000); first++) continue;
    printf("%ld\n", number - 1);
    return 0;
}
