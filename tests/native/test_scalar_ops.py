"""Every scalar operation on every type: corner values against each other, and whatever Hypothesis thinks of."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache

import pytest
from hypothesis import given, settings, strategies as st

from irpass.api import parse
from irpass.interp.machine import run as interpret
from irpass.ir.core import Module
from irpass.ir.semantics import round_f32
from irpass.ir.types import F32, SCALARS, ScalarType
from irpass.native.engine import NativeProgram
from tests.native.agreement import differs

_LEVELS = (0, 2)
_BINARY = ("add", "sub", "mul", "div", "rem", "and", "or", "xor", "shl", "shr", "eq", "ne", "lt", "le", "gt", "ge")
_MAY_TRAP = {"div", "rem", "shl", "shr"}
_NUMERIC = [t for t in SCALARS.values() if t.kind != "bool"]
_LOOP = """
func @{name}(%a: []{t}, %b: []{t}) {{
entry:
  %n = len %a
  br rows(0)
rows(%i: i64):
  %more = lt %i, %n
  br_if %more, row, done
row:
  %x = load %a[%i]
  %m = len %b
  br columns(0)
columns(%j: i64):
  %left = lt %j, %m
  br_if %left, both, next
both:
  %y = load %b[%j]
{body}
  print {shown}
  %j1 = add %j, 1
  br columns(%j1)
next:
  %i1 = add %i, 1
  br rows(%i1)
done:
  ret
}}
"""


def _operations(t: ScalarType) -> list[str]:
    if t.kind == "bool":
        return ["eq", "ne"]
    return [op for op in _BINARY if t.kind == "int" or op in ("add", "sub", "mul", "div") or op in _BINARY[10:]]


@cache
def _module(t: ScalarType) -> Module:
    """`@main(%op, %a, %b)` prints what operation number `op` gives for each of `a` with each of `b`."""
    operations = _operations(t)
    texts = [_LOOP.format(name=f"f.{op}", t=t, body=f"  %z = {op} %x, %y", shown="%z") for op in operations]
    body = [f"  %to_{u} = conv {u}, %x" for u in _NUMERIC] if t.kind != "bool" else []
    minus = ["  %minus = neg %x"] if t.kind != "bool" else []
    flip = ["  %flip = not %x"] if t.kind != "float" else []
    chosen = ["  %same = eq %x, %y", "  %chosen = select %same, %x, %y"]
    shown = ", ".join(line.split()[0] for line in [*body, *minus, *flip, chosen[1]])
    texts.append(_LOOP.format(name="f.others", t=t, body="\n".join([*body, *minus, *flip, *chosen]), shown=shown))
    names = [*operations, "others"]
    cases = ", ".join(f"{i}: b{i}" for i in range(len(names)))
    blocks = "".join(f"b{i}:\n  call @f.{name}(%a, %b)\n  ret\n" for i, name in enumerate(names))
    main = (
        f"func @main(%op: i64, %a: []{t}, %b: []{t}) {{\nentry:\n  switch %op, none [{cases}]\n{blocks}none:\n  ret\n}}"
    )
    return parse("\n".join([*texts, main]))


@cache
def _program(t: ScalarType, level: int) -> NativeProgram:
    return NativeProgram(_module(t), opt_level=level)


def _corners(t: ScalarType) -> Sequence[int | float]:
    if t.kind == "bool":
        return [False, True]
    if t.kind == "int":
        near = {
            0,
            1,
            2,
            3,
            7,
            10,
            t.bits - 1,
            t.bits,
            t.bits + 1,
            t.hi - 1,
            t.hi,
            t.lo,
            t.lo + 1,
            t.hi // 2,
            -1,
            -2,
            -7,
        }
        return sorted(x for x in near if t.lo <= x <= t.hi)
    found = [
        0.0, -0.0, 1.0, -1.5, 0.1, 1e16, 1e15, 9999999999999998.0, 1e-4, 9.9e-5, 1e-5, 123456.789, 2.0**-44,
        5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 3.4028234663852886e38, 1.17549435e-38, 1e-45,
        2.0**31, 2.0**32, 2.0**63, -(2.0**63), 2.0**64, 1e19, -1e19, 127.9, -128.9, 255.5, -0.9, 4e9, 16777217.0,
        0.3, 1e22, 1e23, math.inf, -math.inf, math.nan, 9007199254740993.0, 2.0**-1022, 2.0**100, 1 / 3,
    ]  # fmt: skip
    return list(dict.fromkeys(round_f32(x) for x in found)) if t is F32 else found


def _agree(t: ScalarType, level: int, op: int, a: Sequence[object], b: Sequence[object]) -> None:
    expected = interpret(_module(t), "main", [op, a, b])
    found = _program(t, level).run([op, a, b])
    assert differs(expected, found) is None


@pytest.mark.parametrize("level", _LEVELS)
@pytest.mark.parametrize("t", SCALARS.values(), ids=str)
def test_each_operation_gives_what_the_interpreter_gives(t: ScalarType, level: int) -> None:
    values = _corners(t)
    for number, op in enumerate([*_operations(t), "others"]):
        traps = [y for y in values if op in _MAY_TRAP and t.kind == "int" and _traps(op, y)]
        _agree(t, level, number, values, [y for y in values if y not in traps])
        for y in traps:
            _agree(t, level, number, values[:2], [y])


def _traps(op: str, y: object) -> bool:
    assert isinstance(y, int)
    return y == 0 if op in ("div", "rem") else y < 0


def _values(t: ScalarType) -> st.SearchStrategy[object]:
    if t.kind == "bool":
        return st.booleans()
    return st.integers(t.lo, t.hi) if t.kind == "int" else st.floats(width=32 if t is F32 else 64)


@pytest.mark.parametrize("t", SCALARS.values(), ids=str)
def test_any_two_values_give_what_the_interpreter_gives(t: ScalarType) -> None:
    numbers = st.integers(0, len(_operations(t)))

    @settings(max_examples=60, deadline=None)
    @given(numbers, st.lists(_values(t), max_size=4), st.lists(_values(t), max_size=4), st.sampled_from(_LEVELS))
    def check(op: int, a: list[object], b: list[object], level: int) -> None:
        _agree(t, level, op, a, b)

    check()


def test_floats_print_as_the_shortest_text_that_reads_back() -> None:
    module = parse("func @main(%a: []f64, %b: []f32) {\nentry:\n  br next(0)\nnext(%i: i64):\n  %n = len %a\n"
                   "  %more = lt %i, %n\n  br_if %more, one, done\none:\n  %x = load %a[%i]\n  %y = load %b[%i]\n"
                   "  print %x, %y\n  %j = add %i, 1\n  br next(%j)\ndone:\n  ret\n}")  # fmt: skip
    with NativeProgram(module) as program:

        @settings(max_examples=100, deadline=None)
        @given(st.lists(st.tuples(_powers(1023), st.floats(width=32)), max_size=30))
        def check(pairs: list[tuple[float, float]]) -> None:
            args = [[x for x, _ in pairs], [y for _, y in pairs]]
            assert program.run(args).printed == interpret(module, "main", args).printed

        check()


def _powers(most: int) -> st.SearchStrategy[float]:
    """Floats of all kinds, and powers of two often: below those the gaps are uneven."""
    return st.one_of(st.floats(), st.integers(-most - 51, most).map(lambda e: math.ldexp(1.0, e)))
