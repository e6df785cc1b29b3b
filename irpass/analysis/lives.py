"""Until when the memory of each allocation site may still be touched, through whatever name.

A site is a `make` or `new`, or the `derive` that one has become. It is dead from the last instruction that may read or
write it, or compare its address; at the latest from a `free` or release of its own in its block: whoever touches it
behind that traps anyway. Places are compared in reverse postorder, where no way leads back but round a cycle. So a site
in a block that is on one dies in that block or not at all: never if something outside the block touches it, or a name
in the block that may be of an earlier round (a block parameter, a loaded slice). What callers may reach, or code that
keeps it, never dies either.

Touches through the site's own name and its parts count for that site alone, others for the class of what they may name.
One sweep over the function; then each site costs what its own uses do.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import NamedTuple

from irpass.analysis.alias_classes import CAPTURED, FOREIGN, OUTER
from irpass.analysis.cfg import Cfg
from irpass.analysis.loops import Loops
from irpass.analysis.points_to import PointsTo
from irpass.ir import ops
from irpass.ir.core import Block, Func, Instr, Literal, Value

_SITES = frozenset({ops.MAKE, ops.NEW, ops.DERIVE})
_ENDS = frozenset({ops.FREE, ops.SHARED_RELEASE})
_FIRST = frozenset({ops.LOAD, ops.STORE, ops.CLEAR, ops.APPEND})  # touch memory through their first operand
_EVERY = frozenset({ops.PRINT, ops.EXTEND, ops.COPY, ops.CALL})  # through all that they name
_COMPARES = frozenset({ops.EQ, ops.NE})
_PARTS = frozenset({ops.SLICE, ops.ELEM, ops.FIELD})
_SAME_ROUND = _PARTS | {ops.APPEND, ops.EXTEND, ops.SELECT}


class Moment(NamedTuple):
    """A place in a block; `block` is the block's in reverse postorder."""

    block: int
    place: int


@dataclass(slots=True)
class _Touches:
    """When something is touched: `last` of all; the `blocks` where it is, and where it is by a name that may be of an
    earlier round of a loop.
    """

    last: Moment
    blocks: set[Block] = field(default_factory=set)
    elsewhen: set[Block] = field(default_factory=set)


class Lives:
    """The answers for one function, which must stay as it is."""

    def __init__(self, func: Func, points_to: PointsTo, graph: Cfg, in_loops: Loops) -> None:
        self._points_to = points_to
        self._graph = graph
        self._in_loops = in_loops
        self._touches: dict[object, _Touches] = {}  # by site, or by class
        self._site_of: dict[Value, Instr] = {}  # of names that are surely of one site
        self._is_current: set[Value] = set()  # names that no block parameter and no load had a part in
        for block in graph.order:
            for place, instr in enumerate(block.instrs):
                self._note_names(instr)
                for what, is_current in self._touched(instr):
                    self._note(what, block, place, is_current)

    def last_touches(self, block: Block) -> dict[Instr, Moment]:
        """When each site of the block may be touched for the last time; those that never die are left out."""
        found: dict[Instr, Moment] = {}
        if not self._graph.is_reachable(block):
            return found
        own = self._graph.index[block]
        ends = {i: Moment(own, place) for place, i in enumerate(block.instrs) if i.op in _ENDS}
        for place, instr in enumerate(block.instrs):
            if instr.op in _SITES:
                last = self._last(instr, block, Moment(own, place))
                uses = instr.result.uses if instr.result is not None else ()
                moments = [*(ends[u] for u in uses if u in ends), *([last] if last is not None else [])]
                if moments:
                    found[instr] = min(moments)
        return found

    def last_positions(self, blocks: Sequence[Block]) -> dict[Instr, int]:
        """The same for the sites of several blocks, each of which dominates the next, as positions: their instructions
        are counted one block after the other. What is touched between two of the blocks is so until the first ends.
        """
        order = [self._graph.index.get(block, -1) for block in blocks]
        starts = [0, *accumulate(len(block.instrs) for block in blocks)]
        found: dict[Instr, int] = {}
        for block in blocks:
            for site, last in self.last_touches(block).items():
                at = bisect_right(order, last.block) - 1
                found[site] = starts[at] + last.place if order[at] == last.block else starts[at + 1] - 1
        return found

    # ---- names

    def _note_names(self, instr: Instr) -> None:
        value = instr.result
        if value is None or not self._points_to.knows(value):
            return
        if instr.op in _SITES:
            self._site_of[value] = instr
            self._is_current.add(value)
        elif instr.op in _SAME_ROUND:
            named = [o for o in instr.operands if isinstance(o, Value) and self._points_to.knows(o)]
            if instr.op in (ops.APPEND, ops.EXTEND):
                del named[1:]
            if all(o in self._is_current for o in named):
                self._is_current.add(value)
            if instr.op in _PARTS and named and named[0] in self._site_of:
                self._site_of[value] = self._site_of[named[0]]

    # ---- touches

    def _touched(self, instr: Instr) -> Iterator[tuple[object, bool]]:
        """Sites and classes that the instruction may touch; of each, whether surely in this round of every loop."""
        if instr.op not in _FIRST and instr.op not in _EVERY and instr.op not in _COMPARES:
            return
        if instr.op in _COMPARES and any(isinstance(o, Literal) for o in instr.operands):
            return  # nil equals no memory
        for operand in instr.operands[:1] if instr.op in _FIRST else instr.operands:
            if isinstance(operand, Value) and self._points_to.knows(operand):
                site = self._site_of.get(operand)
                yield site if site is not None else self._points_to.class_of(operand), operand in self._is_current
                if instr.op is ops.CALL:
                    for held in self._points_to.classes_within(operand):
                        yield held, False

    def _note(self, what: object, block: Block, place: int, is_current: bool) -> None:
        touches = self._touches.get(what)
        if touches is None:
            touches = self._touches[what] = _Touches(Moment(-1, -1))
        touches.last = Moment(self._graph.index[block], place)
        touches.blocks.add(block)
        if not is_current:
            touches.elsewhen.add(block)

    def _last(self, site: Instr, block: Block, made: Moment) -> Moment | None:
        """The last touch of a site that is `made` in `block`; None where it never dies."""
        value, last = site.result, made
        if value is None:
            return last
        if self._points_to.flags(value) & (OUTER | CAPTURED | FOREIGN):
            return None
        is_repeated = self._in_loops.is_in_cycle(block)
        for what in (site, self._points_to.class_of(value)):
            touches = self._touches.get(what)
            if touches is None:
                continue
            if is_repeated and (len(touches.blocks) > (block in touches.blocks) or block in touches.elsewhen):
                return None
            last = max(last, touches.last)
        return last
