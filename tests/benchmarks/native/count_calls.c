/* To preload: counts the calls of malloc, calloc, realloc and posix_memalign of a program, and writes how many there
   were to the file that the variable IRPASS_CALLS names. The functions beneath are glibc's. */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

static unsigned long long calls;

void *malloc(size_t size) {
  calls++;
  return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
  calls++;
  return __libc_calloc(count, size);
}

void *realloc(void *old, size_t size) {
  calls++;
  return __libc_realloc(old, size);
}

int posix_memalign(void **at, size_t align, size_t size) {
  calls++;
  void *block = __libc_memalign(align, size);
  if (block == NULL)
    return ENOMEM;
  *at = block;
  return 0;
}

__attribute__((destructor)) static void report(void) {
  unsigned long long total = calls;
  const char *path = getenv("IRPASS_CALLS");
  FILE *file = path != NULL ? fopen(path, "w") : NULL;
  if (file == NULL)
    return;
  fprintf(file, "%llu\n", total);
  fclose(file);
}
