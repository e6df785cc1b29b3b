/* Fannkuch: the most prefix reversals that a permutation needs (the Computer Language Benchmarks Game). */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int64_t fannkuch(int64_t n, int64_t *flips_most) {
  int64_t *perm = calloc(n, sizeof *perm);
  int64_t *perm1 = calloc(n, sizeof *perm1);
  int64_t *count = calloc(n, sizeof *count);
  for (int64_t i = 0; i < n; i++)
    perm1[i] = i;
  int64_t checksum = 0, most = 0, r = n, rounds = 0;
  for (;;) {
    for (; r != 1; r--)
      count[r - 1] = r;
    memcpy(perm, perm1, n * sizeof *perm);
    int64_t flips = 0;
    for (int64_t k = perm[0]; k != 0; k = perm[0]) {
      for (int64_t i = 0, j = k; i < j; i++, j--) {
        int64_t other = perm[i];
        perm[i] = perm[j];
        perm[j] = other;
      }
      flips++;
    }
    if (flips > most)
      most = flips;
    checksum += rounds % 2 == 0 ? flips : -flips;
    for (;;) {
      if (r == n) {
        free(perm);
        free(perm1);
        free(count);
        *flips_most = most;
        return checksum;
      }
      int64_t first = perm1[0];
      for (int64_t i = 0; i < r; i++)
        perm1[i] = perm1[i + 1];
      perm1[r] = first;
      count[r]--;
      if (count[r] > 0)
        break;
      r++;
    }
    rounds++;
  }
}

int main(int argc, char **argv) {
  int64_t n = argc > 1 ? atoll(argv[1]) : 6;
  int64_t most;
  int64_t checksum = fannkuch(n, &most);
  printf("%lld\nPfannkuchen(%lld) = %lld\n", (long long)checksum, (long long)n, (long long)most);
}
