/* Arrays that a function needs until it returns: from calloc, or, where ON_STACK is defined, from its stack frame, as
   if allocators cost nothing. */
#ifndef SCRATCH_H
#define SCRATCH_H

#include <stdlib.h>

#ifdef ON_STACK
#include <alloca.h>
#include <string.h>
#define SCRATCH(count, size) memset(alloca((size_t)(count) * (size)), 0, (size_t)(count) * (size))
#define DROP(array) ((void)(array))
#else
#define SCRATCH(count, size) calloc((size_t)(count), (size))
#define DROP(array) free(array)
#endif

#endif
