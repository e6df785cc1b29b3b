"""Operators to IR: arithmetic, shifts, comparisons, and texts put together."""

from __future__ import annotations

from abc import ABC, abstractmethod

import irpass as ip
from samples.minigo import types as t
from samples.minigo.function import Operand
from samples.minigo.layout import leaves
from samples.minigo.memory import Leaves, Memory

_ARITHMETIC = {"+": "add", "-": "sub", "*": "mul", "/": "div", "%": "rem", "&": "and_", "|": "or_", "^": "xor"}
COMPARISONS = {"==": "eq", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}


class OperatorLowering(Memory, ABC):
    # what `program.py` provides
    @abstractmethod
    def call_library(self, package: str, name: str, *args: Operand) -> Operand:
        """Call a function of the library; gives the first leaf of what it returns, `false` where that is nothing."""

    def convert_number(self, value: Operand, type: ip.Type) -> Operand:
        if value.type is type:
            return value
        if isinstance(value, ip.Literal) and isinstance(value.value, int) and type is ip.I64:
            return ip.Literal(type, value.value)
        return self.b.conv(type, self.typed(value))

    def arithmetic(self, op: str, left: Operand, right: Operand, name: str = "") -> Operand:
        if op in ("<<", ">>"):
            return self._shift(op, self.typed(left), right, name)
        if op == "&^":
            return self.b.and_(self.typed(left), self.b.not_(self.typed(right)), name=name)
        if isinstance(left, ip.Literal) and isinstance(right, ip.Literal):
            left = self.typed(left)
        return self.operation(_ARITHMETIC[op], left, right, name=name)

    def operation(self, word: str, left: Operand, right: Operand | int | None, *, name: str = "") -> Operand:
        """The result of an instruction, by its name."""
        result: ip.Value = getattr(self.b, word)(left, right, name=name)
        return result

    def _shift(self, op: str, left: ip.Value, count: Operand, name: str) -> Operand:
        """The IR shifts by a number of the same type; Go by any, and by the width or more gives 0 or the sign."""
        shift = self.b.shl if op == "<<" else self.b.shr
        type = left.type
        width = int(str(type)[1:])
        if isinstance(count, ip.Literal):
            assert isinstance(count.value, int)
            return shift(left, ip.Literal(type, min(count.value, width)), name=name)
        if count.type is not type:
            if str(count.type).startswith("i"):  # a shift of nothing, which traps as this one must
                self.b.shr(self.b.const(count.type, 0), count)
            most = min(width, 127)
            count = self.b.conv(type, self.b.select(self.b.lt(count, most), count, most))
        return shift(left, count, name=name)

    def compare(
        self, op: str, left: Leaves, right: Leaves, type: t.Type, other: t.Type | None = None, name: str = ""
    ) -> Operand:
        if t.NIL in (type, other) or isinstance(type.under, t.Slice) or t.kind(type) == "error":
            held = left[0] if isinstance(right[0], ip.Literal) and right[0].value is None else right[0]
            return self.operation(COMPARISONS[op], self.typed(held), None, name=name)
        if isinstance(type.under, t.Struct):
            return self._compare_structs(op, left, right, type)
        if t.kind(type) == "string":
            return self._compare_texts(op, left[0], right[0], name)
        a = self.typed(left[0]) if isinstance(right[0], ip.Literal) else left[0]
        if t.kind(type) == "bool" and op == "==" and isinstance(right[0], ip.Literal) and right[0].value is True:
            return a
        return self.operation(COMPARISONS[op], a, right[0], name=name)

    def _compare_structs(self, op: str, left: Leaves, right: Leaves, type: t.Type) -> Operand:
        same: Operand = ip.Literal(ip.BOOL, True)
        for leaf, a, b in zip(leaves(type), left, right, strict=True):
            one = self.compare("==", [a], [b], leaf)
            same = one if isinstance(same, ip.Literal) else self.b.select(same, one, False)
        return self.b.not_(self.typed(same)) if op == "!=" else same

    def _compare_texts(self, op: str, left: Operand, right: Operand, name: str) -> Operand:
        if op not in ("==", "!="):
            order = self.call_library("runtime", "compare", left, right)
            return self.operation(COMPARISONS[op], order, 0, name=name)
        for one, other in ((left, right), (right, left)):
            if isinstance(one, ip.Literal) and one.value == b"":
                return self.operation(COMPARISONS[op], self.b.len(self.typed(other)), 0)
        same = self.call_library("runtime", "equal", left, right)
        return self.b.not_(self.typed(same), name=name) if op == "!=" else same

    def joined(self, parts: list[Operand], name: str = "") -> Operand:
        """A fresh text."""
        lengths: list[Operand] = []
        for part in parts:
            text = part.value if isinstance(part, ip.Literal) else None
            lengths.append(self.literal(len(text), ip.I64) if isinstance(text, bytes) else self.b.len(self.typed(part)))
        ends: list[Operand] = []
        for length in lengths:
            ends.append(self.arithmetic("+", ends[-1], length) if ends else length)
        made = self.b.make(ip.U8, ends[-1], name=name)
        for part, start, end in zip(parts, [None, *ends], ends, strict=False):
            self.b.copy(made if start is None else self.b.slice(made, start, end), part)
        return made

    def copy_of(self, bytes_: Operand, name: str = "") -> Operand:
        """The same bytes in memory of their own, its cap its length."""
        return self.joined([bytes_], name)
