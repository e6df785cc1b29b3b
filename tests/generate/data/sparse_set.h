/* A set of small integers with clearing in constant time (Briggs and Torczon), for the sample sets.toml. */
#ifndef SPARSE_SET_H
#define SPARSE_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

struct entry {
    struct entry *next;
    const char *name;
    long value;
};

struct sparse_set {
    size_t capacity, count;
    unsigned *dense, *sparse;
};

static inline struct sparse_set *sparse_set_new(size_t capacity) {
    struct sparse_set *set = malloc(sizeof *set + 2 * capacity * sizeof(unsigned));
    if (set == NULL) return NULL;
    *set = (struct sparse_set){capacity, 0, (unsigned *)(set + 1), (unsigned *)(set + 1) + capacity};
    memset(set->sparse, 0, capacity * sizeof(unsigned));
    return set;
}

static inline bool sparse_set_has(const struct sparse_set *set, unsigned member) {
    return set->sparse[member] < set->count && set->dense[set->sparse[member]] == member;
}

static inline void sparse_set_add(struct sparse_set *set, unsigned member) {
    if (sparse_set_has(set, member)) return;
    set->sparse[member] = (unsigned)set->count;
    set->dense[set->count++] = member;
}

static inline void sparse_set_clear(struct sparse_set *set) { set->count = 0; }
static inline size_t sparse_set_capacity(const struct sparse_set *set) { return set->capacity; }
static inline void sparse_set_delete(struct sparse_set *set) { free(set); }
static inline void sparse_set_copy(struct sparse_set *to, const struct sparse_set *from) {
    for (size_t i = 0; i < from->count; i++) sparse_set_add(to, from->dense[i]);
}

#endif
