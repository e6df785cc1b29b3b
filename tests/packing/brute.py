"""The least peak by trying every order: the slow and obvious twin of the exact search."""

from __future__ import annotations

from collections.abc import Sequence

from irpass.packing import Buffer


def lives_with(one: Buffer, other: Buffer) -> bool:
    takes_bytes = one.size > 0 and other.size > 0 and one.first < one.last and other.first < other.last
    return takes_bytes and one.first < other.last and other.first < one.last


def least_peak(buffers: Sequence[Buffer]) -> int:
    """The least peak: in some order, a best layout has each buffer at the lowest offset that is free.

    Orders that begin alike are tried together, an order is left where it is as high as the best, and all are where
    that is as low as the bytes alive at one time.
    """
    offsets = {i: b.offset for i, b in enumerate(buffers) if b.offset is not None}
    free = sorted((i for i, b in enumerate(buffers) if b.offset is None), key=lambda i: -buffers[i].size)
    floor = max([_alive_at(buffers, b.first) for b in buffers] + [b.size for b in buffers], default=0)
    highest = max((offset + buffers[i].size for i, offset in offsets.items()), default=0)
    best = sum(b.size + b.alignment for b in buffers) + highest + 1

    def place_next(peak: int) -> None:
        nonlocal best
        if peak >= best or best == floor:
            return
        if len(offsets) == len(buffers):
            best = peak
            return
        for i in free:
            if i not in offsets:
                offset = _first_fit(buffers, offsets, i)
                offsets[i] = offset
                place_next(max(peak, offset + buffers[i].size))
                del offsets[i]

    place_next(highest)
    return best


def _alive_at(buffers: Sequence[Buffer], time: int) -> int:
    return sum(b.size for b in buffers if b.first <= time < b.last)


def _first_fit(buffers: Sequence[Buffer], offsets: dict[int, int], i: int) -> int:
    buffer = buffers[i]
    blocks = [(offsets[j], offsets[j] + buffers[j].size) for j in offsets if lives_with(buffers[j], buffer)]
    starts = [0, *(-(-end // buffer.alignment) * buffer.alignment for _, end in blocks)]
    return min(s for s in starts if all(s + buffer.size <= low or high <= s for low, high in blocks))
