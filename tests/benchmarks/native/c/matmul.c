/* Matrix multiply: two square matrices of rows, the second one transposed first. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static double **new_matrix(int64_t n) {
  double **m = calloc(n, sizeof *m);
  for (int64_t i = 0; i < n; i++)
    m[i] = calloc(n, sizeof **m);
  return m;
}

static void drop(double **m, int64_t n) {
  for (int64_t i = 0; i < n; i++)
    free(m[i]);
  free(m);
}

static double **generate(int64_t n, double seed) {
  double **m = new_matrix(n);
  double scale = seed / (double)n / (double)n;
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j < n; j++)
      m[i][j] = scale * (double)((i - j) * (i + j));
  return m;
}

static double **multiply(double **a, double **b, int64_t n) {
  double **m = new_matrix(n);
  double **t = new_matrix(n);
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j < n; j++)
      t[i][j] = b[j][i];
  for (int64_t i = 0; i < n; i++) {
    const double *row = a[i];
    for (int64_t j = 0; j < n; j++) {
      const double *col = t[j];
      double sum = 0.0;
      for (int64_t k = 0; k < n; k++)
        sum += row[k] * col[k];
      m[i][j] = sum;
    }
  }
  drop(t, n);
  return m;
}

int main(int argc, char **argv) {
  int64_t n = argc > 1 ? atoll(argv[1]) : 10;
  double **a = generate(n, 1);
  double **b = generate(n, 2);
  double **c = multiply(a, b, n);
  printf("%.6f\n", c[n / 2][n / 2]);
  drop(a, n);
  drop(b, n);
  drop(c, n);
}
