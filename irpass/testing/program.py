"""What the parts of the generator share: one program's dice, habits, types and functions that can be called."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from irpass.ir.builder import Builder
from irpass.ir.core import Func
from irpass.ir.types import (
    BOOL,
    BYTES,
    F32,
    F64,
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
    PointerType,
    SliceType,
    StructType,
    Type,
)

T = TypeVar("T")

SLICES = (SliceType(I64), SliceType(I64), BYTES, SliceType(SliceType(I64)))
_SCALARS = (I64, I64, I64, U8, U8, I32, I16, F64, U64, I8, U16, U32, F32, BOOL)


@dataclass(frozen=True)
class Options:
    """What random programs are like.

    `size` is about how many statements `main` has, `helpers` the most functions beside it. `risk` is the share of
    statements that need not be good in a program that takes risks; `risky` the share of such programs, out of 1.
    """

    size: int = 16
    helpers: int = 3
    risk: float = 0.06
    risky: float = 0.5
    externs: bool = True
    locs: bool = True


@dataclass(frozen=True, slots=True)
class Callee:
    """A function that can be called: which parameters it may free, and which one its result is an alias of.

    `depth` is the parameter that bounds its recursion.
    """

    func: Func
    frees: frozenset[int] = frozenset()
    gives: int | None = None
    depth: int | None = None


@dataclass(slots=True)
class Program:
    """The state of one program in the making. `habits` are weights of its statements, by name."""

    rng: random.Random
    options: Options
    builder: Builder
    risk: float
    habits: dict[str, float]
    structs: dict[StructType, tuple[Type, ...]] = field(default_factory=dict)
    callees: list[Callee] = field(default_factory=list)
    large: int = 4  # how many more large allocations it may have

    def chance(self, p: float) -> bool:
        return self.rng.random() < p

    def risks(self) -> bool:
        """Whether the next thing need not be good."""
        return self.rng.random() < self.risk

    def pick(self, items: Sequence[T]) -> T:
        return items[int(self.rng.random() * len(items))]

    def below(self, n: int) -> int:
        """A number from 0 to `n` - 1."""
        return int(self.rng.random() * n)

    def scalar_type(self) -> Type:
        return self.pick(_SCALARS)

    def elem_type(self) -> Type:
        """A type to allocate: mostly scalars, else slices, pointers and structs."""
        roll = self.rng.random()
        if roll < 0.62 or (roll > 0.8 and not self.structs):
            return self.scalar_type()
        if roll < 0.76:
            return SliceType(I64 if roll < 0.69 else self.scalar_type())
        if roll < 0.8:
            return PointerType(I64)
        struct = self.pick(list(self.structs))
        return PointerType(struct) if roll > 0.94 else struct
