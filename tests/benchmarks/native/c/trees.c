/* Tree building: a search tree whose nodes own two small arrays, as an index does. Everything stays until the end. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Node {
  int64_t key;
  int32_t *postings;
  double *weights;
  int64_t used;
  struct Node *left, *right;
} Node;

static Node *new_node(int64_t key) {
  Node *n = calloc(1, sizeof *n);
  n->key = key;
  n->postings = calloc(4, sizeof *n->postings);
  n->weights = calloc(4, sizeof *n->weights);
  return n;
}

static void drop(Node *n) {
  if (n == NULL)
    return;
  drop(n->left);
  drop(n->right);
  free(n->postings);
  free(n->weights);
  free(n);
}

static Node *insert(Node *root, int64_t key, int64_t value) {
  if (root == NULL)
    root = new_node(key);
  Node *n = root;
  while (n->key != key) {
    Node **next = key < n->key ? &n->left : &n->right;
    if (*next == NULL)
      *next = new_node(key);
    n = *next;
  }
  int64_t slot = n->used % 4;
  n->postings[slot] = (int32_t)value;
  n->weights[slot] += (double)value / 8;
  n->used++;
  return root;
}

static int64_t walk(const Node *n, int64_t depth, double *total) {
  if (n == NULL) {
    *total = 0;
    return 0;
  }
  double sum, rest;
  int64_t count = walk(n->left, depth + 1, &sum);
  int64_t more = walk(n->right, depth + 1, &rest);
  for (int i = 0; i < 4; i++) {
    sum += n->weights[i] * (double)depth;
    count += n->postings[i] % 2;
  }
  *total = sum + rest;
  return count + more + 1;
}

/* The fewest digits that read back, as Go prints a float. */
static void print_shortest(double x) {
  char text[32];
  int digits = 0;
  do
    snprintf(text, sizeof text, "%.*e", digits, x);
  while (strtod(text, NULL) != x && ++digits < 17);
  int exponent = atoi(strchr(text, 'e') + 1);
  if (x != 0 && (exponent < -4 || exponent >= 6))
    printf("%s", text);
  else
    printf("%.*f", digits > exponent ? digits - exponent : 0, x);
}

int main(int argc, char **argv) {
  int64_t n = argc > 1 ? atoll(argv[1]) : 100;
  Node *root = NULL;
  uint32_t seed = 7;
  for (int64_t i = 0; i < n; i++) {
    seed = seed * 1664525 + 1013904223;
    root = insert(root, (int64_t)(seed >> 8), i);
  }
  double sum;
  int64_t count = walk(root, 1, &sum);
  printf("%lld ", (long long)count);
  print_shortest(sum);
  printf("\n");
  drop(root);
}
