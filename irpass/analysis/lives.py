"""Until where in its block the memory of each allocation site may still be touched, through whatever name.

A site is a `make` or `new`, or the `derive` that one has become. It is dead from the last instruction of its block that
may read or write it, or compare its address; at the latest from its own `free` or release: whoever touches it behind
that traps anyway. It is never dead where something outside the block may touch it later: a caller, code that keeps it,
a block that is reached from here; in a loop, also a name in this block that may be of an earlier round (a block
parameter, a loaded slice).

Touches through the site's own name and its parts count for that site alone, others for the class of what they may name.
One sweep over the function; then each site costs what its own uses do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

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


@dataclass(slots=True)
class _Touches:
    """Where something is touched: by block its last place there, and the last such block in the order of the CFG.

    `elsewhen` has the blocks where that is by a name that may be of an earlier round of a loop.
    """

    last: dict[Block, int] = field(default_factory=dict)
    elsewhen: set[Block] = field(default_factory=set)
    furthest: int = -1


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

    def last_touches(self, block: Block) -> dict[Instr, int]:
        """The last place in the block where each of its sites may be touched; those that live on are left out."""
        found: dict[Instr, int] = {}
        ends = {i: place for place, i in enumerate(block.instrs) if i.op in _ENDS}
        for place, instr in enumerate(block.instrs):
            if instr.op in _SITES:
                last = self._last(instr, block, place)
                own = instr.result.uses if instr.result is not None else ()
                places = [*(ends[u] for u in own if u in ends), *([last] if last is not None else [])]
                if places:
                    found[instr] = min(places)
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
            touches = self._touches[what] = _Touches()
        touches.last[block] = place
        touches.furthest = self._graph.index[block]
        if not is_current:
            touches.elsewhen.add(block)

    def _last(self, site: Instr, block: Block, place: int) -> int | None:
        """The last place of the site's block that may touch it; None where something may later."""
        if not self._graph.is_reachable(block):
            return None
        value = site.result
        if value is None:
            return place
        if self._points_to.flags(value) & (OUTER | CAPTURED | FOREIGN):
            return None
        is_repeated = self._in_loops.is_in_cycle(block)
        for what in (site, self._points_to.class_of(value)):
            touches = self._touches.get(what)
            if touches is None:
                continue
            # Blocks that stand before one that is on no cycle cannot be reached from it.
            if touches.furthest > self._graph.index[block]:
                return None
            if is_repeated and (len(touches.last) > (block in touches.last) or block in touches.elsewhen):
                return None
            place = max(place, touches.last.get(block, place))
        return place
