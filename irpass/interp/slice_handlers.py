"""Handlers of what works on whole slices, and of `print`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from irpass.interp.cells import UNWRITTEN
from irpass.interp.frame import FrameLayout, Handler, Regs, slice_shape
from irpass.interp.memory import NIL, Slice, clear, copy
from irpass.interp.outcome import TrapError
from irpass.interp.shapes import Shape
from irpass.ir import ops
from irpass.ir.core import Instr
from irpass.ir.semantics import float_text
from irpass.ir.types import BOOL, Type, is_float, is_integer


def measure(layout: FrameLayout, instr: Instr) -> Handler:
    a, out = layout.reg(instr.operands[0]), layout.out(instr)

    def length(regs: Regs) -> None:
        regs[out] = regs[a].length

    def cap(regs: Regs) -> None:
        regs[out] = regs[a].cap

    return length if instr.op is ops.LEN else cap


def reslice(layout: FrameLayout, instr: Instr) -> Handler:
    source, lo, hi, *rest = layout.regs(instr.operands)
    most, out, width = (rest[0] if rest else None), layout.out(instr), slice_shape(layout, instr).width

    def handler(regs: Regs) -> None:
        s, first, last = regs[source], regs[lo], regs[hi]
        limit = s.cap if most is None else regs[most]
        if not 0 <= first <= last <= limit <= s.cap:
            raise TrapError(ops.SLICE_RANGE)
        if s is not NIL:
            s = Slice(s.region, s.start + first * width, last - first, limit - first)
        regs[out] = s

    return handler


def growing(layout: FrameLayout, instr: Instr) -> Handler:
    """`append` and `extend`."""
    (s, added), out, shape = layout.regs(instr.operands), layout.out(instr), slice_shape(layout, instr)
    run: Callable[[Shape, Slice, Any], Slice] = layout.memory.append if instr.op is ops.APPEND else layout.memory.extend

    def handler(regs: Regs) -> None:
        regs[out] = run(shape, regs[s], regs[added])

    return handler


def copying(layout: FrameLayout, instr: Instr) -> Handler:
    (target, source), out, shape = layout.regs(instr.operands), layout.out(instr), slice_shape(layout, instr)

    def handler(regs: Regs) -> None:
        regs[out] = copy(shape, regs[target], regs[source])

    return handler


def clearing(layout: FrameLayout, instr: Instr) -> Handler:
    s, shape = layout.reg(instr.operands[0]), slice_shape(layout, instr)

    def handler(regs: Regs) -> None:
        clear(shape, regs[s])

    return handler


def text_of(s: Slice) -> bytes:
    """The bytes of a `[]u8`.

    Raises: TrapError where they cannot be read.
    """
    if s.length == 0:
        return b""
    cells = s.region.cells[s.start : s.start + s.length]
    if not isinstance(cells, bytes) and UNWRITTEN in cells:
        raise TrapError(ops.UNINIT_READ)
    return bytes(cells)


def printing(layout: FrameLayout, instr: Instr) -> Handler:
    pieces = [(layout.reg(operand), _text_maker(operand.type)) for operand in instr.operands]
    emit = layout.emit

    def handler(regs: Regs) -> None:
        emit(" ".join([make(regs[reg]) for reg, make in pieces]))

    return handler


def _text_maker(t: Type) -> Callable[..., str]:
    if t is BOOL:
        return lambda x: "true" if x else "false"
    if is_integer(t):
        return str
    if is_float(t):
        return lambda x: float_text(x, t)
    return lambda s: text_of(s).decode("utf-8", "surrogateescape")
