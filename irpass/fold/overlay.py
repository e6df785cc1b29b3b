"""Which members of a group share bytes, and where all of them lie. Pure functions over sites.

Members share bytes where one is dead before the other is derived. Those of known sizes are a packing problem, and lie
in one row of the arena, together with those of bounded sizes if these fit in without a byte more. Of those of the same
size at run time, or of one that the first of them bounds, each row takes as many as follow one another. The other rows
follow by falling alignment, where no padding is needed: each size is a multiple of its own alignment, hence of every
later one.

A member that may be read before it is written has to be cleared where its bytes were another's. So an arena that is
shared is either zeroed as a whole, and each later member of the same bytes by itself, or each by itself from the first:
whichever clears less. Sharing is given up where it clears more bytes, beyond those that are cleared without it, than it
saves.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from irpass.fold.plan import Member, Overlay, Row, Site
from irpass.ir.layout import round_up
from irpass.packing import Buffer, lower_bound, pack

_MOST_SEARCHED = 64  # members for which better offsets are searched; more get the best of a few quick layouts


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Rows and members in the order of their places; `is_uninit` says that the arena itself need not be zeroed."""

    rows: tuple[Row, ...]
    members: tuple[Member, ...]
    is_uninit: bool
    overlay: Overlay | None = None
    refused: Overlay | None = None

    @property
    def known_bytes(self) -> int:
        """The bytes of the rows whose sizes are known."""
        return sum(r.size_bytes or 0 for r in self.rows)


def arrange(sites: Sequence[Site], may_share: bool, is_quick: bool = False) -> Arrangement:
    """Places for the members of one group; `is_quick` is for questions that are asked of many sets of sites."""
    is_scan = any(s.is_scan for s in sites)
    apart = _side_by_side(sites, is_scan)
    if not may_share:
        return apart
    lives = [_alive(s, is_scan) for s in sites]
    if max(first for first, _ in lives) < min(last for _, last in lives):
        return apart  # all are alive together
    known = [s for s in sites if s.size_bytes is not None]
    unknown = [s for s in sites if s.size_bytes is None]
    guests = [s for s in unknown if s.fits_bytes is not None]
    slots = _slots(unknown, is_scan)
    packed = _pack(known, is_scan, slots, is_quick)
    refused: Overlay | None = None
    if guests and known:
        others = _slots([s for s in unknown if s.fits_bytes is None], is_scan)
        hosted = _host(known, guests, packed, others, is_scan, is_quick)
        if hosted is not None:
            found = _shared(sites, [*known, *guests], hosted, others, is_scan)
            if found.overlay is not None and found.overlay.is_worth_it:
                return found
    if packed is not None:
        found = _shared(sites, known, packed, slots, is_scan)
        if found.overlay is not None and found.overlay.is_worth_it:
            return found
        refused = found.overlay
    if any(len(slot) > 1 for slot in slots):
        return replace(_shared(sites, known, None, slots, is_scan), refused=refused)
    return replace(apart, refused=refused)


def _side_by_side(sites: Sequence[Site], is_scan: bool) -> Arrangement:
    """A row for each site, those of known sizes first among equal alignments: most offsets are literals."""
    order = sorted(sites, key=lambda s: (-s.align_bytes, s.size_bytes is None, s.index))
    rows = [Row(s.size_bytes, s.align_bytes, s.index, s.bound_bytes) for s in order]
    members = [Member(s.index, None, s.size_bytes, k) for k, s in enumerate(order)]
    is_uninit = not is_scan and not any(s.reads_zeros for s in sites)
    return Arrangement(tuple(rows), _with_offsets(rows, members), is_uninit)


def _with_offsets(rows: Sequence[Row], members: Sequence[Member]) -> tuple[Member, ...]:
    starts: list[int | None] = []
    at: int | None = 0
    for row in rows:
        starts.append(at)
        at = at + row.size_bytes if at is not None and row.size_bytes is not None else None
    found = []
    for m in members:
        start = starts[m.row]
        found.append(replace(m, offset_bytes=start + m.in_row_bytes if start is not None else None))
    return tuple(found)


# ---- sharing


def _alive(site: Site, is_scan: bool) -> tuple[int, float]:
    """The positions at which a site is alive, the last exclusive.

    A collector may look into a scan arena at any time: no bytes of others may stand in what nobody clears.
    """
    if is_scan and site.is_uninit:
        return 0, _FOR_EVER
    return site.index, site.last + 1 if site.last is not None else _FOR_EVER


_FOR_EVER = 1 << 62


def _buffers(sites: Sequence[Site], is_scan: bool) -> list[Buffer]:
    lives = [_alive(s, is_scan) for s in sites]
    return [
        Buffer(s.reserved_bytes, first, int(last), s.align_bytes) for s, (first, last) in zip(sites, lives, strict=True)
    ]


def _pack(known: Sequence[Site], is_scan: bool, slots: Sequence[Sequence[Site]], is_quick: bool) -> list[int] | None:
    """Offsets of the sites of known sizes in one row; None where that saves nothing."""
    if not known:
        return None
    buffers = _buffers(known, is_scan)
    apart = sum(s.size_bytes or 0 for s in known)
    if lower_bound(buffers) >= apart:
        return None
    packing = pack(buffers, effort="quick" if is_quick or len(known) > _MOST_SEARCHED else "default")
    return list(packing.offsets) if _row_bytes(packing.peak, slots) < apart else None


def _host(
    known: Sequence[Site], guests: Sequence[Site], packed: list[int] | None, slots: Sequence[Sequence[Site]],
    is_scan: bool, is_quick: bool,
) -> list[int] | None:  # fmt: skip
    """Offsets of the known sizes, and of those of the run that are bounded, where these fit in without a byte more."""
    room = sum(s.reserved_bytes for s in known) if packed is None else _peak(known, packed)
    buffers = _buffers([*known, *guests], is_scan)
    if lower_bound(buffers) > room:
        return None
    packing = pack(buffers, effort="quick" if is_quick or len(buffers) > _MOST_SEARCHED else "default")
    return list(packing.offsets) if _row_bytes(packing.peak, slots) <= room else None


def _peak(sites: Sequence[Site], offsets: Sequence[int]) -> int:
    return max(o + s.reserved_bytes for o, s in zip(offsets, sites, strict=True))


def _row_bytes(peak_bytes: int, slots: Sequence[Sequence[Site]]) -> int:
    """The bytes of a row in front of others: so many that these are aligned."""
    align = max((slot[0].align_bytes for slot in slots), default=1)
    return round_up(peak_bytes, align)


def _slots(sites: Sequence[Site], is_scan: bool) -> list[list[Site]]:
    """Sites of sizes known at run time that may lie in each other's bytes, the largest first; all of one number of
    elements.

    The first one comes first in time, too: where its size is out of range it traps, and none of the others is reached.
    """
    slots: list[list[Site]] = []
    free: dict[int, dict[tuple[int, int], list[tuple[float, int]]]] = {}  # by cap, then by size and alignment of one
    for site in sorted(sites, key=lambda s: s.index):
        kind = site.elem_bytes, site.align_bytes
        kinds = free.setdefault(site.cap, {}) if site.cap is not None else {}
        first, end = _alive(site, is_scan)
        fitting = [k for k, heap in kinds.items() if k[0] >= kind[0] and k[1] >= kind[1] and heap[0][0] <= first]
        if fitting:
            kind = min(fitting)
            number = heapq.heappop(kinds[kind])[1]
            slots[number].append(site)
        else:
            number = len(slots)
            slots.append([site])
        heapq.heappush(kinds.setdefault(kind, []), (end, number))
    return slots


def _shared(
    sites: Sequence[Site],
    known: Sequence[Site],
    packed: list[int] | None,
    slots: Sequence[Sequence[Site]],
    is_scan: bool,
) -> Arrangement:
    """Members in rows: those of `known` bounds at the places that are `packed`, or each in its own."""
    alone = known if packed is None else []
    groups = [*([s] for s in alone), *slots]
    groups.sort(key=lambda g: (-g[0].align_bytes, g[0].size_bytes is None, g[0].index))
    rows = [Row(g[0].size_bytes, g[0].align_bytes, g[0].index, g[0].bound_bytes) for g in groups]
    members = [Member(s.index, None, s.size_bytes, k) for k, g in enumerate(groups) for s in g]
    over = {s.index: earlier.index for g in groups for earlier, s in pairwise(g)}
    if packed is not None:
        size = _row_bytes(_peak(known, packed), slots)
        rows.insert(0, Row(size, max(s.align_bytes for s in known), min(s.index for s in known), size))
        by_place = sorted(zip(packed, known, strict=True), key=lambda pair: (pair[0], pair[1].index))
        behind = [replace(m, row=m.row + 1) for m in members]
        members = [Member(s.index, None, s.size_bytes, 0, o) for o, s in by_place] + behind
        over |= _earlier_owners(by_place)
    return _with_zeroing(sites, rows, members, over, is_scan)


def _earlier_owners(placed: Sequence[tuple[int, Site]]) -> dict[int, int]:
    """For each site that lies where others did the latest of these, by index."""
    found: dict[int, int] = {}
    spans: list[tuple[int, int, int]] = []  # begin, end and present owner of bytes: disjoint, by place
    for offset, site in sorted(placed, key=lambda pair: pair[1].index):
        lo, hi = offset, offset + site.reserved_bytes
        if lo == hi:
            continue
        first, last = bisect_right(spans, lo, key=lambda s: s[1]), bisect_left(spans, hi, key=lambda s: s[0])
        taken = spans[first:last]
        if taken:
            found[site.index] = max(owner for _, _, owner in taken)
        left = [(b, lo, owner) for b, _, owner in taken[:1] if b < lo]
        right = [(hi, e, owner) for _, e, owner in taken[-1:] if e > hi]
        spans[first:last] = [*left, (lo, hi, site.index), *right]
    return found


def _with_zeroing(
    sites: Sequence[Site], rows: Sequence[Row], members: Sequence[Member], over: dict[int, int], is_scan: bool
) -> Arrangement:
    """Decide who clears what. Bytes of sizes known only at run time are counted by row."""
    needing = {s.index for s in sites if s.reads_zeros or (is_scan and not s.is_uninit)}
    later = needing & over.keys()
    known = sum(r.size_bytes or 0 for r in rows)
    apart = sum(s.size_bytes or 0 for s in sites)
    each, each_row = _cleared(members, needing)
    again, again_rows = _cleared(members, later)
    whole = known + again if needing else 0
    whole_rows = sum(r.size_bytes is None for r in rows) + again_rows if needing else 0
    is_less = each <= whole and each_row <= whole_rows and (each, each_row) != (whole, whole_rows)
    is_uninit = not is_scan and (is_less or not needing)
    zeroed = needing if is_uninit else later
    in_turn = sum(m.index in over and m.size_bytes is None for m in members)
    overlay = Overlay(known, apart, each if is_uninit else whole, apart if needing else 0, in_turn)
    members = [replace(m, over=over.get(m.index), is_zeroed=m.index in zeroed) for m in members]
    return Arrangement(tuple(rows), _with_offsets(rows, members), is_uninit, overlay)


def _cleared(members: Sequence[Member], clearing: set[int]) -> tuple[int, int]:
    """The bytes that these members clear, and how many of them have sizes known only at run time."""
    found = [m for m in members if m.index in clearing]
    return sum(m.size_bytes or 0 for m in found), sum(m.size_bytes is None for m in found)


def most_alive_bytes(sites: Sequence[Site]) -> int:
    """The most bytes of known sizes that are alive at once: no arena is smaller."""
    is_scan = any(s.is_scan for s in sites)
    return lower_bound(_buffers([s for s in sites if s.size_bytes is not None], is_scan))


def covered_bytes(arranged: Arrangement, sites: Sequence[Site]) -> int:
    """The bytes of known sizes that some of the members have, those that they share counted once."""
    wanted = {s.index for s in sites}
    total = reached = 0
    row = -1
    for m in sorted(arranged.members, key=lambda m: (m.row, m.in_row_bytes)):
        if m.index in wanted and m.size_bytes is not None:
            reached, row = (reached if m.row == row else 0), m.row
            end = m.in_row_bytes + m.size_bytes
            total += max(0, end - max(reached, m.in_row_bytes))
            reached = max(reached, end)
    return total
