"""The managed tier: arenas of equal blocks, a free list for each class, blocks in a row for what is larger."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from itertools import islice
from typing import Final, NamedTuple, final

from irpass.heap.size_classes import Choice, choose, class_table
from irpass.heap.spec import ManagedSpec
from irpass.heap.system import SystemTier

_SEARCHED_ARENAS: Final = 16  # for blocks in a row: holes in more arenas than that must not cost each request


class PoolKey(NamedTuple):
    """Which arenas a block comes from: those with its size, and with or without pointers."""

    block_bytes: int
    is_scan: bool


@final
class Arena:
    """Blocks of one class. From block `fresh` on, none was ever out; bit `i` of `free_mask` says that block i is free.

    `used` counts blocks that are out, those in caches included.
    """

    __slots__ = ("base", "count", "free_mask", "fresh", "pool", "used")

    def __init__(self, base: int, pool: Pool, count: int) -> None:
        self.base = base
        self.pool = pool
        self.count = count
        self.fresh = 0
        self.used = 0
        self.free_mask = (1 << count) - 1

    def address(self, index: int) -> int:
        return self.base + index * self.pool.key.block_bytes


@final
class Pool:
    """The arenas of one key. Freed blocks are in the order in which they came back."""

    __slots__ = ("freed", "key", "open", "roomy")

    def __init__(self, key: PoolKey) -> None:
        self.key = key
        self.open: dict[int, Arena] = {}  # arenas with a free block
        self.roomy: dict[int, Arena] = {}  # arenas with a block that was never out
        self.freed: OrderedDict[int, Arena] = OrderedDict()


@final
class ManagedTier:
    """Pools of arenas that come from the system tier, and go back to it when no block of theirs is out."""

    def __init__(self, spec: ManagedSpec, align_bytes: int, system: SystemTier) -> None:
        self.spec = spec
        self._system = system
        self._is_newest_first = spec.free_list == "most-recent"
        self.classes = class_table(spec, align_bytes)
        self.pools: dict[PoolKey, Pool] = {}
        self._arenas: dict[int, Arena] = {}
        self._kept: list[int] = []
        self.arenas_made = 0
        self.arenas_given_back = 0
        for _ in range(spec.preallocate_arenas):
            base = self._new_arena()
            if base is not None:
                self._kept.append(base)

    def choose(self, size_bytes: int, align_bytes: int) -> Choice | None:
        """The blocks that a request gets here; None where it is the system tier's."""
        return choose(size_bytes, align_bytes, self.classes, self.spec)

    def key(self, choice: Choice, is_scan: bool) -> PoolKey:
        return PoolKey(choice.block_bytes, is_scan and self.spec.is_separate)

    def take(self, key: PoolKey) -> int | None:
        """The address of a block: a freed one by the free list's policy, else one never used, else in a new arena."""
        pool = self._pool(key)
        if pool.freed:
            address, arena = pool.freed.popitem(last=self._is_newest_first)
            index = (address - arena.base) // key.block_bytes
        else:
            if not pool.roomy and not self._add_arena(pool):
                return None
            arena = next(reversed(pool.roomy.values()))
            index = arena.fresh
            self._set_fresh(arena, index + 1)
            address = arena.address(index)
        self._mark_used(arena, index, 1)
        return address

    def take_ready(self, key: PoolKey) -> int | None:
        """As `take`, from the arenas that are there."""
        pool = self._pool(key)
        return self.take(key) if pool.freed or pool.roomy else None

    def take_run(self, key: PoolKey, count: int) -> int | None:
        """The address of the first of `count` free blocks in a row."""
        pool = self._pool(key)
        for arena in islice(reversed(pool.open.values()), _SEARCHED_ARENAS):
            index = _run_in(arena.free_mask, count)
            if index is not None:
                return self._take_run_at(arena, index, count)
        if not self._add_arena(pool):
            return None
        return self._take_run_at(next(reversed(pool.open.values())), 0, count)

    def give(self, address: int, count: int = 1) -> None:
        """Take back blocks in a row."""
        arena = self.arena_of(address)
        pool = arena.pool
        index = (address - arena.base) // pool.key.block_bytes
        arena.used -= count
        arena.free_mask |= ((1 << count) - 1) << index
        for at in range(index, index + count):
            pool.freed[arena.address(at)] = arena
        pool.open[arena.base] = arena
        if not arena.used:
            self._retire(arena)

    def arena_of(self, address: int) -> Arena:
        return self._arenas[address - address % self.spec.arena_bytes]

    def trim(self) -> None:
        """Give back the arenas that were kept."""
        while self._kept:
            self._give_back(self._kept.pop())

    def kept_bases(self) -> list[int]:
        """Where the arenas are that no class has."""
        return sorted(self._kept)

    def arenas(self) -> Iterator[Arena]:
        """The arenas that a class has, by address."""
        return (self._arenas[base] for base in sorted(self._arenas))

    def _pool(self, key: PoolKey) -> Pool:
        pool = self.pools.get(key)
        if pool is None:
            pool = self.pools[key] = Pool(key)
        return pool

    def _add_arena(self, pool: Pool) -> bool:
        base = self._kept.pop() if self._kept else self._new_arena()
        if base is None:
            return False
        arena = Arena(base, pool, self.spec.arena_bytes // pool.key.block_bytes)
        self._arenas[base] = pool.open[base] = pool.roomy[base] = arena
        return True

    def _new_arena(self) -> int | None:
        base = self._system.take(self.spec.arena_bytes, self.spec.arena_bytes)
        if base is not None:
            self.arenas_made += 1
        return base

    def _retire(self, arena: Arena) -> None:
        pool = arena.pool
        for index in range(arena.fresh):
            del pool.freed[arena.address(index)]
        del self._arenas[arena.base], pool.open[arena.base]
        pool.roomy.pop(arena.base, None)
        if len(self._kept) < self.spec.keep_arenas:
            self._kept.append(arena.base)
        else:
            self._give_back(arena.base)

    def _give_back(self, base: int) -> None:
        self.arenas_given_back += 1
        self._system.give(base, base + self.spec.arena_bytes)

    def _take_run_at(self, arena: Arena, index: int, count: int) -> int:
        freed = arena.pool.freed
        # the lowest run begins at `fresh` at the latest, because from there on all blocks are free
        for at in range(index, min(index + count, arena.fresh)):
            del freed[arena.address(at)]
        if index + count > arena.fresh:
            self._set_fresh(arena, index + count)
        self._mark_used(arena, index, count)
        return arena.address(index)

    def _mark_used(self, arena: Arena, index: int, count: int) -> None:
        arena.used += count
        arena.free_mask &= ~(((1 << count) - 1) << index)
        if arena.used == arena.count:
            del arena.pool.open[arena.base]

    def _set_fresh(self, arena: Arena, fresh: int) -> None:
        arena.fresh = fresh
        if fresh == arena.count:
            del arena.pool.roomy[arena.base]


def _run_in(mask: int, count: int) -> int | None:
    """The index of the first of `count` ones in a row."""
    have = 1
    while have < count and mask:  # bit i of mask: `have` ones begin there
        step = min(have, count - have)
        mask &= mask >> step
        have += step
    return (mask & -mask).bit_length() - 1 if mask else None
