"""Handlers of allocation and release, and of the instructions that folding writes."""

from __future__ import annotations

from irpass.interp.arenas import derive, shared_alloc, shared_free, shared_release
from irpass.interp.frame import FrameLayout, Handler, Regs
from irpass.interp.memory import Memory, Pointer, Slice
from irpass.interp.outcome import TrapError
from irpass.interp.shapes import Shape
from irpass.ir import ops
from irpass.ir.core import ArenaSpec, Instr
from irpass.ir.layout import MAX_BYTES
from irpass.ir.types import PointerType, SliceType


def check_make(shape: Shape, length: int, cap: int) -> None:
    """Trap where a `make` of that length and cap does."""
    size_bytes = shape.size_bytes
    if length < 0 or length * size_bytes > MAX_BYTES:
        raise TrapError(ops.LEN_RANGE)
    if cap < length or cap * size_bytes > MAX_BYTES:
        raise TrapError(ops.CAP_RANGE)


def make(layout: FrameLayout, instr: Instr) -> Handler:
    assert isinstance(instr.type, SliceType)
    shape, memory, is_unwritten = layout.shape(instr.type.elem), layout.memory, instr.flag == "uninit"
    sizes, out = layout.regs(instr.operands), layout.out(instr)
    first, last = sizes[0], sizes[-1]

    def handler(regs: Regs) -> None:
        length, cap = regs[first], regs[last]
        check_make(shape, length, cap)
        regs[out] = Slice(memory.allocate(shape, cap, is_unwritten), 0, length, cap)

    return handler


def new(layout: FrameLayout, instr: Instr) -> Handler:
    shape, memory, is_unwritten = layout.shape(instr.type), layout.memory, instr.flag == "uninit"
    out = layout.out(instr)

    def handler(regs: Regs) -> None:
        regs[out] = Pointer(memory.allocate(shape, 1, is_unwritten), 0)

    return handler


def free(layout: FrameLayout, instr: Instr) -> Handler:
    what, run = layout.reg(instr.operands[0]), layout.memory.free

    def handler(regs: Regs) -> None:
        run(regs[what])

    return handler


def allocating_arena(layout: FrameLayout, instr: Instr) -> Handler:
    spec, memory = instr.imm, layout.memory
    assert isinstance(spec, ArenaSpec)
    size, out = layout.reg(instr.operands[0]), layout.out(instr)

    def handler(regs: Regs) -> None:
        regs[out] = shared_alloc(memory, regs[size], spec)

    if not spec.stack:
        return handler
    stack_arenas = layout.stack_arenas()

    def on_stack(regs: Regs) -> None:
        handler(regs)
        if regs[stack_arenas] is None:
            regs[stack_arenas] = []
        if regs[out] is not None:
            regs[stack_arenas].append(regs[out])

    return on_stack


def end_frame(memory: Memory, regs: Regs, stack_arenas: int) -> None:
    """End the arenas that live in a frame which is left."""
    for arena in regs[stack_arenas] or ():
        if not arena.is_ended:
            memory.give_back(arena)


def deriving(layout: FrameLayout, instr: Instr) -> Handler:
    memory, flag, out = layout.memory, instr.flag, layout.out(instr)
    arena, offset, *sizes = layout.regs(instr.operands)
    if isinstance(instr.type, PointerType):
        pointee = layout.shape(instr.type.elem)

        def derive_pointer(regs: Regs) -> None:
            regs[out] = Pointer(derive(memory, regs[arena], pointee, 1, regs[offset], flag), 0)

        return derive_pointer
    assert isinstance(instr.type, SliceType)
    shape, first, last = layout.shape(instr.type.elem), sizes[0], sizes[-1]

    def derive_slice(regs: Regs) -> None:
        length, cap = regs[first], regs[last]
        check_make(shape, length, cap)
        regs[out] = Slice(derive(memory, regs[arena], shape, cap, regs[offset], flag), 0, length, cap)

    return derive_slice


def releasing(layout: FrameLayout, instr: Instr) -> Handler:
    memory = layout.memory
    arena, what = layout.regs(instr.operands)

    def handler(regs: Regs) -> None:
        shared_release(memory, regs[arena], regs[what])

    return handler


def freeing_members(layout: FrameLayout, instr: Instr) -> Handler:
    memory = layout.memory
    arena, *members = layout.regs(instr.operands)

    def handler(regs: Regs) -> None:
        shared_free(memory, regs[arena], [regs[m] for m in members])

    return handler
