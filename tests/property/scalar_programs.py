"""Random programs for the scalar passes: arithmetic of every type, branches, bounded loops, small slices, calls.

`program(seed)` gives text that verifies and ends; it may trap. What passes simplify is more likely than by chance:
few distinct literals, operands used twice, conditions that are constants.
"""

from __future__ import annotations

import random

INTS = ("i8", "u8", "i64", "u64", "i32")
FLOATS = ("f32", "f64")
_EDGES = {
    "i8": (-128, -1, 0, 1, 2, 7, 8, 127),
    "u8": (0, 1, 2, 7, 8, 255),
    "i32": (-(2**31), -1, 0, 1, 2, 31, 32, 2**31 - 1),
    "i64": (-(2**63), -1, 0, 1, 2, 3, 63, 64, 2**63 - 1),
    "u64": (0, 1, 2, 63, 64, 2**64 - 1),
    "f32": ("0.0", "-0.0", "1.0", "-1.0", "nan", "inf", "0.1"),
    "f64": ("0.0", "-0.0", "1.0", "-1.0", "nan", "-inf", "0.1", "1e+300"),
    "bool": ("true", "false"),
}
_HELPERS = """\
func @twice(%x: i64) -> i64 {
entry:
  %y = add %x, %x
  ret %y
}

func @sign(%x: i64) -> i64 {
entry:
  %n = lt %x, 0
  br_if %n, below, above
below:
  ret -1
above:
  %q = div 8, %x loc("h.go":7:1)
  %z = eq %q, 0
  br_if %z, zero, positive
zero:
  trap "large" loc("h.go":9:1)
positive:
  ret 1
}

func @fill(%n: i64) -> []i64 {
entry:
  %s = make []i64, %n loc("h.go":20:1)
  store %s[0], %n loc("h.go":21:1)
  ret %s
}

func @quiet(%x: i64) {
entry:
  %w = add %x, 1
  ret
}

func @down(%n: i64) -> i64 {
entry:
  %z = le %n, 0
  br_if %z, done, more
done:
  %o = call @twice(%n)
  ret %o
more:
  %m = sub %n, 1
  %k = call @down(%m)
  ret %k
}
"""


def program(seed: int) -> str:
    """The text of a program; `@main` takes an i64, a u8, an f64 and a bool, and gives an i64."""
    return _HELPERS + "\n" + _Writer(random.Random(seed)).main()


class _Writer:
    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._lines: list[str] = []
        self._count = 0
        self._loc = 0
        self._depth = 0

    def main(self) -> str:
        self._lines = ["func @main(%a: i64, %b: u8, %c: f64, %d: bool) -> i64 {", "entry:"]
        scope = {"i64": ["%a"], "u8": ["%b"], "f64": ["%c"], "bool": ["%d"]}
        self._statements(scope, self._rng.randint(4, 14))
        for t in (*INTS, *FLOATS, "bool"):
            for name in scope.get(t, ())[-2:]:
                self._emit(f"print {name}")
        self._emit(f"ret {self._operand('i64', scope)}")
        return "\n".join([*self._lines, "}"]) + "\n"

    def _emit(self, line: str) -> None:
        self._lines.append("  " + line)

    def _name(self) -> str:
        self._count += 1
        return f"%v{self._count}"

    def _place(self) -> str:
        self._loc += 1
        return f' loc("m.go":{self._loc}:1)'

    def _define(self, scope: dict[str, list[str]], t: str, text: str, place: bool = False) -> str:
        name = self._name()
        self._emit(f"{name} = {text}{self._place() if place else ''}")
        scope.setdefault(t, []).append(name)
        return name

    def _value(self, t: str, scope: dict[str, list[str]]) -> str:
        known = scope.get(t)
        if known and self._rng.random() < 0.9:
            return self._rng.choice(known[-6:])
        return self._define(scope, t, f"const {t}, {self._rng.choice(_EDGES[t])}")

    def _operand(self, t: str, scope: dict[str, list[str]]) -> str:
        return str(self._rng.choice(_EDGES[t])) if self._rng.random() < 0.4 else self._value(t, scope)

    def _pair(self, t: str, scope: dict[str, list[str]]) -> str:
        a = self._value(t, scope)
        b = a if self._rng.random() < 0.15 else self._operand(t, scope)
        return f"{a}, {b}" if self._rng.random() < 0.6 else f"{b}, {a}"

    def _statements(self, scope: dict[str, list[str]], count: int) -> None:
        kinds = (
            [self._arithmetic] * 8 + [self._compare] * 4 + [self._other] * 5 + [self._memory] * 3 + [self._call] * 2
            + [self._if] * 2 + [self._loop, self._switch, self._print, self._empty_blocks]
        )  # fmt: skip
        for _ in range(count):
            self._rng.choice(kinds)(scope)

    def _arithmetic(self, scope: dict[str, list[str]]) -> None:
        t = self._rng.choice((*INTS, "i64", "i64", *FLOATS))
        names = ["add", "sub", "mul"] * 3 + ["div"]
        if t in INTS:
            names += ["and", "or", "xor"] * 2 + ["rem", "shl", "shr"]
        op = self._rng.choice(names)
        self._define(scope, t, f"{op} {self._pair(t, scope)}", place=True)

    def _compare(self, scope: dict[str, list[str]]) -> None:
        t = self._rng.choice((*INTS, *FLOATS, "bool"))
        op = self._rng.choice(("eq", "ne") if t == "bool" else ("eq", "ne", "lt", "le", "gt", "ge"))
        self._define(scope, "bool", f"{op} {self._pair(t, scope)}")

    def _other(self, scope: dict[str, list[str]]) -> None:
        t = self._rng.choice((*INTS, *FLOATS))
        kind = self._rng.randrange(4)
        if kind == 0:
            self._define(scope, t, f"neg {self._value(t, scope)}")
        elif kind == 1:
            t = self._rng.choice((*INTS, "bool", "bool"))
            self._define(scope, t, f"not {self._value(t, scope)}")
        elif kind == 2:
            t = self._rng.choice((t, "bool"))
            self._define(scope, t, f"select {self._value('bool', scope)}, {self._pair(t, scope)}")
        else:
            source = self._rng.choice((*INTS, *FLOATS))
            self._define(scope, t, f"conv {t}, {self._value(source, scope)}")

    def _memory(self, scope: dict[str, list[str]]) -> None:
        slices = scope.setdefault("[]i64", [])
        kind = self._rng.randrange(8)
        small = self._rng.choice(("0", "1", "2", "3", "4", self._value("i64", scope)))
        if kind < 2 or not slices:
            cap = self._rng.choice(("", ", 4", ", 6"))
            uninit = self._rng.choice(("", "", "", ", uninit"))
            self._define(scope, "[]i64", f"make []i64, {self._rng.choice('01234')}{cap}{uninit}", place=True)
            return
        s = self._rng.choice(slices)
        if kind == 2:
            bounds = f"{self._rng.choice('001')}, {small}" + self._rng.choice(("", "", ", 4"))
            self._define(scope, "[]i64", f"slice {s}, {bounds}", place=True)
        elif kind == 3:
            self._define(scope, "i64", f"{self._rng.choice(('len', 'cap'))} {s}")
        elif kind == 4:
            self._emit(f"store {s}[{small}], {self._operand('i64', scope)}{self._place()}")
        elif kind == 5:
            self._define(scope, "i64", f"load {s}[{small}]", place=True)
        elif kind == 6:
            self._define(scope, "bool", f"{self._rng.choice(('eq', 'ne'))} {s}, nil")
        else:
            self._emit(f"free {s}{self._place()}")

    def _call(self, scope: dict[str, list[str]]) -> None:
        name = self._rng.choice(("twice", "sign", "fill", "quiet", "down"))
        arg = self._rng.choice("0123") if name in ("fill", "down") else self._operand("i64", scope)
        if name == "quiet":
            self._emit(f"call @quiet({arg})")
        else:
            self._define(scope, "[]i64" if name == "fill" else "i64", f"call @{name}({arg})")

    def _print(self, scope: dict[str, list[str]]) -> None:
        self._emit(f'print "at", {self._value(self._rng.choice(("i64", "bool", "f64", "u8")), scope)}')

    def _if(self, scope: dict[str, list[str]]) -> None:
        if self._depth >= 3:
            return
        self._depth += 1
        self._count += 1
        n, t = self._count, self._rng.choice(("i64", "f64", "bool"))
        condition = self._operand("bool", scope)
        self._emit(f"br_if {condition}, then{n}, else{n}")
        for arm in ("then", "else"):
            self._lines.append(f"{arm}{n}:")
            inner = {k: list(v) for k, v in scope.items()}
            self._statements(inner, self._rng.randint(0, 3))
            if self._rng.random() < 0.05:
                self._emit(f'trap "{arm}"{self._place()}')
            else:
                self._emit(f"br join{n}({self._operand(t, inner)}, {self._operand('i64', inner)})")
        p, q = self._name(), self._name()
        self._lines.append(f"join{n}({p}: {t}, {q}: i64):")
        scope.setdefault(t, []).append(p)
        scope["i64"].append(q)
        self._depth -= 1

    def _loop(self, scope: dict[str, list[str]]) -> None:
        if self._depth >= 2:
            return
        self._depth += 1
        self._count += 1
        n, t = self._count, self._rng.choice(("i64", "u8", "f32"))
        i, p, q, more, up = (self._name() for _ in range(5))
        first = self._operand(t, scope)
        self._emit(f"br head{n}(0, {first}, {self._operand('i64', scope)})")
        self._lines.append(f"head{n}({i}: i64, {p}: {t}, {q}: i64):")
        scope["i64"] += [i, q]
        scope.setdefault(t, []).append(p)
        self._emit(f"{more} = lt {i}, {self._rng.randint(0, 3)}")
        self._emit(f"br_if {more}, body{n}, exit{n}")
        self._lines.append(f"body{n}:")
        inner = {k: list(v) for k, v in scope.items()}
        self._statements(inner, self._rng.randint(0, 4))
        self._emit(f"{up} = add {i}, 1")
        carried = self._rng.choice((p, self._operand(t, inner)))
        self._emit(f"br head{n}({up}, {carried}, {self._rng.choice((q, self._operand('i64', inner)))})")
        self._lines.append(f"exit{n}:")
        self._depth -= 1

    def _switch(self, scope: dict[str, list[str]]) -> None:
        if self._depth >= 3:
            return
        self._count += 1
        n = self._count
        arg = self._operand("i64", scope)
        targets = [f"one{n}", f"after{n}({arg})", f"after{n}({self._operand('i64', scope)})"]
        chosen = [self._rng.choice(targets) for _ in range(3)]
        subject = self._value("i64", scope)
        self._emit(f"switch {subject}, {chosen[0]} [0: {chosen[1]}, 1: {chosen[2]}]")
        self._lines.append(f"one{n}:")
        inner = {k: list(v) for k, v in scope.items()}
        self._depth += 1
        self._statements(inner, self._rng.randint(0, 2))
        self._depth -= 1
        self._emit(f"br after{n}({self._operand('i64', inner)})")
        p = self._name()
        self._lines.append(f"after{n}({p}: i64):")
        scope["i64"].append(p)

    def _empty_blocks(self, scope: dict[str, list[str]]) -> None:
        self._count += 1
        n, p, q, r = self._count, *(self._name() for _ in range(3))
        self._emit(f"br_if {self._operand('bool', scope)}, left{n}({self._operand('i64', scope)}), right{n}")
        self._lines += [f"left{n}({p}: i64):", f"  br mid{n}({p})", f"right{n}:"]
        self._emit(f"br mid{n}({self._operand('i64', {'i64': list(scope['i64'])})})")
        self._lines += [f"mid{n}({q}: i64):", f"  br end{n}({q})", f"end{n}({r}: i64):"]
        scope["i64"].append(r)
