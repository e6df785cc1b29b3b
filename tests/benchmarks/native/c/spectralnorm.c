/* Spectral norm of an infinite matrix (the Computer Language Benchmarks Game). The square root is written out as
   Newton's method. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static double root(double x) {
  double r = x;
  for (int i = 0; i < 60; i++)
    r = (r + x / r) / 2;
  return r;
}

static double eval_a(int64_t i, int64_t j) { return 1 / (double)((i + j) * (i + j + 1) / 2 + i + 1); }

static void times(double *v, const double *u, int64_t n) {
  for (int64_t i = 0; i < n; i++) {
    double a = 0.0;
    for (int64_t j = 0; j < n; j++)
      a += eval_a(i, j) * u[j];
    v[i] = a;
  }
}

static void times_transposed(double *v, const double *u, int64_t n) {
  for (int64_t i = 0; i < n; i++) {
    double a = 0.0;
    for (int64_t j = 0; j < n; j++)
      a += eval_a(j, i) * u[j];
    v[i] = a;
  }
}

static void times_at_a(double *v, const double *u, int64_t n) {
  double *x = calloc(n, sizeof *x);
  times(x, u, n);
  times_transposed(v, x, n);
  free(x);
}

int main(int argc, char **argv) {
  int64_t n = argc > 1 ? atoll(argv[1]) : 10;
  double *u = calloc(n, sizeof *u);
  double *v = calloc(n, sizeof *v);
  for (int64_t i = 0; i < n; i++)
    u[i] = 1;
  for (int i = 0; i < 10; i++) {
    times_at_a(v, u, n);
    times_at_a(u, v, n);
  }
  double vbv = 0.0, vv = 0.0;
  for (int64_t i = 0; i < n; i++) {
    vbv += u[i] * v[i];
    vv += v[i] * v[i];
  }
  printf("%.9f\n", root(vbv / vv));
  free(u);
  free(v);
}
