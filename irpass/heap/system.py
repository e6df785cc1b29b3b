"""The system tier: blocks of any size in one range of addresses, free neighbours joined, whose end moves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, final

from irpass.heap.fits import FreeSpans
from irpass.heap.spec import SystemSpec
from irpass.ir.layout import round_up

BASE: Final = 1 << 32  # no block is at or near 0, and none of a stack is here


@final
class SystemTier:
    """Spans of one range of addresses. `on_unmap` hears of each part of the range that goes back."""

    def __init__(
        self, spec: SystemSpec, align_bytes: int, limit_bytes: int, on_unmap: Callable[[int, int], None]
    ) -> None:
        self._spec = spec
        self._align_bytes = align_bytes
        self._limit_bytes = limit_bytes
        self._on_unmap = on_unmap
        self._spans = FreeSpans(spec.fit)
        self.base = round_up(BASE, align_bytes)
        self._top = self.base
        self.grown = 0
        self.trimmed = 0
        if spec.preallocate_bytes:
            self._grow(min(spec.preallocate_bytes, limit_bytes))

    @property
    def held_bytes(self) -> int:
        return self._top - self.base

    @property
    def limit_bytes(self) -> int:
        """What the range may hold at most."""
        return self._limit_bytes

    def span_bytes(self, payload_bytes: int, header_bytes: int) -> int:
        """The size of the span for a payload: a multiple of the alignment, so that the next one needs no gap."""
        return round_up(header_bytes + max(1, payload_bytes), self._align_bytes)

    def take(self, size_bytes: int, align_bytes: int, lead_bytes: int = 0) -> int | None:
        """The start of a span of `size_bytes`, so that the byte after `lead_bytes` is aligned; None: over the limit."""
        start = self._spans.take(size_bytes, align_bytes, lead_bytes)
        if start is not None:
            return start
        lo = self._spans.lo_of.get(self._top, self._top)
        end = round_up(lo + lead_bytes, align_bytes) - lead_bytes + size_bytes
        if end - self.base > self._limit_bytes:
            return None
        wanted = round_up(end - self.base, self._spec.grow_bytes)
        self._grow(min(wanted, self._limit_bytes) - self.held_bytes)
        return self._spans.take(size_bytes, align_bytes, lead_bytes)

    def give(self, lo: int, hi: int) -> None:
        """Take a span back, and let go of the end of the range where more is free than is kept."""
        self._spans.give(lo, hi)
        lo = self._spans.lo_of.get(self._top, self._top)
        if self._top - lo > self._spec.trim_bytes:
            self.trim(self._spec.grow_bytes)

    def extend(self, hi: int, size_bytes: int) -> bool:
        """Take the free bytes from `hi` on, for the span that ends there; False where they are not free."""
        return self._spans.take_at(hi, size_bytes)

    def trim(self, unit_bytes: int = 1) -> None:
        """Let go of the free room at the end of the range, in whole units."""
        lo = self._spans.lo_of.get(self._top)
        if lo is None:
            return
        end = self.base + round_up(lo - self.base, unit_bytes)
        if end < self._top:
            self._spans.take_at(lo, self._top - lo)
            if lo < end:
                self._spans.give(lo, end)
            self.trimmed += 1
            top, self._top = self._top, end
            self._on_unmap(end, top)

    def free_spans(self) -> list[tuple[int, int]]:
        """The free spans in order of address."""
        return sorted(self._spans.hi_of.items())

    def _grow(self, size_bytes: int) -> None:
        self.grown += 1
        top = self._top
        self._top += size_bytes
        self._spans.give(top, self._top)
