/* Records per request: each request brings a handful of fields, which are decoded into scratch arrays, summed up and
   dropped. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "scratch.h"

typedef struct {
  int64_t requests, fields, bytes;
  uint32_t check;
} Summary;

static uint32_t next(uint32_t seed) { return seed * 1664525 + 1013904223; }

static void handle(uint32_t seed, Summary *sum) {
  int64_t count = (int64_t)(seed >> 24) % 4 + 2;
  int32_t *keys = SCRATCH(count, sizeof *keys);
  int32_t *sizes = SCRATCH(count, sizeof *sizes);
  int64_t *starts = SCRATCH(count + 1, sizeof *starts);
  uint8_t *body = SCRATCH(count * 6, 1);
  int64_t at = 0;
  for (int64_t i = 0; i < count; i++) {
    seed = next(seed);
    keys[i] = (int32_t)(seed >> 20);
    sizes[i] = (int32_t)(seed >> 10) & 3;
    starts[i] = at;
    for (int64_t k = 0; k <= sizes[i]; k++)
      body[at++] = (uint8_t)(seed >> (k * 4));
  }
  starts[count] = at;
  for (int64_t i = 0; i < count; i++) {
    uint32_t h = (uint32_t)keys[i];
    for (int64_t k = starts[i]; k < starts[i + 1]; k++)
      h = h * 31 + body[k];
    sum->check = (sum->check * 16777619) ^ h;
  }
  sum->requests++;
  sum->fields += count;
  sum->bytes += at;
  DROP(keys);
  DROP(sizes);
  DROP(starts);
  DROP(body);
}

int main(int argc, char **argv) {
  int64_t n = argc > 1 ? atoll(argv[1]) : 200;
  Summary sum = {0};
  uint32_t seed = 42;
  for (int64_t i = 0; i < n; i++) {
    seed = next(seed);
    handle(seed, &sum);
  }
  printf("%lld %lld %lld %u\n", (long long)sum.requests, (long long)sum.fields, (long long)sum.bytes, sum.check);
}
