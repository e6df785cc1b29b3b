/* Binary trees: build and count perfect trees of many depths (the Computer Language Benchmarks Game). */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct Tree {
  struct Tree *left, *right;
} Tree;

static Tree *bottom_up(int64_t depth) {
  Tree *t = calloc(1, sizeof *t);
  if (depth > 0) {
    t->left = bottom_up(depth - 1);
    t->right = bottom_up(depth - 1);
  }
  return t;
}

static int64_t count(const Tree *t) {
  if (t->left == NULL)
    return 1;
  return 1 + count(t->left) + count(t->right);
}

static void drop(Tree *t) {
  if (t == NULL)
    return;
  drop(t->left);
  drop(t->right);
  free(t);
}

int main(int argc, char **argv) {
  int64_t n = argc > 1 ? atoll(argv[1]) : 4;
  const int64_t min_depth = 4;
  int64_t max_depth = min_depth + 2;
  if (n > max_depth)
    max_depth = n;
  int64_t stretch = max_depth + 1;
  Tree *first = bottom_up(stretch);
  printf("stretch tree of depth %lld\t check: %lld\n", (long long)stretch, (long long)count(first));
  drop(first);
  Tree *long_lived = bottom_up(max_depth);
  for (int64_t depth = min_depth; depth <= max_depth; depth += 4) {
    int64_t rounds = (int64_t)1 << (max_depth - depth + min_depth);
    int64_t check = 0;
    for (int64_t i = 1; i <= rounds; i++) {
      Tree *t = bottom_up(depth);
      check += count(t);
      drop(t);
    }
    printf("%lld\t trees of depth %lld\t check: %lld\n", (long long)rounds, (long long)depth, (long long)check);
  }
  printf("long lived tree of depth %lld\t check: %lld\n", (long long)max_depth, (long long)count(long_lived));
  drop(long_lived);
}
