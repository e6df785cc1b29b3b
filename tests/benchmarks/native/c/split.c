/* String splitting: lines of comma-separated words are cut into fields and joined again in reverse. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scratch.h"

static int64_t line(int64_t seed, uint8_t *buf) {
  int64_t n = 0;
  int64_t words = seed % 4 + 2;
  for (int64_t w = 0; w < words; w++) {
    if (w > 0)
      buf[n++] = ',';
    seed = (seed * 75 + 74) % 65537;
    int64_t length = seed % 4 + 1;
    for (int64_t k = 0; k < length; k++)
      buf[n++] = (uint8_t)('a' + (seed >> k) % 26);
  }
  return n;
}

static int64_t count(const uint8_t *s, int64_t size, uint8_t sep) {
  int64_t n = 0;
  for (int64_t i = 0; i < size; i++)
    n += s[i] == sep;
  return n;
}

/* A hash of the fields of s, joined from the last to the first. */
static uint32_t reverse(const uint8_t *s, int64_t size) {
  int64_t fields = count(s, size, ',') + 1;
  int64_t *starts = SCRATCH(fields, sizeof *starts);
  int64_t *ends = SCRATCH(fields, sizeof *ends);
  uint8_t *joined = SCRATCH(size, 1);
  int64_t at = 0;
  for (int64_t i = 0; i < size; i++)
    if (s[i] == ',') {
      ends[at++] = i;
      starts[at] = i + 1;
    }
  ends[at] = size;
  int64_t n = 0;
  for (int64_t f = fields - 1; f >= 0; f--) {
    int64_t length = ends[f] - starts[f];
    memcpy(joined + n, s + starts[f], length);
    n += length;
    if (f > 0)
      joined[n++] = ';';
  }
  uint32_t h = 2166136261u;
  for (int64_t i = 0; i < n; i++)
    h = (h ^ joined[i]) * 16777619;
  DROP(starts);
  DROP(ends);
  DROP(joined);
  return h;
}

int main(int argc, char **argv) {
  int64_t n = argc > 1 ? atoll(argv[1]) : 100;
  uint8_t *lines[256];
  int64_t sizes[256];
  for (int64_t i = 0; i < 256; i++) {
    lines[i] = calloc(64, 1);
    sizes[i] = line(i * 257, lines[i]);
  }
  uint32_t total = 0;
  for (int64_t i = 0; i < n; i++)
    total = total * 3 + reverse(lines[i % 256], sizes[i % 256]);
  printf("%lld %u\n", (long long)n, total);
  for (int64_t i = 0; i < 256; i++)
    free(lines[i]);
}
