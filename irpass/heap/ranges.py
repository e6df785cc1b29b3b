"""Sets of addresses as disjoint ranges. Ranges are half open, and those that touch are one."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import final


@final
class Ranges:
    """A set of addresses; adding and removing cost a binary search and a move of pointers."""

    __slots__ = ("_his", "_los", "total_bytes")

    def __init__(self) -> None:
        self._los: list[int] = []
        self._his: list[int] = []
        self.total_bytes = 0

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return zip(self._los, self._his, strict=True)

    def add(self, lo: int, hi: int) -> None:
        if lo >= hi:
            return
        first, last = bisect_left(self._his, lo), bisect_right(self._los, hi)
        if first < last:
            lo, hi = min(lo, self._los[first]), max(hi, self._his[last - 1])
        self._replace(first, last, [lo], [hi])

    def remove(self, lo: int, hi: int) -> int:
        """Take the addresses from `lo` to before `hi` out; how many of them were in."""
        before = self.total_bytes
        first, last = bisect_right(self._his, lo), bisect_left(self._los, hi)
        if lo < hi and first < last:
            low, high = self._los[first], self._his[last - 1]
            los = [low] * (low < lo) + [hi] * (hi < high)
            his = [lo] * (low < lo) + [high] * (hi < high)
            self._replace(first, last, los, his)
        return before - self.total_bytes

    def overlaps(self, lo: int, hi: int) -> bool:
        first = bisect_right(self._his, lo)
        return lo < hi and first < len(self._los) and self._los[first] < hi

    def _replace(self, first: int, last: int, los: list[int], his: list[int]) -> None:
        self.total_bytes += sum(his) - sum(los) - sum(self._his[first:last]) + sum(self._los[first:last])
        self._los[first:last] = los
        self._his[first:last] = his
