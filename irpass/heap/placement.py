"""Where a block goes: the tier that it gets, the bytes around it, caches, quarantine, and what is cleared when."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Protocol, final

from irpass.heap.blocks import Block
from irpass.heap.caches import Lock, ThreadCaches
from irpass.heap.managed import ManagedTier
from irpass.heap.ranges import Ranges
from irpass.heap.size_classes import Choice
from irpass.heap.spec import HeapSpec
from irpass.heap.stacks import StackTier
from irpass.heap.system import SystemTier
from irpass.ir.layout import round_up


class Contents(Protocol):
    """Memory with contents, for who wants to see what a heap does to them."""

    def clear(self, lo: int, hi: int) -> None:
        """Set the bytes to zero."""

    def copy(self, source: int, target: int, size_bytes: int) -> None:
        """Copy bytes for a reallocation that moves."""

    def unmap(self, lo: int, hi: int) -> None:
        """The range is gone; should it come again, then as zeros."""


class NoContents:
    """Addresses alone."""

    def clear(self, lo: int, hi: int) -> None:
        pass

    def copy(self, source: int, target: int, size_bytes: int) -> None:
        pass

    def unmap(self, lo: int, hi: int) -> None:
        pass


@final
class Placement:
    """The tiers of one heap.

    Bytes that were in a block count as written, and are `_dirty` until they are cleared or go back to the machine.
    """

    def __init__(self, spec: HeapSpec, contents: Contents) -> None:
        self._spec = spec
        self._contents = contents
        self._align_bytes = spec.min_align_bytes
        self._redzone_bytes = spec.guard.redzone_bytes if spec.guard is not None else 0
        self._quarantine_blocks = spec.guard.quarantine_blocks if spec.guard is not None else 0
        self._quarantine: deque[Block] = deque()
        self._dirty = Ranges()
        self.lock = Lock()
        self.system = SystemTier(spec.system, self._align_bytes, spec.held_limit_bytes, self._unmapped)
        self.stacks = StackTier(spec.stack_bytes)
        self.managed: ManagedTier | None = None
        self.caches: ThreadCaches | None = None
        if spec.managed is not None:
            self.managed = ManagedTier(spec.managed, self._align_bytes, self.system)
            if spec.cache is not None:
                self.caches = ThreadCaches(spec.cache, self.managed, self.lock)
        self.cleared_bytes = 0
        self.hits = {"managed": 0, "system": 0, "stack": 0, "in place": 0}

    @property
    def held_bytes(self) -> int:
        """What the machine gave and has not got back."""
        return self.system.held_bytes + self.stacks.held_bytes

    @property
    def quarantined(self) -> tuple[Block, ...]:
        """Freed blocks that wait, the oldest first."""
        return tuple(self._quarantine)

    def place(self, size_bytes: int, align_bytes: int, is_scan: bool, thread: int) -> Block | None:
        """A block for the payload; None where the machine gives no more, whatever the heap lets go of."""
        align_bytes = max(align_bytes, self._align_bytes)
        block = self._placed(size_bytes, align_bytes, is_scan, thread)
        if block is None and self.trim():
            block = self._placed(size_bytes, align_bytes, is_scan, thread)
        return block

    def place_on_stack(self, size_bytes: int, align_bytes: int, thread: int) -> Block | None:
        """A block on top of the thread's stack; None where that is full."""
        align_bytes = max(align_bytes, self._align_bytes)
        lead = self._lead(align_bytes)
        span = self.stacks.take(thread, lead + size_bytes + self._redzone_bytes, align_bytes, lead)
        if span is None:
            return None
        self.hits["stack"] += 1
        return Block("stack", *span, span[0] + lead, size_bytes)

    def clear(self, block: Block) -> None:
        """Zero what the block can hold, as its request asks, where the spec says that requests decide."""
        if self._spec.zeroing == "on-request":
            self._clear(block.address, self.usable_end(block))

    def release(self, block: Block, thread: int) -> None:
        """Take a block back; with a quarantine, the one that has been in it the longest."""
        if block.is_stacked:
            self.stacks.drop(block)
        if block.tier == "stack":
            self._spoil(block.lo, block.hi)
            return
        if self._quarantine_blocks:
            self._quarantine.append(block)
            if len(self._quarantine) <= self._quarantine_blocks:
                return
            block = self._quarantine.popleft()
        self._give_back(block, thread)

    def resize(self, old: Block, size_bytes: int) -> Block | None:
        """A block of another size in the place of `old`; None where it has to move, as from a stack."""
        hi = old.hi
        if old.is_stacked:
            return None
        if self._redzone_bytes:
            if size_bytes != old.size_bytes:
                return None
        else:
            choice = self.managed.choose(size_bytes, old.align_bytes) if self.managed is not None else None
            if choice != (None if old.key is None else Choice(old.key.block_bytes, old.count)):
                return None
            if choice is None:
                hi = old.lo + self.system.span_bytes(size_bytes, old.address - old.lo)
                if hi > old.hi and not self.system.extend(old.hi, hi - old.hi):
                    return None
                if hi < old.hi:
                    self._spoil(hi, old.hi)
                    self.system.give(hi, old.hi)
        self.hits["in place"] += 1
        return Block(old.tier, old.lo, hi, old.address, size_bytes, old.key, old.count)

    def copy(self, old: Block, new: Block) -> None:
        self._contents.copy(old.address, new.address, min(old.size_bytes, new.size_bytes))

    def usable_end(self, block: Block) -> int:
        """Where the bytes end that the block's owner may use: without red zones, all that it has."""
        return block.end if self._redzone_bytes else block.hi

    def written(self, lo: int, hi: int) -> None:
        self._dirty.add(lo, hi)

    def is_zero(self, lo: int, hi: int) -> bool:
        """Whether all these bytes are known to be zero."""
        return not self._dirty.overlaps(lo, hi)

    def trim(self) -> bool:
        """Let go of all that is at hand: quarantine, caches, kept arenas, free room at the end. True where any was."""
        held, waiting = self.held_bytes, len(self._quarantine)
        cached = self.caches is not None and any(self.caches.block_counts().values())
        while self._quarantine:
            block = self._quarantine.popleft()
            self._give_back(block, block.thread)
        if self.caches is not None:
            self.caches.flush_all()
        if self.managed is not None:
            self.managed.trim()
        self.system.trim()
        return waiting > 0 or cached or self.held_bytes < held

    def free_ranges(self) -> Iterator[tuple[int, int]]:
        """What the system tier and the kept arenas have free."""
        yield from self.system.free_spans()
        if self.managed is not None and self._spec.managed is not None:
            for base in self.managed.kept_bases():
                yield base, base + self._spec.managed.arena_bytes

    def _lead(self, align_bytes: int) -> int:
        """The bytes of the red zone before a payload, which keep its alignment."""
        return round_up(self._redzone_bytes, align_bytes)

    def _placed(self, size_bytes: int, align_bytes: int, is_scan: bool, thread: int) -> Block | None:
        lead = self._lead(align_bytes)
        all_bytes = lead + size_bytes + self._redzone_bytes
        choice = self.managed.choose(all_bytes, align_bytes) if self.managed is not None else None
        if self.managed is None or choice is None:
            self.lock.acquire(thread)
            header_bytes = self._spec.system.header_bytes
            span_bytes = self.system.span_bytes(all_bytes, header_bytes)
            lo = self.system.take(span_bytes, align_bytes, header_bytes + lead)
            if lo is None:
                return None
            self.hits["system"] += 1
            return Block("system", lo, lo + span_bytes, lo + header_bytes + lead, size_bytes)
        key = self.managed.key(choice, is_scan)
        if choice.block_count == 1 and self.caches is not None:
            lo = self.caches.take(thread, key)
        else:
            self.lock.acquire(thread)
            lo = self.managed.take(key) if choice.block_count == 1 else self.managed.take_run(key, choice.block_count)
        if lo is None:
            return None
        self.hits["managed"] += 1
        return Block("managed", lo, lo + choice.size_bytes, lo + lead, size_bytes, key, choice.block_count)

    def _give_back(self, block: Block, thread: int) -> None:
        self._spoil(block.lo, block.hi)
        if block.key is None:
            self.lock.acquire(thread)
            self.system.give(block.lo, block.hi)
        elif block.count == 1 and self.caches is not None:
            self.caches.give(thread, block.key, block.lo)
        else:
            assert self.managed is not None
            self.lock.acquire(thread)
            self.managed.give(block.lo, block.count)

    def _spoil(self, lo: int, hi: int) -> None:
        """Bytes leave a block, with what was written to them; cleared where the spec says so."""
        self._dirty.add(lo, hi)
        if self._spec.zeroing == "on-free":
            self._clear(lo, hi)

    def _clear(self, lo: int, hi: int) -> None:
        dirty_bytes = self._dirty.remove(lo, hi)
        if dirty_bytes:
            self.cleared_bytes += dirty_bytes
            self._contents.clear(lo, hi)

    def _unmapped(self, lo: int, hi: int) -> None:
        self._dirty.remove(lo, hi)
        self._contents.unmap(lo, hi)
