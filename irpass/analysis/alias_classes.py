"""Classes of references that may name the same object: union-find, what is stored in them, and what is known of them.

A class has one class of contents at most, so what can be reached from a class is a chain (which may end in a circle).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

FREED = 1  # an instruction of this function may free the object, wherever it came from
CAPTURED = 2  # code outside the module may keep a reference
OUTER = 4  # the caller has a reference, through a parameter or the result
FOREIGN = 8  # code outside the module may have made it
FREED_BY_CALLER = 16  # a caller may free it
FREED_BY_CALL = 64  # a function that this one calls may free it
FREED_OWN = 128  # this function frees an object that it made itself, by the name of its site: no other object is meant
KEPT = 256  # an extern was given the object, or something that leads to it, and may keep it
WRITTEN = 32  # this function, or one that it calls, may write the object
SPREADS = CAPTURED | KEPT | OUTER | FOREIGN | FREED_BY_CALLER  # from an object to what is stored in it


class AliasClass:
    """A class, by union and find: `contents` is the class of what is stored in its objects, None where nothing is."""

    __slots__ = ("contents", "flags", "parent")

    def __init__(self, flags: int = 0) -> None:
        self.parent: AliasClass = self
        self.contents: AliasClass | None = None
        self.flags = flags


def find(c: AliasClass) -> AliasClass:
    """What stands for the class by now."""
    while c.parent is not c:
        c.parent = c.parent.parent
        c = c.parent
    return c


def unify(a: AliasClass, b: AliasClass) -> None:
    """Make the two classes one, and so what is stored in their objects."""
    work = [(a, b)]
    while work:
        a, b = work.pop()
        a, b = find(a), find(b)
        if a is b:
            continue
        b.parent = a
        a.flags |= b.flags
        if b.contents is not None:
            if a.contents is None:
                a.contents = b.contents
            else:
                work.append((a.contents, b.contents))


def contents_of(c: AliasClass) -> AliasClass:
    """The class of what is stored in the objects of `c`, made where there was none."""
    c = find(c)
    if c.contents is None:
        c.contents = AliasClass(c.flags & SPREADS)
    return c.contents


@dataclass
class Summary:
    """The classes that a caller can reach: `params` and `result` index into `flags` and `contents` (-1 for none)."""

    params: list[int]
    result: int
    flags: list[int] = field(default_factory=list)
    contents: list[int] = field(default_factory=list)
    classes: list[AliasClass] = field(default_factory=list)

    def says_the_same(self, other: Summary) -> bool:
        """Whether the two tell callers the same; the classes themselves differ from one analysis to the next."""
        mine = (self.params, self.result, self.flags, self.contents)
        return mine == (other.params, other.result, other.flags, other.contents)


def tell(summary: Summary, here: list[AliasClass]) -> bool:
    """Tell the classes of a callee what becomes of them at one call; whether that was news.

    What is one object for the caller is one object for the callee, whichever argument it came by.
    """
    news = False
    first: dict[AliasClass, AliasClass] = {}
    for theirs, c in zip(summary.classes, here, strict=True):
        same = first.setdefault(find(c), theirs)
        if find(same) is not find(theirs):
            unify(same, theirs)
            news = True
        flags = find(c).flags & (CAPTURED | KEPT)
        if find(c).flags & (FREED | FREED_BY_CALL | FREED_BY_CALLER):
            flags |= FREED_BY_CALLER
        found = find(theirs)
        news |= bool(flags & ~found.flags)
        found.flags |= flags
    return news


def as_seen_by_caller(flags: int) -> int:
    """What the flags of a callee's class say of the caller's class that it stands for."""
    freed = FREED_BY_CALL if flags & (FREED | FREED_BY_CALL) else 0
    return flags & (CAPTURED | KEPT | FOREIGN | WRITTEN) | freed


def reachable(c: AliasClass) -> Iterator[AliasClass]:
    """The class, that of what is stored in its objects, and so on, each once."""
    seen = set()
    c = find(c)
    while c not in seen:
        seen.add(c)
        yield c
        if c.contents is None:
            return
        c = find(c.contents)


def reaches(c: AliasClass, wanted: AliasClass) -> bool:
    """Whether `wanted`, which stands for its class, can be reached from `c`."""
    return any(r is wanted for r in reachable(c))
