"""Regions of memory, and the slices and pointers into them.

A region is one allocation, one member of an arena, one literal, or what the host handed in. It ends once; from then on
its cells are `FREED`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, final

from irpass.heap.simple import Heap
from irpass.interp.cells import FREED, Cells, ReadOnlyCells, fresh_cells, unwritten_cells
from irpass.interp.outcome import TrapError
from irpass.interp.shapes import Shape, Shapes
from irpass.ir import ops
from irpass.ir.core import Func, Module
from irpass.ir.layout import MAX_BYTES
from irpass.ir.types import I64

if TYPE_CHECKING:
    from irpass.interp.arenas import Arena
    from irpass.interp.host import Guard


@final
class Region:
    """`handle` is the heap's, None where `free` may not end the region; `arena` is whose member it is.

    A member whose bytes a later one took has `FREED` cells before it `is_ended`.
    """

    __slots__ = ("arena", "cells", "handle", "is_ended")

    def __init__(self, cells: Cells, handle: int | None = None, arena: Arena | None = None) -> None:
        self.cells = cells
        self.handle = handle
        self.arena = arena
        self.is_ended = False


@final
class Slice:
    """A slice: its first cell within the region, its length and cap in elements. `NIL` is the only nil one."""

    __slots__ = ("cap", "length", "region", "start")

    def __init__(self, region: Region, start: int, length: int, cap: int) -> None:
        self.region = region
        self.start = start
        self.length = length
        self.cap = cap


@final
class Pointer:
    """A pointer to the value that starts at `cell` of `region`; nil is None. Equal where both are."""

    __slots__ = ("cell", "region")

    def __init__(self, region: Region, cell: int) -> None:
        self.region = region
        self.cell = cell

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pointer) and self.region is other.region and self.cell == other.cell

    def __hash__(self) -> int:
        return hash((id(self.region), self.cell))


NIL: Final = Slice(Region([]), 0, 0, 0)
DANGLING: Final = Region(FREED)  # where slices and pointers point that were read from another member's bytes


class Memory:
    """What the instructions of one run do to memory, through one heap."""

    def __init__(self, module: Module, heap: Heap) -> None:
        self.heap = heap
        self.stats = heap.stats
        self.shapes = Shapes(module, NIL)
        self._texts: dict[bytes, Slice] = {}

    def text(self, data: bytes) -> Slice:
        """The static bytes of a literal; equal literals are one object."""
        found = self._texts.get(data)
        if found is None:
            found = self._texts[data] = Slice(Region(ReadOnlyCells(data)), 0, len(data), len(data))
        return found

    def block(self, size_bytes: int, align_bytes: int, is_scan: bool) -> int:
        """The heap's handle for a new block.

        Raises: TrapError, `out of memory`.
        """
        handle = self.heap.allocate(size_bytes, align_bytes, is_scan) if size_bytes <= MAX_BYTES else None
        if handle is None:
            raise TrapError(ops.OUT_OF_MEMORY)
        return handle

    def allocate(self, shape: Shape, count: int, is_unwritten: bool = False) -> Region:
        """A region of its own for `count` elements."""
        handle = self.block(shape.size_bytes * count, shape.align_bytes, shape.is_scan)
        return Region(unwritten_cells(shape, count) if is_unwritten else fresh_cells(shape, count), handle)

    def free(self, what: Slice | Pointer | None) -> None:
        """End the allocation that `what` is the start of; nothing for nil."""
        if what is None or what is NIL:
            return
        region = what.region
        if region.handle is None or start_of(what) != 0:
            raise TrapError(ops.BAD_FREE)
        if region.is_ended:
            raise TrapError(ops.DOUBLE_FREE)
        self.heap.free(region.handle)
        end(region)

    def give_back(self, arena: Arena) -> None:
        """End an arena and what members it has left."""
        self.heap.free(arena.handle)
        arena.end()

    def guard(self, callee: Func) -> Guard | None:
        """Who is to be told what passes between memory and that extern function."""
        return None

    def append(self, shape: Shape, s: Slice, value: object) -> Slice:
        """`s` with one element more; the value of a struct is the tuple of its cells."""
        length, width = s.length, shape.width
        if length == s.cap:
            s = self._moved(shape, s, length + 1)
        at = s.start + length * width
        if width == 1 and not shape.is_struct:
            s.region.cells[at] = value
        elif width:
            s.region.cells[at : at + width] = value
        return Slice(s.region, s.start, length + 1, s.cap)

    def extend(self, shape: Shape, s: Slice, tail: Slice) -> Slice:
        """`s` with the elements of `tail` after its own; `s` itself where there are none."""
        if tail.length == 0:
            return s
        length, total = s.length, s.length + tail.length
        added = read(shape, tail, tail.length)
        if total > s.cap:
            s = self._moved(shape, s, total)
        write(shape, s, length, tail.length, added)
        return Slice(s.region, s.start, total, s.cap)

    def _moved(self, shape: Shape, s: Slice, needed: int) -> Slice:
        """A new allocation that begins with the elements of `s`, and has room for `needed`."""
        held = read(shape, s, s.length)
        cap = grown_cap(s.cap, needed)
        if cap > I64.hi:
            raise TrapError(ops.OUT_OF_MEMORY)
        moved = Slice(self.allocate(shape, cap), 0, s.length, cap)
        write(shape, moved, 0, s.length, held)
        return moved


def start_of(what: Slice | Pointer) -> int:
    """The cell of its region that it begins at."""
    return what.start if isinstance(what, Slice) else what.cell


def end(region: Region) -> None:
    """End the allocation: whoever touches it from now on traps."""
    region.cells = FREED
    region.is_ended = True


def grown_cap(cap: int, needed: int) -> int:
    """The cap that `append` gives a slice of `cap` that must hold `needed` elements."""
    if needed > 2 * cap:
        return needed
    if cap < 256:
        return 2 * cap
    while cap < needed:
        cap += (cap + 768) // 4
    return cap


def read(shape: Shape, s: Slice, count: int) -> Cells:
    """A copy of the cells of the first `count` elements; nothing is touched where they have none."""
    size = shape.width * count
    copied: Cells = s.region.cells[s.start : s.start + size] if size else []
    return copied


def write(shape: Shape, s: Slice, first: int, count: int, cells: Cells) -> None:
    """Put the cells of `count` elements into `s` from element `first` on."""
    size = shape.width * count
    if size:
        at = s.start + first * shape.width
        s.region.cells[at : at + size] = cells


def copy(shape: Shape, target: Slice, source: Slice) -> int:
    """Copy as many elements as both have; gives how many."""
    count = min(target.length, source.length)
    write(shape, target, 0, count, read(shape, source, count))
    return count


def clear(shape: Shape, s: Slice) -> None:
    """Zero the elements of `s`."""
    if shape.width and s.length:
        write(shape, s, 0, s.length, fresh_cells(shape, s.length))
