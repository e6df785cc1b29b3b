"""How much stack the deepest chain of calls may take, so that the depth limit is met before the stack ends."""

from __future__ import annotations

from typing import Final

from irpass.ir import ops
from irpass.ir.core import ArenaSpec, Func, Literal
from irpass.native.depth import CallDepths
from irpass.native.layout import Shapes

MAX_STACK_BYTES: Final = 1 << 30  # reserved, and taken only as it is touched
MAX_FRAME_ARENA_BYTES: Final = 1 << 16  # a larger stack arena comes from the heap, and goes back with the frame
MAX_ENDED_ARENA_BYTES: Final = 1 << 15  # of an arena that is freed, but may lie in the frame until then
_SPARE_BYTES: Final = 1 << 20  # for the host and for libc
_SLOT_BYTES: Final = 32  # what an instruction's values may take where nothing is kept in registers
_INLINED: Final = 4  # frames that inlining may put into one, which the depth limit counts once


def needed_bytes(depths: CallDepths, shapes: Shapes) -> int:
    """An upper estimate, which may be more than any machine has."""
    size_bytes = 0
    for func in depths.funcs:
        is_bounded = depths.is_bounded(func)
        size_bytes += _frame_bytes(func, shapes, is_bounded) * (1 if is_bounded else depths.max_depth)
    return _SPARE_BYTES + _INLINED * size_bytes


def _frame_bytes(func: Func, shapes: Shapes, is_bounded: bool) -> int:
    size_bytes = 256
    for value in (*func.params, *[p for block in func.blocks for p in block.params]):
        size_bytes += shapes.layout(value.type).size_bytes + 8
    for instr in func.instrs():
        size_bytes += _SLOT_BYTES
        if instr.op in (ops.LOAD, ops.CALL, ops.SELECT) and instr.result is not None:
            size_bytes += 2 * shapes.layout(instr.result.type).size_bytes
        if instr.op is ops.CALL:
            size_bytes += sum(shapes.layout(operand.type).size_bytes + 8 for operand in instr.operands)
        if instr.op is ops.SHARED_ALLOC and isinstance(instr.imm, ArenaSpec) and not instr.imm.stack:
            size_bytes += MAX_ENDED_ARENA_BYTES if is_bounded else 0
        elif instr.op is ops.SHARED_ALLOC and isinstance(instr.imm, ArenaSpec):
            asked = instr.operands[0]
            known = asked.value if isinstance(asked, Literal) else None
            size_bytes += (
                MAX_FRAME_ARENA_BYTES if not isinstance(known, int) else min(max(known, 0), MAX_FRAME_ARENA_BYTES) + 64
            )
    return size_bytes
