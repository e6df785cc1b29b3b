"""What the generator knows of the values in sight: types, how many elements a slice has at least, what was freed.

It knows just enough to keep most accesses good, so that programs run far. Nothing that is generated relies on it to be
valid: a wrong guess makes a program trap, never break a rule of the language.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from irpass.ir.core import Value
from irpass.ir.types import PointerType, ScalarType, SliceType, Type


@dataclass(eq=False, slots=True)
class Allocation:
    """What one reference or several may name: `region` is where it was made, `ended` that it may have been freed."""

    region: Region
    may_free: bool = True
    is_unwritten: bool = False
    is_read_only: bool = False
    ended: bool = False


@dataclass(eq=False, slots=True)
class Ref:
    """A slice or pointer in sight. `least_len` is what a slice's length is at least; a pointer that is sure has 1."""

    value: Value
    allocations: tuple[Allocation, ...]
    least_len: int = 0
    is_start: bool = True

    @property
    def type(self) -> Type:
        return self.value.type

    @property
    def is_live(self) -> bool:
        return not any(a.ended for a in self.allocations)

    @property
    def is_written(self) -> bool:
        return not any(a.is_unwritten for a in self.allocations)

    @property
    def is_writable(self) -> bool:
        return not any(a.is_read_only for a in self.allocations)


@dataclass(eq=False, slots=True)
class Stored:
    """`held` was stored into a slot of `place`: an index, a field, or None for the whole of what a pointer names."""

    place: Ref
    slot: int | None
    held: Ref


@dataclass(eq=False, slots=True)
class Region:
    """A piece of structured code: what is defined in it can be used until it ends. `loops` counts those around it."""

    loops: int = 0


@dataclass(slots=True)
class Mark:
    """How much was in sight where a region began."""

    refs: int
    stored: int
    small: int
    scalars: dict[Type, int]
    region: Region


@dataclass(slots=True)
class Scope:
    """The values in sight, oldest first; `small` are the i64 values that lie between 0 and 64."""

    region: Region = field(default_factory=Region)
    refs: list[Ref] = field(default_factory=list)
    stored: list[Stored] = field(default_factory=list)
    scalars: dict[Type, list[Value]] = field(default_factory=dict)
    small: list[Value] = field(default_factory=list)

    def enter(self, is_loop: bool = False) -> Mark:
        """Begin a region; `leave` takes back what it defined."""
        counts = {t: len(values) for t, values in self.scalars.items()}
        mark = Mark(len(self.refs), len(self.stored), len(self.small), counts, self.region)
        self.region = Region(self.region.loops + is_loop)
        return mark

    def leave(self, mark: Mark) -> None:
        del self.refs[mark.refs :], self.stored[mark.stored :], self.small[mark.small :]
        for t, values in self.scalars.items():
            del values[mark.scalars.get(t, 0) :]
        self.region = mark.region

    def add_scalar(self, value: Value, is_small: bool = False) -> Value:
        assert isinstance(value.type, ScalarType)
        self.scalars.setdefault(value.type, []).append(value)
        if is_small:
            self.small.append(value)
        return value

    def add_ref(self, ref: Ref) -> Ref:
        self.refs.append(ref)
        return ref

    def slices(self, live: bool = True, least_len: int = 0) -> list[Ref]:
        """The slices in sight; with `live`, only those that nothing freed."""
        return [
            r for r in self.refs
            if isinstance(r.value.type, SliceType) and r.least_len >= least_len and (not live or r.is_live)
        ]  # fmt: skip

    def pointers(self, live: bool = True) -> list[Ref]:
        """The pointers in sight; with `live`, only those to something that nothing freed."""
        return [
            r for r in self.refs
            if isinstance(r.value.type, PointerType) and (not live or (r.least_len and r.is_live))
        ]  # fmt: skip

    def of_type(self, t: Type, live: bool = True) -> list[Ref]:
        """The references of one type."""
        return [r for r in self.refs if r.value.type is t and (not live or r.is_live)]


def merged(value: Value, one: Ref, other: Ref) -> Ref:
    """What is known of a reference that is one of two."""
    least = min(one.least_len, other.least_len)
    both = tuple(dict.fromkeys((*one.allocations, *other.allocations)))
    return Ref(value, both, least, one.is_start and other.is_start)
