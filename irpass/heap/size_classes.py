"""Size classes: the table that a spec asks for, and which blocks a request gets."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

from irpass.heap.spec import ManagedSpec
from irpass.ir.layout import round_up


class Choice(NamedTuple):
    """`block_count` blocks in a row of the class with blocks of `block_bytes`."""

    block_bytes: int
    block_count: int

    @property
    def size_bytes(self) -> int:
        return self.block_bytes * self.block_count


def class_table(spec: ManagedSpec, align_bytes: int) -> tuple[int, ...]:
    """The sizes of the classes in bytes, ascending: each a multiple of the alignment, each within an arena."""
    ratio = 2.0 if spec.classes == "power-of-two" else spec.ratio
    largest = min(round_up(spec.max_class_bytes, align_bytes), spec.arena_bytes)
    sizes = [round_up(spec.min_class_bytes, align_bytes)]
    exact = float(spec.min_class_bytes)
    while sizes[-1] < largest:
        exact *= ratio
        size_bytes = min(round_up(int(exact), align_bytes), largest)
        if size_bytes > sizes[-1]:  # a small ratio has steps that one alignment swallows
            sizes.append(size_bytes)
    return tuple(sizes)


def choose(size_bytes: int, align_bytes: int, classes: Sequence[int], spec: ManagedSpec) -> Choice | None:
    """The blocks for a request: one of the smallest class that fits, else the blocks in a row that waste least.

    Of equal waste the fewest blocks are taken. None where no arena can have them.
    """
    for at in range(bisect_left(classes, size_bytes), len(classes)):
        if classes[at] % align_bytes == 0:
            return Choice(classes[at], 1)
    if size_bytes <= classes[-1]:
        return None  # only its alignment is in the way, and blocks in a row are aligned no better
    runs = [
        Choice(block_bytes, count)
        for block_bytes in classes
        if block_bytes % align_bytes == 0
        and (count := -(-size_bytes // block_bytes)) <= spec.run_blocks
        and block_bytes * count <= spec.arena_bytes
    ]
    return min(runs, key=lambda run: (run.size_bytes, run.block_count), default=None)
