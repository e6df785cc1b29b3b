/* What native code calls of the generated pool: bytes in, the start of a block out. */

#include "irpool.h"

static ptrdiff_t words(int64_t bytes) { return bytes > 0 ? (bytes + 7) / 8 : 1; }

void *irpass_pool_take(int64_t bytes) { return irpool_words_alloc(words(bytes)).ptr; }

/* `bytes` is what the caller knows of the block's size, at most what it has. */
void irpass_pool_give(void *block, int64_t bytes) {
    if (block == NULL) return;
    ptrdiff_t count = words(bytes);
    irpool_words_free((irpool_words){block, (size_t)count, (size_t)count});
}
