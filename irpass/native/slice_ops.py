"""Lowering of what works on whole slices, and of `print`."""

from __future__ import annotations

from irpass.ir import ops
from irpass.ir.core import Instr, Literal
from irpass.ir.types import BOOL, F32, F64, U8, ScalarType, SliceType, Type
from irpass.native.access_ops import check_writable
from irpass.native.layout import scalar_type
from irpass.native.writer import RARELY, FunctionWriter


def measure(w: FunctionWriter, instr: Instr) -> None:
    _, length, cap = w.parts(instr.operands[0])
    w.define(instr.result, (length if instr.op is ops.LEN else cap,))


def reslice(w: FunctionWriter, instr: Instr) -> None:
    source, *bounds = instr.operands
    base, _, cap = w.parts(source)
    lo, hi, *rest = (w.one(bound) for bound in bounds)
    limit = rest[0] if rest else cap
    # Each bound against the next, unsigned: as the cap is not negative, no bound below it is.
    for lower, upper in ((lo, hi), (hi, limit), (limit, cap)):
        if lower != upper and lower != "0":
            w.trap_if(w.value(f"icmp ugt i64 {lower}, {upper}"), instr, ops.SLICE_RANGE)
    if lo == "0":
        w.define(instr.result, (base, hi, limit))
        return
    address = w.element(base, lo, _elem_bytes(w, source.type))
    length, room = (w.value(f"sub nuw nsw i64 {end}, {lo}") for end in (hi, limit))
    w.define(instr.result, (address, length, room))


def append(w: FunctionWriter, instr: Instr) -> None:
    into, value = instr.operands
    t = into.type
    assert isinstance(t, SliceType)
    base, length, cap = w.parts(into)
    is_full = w.value(f"icmp eq i64 {length}, {cap}")
    needed = w.value(f"add nuw i64 {length}, 1")
    base, cap = _with_room(w, instr, is_full, needed)
    w.store(t.elem, w.element(base, length, _elem_bytes(w, t)), w.parts(value))
    w.define(instr.result, (base, needed, cap))


def extend(w: FunctionWriter, instr: Instr) -> None:
    into, tail = instr.operands
    base, length, cap = w.parts(into)
    source, count, _ = w.parts(tail)
    size_bytes = _elem_bytes(w, into.type)
    total = w.value(f"add nuw i64 {length}, {count}")
    is_past = w.value(f"icmp ugt i64 {total}, {cap}")
    is_some = w.value(f"icmp ne i64 {count}, 0")
    base, cap = _with_room(w, instr, is_past, total, is_some)
    if size_bytes:
        address, bytes_ = w.element(base, length, size_bytes), w.byte_count(count, size_bytes)
        w.do(f"call void @llvm.memmove.p0.p0.i64(ptr {address}, ptr {source}, i64 {bytes_}, i1 false)")
    w.define(instr.result, (base, total, cap))


def _with_room(
    w: FunctionWriter, instr: Instr, is_full: str, needed: str, is_some: str | None = None
) -> tuple[str, str]:
    """Where the slice stands once there is room for `needed` elements, and its cap."""
    into = instr.operands[0]
    t = into.type
    assert isinstance(t, SliceType)
    layout = w.shapes.layout(t.elem)
    base, length, cap = w.parts(into)
    grow, stay, ready = w.fresh("grow"), w.fresh("stay"), w.fresh("ready")
    w.do(f"br i1 {is_full}, label %{grow}, label %{stay}{RARELY}")
    w.start(grow)
    operands = f"ptr {base}, i64 {length}, i64 {cap}, i64 {needed}, i64 {layout.size_bytes}"
    grown = w.value(f"call {{ ptr, i64 }} @rt.grow({operands}, i1 {str(layout.is_scan).lower()})")
    moved = w.value(f"extractvalue {{ ptr, i64 }} {grown}, 0")
    new_cap = w.value(f"extractvalue {{ ptr, i64 }} {grown}, 1")
    w.trap_if(w.value(f"icmp eq ptr {moved}, null"), instr, ops.OUT_OF_MEMORY)
    from_grow = w.label
    w.branch(ready)
    w.start(stay)
    if t.elem is U8:
        check_writable(w, instr, into, is_some)
    from_stay = w.label
    w.branch(ready)
    w.start(ready)
    cases = [((moved, new_cap), from_grow), ((base, cap), from_stay)]
    new_base, room = w.merge(cases, ["ptr", "i64"])
    return new_base, room


def copy(w: FunctionWriter, instr: Instr) -> None:
    into, source = instr.operands
    t = into.type
    assert isinstance(t, SliceType)
    (target, room, _), (origin, length, _) = w.parts(into), w.parts(source)
    count = w.value(f"call i64 @llvm.umin.i64(i64 {room}, i64 {length})")
    if t.elem is U8:
        check_writable(w, instr, into, w.value(f"icmp ne i64 {count}, 0"))
    bytes_ = w.byte_count(count, _elem_bytes(w, t))
    w.do(f"call void @llvm.memmove.p0.p0.i64(ptr {target}, ptr {origin}, i64 {bytes_}, i1 false)")
    w.define(instr.result, (count,))


def clear(w: FunctionWriter, instr: Instr) -> None:
    (into,) = instr.operands
    t = into.type
    assert isinstance(t, SliceType)
    target, length, _ = w.parts(into)
    if t.elem is U8:
        check_writable(w, instr, into, w.value(f"icmp ne i64 {length}, 0"))
    w.do(f"call void @llvm.memset.p0.i64(ptr {target}, i8 0, i64 {w.byte_count(length, _elem_bytes(w, t))}, i1 false)")


def _elem_bytes(w: FunctionWriter, t: Type) -> int:
    assert isinstance(t, SliceType)
    return w.shapes.layout(t.elem).size_bytes


def printing(w: FunctionWriter, instr: Instr) -> None:
    w.do(f"call void @rt.print.begin(i32 {w.context.sites.number(instr, ops.OUT_OF_MEMORY)})")
    space = f"call void @rt.print.bytes(ptr {w.context.literal(b' ')}, i64 1)"
    for i, operand in enumerate(instr.operands):
        if i and not isinstance(operand, Literal):
            w.do(space)
        if isinstance(operand, Literal) and isinstance(operand.value, bytes):  # with the space before it, in one go
            text = b" " * (i > 0) + operand.value
            w.do(f"call void @rt.print.bytes(ptr {w.context.literal(text)}, i64 {len(text)})")
            continue
        if i and isinstance(operand, Literal):
            w.do(space)
        _print_one(w, operand.type, w.parts(operand))
    w.do("call void @rt.print.end()")


def _print_one(w: FunctionWriter, t: Type, parts: tuple[str, ...]) -> None:
    if isinstance(t, SliceType):
        w.do(f"call void @rt.print.bytes(ptr {parts[0]}, i64 {parts[1]})")
        return
    assert isinstance(t, ScalarType)
    (value,) = parts
    if t in (F32, F64):
        w.do(f"call void @rt.print.{'f32(float' if t is F32 else 'f64(double'} {value})")
    elif t is BOOL:
        w.do(f"call void @rt.print.bool(i1 {value})")
    else:
        if t.bits < 64:
            value = w.value(f"{'sext' if t.signed else 'zext'} {scalar_type(t)} {value} to i64")
        w.do(f"call void @rt.print.{'i64' if t.signed else 'u64'}(i64 {value})")
