/* Small matrices: chains of products of small matrices, each step with fresh temporaries, as a numeric library does
   it. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scratch.h"

static double *numbers(int64_t size) {
  double *m = calloc(size, sizeof *m);
  int64_t seed = 1;
  for (int64_t i = 0; i < size; i++) {
    seed = (seed * 75 + 74) % 65537;
    m[i] = (double)(seed % 200 - 100) / 64;
  }
  return m;
}

static void multiply(double *out, const double *a, const double *b, int64_t n) {
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j < n; j++) {
      double sum = 0.0;
      for (int64_t k = 0; k < n; k++)
        sum += a[i * n + k] * b[k * n + j];
      out[i * n + j] = sum;
    }
}

static double trace(const double *m, int64_t n) {
  double sum = 0.0;
  for (int64_t i = 0; i < n; i++)
    sum += m[i * n + i];
  return sum;
}

static double chain(int64_t n, const double *from) {
  int64_t size = n * n;
  double *a = SCRATCH(size, sizeof *a);
  double *b = SCRATCH(size, sizeof *b);
  double *ab = SCRATCH(size, sizeof *ab);
  double *ba = SCRATCH(size, sizeof *ba);
  double *comm = SCRATCH(size, sizeof *comm);
  memcpy(a, from, size * sizeof *a);
  memcpy(b, from + 7, size * sizeof *b);
  multiply(ab, a, b, n);
  multiply(ba, b, a, n);
  for (int64_t i = 0; i < size; i++)
    comm[i] = ab[i] - ba[i];
  multiply(a, comm, comm, n);
  double result = trace(a, n);
  DROP(a);
  DROP(b);
  DROP(ab);
  DROP(ba);
  DROP(comm);
  return result;
}

int main(int argc, char **argv) {
  int64_t n = argc > 1 ? atoll(argv[1]) : 100;
  double *values = numbers(1024);
  double total = 0.0;
  for (int64_t i = 0; i < n; i++)
    total += chain(2 + i % 2, values + i % 1000);
  printf("%.6f\n", total);
  free(values);
}
