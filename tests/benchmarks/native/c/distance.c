/* Dynamic programming rows: the edit distance of many short words, with two rows each that change places. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "scratch.h"

static int64_t distance(const uint8_t *a, int64_t la, const uint8_t *b, int64_t lb) {
  int64_t *prev = SCRATCH(lb + 1, sizeof *prev);
  int64_t *cur = SCRATCH(lb + 1, sizeof *cur);
  for (int64_t j = 0; j <= lb; j++)
    prev[j] = j;
  for (int64_t i = 0; i < la; i++) {
    cur[0] = i + 1;
    for (int64_t j = 0; j < lb; j++) {
      int64_t best = prev[j];
      if (a[i] != b[j])
        best++;
      if (prev[j + 1] + 1 < best)
        best = prev[j + 1] + 1;
      if (cur[j] + 1 < best)
        best = cur[j] + 1;
      cur[j + 1] = best;
    }
    int64_t *other = prev;
    prev = cur;
    cur = other;
  }
  int64_t result = prev[lb];
  DROP(prev);
  DROP(cur);
  return result;
}

static void word(uint32_t seed, int64_t size, uint8_t *out) {
  for (int64_t k = 0; k < size; k++) {
    seed = seed * 1664525 + 1013904223;
    out[k] = (uint8_t)('a' + (seed >> 30));
  }
}

static int64_t compare(int64_t i) {
  int64_t la = i % 3 + 1, lb = i % 4 + 1;
  uint8_t *a = SCRATCH(la, 1);
  uint8_t *b = SCRATCH(lb, 1);
  int64_t *counts = SCRATCH(4, sizeof *counts);
  word((uint32_t)i, la, a);
  word((uint32_t)(i + i / 7), lb, b);
  for (int64_t k = 0; k < la; k++)
    counts[a[k] - 'a']++;
  for (int64_t k = 0; k < lb; k++)
    counts[b[k] - 'a']--;
  int64_t bound = 0;
  for (int64_t k = 0; k < 4; k++)
    if (counts[k] > 0)
      bound += counts[k];
  int64_t result = distance(a, la, b, lb) * 8 + bound;
  DROP(a);
  DROP(b);
  DROP(counts);
  return result;
}

int main(int argc, char **argv) {
  int64_t n = argc > 1 ? atoll(argv[1]) : 100;
  int64_t total = 0;
  for (int64_t i = 0; i < n; i++)
    total += compare(i);
  printf("%lld\n", (long long)total);
}
