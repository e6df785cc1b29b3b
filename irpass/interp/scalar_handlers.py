"""Handlers of constants, arithmetic, comparison, `select`, `conv` and `extent`."""

from __future__ import annotations

import operator

from irpass.interp.frame import FrameLayout, Handler, Regs
from irpass.interp.memory import NIL
from irpass.ir import ops
from irpass.ir.core import ArenaSpec, Instr
from irpass.ir.layout import MAX_BYTES
from irpass.ir.semantics import COMPARE, binary, convert, unary, wrapper
from irpass.ir.types import ScalarType, SliceType, is_integer


def const(layout: FrameLayout, instr: Instr) -> Handler:
    assert instr.type is not None and not isinstance(instr.imm, str | tuple | ArenaSpec)
    out, held = layout.out(instr), layout.constant(instr.type, instr.imm)

    def handler(regs: Regs) -> None:
        regs[out] = held

    return handler


_EXACT = {ops.ADD: operator.add, ops.SUB: operator.sub, ops.MUL: operator.mul}


def arithmetic(layout: FrameLayout, instr: Instr) -> Handler:
    t = instr.operands[0].type
    (a, b), out = layout.regs(instr.operands), layout.out(instr)
    if is_integer(t) and instr.op in _EXACT:
        return _wrapping(instr.op, t, a, b, out)
    compute = binary(instr.op, t)

    def handler(regs: Regs) -> None:
        regs[out] = compute(regs[a], regs[b])

    return handler


def _wrapping(op: ops.Op, t: object, a: int, b: int, out: int) -> Handler:
    """The same as `binary` computes, at half the time: the result is wrapped only where it is out of range."""
    assert isinstance(t, ScalarType)
    lo, hi, wrap = t.lo, t.hi, wrapper(t)

    def add(regs: Regs) -> None:
        x = regs[a] + regs[b]
        regs[out] = x if lo <= x <= hi else wrap(x)

    def sub(regs: Regs) -> None:
        x = regs[a] - regs[b]
        regs[out] = x if lo <= x <= hi else wrap(x)

    def mul(regs: Regs) -> None:
        x = regs[a] * regs[b]
        regs[out] = x if lo <= x <= hi else wrap(x)

    return add if op is ops.ADD else sub if op is ops.SUB else mul


def one_operand(layout: FrameLayout, instr: Instr) -> Handler:
    a, out = layout.reg(instr.operands[0]), layout.out(instr)
    source = instr.operands[0].type
    compute = convert(source, instr.type) if instr.type is not None else unary(instr.op, source)

    def handler(regs: Regs) -> None:
        regs[out] = compute(regs[a])

    return handler


def comparison(layout: FrameLayout, instr: Instr) -> Handler:
    (a, b), out = layout.regs(instr.operands), layout.out(instr)
    if isinstance(instr.operands[0].type, SliceType):
        return _nil_comparison(instr.op, a, b, out)
    compute = COMPARE[instr.op]

    def handler(regs: Regs) -> None:
        regs[out] = compute(regs[a], regs[b])

    def less(regs: Regs) -> None:  # most loops ask this, and an operator is quicker than a call
        regs[out] = regs[a] < regs[b]

    return less if instr.op is ops.LT else handler


def _nil_comparison(op: ops.Op, a: int, b: int, out: int) -> Handler:
    is_eq = op is ops.EQ

    def handler(regs: Regs) -> None:
        regs[out] = (regs[a] is NIL and regs[b] is NIL) is is_eq

    return handler


def select(layout: FrameLayout, instr: Instr) -> Handler:
    (c, a, b), out = layout.regs(instr.operands), layout.out(instr)

    def handler(regs: Regs) -> None:
        regs[out] = regs[a] if regs[c] else regs[b]

    return handler


def extent(layout: FrameLayout, instr: Instr) -> Handler:
    a, out, elem_bytes = layout.reg(instr.operands[0]), layout.out(instr), layout.shape(instr.type).size_bytes

    def handler(regs: Regs) -> None:
        cap = regs[a]
        size_bytes = cap * elem_bytes
        regs[out] = size_bytes if cap >= 0 and size_bytes <= MAX_BYTES else 0

    return handler
