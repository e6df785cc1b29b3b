"""Lowering of `load`, `store`, `elem`, `field`: the check for nil or the index, then one access for each component."""

from __future__ import annotations

from irpass.ir import ops
from irpass.ir.core import Instr, Operand
from irpass.ir.types import U8, PointerType, SliceType, StructType, Type
from irpass.native.writer import FunctionWriter


def load(w: FunctionWriter, instr: Instr) -> None:
    t, address = _place(w, instr)
    w.define(instr.result, w.load(t, address))


def store(w: FunctionWriter, instr: Instr) -> None:
    t, address = _place(w, instr)
    if t is U8:
        check_writable(w, instr, instr.operands[0])
    w.store(t, address, w.parts(instr.operands[-1]))


def elem(w: FunctionWriter, instr: Instr) -> None:
    _, address = _element(w, instr)
    w.define(instr.result, (address,))


def field(w: FunctionWriter, instr: Instr) -> None:
    _, address = _through(w, instr)
    w.define(instr.result, (address,))


def _place(w: FunctionWriter, instr: Instr) -> tuple[Type, str]:
    """The type and address of what a `load` or `store` reaches."""
    return _element(w, instr) if isinstance(instr.operands[0].type, SliceType) else _through(w, instr)


def _element(w: FunctionWriter, instr: Instr) -> tuple[Type, str]:
    t = instr.operands[0].type
    assert isinstance(t, SliceType)
    base, length, _ = w.parts(instr.operands[0])
    index = w.one(instr.operands[1])
    # One unsigned comparison: a negative index is more than any length.
    w.trap_if(w.value(f"icmp uge i64 {index}, {length}"), instr, ops.INDEX_RANGE)
    return t.elem, w.element(base, index, w.shapes.layout(t.elem).size_bytes)


def _through(w: FunctionWriter, instr: Instr) -> tuple[Type, str]:
    t = instr.operands[0].type
    assert isinstance(t, PointerType)
    base = w.one(instr.operands[0])
    w.trap_if(w.value(f"icmp eq ptr {base}, null"), instr, ops.NIL)
    if not isinstance(instr.imm, int):
        return t.elem, base
    assert isinstance(t.elem, StructType)
    declared = w.context.module.struct(t.elem.symbol)
    assert declared is not None
    return declared.fields[instr.imm], w.offset(base, w.shapes.layout(t.elem).offsets_bytes[instr.imm])


def check_writable(w: FunctionWriter, instr: Instr, into: Operand, condition: str | None = None) -> None:
    """Trap where `into`, a slice or pointer of bytes, reaches a literal's; only where `condition` holds, if given."""
    if not w.context.may_be_literal(into):
        return
    address = w.value(f"ptrtoint ptr {w.parts(into)[0]} to i64")
    offset = w.value(f"sub i64 {address}, ptrtoint (ptr @irpass.literals to i64)")
    size = w.value("load i64, ptr @irpass.literals.size, align 8")
    is_literal = w.value(f"icmp ult i64 {offset}, {size}")
    if condition is not None:
        is_literal = w.value(f"and i1 {is_literal}, {condition}")
    w.trap_if(is_literal, instr, ops.READ_ONLY)
