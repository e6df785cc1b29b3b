"""Random calls on heaps of random specs, held against dictionaries: places, contents, accounts, nothing lost."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from irpass.heap.address_map import address_map
from irpass.heap.faults import HeapFault
from irpass.heap.model import ModelHeap
from irpass.heap.replay import replay
from irpass.heap.spec_reader import read_heap_spec
from irpass.heap.stacks import Mark
from irpass.heap.trace import Event, event_line
from irpass.heap.trace_reader import read_trace
from tests.heap.specs import WatchedBytes, spec_texts

SIZES = st.one_of(st.integers(0, 80), st.integers(0, 3000))
ALIGNS = st.sampled_from((1, 1, 8, 16, 32, 128))
THREADS = st.integers(0, 2)
PICK = st.integers(0, 1 << 30)


@dataclass
class Held:
    """What the test knows about a live block: its size and what it wrote into it."""

    size_bytes: int
    align_bytes: int
    data: bytes
    on_stack: bool = False


class HeapMachine(RuleBasedStateMachine):
    @initialize(text=spec_texts(), fail_at=st.one_of(st.none(), st.integers(1, 20)))
    def start(self, text: str, fail_at: int | None) -> None:
        self.memory = WatchedBytes()
        self.events: list[Event] = []
        self.spec = read_heap_spec(text)
        self.heap = ModelHeap(self.spec, fail_at=fail_at, on_event=self.events.append, contents=self.memory)
        self.live: dict[int, Held] = {}
        self.ended: set[int] = set()
        self.calls = self.requested = self.frees = self.peak = 0
        self.fill = 0

    # --- what the machine does

    @rule(size=SIZES, align=ALIGNS, is_scan=st.booleans(), thread=THREADS)
    def allocate(self, size: int, align: int, is_scan: bool, thread: int) -> None:
        self.heap.thread = thread
        self.got(self.heap.allocate(size, align, is_scan), size, align, is_zeroed=True)

    @rule(size=SIZES, thread=THREADS)
    def malloc(self, size: int, thread: int) -> None:
        self.heap.thread = thread
        self.got(self.heap.malloc(size), size, 16, is_zeroed=False)

    @rule(count=st.integers(0, 50), size=st.integers(0, 50))
    def calloc(self, count: int, size: int) -> None:
        self.got(self.heap.calloc(count, size), count * size, 16, is_zeroed=True)

    @rule()
    def calloc_that_overflows(self) -> None:
        assert self.heap.calloc(1 << 30, 1 << 30) is None
        self.calls += 1
        self.requested += 1 << 60

    @rule(size=st.integers(0, 300), align=ALIGNS, thread=THREADS)
    def push(self, size: int, align: int, thread: int) -> None:
        self.heap.thread = thread
        self.got(self.heap.push(size, align), size, align, is_zeroed=False, on_stack=True)

    @rule(sizes=st.lists(st.integers(0, 60), max_size=4), thread=THREADS)
    def push_some_and_pop_them(self, sizes: list[int], thread: int) -> None:
        self.heap.thread = thread
        mark = self.heap.mark()
        before = set(self.live)
        for size in sizes:
            self.got(self.heap.push(size, 8), size, 8, is_zeroed=False, on_stack=True)
        self.heap.pop(mark)
        for address in set(self.live) - before:
            self.gone(address)

    @precondition(lambda self: self.live)
    @rule(pick=PICK, size=SIZES, thread=THREADS)
    def realloc(self, pick: int, size: int, thread: int) -> None:
        address = self.picked(pick)
        old = self.live[address]
        self.heap.thread = thread
        new = self.heap.realloc(address, size)
        self.calls += 1
        self.requested += size
        if new is None:
            return
        self.gone(address)
        kept = old.data[: min(size, old.size_bytes)]
        assert self.memory.get(new, len(kept)) == kept
        self.note(new, size, old.align_bytes, old.on_stack and new == address)

    @precondition(lambda self: self.live)
    @rule(pick=PICK, thread=THREADS)
    def free(self, pick: int, thread: int) -> None:
        address = self.picked(pick)
        held = self.live[address]
        assert self.memory.get(address, len(held.data)) == held.data, "what was written is still there"
        self.heap.thread = thread
        self.heap.free(address)
        self.gone(address)

    @rule(pick=PICK, by=st.integers(-3, 3))
    def bad_frees_change_nothing(self, pick: int, by: int) -> None:
        known = sorted([*self.live, *self.ended]) or [12345]
        address = known[pick % len(known)] + by
        if address in self.live:
            return
        before = self.heap.report()
        with pytest.raises(HeapFault) as fault:
            self.heap.free(address)
        assert fault.value.kind in ("bad free", "double free") and fault.value.address == address
        assert fault.value.kind == "bad free" or address in self.ended
        assert self.heap.report() == before

    @rule()
    def trim(self) -> None:
        self.heap.trim()

    @rule(thread=THREADS)
    def end_thread(self, thread: int) -> None:
        self.heap.end_thread(thread)

    # --- what the test keeps of it

    def picked(self, pick: int) -> int:
        return sorted(self.live)[pick % len(self.live)]

    def got(self, address: int | None, size: int, align: int, *, is_zeroed: bool, on_stack: bool = False) -> None:
        self.calls += 1
        self.requested += size
        if address is None:
            live = sum(held.size_bytes for held in self.live.values())
            assert self.heap.stats.denied_bytes == live + size
            return
        zeroing = self.spec.zeroing
        if zeroing == "on-free" or (zeroing == "on-request" and is_zeroed):
            usable = self.heap.usable_bytes(address)
            assert usable >= size
            assert not any(self.memory.get(address, usable)), "zero where promised"
        self.note(address, size, align, on_stack)

    def note(self, address: int, size: int, align: int, on_stack: bool) -> None:
        assert address not in self.live
        assert address % max(align, self.spec.min_align_bytes) == 0
        usable = self.heap.usable_bytes(address)
        self.fill = self.fill % 255 + 1
        data = bytes([self.fill]) * usable
        self.memory.set(address, data)
        self.heap.write(address, usable)
        self.live[address] = Held(size, align, data, on_stack)
        self.ended.discard(address)
        self.peak = max(self.peak, sum(held.size_bytes for held in self.live.values()))

    def gone(self, address: int) -> None:
        del self.live[address]
        self.ended.add(address)
        self.frees += 1

    # --- what is always true

    @invariant()
    def no_byte_has_two_owners(self) -> None:
        spans = sorted((address, address + len(held.data)) for address, held in self.live.items())
        assert all(end <= start for (_, end), (start, _) in pairwise(spans))
        if self.spec.is_padded:
            line = self.spec.cache_line_bytes
            lines = [set(range(start // line, -(-end // line))) for start, end in spans]
            assert sum(map(len, lines)) == len(set().union(*lines)), "no two blocks share a cache line"

    @invariant()
    def accounts_are_exact(self) -> None:
        stats, usage = self.heap.stats, self.heap.usage
        live = sum(held.size_bytes for held in self.live.values())
        assert (stats.calls, stats.bytes_requested, stats.frees) == (self.calls, self.requested, self.frees)
        assert (stats.live_bytes, stats.peak_bytes, usage.live_bytes) == (live, self.peak, live)
        assert usage.live_bytes <= usage.block_bytes <= usage.held_bytes
        report = self.heap.report()
        assert report.peak_live_bytes == self.peak == report.at_peak.live_bytes
        assert sum(report.hits.values()) == report.granted == report.calls - report.denied
        for rows in (report.classes, report.sites):
            assert sum(tally.live_bytes for tally in rows.values()) == live
            assert sum(tally.live_blocks for tally in rows.values()) == len(self.live)
            assert sum(tally.held_bytes for tally in rows.values()) == usage.block_bytes
        if self.spec.limit_bytes is not None:
            assert live <= self.spec.limit_bytes
        assert self.heap.placement.system.held_bytes <= self.spec.held_limit_bytes

    @invariant()
    def every_byte_is_somewhere(self) -> None:
        placement = self.heap.placement
        out = [block for block in (*self.heap.blocks(), *placement.quarantined) if block.tier != "stack"]
        spans = [(block.lo, block.hi) for block in out if block.tier == "system"] + list(placement.free_ranges())
        managed = placement.managed
        if managed is not None:
            cached = placement.caches.addresses() if placement.caches is not None else []
            for arena in managed.arenas():
                size, end = arena.pool.key.block_bytes, arena.base + managed.spec.arena_bytes
                spans.append((arena.base, end))
                used = sum(block.count for block in out if arena.base <= block.lo < end)
                used += sum(arena.base <= address < end for address in cached)
                freed = {a for a in arena.pool.freed if arena.base <= a < end}
                free = {i for i in range(arena.count) if arena.free_mask >> i & 1}
                assert used == arena.used > 0, "an empty arena goes back"
                assert used + len(free) == arena.count, "no block is lost"
                assert freed == {arena.address(i) for i in free if i < arena.fresh}
                assert arena.count == managed.spec.arena_bytes // size
        spans.sort()
        assert all(end <= start for (_, end), (start, _) in pairwise(spans))
        assert sum(hi - lo for lo, hi in spans) == placement.system.held_bytes

    def teardown(self) -> None:
        if not hasattr(self, "heap"):
            return
        text = "".join(map(event_line, self.events))
        assert read_trace(text) == self.events
        assert replay(self.events, self.spec).report == self.heap.report(), "a replay on the same heap does the same"
        check_map(self.heap)
        for address in list(self.live):
            self.heap.free(address)
        self.heap.trim()
        assert self.heap.placement.system.held_bytes == 0, "all that is free goes back"
        assert self.heap.usage.block_bytes == self.heap.stats.live_bytes == 0


def check_map(heap: ModelHeap) -> None:
    """The map of addresses has each byte once, and the live payload in it."""
    parts = address_map(heap)
    assert all(before.hi == after.lo for before, after in pairwise(parts))
    assert sum(part.hi - part.lo for part in parts) == heap.placement.system.held_bytes
    live = sum(block.size_bytes for block in heap.blocks() if block.tier != "stack")
    assert sum(part.hi - part.lo for part in parts if part.use == "live") == live


HeapMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestRandomHeaps = HeapMachine.TestCase


def test_a_mark_that_the_stack_has_been_below_is_refused() -> None:
    heap = ModelHeap(read_heap_spec(""))
    outer = heap.mark()
    address = heap.push(16)
    assert address is not None
    inner = heap.mark()
    heap.pop(outer)
    with pytest.raises(HeapFault, match="bad mark"):
        heap.pop(inner)
    assert heap.push(16) == address  # the same place again, but it is another block
    with pytest.raises(HeapFault, match="bad mark"):
        heap.pop(Mark(0, inner.depth, inner.number))
