/* What native code calls of the generated pool: bytes in, the start of a block out. */

#include "irpool.h"

/* The numbers of pool_fast_paths.ll. */
#define AT(type, field, bytes) _Static_assert(offsetof(struct irpool_##type##_, field) == (bytes), #field)
AT(cache, hot, 0);
AT(cache, supply_count, 8);
AT(cache, return_count, 12);
AT(cache, supply, 16);
AT(cache, returns, 24);
AT(cache, limit, 32);
AT(cache, is_alloc_last, 34);
AT(cache, turns, 36);
AT(thread, caches, 0);
AT(chunk, state, 56);
_Static_assert(sizeof(struct irpool_cache_) == 64, "a cache is a line");
_Static_assert(IRPOOL_CHUNK_LOG2_ == 20 && IRPOOL_NEAR_LOG2_ == 14, "how chunks are found");
_Static_assert(IRPOOL_NO_BLOCK_ == 1 && IRPOOL_STACKS_ == 2 && IRPOOL_TURNS_ == 64, "the modes of a cache");
_Static_assert(IRPOOL_CLASS_COUNT_ == 13, "12 classes, and one for large requests");

static ptrdiff_t words(int64_t bytes) { return bytes > 0 ? (bytes + 7) / 8 : 1; }

void *irpass_pool_take(int64_t bytes) { return irpool_words_alloc(words(bytes)).ptr; }

/* `bytes` is what the caller knows of the block's size, at most what it has. */
void irpass_pool_give(void *block, int64_t bytes) {
    if (block == NULL) return;
    ptrdiff_t count = words(bytes);
    irpool_words_free((irpool_words){block, (size_t)count, (size_t)count});
}

/* The same by other names, for where the fast paths stand in the place of the calls. */
void *irpass_pool_take_any(int64_t bytes) { return irpass_pool_take(bytes); }
void irpass_pool_give_any(void *block, int64_t bytes) { irpass_pool_give(block, bytes); }
