"""Handlers of `load`, `store`, `elem`, `field`. The check for nil or the index comes first; the cells do the rest."""

from __future__ import annotations

from irpass.interp.cells import UNWRITTEN
from irpass.interp.frame import FrameLayout, Handler, Regs, slice_shape
from irpass.interp.memory import Pointer
from irpass.interp.outcome import TrapError
from irpass.interp.shapes import Shape
from irpass.ir import ops
from irpass.ir.core import Instr
from irpass.ir.types import PointerType, SliceType


def load(layout: FrameLayout, instr: Instr) -> Handler:
    out = layout.out(instr)
    if isinstance(instr.operands[0].type, SliceType):
        s, i = layout.regs(instr.operands)
        return _load_element(slice_shape(layout, instr), s, i, out)
    shape, offset = _field_of(layout, instr)
    return _load_through(shape, layout.reg(instr.operands[0]), offset, out)


def store(layout: FrameLayout, instr: Instr) -> Handler:
    if isinstance(instr.operands[0].type, SliceType):
        s, i, value = layout.regs(instr.operands)
        return _store_element(slice_shape(layout, instr), s, i, value)
    shape, offset = _field_of(layout, instr)
    p, value = layout.regs(instr.operands)
    return _store_through(shape, p, offset, value)


def _field_of(layout: FrameLayout, instr: Instr) -> tuple[Shape, int]:
    """The shape of what the first operand points to, or of its field if one is given; and the cell it starts at."""
    t = instr.operands[0].type
    assert isinstance(t, PointerType)
    shape = layout.shape(t.elem)
    if not isinstance(instr.imm, int):
        return shape, 0
    return shape.fields[instr.imm], shape.starts[instr.imm]


def _load_element(shape: Shape, s: int, i: int, out: int) -> Handler:
    width = shape.width

    def scalar(regs: Regs) -> None:
        base = regs[s]
        at = regs[i]
        if not 0 <= at < base.length:
            raise TrapError(ops.INDEX_RANGE)
        held = base.region.cells[base.start + at]
        if held is UNWRITTEN:
            raise TrapError(ops.UNINIT_READ)
        regs[out] = held

    def struct(regs: Regs) -> None:
        base, index = regs[s], regs[i]
        if not 0 <= index < base.length:
            raise TrapError(ops.INDEX_RANGE)
        at = base.start + index * width
        regs[out] = tuple(base.region.cells[at : at + width]) if width else ()

    return struct if shape.is_struct else scalar


def _load_through(shape: Shape, p: int, offset: int, out: int) -> Handler:
    width = shape.width

    def scalar(regs: Regs) -> None:
        base = regs[p]
        if base is None:
            raise TrapError(ops.NIL)
        held = base.region.cells[base.cell + offset]
        if held is UNWRITTEN:
            raise TrapError(ops.UNINIT_READ)
        regs[out] = held

    def struct(regs: Regs) -> None:
        base = regs[p]
        if base is None:
            raise TrapError(ops.NIL)
        at = base.cell + offset
        regs[out] = tuple(base.region.cells[at : at + width]) if width else ()

    return struct if shape.is_struct else scalar


def _store_element(shape: Shape, s: int, i: int, value: int) -> Handler:
    width = shape.width

    def scalar(regs: Regs) -> None:
        base = regs[s]
        at = regs[i]
        if not 0 <= at < base.length:
            raise TrapError(ops.INDEX_RANGE)
        base.region.cells[base.start + at] = regs[value]

    def struct(regs: Regs) -> None:
        base, index = regs[s], regs[i]
        if not 0 <= index < base.length:
            raise TrapError(ops.INDEX_RANGE)
        if width:
            at = base.start + index * width
            base.region.cells[at : at + width] = regs[value]

    return struct if shape.is_struct else scalar


def _store_through(shape: Shape, p: int, offset: int, value: int) -> Handler:
    width = shape.width

    def scalar(regs: Regs) -> None:
        base = regs[p]
        if base is None:
            raise TrapError(ops.NIL)
        base.region.cells[base.cell + offset] = regs[value]

    def struct(regs: Regs) -> None:
        base = regs[p]
        if base is None:
            raise TrapError(ops.NIL)
        if width:
            at = base.cell + offset
            base.region.cells[at : at + width] = regs[value]

    return struct if shape.is_struct else scalar


def elem(layout: FrameLayout, instr: Instr) -> Handler:
    (s, i), out, width = layout.regs(instr.operands), layout.out(instr), slice_shape(layout, instr).width

    def handler(regs: Regs) -> None:
        base, index = regs[s], regs[i]
        if not 0 <= index < base.length:
            raise TrapError(ops.INDEX_RANGE)
        regs[out] = Pointer(base.region, base.start + index * width)

    return handler


def field(layout: FrameLayout, instr: Instr) -> Handler:
    p, out = layout.reg(instr.operands[0]), layout.out(instr)
    _, offset = _field_of(layout, instr)

    def handler(regs: Regs) -> None:
        base = regs[p]
        if base is None:
            raise TrapError(ops.NIL)
        regs[out] = Pointer(base.region, base.cell + offset)

    return handler
