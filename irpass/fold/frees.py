"""Where the frees of a group's members go: each becomes a release, or those of each way become one `shared.free`.

A release stands where the free stood, so every trap stays where it was. One `shared.free` in the place of the last free
of a way delays the earlier ones. That is right only where nothing between could use or free those members; where
nothing between asks for memory, if the arena may be nil (its members may be huge, and would be held beside what is
new); and where each way on from the sites comes by a free of every member, once, or by none (a second free traps where
it stands).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from irpass.analysis.alias_classes import CAPTURED, FOREIGN, OUTER
from irpass.analysis.call_graph import is_pure_call
from irpass.analysis.loops import Loops
from irpass.analysis.points_to import PointsTo
from irpass.ir import ops
from irpass.ir.core import Block, Instr, Value
from irpass.ir.ops import Effects

_ALLOCATES = frozenset(op for op in ops.ALL if op.effects & Effects.ALLOCATES)
_MOST_BLOCKS = 500  # that are looked through for the frees of a site


@dataclass(frozen=True, slots=True)
class FreePlan:
    """`releases` become `shared.release`; each of `ends` becomes a `shared.free` of all, and `dropped` go."""

    releases: tuple[Instr, ...] = ()
    dropped: tuple[Instr, ...] = ()
    ends: tuple[Instr, ...] = ()


Positions = dict[Block, dict[Instr, int]]  # of the frees of each block that was asked for


def plan_frees(
    members: Sequence[Instr], may_be_nil: bool, points_to: PointsTo, in_loops: Loops, positions: Positions
) -> FreePlan:
    """What becomes of the frees of these sites. `positions` is kept from one group to the next."""
    frees = [[i for i in m.result.uses if i.op is ops.FREE] if m.result is not None else [] for m in members]
    every = [f for of_one in frees for f in of_one]
    if every and all(frees):
        home = members[0].block
        assert home is not None
        ends = _Ways(home, frees, may_be_nil, points_to, in_loops, positions).ends()
        if ends is not None:
            return FreePlan(dropped=tuple(f for f in every if not ends[f]), ends=tuple(f for f in every if ends[f]))
    return FreePlan(releases=tuple(every))


class _Ways:
    """The ways on from a group's block, with the members that each has freed so far as bits."""

    def __init__(
        self, home: Block, frees: list[list[Instr]], may_be_nil: bool, points_to: PointsTo, in_loops: Loops,
        positions: Positions,
    ) -> None:  # fmt: skip
        self._home = home
        self._may_be_nil = may_be_nil
        self._bits = {free: 1 << n for n, of_one in enumerate(frees) for free in of_one}
        self._all = (1 << len(frees)) - 1
        self._points_to = points_to
        self._blocks: dict[Block, list[tuple[int, Instr]]] = {}
        self._is_end: dict[Instr, bool] = {}
        for free in self._bits:
            block = free.block
            assert block is not None
            if block not in positions:
                positions[block] = {f: i for i, f in enumerate(block.instrs) if f.op is ops.FREE}
            self._blocks.setdefault(block, []).append((positions[block][free], free))
        for found in self._blocks.values():
            found.sort(key=lambda place: place[0])
        only = next(iter(self._blocks)) if len(self._blocks) == 1 else None
        self._runs_once = only is not None and (only is home or in_loops.same_loop(home, only))
        self._only = only

    def ends(self) -> dict[Instr, bool] | None:
        """For each free whether it is the last on its ways; None where not every way frees all members or none."""
        if self._runs_once and self._only is not None:
            return self._is_end if self._through(self._only, 0) is not None else None
        work, seen = [(self._home, 0)], set[tuple[Block, int]]()
        while work:
            block, freed = work.pop()
            if (block, freed) in seen:
                continue
            if len(seen) == _MOST_BLOCKS:
                return None
            seen.add((block, freed))
            after = self._through(block, freed)
            if after is None:
                return None
            for s in block.successors():
                if s is not self._home:
                    work.append((s, after))
                elif self._is_pending(after):
                    return None
        return self._is_end if len(self._is_end) == len(self._bits) else None

    def _is_pending(self, freed: int) -> bool:
        return 0 < freed < self._all

    def _through(self, block: Block, freed: int) -> int | None:
        """What is freed after `block`; None where that cannot be put off."""
        at = 0
        ended: set[object] = set()  # their classes
        is_held = False  # code elsewhere may hold one
        for free, bit in self._bits.items() if freed else ():
            if freed & bit:
                is_held |= self._end(free, ended)
        for place, free in self._blocks.get(block, ()):
            if self._is_pending(freed) and self._notices(block.instrs[at:place], ended, is_held):
                return None
            if freed & self._bits[free]:
                return None
            freed |= self._bits[free]
            is_held |= self._end(free, ended)
            if self._is_end.setdefault(free, freed == self._all) != (freed == self._all):
                return None
            at = place + 1
        left = block.instrs[at:]
        if self._is_pending(freed) and (self._notices(left, ended, is_held) or block.instrs[-1].op is ops.RET):
            return None
        return freed

    def _end(self, free: Instr, ended: set[object]) -> bool:
        """Note what is freed; says whether code elsewhere may hold it."""
        value = free.operands[0]
        if not isinstance(value, Value):
            return False
        ended.add(self._points_to.class_of(value))
        return bool(self._points_to.flags(value) & (CAPTURED | OUTER | FOREIGN))

    def _notices(self, instrs: Sequence[Instr], ended: set[object], is_held: bool) -> bool:
        """Whether one of `instrs` could use or free what has `ended`, or ask for memory that it may still hold."""
        points_to = self._points_to
        for instr in instrs:
            if instr.op is ops.CALL and is_held:
                return True
            if self._may_be_nil and (instr.op in _ALLOCATES or (instr.op is ops.CALL and not is_pure_call(instr))):
                return True
            for operand in instr.inputs():
                if not isinstance(operand, Value) or not points_to.knows(operand):
                    continue
                if points_to.reaches(operand, ended):
                    return True
                if is_held and points_to.flags(operand) & FOREIGN:
                    return True  # code outside may have given back what it was given
        return False


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
