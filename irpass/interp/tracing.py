"""Memory whose objects are known: what a collector marks and sweeps, and what "why is this alive" is asked of.

An object is a region of its own, an arena, or a member of one. Roots are the registers that can hold references, of all
frames of all threads, whether or not they will be read again; stack arenas, which their frames own; and what the host
was given by calls of an `extern` that may keep it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, final

from irpass.heap.collector import Collector, Found, HeapObject
from irpass.heap.simple import Heap
from irpass.interp.arenas import Arena
from irpass.interp.cells import FREED, Cells, SparseCells
from irpass.interp.frame import FrameLayout, Regs
from irpass.interp.memory import Memory, Pointer, Region, Slice, end
from irpass.interp.outcome import TrapError
from irpass.interp.shapes import Shape
from irpass.ir import ops
from irpass.ir.core import Func, Module, Value
from irpass.ir.layout import MAX_BYTES

if TYPE_CHECKING:
    from irpass.interp.decode import CallSite, Code


class Site(NamedTuple):
    """Where memory comes from: `@f:%a`. An array's elements have numbers."""

    text: str
    is_array: bool


NO_SITE = Site("", False)


@final
class TracedRegion(HeapObject):
    """A region of its own, or a member: then `arena` is what it is part of."""

    __slots__ = ("arena", "region", "shape", "site")

    def __init__(self, region: Region, shape: Shape, size_bytes: int, site: Site, arena: TracedArena | None) -> None:
        super().__init__(size_bytes, shape.is_scan or arena is not None, is_block=arena is None)
        self.region = region
        self.shape = shape
        self.site = site
        self.arena = arena

    def __repr__(self) -> str:
        return f"{self.size_bytes} bytes of {self.site.text}"


@final
class TracedArena(HeapObject):
    """An arena, and those of its members that it may have to end."""

    __slots__ = ("arena", "members", "site")

    def __init__(self, arena: Arena, site: Site) -> None:
        super().__init__(arena.size_bytes, is_scan=False)
        self.arena = arena
        self.site = site
        self.members: list[TracedRegion] = []

    def __repr__(self) -> str:
        return f"the arena {self.site.text}"


class Stack(Protocol):
    """The frames of a thread: those that wait for a callee, outermost first, and the top one.

    While the thread runs its top frame is elsewhere: in `TracedMemory.top`.
    """

    number: int
    callers: list[tuple[Code, Regs, CallSite]]
    code: Code
    regs: Regs


class Program(Protocol):
    """The threads that have frames, and the one that runs."""

    @property
    def threads(self) -> Sequence[Stack]: ...

    @property
    def running(self) -> Stack | None: ...


class Root(NamedTuple):
    """A place outside of memory: a register, with the cell where it holds a struct; or the host's, without a frame."""

    thread: int
    depth: int
    layout: FrameLayout | None
    value: Value | None
    cell: int | None


_HOST = Root(0, 0, None, None, None)


class TracedMemory(Memory):
    """Memory that keeps a list of what is in it, for `collector`.

    Who runs a handler that may allocate, or a step of the collector, sets `top` and `site` before.
    """

    def __init__(self, module: Module, heap: Heap, collector: Collector) -> None:
        super().__init__(module, heap)
        self.collector = collector
        self.program: Program | None = None
        self.top: tuple[FrameLayout, Regs] | None = None
        self.site = NO_SITE
        self._found: dict[Region | Arena, TracedRegion | TracedArena] = {}
        self._hosted: dict[Region, None] = {}
        self._counted = (0, 0)  # what collections had marked and swept before this one
        collector.attach(self)

    # --- what instructions do

    def block(self, size_bytes: int, align_bytes: int, is_scan: bool) -> int:
        if size_bytes > MAX_BYTES:
            raise TrapError(ops.OUT_OF_MEMORY)
        collector, stats = self.collector, self.stats
        collector.before_request(size_bytes)
        handle = self.heap.allocate(size_bytes, align_bytes, is_scan)
        if handle is None and collector.mode != "none":
            collector.collect()
            stats.calls -= 1  # asked again, it is still one request
            stats.bytes_requested -= size_bytes
            denied_bytes, stats.denied_bytes = stats.denied_bytes, 0
            handle = self.heap.allocate(size_bytes, align_bytes, is_scan)
            if handle is None:
                stats.denied_bytes = stats.denied_bytes or denied_bytes
        if handle is None:
            raise TrapError(ops.OUT_OF_MEMORY)
        return handle

    def allocate(self, shape: Shape, count: int, is_unwritten: bool = False) -> Region:
        region = super().allocate(shape, count, is_unwritten)
        self._add(region, TracedRegion(region, shape, shape.size_bytes * count, self.site, None))
        return region

    def add_arena(self, arena: Arena, site: Site) -> None:
        self._add(arena, TracedArena(arena, site))

    def add_member(self, region: Region, shape: Shape, count: int, site: Site) -> None:
        assert region.arena is not None
        arena = self._found[region.arena]
        assert isinstance(arena, TracedArena)
        member = TracedRegion(region, shape, shape.size_bytes * count, site, arena)
        arena.members.append(member)
        self._add(region, member)
        if self.collector.is_marking:
            self.collector.shade(arena)

    def _add(self, key: Region | Arena, new: TracedRegion | TracedArena) -> None:
        self._found[key] = new
        self.collector.born(new)

    def free(self, what: Slice | Pointer | None) -> None:
        super().free(what)
        if what is not None:
            self._found.pop(what.region, None)

    def give_back(self, arena: Arena) -> None:
        super().give_back(arena)
        self._forget(arena)

    def _forget(self, arena: Arena) -> None:
        held = self._found.pop(arena)
        assert isinstance(held, TracedArena)
        for member in held.members:
            self._found.pop(member.region, None)

    def shade(self, held: object) -> None:
        """The write barrier: a program has stored `held`, whatever its type."""
        if self.collector.is_marking:
            for _, found in self._in_value(held):
                if found is not None:
                    self.collector.shade(found)

    def shade_elements(self, shape: Shape, s: Slice, first: int, stop: int) -> None:
        """The write barrier for elements `first` to `stop` of `s`."""
        if self.collector.is_marking and first < stop:
            for _, found in self._in_cells(shape, s.region.cells, s.start + first * shape.width, stop - first):
                if found is not None:
                    self.collector.shade(found)

    def guard(self, callee: Func) -> HostGuard | None:
        return HostGuard(self, may_keep="nocapture" not in callee.attrs and "pure" not in callee.attrs)

    def keep(self, held: object) -> None:
        """The host may hold on to `held` from now on."""
        for value in held if isinstance(held, tuple) else (held,):
            if isinstance(value, Slice | Pointer) and value.region in self._found:
                self._hosted[value.region] = None

    # --- what a collector asks

    def roots(self) -> Iterator[Found]:
        return (found for _, found in self.root_places())

    def root_places(self) -> Iterator[tuple[Root, Found]]:
        """Each place outside of memory that may hold a reference, and what is found there."""
        program = self.program
        assert program is not None
        for stack in program.threads:
            depth = 0
            for code, regs, _ in stack.callers:
                yield from self._in_frame(stack.number, depth, code.layout, regs)
                depth += 1
            top = self.top if stack is program.running else (stack.code.layout, stack.regs)
            if top is not None:
                yield from self._in_frame(stack.number, depth, *top)
        self._hosted = {region: None for region in self._hosted if region in self._found}
        for region in self._hosted:
            yield _HOST, self._found.get(region)

    def _in_frame(self, thread: int, depth: int, layout: FrameLayout, regs: Regs) -> Iterator[tuple[Root, Found]]:
        for number, value in layout.reference_registers:
            for cell, found in self._in_value(regs[number]):
                yield Root(thread, depth, layout, value, cell), found
        if layout.stack_arenas_register is not None:
            for arena in regs[layout.stack_arenas_register] or ():
                yield Root(thread, depth, layout, None, None), self._found.get(arena)

    def _in_value(self, held: object) -> Iterator[tuple[int | None, Found]]:
        """What a register of a type that holds references refers to, by cell where it holds a struct."""
        if isinstance(held, Slice | Pointer):
            yield None, self._found.get(held.region)
        elif isinstance(held, tuple):
            for cell, part in enumerate(held):
                if isinstance(part, Slice | Pointer):
                    yield cell, self._found.get(part.region)
        else:
            yield None, self._found.get(held) if isinstance(held, Arena) else None

    def references(self, held: HeapObject) -> Iterator[Found]:
        return (found for _, found in self.reference_places(held))

    def reference_places(self, held: HeapObject) -> Iterator[tuple[int | None, Found]]:
        """Each place in an object that may hold a reference: the cell, None for the link of a member to its arena."""
        if not isinstance(held, TracedRegion) or held.region.cells is FREED:
            return  # an ended member needs its arena no longer
        cells = held.region.cells
        if held.arena is not None:
            yield None, held.arena
        if held.shape.is_scan:
            yield from self._in_cells(held.shape, cells, 0, held.size_bytes // held.shape.size_bytes)

    def _in_cells(self, shape: Shape, cells: Cells, start: int, count: int) -> Iterator[tuple[int, Found]]:
        """The references in the cells of `count` values, which stay to be looked at if they change meanwhile."""
        get = self._found.get
        for cell in _reference_cells(shape, cells, start, start + count * shape.width):
            part: Any = cells[cell]
            yield cell, get(part.region) if isinstance(part, Slice | Pointer) else None

    def objects(self) -> list[HeapObject]:
        return list(self._found.values())

    def reclaim(self, dead: HeapObject) -> None:
        if isinstance(dead, TracedArena):
            super().give_back(dead.arena)
            self._forget(dead.arena)
            return
        assert isinstance(dead, TracedRegion) and dead.region.handle is not None
        self.heap.free(dead.region.handle)
        end(dead.region)
        del self._found[dead.region]

    def retained_bytes(self, live: HeapObject) -> int:
        if not isinstance(live, TracedArena) or live.arena.is_ended:
            return 0
        ended = [member for member in live.members if member.region.cells is FREED]
        for member in ended:
            self._found.pop(member.region, None)
        if ended:
            live.members = [member for member in live.members if member.region.cells is not FREED]
        is_white = self.collector.is_white
        return live.arena.used_bytes - sum(m.size_bytes for m in live.members if not is_white(m))

    def collected(self) -> None:
        found = self.collector.stats
        marked, swept = self._counted
        self._counted = found.marked, found.swept
        self.heap.collected(found.marked - marked, found.swept - swept)


def _reference_cells(shape: Shape, cells: Cells, start: int, stop: int) -> Iterator[int]:
    """The cells from `start` to `stop`, where values begin and end, that hold references and have been written."""
    of_one, width = shape.reference_cells, shape.width
    if isinstance(cells, SparseCells):
        phases = set(of_one)
        yield from (cell for cell in cells.written(start, stop) if cell % width in phases)
        return
    for first in range(start, stop, width):
        for cell in of_one:
            yield first + cell


@final
class HostGuard:
    """Keeps alive what an extern is given, where it may keep it; and shades what it stores."""

    __slots__ = ("_may_keep", "_memory")

    def __init__(self, memory: TracedMemory, may_keep: bool) -> None:
        self._memory = memory
        self._may_keep = may_keep

    def read(self, held: object) -> None:
        if self._may_keep:
            self._memory.keep(held)

    def written(self, held: object) -> None:
        self._memory.shade(held)
