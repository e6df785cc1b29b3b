"""What nobody uses goes: computations, allocations, block parameters, also where they use each other in a circle.

Needs: a verified module. Keeps: every effect, and every trap but `out of memory`. Leaves to others: blocks
(`simplify-cfg`), stores into memory that nobody reads.

Before:
    func @f(%n: i64, %d: i64) -> i64 {
    entry:
      %a = make []i64, 8
      %b = make []i64, %n
      %q = add %n, 1
      %r = div %n, %d
      ret %n
    }

After:
    func @f(%n: i64, %d: i64) -> i64 {
    entry:
      %b = make []i64, %n
      %r = div %n, %d
      ret %n
    }

Marks what is needed from what must happen, and sweeps the rest, so that circles through loops go too. An allocation
goes with the `free` in its block that is its only use. A `make` of unknown length may trap, and stays; so does a load,
but for one from a fresh, zeroed allocation of the same block; so does a `derive` that shares bytes with another one,
because it ends that one. A call of an `extern pure` goes: that it returns and does nothing else is what `pure` says.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from irpass.analysis.call_graph import is_pure_call
from irpass.ir import edit, ops
from irpass.ir.constants import integer
from irpass.ir.core import ArenaSpec, Block, Func, Instr, Literal, Operand, Target, Value
from irpass.ir.layout import Layouts
from irpass.ir.ops import Effects
from irpass.ir.types import PointerType, ScalarType, SliceType
from irpass.passes.base import Context, FunctionPass
from irpass.passes.facts import cannot_trap, length, size_bytes

_HOISTABLE = frozenset(op for op in ops.ALL if op.hoistable)
_IF_TRAP_FREE = frozenset(op for op in ops.ALL if op.is_pure and not op.hoistable) | {
    ops.MAKE,
    ops.NEW,
    ops.SHARED_ALLOC,
}
_FRESH = (ops.MAKE, ops.NEW)
_HARMLESS_EFFECTS = Effects.READS | Effects.ALLOCATES | Effects.PRINTS  # they end no allocation and write nothing


@dataclass(frozen=True)
class Dce(FunctionPass):
    """Remove what nobody uses and nobody would miss."""

    name: ClassVar[str] = "dce"
    summary: ClassVar[str] = "remove what nobody uses: computations, allocations, block parameters"

    def run(self, func: Func, context: Context) -> bool:
        has_frees = any(i.op is ops.FREE for i in func.instrs())
        changed = False
        while _sweep(func, context):
            changed = True
            if not has_frees:  # one sweep finds all; but that a `free` is the only use left shows only after it
                break
        return changed


def _sweep(func: Func, context: Context) -> bool:
    removable = _removable(func, context.layouts)
    needed = _Needed(func)
    needed.mark(i for i in func.instrs() if i not in removable)
    dead = [i for i in removable if i.result is None or i.result not in needed.values]
    # A parameter that is read only by what goes, or passed on only to others that go.
    params = {
        block: {n for n, p in enumerate(block.params) if p not in needed.values}
        for block in func.blocks
        if block.params and any(p not in needed.values for p in block.params)
    }
    if dead:
        edit.remove(dead)
        context.count(func, "dce.removed", len(dead))
    if params:
        edit.remove_all_params(func, params, [b.instrs[-1] for b in func.blocks])
        context.count(func, "dce.params", sum(map(len, params.values())))
    return bool(dead or params)


class _Needed:
    """The values that what must happen needs, found from the end backwards."""

    def __init__(self, func: Func) -> None:
        self.values: set[Value] = set()
        self._position: dict[Value, int] = {}
        self._edges: dict[Block, list[Target]] = {}
        for block in func.blocks:
            for n, param in enumerate(block.params):
                self._position[param] = n
            for target in block.instrs[-1].targets:
                if target.args:
                    self._edges.setdefault(target.block, []).append(target)

    def mark(self, roots: Iterable[Instr]) -> None:
        """Mark all that `roots` read, but not what they pass to blocks: that is needed where a parameter is."""
        needed = self.values
        work: list[Value] = []

        def need(operands: Iterable[Operand]) -> None:
            for o in operands:
                if type(o) is Value and o not in needed:
                    needed.add(o)
                    work.append(o)

        for root in roots:
            need(root.operands)
        while work:
            value = work.pop()
            owner = value.owner
            if type(owner) is Instr:
                need(owner.operands)
            elif type(owner) is Block:
                n = self._position[value]
                need(target.args[n] for target in self._edges.get(owner, ()))


def _removable(func: Func, layouts: Layouts) -> dict[Instr, None]:
    """The instructions that may go if nobody uses their results, in order."""
    found: dict[Instr, None] = {}
    idle = _idle_derives(func, layouts)
    for block in func.blocks:
        fresh: dict[Value, None] = {}  # allocations of this block that nothing has ended or spoilt since
        for instr in block.instrs:
            op = instr.op
            if op in _HOISTABLE or (op in _IF_TRAP_FREE and cannot_trap(instr, layouts)):
                found[instr] = None
                if op in _FRESH and instr.result is not None and instr.flag is None:
                    fresh[instr.result] = None
            elif op is ops.DERIVE:
                if instr in idle:
                    found[instr] = None
            elif op is ops.LOAD:
                if _reads_fresh(instr, fresh):
                    found[instr] = None
            elif op is ops.CALL:
                if is_pure_call(instr):
                    found[instr] = None
                else:
                    fresh.clear()
            elif op is ops.FREE and _frees_unused(instr, found):
                found[instr] = None
            elif not _keeps_fresh(instr):
                fresh.clear()
    return found


def _keeps_fresh(instr: Instr) -> bool:
    """Whether it ends no allocation, and writes nothing that may be unwritten: structs and copies may carry that."""
    if instr.op is ops.STORE:
        return isinstance(instr.operands[-1].type, ScalarType)
    return not instr.op.effects & ~_HARMLESS_EFFECTS


def _reads_fresh(load: Instr, fresh: dict[Value, None]) -> bool:
    """Whether it surely reads what is there: from one of the `fresh` allocations, and within it."""
    base = load.operands[0]
    if base not in fresh:
        return False
    if len(load.operands) == 1:
        return True
    count = length(base)
    at, known = integer(load.operands[1]), integer(count) if count is not None else None
    return at is not None and known is not None and 0 <= at < known


def _frees_unused(free: Instr, removable: dict[Instr, None]) -> bool:
    """Whether it ends an allocation of its own block that may go, and that nothing else ever reads."""
    base = free.operands[0]
    if type(base) is Literal:
        return base.value is None
    owner = base.owner
    return (
        type(owner) is Instr
        and owner.op in _FRESH
        and owner in removable
        and owner.block is free.block
        and base.uses == {free: 1}
    )


def _idle_derives(func: Func, layouts: Layouts) -> set[Instr]:
    """The `derive`s that only give their result: in bounds of their arena, and over no bytes of another member."""
    members: dict[Value, list[Instr]] = {}
    for instr in func.instrs():
        if instr.op is ops.DERIVE:
            arena = instr.operands[0]
            assert isinstance(arena, Value)
            members.setdefault(arena, []).append(instr)
    idle: set[Instr] = set()
    for arena, derives in members.items():
        idle.update(_idle_members(arena, derives, layouts))
    return idle


def _idle_members(arena: Value, derives: list[Instr], layouts: Layouts) -> list[Instr]:
    alloc = arena.definition
    total = integer(alloc.operands[0]) if alloc is not None and isinstance(alloc.imm, ArenaSpec) else None
    if total is None or any(user.op is not ops.DERIVE for user in arena.uses):
        return []  # an arena that has ended traps
    regions: list[tuple[int, int, int]] = []
    for derive in derives:
        region = _region(derive, layouts)
        if region is None:
            return []
        regions.append((*region, len(regions)))
    regions.sort()
    idle, end_before = [], 0
    for k, (start, end, n) in enumerate(regions):
        following = regions[k + 1][0] if k + 1 < len(regions) else total
        if end_before <= start and end <= min(following, total) and cannot_trap(derives[n], layouts):
            idle.append(derives[n])
        end_before = max(end_before, end)
    return idle


def _region(derive: Instr, layouts: Layouts) -> tuple[int, int] | None:
    """The first byte of the member and the one after its last; None where they are not known."""
    t, offset = derive.type, integer(derive.operands[1])
    cap = integer(derive.operands[-1]) if isinstance(t, SliceType) else 1
    size = size_bytes(t.elem, layouts) if isinstance(t, SliceType | PointerType) else None
    if offset is None or cap is None or size is None or offset < 0 or cap < 0:
        return None
    return offset, offset + cap * size
