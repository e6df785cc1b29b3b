"""The packing problem as parallel lists, cut into sections that share no time."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from irpass.packing.model import Buffer


class Problem:
    """Buffers that take bytes for some time, as parallel lists indexed from 0; `names` maps back to the caller's
    indices.

    `pinned` holds an offset or None. `obstacles[i]`, only where something is pinned, lists the (begin, end) of the
    pinned buffers that live with buffer i, by rising begin.
    """

    __slots__ = ("aligns", "count", "firsts", "is_aligned", "lasts", "names", "obstacles", "pinned", "sizes")

    def __init__(self, buffers: Sequence[Buffer], names: Sequence[int]) -> None:
        self.names = list(names)
        chosen = [buffers[i] for i in self.names]
        self.count = len(chosen)
        self.sizes = [b.size for b in chosen]
        self.aligns = [b.alignment for b in chosen]
        self.firsts = [b.first for b in chosen]
        self.lasts = [b.last for b in chosen]
        self.pinned = [b.offset for b in chosen]
        self.is_aligned = any(a > 1 for a in self.aligns)
        self.obstacles: list[list[tuple[int, int]]] | None = None
        fixed = [i for i in range(self.count) if self.pinned[i] is not None]
        if fixed:
            self.obstacles = [self._obstacles(i, fixed) for i in range(self.count)]

    def _obstacles(self, index: int, fixed: Sequence[int]) -> list[tuple[int, int]]:
        first, last = self.firsts[index], self.lasts[index]
        found = []
        for i in fixed:
            begin = self.pinned[i]
            if begin is not None and i != index and self.firsts[i] < last and first < self.lasts[i]:
                found.append((begin, begin + self.sizes[i]))
        return sorted(found)

    def fit(self, index: int, floor: int) -> int:
        """The lowest offset at or above `floor` where buffer `index` is aligned and clear of what is pinned."""
        align = self.aligns[index]
        offset = -(-floor // align) * align
        if self.obstacles is not None:
            size = self.sizes[index]
            for begin, end in self.obstacles[index]:  # by rising begin, so one pass is enough
                if begin < offset + size and offset < end:
                    offset = -(-end // align) * align
        return offset

    def buffers(self, chosen: Sequence[int]) -> list[Buffer]:
        """These of the buffers, as they came in."""
        return [Buffer(self.sizes[i], self.firsts[i], self.lasts[i], self.aligns[i], self.pinned[i]) for i in chosen]

    def peak(self, offsets: Sequence[int]) -> int:
        return max((o + s for o, s in zip(offsets, self.sizes, strict=True)), default=0)

    def pairs(self) -> int:
        """How many pairs of buffers live together."""
        begins, ends = sorted(self.firsts), sorted(self.lasts)
        ended = total = 0
        for started, first in enumerate(begins):
            while ends[ended] <= first:
                ended += 1
            total += started - ended
        return total

    def loads(self) -> tuple[list[int], list[int]]:
        """The times at which the bytes alive change, rising, and the bytes alive from each of them to the next."""
        change: dict[int, int] = {}
        for first, last, size in zip(self.firsts, self.lasts, self.sizes, strict=True):
            change[first] = change.get(first, 0) + size
            change[last] = change.get(last, 0) - size
        times = sorted(change)
        return times, list(accumulate(change[t] for t in times))


def busiest(times: Sequence[int], loads: Sequence[int], lives: Sequence[tuple[int, int]]) -> list[int]:
    """For each life (first, last) the greatest of the loads that begin at `times` during it, from a sparse table of
    range maxima.
    """
    rank = {time: i for i, time in enumerate(times)}
    table = [loads]
    width = 1
    while 2 * width <= len(loads):
        row = table[-1]
        table.append(list(map(max, row, row[width:])))
        width *= 2
    found = []
    for first, last in lives:
        begin, end = rank[first], rank[last]
        level = (end - begin).bit_length() - 1
        row = table[level]
        found.append(max(row[begin], row[end - (1 << level)]))
    return found


def sections(buffers: Sequence[Buffer]) -> list[Problem]:
    """The buffers that take bytes, cut wherever no life crosses a time. Sections by rising time, buffers by index
    within each.
    """
    living = [i for i, b in enumerate(buffers) if b.size > 0 and b.first < b.last]
    living.sort(key=lambda i: buffers[i].first)
    groups: list[list[int]] = []
    end = 0
    for i in living:
        if not groups or buffers[i].first >= end:
            groups.append([])
            end = buffers[i].last
        groups[-1].append(i)
        end = max(end, buffers[i].last)
    return [Problem(buffers, sorted(group)) for group in groups]
