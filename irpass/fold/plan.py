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

    @property
    def bound_bytes(self) -> int | None:
        """The bytes that it never exceeds; None where nothing says so."""
        return self.most_bytes if self.size_bytes is None else self.size_bytes


@dataclass(frozen=True, slots=True)
class Limits:
    """What bounds a group, in bytes; `mix_scan` lets scan and noscan sites share."""

    max_group_bytes: int = 32 << 10
    max_retain_bytes: int = 1 << 10
    max_stack_bytes: int = 1 << 10
    mix_scan: bool = False


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a group. `offset_bytes` is None where it is the sum of sizes known only at run time."""

    index: int
    offset_bytes: int | None
    size_bytes: int | None


@dataclass(frozen=True, slots=True)
class Group:
    """Members that share one request, in the order of their regions.

    The request stands in front of instruction `at`. `total_bytes` is None where it is known only at run time; then
    `limit_bytes` bounds it, unless the sizes are bounded already. `most_bytes` is the most that it can have either way.
    """

    at: int
    members: tuple[Member, ...]
    total_bytes: int | None
    align_bytes: int
    limit_bytes: int | None = None
    is_scan: bool = False
    is_uninit: bool = False
    is_stack: bool = False
    retained_bytes: int = 0
    most_bytes: int = 0

    @property
    def static_bytes(self) -> int:
        """The bytes of the members whose sizes are known."""
        return sum(m.size_bytes or 0 for m in self.members)
