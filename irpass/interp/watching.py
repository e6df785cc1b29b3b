"""Handlers that tell others what happens: a heap that wants context, a collector that works between instructions.

They are put around an instruction's own handler when it is decoded, so that a run without them pays nothing.
"""

from __future__ import annotations

from irpass.heap.simple import Heap
from irpass.interp.arenas import Arena
from irpass.interp.frame import FrameLayout, Handler, Regs, Watch, slice_shape
from irpass.interp.memory import Memory
from irpass.interp.tracing import Site, TracedMemory
from irpass.ir import ops
from irpass.ir.core import ArenaSpec, Instr, Module
from irpass.ir.types import PointerType, SliceType

_ALLOCATING = frozenset({ops.MAKE, ops.NEW, ops.APPEND, ops.EXTEND, ops.SHARED_ALLOC, ops.DERIVE})
_FREEING = frozenset({ops.FREE, ops.SHARED_RELEASE, ops.SHARED_FREE})
_ARRAYS = frozenset({ops.MAKE, ops.APPEND, ops.EXTEND})


def watch_of(memory: Memory) -> Watch | None:
    """What `FrameLayout` needs for this memory and its heap; None where nobody wants to be told anything."""
    heap = memory.heap
    wants_context = heap.wants_context
    if not isinstance(memory, TracedMemory):
        return (lambda layout, instr, handler: _with_site(heap, layout, instr, handler)) if wants_context else None

    def watch(layout: FrameLayout, instr: Instr, handler: Handler) -> Handler:
        if wants_context:
            handler = _with_site(heap, layout, instr, handler)
        if instr.op in _ALLOCATING:
            handler = _tracked(memory, layout, instr, handler)
        if memory.collector.mode == "concurrent":
            handler = _stepped(memory, layout, _shading(memory, layout, instr, handler))
        return handler

    return watch


def sites(module: Module) -> list[str]:
    """The sites of a module's instructions that allocate."""
    return [
        _site_of(instr, at).text
        for func in module.funcs
        for block in func.blocks
        for at, instr in enumerate(block.instrs)
        if instr.op in _ALLOCATING
    ]


def _site_of(instr: Instr, place: int) -> Site:
    """The site of an instruction: its function and result, or its block and place there if the result has no name."""
    block = instr.block
    assert block is not None
    name = f"%{instr.result.name}" if instr.result is not None else f"{block.name}[{place}]"
    is_array = instr.op in _ARRAYS or (instr.op is ops.DERIVE and len(instr.operands) > 2)
    return Site(f"@{block.func.name}:{name}", is_array)


def _with_site(heap: Heap, layout: FrameLayout, instr: Instr, handler: Handler) -> Handler:
    if instr.op not in _ALLOCATING and instr.op not in _FREEING:
        return handler
    site = _site_of(instr, layout.places[instr]).text
    on_stack = isinstance(instr.imm, ArenaSpec) and instr.imm.stack

    def placed(regs: Regs) -> None:
        heap.site, heap.on_stack = site, on_stack
        handler(regs)

    return placed


def _tracked(memory: TracedMemory, layout: FrameLayout, instr: Instr, handler: Handler) -> Handler:
    """Around what allocates: the roots are at hand, and what comes of it is known."""
    site, out = _site_of(instr, layout.places[instr]), layout.out(instr)

    def placed(regs: Regs) -> None:
        memory.top = layout, regs
        memory.site = site
        handler(regs)

    if instr.op is ops.SHARED_ALLOC:

        def arena(regs: Regs) -> None:
            placed(regs)
            if isinstance(regs[out], Arena):
                memory.add_arena(regs[out], site)

        return arena
    if instr.op is not ops.DERIVE:
        return placed
    assert isinstance(instr.type, SliceType | PointerType)
    shape = layout.shape(instr.type.elem)

    def member(regs: Regs) -> None:
        placed(regs)
        if regs[out].region.arena is not None:
            memory.add_member(regs[out].region, shape, regs[out].cap if site.is_array else 1, site)

    return member


def _shading(memory: TracedMemory, layout: FrameLayout, instr: Instr, handler: Handler) -> Handler:
    """The write barrier around what stores references. No step of the collector comes before it has run."""
    if instr.op is ops.STORE:
        value = instr.operands[-1]
        return _store(memory, layout.reg(value), handler) if layout.shape(value.type).is_scan else handler
    if instr.op not in (ops.APPEND, ops.EXTEND, ops.COPY):
        return handler
    shape = slice_shape(layout, instr)
    if not shape.is_scan:
        return handler
    s, out = layout.reg(instr.operands[0]), layout.out(instr)

    def copied(regs: Regs) -> None:
        handler(regs)
        memory.shade_elements(shape, regs[s], 0, regs[out])

    def added(regs: Regs) -> None:
        handler(regs)
        old, new = regs[s], regs[out]
        memory.shade_elements(shape, new, old.length if new.region is old.region else 0, new.length)

    return copied if instr.op is ops.COPY else added


def _store(memory: TracedMemory, value: int, handler: Handler) -> Handler:
    def stored(regs: Regs) -> None:
        handler(regs)
        memory.shade(regs[value])

    return stored


def _stepped(memory: TracedMemory, layout: FrameLayout, handler: Handler) -> Handler:
    collector = memory.collector

    def stepped(regs: Regs) -> None:
        if collector.is_busy:
            memory.top = layout, regs
            collector.tick()
        handler(regs)

    return stepped
