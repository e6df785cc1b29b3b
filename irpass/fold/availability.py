"""From which position of its block a value can be known, and what holds it back.

A value is known in front of an instruction if its definition stands before, or can be moved there with all that it
needs: pure code that cannot trap, `len` and `cap` of an allocation (they are its operands), and loads that nothing in
between could change or be seen before.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

from irpass.analysis.alias_classes import (
    CAPTURED,
    FOREIGN,
    FREED,
    FREED_BY_CALL,
    FREED_BY_CALLER,
    FREED_OWN,
    KEPT,
    OUTER,
    WRITTEN,
)
from irpass.analysis.call_graph import is_pure_call
from irpass.analysis.effects import is_hoistable
from irpass.analysis.points_to import PointsTo
from irpass.fold.regions import Region
from irpass.ir import ops
from irpass.ir.constants import integer
from irpass.ir.core import Block, Instr, Operand, Value
from irpass.ir.layout import MAX_BYTES, Layouts
from irpass.ir.semantics import binary
from irpass.ir.types import PointerType, SliceType

_ANY_FREED = FREED | FREED_OWN | FREED_BY_CALL | FREED_BY_CALLER


_FOLDED = frozenset({ops.ADD, ops.SUB, ops.MUL, ops.AND, ops.OR, ops.XOR})
_MOST_STEPS = 64  # of computing a length; what takes more is left to `canonicalize`


@dataclass(frozen=True, slots=True)
class Known:
    """The first position where a value can be known, and what decides it: `held_by` cannot move further up.

    `obstacle` is what `held_by` cannot pass, None where it cannot move at all; all are None at the top of the block.
    """

    position: int = 0
    held_by: Instr | None = None
    obstacle: Instr | None = None


def known_length(operand: Operand) -> int | None:
    """The integer that an operand always is: a literal, a `const`, the length of an allocation made with one, or plain
    arithmetic on such; None for others."""
    origin = origin_of_length(operand)
    plain = integer(origin)
    made_by = origin.definition if isinstance(origin, Value) else None
    if plain is not None or made_by is None or made_by.op not in _FOLDED:
        return plain
    known: dict[Instr, int] = {}
    work, steps = [made_by], 0
    while work and steps < _MOST_STEPS:
        steps += 1
        instr = work[-1]
        origins = [origin_of_length(o) for o in instr.operands]
        inner = [o.definition for o in origins if isinstance(o, Value) and integer(o) is None]
        waiting = [i for i in inner if i is not None and i not in known]
        if any(i is None or i.op not in _FOLDED for i in inner):
            return None
        if waiting:
            work += waiting
            continue
        numbers = [n if (n := integer(o)) is not None else _result(o, known) for o in origins]
        result = binary(instr.op, instr.operands[0].type)(*numbers)
        known[work.pop()] = int(result)
    return known.get(made_by)


def _result(operand: Operand, known: dict[Instr, int]) -> int:
    assert isinstance(operand, Value) and operand.definition is not None
    return known[operand.definition]


def origin_of_length(operand: Operand) -> Operand:
    """What the `len` or `cap` of an allocation comes down to, the same number; anything else is its own origin."""
    for _ in range(_MOST_STEPS):
        made_by = operand.definition if isinstance(operand, Value) else None
        source = source_of_length(made_by) if made_by is not None else None
        if source is None:
            break
        operand = source
    return operand


def source_of_length(instr: Instr) -> Operand | None:
    """For `len` and `cap` of a `make` that is in sight, or of what became of it: its own operand, the same number."""
    if instr.op not in (ops.LEN, ops.CAP) or not isinstance(instr.operands[0], Value):
        return None
    made_by = instr.operands[0].definition
    if made_by is not None and made_by.op is ops.MAKE:
        return made_by.operands[0 if instr.op is ops.LEN else -1]
    if made_by is not None and made_by.op is ops.DERIVE:
        return made_by.operands[2 if instr.op is ops.LEN else -1]
    return None


class Availability:
    """The answers for one region, computed in one sweep over it."""

    def __init__(self, region: Region, points_to: PointsTo, layouts: Layouts) -> None:
        self._region = region
        self._points_to = points_to
        self._layouts = layouts
        self._known: dict[Instr, Known] = {}
        self._boundary = Known()
        last_seen = Known()  # nothing that may trap or be seen stands at or after this position
        last_write: dict[object, Known] = {}
        last_call = Known()
        boundaries = set(region.starts[1:])
        for position, instr in enumerate(region.instrs):
            here = Known(position + 1, instr)
            if position in boundaries:  # what ran since the block before is not looked at
                last_seen = last_call = self._boundary = Known(position)
            if is_hoistable(instr):
                self._known[instr] = self._hoistable(instr)
            elif instr.op is ops.LOAD:
                self._known[instr] = self._load(instr, last_seen, last_write, last_call)
            else:
                self._known[instr] = here
            if instr.op is ops.CALL and not is_pure_call(instr):
                last_call = here
            for written in _written(instr):
                last_write[points_to.class_of(written)] = here
                if points_to.flags(written) & (CAPTURED | FOREIGN):  # what came from outside may be what went there
                    last_call = here
            if not self._is_silent(instr):
                last_seen = here

    def of(self, operand: Operand) -> Known:
        """From where in the region `operand` can be known."""
        if not isinstance(operand, Value):
            return Known()
        made_by = operand.definition
        if made_by is not None and made_by in self._known:
            return self._known[made_by]
        return Known(self._entered(operand)) if self._region.tree is not None else Known()

    def _entered(self, value: Value) -> int:
        """Where the first block of a chain begins in which a value from outside the region is known."""
        tree, blocks = self._region.tree, self._region.blocks
        home = value.owner.block if isinstance(value.owner, Instr) else value.owner
        if not isinstance(home, Block) or tree is None:
            return 0
        first = bisect_left(blocks, True, key=lambda block: tree.dominates(home, block))
        return self._region.starts[first] if first < len(blocks) else len(self._region.instrs)

    def _hoistable(self, instr: Instr) -> Known:
        source = source_of_length(instr)
        if source is not None:
            return self.of(source)
        return max((self.of(o) for o in instr.operands), key=lambda k: k.position, default=Known())

    def _load(self, load: Instr, last_seen: Known, last_write: dict[object, Known], last_call: Known) -> Known:
        operands = [self.of(o) for o in load.operands]
        bounds = [self._boundary]
        base = load.operands[0]
        if isinstance(base, Value):
            bounds.append(last_write.get(self._points_to.class_of(base), Known()))
            if self._points_to.flags(base) & (CAPTURED | OUTER | FOREIGN | WRITTEN):
                bounds.append(last_call)
        if not self._cannot_trap(load):
            bounds.append(last_seen)
        barred = max(bounds, key=lambda k: k.position, default=Known())
        needed = max(operands, key=lambda k: k.position)
        return Known(barred.position, load, barred.held_by) if barred.position > needed.position else needed

    def _cannot_trap(self, access: Instr) -> bool:
        """Whether a load or store goes to an element of a fresh, written allocation that is never freed."""
        base = access.operands[0]
        made_by = base.definition if isinstance(base, Value) else None
        if made_by is None or not isinstance(base, Value) or made_by.flag is not None:
            return False
        if self._may_be_freed(base) or made_by.op not in (ops.MAKE, ops.NEW):
            return False
        if made_by.op is ops.NEW:
            return True
        length, index = known_length(made_by.operands[0]), known_length(access.operands[1])
        return length is not None and index is not None and 0 <= index < length

    def _may_be_freed(self, value: Value) -> bool:
        flags = self._points_to.flags(value)
        outside = self._points_to.may_free_foreign or self._points_to.frees_captured is not None
        return bool(flags & _ANY_FREED) or bool(flags & KEPT and outside)

    def _is_silent(self, instr: Instr) -> bool:
        """Whether nobody could tell that the instruction has not run yet: it shows nothing and cannot trap."""
        if is_hoistable(instr) or instr.op is ops.NEW:
            return True
        if instr.op is ops.MAKE:
            return always_good(instr, self._layouts)
        return instr.op in (ops.LOAD, ops.STORE) and self._cannot_trap(instr)


def always_good(make: Instr, layouts: Layouts) -> bool:
    """Whether a `make` has a length and cap that are known and in range."""
    return verdict_on_lengths(make, layouts) is True


def verdict_on_lengths(make: Instr, layouts: Layouts) -> bool | None:
    """True: the lengths of a `make` are known and in range; False: they are known to trap; None: not known."""
    assert isinstance(make.type, SliceType)
    size = layouts.of(make.type.elem).size_bytes
    length, cap = known_length(make.operands[0]), known_length(make.operands[-1])
    for n in (length, cap):
        if n is not None and (n < 0 or n * size > MAX_BYTES):
            return False
    if length is None or cap is None:
        return None
    return length <= cap


def _written(instr: Instr) -> list[Value]:
    """The references through which an instruction, other than a call, writes or ends memory."""
    if instr.op in (ops.STORE, ops.APPEND, ops.EXTEND, ops.COPY, ops.CLEAR):
        first = instr.operands[0]
        return [first] if isinstance(first, Value) else []
    if instr.op in (ops.FREE, ops.SHARED_RELEASE, ops.SHARED_FREE):
        return [o for o in instr.operands if isinstance(o, Value) and isinstance(o.type, SliceType | PointerType)]
    return []
