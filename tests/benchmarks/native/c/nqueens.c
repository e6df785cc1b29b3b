/* N queens: how many ways there are to place n queens on a board of n times n. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct {
  int64_t n;
  bool *cols, *up, *down;
  int64_t found;
} Board;

static void place(Board *b, int64_t row) {
  if (row == b->n) {
    b->found++;
    return;
  }
  for (int64_t c = 0; c < b->n; c++) {
    if (b->cols[c] || b->up[row + c] || b->down[row - c + b->n - 1])
      continue;
    b->cols[c] = true;
    b->up[row + c] = true;
    b->down[row - c + b->n - 1] = true;
    place(b, row + 1);
    b->cols[c] = false;
    b->up[row + c] = false;
    b->down[row - c + b->n - 1] = false;
  }
}

static int64_t queens(int64_t n) {
  Board *b = calloc(1, sizeof *b);
  b->n = n;
  b->cols = calloc(n, sizeof *b->cols);
  b->up = calloc(2 * n - 1, sizeof *b->up);
  b->down = calloc(2 * n - 1, sizeof *b->down);
  place(b, 0);
  int64_t found = b->found;
  free(b->cols);
  free(b->up);
  free(b->down);
  free(b);
  return found;
}

int main(int argc, char **argv) {
  int64_t n = argc > 1 ? atoll(argv[1]) : 5;
  printf("queens(%lld) = %lld\n", (long long)n, (long long)queens(n));
}
