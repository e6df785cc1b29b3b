/* Tokenizing: expressions become tokens (kind, start, end), which a shunting-yard evaluator reads with an operator
   stack and a value stack. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scratch.h"

enum { NUMBER, OPERATOR, OPEN, SHUT };

static int64_t tokenize(const char *s, int64_t size, uint8_t *kinds, int32_t *starts, int32_t *ends) {
  int64_t n = 0, i = 0;
  while (i < size) {
    char c = s[i];
    int64_t start = i;
    if (c == ' ') {
      i++;
      continue;
    }
    if (c >= '0' && c <= '9') {
      while (i < size && s[i] >= '0' && s[i] <= '9')
        i++;
      kinds[n] = NUMBER;
    } else {
      i++;
      kinds[n] = c == '(' ? OPEN : c == ')' ? SHUT : OPERATOR;
    }
    starts[n] = (int32_t)start;
    ends[n] = (int32_t)i;
    n++;
  }
  return n;
}

static int64_t level(char op) {
  if (op == '+' || op == '-')
    return 1;
  return op == '*' ? 2 : 0;
}

static int64_t apply(char op, int64_t a, int64_t b) {
  switch (op) {
  case '+':
    return a + b;
  case '-':
    return a - b;
  }
  return a * b;
}

static int64_t evaluate(const char *s, int64_t size, int64_t x) {
  uint8_t *kinds = SCRATCH(size, sizeof *kinds);
  int32_t *starts = SCRATCH(size, sizeof *starts);
  int32_t *ends = SCRATCH(size, sizeof *ends);
  int64_t *values = SCRATCH(size, sizeof *values);
  char *ops = SCRATCH(size, sizeof *ops);
  int64_t n = tokenize(s, size, kinds, starts, ends);
  int64_t nv = 0, no = 0;
  for (int64_t t = 0; t < n; t++) {
    switch (kinds[t]) {
    case NUMBER: {
      int64_t v = 0;
      for (int32_t k = starts[t]; k < ends[t]; k++)
        v = v * 10 + (s[k] - '0');
      values[nv++] = v + x;
      break;
    }
    case OPEN:
      ops[no++] = '(';
      break;
    case SHUT:
      for (; ops[no - 1] != '('; nv--)
        no--, values[nv - 2] = apply(ops[no], values[nv - 2], values[nv - 1]);
      no--;
      break;
    case OPERATOR: {
      char op = s[starts[t]];
      for (; no > 0 && level(ops[no - 1]) >= level(op); nv--)
        no--, values[nv - 2] = apply(ops[no], values[nv - 2], values[nv - 1]);
      ops[no++] = op;
      break;
    }
    }
  }
  for (; no > 0; nv--)
    no--, values[nv - 2] = apply(ops[no], values[nv - 2], values[nv - 1]);
  int64_t result = values[0];
  DROP(kinds);
  DROP(starts);
  DROP(ends);
  DROP(values);
  DROP(ops);
  return result;
}

static int64_t value(const char *s, int64_t x) { return evaluate(s, (int64_t)strlen(s), x); }

int main(int argc, char **argv) {
  int64_t n = argc > 1 ? atoll(argv[1]) : 50;
  int64_t total = 0;
  for (int64_t i = 0; i < n; i++) {
    int64_t x = i % 17;
    total += value("1 + 2 * (3 - 4)", x);
    total ^= value("12 * (7 - 5)", x);
    total += value("(1+2)*(3+4)-(5*6)", x);
    total ^= value("9", x);
  }
  printf("%lld\n", (long long)total);
}
