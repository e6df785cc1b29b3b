"""Where the members of an arena lie: rules C12, C14 and, for bytes that were another member's, C15.

Regions are kept in the order of a sample of their offsets; neighbours are then compared for all sizes. The live range
of a member goes from its `derive` to the last place of its block that may touch it; without end if that may be
elsewhere.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left, bisect_right, insort
from itertools import pairwise
from typing import NamedTuple

from irpass.check.aliases import Aliases
from irpass.check.model import Arena, Member, Pairing
from irpass.check.refusal import Refusal
from irpass.check.written import is_wholly_written
from irpass.ir.core import Block


class Region(NamedTuple):
    """A member with a sample of its first and last byte (exclusive); `order` tells equal regions apart."""

    lo: int
    hi: int
    order: int
    member: Member


def check_overlay(pairing: Pairing, aliases: Aliases) -> None:
    """Judge where members lie in their arenas.

    Raises: Refusal (C12, C14, C15).
    """
    for arena in pairing.arenas:
        regions = _regions(pairing, arena)
        if not _lie_in_a_row(pairing, regions):
            for region in regions:
                _check_inside(pairing, region.member)
            _Overlay(pairing, aliases, regions).check()


def _regions(pairing: Pairing, arena: Arena) -> list[Region]:
    """The members that have bytes, by place."""
    numbers, found = pairing.numbers, []
    for order, m in enumerate(arena.members):
        if numbers.literal_value(m.size) == 0:
            _check_inside(pairing, m)
            continue
        lo = numbers.sample(m.offset)
        found.append(Region(lo, lo + numbers.sample(m.size), order, m))
    return sorted(found)


def _lie_in_a_row(pairing: Pairing, regions: list[Region]) -> bool:
    """Whether each ends before the next begins, and the last within the arena."""
    if not all(_is_before(pairing, a, b) for a, b in pairwise(regions)):
        return False
    last = regions[-1].member if regions else None
    return last is None or pairing.numbers.at_most([last.offset, last.size], [last.arena.total])


def _is_before(pairing: Pairing, a: Region, b: Region) -> bool:
    return pairing.numbers.at_most([a.member.offset, a.member.size], [b.member.offset])


def _check_inside(pairing: Pairing, m: Member) -> None:
    if not pairing.numbers.at_most([m.offset, m.size], [m.arena.total]):
        raise Refusal("C12", f"{m} may reach past the end of its arena", m.derive, m.site)


def last_touch(pairing: Pairing, aliases: Aliases, m: Member) -> int | None:
    """The last place of the member's block that may touch it; None where that may also be elsewhere, or later."""
    if m.value is None:
        return m.at
    if aliases.outlives(m.value):
        return None
    last, is_repeated = m.at, pairing.graph.is_on_cycle(m.block)
    for use, is_sure in aliases.touching(m.value).items():
        if use.block is not m.block or (is_repeated and not is_sure):  # it may be the member of another round
            return None
        last = max(last, pairing.places[use])
    return last


class _Overlay:
    """One arena whose members may share bytes: inserted in the order of their derives, taken out when dead."""

    def __init__(self, pairing: Pairing, aliases: Aliases, regions: list[Region]) -> None:
        self._pairing = pairing
        self._aliases = aliases
        order = {id(b): i for i, b in enumerate(pairing.graph.blocks)}
        self._by_place = regions
        self._by_time = sorted(regions, key=lambda r: (order[id(r.member.block)], r.member.at))
        self._live: list[Region] = []  # disjoint, by place
        self._before: list[Region] = []  # all that came before, by time
        self._used: list[tuple[int, int]] = []  # bytes that had a member, merged and by place: exact if all is literal
        numbers = pairing.numbers
        self._is_literal = all(
            numbers.literal_value(n) is not None for r in regions for n in (r.member.offset, r.member.size)
        )

    def check(self) -> None:
        blocks = list(dict.fromkeys(r.member.block for r in self._by_time))
        follows = all(self._pairing.graph.dominates(a, b) for a, b in pairwise(blocks))
        if not follows:  # which of two members is the later cannot be told
            for a, b in pairwise(self._by_place):
                self._require_before(a, b, b.member)
        dying: list[tuple[int, int, Region]] = []  # of the block at hand, by the last touch
        block: Block | None = None
        for region in self._by_time:
            m = region.member
            now = m.at if m.block is block else len(block.instrs) if block is not None else 0
            while dying and (dying[0][0] < now or m.block is not block):
                dead = heapq.heappop(dying)[2]
                del self._live[bisect_left(self._live, dead[:3])]
            block = m.block
            self._insert(region)
            last = last_touch(self._pairing, self._aliases, m)
            if last is not None:
                heapq.heappush(dying, (last, region.order, region))
            self._check_zero(region)

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

    def _check_zero(self, region: Region) -> None:
        m = region.member
        is_clean = m.derive.flag is not None or m.site.flag == "uninit"
        if not is_clean and self._was_used(region) and not is_wholly_written(self._pairing, m):
            raise Refusal("C15", f"{m} may have bytes of another member, and is not zeroed", m.derive, m.site)
        self._note_used(region)

    def _was_used(self, region: Region) -> bool:
        if not self._is_literal:
            pairing = self._pairing
            return not all(_is_before(pairing, r, region) or _is_before(pairing, region, r) for r in self._before)
        at = bisect_right(self._used, region.lo, key=lambda span: span[1])
        return at < len(self._used) and self._used[at][0] < region.hi

    def _note_used(self, region: Region) -> None:
        self._before.append(region)
        lo, hi = region.lo, region.hi
        first = bisect_left(self._used, lo, key=lambda span: span[1])
        last = bisect_right(self._used, hi, key=lambda span: span[0])
        if first < last:
            lo, hi = min(lo, self._used[first][0]), max(hi, self._used[last - 1][1])
            del self._used[first:last]
        insort(self._used, (lo, hi))
