"""The stack tier: one region for each thread, whose blocks end in the order opposite to the one they came in."""

from __future__ import annotations

from typing import Final, NamedTuple, final

from irpass.heap.blocks import Block
from irpass.ir.layout import round_up

BASE: Final = 1 << 52  # above all that the system tier can reach
_PAGE_BYTES: Final = 4096


class Mark(NamedTuple):
    """A height of a thread's stack: the number of blocks below it, and which block is the last of them."""

    thread: int
    depth: int
    number: int


@final
class StackTier:
    """Regions of `size_bytes`, one for each thread that asks.

    A stack also knows its blocks that are elsewhere because the region was full.
    """

    def __init__(self, size_bytes: int) -> None:
        self._size_bytes = size_bytes
        self._stride_bytes = round_up(size_bytes, 1 << 20)
        self._blocks: dict[int, list[tuple[Block, int]]] = {}  # each with the end of the region's used part
        self._high: dict[int, int] = {}

    @property
    def held_bytes(self) -> int:
        """The pages that stacks have ever reached: they stay."""
        return sum(round_up(high, _PAGE_BYTES) for high in self._high.values())

    def take(self, thread: int, size_bytes: int, align_bytes: int, lead_bytes: int = 0) -> tuple[int, int] | None:
        """The first byte of a block and the end of it, so that the byte after `lead_bytes` is aligned; None: full."""
        base = BASE + thread * self._stride_bytes
        blocks = self._blocks.get(thread)
        top = blocks[-1][1] if blocks else base
        lo = round_up(top + lead_bytes, align_bytes) - lead_bytes
        hi = lo + max(1, size_bytes)
        if hi - base > self._size_bytes:
            return None
        self._high[thread] = max(self._high.get(thread, 0), hi - base)
        return lo, hi

    def push(self, block: Block) -> None:
        """Add a block that was asked for here, wherever it is."""
        block.is_stacked = True
        blocks = self._blocks.setdefault(block.thread, [])
        top = blocks[-1][1] if blocks else BASE + block.thread * self._stride_bytes
        blocks.append((block, block.hi if block.tier == "stack" else top))

    def drop(self, block: Block) -> None:
        """Let go of blocks that have ended and have none above them."""
        blocks = self._blocks[block.thread]
        while blocks and not blocks[-1][0].is_live:
            blocks.pop()

    def mark(self, thread: int) -> Mark:
        blocks = self._blocks.get(thread, [])
        return Mark(thread, len(blocks), blocks[-1][0].number if blocks else 0)

    def above(self, mark: Mark) -> list[Block] | None:
        """The live blocks above a mark, the last first; None where the mark itself is gone."""
        blocks = self._blocks.get(mark.thread, [])
        if len(blocks) < mark.depth or (mark.depth and blocks[mark.depth - 1][0].number != mark.number):
            return None
        return [block for block, _ in reversed(blocks[mark.depth :]) if block.is_live]
