"""Lowering of `call`: fast calls within the module, and those of the host's functions."""

from __future__ import annotations

from irpass.ir import ops
from irpass.ir.core import Func, Instr
from irpass.ir.layout import round_up
from irpass.ir.types import ScalarType, Type
from irpass.native.context import Context
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
        _call_extern(w, instr, callee)
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


def _call_extern(w: FunctionWriter, instr: Instr, callee: Func) -> None:
    number = w.context.extern_number(callee)
    if w.context.options.for_process:
        _call_host(w, instr, callee, number)
    else:
        _call_linked(w, instr, callee)


def _call_host(w: FunctionWriter, instr: Instr, callee: Func, number: int) -> None:
    types = [operand.type for operand in instr.operands]
    offsets, size_bytes = argument_offsets(w.shapes, types)
    row = w.alloca(f"[{max(1, size_bytes)} x i8]")
    for operand, offset_bytes in zip(instr.operands, offsets, strict=True):
        w.store(operand.type, w.offset(row, offset_bytes), w.parts(operand))
    result_bytes = w.shapes.layout(callee.result).size_bytes if callee.result is not None else 0
    result = w.alloca(f"[{max(1, result_bytes)} x i8]")
    status = w.value(f"call i32 @rt.host.call(i32 {number}, ptr {row}, ptr {result})")
    w.trap_if(w.value(f"icmp ne i32 {status}, 0"), instr, ops.UNDEFINED_EXTERN)
    if callee.result is not None:
        w.define(instr.result, w.load(callee.result, result))


# -- externs of an executable: C functions that take each part of each argument, and the address of the result first
# where it has several parts. A symbol of its own keeps an extern named @log from being libm's.


def extern_symbol(func: Func) -> str:
    """The C function that an executable calls for an extern."""
    return "irpass_extern_" + func.name.replace(".", "_").replace("$", "_")


def extern_declarations(context: Context) -> str:
    """The externs that are called, weak: where nobody provides one, its address is null."""
    return "".join(
        f"{_extern_head(context.shapes, func, 'declare extern_weak')} nounwind\n" for func in context.externs
    )


def _extern_head(shapes: Shapes, func: Func, word: str) -> str:
    arguments = [f"{name}{_extension(t, name)}" for t, name in _extern_arguments(shapes, func)]
    return f"{word} {_extern_result(shapes, func)} @{extern_symbol(func)}({', '.join(arguments)})"


def _extern_result(shapes: Shapes, func: Func) -> str:
    row = shapes.registers(func.result) if func.result is not None else []
    return f"{_extension(func.result, row[0]).strip()} {row[0]}".strip() if len(row) == 1 else "void"


def _extern_arguments(shapes: Shapes, func: Func) -> list[tuple[Type, str]]:
    row = [(p.type, name) for p in func.params for name in shapes.registers(p.type)]
    if func.result is not None and len(shapes.registers(func.result)) > 1:
        row.insert(0, (func.result, "ptr"))
    return row


def _extension(t: Type | None, name: str) -> str:
    """How C widens small integers."""
    if name not in ("i1", "i8", "i16", "i32"):
        return ""
    return " signext" if isinstance(t, ScalarType) and t.signed else " zeroext"


def _call_linked(w: FunctionWriter, instr: Instr, callee: Func) -> None:
    address = f"@{extern_symbol(callee)}"
    w.trap_if(w.value(f"icmp eq ptr {address}, null"), instr, ops.UNDEFINED_EXTERN)
    parts = [part for operand in instr.operands for part in w.parts(operand)]
    row = _extern_arguments(w.shapes, callee)
    place = None
    if len(row) > len(parts):
        assert callee.result is not None
        place = w.alloca(f"[{w.shapes.layout(callee.result).size_bytes} x i8]")
        parts.insert(0, place)
    arguments = [f"{name}{_extension(t, name)} {part}" for (t, name), part in zip(row, parts, strict=True)]
    result = _extern_result(w.shapes, callee)
    text = f"call {result} {address}({', '.join(arguments)})"
    if result == "void":
        w.do(text)
        held = w.load(callee.result, place) if place is not None and callee.result is not None else ()
        w.define(instr.result, held)
    else:
        w.define_one(instr, text)
