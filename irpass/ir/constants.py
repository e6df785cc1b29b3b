"""The constant that an operand is: a literal, or what a `const` gives. Every answer is O(1)."""

from __future__ import annotations

from irpass.ir import ops
from irpass.ir.core import Literal, Operand


def literal(o: Operand) -> Literal | None:
    """The constant that the operand is, as a literal; None where it is none."""
    if type(o) is Literal:
        return o
    d = o.definition
    if d is None or d.op is not ops.CONST:
        return None
    assert not isinstance(d.imm, str | tuple) and (d.imm is None or isinstance(d.imm, int | float | bool | bytes))
    return Literal(o.type, d.imm)


def number(o: Operand) -> int | float | None:
    """The number or bool that the operand is; None where that is not known, or it is no number."""
    if type(o) is Literal:
        value: object = o.value
    else:
        d = o.definition
        if d is None or d.op is not ops.CONST:
            return None
        value = d.imm
    return value if isinstance(value, int | float) else None


def integer(o: Operand) -> int | None:
    """The integer that the operand is; None where that is not known, or it is none."""
    found = number(o)
    return found if isinstance(found, int) else None
