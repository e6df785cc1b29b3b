"""Values that others stand for, from when that is found to when their readers are visited.

Replacing a value at once would visit each of its readers, and again for each value that it is replaced by in its turn.
"""

from __future__ import annotations

from irpass.ir import edit, ops
from irpass.ir.constants import literal
from irpass.ir.core import Instr, Literal, Operand, Value
from irpass.passes.facts import definition

_ONE_BY_ONE = ops.ARITHMETIC | ops.COMPARISONS | {ops.SELECT}  # whether one takes a literal depends on the others


class Replacements:
    """What the values of one function are replaced by, and the constants that may have lost their last reader."""

    def __init__(self) -> None:
        self._replaced: dict[Value, Value] = {}
        self._constants: dict[Instr, None] = {}

    def __contains__(self, value: Value) -> bool:
        return value in self._replaced

    def replace(self, value: Value, by: Value) -> None:
        """Let `by` stand for `value`, in each reader when that is read."""
        self._replaced[value] = self.resolve(by)

    def resolve(self, value: Value) -> Value:
        """The value that stands for `value`; itself where none does."""
        replaced = self._replaced
        if value not in replaced:
            return value
        root = value
        while root in replaced:
            root = replaced[root]
        while value is not root:
            replaced[value], value = root, replaced[value]
        return root

    def add_constant(self, instr: Instr) -> None:
        self._constants[instr] = None

    def unread_constants(self) -> list[Instr]:
        """The constants met that nobody reads."""
        return [c for c in self._constants if c.result is None or not c.result.uses]

    def is_stale(self, operands: list[Operand]) -> bool:
        """Whether one of them is replaced, or a constant that may be written as a literal."""
        replaced = self._replaced
        for o in operands:
            if type(o) is Value:
                owner = o.owner
                if (type(owner) is Instr and owner.op is ops.CONST) or o in replaced:
                    return True
        return False

    def read(self, instr: Instr) -> bool:
        """Let `instr` read what its operands are replaced by, and constants as literals where they can be written.

        Gives whether it reads anything else than before.
        """
        new: dict[Value, Operand] = {}
        constants: dict[Value, Literal] = {}
        for o in instr.inputs():
            if type(o) is not Value:
                continue
            root = self.resolve(o)
            if root is not o:
                new[o] = root
            constant = literal(root)
            if constant is not None:
                constants[root] = constant
        if new:
            edit.substitute(instr, new)
        return self._read_literals(instr, constants) or bool(new)

    def _read_literals(self, instr: Instr, constants: dict[Value, Literal]) -> bool:
        accepted: dict[Value, Operand] = {}
        for value, constant in constants.items():
            if edit.accepts_literal(instr, value, constant):
                accepted[value] = constant
                d = definition(value)
                assert d is not None
                self._constants[d] = None
                if instr.op in _ONE_BY_ONE:
                    edit.replace_operand(instr, value, constant)
        if accepted and instr.op not in _ONE_BY_ONE:
            edit.substitute(instr, accepted)
        return bool(accepted)
