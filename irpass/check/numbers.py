"""Value numbers for a pair of functions, and what is known of each as a size.

Two values with one number hold the same value wherever both can be used, whichever of the two functions they are of.
Parameters and the results of paired instructions get a new number; a pure instruction gets one by what it computes, so
where it stands does not matter. `len` and `cap` of a `make` are its own operands.

A number is seen as a linear sum of a literal and atoms. `extent` of a cap that is known to be in range is a `mul`.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from irpass.check.refusal import Refusal
from irpass.ir import ops
from irpass.ir.core import ArenaSpec, Instr, Literal, Operand, Value
from irpass.ir.layout import MAX_BYTES, Layouts
from irpass.ir.semantics import COMPARE, binary, convert, unary
from irpass.ir.types import BOOL, I64, ScalarType, SliceType, Type, is_float

_HIGH_DIVISOR = 1 << 62  # every power of two that can be asked for divides 0
_SAMPLES = 1 << 20  # samples of atoms are up to here
_Side = dict[Value, int]


class Facts(NamedTuple):
    """What is known of a number.

    It lies in 0..`upper` (past the type's range: the sum may wrap; None: nothing is known); the power of two `divisor`
    divides it; it is the literal integer `value`; it is the sum of `terms`, pairs of a number and a coefficient.
    `sample` is its value where each atom has some value of its own.
    """

    upper: int | None = None
    divisor: int = 1
    value: int | None = None
    terms: tuple[tuple[int, int], ...] = ()
    sample: int | None = None


def is_free_to_move(instr: Instr) -> bool:
    """Whether the instruction is pure and cannot trap, so that nobody sees where, or whether, it runs."""
    op = instr.op
    if op.hoistable:
        return True
    if op in (ops.DIV, ops.REM):
        divisor = literal_of(instr.operands[1])
        return is_float(instr.operands[1].type) or (isinstance(divisor, int) and divisor != 0)
    if op in (ops.SHL, ops.SHR):
        amount, t = literal_of(instr.operands[1]), instr.operands[1].type
        return (isinstance(amount, int) and amount >= 0) or (isinstance(t, ScalarType) and not t.signed)
    return False


def literal_of(operand: Operand) -> object:
    """The value that is written there, or by the `const` that is named there; None where there is none (or nil)."""
    if isinstance(operand, Literal):
        return operand.value
    source = operand.definition
    return source.imm if source is not None and source.op is ops.CONST else None


class Numbers:
    """The numbers of one pair of functions; `before` and `after` map their values."""

    def __init__(self, layouts: Layouts) -> None:
        self.layouts = layouts
        self.before: _Side = {}
        self.after: _Side = {}
        self.lengths: dict[int, int] = {}  # of slices whose length is known by its number
        self.caps: dict[int, int] = {}
        self._table: dict[tuple[object, ...], int] = {}
        self._facts: list[Facts] = []

    # ---- numbering

    def fresh(self, t: Type) -> int:
        """A number that nothing else has."""
        return self._new(Facts(_upper_of(t)))

    def operand(self, side: _Side, operand: Operand) -> int:
        """The number of an operand.

        Raises: Refusal where its definition does not come before.
        """
        if isinstance(operand, Literal):
            return self.literal(operand)
        found = side.get(operand)
        if found is None:
            place = operand.owner
            sides = (None, place) if side is self.before else (place, None)
            raise Refusal("C04", f"%{operand.name} is used where it is not defined", *sides)
        return found

    def operands(self, side: _Side, operands: Iterable[Operand]) -> list[int]:
        return [self.operand(side, o) for o in operands]

    def literal(self, literal: Literal) -> int:
        key = literal.key()
        found = self._table.get(key)
        if found is None:
            facts, value = Facts(), literal.value
            if isinstance(value, int):
                facts = Facts(value if value >= 0 else None, (value & -value) or _HIGH_DIVISOR, value, (), value)
            found = self._table[key] = self._new(facts)
        return found

    def size(self, size_bytes: int) -> int:
        return self.literal(Literal(I64, size_bytes))

    def pure(self, instr: Instr, operands: Sequence[int]) -> int:
        """The number of what a pure instruction computes from these numbers."""
        op, t = instr.op, instr.type
        if op is ops.CONST:
            assert t is not None and not isinstance(instr.imm, str | tuple | ArenaSpec)
            return self.literal(Literal(t, instr.imm))
        known = self.lengths if op is ops.LEN else self.caps if op is ops.CAP else {}
        if operands and operands[0] in known:
            return known[operands[0]]
        if op is ops.EXTENT:
            assert t is not None
            return self.extent(self.layouts.of(t).size_bytes, operands[0])
        source = instr.operands[-1].type
        result = self._evaluate(op, t, source, operands)
        return result if result is not None else self._intern(op, t if t is not None else source, operands, source)

    def _evaluate(self, op: ops.Op, t: Type | None, source: Type, operands: Sequence[int]) -> int | None:
        """The number of the literal, or of the operand, that the result is; None where that is not known."""
        values = [v for n in operands if (v := self._facts[n].value) is not None]
        if op is ops.SELECT:
            same = operands[1] == operands[2]
            condition = self._facts[operands[0]].value
            return operands[1] if same else None if condition is None else operands[1 if condition else 2]
        if len(values) != len(operands) or not isinstance(source, ScalarType):
            return None
        if op in ops.ARITHMETIC:
            return self._known(source, binary(op, source)(*values))
        if op in ops.COMPARISONS:
            return self._known(BOOL, COMPARE[op](*values))
        if op in (ops.NEG, ops.NOT):
            return self._known(source, unary(op, source)(*values))
        return self._known(t, convert(source, t)(*values)) if op is ops.CONV and t is not None else None

    def _known(self, t: Type, value: int | float | bool) -> int:
        return self.literal(Literal(t, value))

    def extent(self, elem_bytes: int, cap: int) -> int:
        """The number of the bytes that `cap` elements take, 0 where `make` would trap."""
        facts = self._facts[cap]
        if elem_bytes == 0:
            return self.size(0)
        if facts.value is not None:
            return self.size(facts.value * elem_bytes if 0 <= facts.value <= MAX_BYTES // elem_bytes else 0)
        if facts.upper is not None and facts.upper * elem_bytes <= MAX_BYTES:
            return self._intern(ops.MUL, I64, [cap, self.size(elem_bytes)], I64) if elem_bytes > 1 else cap
        key = (ops.EXTENT, elem_bytes, cap)
        found = self._table.get(key)
        if found is None:
            sample = elem_bytes * self.sample(cap)
            found = self._table[key] = self._new(Facts(MAX_BYTES, elem_bytes & -elem_bytes, sample=sample))
        return found

    def _intern(self, op: ops.Op, t: Type, operands: Sequence[int], source: Type) -> int:
        """`t` is the type of the result, as far as it says something; `source` that of the last operand."""
        ordered = tuple(sorted(operands)) if op.commutative else tuple(operands)
        key = (op, t, *ordered)
        found = self._table.get(key)
        if found is None:
            found = self._table[key] = self._new(self._expression(op, t, ordered, source))
        return found

    def _new(self, facts: Facts) -> int:
        if facts.sample is None:
            most = _SAMPLES if facts.upper is None else min(facts.upper, _SAMPLES)
            facts = facts._replace(sample=most - (len(self._facts) * 2654435761 >> 4) % (most // 2 + 1))
        self._facts.append(facts)
        return len(self._facts) - 1

    def _expression(self, op: ops.Op, t: Type, numbers: tuple[int, ...], source: Type) -> Facts:
        facts = [self._facts[n] for n in numbers]
        uppers = [f.upper for f in facts if f.upper is not None and f.upper <= I64.hi]
        all_known = len(uppers) == len(facts)
        if op in (ops.ADD, ops.MUL) and t is I64 and all_known:
            return self._sum(op, numbers)
        if op in (ops.LEN, ops.CAP) and isinstance(source, SliceType):
            size = self.layouts.of(source.elem).size_bytes
            return Facts(MAX_BYTES // size if size else None)
        if op is ops.CONV and all_known and isinstance(t, ScalarType) and t.kind == "int" and uppers[0] <= t.hi:
            return Facts(uppers[0])
        if op is ops.AND and uppers:
            return Facts(min(uppers))
        if op is ops.SELECT and facts[1].upper is not None and facts[2].upper is not None:
            return Facts(max(facts[1].upper, facts[2].upper))
        if op in (ops.DIV, ops.REM) and all_known and uppers[1] > 0:
            is_literal = facts[1].value is not None
            return Facts(min(uppers[0], uppers[1] - 1) if op is ops.REM and is_literal else uppers[0])
        return Facts(_upper_of(t)) if op not in ops.COMPARISONS else Facts()

    def _sum(self, op: ops.Op, numbers: tuple[int, ...]) -> Facts:
        a, b = (self._facts[n] for n in numbers)
        assert a.upper is not None and b.upper is not None
        upper = a.upper + b.upper if op is ops.ADD else a.upper * b.upper
        is_linear = op is ops.ADD or a.value is not None or b.value is not None
        if upper > I64.hi or not is_linear:
            return Facts(min(upper, I64.hi + 1))
        if op is ops.ADD:
            terms = tuple((n, 1) for n in numbers)
            return Facts(upper, min(a.divisor, b.divisor), None, terms, _sampled(a) + _sampled(b))
        terms = ((numbers[0], b.value),) if b.value is not None else ((numbers[1], a.value or 0),)
        return Facts(upper, min(a.divisor * b.divisor, _HIGH_DIVISOR), None, terms, _sampled(a) * _sampled(b))

    # ---- sums

    def is_size(self, number: int) -> bool:
        """Whether the number is at least 0, and was computed without wrapping."""
        upper = self._facts[number].upper
        return upper is not None and upper <= I64.hi

    def may_wrap(self, number: int) -> bool:
        upper = self._facts[number].upper
        return upper is not None and upper > I64.hi

    def literal_value(self, number: int) -> int | None:
        """The integer that the number is, if it is a literal one."""
        return self._facts[number].value

    def is_multiple(self, number: int, align_bytes: int) -> bool:
        return self._facts[number].divisor % align_bytes == 0

    def sample(self, number: int) -> int:
        """A value that the number has for some sizes: whatever holds for all sizes holds for samples."""
        return _sampled(self._facts[number])

    def at_most(self, low: Sequence[int], high: Sequence[int]) -> bool:
        """Whether the sum of `low` is at most that of `high`, whatever the sizes; all must be sizes."""
        least, atoms = self._difference(low, high)
        for number, coefficient in atoms.items():
            upper = self._facts[number].upper
            if upper is None or upper > I64.hi:
                return False
            least += min(coefficient, 0) * upper
        return least >= 0

    def _difference(self, low: Sequence[int], high: Sequence[int]) -> tuple[int, dict[int, int]]:
        """`high` minus `low`: its literal part, and the coefficients of its atoms.

        Looks into the latest sum first, so that what both sides share cancels before it is looked into.
        """
        pending: dict[int, int] = {}
        for sign, side in ((-1, low), (1, high)):
            for number in side:
                pending[number] = pending.get(number, 0) + sign
        heap = [-n for n in pending]
        heapq.heapify(heap)
        constant, atoms = 0, dict[int, int]()
        while heap:
            number = -heapq.heappop(heap)
            coefficient, facts = pending.pop(number), self._facts[number]
            if facts.value is not None:
                constant += coefficient * facts.value
            elif coefficient and not facts.terms:
                atoms[number] = coefficient
            elif coefficient:
                for part, factor in facts.terms:
                    if part not in pending:
                        heapq.heappush(heap, -part)
                    pending[part] = pending.get(part, 0) + coefficient * factor
        return constant, atoms


def _sampled(facts: Facts) -> int:
    assert facts.sample is not None
    return facts.sample


def _upper_of(t: Type) -> int | None:
    return t.hi if isinstance(t, ScalarType) and t.kind == "int" and not t.signed else None
