/* Adjacency lists: many small random graphs, each stored in compressed rows and searched breadth first from every
   fourth node. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "scratch.h"

static int64_t search(const int32_t *offsets, const int32_t *targets, int64_t n, int64_t from) {
  int32_t *dist = SCRATCH(n, sizeof *dist);
  int32_t *queue = SCRATCH(n, sizeof *queue);
  bool *seen = SCRATCH(n, sizeof *seen);
  int64_t head = 0, tail = 0;
  queue[tail++] = (int32_t)from;
  seen[from] = true;
  int64_t sum = 0;
  while (head < tail) {
    int32_t u = queue[head++];
    for (int32_t e = offsets[u]; e < offsets[u + 1]; e++) {
      int32_t v = targets[e];
      if (!seen[v]) {
        seen[v] = true;
        dist[v] = dist[u] + 1;
        sum += dist[v];
        queue[tail++] = v;
      }
    }
  }
  DROP(dist);
  DROP(queue);
  DROP(seen);
  return sum + tail * 1000;
}

static int64_t graph(int64_t n, int64_t degree, uint32_t seed) {
  int64_t edges = n * degree;
  int32_t *from = SCRATCH(edges, sizeof *from);
  int32_t *to = SCRATCH(edges, sizeof *to);
  int32_t *offsets = SCRATCH(n + 1, sizeof *offsets);
  int32_t *fill = SCRATCH(n, sizeof *fill);
  int32_t *targets = SCRATCH(edges, sizeof *targets);
  for (int64_t e = 0; e < edges; e++) {
    seed = seed * 1664525 + 1013904223;
    from[e] = (int32_t)((int64_t)(seed >> 16) % n);
    seed = seed * 1664525 + 1013904223;
    to[e] = (int32_t)((int64_t)(seed >> 16) % n);
    offsets[from[e] + 1]++;
  }
  for (int64_t i = 0; i < n; i++) {
    offsets[i + 1] += offsets[i];
    fill[i] = offsets[i];
  }
  for (int64_t e = 0; e < edges; e++) {
    int32_t u = from[e];
    targets[fill[u]++] = to[e];
  }
  int64_t sum = 0;
  for (int64_t i = 0; i < n; i += 4)
    sum += search(offsets, targets, n, i);
  DROP(from);
  DROP(to);
  DROP(offsets);
  DROP(fill);
  DROP(targets);
  return sum;
}

int main(int argc, char **argv) {
  int64_t n = argc > 1 ? atoll(argv[1]) : 10;
  int64_t total = 0;
  for (int64_t i = 0; i < n; i++)
    total += graph(4 + i % 5, 1, (uint32_t)i);
  printf("%lld\n", (long long)total);
}
