"""The blocks that programs hold, and those they held: where each is, and what is known about it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import Literal, final

from irpass.heap.managed import PoolKey

Tier = Literal["managed", "system", "stack"]


@final
class Block:
    """One block. Its payload is at `address`; from `lo` to before `hi` are all bytes that only it has.

    `count` blocks of the pool `key` make it up, where it is the managed tier's. `damage` is the kind of fault that
    a write to its red zone, or to a block that had ended, was. A block that `is_stacked` ends with others at a mark,
    whatever its tier.
    """

    __slots__ = (
        "address", "align_bytes", "count", "damage", "hi", "is_live", "is_scan", "is_stacked", "key", "lo", "number",
        "site", "size_bytes", "thread", "tier",
    )  # fmt: skip

    def __init__(
        self, tier: Tier, lo: int, hi: int, address: int, size_bytes: int, key: PoolKey | None = None, count: int = 0
    ) -> None:
        self.tier = tier
        self.lo = lo
        self.hi = hi
        self.address = address
        self.size_bytes = size_bytes
        self.key = key
        self.count = count
        self.align_bytes = 1
        self.is_scan = False
        self.is_stacked = False
        self.site = ""
        self.thread = 0
        self.number = 0
        self.is_live = True
        self.damage: str | None = None

    @property
    def end(self) -> int:
        """Where the payload ends."""
        return self.address + self.size_bytes


@final
class BlockMap:
    """Blocks by address, no two with a common byte: the live ones, and freed ones until their bytes go out again."""

    def __init__(self) -> None:
        self._los: list[int] = []
        self._blocks: list[Block] = []

    def add(self, block: Block) -> None:
        first, last = self._overlapping(block.lo, block.hi)
        assert not any(old.is_live for old in self._blocks[first:last]), "the heap gave the same bytes twice"
        self._los[first:last] = [block.lo]
        self._blocks[first:last] = [block]

    def find(self, address: int) -> Block | None:
        """The block that has the byte at `address`, or had it last."""
        found = self.overlapping(address, address + 1)
        return found[0] if found else None

    def overlapping(self, lo: int, hi: int) -> list[Block]:
        """The blocks with bytes from `lo` to before `hi`, in order of address."""
        first, last = self._overlapping(lo, hi)
        return self._blocks[first:last]

    def all(self) -> list[Block]:
        """Every block that is known, in order of address."""
        return self._blocks.copy()

    def _overlapping(self, lo: int, hi: int) -> tuple[int, int]:
        first, last = max(0, bisect_right(self._los, lo) - 1), bisect_left(self._los, hi)
        if first < last and self._blocks[first].hi <= lo:
            first += 1
        return first, max(first, last)
