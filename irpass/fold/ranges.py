"""How large an integer can be, by how it is computed and by the comparisons that its block is reached through.

Only upper bounds: a length that is too small or negative traps, and takes no bytes in a sum of extents.
"""

from __future__ import annotations

from irpass.analysis.cfg import Cfg
from irpass.analysis.dominators import DominatorTree
from irpass.ir import ops
from irpass.ir.core import Block, Instr, Literal, Operand, Value
from irpass.ir.types import ScalarType

_MOST_STEPS = 32  # definitions and dominating blocks that are looked at: enough for what people write


def most(operand: Operand, at: Block, graph: Cfg, tree: DominatorTree) -> int | None:
    """An upper bound of an integer operand in block `at`; None where none is found."""
    bounds = [_by_definition(operand), _by_comparison(operand, at, graph, tree)]
    known = [b for b in bounds if b is not None]
    return min(known, default=None)


def most_computed(operand: Operand) -> int | None:
    """An upper bound of an integer that is at least 0, by the masks and the unsigned types that it comes from."""
    for _ in range(_MOST_STEPS):
        made_by = operand.definition if isinstance(operand, Value) else None
        last = made_by.operands[-1] if made_by is not None and made_by.operands else None
        if made_by is not None and made_by.op is ops.AND and isinstance(last, Literal) and isinstance(last.value, int):
            return last.value if last.value >= 0 else None
        if made_by is None or made_by.op is not ops.CONV:
            break
        source = made_by.operands[0].type
        if not isinstance(source, ScalarType) or source.kind != "int" or not _widens(source, made_by):
            return None
        operand = made_by.operands[0]
    t = operand.type
    return t.hi if isinstance(t, ScalarType) and t.kind == "int" and not t.signed else None


def _widens(source: ScalarType, conv: Instr) -> bool:
    return conv.result is not None and isinstance(conv.result.type, ScalarType) and source.hi <= conv.result.type.hi


def _by_definition(operand: Operand) -> int | None:
    """What the instructions that compute it allow, whatever their inputs."""
    for _ in range(_MOST_STEPS):
        if isinstance(operand, Literal):
            return operand.value if isinstance(operand.value, int) else None
        if not isinstance(operand.type, ScalarType):
            return None
        made_by = operand.definition
        bound = _one_step(made_by, operand.type) if made_by is not None else None
        if bound is None:
            return operand.type.hi
        if isinstance(bound, int):
            return bound
        operand = bound
    return None


def _one_step(instr: Instr, t: ScalarType) -> int | Operand | None:
    """A bound of the result, or an operand that bounds it; None where there is neither."""
    last = instr.operands[-1] if instr.operands else None
    literal = last.value if isinstance(last, Literal) and isinstance(last.value, int) else None
    if instr.op is ops.CONST and isinstance(instr.imm, int):
        return instr.imm
    if instr.op is ops.AND and literal is not None and literal >= 0:
        return literal
    if instr.op is ops.REM and literal is not None and literal != 0:
        return abs(literal) - 1
    if instr.op is ops.SHR and literal is not None and literal >= 0:
        return t.hi >> min(literal, t.bits)
    if instr.op is ops.CONV:
        source = instr.operands[0].type
        if isinstance(source, ScalarType) and source.kind == "int" and source.hi <= t.hi:
            return instr.operands[0] if source.signed == t.signed or not source.signed else None
    return None


def _by_comparison(operand: Operand, at: Block, graph: Cfg, tree: DominatorTree) -> int | None:
    """What the branches allow that every way to `at` takes."""
    bounds = []
    block: Block | None = at
    for _ in range(_MOST_STEPS):
        if block is None or not graph.is_reachable(block):
            break
        before = graph.predecessors[block]
        if len(before) == 1:
            bound = _by_branch(operand, before[0], block)
            if bound is not None:
                bounds.append(bound)
        block = tree.idom.get(block)
    return min(bounds, default=None)


def _by_branch(operand: Operand, source: Block, target: Block) -> int | None:
    last = source.terminator
    if last is None or last.op is not ops.BR_IF or last.targets[0].block is last.targets[1].block:
        return None
    condition = last.operands[0]
    compare = condition.definition if isinstance(condition, Value) else None
    if compare is None or compare.op not in _OPPOSITE:
        return None
    op = compare.op if last.targets[0].block is target else _OPPOSITE[compare.op]
    left, right = compare.operands
    if right is operand:
        left, right, op = right, left, _MIRRORED[op]
    if left is not operand or not isinstance(right, Literal) or not isinstance(right.value, int):
        return None
    if op is ops.LT:
        return right.value - 1
    return right.value if op in (ops.LE, ops.EQ) else None


_OPPOSITE = {ops.LT: ops.GE, ops.GE: ops.LT, ops.LE: ops.GT, ops.GT: ops.LE, ops.EQ: ops.NE, ops.NE: ops.EQ}
_MIRRORED = {ops.LT: ops.GT, ops.GT: ops.LT, ops.LE: ops.GE, ops.GE: ops.LE, ops.EQ: ops.EQ, ops.NE: ops.NE}
