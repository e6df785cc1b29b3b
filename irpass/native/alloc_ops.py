"""Lowering of allocation and release, and of what folding writes."""

from __future__ import annotations

from irpass.ir.core import Instr, Value
from irpass.ir.types import PointerType, SliceType
from irpass.native.arena import Arena
from irpass.native.requests import allocate, check_make, free_operand
from irpass.native.writer import FunctionWriter


def make(w: FunctionWriter, instr: Instr) -> None:
    assert isinstance(instr.type, SliceType)
    layout = w.shapes.layout(instr.type.elem)
    length, cap = w.one(instr.operands[0]), w.one(instr.operands[-1])
    check_make(w, instr, layout, length, cap)
    size = w.byte_count(cap, layout.size_bytes)
    w.define(instr.result, (allocate(w, instr, size, layout.is_scan, instr.flag == "uninit"), length, cap))


def new(w: FunctionWriter, instr: Instr) -> None:
    assert instr.type is not None
    layout = w.shapes.layout(instr.type)
    address = allocate(w, instr, str(layout.size_bytes), layout.is_scan, instr.flag == "uninit")
    w.define(instr.result, (address,))


def free(w: FunctionWriter, instr: Instr) -> None:
    free_operand(w, instr.operands[0])


# -- what folding writes


def shared_alloc(w: FunctionWriter, instr: Instr) -> None:
    assert instr.result is not None
    w.arenas[instr.result] = Arena.allocate(w, instr)


def derive(w: FunctionWriter, instr: Instr) -> None:
    arena = _arena(w, instr)
    offset, *sizes = (w.one(operand) for operand in instr.operands[1:])
    if isinstance(instr.type, PointerType):
        layout = w.shapes.layout(instr.type.elem)
        w.define(instr.result, (arena.member(w, instr, layout, offset, "1"),))
        return
    assert isinstance(instr.type, SliceType)
    layout, length, cap = w.shapes.layout(instr.type.elem), sizes[0], sizes[-1]
    check_make(w, instr, layout, length, cap)
    w.define(instr.result, (arena.member(w, instr, layout, offset, cap), length, cap))


def release(w: FunctionWriter, instr: Instr) -> None:
    _arena(w, instr).release(w, instr.operands[1])


def free_members(w: FunctionWriter, instr: Instr) -> None:
    _arena(w, instr).free(w, instr.operands[1:])


def _arena(w: FunctionWriter, instr: Instr) -> Arena:
    arena = instr.operands[0]
    assert isinstance(arena, Value)
    return w.arenas[arena]
