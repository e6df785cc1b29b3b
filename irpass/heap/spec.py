"""What a heap's spec says, checked: tiers, classes, caches, guards and the collector. Nothing here knows TOML."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from irpass.ir.layout import MAX_BYTES

Fit = Literal["best", "first"]
"""Which free span of the system tier a request gets: the smallest that holds it, or the lowest."""

Classes = Literal["power-of-two", "geometric"]

FreeList = Literal["most-recent", "longest-idle"]
"""Which freed block of a class goes out next."""

Zeroing = Literal["on-request", "on-free", "none"]
"""When a block is cleared. With `none` whoever asked clears it."""

Leaks = Literal["report", "fault"]
CollectorMode = Literal["none", "stop-the-world", "concurrent"]


@dataclass(frozen=True)
class SystemSpec:
    """The tier below all others: one range of addresses, whose end moves by `grow_bytes`.

    `header_bytes` stand before each block. At its end, more than `trim_bytes` of free room go back.
    """

    fit: Fit = "best"
    header_bytes: int = 16
    grow_bytes: int = 1 << 16
    trim_bytes: int = 1 << 17
    preallocate_bytes: int = 0


@dataclass(frozen=True)
class ManagedSpec:
    """Size classes in arenas. A request over the largest class takes up to `run_blocks` blocks that lie in a row.

    `keep_arenas` empty arenas stay for the next class that needs one. With `is_separate`, blocks with pointers and
    blocks without are in arenas of their own.
    """

    min_class_bytes: int = 16
    max_class_bytes: int = 2048
    classes: Classes = "power-of-two"
    ratio: float = 2.0
    arena_bytes: int = 1 << 16
    free_list: FreeList = "most-recent"
    run_blocks: int = 1
    preallocate_arenas: int = 0
    keep_arenas: int = 0
    is_separate: bool = True


@dataclass(frozen=True)
class CacheSpec:
    """The cache of each thread, in blocks of one class."""

    capacity_blocks: int = 64
    fill_blocks: int = 16
    flush_blocks: int = 32


@dataclass(frozen=True)
class GuardSpec:
    """Red zones before and after each block; freed blocks that wait, so that their use is noticed."""

    redzone_bytes: int = 16
    quarantine_blocks: int = 0
    leaks: Leaks = "report"


@dataclass(frozen=True)
class CollectorSpec:
    """When a collection begins: `threshold_bytes` of requests after the last, or with each request number `every`.

    With neither it begins when a request finds no room. `step` is the work of one step of concurrent marking, in units.
    """

    mode: CollectorMode = "none"
    threshold_bytes: int | None = None
    every: int | None = None
    step: int = 8


@dataclass(frozen=True)
class HeapSpec:
    """A whole heap. `limit_bytes` bounds live payload, as on the simple heap; `held_limit_bytes` the memory for it."""

    name: str = "heap"
    align_bytes: int = 8
    cache_line_bytes: int = 64
    is_padded: bool = False
    zeroing: Zeroing = "on-request"
    limit_bytes: int | None = None
    held_limit_bytes: int = MAX_BYTES * 2
    stack_bytes: int = 1 << 20
    system: SystemSpec = field(default_factory=SystemSpec)
    managed: ManagedSpec | None = None
    cache: CacheSpec | None = None
    guard: GuardSpec | None = None
    collector: CollectorSpec = field(default_factory=CollectorSpec)

    @property
    def min_align_bytes(self) -> int:
        """The alignment of every block, whatever is asked for."""
        return max(self.align_bytes, self.cache_line_bytes) if self.is_padded else self.align_bytes
