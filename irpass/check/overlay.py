"""Where the members of an arena lie: rules C12, C14 and, for bytes that were another member's, C15 and C16.

Regions are kept in the order of a sample of their offsets; neighbours are then compared for all sizes. The live range
of a member goes from its `derive` to the last instruction that may touch it, without end if it may be reached from
outside, or round a loop; at the latest it ends with its own free, because whoever touches it then traps anyway.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left, bisect_right, insort
from itertools import pairwise
from typing import NamedTuple

from irpass.check.aliases import Aliases
from irpass.check.model import Arena, Kind, Member, Pairing
from irpass.check.refusal import Refusal
from irpass.check.written import is_wholly_written
from irpass.ir import ops
from irpass.ir.core import Instr, Value
from irpass.ir.types import is_reference


class Moment(NamedTuple):
    """A place in a block; `block` is the block's place in reverse postorder."""

    block: int
    place: int


class Region(NamedTuple):
    """A member with a sample of its first and last byte (exclusive); `order` tells equal regions apart.

    `bounds` are numbers that its size does not exceed wherever it is derived, the size itself first.
    """

    lo: int
    hi: int
    order: int
    member: Member
    bounds: tuple[int, ...]


def check_overlay(pairing: Pairing, aliases: Aliases) -> None:
    """Judge where members lie in their arenas.

    Raises: Refusal (C12, C14, C15, C16).
    """
    touches: LastTouches | None = None
    for arena in pairing.arenas:
        rows = _rows(pairing, _regions(pairing, arena))
        for region in rows[-1] if rows else ():
            _check_inside(pairing, region)
        for row in rows:
            if len(row) > 1:
                touches = LastTouches(pairing, aliases) if touches is None else touches
                _Overlay(pairing, touches, row).check()


def _regions(pairing: Pairing, arena: Arena) -> list[Region]:
    """The members that have bytes, by place."""
    numbers, every = pairing.numbers, []
    for order, m in enumerate(arena.members):
        lo = numbers.sample(m.offset)
        every.append(Region(lo, lo + numbers.sample(m.size), order, m, (m.size,)))
    found = []
    for region in _bounded(pairing, every):
        if numbers.literal_value(region.member.size) == 0:
            _check_inside(pairing, region)
        else:
            found.append(region)
    return found


def _rows(pairing: Pairing, regions: list[Region]) -> list[list[Region]]:
    """The regions in rows, each of which surely ends before the next begins: they need no other proof to lie apart."""
    at_most = pairing.numbers.at_most
    rows: list[list[Region]] = []
    ends: dict[object, Region] = {}  # of the last row, the regions that may end last: of literal ones there is only one
    for region in sorted(regions):
        if not rows or all(_is_before(pairing, end, region) for end in ends.values()):
            rows.append([])
            ends = {}
        elif region.member.offset != (first := rows[-1][0].member.offset) and not at_most(
            [first], [region.member.offset]
        ):
            return [sorted(regions)]
        rows[-1].append(region)
        is_literal = _is_literal(pairing, region)
        key = None if is_literal else (region.member.offset, region.bounds)
        if key not in ends or ends[key].hi < region.hi:
            ends[key] = region
    return rows


def _is_literal(pairing: Pairing, region: Region) -> bool:
    numbers, m = pairing.numbers, region.member
    return numbers.literal_value(m.offset) is not None and numbers.literal_value(m.size) is not None


def _bounded(pairing: Pairing, regions: list[Region]) -> list[Region]:
    """The regions, their sizes bounded by those of members that come before them.

    Where as many elements of a larger size were derived without a trap, so many are in range for this size as well.
    """
    numbers, graph, found = pairing.numbers, pairing.graph, []
    in_range: dict[int, dict[int, Member]] = {}  # by cap and bytes of an element: who was derived before
    for region in sorted(regions, key=lambda r: (graph.index[id(r.member.block)], r.member.at)):
        m = region.member
        elem_bytes = numbers.layouts.of(m.elem).size_bytes
        of_cap = in_range.setdefault(m.cap, {})
        known = [size for size, other in of_cap.items() if size >= elem_bytes and graph.dominates(other.block, m.block)]
        if elem_bytes not in known:
            of_cap[elem_bytes] = m
        bounds = (m.size, *(of_cap[size].size for size in sorted(known)))
        found.append(region._replace(bounds=tuple(dict.fromkeys(bounds))))
    return found


def _frees(pairing: Pairing) -> dict[Member, Moment]:
    """For members that are freed in the block of their `derive`, the last moment before they are."""
    found: dict[Member, Moment] = {}
    for block, events in pairing.events.items():
        for event in events:
            if event.kind in (Kind.FREE, Kind.RELEASE):
                before = Moment(pairing.graph.index[id(block)], event.at - (event.kind is Kind.FREE))
                for m in event.members:
                    if m.block is block:
                        found.setdefault(m, before)
    return found


def _is_before(pairing: Pairing, a: Region, b: Region) -> bool:
    at_most, m = pairing.numbers.at_most, a.member
    return any(at_most([m.offset, bound], [b.member.offset]) for bound in a.bounds)


def _check_inside(pairing: Pairing, region: Region) -> None:
    at_most, m = pairing.numbers.at_most, region.member
    if not any(at_most([m.offset, bound], [m.arena.total]) for bound in region.bounds):
        raise Refusal("C12", f"{m} may reach past the end of its arena", m.derive, m.site)


class LastTouches:
    """Answers for one function."""

    def __init__(self, pairing: Pairing, aliases: Aliases) -> None:
        self._pairing = pairing
        self._aliases = aliases
        self._frees = _frees(pairing)
        self._current: set[Value] | None = None

    def of(self, m: Member) -> Moment | None:
        """The end of the live range; None where it may have none."""
        ends = (self._last_touch(m), self._frees.get(m))
        return min((end for end in ends if end is not None), default=None)

    def _last_touch(self, m: Member) -> Moment | None:
        """The last touch; None where it may be after any other instruction.

        In reverse postorder no way leads back, but to blocks that are on a cycle; from there only what happens in the
        member's own block is before what follows there.
        """
        index = self._pairing.graph.index
        last = Moment(index[id(m.block)], m.at)
        if m.value is None:
            return last
        if self._aliases.outlives(m.value):
            return None
        is_repeated = self._pairing.graph.is_on_cycle(m.block)
        for use, is_sure in self._aliases.touching(m.value).items():
            at = index.get(id(use.block))
            if at is None:  # a block that is never reached touches nothing
                continue
            if is_repeated and (use.block is not m.block or not (is_sure or self._is_of_this_round(use))):
                return None
            last = max(last, Moment(at, self._pairing.places[use]))
        return last

    def _is_of_this_round(self, use: Instr) -> bool:
        """Whether all names that `use` may touch a member by are of the round of the loop that it stands in: made of
        the results of sites, with no block parameter and no load between."""
        if use.op is ops.CALL:  # what is stored in what it gets may be of any round
            return False
        if self._current is None:
            self._current = set()
            for block in self._pairing.graph.blocks:
                self._current.update(i.result for i in block.instrs if i.result is not None and self._is_current(i))
        named = use.operands[:1] if use.op in (ops.LOAD, ops.STORE, ops.CLEAR, ops.APPEND) else use.operands
        return all(o in self._current for o in named if isinstance(o, Value) and is_reference(o.type))

    def _is_current(self, instr: Instr) -> bool:
        assert self._current is not None
        if instr.op in (ops.MAKE, ops.NEW, ops.DERIVE):
            return True
        if instr.op in (ops.SLICE, ops.ELEM, ops.FIELD, ops.APPEND, ops.EXTEND):
            named = instr.operands[:1]
        elif instr.op is ops.SELECT:
            named = instr.operands[1:]
        else:
            return False
        return all(o in self._current for o in named if isinstance(o, Value))


class _Overlay:
    """One row whose members may share bytes: inserted in the order of their derives, taken out when dead."""

    def __init__(self, pairing: Pairing, touches: LastTouches, regions: list[Region]) -> None:
        self._pairing = pairing
        self._touches = touches
        index = pairing.graph.index
        self._by_place = regions
        self._by_time = sorted(regions, key=lambda r: (index[id(r.member.block)], r.member.at))
        blocks = list(dict.fromkeys(r.member.block for r in self._by_time))
        self._follows = all(pairing.graph.dominates(a, b) for a, b in pairwise(blocks))
        self._live: list[Region] = []  # disjoint, by place
        self._used: list[tuple[int, int]] = []  # literal bytes that had a member, merged and by place
        self._unknown: dict[tuple[int, tuple[int, ...]], Region] = {}  # the others that had one, each place once

    def check(self) -> None:
        if not self._follows:  # which of two members is the later cannot be told
            for a, b in pairwise(self._by_place):
                self._require_before(a, b, b.member)
        dying: list[tuple[Moment, int, Region]] = []  # by the last touch
        index = self._pairing.graph.index
        for region in self._by_time:
            m = region.member
            now = Moment(index[id(m.block)], m.at)
            while dying and dying[0][0] < now:
                dead = heapq.heappop(dying)[2]
                del self._live[bisect_left(self._live, dead[:3])]
            self._insert(region)
            last = self._touches.of(m)
            if last is not None:
                heapq.heappush(dying, (last, region.order, region))
            self._check_contents(region)

    def _insert(self, region: Region) -> None:
        at = bisect_left(self._live, region[:3])
        if at > 0:
            self._require_before(self._live[at - 1], region, region.member)
        if at < len(self._live):
            self._require_before(region, self._live[at], region.member)
        self._live.insert(at, region)

    def _require_before(self, a: Region, b: Region, later: Member) -> None:
        if not _is_before(self._pairing, a, b):
            earlier = a.member if b.member is later else b.member
            message = f"{later} may have bytes of {earlier}, which may be touched later"
            raise Refusal("C14", message, later.derive, earlier.site)

    def _check_contents(self, region: Region) -> None:
        m = region.member
        if m.derive.flag is None and self._was_used(region) and not is_wholly_written(self._pairing, m):
            if m.site.flag == "uninit":
                message = f"{m} is unwritten before, and has what another member left here"
                raise Refusal("C16", message, m.derive, m.site)
            raise Refusal("C15", f"{m} may have bytes of another member, and is not zeroed", m.derive, m.site)
        self._note_used(region)

    def _was_used(self, region: Region) -> bool:
        for other in self._unknown.values():
            if not _is_before(self._pairing, other, region) and not _is_before(self._pairing, region, other):
                return True
        if not _is_literal(self._pairing, region):
            return not all(self._is_apart(region, lo, hi) for lo, hi in self._used)
        at = bisect_right(self._used, region.lo, key=lambda span: span[1])
        return at < len(self._used) and self._used[at][0] < region.hi

    def _is_apart(self, region: Region, lo: int, hi: int) -> bool:
        """Whether the region lies outside the bytes `lo` to `hi`, exclusive."""
        numbers, m = self._pairing.numbers, region.member
        before = any(numbers.at_most([m.offset, bound], [numbers.size(lo)]) for bound in region.bounds)
        return before or numbers.at_most([numbers.size(hi)], [m.offset])

    def _note_used(self, region: Region) -> None:
        if not _is_literal(self._pairing, region):
            self._unknown.setdefault((region.member.offset, region.bounds), region)
            return
        lo, hi = region.lo, region.hi
        first = bisect_left(self._used, lo, key=lambda span: span[1])
        last = bisect_right(self._used, hi, key=lambda span: span[0])
        if first < last:
            lo, hi = min(lo, self._used[first][0]), max(hi, self._used[last - 1][1])
            del self._used[first:last]
        insort(self._used, (lo, hi))
