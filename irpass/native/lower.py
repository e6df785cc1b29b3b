"""A module and its entry function to LLVM's text."""

from __future__ import annotations

from dataclasses import dataclass

from irpass.ir.core import Func, Module
from irpass.native.call_ops import argument_offsets, extern_declarations, symbol, unpack
from irpass.native.context import Context
from irpass.native.function import lower_function
from irpass.native.options import LoweringOptions
from irpass.native.writer import FunctionWriter

_DECLARATIONS = """\
declare void @rt.trap(i32) cold noreturn nounwind
declare { ptr, i64 } @rt.grow(ptr, i64, i64, i64, i64, i1) cold nounwind
declare noalias ptr @heap.zeroed(i64, i1) nounwind
declare noalias ptr @heap.raw(i64, i1) nounwind
declare noalias ptr @heap.aligned(i64, i64, i1, i1) nounwind
declare void @heap.free(ptr, i64) nounwind
declare noalias ptr @rt.frame.allocate(ptr, i64, i64, i1, i1) nounwind
declare void @rt.frame.free(ptr, ptr) nounwind
declare void @rt.frame.end(ptr) nounwind
declare i1 @rt.frame.enter(i64) nounwind
declare void @rt.frame.leave(i64) nounwind
declare void @rt.count.derives() nounwind
declare void @rt.count.fallbacks() nounwind
declare void @rt.print.begin(i32) nounwind
declare void @rt.print.end() nounwind
declare void @rt.print.bytes(ptr, i64) nounwind
declare void @rt.print.bool(i1) nounwind
declare void @rt.print.i64(i64) nounwind
declare void @rt.print.u64(i64) nounwind
declare void @rt.print.f32(float) nounwind
declare void @rt.print.f64(double) nounwind
declare i32 @rt.host.call(i32, ptr, ptr) nounwind
@rt.stack.end = external global ptr
attributes #0 = { nounwind }
!0 = !{!"branch_weights", i32 1, i32 1048575}
!1 = !{i64 0, i64 -9223372036854775808}
"""


@dataclass(frozen=True, slots=True)
class Lowered:
    """LLVM's text, and what is needed to run it. `offsets` and `arguments_bytes` are of the row of arguments that
    `@irpass.enter` reads; the result is written as it lies in memory."""

    context: Context
    text: str
    offsets: list[int]
    arguments_bytes: int

    @property
    def externs(self) -> list[Func]:
        """The host's functions that are called, by number."""
        return list(self.context.externs)


def lower(module: Module, entry: Func, options: LoweringOptions) -> Lowered:
    """The functions that `entry` reaches, and `@irpass.enter(row of arguments, where to put the result)`."""
    context = Context(module, entry, options)
    bodies = [lower_function(context, func) for func in context.depths.funcs]
    offsets, size_bytes = argument_offsets(context.shapes, [p.type for p in entry.params])
    bodies.append(_enter(context, entry, offsets))
    externs = extern_declarations(context) if not options.for_process else ""
    debug = context.debug.text() if context.debug is not None else ""
    text = "\n".join([_DECLARATIONS, context.literal_section(), externs, *bodies, debug])
    return Lowered(context, text, offsets, size_bytes)


def _enter(context: Context, entry: Func, offsets: list[int]) -> str:
    w = FunctionWriter(context, entry)
    debug = context.debug
    subprogram = debug.subprogram(entry, "irpass.enter") if debug is not None else None
    if debug is not None and subprogram is not None:
        w.location = f", !dbg !{debug.location(subprogram, None)}"
    arguments = []
    for param, offset_bytes in zip(entry.params, offsets, strict=True):
        loaded = w.load(param.type, w.offset("%arguments", offset_bytes))
        arguments += [f"{name} {part}" for name, part in zip(w.shapes.registers(param.type), loaded, strict=True)]
    if context.depths.counts(entry):
        arguments.append(f"i64 {context.options.max_depth - 1}")
    result = w.shapes.result(entry.result)
    text = f"call fastcc {result} {symbol(entry)}({', '.join(arguments)})"
    if entry.result is None or result == "void":
        w.do(text)
    else:
        w.store(entry.result, "%result", unpack(w, entry.result, w.value(text)))
    body = "\n".join(w.lines)
    noted = f" !dbg !{subprogram}" if subprogram is not None else ""
    return f"define void @irpass.enter(ptr %arguments, ptr %result) #0{noted} {{\n{body}\n  ret void\n}}\n"
