"""Lowering of `call`: fast calls within the module, and those of the host's functions."""

from __future__ import annotations

from irpass.ir import ops
from irpass.ir.core import Func, Instr
from irpass.ir.layout import round_up
from irpass.ir.types import Type
from irpass.native.layout import Shapes
from irpass.native.writer import FunctionWriter, Parts

DEPTH = "%depth"  # the argument that says how many frames may still open


def symbol(func: Func) -> str:
    """LLVM's name of a function with a body."""
    return f'@"ir.{func.name}"'


def call(w: FunctionWriter, instr: Instr) -> None:
    callee = w.context.module.func(instr.imm) if isinstance(instr.imm, str) else None
    assert callee is not None
    if callee.is_extern:
        _call_host(w, instr, callee)
        return
    depths = w.context.depths
    if depths.may_overflow(w.func):
        w.trap_if(w.value(f"icmp eq i64 {DEPTH}, 0"), instr, ops.STACK_OVERFLOW)
        if w.context.checks_stack:
            frame = w.value("call ptr @llvm.frameaddress.p0(i32 0)")
            lowest = w.value("load ptr, ptr @rt.stack.end, align 8")
            w.trap_if(w.value(f"icmp ult ptr {frame}, {lowest}"), instr, ops.STACK_OVERFLOW)
    arguments = [
        f"{name} {part}"
        for operand in instr.operands
        for name, part in zip(w.shapes.registers(operand.type), w.parts(operand), strict=True)
    ]
    if depths.counts(callee):
        arguments.append(f"i64 {w.value(f'sub i64 {DEPTH}, 1')}")
    result = w.shapes.result(callee.result)
    text = f"call fastcc {result} {symbol(callee)}({', '.join(arguments)})"
    if callee.result is None or result == "void":
        w.do(text)
        w.define(instr.result, ())
    else:
        w.define(instr.result, unpack(w, callee.result, w.value(text)))


def unpack(w: FunctionWriter, t: Type, returned: str) -> Parts:
    """The parts of what a function returned."""
    row = w.components(t)
    if len(row) == 1:
        return (returned,)
    whole = w.shapes.result(t)
    return tuple([w.value(f"extractvalue {whole} {returned}, {i}") for i in range(len(row))])


def pack(w: FunctionWriter, t: Type, parts: Parts) -> str:
    """What a function returns, of its parts."""
    if len(parts) == 1:
        return parts[0]
    whole, packed = w.shapes.result(t), "poison"
    for i, (name, part) in enumerate(zip(w.shapes.registers(t), parts, strict=True)):
        packed = w.value(f"insertvalue {whole} {packed}, {name} {part}, {i}")
    return packed


def argument_offsets(shapes: Shapes, types: list[Type]) -> tuple[list[int], int]:
    """Where values of these types stand in a row that the host reads, and its size, in bytes."""
    offsets, at = [], 0
    for t in types:
        offsets.append(at)
        at = round_up(at + shapes.layout(t).size_bytes, 8)
    return offsets, at


def _call_host(w: FunctionWriter, instr: Instr, callee: Func) -> None:
    types = [operand.type for operand in instr.operands]
    offsets, size_bytes = argument_offsets(w.shapes, types)
    row = w.alloca(f"[{max(1, size_bytes)} x i8]")
    for operand, offset_bytes in zip(instr.operands, offsets, strict=True):
        w.store(operand.type, w.offset(row, offset_bytes), w.parts(operand))
    result_bytes = w.shapes.layout(callee.result).size_bytes if callee.result is not None else 0
    result = w.alloca(f"[{max(1, result_bytes)} x i8]")
    number = w.context.extern_number(callee)
    status = w.value(f"call i32 @rt.host.call(i32 {number}, ptr {row}, ptr {result})")
    w.trap_if(w.value(f"icmp ne i32 {status}, 0"), instr, ops.UNDEFINED_EXTERN)
    if callee.result is not None:
        w.define(instr.result, w.load(callee.result, result))
