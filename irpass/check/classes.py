"""Classes of references, by union and find; and the summary of a function's classes that its callers need.

Source: Steensgaard, Points-to Analysis in Almost Linear Time, 1996, for the unification.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from irpass.ir.core import Instr, Value


class Node:
    """A class, by union and find; `inside` is the class of what its objects hold, `freed` what may free them.

    They may be `written` to by another name than that of their allocation, may be kept by the world outside
    (`captured`), and some may come from there (`foreign`), which may then be captured ones of any class.
    """

    __slots__ = ("captured", "foreign", "freed", "inside", "parent", "written")

    def __init__(self) -> None:
        self.parent: Node | None = None
        self.inside: Node | None = None
        self.freed: Instr | None = None
        self.written = False
        self.captured = False
        self.foreign = False


@dataclass(slots=True, eq=False)
class Graph:
    """The classes of one function. `roots` are those of its parameters and its result, `shared` is whatever leads from
    them, in order; `calls` hold what stands here for the callee's `shared`. `writes_outside`: it may write what was
    captured, or came from outside."""

    nodes: dict[Value, Node] = field(default_factory=dict)
    roots: list[Node] = field(default_factory=list)
    shared: list[Node] = field(default_factory=list)
    calls: dict[Instr, tuple[str, list[Node]]] = field(default_factory=dict)
    writes_outside: bool = False
    # Made when first asked for: the classes that callers or the world outside may know; by class, the references that
    # are of no one allocation, and calls that lead to it; all calls that are not pure.
    outside: dict[Node, None] | None = None
    is_indexed: bool = False
    loose: dict[Node, list[Value]] = field(default_factory=dict)
    reaching: dict[Node, list[Instr]] = field(default_factory=dict)
    impure: list[Instr] = field(default_factory=list)


class Marks(NamedTuple):
    """The marks of a class of `Graph.shared`, as `Node` has them."""

    freed: bool
    written: bool
    captured: bool
    foreign: bool


class Summary(NamedTuple):
    """What a call needs to know of `Graph.shared`, by place in it: -1 stands for no class."""

    roots: tuple[int, ...]
    insides: tuple[int, ...]
    marks: tuple[Marks, ...]
    writes_outside: bool

    def is_just(self, k: int) -> bool:
        """Whether the class holds what one parameter is given, and nothing else."""
        return self.roots.count(k) == 1 and k not in self.insides and not self.marks[k].foreign


def find(node: Node) -> Node:
    """The node that stands for the class."""
    while node.parent is not None:
        if node.parent.parent is not None:
            node.parent = node.parent.parent
        node = node.parent
    return node


def unify(a: Node, b: Node) -> None:
    """Make the two classes one, and so what is in them."""
    pairs = [(a, b)]
    while pairs:
        x, y = (find(n) for n in pairs.pop())
        if x is y:
            continue
        y.parent = x
        x.freed = x.freed or y.freed
        x.written |= y.written
        x.captured |= y.captured
        x.foreign |= y.foreign
        if x.inside is not None and y.inside is not None:
            pairs.append((x.inside, y.inside))
        x.inside = x.inside or y.inside


def inside(node: Node) -> Node:
    """The class of what the objects of a class hold, made where there was none."""
    node = find(node)
    if node.inside is None:
        node.inside = Node()
    return find(node.inside)


def reach(roots: Iterable[Node]) -> list[Node]:
    """The classes that one comes to from these, in order."""
    found: dict[Node, None] = {}
    for root in roots:
        node: Node | None = root
        while node is not None and find(node) not in found:
            node = find(node)
            found[node] = None
            node = node.inside
    return list(found)
