"""How low any layout can go: the most bytes alive at once, with the padding that alignments force."""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd

from irpass.packing.model import Buffer

_MAX_ALIGNMENTS = 16  # each distinct alignment costs a sweep; more than these are hardly ever seen


def lower_bound(buffers: Sequence[Buffer]) -> int:
    """Bytes that no layout of these buffers can go below. O(n log n) for each distinct alignment, of which the 16
    largest count.
    """
    bound = max((b.size + (b.offset or 0) for b in buffers), default=0)
    living = [b for b in buffers if b.size > 0 and b.first < b.last]
    bound = max(bound, _busiest([(b.first, b.last, b.size) for b in living])[0])
    alignments = sorted({b.alignment for b in living if b.alignment > 1}, reverse=True)[:_MAX_ALIGNMENTS]
    for alignment in alignments:
        bound = max(bound, _cell_bound(living, alignment))
    return bound


def _busiest(weighted: Sequence[tuple[int, int, int]]) -> tuple[int, int]:
    """The greatest sum of weights of intervals (first, last, weight) that hold one time, and the earliest such time."""
    change: dict[int, int] = {}
    for first, last, weight in weighted:
        change[first] = change.get(first, 0) + weight
        change[last] = change.get(last, 0) - weight
    best = total = time = 0
    for moment in sorted(change):
        total += change[moment]
        if total > best:
            best, time = total, moment
    return best, time


def _cell_bound(buffers: Sequence[Buffer], cell: int) -> int:
    """A bound from cutting memory into cells of `cell` bytes.

    A buffer that is aligned to cells has each cell that it touches to itself among its kind; any other buffer of
    `size` bytes, whose start is off by a multiple of g = gcd(alignment, cell), fills at least (size - (cell - g)) //
    cell whole cells. All these cells are distinct among the buffers of one moment, and the last cell holds at least
    the shortest tail.
    """
    weighted: list[tuple[int, int, int]] = []
    for b in buffers:
        if b.alignment % cell == 0:
            cells = -(-b.size // cell)
        else:
            cells = max(0, b.size - cell + gcd(b.alignment, cell)) // cell
        if cells:
            weighted.append((b.first, b.last, cells))
    most, time = _busiest(weighted)
    tails = [(b.size - 1) % cell + 1 for b in buffers if b.alignment % cell == 0 and b.first <= time < b.last]
    return (most - 1) * cell + min(tails, default=cell)
