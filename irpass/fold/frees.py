"""Where the frees of a group's members go: each becomes a release, or all of a block become one `shared.free`.

A release stands where the free stood, so every trap stays where it was. One `shared.free` in the place of the last free
delays the earlier ones, which is right only where nothing between could use or free those members, where the arena
cannot be nil (its members might be huge, and be held together for longer than they were), and where that block does not
run again for the same members (the first of the frees would trap then, not the last).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from irpass.analysis.alias_classes import CAPTURED, FOREIGN, OUTER
from irpass.analysis.loops import Loops
from irpass.analysis.points_to import PointsTo
from irpass.ir import ops
from irpass.ir.core import Block, Instr, Value

_MOST_BLOCKS = 500  # that are looked through for the frees of a site


@dataclass(frozen=True, slots=True)
class FreePlan:
    """`releases` become `shared.release`; where `last` is set, it becomes the `shared.free` of all and `dropped` go."""

    releases: tuple[Instr, ...] = ()
    dropped: tuple[Instr, ...] = ()
    last: Instr | None = None


Positions = dict[Block, dict[Instr, int]]  # of the frees of each block that was asked for


def plan_frees(
    members: Sequence[Instr], may_be_nil: bool, points_to: PointsTo, in_loops: Loops, positions: Positions
) -> FreePlan:
    """What becomes of the frees of these sites. `positions` is kept from one group to the next."""
    frees = [[i for i in m.result.uses if i.op is ops.FREE] if m.result is not None else [] for m in members]
    every = [f for of_one in frees for f in of_one]
    if not may_be_nil and every and all(len(of_one) == 1 for of_one in frees):
        blocks = {id(f.block): f.block for f in every}
        block = every[0].block
        home = members[0].block
        runs_once = block is not None and home is not None and (block is home or in_loops.same_loop(home, block))
        if len(blocks) == 1 and block is not None and runs_once:
            if block not in positions:
                positions[block] = {f: i for i, f in enumerate(block.instrs) if f.op is ops.FREE}
            ordered = sorted(every, key=positions[block].__getitem__)
            between = block.instrs[positions[block][ordered[0]] : positions[block][ordered[-1]] + 1]
            if _may_delay(between, ordered, points_to):
                return FreePlan(dropped=tuple(ordered[:-1]), last=ordered[-1])
    return FreePlan(releases=tuple(every))


def is_always_freed(site: Block, frees: frozenset[Block]) -> bool:
    """Whether every way on from a site in block `site` comes to one of these blocks before it returns or comes back.

    False also where that takes too long to see.
    """
    work, seen = [site], set[Block]()
    while work:
        block = work.pop()
        if block in frees or block in seen:
            continue
        if len(seen) == _MOST_BLOCKS or (block.instrs and block.instrs[-1].op is ops.RET):
            return False
        seen.add(block)
        work += block.successors()
        if site in block.successors() and site not in frees:
            return False
    return True


def _may_delay(instrs: Sequence[Instr], frees: list[Instr], points_to: PointsTo) -> bool:
    """Whether nothing in `instrs`, from the first to the last free, could use or free what was freed before it."""
    own = set(frees)
    ended: dict[object, bool] = {}  # class -> whether code elsewhere may hold it
    left = len(frees)
    for instr in instrs:
        if instr in own:
            value = instr.operands[0]
            assert isinstance(value, Value)
            held = points_to.flags(value) & (CAPTURED | OUTER | FOREIGN)
            ended[points_to.class_of(value)] = bool(held)
            left -= 1
            if left == 0:
                return True
        elif ended:
            if instr.op is ops.CALL and any(ended.values()):
                return False
            for operand in instr.inputs():
                if not isinstance(operand, Value) or not points_to.knows(operand):
                    continue
                if points_to.reaches(operand, ended):
                    return False
                if points_to.flags(operand) & FOREIGN and any(ended.values()):
                    return False  # code outside may have given back what it was given
    return True
