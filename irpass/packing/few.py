"""The best layout of three buffers or fewer, at once: what a small block asks for, thousands of times."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations

from irpass.packing.model import Buffer

FEW = 3


def pack_few(buffers: Sequence[Buffer]) -> tuple[int, ...]:
    """Offsets of least peak for at most three buffers, none pinned.

    Some best layout has every buffer as low as those below it allow, so trying each order, lowest first, finds it.
    """
    takes_bytes = [b.size > 0 and b.first < b.last for b in buffers]
    best: tuple[int, ...] = ()
    best_peak = -1
    for order in permutations(range(len(buffers))):
        offsets = [0] * len(buffers)
        peak = 0
        for place, i in enumerate(order):
            buffer = buffers[i]
            offset = 0
            for j in order[:place]:
                other = buffers[j]
                if takes_bytes[i] and takes_bytes[j] and other.first < buffer.last and buffer.first < other.last:
                    offset = max(offset, offsets[j] + other.size)
            offsets[i] = -(-offset // buffer.alignment) * buffer.alignment
            peak = max(peak, offsets[i] + buffer.size)
        if best_peak < 0 or peak < best_peak:
            best, best_peak = tuple(offsets), peak
    return best
