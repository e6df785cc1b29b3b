"""Replays a trace on a heap: the same requests in the same order, on another configuration or on the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from irpass.heap.model import ModelHeap
from irpass.heap.spec import HeapSpec
from irpass.heap.statistics import HeapReport, Usage
from irpass.heap.trace import Allocate, Collect, EndThread, Event, Free, Reallocate, Trim


@dataclass(frozen=True)
class Replay:
    """What came of a replay; `usages[i]` is after event `i`."""

    heap: ModelHeap
    usages: Sequence[Usage]

    @property
    def report(self) -> HeapReport:
        return self.heap.report()

    @property
    def peak(self) -> int:
        """The number of events up to the first with the most live bytes."""
        lives = [usage.live_bytes for usage in self.usages]
        return lives.index(max(lives)) + 1 if lives else 0


def replay(events: Sequence[Event], spec: HeapSpec) -> Replay:
    """What the heap of a spec does with the events that `read_trace` gave.

    A request that was denied by injection is denied again. One that found no room is asked again; where it is granted
    now, a block comes back at once, because the program that was traced did without; one that was to grow keeps its
    new size. Blocks that are denied here only are not freed.
    """
    heap = ModelHeap(spec)
    player = _Player(heap)
    usages = []
    for event in events:
        player.play(event)
        usages.append(heap.usage)
    return Replay(heap, usages)


class _Player:
    """A heap, and the addresses of the traced blocks on it; None for those that it had no room for."""

    def __init__(self, heap: ModelHeap) -> None:
        self._heap = heap
        self._addresses: dict[int, int | None] = {}

    def play(self, event: Event) -> None:
        heap = self._heap
        if isinstance(event, Collect):
            heap.collected(event.marked, event.swept)
        elif isinstance(event, Trim):
            heap.trim()
        elif isinstance(event, EndThread):
            heap.end_thread(event.thread)
        else:
            heap.site, heap.thread = event.site, event.thread
            if isinstance(event, Free):
                self._free(self._addresses.pop(event.id))
                return
            heap.fail_at = heap.stats.calls + 1 if event.denied == "injected" else None
            if isinstance(event, Reallocate):
                self._reallocate(event)
            else:
                self._allocate(event)

    def _allocate(self, event: Allocate) -> None:
        address = self._heap.request(event.size_bytes, event.align_bytes, event.scan, event.zeroed, event.stack)
        if event.denied is None:
            self._addresses[event.id] = address
        else:
            self._free(address)

    def _reallocate(self, event: Reallocate) -> None:
        old = self._addresses.pop(event.old)
        new = self._heap.realloc(old, event.size_bytes)
        kept = old if new is None else new
        self._addresses[event.old if event.denied is not None else event.id] = kept

    def _free(self, address: int | None) -> None:
        if address is not None:
            self._heap.free(address)
