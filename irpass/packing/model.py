"""What a packing problem and its answer are: buffers of integers in, offsets out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Buffer:
    """`size` bytes that are alive during the half-open interval of times [first, last).

    Two buffers whose intervals only touch (`a.last == b.first`) may share bytes. An empty interval (`first == last`)
    conflicts with nothing, but its bytes still have to lie inside the arena. `alignment` is any positive integer;
    `offset` pins the buffer.

    Raises: ValueError for a negative size or offset, `last` before `first`, an alignment below 1, a pinned offset off
    its alignment.
    """

    size: int
    first: int
    last: int
    alignment: int = 1
    offset: int | None = None

    def __post_init__(self) -> None:
        if self.size < 0:
            raise ValueError(f"a buffer's size is not negative, but this one is {self.size}")
        if self.last < self.first:
            raise ValueError(f"a buffer's life ends at {self.last}, before it begins at {self.first}")
        if self.alignment < 1:
            raise ValueError(f"an alignment is at least 1, but this one is {self.alignment}")
        if self.offset is not None and (self.offset < 0 or self.offset % self.alignment):
            raise ValueError(f"the pinned offset {self.offset} is not a multiple of {self.alignment} at or above 0")


@dataclass(frozen=True, slots=True)
class Packing:
    """Offsets for buffers, in their order, and what is known about how good they are. All sizes are bytes.

    `peak` is the greatest end (offset + size) of any buffer, `lower_bound` a number that no layout can go below.
    `optimal` is true only where it is proven: the peak equals the bound, or a search has shown that nothing lower
    exists. `infeasible` is true only where it is proven that no layout stays within `capacity`; `steps` counts nodes
    and moves of the searches, and `stopped` tells that a time limit or the caller ended them early.
    """

    offsets: tuple[int, ...]
    peak: int
    lower_bound: int
    optimal: bool
    infeasible: bool = False
    capacity: int | None = None
    steps: int = 0
    stopped: bool = False

    @property
    def gap(self) -> int:
        """How many bytes the peak is above the lower bound."""
        return self.peak - self.lower_bound

    @property
    def fits(self) -> bool:
        """Whether the layout stays within the capacity; true when none was given."""
        return self.capacity is None or self.peak <= self.capacity
