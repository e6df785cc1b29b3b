"""Equal computations once: value numbering over the dominator tree.

Needs: a verified module; `canonicalize` before it makes more computations look equal. Keeps: every effect and trap, in
order and at its place. Leaves to others: loads (memory may have changed), computations on two arms of a branch.

Before:
    func @f(%x: i64, %y: i64) -> i64 {
    entry:
      %a = div %x, %y
      %b = div %x, %y
      %c = add %a, %b
      ret %c
    }

After:
    func @f(%x: i64, %y: i64) -> i64 {
    entry:
      %a = div %x, %y
      %c = add %a, %a
      ret %c
    }

An operation without effects may go where an equal one has run on every path before it, also if it may trap: the first
one would have trapped, at its own place. Allocations are never equal: two `make`s give two slices. Texts are: equal
constant texts are one read-only object.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from irpass.analysis.call_graph import pure_callee
from irpass.ir import edit, ops
from irpass.ir.constants import literal
from irpass.ir.core import Block, Func, Instr, Operand, Value
from irpass.ir.types import ScalarType
from irpass.passes.base import Context, FunctionPass

_PURE = frozenset(op for op in ops.ALL if op.is_pure)
_MIRRORED = {ops.GT: ops.LT, ops.GE: ops.LE}
_Key = tuple[object, ...]


@dataclass(frozen=True)
class Cse(FunctionPass):
    """Compute equal things once."""

    name: ClassVar[str] = "cse"
    summary: ClassVar[str] = "compute equal things once, where the first computation dominates the others"

    def run(self, func: Func, context: Context) -> bool:
        tree = context.analyses.dominators(func)
        table: dict[_Key, Value] = {}
        replaced: dict[Value, Operand] = {}
        work: list[Block | list[_Key]] = list(reversed(tree.roots))
        while work:
            item = work.pop()
            if isinstance(item, Block):
                added = _number_block(item, table, replaced)
                work.append(added)
                work.extend(reversed(tree.children[item]))
            else:  # the subtree of the block that added these is done
                for key in item:
                    del table[key]
        if not replaced:
            return False
        edit.substitute_all(replaced)  # only blocks that cannot be reached still read them
        edit.remove([v.owner for v in replaced if isinstance(v.owner, Instr)])
        context.count(func, "cse.merged", len(replaced))
        return True


def _number_block(block: Block, table: dict[_Key, Value], replaced: dict[Value, Operand]) -> list[_Key]:
    """Find what of `block` is in the table already; gives the keys that it adds."""
    added: list[_Key] = []
    for instr in block.instrs:
        if replaced and any(type(o) is Value and o in replaced for o in instr.inputs()):
            edit.substitute(instr, replaced)
        if instr.result is None or not (instr.op in _PURE or _gives_the_same(instr)):
            continue
        key = _key(instr)
        first = table.get(key)
        if first is None:
            table[key] = instr.result
            added.append(key)
        else:
            replaced[instr.result] = first
    return added


def _key(instr: Instr) -> _Key:
    """What is equal for instructions that compute the same."""
    op = instr.op
    if op is ops.CONST:
        assert instr.result is not None
        constant = literal(instr.result)
        assert constant is not None
        return op, *constant.key()
    operands: list[object] = [o if type(o) is Value else o.key() for o in instr.operands]
    if op.commutative:
        left, right = instr.operands
        if type(left) is not Value or (type(right) is Value and id(left) > id(right)):  # any order of values will do
            operands.reverse()
    elif op in _MIRRORED:
        op = _MIRRORED[op]
        operands.reverse()
    return op, instr.type, instr.imm, *operands


def _gives_the_same(instr: Instr) -> bool:
    """Whether it calls an `extern pure` on scalars: what it gives depends on them alone."""
    callee = pure_callee(instr) if instr.op is ops.CALL else None
    return callee is not None and all(isinstance(p.type, ScalarType) for p in callee.params)
