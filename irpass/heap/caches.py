"""Per-thread caches in front of the managed tier, and the lock that threads share behind them."""

from __future__ import annotations

from collections import deque
from typing import final

from irpass.heap.managed import ManagedTier, PoolKey
from irpass.heap.spec import CacheSpec


@final
class Lock:
    """Counts who takes the lock. A `handoff` is one right after another thread's: where threads would have met."""

    def __init__(self) -> None:
        self.acquisitions: dict[int, int] = {}
        self.handoffs = 0
        self._last: int | None = None

    def acquire(self, thread: int) -> None:
        self.acquisitions[thread] = self.acquisitions.get(thread, 0) + 1
        self.handoffs += self._last is not None and self._last != thread
        self._last = thread


@final
class ThreadCaches:
    """Blocks at hand, for each thread and pool; they are filled and flushed in batches, under the lock.

    A thread's newest block goes out first, its oldest ones are flushed first.
    """

    def __init__(self, spec: CacheSpec, managed: ManagedTier, lock: Lock) -> None:
        self._spec = spec
        self._managed = managed
        self._lock = lock
        self._blocks: dict[tuple[int, PoolKey], deque[int]] = {}
        self.hits = 0
        self.fills = 0
        self.flushes = 0
        self.filled_blocks = 0
        self.flushed_blocks = 0

    def take(self, thread: int, key: PoolKey) -> int | None:
        """A block, from the cache where it has one. Filling it makes one new arena at most."""
        cache = self._blocks.setdefault((thread, key), deque())
        if cache:
            self.hits += 1
            return cache.pop()
        self._lock.acquire(thread)
        first = self._managed.take(key)
        if first is None:
            return None
        self.fills += 1
        self.filled_blocks += 1
        for _ in range(self._spec.fill_blocks - 1):
            block = self._managed.take_ready(key)
            if block is None:
                break
            cache.append(block)
            self.filled_blocks += 1
        cache.reverse()  # the batch goes out in the order in which the tier gave it
        return first

    def give(self, thread: int, key: PoolKey, address: int) -> None:
        cache = self._blocks.setdefault((thread, key), deque())
        cache.append(address)
        if len(cache) > self._spec.capacity_blocks:
            self._flush(thread, cache, self._spec.flush_blocks)

    def flush(self, thread: int) -> None:
        """Give back all that a thread has: it ends."""
        for (owner, _), cache in self._blocks.items():
            if owner == thread and cache:
                self._flush(thread, cache, len(cache))

    def flush_all(self) -> None:
        for (thread, _), cache in self._blocks.items():
            if cache:
                self._flush(thread, cache, len(cache))

    def block_counts(self) -> dict[PoolKey, int]:
        """How many blocks of each pool are in caches."""
        counts: dict[PoolKey, int] = {}
        for (_, key), cache in self._blocks.items():
            counts[key] = counts.get(key, 0) + len(cache)
        return counts

    def addresses(self) -> list[int]:
        """The blocks in caches."""
        return sorted(address for cache in self._blocks.values() for address in cache)

    def _flush(self, thread: int, cache: deque[int], count: int) -> None:
        self._lock.acquire(thread)
        self.flushes += 1
        self.flushed_blocks += count
        for _ in range(count):
            self._managed.give(cache.popleft())
