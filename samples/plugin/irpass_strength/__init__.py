"""strength-reduce: a multiplication by a power of two becomes a shift.

A whole pass in one file, for those who want to write one: a frozen dataclass with its options as fields, that asks the
module first and edits it through `irpass.ir.edit`. Integers wrap in both forms, so the two are equal for every operand.

Before:

    func @f(%n: i64) -> i64 {
    entry:
      %a = mul %n, 8
      ret %a
    }

After:

    func @f(%n: i64) -> i64 {
    entry:
      %a = shl %n, 3
      ret %a
    }
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from irpass.ir import edit, ops
from irpass.ir.core import Func, Instr, Literal
from irpass.ir.types import is_integer
from irpass.passes.base import Context, FunctionPass
from irpass.remarks import remark_at


@dataclass(frozen=True)
class StrengthReduce(FunctionPass):
    """See the module's own text."""

    name: ClassVar[str] = "strength-reduce"
    summary: ClassVar[str] = "multiplications by a power of two become shifts"

    max_shift: int = field(default=62, metadata={"help": "the largest shift to write"})

    def run(self, func: Func, context: Context) -> bool:
        found = [(i, shift) for i in func.instrs() if (shift := self._shift(i)) is not None]
        for instr, shift in found:
            message = f"a multiplication became a shift by {shift}"
            context.remarks.append(remark_at("passed", self.name, "reduced", instr, message, shift=shift))
            amount = Literal(instr.operands[0].type, shift)
            edit.become(instr, ops.SHL, [instr.operands[0], amount])
        return bool(found)

    def _shift(self, instr: Instr) -> int | None:
        if instr.op is not ops.MUL or not isinstance(instr.operands[1], Literal):
            return None
        factor = instr.operands[1].value
        if not is_integer(instr.operands[1].type) or not isinstance(factor, int) or factor < 2 or factor & (factor - 1):
            return None
        shift = factor.bit_length() - 1
        return shift if shift <= self.max_shift else None
