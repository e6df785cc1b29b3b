"""The heap as the interpreter sees it, and the simplest one: it counts, and says when its limit is reached."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol

from irpass.ir.layout import MAX_BYTES


@dataclass(slots=True)
class HeapStats:
    """What a run asked of the heap; bytes are payload, without headers or rounding.

    `calls` are requests that reached the allocator, `frees` the allocations that came back (by `free`, the last
    `shared.release`, `shared.free`, or the end of a stack arena's frame). `derives` found their bytes in an arena;
    `fallbacks` had a nil arena and allocated for themselves, so that they are among the `calls`.
    `denied_bytes` is what would have been live, had the request that found no room been granted; 0 if all were.
    """

    calls: int = 0
    bytes_requested: int = 0
    peak_bytes: int = 0
    live_bytes: int = 0
    derives: int = 0
    fallbacks: int = 0
    frees: int = 0
    collections: int = 0
    denied_bytes: int = 0


class Heap(Protocol):
    """Where blocks come from. The contents of memory are the interpreter's; a heap decides whether there is room.

    Where `wants_context` is true, whoever calls sets `site` (`"@f:%a"`), `thread`, and `on_stack`, whether the
    block ends with the frame, before each call.
    """

    wants_context: ClassVar[bool]
    stats: HeapStats
    site: str
    thread: int
    on_stack: bool

    def allocate(self, size_bytes: int, align_bytes: int, is_scan: bool) -> int | None:
        """A handle to give back later; None when there is no room."""

    def free(self, handle: int) -> None:
        """Take back what `allocate` gave under this handle, once."""

    def collected(self, marked: int, swept: int) -> None:
        """Note that a collection is over: it left so many blocks alive, and freed so many by `free`."""

    def end_thread(self, thread: int) -> None:
        """Note that one of several threads is over: what was kept at hand for it need not be."""


class SimpleHeap:
    """A heap without places: its handle for a block is the block's size. Nothing is collected."""

    __slots__ = ("limit_bytes", "on_stack", "site", "stats", "thread")
    wants_context: ClassVar[bool] = False

    def __init__(self, limit_bytes: int = MAX_BYTES) -> None:
        self.limit_bytes = limit_bytes
        self.stats = HeapStats()
        self.site = ""
        self.thread = 0
        self.on_stack = False

    def allocate(self, size_bytes: int, align_bytes: int, is_scan: bool) -> int | None:
        stats = self.stats
        stats.calls += 1
        stats.bytes_requested += size_bytes
        live = stats.live_bytes + size_bytes
        if live > self.limit_bytes:
            stats.denied_bytes = live
            return None
        stats.live_bytes = live
        if live > stats.peak_bytes:
            stats.peak_bytes = live
        return size_bytes

    def free(self, handle: int) -> None:
        self.stats.frees += 1
        self.stats.live_bytes -= handle

    def collected(self, marked: int, swept: int) -> None:
        self.stats.collections += 1

    def end_thread(self, thread: int) -> None:
        pass
