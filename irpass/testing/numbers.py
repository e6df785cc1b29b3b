"""Random statements about scalars."""

from __future__ import annotations

from collections.abc import Callable

from irpass.ir.builder import Builder
from irpass.ir.core import Value
from irpass.ir.insertion import OperandLike
from irpass.ir.types import (
    BOOL,
    BYTES,
    I64,
    PointerType,
    ScalarType,
    Type,
    is_float,
)
from irpass.testing.program import Program
from irpass.testing.scope import Scope

BAD = (-1, -7, -(1 << 63), (1 << 63) - 1, 1 << 62, 1 << 48)  # hardly ever good as lengths or indices


class Numbers:
    """Writes into the block that the builder is at; `scope` is what can be used there. `table` has every statement."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.b: Builder = program.builder
        self.scope = Scope()
        self.chance, self.pick, self.below, self.risks = program.chance, program.pick, program.below, program.risks
        self.table: dict[str, Callable[[], object]] = {
            "arithmetic": self.arithmetic,
            "compare": self.compare,
            "print": self.print_scalars,
        }

    def small(self) -> OperandLike:
        """An i64 between 0 and 64."""
        if self.scope.small and self.chance(0.6):
            return self.pick(self.scope.small)
        return self.below(13)

    def integer(self) -> OperandLike:
        """Any i64 in sight, or a literal."""
        known = self.scope.scalars.get(I64)
        if known and self.chance(0.7):
            return self.pick(known)
        return self.below(20) if self.chance(0.9) else self.pick(BAD)

    def scalar(self, t: Type) -> OperandLike:
        """An operand of a scalar type."""
        known = self.scope.scalars.get(t)
        if known and self.chance(0.75):
            return self.pick(known)
        return self.literal(t)

    def literal(self, t: Type) -> bool | int | float:
        assert isinstance(t, ScalarType)
        if t is BOOL:
            return self.chance(0.5)
        return self.below(9) / 2 if t.kind == "float" else self.below(100)

    def condition(self) -> Value:
        """A bool that is not the same in every run, as far as one can tell."""
        known = self.scope.scalars.get(BOOL)
        if known and self.chance(0.4):
            return self.pick(known)
        return self.compare()

    def named(self, t: Type) -> Value:
        """A value of a scalar type, where a literal cannot stand."""
        known = self.scope.scalars.get(t)
        if known and self.chance(0.9):
            return self.pick(known)
        literal = self.literal(t)
        return self.scope.add_scalar(self.b.const(t, literal), t is I64)

    def arithmetic(self) -> Value:
        roll = self.program.rng.random()
        if roll < 0.3:  # a number that stays small, as a length should be
            mask = self.pick((1, 3, 7, 15))
            masked = self.b.and_(self.named(I64), mask)
            value = self.b.add(masked, self.below(4) + 1) if self.chance(0.7) else masked
            return self.scope.add_scalar(value, is_small=True)
        if roll < 0.42:
            t, source = self.program.scalar_type(), self.program.scalar_type()
            if t is not BOOL and source is not BOOL:
                return self.scope.add_scalar(self.b.conv(t, self.named(source)))
        t = I64 if roll < 0.8 else self.program.scalar_type()
        if t is BOOL:
            return self.scope.add_scalar(self.b.not_(self.named(BOOL)))
        left, right = self.named(t), self.scalar(t)
        if t is I64 and self.chance(self.program.risk):
            right = -1
        if is_float(t):
            return self.scope.add_scalar(self.pick((self.b.add, self.b.sub, self.b.mul, self.b.div))(left, right))
        if self.chance(0.2):
            divide = self.pick((self.b.div, self.b.rem, self.b.shl, self.b.shr))
            return self.scope.add_scalar(
                divide(left, self.pick((0, right)) if self.program.risk and self.chance(0.2) else self.below(5) + 1)
            )
        b = self.b
        return self.scope.add_scalar(self.pick((b.add, b.sub, b.mul, b.and_, b.or_, b.xor))(left, right))

    def compare(self) -> Value:
        b = self.b
        if self.scope.refs and self.chance(0.2):
            ref = self.pick(self.scope.refs)
            same = [r for r in self.scope.of_type(ref.type, live=False) if isinstance(ref.type, PointerType)]
            other = self.pick(same).value if same and self.chance(0.7) else None
            return self.scope.add_scalar(self.pick((b.eq, b.ne))(ref.value, other))
        t = I64 if self.chance(0.8) else self.program.scalar_type()
        choices = (b.eq, b.ne) if t is BOOL else (b.lt, b.le, b.gt, b.ge, b.eq, b.ne)
        return self.scope.add_scalar(self.pick(choices)(self.named(t), self.scalar(t)))

    def print_scalars(self) -> None:
        operands: list[OperandLike] = []
        for _ in range(1 + self.below(3)):
            kinds = [t for t, values in self.scope.scalars.items() if values]
            if kinds and self.chance(0.9):
                operands.append(self.pick(self.scope.scalars[self.pick(kinds)]))
            else:
                operands.append(self.pick(("x", "y\n", "")))
        texts = [r for r in self.scope.of_type(BYTES) if r.is_written]
        if texts and self.chance(0.2):
            operands.append(self.pick(texts).value)
        self.b.print(*operands)
