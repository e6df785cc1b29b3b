"""Free spans of addresses, and which of them a request gets: the smallest that holds it, or the lowest."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from typing import Final, Protocol, final

from irpass.heap.spec import Fit
from irpass.ir.layout import round_up

_CHUNK_SPANS: Final = 256


class _Index(Protocol):
    def add(self, lo: int, size_bytes: int) -> None: ...

    def discard(self, lo: int, size_bytes: int) -> None: ...

    def find(self, size_bytes: int, align_bytes: int, lead_bytes: int) -> int | None:
        """The span that gets a request."""


@final
class FreeSpans:
    """Disjoint free spans; those that touch are one."""

    def __init__(self, fit: Fit) -> None:
        self.hi_of: dict[int, int] = {}
        self.lo_of: dict[int, int] = {}
        self._index: _Index = _BestFit() if fit == "best" else _FirstFit()

    def take(self, size_bytes: int, align_bytes: int, lead_bytes: int = 0) -> int | None:
        """Where `size_bytes` are taken, so that the byte `lead_bytes` after the first is aligned."""
        lo = self._index.find(size_bytes, align_bytes, lead_bytes)
        if lo is None:
            return None
        hi = self.hi_of[lo]
        start = _aligned(lo, align_bytes, lead_bytes)
        self._discard(lo, hi)
        if lo < start:
            self._add(lo, start)
        if start + size_bytes < hi:
            self._add(start + size_bytes, hi)
        return start

    def take_at(self, lo: int, size_bytes: int) -> bool:
        """Take the first bytes of the span that begins at `lo`; False where there is none, or it is too small."""
        hi = self.hi_of.get(lo)
        if hi is None or hi - lo < size_bytes:
            return False
        self._discard(lo, hi)
        if lo + size_bytes < hi:
            self._add(lo + size_bytes, hi)
        return True

    def give(self, lo: int, hi: int) -> None:
        """Add a span, joined with its neighbours."""
        before = self.lo_of.get(lo)
        if before is not None:
            self._discard(before, lo)
            lo = before
        after = self.hi_of.get(hi)
        if after is not None:
            self._discard(hi, after)
            hi = after
        self._add(lo, hi)

    def _add(self, lo: int, hi: int) -> None:
        self.hi_of[lo] = hi
        self.lo_of[hi] = lo
        self._index.add(lo, hi - lo)

    def _discard(self, lo: int, hi: int) -> None:
        del self.hi_of[lo], self.lo_of[hi]
        self._index.discard(lo, hi - lo)


def _aligned(lo: int, align_bytes: int, lead_bytes: int) -> int:
    return round_up(lo + lead_bytes, align_bytes) - lead_bytes


def _holds(lo: int, span_bytes: int, size_bytes: int, align_bytes: int, lead_bytes: int) -> bool:
    return _aligned(lo, align_bytes, lead_bytes) + size_bytes <= lo + span_bytes


class _BestFit:
    """The smallest span that holds the request; the lowest of equals."""

    def __init__(self) -> None:
        self._by_size: list[tuple[int, int]] = []

    def add(self, lo: int, size_bytes: int) -> None:
        insort(self._by_size, (size_bytes, lo))

    def discard(self, lo: int, size_bytes: int) -> None:
        del self._by_size[bisect_left(self._by_size, (size_bytes, lo))]

    def find(self, size_bytes: int, align_bytes: int, lead_bytes: int) -> int | None:
        for at in range(bisect_left(self._by_size, (size_bytes, 0)), len(self._by_size)):
            span_bytes, lo = self._by_size[at]
            if _holds(lo, span_bytes, size_bytes, align_bytes, lead_bytes):
                return lo
        return None


class _FirstFit:
    """The lowest span that holds the request.

    Spans are in chunks in order of address; a chunk whose largest span is too small is passed over as a whole.
    """

    def __init__(self) -> None:
        self._chunks: list[list[tuple[int, int]]] = []
        self._firsts: list[int] = []
        self._largest: list[int] = []

    def add(self, lo: int, size_bytes: int) -> None:
        at = max(0, bisect_right(self._firsts, lo) - 1)
        if not self._chunks:
            self._put(0, 0, [[]])
        chunk = self._chunks[at]
        insort(chunk, (lo, size_bytes))
        half = len(chunk) // 2
        self._put(at, at + 1, [chunk] if len(chunk) <= _CHUNK_SPANS else [chunk[:half], chunk[half:]])

    def discard(self, lo: int, size_bytes: int) -> None:
        at = bisect_right(self._firsts, lo) - 1
        chunk = self._chunks[at]
        del chunk[bisect_left(chunk, (lo, size_bytes))]
        self._put(at, at + 1, [chunk] if chunk else [])

    def find(self, size_bytes: int, align_bytes: int, lead_bytes: int) -> int | None:
        for chunk, largest in zip(self._chunks, self._largest, strict=True):
            if largest >= size_bytes:
                for lo, span_bytes in chunk:
                    if _holds(lo, span_bytes, size_bytes, align_bytes, lead_bytes):
                        return lo
        return None

    def _put(self, first: int, last: int, chunks: list[list[tuple[int, int]]]) -> None:
        self._chunks[first:last] = chunks
        self._firsts[first:last] = [chunk[0][0] if chunk else 0 for chunk in chunks]
        self._largest[first:last] = [max((size for _, size in chunk), default=0) for chunk in chunks]
