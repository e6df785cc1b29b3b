"""Shared allocations: arenas, their members, and what is in the bytes that a member takes over.

Each member is a region with cells of its own, so that a wrong overlay shows: a `derive` over the bytes of an earlier
member ends that member, and without `zero` its cells over such bytes hold garbage.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple, final

from irpass.interp.cells import FREED, Cells, fresh_cells, unwritten_cells
from irpass.interp.memory import DANGLING, NIL, Memory, Pointer, Region, Slice, end, start_of
from irpass.interp.outcome import TrapError
from irpass.interp.shapes import Shape, garbage
from irpass.ir import ops
from irpass.ir.core import ArenaSpec
from irpass.ir.layout import MAX_BYTES
from irpass.ir.types import PointerType, ScalarType

# Words of traps that only a program which folding got wrong can meet: the pass's mistakes, not the user's.
OUT_OF_ARENA: Final = "derive out of arena"
MISALIGNED: Final = "misaligned derive"


class Span(NamedTuple):
    """Bytes `lo_bytes` to `hi_bytes`, exclusive, of an arena; and the member that has them."""

    lo_bytes: int
    hi_bytes: int
    member: Region | None = None


def _lo(span: Span) -> int:
    return span.lo_bytes


def _hi(span: Span) -> int:
    return span.hi_bytes


@final
class Arena:
    """One shared allocation; the nil arena is None."""

    __slots__ = ("_members", "_used", "handle", "is_ended", "releases_left", "size_bytes", "spec")

    def __init__(self, spec: ArenaSpec, size_bytes: int, handle: int) -> None:
        self.spec = spec
        self.size_bytes = size_bytes
        self.handle = handle
        self.releases_left = spec.count
        self.is_ended = False
        self._members: list[Span] = []  # disjoint, by place: a later member ends those that it overlaps
        self._used: list[Span] = []  # bytes that had a member, disjoint, by place

    def derive(self, shape: Shape, count: int, offset_bytes: int, flag: str | None) -> Region:
        """The region of a member of `count` elements at `offset_bytes`.

        Raises: TrapError where the arena has ended, or the member is not within it or not aligned.
        """
        if self.is_ended:
            raise TrapError(ops.USE_AFTER_FREE)
        size_bytes = shape.size_bytes * count
        if offset_bytes < 0 or offset_bytes + size_bytes > self.size_bytes:
            raise TrapError(OUT_OF_ARENA)
        if offset_bytes % shape.align_bytes or self.spec.align_bytes % shape.align_bytes:
            raise TrapError(MISALIGNED)
        if flag == "uninit" or (self.spec.uninit and flag is None):
            cells = unwritten_cells(shape, count)
        else:
            cells = fresh_cells(shape, count)
        member = Region(cells, arena=self)
        if size_bytes:
            span = Span(offset_bytes, offset_bytes + size_bytes, member)
            found = self._take(span)
            if flag is None:
                for old in found:
                    _spoil(cells, shape, old.lo_bytes - offset_bytes, min(old.hi_bytes, span.hi_bytes) - offset_bytes)
        return member

    def _take(self, span: Span) -> list[Span]:
        """Give `span` to its member; the used spans that it overlaps."""
        first, last = _overlapping(self._members, span)
        for _, _, old in self._members[first:last]:
            assert old is not None
            old.cells = FREED
        self._members[first:last] = [span]
        first, last = _overlapping(self._used, span)
        found = self._used[first:last]
        lo = min(span.lo_bytes, found[0].lo_bytes) if found else span.lo_bytes
        hi = max(span.hi_bytes, found[-1].hi_bytes) if found else span.hi_bytes
        self._used[first:last] = [Span(lo, hi)]
        return found

    @property
    def members(self) -> Iterator[Region]:
        """The members whose bytes no later one took, by place; those that have ended among them."""
        return (member for _, _, member in self._members if member is not None)

    @property
    def used_bytes(self) -> int:
        """The bytes that had a member."""
        return sum(hi - lo for lo, hi, _ in self._used)

    def end_member(self, what: Slice | Pointer | None) -> bool:
        """End one member; False for nil, which is none."""
        if what is None or what is NIL:
            return False
        region = what.region
        if region.arena is not self or start_of(what) != 0:
            raise TrapError(ops.BAD_FREE)
        if region.is_ended or self.is_ended:
            raise TrapError(ops.DOUBLE_FREE)
        end(region)
        return True

    def end(self) -> None:
        """End what members are left: the arena has come back."""
        self.is_ended = True
        for _, _, member in self._members:
            assert member is not None
            end(member)


def _overlapping(spans: list[Span], span: Span) -> tuple[int, int]:
    """The range of the disjoint, ordered `spans` that share bytes with `span`."""
    return bisect_right(spans, span.lo_bytes, key=_hi), bisect_left(spans, span.hi_bytes, key=_lo)


def _spoil(cells: Cells, shape: Shape, lo_bytes: int, hi_bytes: int) -> None:
    """Put garbage into the cells that have bytes between `lo_bytes` and `hi_bytes`, counted from the first cell."""
    first, last = max(0, lo_bytes) // shape.size_bytes, -(-hi_bytes // shape.size_bytes)
    for i in range(first, last):
        for k, (lo, hi) in enumerate(shape.leaf_spans_bytes):
            if i * shape.size_bytes + lo < hi_bytes and i * shape.size_bytes + hi > lo_bytes:
                cells[i * shape.width + k] = _garbage(shape.leaf(k))


def _garbage(leaf: Shape) -> object:
    if isinstance(leaf.type, ScalarType):
        return garbage(leaf.type)
    return Pointer(DANGLING, 1) if isinstance(leaf.type, PointerType) else Slice(DANGLING, 1, 1, 1)


def shared_alloc(memory: Memory, size_bytes: int, spec: ArenaSpec) -> Arena | None:
    """A new arena; the nil arena, None, where the request is over its limit."""
    if spec.limit_bytes is not None and size_bytes > spec.limit_bytes:
        return None
    if not 0 <= size_bytes <= MAX_BYTES:
        raise TrapError(ops.LEN_RANGE)
    return Arena(spec, size_bytes, memory.block(size_bytes, spec.align_bytes, spec.scan))


def derive(
    memory: Memory, arena: Arena | None, shape: Shape, count: int, offset_bytes: int, flag: str | None
) -> Region:
    """The region of `count` elements at `offset_bytes` of `arena`; one of its own for the nil arena."""
    if arena is None:
        memory.stats.fallbacks += 1
        return memory.allocate(shape, count, is_unwritten=flag == "uninit")
    region = arena.derive(shape, count, offset_bytes, flag)
    memory.stats.derives += 1
    return region


def shared_release(memory: Memory, arena: Arena | None, what: Slice | Pointer | None) -> None:
    """End one member of a counted arena, which comes back with its last."""
    if arena is None:
        memory.free(what)
    elif arena.end_member(what):
        arena.releases_left -= 1
        if arena.releases_left == 0:
            memory.give_back(arena)


def shared_free(memory: Memory, arena: Arena | None, members: Sequence[Slice | Pointer | None]) -> None:
    """End the members that are left, and the arena with them; on the nil arena, each by itself."""
    for what in members:
        if arena is None:
            memory.free(what)
        else:
            arena.end_member(what)
    if arena is not None:
        if arena.is_ended:
            raise TrapError(ops.DOUBLE_FREE)
        memory.give_back(arena)
