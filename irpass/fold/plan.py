"""The plan: what was decided, frozen, between deciding and rewriting. Integers and tuples, no IR.

Positions count the instructions of one region from 0; a request "at p" stands in front of instruction p.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Lifetime(IntEnum):
    """How an allocation ends, the longest-lived last: freed by the program, dead with its last use, or held outside."""

    FREED = 0
    DIES = 1
    ESCAPES = 2


@dataclass(frozen=True, slots=True)
class Site:
    """An allocation site. `size_bytes` is None where only the running program knows it.

    Its storage may be requested at any position from `earliest` to `index`. `ends_early` says that it is freed on some
    ways only; `lifetime` is that on the others. `most_bytes` bounds a size that is not known, where a bound is.

    `last` is the last position that may touch its memory, None where something may do so later. `needs_zero` says that
    its bytes may be read before they are written. Of a size that is not known, `cap` tells equal numbers of elements
    and `elem_bytes` is the size of one; `fits_bytes` bounds it by how its length is computed, not by branches.
    """

    index: int
    earliest: int
    size_bytes: int | None
    align_bytes: int
    is_scan: bool = False
    is_uninit: bool = False
    lifetime: Lifetime = Lifetime.DIES
    ends_early: bool = False
    most_bytes: int | None = None
    last: int | None = None
    needs_zero: bool = True
    cap: int | None = None
    elem_bytes: int = 1
    fits_bytes: int | None = None

    @property
    def reads_zeros(self) -> bool:
        """Whether the program may count on its bytes being zero at first."""
        return self.needs_zero and not self.is_uninit

    @property
    def reserved_bytes(self) -> int:
        """The bytes that are set aside for it where its place is known."""
        return self.size_bytes if self.size_bytes is not None else self.fits_bytes or 0

    @property
    def bound_bytes(self) -> int | None:
        """The bytes that it never exceeds; None where nothing says so."""
        return self.most_bytes if self.size_bytes is None else self.size_bytes


@dataclass(frozen=True, slots=True)
class Limits:
    """What bounds a group, in bytes; `mix_scan` lets scan and noscan sites share, `overlay` members that are not alive
    together lie in the same bytes."""

    max_group_bytes: int = 32 << 10
    max_retain_bytes: int = 1 << 10
    max_stack_bytes: int = 1 << 10
    mix_scan: bool = False
    overlay: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A piece of an arena, behind the rows before it: `size_bytes`, or where that is not known as many as site `index`
    has. `bound_bytes` is the most that it can have, where that is known."""

    size_bytes: int | None
    align_bytes: int
    index: int
    bound_bytes: int | None


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a group, `in_row_bytes` behind the begin of its row; `is_zeroed`: it clears its bytes itself.

    `offset_bytes` is None where it is the sum of sizes known only at run time. `over` is the latest of the members that
    had some of its bytes before, by index.
    """

    index: int
    offset_bytes: int | None
    size_bytes: int | None
    row: int = 0
    in_row_bytes: int = 0
    over: int | None = None
    is_zeroed: bool = False


@dataclass(frozen=True, slots=True)
class Overlay:
    """What sharing bytes gives a group, counted in bytes of known sizes: its arena with and without, and what is
    cleared with and without. `unknown_in_turn` counts members of sizes known only at run time in bytes of others."""

    bytes_with: int
    bytes_without: int
    cleared_with: int
    cleared_without: int
    unknown_in_turn: int = 0

    @property
    def saved_bytes(self) -> int:
        return self.bytes_without - self.bytes_with

    @property
    def is_worth_it(self) -> bool:
        """The rule: it must not clear more bytes, beyond those that are cleared without it, than it saves."""
        return self.cleared_with - self.cleared_without <= self.saved_bytes


@dataclass(frozen=True, slots=True)
class Group:
    """Members that share one request, in the order of their regions.

    The request stands in front of instruction `at`. `total_bytes` is None where it is known only at run time; then
    `limit_bytes` bounds it, unless the sizes are bounded already. `most_bytes` is the most that it can have either way.
    At least `lower_bound_bytes` of known sizes are alive at once; `padding_bytes` belong to no member. `overlay` says
    what shared bytes give, where some are; `refused`, what they would have given.
    """

    at: int
    rows: tuple[Row, ...]
    members: tuple[Member, ...]
    total_bytes: int | None
    align_bytes: int
    limit_bytes: int | None = None
    is_scan: bool = False
    is_uninit: bool = False
    is_stack: bool = False
    retained_bytes: int = 0
    most_bytes: int = 0
    lower_bound_bytes: int = 0
    padding_bytes: int = 0
    overlay: Overlay | None = None
    refused: Overlay | None = None

    @property
    def static_bytes(self) -> int:
        """The bytes of the members whose sizes are known."""
        return sum(m.size_bytes or 0 for m in self.members)
