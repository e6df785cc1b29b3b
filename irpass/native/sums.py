"""Sums of extents and literals, kept by name so that a `derive` whose place is proved good needs no check.

Folding computes the size of a group and the offsets of its members as such sums, and nothing else.
"""

from __future__ import annotations

from typing import Final, final

Term = tuple[str, int]  # the bytes of so many elements (an LLVM operand) of so many bytes each; ("", 1) is one byte
Sum = dict[Term, int]

BYTE: Final[Term] = ("", 1)
_MAX_TERMS: Final = 64  # a longer sum is not kept: each holds all of its terms


@final
class Sums:
    """What is known of the `i64` operands of one function. Every term is 0 to 2^47, so no kept sum wraps."""

    def __init__(self) -> None:
        self._known: dict[str, Sum] = {}

    def of(self, operand: str) -> Sum | None:
        """The sum that an operand is; None where it is not known to be one."""
        if operand.isdigit():
            return {BYTE: int(operand)} if int(operand) < 1 << 47 else None
        return self._known.get(operand)

    def note_extent(self, name: str, cap: str, size_bytes: int) -> None:
        self._known[name] = {(cap, size_bytes): 1}

    def note_add(self, name: str, a: str, b: str) -> None:
        left, right = self.of(a), self.of(b)
        if left is None or right is None or len(left) + len(right) > _MAX_TERMS:
            return
        total = dict(left)
        for term, count in right.items():
            total[term] = total.get(term, 0) + count
        if max(total.values()) < 1 << 47 and all(n < _MAX_TERMS for t, n in total.items() if t != BYTE):
            self._known[name] = total

    def fits(self, offset: str, cap: str, elem_bytes: int, size: str) -> bool:
        """Whether `cap` elements at `offset` are certainly within `size` bytes. That `make` would not trap on the cap
        is known."""
        start, whole = self.of(offset), self.of(size)
        if start is None or whole is None:
            return False
        needed = dict(start)
        term, count = (BYTE, int(cap) * elem_bytes) if cap.isdigit() else ((cap, elem_bytes), 1)
        needed[term] = needed.get(term, 0) + count
        return all(n <= whole.get(t, 0) for t, n in needed.items() if n)

    def is_aligned(self, offset: str, align_bytes: int) -> bool:
        start = self.of(offset)
        return start is not None and all((n * t[1]) % align_bytes == 0 for t, n in start.items())
