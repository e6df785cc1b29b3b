/* Particle steps: six particles in a box; each step sorts them into cells and sums up forces in arrays that live
   for one step. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "scratch.h"

typedef struct {
  double x, y, vx, vy;
} Particle;

static int64_t step(Particle *ps, int64_t n, double dt) {
  double *fx = SCRATCH(n, sizeof *fx);
  double *fy = SCRATCH(n, sizeof *fy);
  int32_t *cell = SCRATCH(n, sizeof *cell);
  int32_t *used = SCRATCH(16, sizeof *used);
  for (int64_t i = 0; i < n; i++) {
    int64_t c = (int64_t)ps[i].y * 4 + (int64_t)ps[i].x;
    cell[i] = (int32_t)c;
    used[c]++;
  }
  int64_t met = 0;
  for (int64_t i = 0; i < n; i++) {
    if (used[cell[i]] < 2)
      continue;
    for (int64_t j = i + 1; j < n; j++) {
      if (cell[i] != cell[j])
        continue;
      double dx = ps[j].x - ps[i].x, dy = ps[j].y - ps[i].y;
      double d = dx * dx + dy * dy + 0.01;
      fx[i] -= dx / d;
      fy[i] -= dy / d;
      fx[j] += dx / d;
      fy[j] += dy / d;
      met++;
    }
  }
  for (int64_t i = 0; i < n; i++) {
    Particle *p = &ps[i];
    p->vx += fx[i] * dt;
    p->vy += fy[i] * dt;
    p->x += p->vx * dt;
    p->y += p->vy * dt;
    if (p->x < 0 || p->x >= 4) {
      p->vx = -p->vx;
      p->x += 2 * p->vx * dt;
    }
    if (p->y < 0 || p->y >= 4) {
      p->vy = -p->vy;
      p->y += 2 * p->vy * dt;
    }
    if (p->x < 0 || p->x >= 4 || p->y < 0 || p->y >= 4)
      *p = (Particle){2, 2, 0, 0};
  }
  DROP(fx);
  DROP(fy);
  DROP(cell);
  DROP(used);
  return met;
}

int main(int argc, char **argv) {
  int64_t n = argc > 1 ? atoll(argv[1]) : 100;
  const int64_t count = 6;
  Particle *ps = calloc(count, sizeof *ps);
  for (int64_t i = 0; i < count; i++)
    ps[i] = (Particle){(double)(i % 4) + 0.3, (double)(i / 4) + 0.6, (double)(i % 3) - 1, (double)(i % 5) / 4 - 0.5};
  int64_t met = 0;
  for (int64_t i = 0; i < n; i++)
    met += step(ps, count, 0.001);
  double energy = 0.0;
  for (int64_t i = 0; i < count; i++)
    energy += ps[i].vx * ps[i].vx + ps[i].vy * ps[i].vy;
  printf("%lld %.4f\n", (long long)met, energy);
  free(ps);
}
