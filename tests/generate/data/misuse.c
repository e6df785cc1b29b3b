/* One misuse of a view, chosen by the argument, that AddressSanitizer must catch. */
#include <stdlib.h>

#include "pools.h"

int main(int argc, char **argv) {
    if (argc != 2) return 2;
    pools_ids view = pools_ids_alloc(5);
    volatile int32_t *ptr = view.ptr;
    switch (argv[1][0]) {
    case 'o': ptr[5] = 1; break;                            /* past the cap, and inside the block */
    case 'f': pools_ids_free(view); return ptr[0];          /* after the free */
    case 's': (void)pools_ids_resize(view, 3); ptr[4] = 1; break; /* past what is left */
    case 'l': pools_ids_alloc(1 << 20).ptr[1 << 20] = 1; break;
    case 'n': pools_ids_grow(view, 3).ptr[7] = 1; break;    /* nothing wrong */
    default: return 2;
    }
    return 0;
}
