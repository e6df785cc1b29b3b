"""Whether offsets are a packing of buffers: written apart from the packer, and from the definition alone.

It shares no code with what makes layouts: times are swept once, and the buffers alive are kept in order of offset,
where a newcomer can only overlap the one below and the one above it.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Sequence
from dataclasses import dataclass

from irpass.packing.model import Buffer


@dataclass(frozen=True, slots=True)
class Breach:
    """One way in which a layout is wrong; `buffer` and `other` are indices, `other` is set for an overlap only.

    `kind` is "count", "negative", "misaligned", "moved" (not at its pinned offset), "overlap" or "capacity".
    """

    kind: str
    message: str
    buffer: int | None = None
    other: int | None = None


def validate(buffers: Sequence[Buffer], offsets: Sequence[int], capacity: int | None = None) -> list[Breach]:
    """Every breach of the rules by these offsets; an empty list means that they are a packing.

    Each buffer that overlaps anything is named in at least one breach with one of those that it overlaps. O(n log n)
    comparisons.
    """
    if len(offsets) != len(buffers):
        return [Breach("count", f"{len(buffers)} buffers need as many offsets, but there are {len(offsets)}")]
    breaches: list[Breach] = []
    for index, (buffer, offset) in enumerate(zip(buffers, offsets, strict=True)):
        if offset < 0:
            breaches.append(Breach("negative", f"buffer {index} is at {offset}, below 0", index))
        if offset % buffer.alignment:
            message = f"buffer {index} is at {offset}, which is not a multiple of {buffer.alignment}"
            breaches.append(Breach("misaligned", message, index))
        if buffer.offset is not None and offset != buffer.offset:
            breaches.append(Breach("moved", f"buffer {index} is pinned to {buffer.offset}, but is at {offset}", index))
        if capacity is not None and offset + buffer.size > capacity:
            end = offset + buffer.size
            breaches.append(Breach("capacity", f"buffer {index} ends at {end}, above the capacity {capacity}", index))
    return breaches + _overlaps(buffers, offsets)


def _overlaps(buffers: Sequence[Buffer], offsets: Sequence[int]) -> list[Breach]:
    # At one time, ends come before beginnings: lives are half-open.
    events: list[tuple[int, int, int]] = []
    for index, buffer in enumerate(buffers):
        if buffer.size > 0 and buffer.first < buffer.last:
            events.append((buffer.first, 1, index))
            events.append((buffer.last, 0, index))
    events.sort()
    breaches: list[Breach] = []
    live: list[tuple[int, int]] = []  # (offset, index), pairwise disjoint
    waiting: set[int] = set()  # alive, but reported and so kept out of `live`
    for _, is_beginning, index in events:
        entry = (offsets[index], index)
        if not is_beginning:
            if index in waiting:
                waiting.discard(index)
            else:
                del live[bisect_left(live, entry)]
            continue
        place = bisect_left(live, entry)
        begin, end = offsets[index], offsets[index] + buffers[index].size
        other = None
        if place > 0 and live[place - 1][0] + buffers[live[place - 1][1]].size > begin:
            other = live[place - 1][1]
        elif place < len(live) and live[place][0] < end:
            other = live[place][1]
        if other is None:
            insort(live, entry)
            continue
        waiting.add(index)
        low, high = offsets[other], offsets[other] + buffers[other].size
        message = f"buffers {other} and {index} are alive together at [{low}, {high}) and [{begin}, {end})"
        breaches.append(Breach("overlap", message, index, other))
    return breaches
