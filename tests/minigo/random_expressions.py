"""Random small expressions as one Go program, which prints the value of each: to compare minigo with the real Go.

python -m tests.minigo.random_expressions 500 7 > table.go
"""

from __future__ import annotations

import random
import sys

_INTS = ("int", "int8", "uint8", "int32", "uint32", "int64", "uint64")
_VALUES = (
    0,
    1,
    2,
    3,
    7,
    -1,
    -2,
    -5,
    100,
    127,
    -128,
    255,
    1 << 15,
    1 << 31,
    -(1 << 31),
    (1 << 63) - 1,
    -(1 << 63),
    12345,
)


class Expressions:
    """Expressions over the parameters of a function, so that neither compiler knows their values."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def integer(self, type: str, depth: int) -> str:
        r = self.random
        if depth == 0 or r.random() < 0.15:
            return r.choice(("a", "b", "c")) if r.random() < 0.8 else str(r.choice((1, 2, 3, 5, 7)))
        kind = r.random()
        left, right = self.integer(type, depth - 1), self.integer(type, depth - 1)
        if left.isdigit():  # Go would compute with two constants, and refuse what does not fit
            left = "a"
        if kind < 0.55:
            return f"({left} {r.choice(('+', '-', '*', '&', '|', '^', '&^'))} {right})"
        if kind < 0.65:  # never by zero: the divisor is odd
            return f"({left} {r.choice('/%')} ({right}|1))"
        if kind < 0.75:
            return f"({left} {r.choice(('<<', '>>'))} {r.choice(('1', '3', 's', 's', '(s & 7)', 'uint8(s)'))})"
        if kind < 0.85:
            return f"{r.choice('-^')}({left})"
        other = r.choice(_INTS)
        return (
            f"{type}({other}({left}) {r.choice('+-*')} {other}({right}))" if depth > 1 else f"{type}({other}({left}))"
        )

    def boolean(self, depth: int) -> str:
        r = self.random
        if depth == 0 or r.random() < 0.3:
            op = r.choice(("==", "!=", "<", "<=", ">", ">="))
            if r.random() < 0.3:
                return f"f {op} g*{r.choice(('1', '2.5', 'g'))}"
            if r.random() < 0.3:
                return f"t {op} u[{r.choice(('0', '1', 'len(u)'))}:]"
            return f"{self.integer('int', 1)} {op} {self.integer('int', 1)}"
        if r.random() < 0.2:
            return f"!({self.boolean(depth - 1)})"
        return f"({self.boolean(depth - 1)} {r.choice(('&&', '||'))} {self.boolean(depth - 1)})"

    def float(self, depth: int) -> str:
        r = self.random
        if depth == 0 or r.random() < 0.2:
            return r.choice(("f", "g", "f", "(g + 0.5)", "(f * 1e10)", "float64(a)", "float64(s)"))
        if r.random() < 0.1:
            return f"float64(float32({self.float(depth - 1)}))"
        return f"({self.float(depth - 1)} {r.choice('+-*/')} {self.float(depth - 1)})"

    def function(self, number: int) -> tuple[str, str]:
        """A function that prints one expression, and its call."""
        r = self.random
        type = r.choice(_INTS)
        kind = r.random()
        if kind < 0.6:
            value = self.integer(type, r.randint(1, 4))
        elif kind < 0.8:
            type, value = "int", self.boolean(r.randint(1, 3))
        else:
            type, value = "int", self.float(r.randint(1, 3))
        low = -(1 << 63) if type in ("int", "int64") else -(1 << 31)
        args = []
        for _ in range(3):
            bits = 64 if type.endswith(("64", "int")) else int(type.lstrip("uint"))
            value_of = r.choice(_VALUES) if r.random() < 0.7 else r.randint(low, -low - 1)
            value_of &= (1 << bits) - 1
            if not type.startswith("u") and value_of >> (bits - 1):
                value_of -= 1 << bits
            args.append(str(value_of))
        args += [str(r.choice((0, 1, 5, 8, 31, 33, 63, 64, 70))), r.choice(("0.1", "-2.5", "1e300", "0")), "3.75"]
        text = (
            f"func f{number}(a, b, c {type}, s int, f, g float64, t, u string) {{\n\tx := {value}\n"
            f"\tfmt.Println({number}, x)\n\t_, _, _, _, _, _, _, _ = a, b, c, s, f, g, t, u\n}}\n"
        )
        return text, f'\tf{number}({", ".join(args)}, "ab", "{r.choice(("ab", "abc", "b", "xab"))}")\n'


def program(count: int, seed: int) -> str:
    expressions = Expressions(seed)
    functions = [expressions.function(i) for i in range(count)]
    calls = "".join(call for _, call in functions)
    return f'package main\n\nimport "fmt"\n\n{"".join(text for text, _ in functions)}\nfunc main() {{\n{calls}}}\n'


if __name__ == "__main__":
    print(program(int(sys.argv[1]), int(sys.argv[2])), end="")
