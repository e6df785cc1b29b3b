"""Requests to the allocator, and their checks.

`@heap.zeroed`, `@heap.raw`, `@heap.aligned` and `@heap.free` are the allocator, as `allocators` and the runtime define
them. A request that finds no room gives null.
"""

from __future__ import annotations

from irpass.ir import ops
from irpass.ir.core import Instr, Operand
from irpass.ir.layout import MAX_BYTES, Layout
from irpass.ir.types import PointerType, SliceType
from irpass.native.writer import FunctionWriter


def check_make(w: FunctionWriter, instr: Instr, layout: Layout, length: str, cap: str) -> None:
    """Trap where a `make` of that length and cap does."""
    most = MAX_BYTES // layout.size_bytes if layout.size_bytes else (1 << 63) - 1
    if not (length.isdigit() and int(length) <= most):
        w.trap_if(w.value(f"icmp ugt i64 {length}, {most}"), instr, ops.LEN_RANGE)
    if cap == length:
        return
    w.trap_if(w.value(f"icmp slt i64 {cap}, {length}"), instr, ops.CAP_RANGE)
    if not (cap.isdigit() and int(cap) <= most):
        w.trap_if(w.value(f"icmp ugt i64 {cap}, {most}"), instr, ops.CAP_RANGE)


def allocate(w: FunctionWriter, instr: Instr, size: str, is_scan: bool, is_raw: bool, align_bytes: int = 8) -> str:
    """The address of a new allocation of `size` bytes, which are at most `MAX_BYTES` where they are not known.

    Traps with `out of memory`.
    """
    options = w.context.options
    if size.isdigit():
        is_past = int(size) > (MAX_BYTES if options.counters else options.heap_limit_bytes)
        w.trap_if("true" if is_past else "false", instr, ops.OUT_OF_MEMORY)
    elif not options.counters and options.heap_limit_bytes < MAX_BYTES:
        w.trap_if(w.value(f"icmp ugt i64 {size}, {options.heap_limit_bytes}"), instr, ops.OUT_OF_MEMORY)
    scan = str(is_scan).lower()
    if align_bytes > 16:
        request = f"@heap.aligned(i64 {size}, i64 {align_bytes}, i1 {scan}, i1 {str(not is_raw).lower()})"
    else:
        request = f"@heap.{'raw' if is_raw else 'zeroed'}(i64 {size}, i1 {scan})"
    address = w.value(f"call noalias ptr {request}")
    w.trap_if(w.value(f"icmp eq ptr {address}, null"), instr, ops.OUT_OF_MEMORY)
    return address


def free_operand(w: FunctionWriter, what: Operand) -> None:
    """Free what a slice or pointer is the start of. Its bytes go along: what an allocator may guess the block by."""
    address, t = w.parts(what)[0], what.type
    if address == "null":
        return
    if isinstance(t, SliceType):
        cap, size_bytes = w.parts(what)[2], w.shapes.layout(t.elem).size_bytes
        size = "0" if size_bytes == 0 else w.byte_count(cap, size_bytes)
    else:
        assert isinstance(t, PointerType)
        size = str(w.shapes.layout(t.elem).size_bytes)
    w.do(f"call void @heap.free(ptr {address}, i64 {size})")


def count(w: FunctionWriter, counter: str) -> None:
    """Add one to a counter of the heap's that no request of it counts."""
    if w.context.options.counters:
        w.do(f"call void @rt.count.{counter}()")
