"""Branches that decide nothing: what a `br_if` or `switch` may be turned into.

Needs: SSA. No search: a branch is decided by the definition of what it reads, and by where it goes.
"""

from __future__ import annotations

from typing import NamedTuple

from irpass.ir import ops
from irpass.ir.constants import number
from irpass.ir.core import Instr, Operand, Target
from irpass.passes.facts import definition, same


class Branch(NamedTuple):
    """A terminator in place of another: `targets` are some of those that were there."""

    op: ops.Op
    operands: list[Operand]
    targets: tuple[Target, ...]
    imm: tuple[int, ...] | None = None


def simpler(instr: Instr) -> Branch | None:
    """A simpler branch that goes the same way, perhaps not the simplest; None where there is none.

    A branch that can only go one way is a `br`, one on a `not` is turned around, and a `switch` has no cases that go
    where the default goes.
    """
    if instr.op is ops.BR_IF:
        return _simpler_br_if(instr)
    return _simpler_switch(instr) if instr.op is ops.SWITCH else None


def _simpler_br_if(instr: Instr) -> Branch | None:
    condition, targets = instr.operands[0], instr.targets
    d = definition(condition)
    if d is not None and d.op is ops.NOT:
        return Branch(ops.BR_IF, [d.operands[0]], targets[::-1])
    known = number(condition)
    if known is not None:
        return Branch(ops.BR, [], (targets[0 if known else 1],))
    return Branch(ops.BR, [], targets[:1]) if same_target(*targets) else None


def _simpler_switch(instr: Instr) -> Branch | None:
    assert isinstance(instr.imm, tuple)
    default, subject = instr.targets[0], instr.operands[0]
    cases = list(zip(instr.imm, instr.targets[1:], strict=True))
    known = number(subject)
    if known is not None:
        return Branch(ops.BR, [], (dict(cases).get(int(known), default),))
    kept = [(case, target) for case, target in cases if not same_target(target, default)]
    if not kept:
        return Branch(ops.BR, [], (default,))
    if len(kept) == len(cases):
        return None
    return Branch(ops.SWITCH, [subject], (default, *(t for _, t in kept)), tuple(case for case, _ in kept))


def same_target(a: Target, b: Target) -> bool:
    """Whether both lead to one block with the same arguments."""
    return a.block is b.block and all(map(same, a.args, b.args))
