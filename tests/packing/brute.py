"""The least peak by trying every order: the slow and obvious twin of the exact search."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations

from irpass.packing import Buffer


def lives_with(one: Buffer, other: Buffer) -> bool:
    takes_bytes = one.size > 0 and other.size > 0 and one.first < one.last and other.first < other.last
    return takes_bytes and one.first < other.last and other.first < one.last


def least_peak(buffers: Sequence[Buffer]) -> int:
    """The least peak: in some order, a best layout has each buffer at the lowest offset that is free."""
    free = [i for i, b in enumerate(buffers) if b.offset is None]
    best = -1
    for order in permutations(free):
        offsets = {i: b.offset for i, b in enumerate(buffers) if b.offset is not None}
        for i in order:
            offsets[i] = _first_fit(buffers, offsets, i)
        peak = max((offsets[i] + b.size for i, b in enumerate(buffers)), default=0)
        best = peak if best < 0 else min(best, peak)
    return best


def _first_fit(buffers: Sequence[Buffer], offsets: dict[int, int], i: int) -> int:
    buffer = buffers[i]
    blocks = [(offsets[j], offsets[j] + buffers[j].size) for j in offsets if lives_with(buffers[j], buffer)]
    starts = [0, *(-(-end // buffer.alignment) * buffer.alignment for _, end in blocks)]
    return min(s for s in starts if all(s + buffer.size <= low or high <= s for low, high in blocks))
