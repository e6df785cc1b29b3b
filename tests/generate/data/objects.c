/* Objects and blocks of a struct, of the sample sets.toml. */
#include "sets.h"

#define CHECK(condition) \
    do { \
        if (!(condition)) { \
            fprintf(stderr, "wrong: %s\n", #condition); \
            return 1; \
        } \
    } while (0)

int main(void) {
    struct sparse_set *first = sets_sparse_alloc(40);
    CHECK(first != NULL && first->capacity == 64);
    sparse_set_add(first, 39);
    CHECK(sets_sparse_free(first));
    struct sparse_set *second = sets_sparse_alloc(33);
    CHECK(second == first && !sparse_set_has(second, 39)); /* the same one, cleared */
    sparse_set_add(second, 7);
    struct sparse_set *larger = sets_sparse_resize(second, 100);
    CHECK(larger != second && larger->capacity == 128 && sparse_set_has(larger, 7));
    CHECK(sets_sparse_resize(larger, 3) == larger);
    struct sparse_set *grown = sets_sparse_grow(larger, 1);
    CHECK(grown->capacity == 256 && sparse_set_has(grown, 7));
    struct sparse_set *huge = sets_sparse_alloc(100000); /* over the largest class */
    CHECK(huge->capacity == 100000);
    CHECK(sets_sparse_alloc(-1) == NULL && sets_last_error() == SETS_BAD_LENGTH);
    CHECK(sets_sparse_free(huge) && sets_sparse_free(grown) && sets_sparse_free(NULL));

    sets_entries entries = sets_entries_alloc(3);
    CHECK(entries.len == 3 && entries.cap == 3 && entries.ptr[2].next == NULL);
    entries.ptr[0].next = &entries.ptr[2];
    CHECK(sets_entries_free(entries));
    sets_stats_print(stdout);
    sets_trim();
    return 0;
}
