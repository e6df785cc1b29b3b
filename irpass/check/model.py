"""What the pairing of two functions finds of folding: arenas, their members, and events at their places in AFTER."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto

from irpass.check.graph import Graph
from irpass.check.numbers import Numbers
from irpass.check.pure import PureInstrs
from irpass.ir.core import ArenaSpec, Block, Func, Instr, Value
from irpass.ir.types import Type


@dataclass(slots=True, eq=False)
class Arena:
    """A `shared.alloc` that BEFORE does not have; `total` is the number of its bytes."""

    instr: Instr
    spec: ArenaSpec
    total: int
    members: list[Member] = field(default_factory=list)

    @property
    def block(self) -> Block:
        assert self.instr.block is not None
        return self.instr.block


@dataclass(slots=True, eq=False)
class Member:
    """A site of BEFORE that is a `derive` in AFTER, at place `at` of its block.

    `offset`, `size` and `cap` are the numbers of its place and bytes in the arena, and of how many `elem` it holds.
    """

    site: Instr
    derive: Instr
    arena: Arena
    at: int
    elem: Type
    offset: int
    size: int
    cap: int

    @property
    def value(self) -> Value | None:
        return self.derive.result

    @property
    def block(self) -> Block:
        assert self.derive.block is not None
        return self.derive.block

    def __str__(self) -> str:
        return f"%{self.value.name}" if self.value is not None else f"the member of line {self.derive.line}"


class Kind(Enum):
    """What happens to an arena or its members."""

    ALLOC = auto()  # the arena is requested
    DERIVE = auto()  # the member begins
    FREE = auto()  # BEFORE frees the member, AFTER has nothing here
    RELEASE = auto()  # BEFORE frees the member, AFTER releases it
    END = auto()  # AFTER ends the members, BEFORE has nothing here


@dataclass(slots=True)
class Event:
    """Something about an arena, at the instruction `at` of a block of AFTER; a FREE stands before that instruction."""

    kind: Kind
    at: int
    arena: Arena
    members: list[Member]
    new: Instr
    old: Instr | None = None


@dataclass(slots=True, eq=False)
class Pairing:
    """Two functions, paired; `events` are in order, by block of AFTER. `places` numbers the instructions of a block."""

    func: Func
    graph: Graph
    numbers: Numbers
    places: dict[Instr, int]
    pures: PureInstrs = field(default_factory=PureInstrs)
    arenas: list[Arena] = field(default_factory=list)
    events: dict[Block, list[Event]] = field(default_factory=dict)
