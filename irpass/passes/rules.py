"""The rules of `canonicalize`: what an instruction is equal to, by its operands and their definitions alone.

Every rule keeps the value to the bit (floats: -0.0 and NaN included; NaNs are one value) and never removes a trap: an
instruction that may trap becomes something else only where its operands show that it does not. Each rule shortens, or
brings closer to one normal form:
  - constants stand on the right of commutative operations and comparisons;
  - `x + c` or `x - c` with a positive `c` (as signed), or `x + least`; chains of them are one;
  - a `not` of a comparison is the opposite comparison; `sub 0, x` is `neg x`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from irpass.ir import ops, semantics
from irpass.ir.constants import integer, number
from irpass.ir.core import Instr, Literal, Operand, Scalar
from irpass.ir.layout import Layouts
from irpass.ir.ops import Op
from irpass.ir.types import BOOL, U8, ScalarType, Type, is_float
from irpass.passes.facts import (
    capacity,
    definition,
    extent_bytes,
    is_length,
    is_never_nil,
    is_nil,
    length,
    same,
    text,
)


class Form(NamedTuple):
    """Another operation that gives the same result."""

    op: Op
    operands: list[Operand]
    type: Type | None = None


Result = Operand | Form | None
Rule = Callable[[Instr, Layouts], Result]

_MIRRORED = {ops.EQ: ops.EQ, ops.NE: ops.NE, ops.LT: ops.GT, ops.GT: ops.LT, ops.LE: ops.GE, ops.GE: ops.LE}
_OPPOSITE = {ops.EQ: ops.NE, ops.NE: ops.EQ, ops.LT: ops.GE, ops.GE: ops.LT, ops.GT: ops.LE, ops.LE: ops.GT}
_ON_EQUALS = {ops.EQ: True, ops.LE: True, ops.GE: True, ops.NE: False, ops.LT: False, ops.GT: False}
_ASSOCIATIVE = frozenset({ops.MUL, ops.AND, ops.OR, ops.XOR})
_NEUTRAL = {  # x op c is x
    ops.ADD: 0, ops.SUB: 0, ops.MUL: 1, ops.DIV: 1, ops.OR: 0, ops.XOR: 0, ops.SHL: 0, ops.SHR: 0,
}  # fmt: skip
# Not 0.0 for add: -0.0 + 0.0 is 0.0. Nothing absorbs: nan * 0.0 is nan.
_FLOAT_NEUTRAL = {ops.ADD: "-0.0", ops.SUB: "0.0", ops.MUL: "1.0", ops.DIV: "1.0"}


def simplify(i: Instr, layouts: Layouts) -> Result:
    """The operand or the other form that `i` is equal to; None where there is nothing to do."""
    rule = RULES.get(i.op)
    return rule(i, layouts) if rule is not None else None


def _arithmetic(i: Instr, layouts: Layouts) -> Result:
    x, y = i.operands
    a, b = number(x), number(y)
    t = x.type
    assert isinstance(t, ScalarType)
    if a is not None and b is not None:
        try:
            return Literal(t, semantics.binary(i.op, t)(a, b))
        except semantics.ArithmeticTrapError:
            return None  # it traps where it stands
    if a is not None and i.op.commutative:
        return Form(i.op, [y, x])
    negated = _negation(i, x, y)
    if negated is not None:
        return negated
    if t.kind == "float":
        return _float_right(i.op, t, x, b)
    if isinstance(b, int):
        return _int_right(i, t, x, b)
    if isinstance(a, int):
        return _int_left(i.op, t, a, y)
    return _int_equal(i.op, t, x) if x is y else _cancel(i.op, x, y)


def _negation(i: Instr, x: Operand, y: Operand) -> Result:
    """Additions of what is negated, subtractions from nothing: the same to the bit for floats."""
    if i.op is ops.SUB and number(x) is not None:
        nothing = semantics.float_text(float(number(x) or 0.0)) == "-0.0" if is_float(x.type) else number(x) == 0
        return Form(ops.NEG, [y]) if nothing else None
    if i.op not in (ops.ADD, ops.SUB):
        return None
    d = definition(y)
    if d is not None and d.op is ops.NEG:
        return Form(ops.SUB if i.op is ops.ADD else ops.ADD, [x, d.operands[0]])
    d = definition(x)
    if d is not None and d.op is ops.NEG and i.op is ops.ADD:
        return Form(ops.SUB, [y, d.operands[0]])
    return None


def _float_right(op: Op, t: ScalarType, x: Operand, b: float | None) -> Result:
    if b is None:
        return None
    if semantics.float_text(b, t) == _FLOAT_NEUTRAL[op]:
        return x
    return Form(ops.NEG, [x]) if op in (ops.MUL, ops.DIV) and b == -1 else None


def _int_right(i: Instr, t: ScalarType, x: Operand, b: int) -> Result:
    op, ones = i.op, -1 if t.signed else t.hi
    if b == _NEUTRAL.get(op) or (op is ops.AND and b == ones):
        return x
    if (b == 0 and op in (ops.MUL, ops.AND)) or (op is ops.OR and b == ones):
        return Literal(t, b)
    if op in (ops.ADD, ops.SUB):
        return _offset(i, t)
    if op is ops.REM and b in (1, -1):
        return Literal(t, 0)
    if b == -1 and op in (ops.MUL, ops.DIV):
        return Form(ops.NEG, [x])
    if op is ops.XOR and b == ones:
        return Form(ops.NOT, [x])
    if b >= t.bits and (op is ops.SHL or (op is ops.SHR and not t.signed)):
        return Literal(t, 0)
    inner = definition(x)
    if op in _ASSOCIATIVE and inner is not None and inner.op is op:
        c = integer(inner.operands[1])
        if c is not None:
            return Form(op, [inner.operands[0], Literal(t, semantics.binary(op, t)(c, b))])
    return None


def _offset(i: Instr, t: ScalarType) -> Result:
    """A chain of additions and subtractions of constants as one of them."""
    base: Operand = i.operands[0]
    total = _signed(t, i)
    inner = definition(base)
    if inner is not None and inner.op in (ops.ADD, ops.SUB) and integer(inner.operands[1]) is not None:
        base, total = inner.operands[0], total + _signed(t, inner)
    half = 1 << (t.bits - 1)
    total = (total + half) % (2 * half) - half
    if total == 0:
        return base
    op = ops.ADD if total > 0 or total == -half else ops.SUB
    size = abs(total) if total != -half or not t.signed else total
    if op is i.op and base is i.operands[0] and size == integer(i.operands[1]):
        return None
    return Form(op, [base, Literal(t, size)])


def _signed(t: ScalarType, i: Instr) -> int:
    c = integer(i.operands[1]) or 0
    return c if i.op is ops.ADD else -c


def _int_left(op: Op, t: ScalarType, a: int, y: Operand) -> Result:
    # A signed shift by a negative amount traps, whatever is shifted.
    return Literal(t, 0) if a == 0 and op in (ops.SHL, ops.SHR) and not t.signed else None


def _int_equal(op: Op, t: ScalarType, x: Operand) -> Result:
    if op in (ops.SUB, ops.XOR):
        return Literal(t, 0)
    return x if op in (ops.AND, ops.OR) else None


def _cancel(op: Op, x: Operand, y: Operand) -> Result:
    """`(a + b) - b` is a, `(a - b) + b` is a, `a - (a - b)` is b: integers wrap, so nothing is lost."""
    d = definition(x)
    if op is ops.SUB and d is not None and d.op is ops.ADD:
        a, b = d.operands
        return a if b is y else b if a is y else None
    if op is ops.ADD and d is not None and d.op is ops.SUB and d.operands[1] is y:
        return d.operands[0]
    d = definition(y)
    if d is not None and d.op is ops.SUB:
        if op is ops.ADD and d.operands[1] is x:
            return d.operands[0]
        if op is ops.SUB and d.operands[0] is x:
            return d.operands[1]
    return None


def _neg(i: Instr, layouts: Layouts) -> Result:
    x = i.operands[0]
    a, d = number(x), definition(x)
    if a is not None:
        return Literal(x.type, semantics.unary(ops.NEG, x.type)(a))
    if d is None:
        return None
    if d.op is ops.NEG:
        return d.operands[0]
    if d.op is ops.SUB and not is_float(x.type):  # for floats -(a - a) is -0.0
        return Form(ops.SUB, d.operands[::-1])
    return None


def _not(i: Instr, layouts: Layouts) -> Result:
    x = i.operands[0]
    a, d = number(x), definition(x)
    if a is not None:
        return Literal(x.type, semantics.unary(ops.NOT, x.type)(a))
    if d is None:
        return None
    if d.op is ops.NOT:
        return d.operands[0]
    if d.op in ops.COMPARISONS and (d.op in (ops.EQ, ops.NE) or not is_float(d.operands[0].type)):
        return Form(_OPPOSITE[d.op], list(d.operands))  # not lt is true on nan, ge is not
    return None


def _compare(i: Instr, layouts: Layouts) -> Result:
    x, y = i.operands
    a, b = number(x), number(y)
    if a is not None and b is not None:
        return Literal(BOOL, semantics.COMPARE[i.op](a, b))
    if is_nil(x) and is_nil(y):
        return Literal(BOOL, i.op is ops.EQ)
    if a is not None or is_nil(x):
        return Form(_MIRRORED[i.op], [y, x])
    if is_nil(y):
        return Literal(BOOL, i.op is ops.NE) if is_never_nil(x) else None
    if x is y:
        return _compare_equal(i.op, x.type)
    if b is None:
        return None
    if x.type is BOOL:
        return x if (i.op is ops.EQ) == b else Form(ops.NOT, [x])
    return _compare_int(i.op, x, b) if isinstance(b, int) else None


def _compare_equal(op: Op, t: Type) -> Result:
    if is_float(t) and op not in (ops.LT, ops.GT):
        return None  # nan equals nothing, itself included
    return Literal(BOOL, _ON_EQUALS[op])


def _compare_int(op: Op, x: Operand, b: int) -> Result:
    t = x.type
    assert isinstance(t, ScalarType)
    if op in (ops.EQ, ops.NE):
        return _equal_int(op, x, b, t)
    if b == (t.lo if op in (ops.LT, ops.GE) else t.hi):
        return Literal(BOOL, op in (ops.GE, ops.LE))
    if b == t.lo:
        return Form(ops.EQ if op is ops.LE else ops.NE, [x, Literal(t, b)])
    if b == t.hi:
        return Form(ops.EQ if op is ops.GE else ops.NE, [x, Literal(t, b)])
    return None


def _equal_int(op: Op, x: Operand, b: int, t: ScalarType) -> Result:
    d = definition(x)
    if d is None or d.op not in (ops.ADD, ops.SUB, ops.XOR):
        return None
    base, c = d.operands[0], integer(d.operands[1])
    if c is not None:
        undo = {ops.ADD: ops.SUB, ops.SUB: ops.ADD, ops.XOR: ops.XOR}[d.op]
        return Form(op, [base, Literal(t, semantics.binary(undo, t)(b, c))])
    return Form(op, list(d.operands)) if b == 0 and d.op is not ops.ADD else None


def _select(i: Instr, layouts: Layouts) -> Result:
    c, x, y = i.operands
    known, d = number(c), definition(c)
    if known is not None:
        return x if known else y
    if same(x, y):
        return x
    if i.result is not None and i.result.type is BOOL and number(x) is not None and number(y) is not None:
        return c if number(x) else Form(ops.NOT, [c])
    return Form(ops.SELECT, [d.operands[0], y, x]) if d is not None and d.op is ops.NOT else None


def _conv(i: Instr, layouts: Layouts) -> Result:
    x, t = i.operands[0], i.type
    source, a = x.type, number(x)
    assert isinstance(t, ScalarType) and isinstance(source, ScalarType)
    if source is t:
        return x
    if a is not None:
        return Literal(t, semantics.convert(source, t)(a))
    d = definition(x)
    if d is None or d.op is not ops.CONV:
        return None
    inner = d.operands[0]
    first = inner.type
    assert isinstance(first, ScalarType)
    if first.kind == "int" and source.kind == "int" and t.kind == "int":
        # The low bits of the source are all that counts, or it holds every value that went into it.
        if source.bits >= t.bits or (source.lo <= first.lo and first.hi <= source.hi):
            return Form(ops.CONV, [inner], t)
    elif first.kind == "float" and first.bits <= source.bits and source.kind == "float":
        return Form(ops.CONV, [inner], t)  # f32 to f64 is exact
    return None


def _len(i: Instr, layouts: Layouts) -> Result:
    found = length(i.operands[0])
    if found is not None:
        return found
    d = definition(i.operands[0])
    return Form(ops.SUB, [d.operands[2], d.operands[1]]) if d is not None and d.op is ops.SLICE else None


def _cap(i: Instr, layouts: Layouts) -> Result:
    found = capacity(i.operands[0])
    if found is not None:
        return found
    d = definition(i.operands[0])
    if d is None or d.op is not ops.SLICE:
        return None
    if len(d.operands) == 4:
        return Form(ops.SUB, [d.operands[3], d.operands[1]])
    return Form(ops.CAP, [d.operands[0]]) if integer(d.operands[1]) == 0 else None


def _slice(i: Instr, layouts: Layouts) -> Result:
    base, low, high = i.operands[:3]
    if len(i.operands) == 3 and integer(low) == 0 and is_length(high, base):
        return base
    d = definition(base)
    if d is not None and d.op is ops.SLICE and len(d.operands) == 3 and integer(d.operands[1]) == 0:
        return Form(ops.SLICE, [d.operands[0], *i.operands[1:]])  # the same start and cap: the same bounds hold
    return None


def _load(i: Instr, layouts: Layouts) -> Result:
    data = text(i.operands[0])
    at = integer(i.operands[1]) if len(i.operands) == 2 else None
    return Literal(U8, data[at]) if data is not None and at is not None and 0 <= at < len(data) else None


def _extent(i: Instr, layouts: Layouts) -> Result:
    cap = integer(i.operands[0])
    found: Scalar = extent_bytes(i.type, cap, layouts) if cap is not None else None
    return Literal(i.operands[0].type, found) if found is not None else None


RULES: dict[Op, Rule] = {
    **dict.fromkeys(ops.ARITHMETIC, _arithmetic),
    **dict.fromkeys(ops.COMPARISONS, _compare),
    ops.NEG: _neg,
    ops.NOT: _not,
    ops.SELECT: _select,
    ops.CONV: _conv,
    ops.LEN: _len,
    ops.CAP: _cap,
    ops.SLICE: _slice,
    ops.LOAD: _load,
    ops.EXTENT: _extent,
}
