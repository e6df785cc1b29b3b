"""Rule C07: over what a load may move to an earlier place of its block; and which loads read the same.

What stands in AFTER is noted as the walk passes it, by what it may write to. The latest place of each is all that a
load needs to know, so that it costs the same however far it moved.
"""

from __future__ import annotations

from irpass.check.aliases import Aliases, Key
from irpass.check.model import Pairing
from irpass.ir import ops
from irpass.ir.core import Block, Instr, Literal, Operand, Value
from irpass.ir.layout import MAX_BYTES
from irpass.ir.types import BYTES, PointerType, SliceType, StructType, Type

_SITES = (ops.MAKE, ops.NEW, ops.DERIVE)
_WRITES = (ops.STORE, ops.COPY, ops.CLEAR, ops.APPEND, ops.EXTEND)
_At = tuple[int, Instr]  # an instruction with its place in the block


class _Latest:
    """The latest writes of one type: of a literal index or field, by base and for the two latest bases; and others."""

    __slots__ = ("bases", "others", "pieces")

    def __init__(self) -> None:
        self.others: _At | None = None
        self.pieces: dict[tuple[Operand, object], _At] = {}
        self.bases: dict[Operand, _At] = {}

    def note(self, at: _At, base: Operand | None, piece: object) -> None:
        if base is None or piece is None:
            self.others = at
            return
        self.pieces[base, piece] = at
        self.bases.pop(base, None)
        if len(self.bases) > 1:
            del self.bases[next(iter(self.bases))]
        self.bases[base] = at

    def that_may_change(self, base: Operand, piece: object) -> list[_At | None]:
        """The latest writes, without those of other pieces of `base` where `piece` is a literal one."""
        elsewhere = [at for b, at in self.bases.items() if b is not base or piece is None]
        return [self.others, self.pieces.get((base, piece)), *elsewhere]


class LoadMoves:
    """Answers for one pair of functions, about loads of the block that the walk is in."""

    def __init__(self, pairing: Pairing, aliases: Aliases) -> None:
        self._numbers = pairing.numbers
        self._places = pairing.places
        self._aliases = aliases
        self._unwritten: set[Instr] = set()
        self._first_ends: dict[Instr, dict[Block | None, int] | None] = {}
        self.enter_block()

    def enter_block(self) -> None:
        self._shown: _At | None = None  # the last that may trap, or that shows that no trap came before it
        self._writes: dict[Key, dict[Type | None, _Latest]] = {}
        self._frees: dict[Key, _At] = {}  # of BEFORE, which AFTER does not have there
        self._loaded: dict[tuple[object, ...], tuple[int, int]] = {}

    def note_unwritten(self, site: Instr) -> None:
        """Say that the memory of this site of AFTER may be read before it was written."""
        self._unwritten.add(site)

    def note(self, instr: Instr, at: int) -> None:
        """Say that BEFORE, too, has the instruction at place `at` of AFTER, or that it is new."""
        if self._shows(instr, at) and (self._shown is None or self._shown[0] < at):
            self._shown = at, instr
        if instr.op is ops.CALL:
            for key in self._aliases.call_keys(instr):
                self._latest(key, None).note((at, instr), None, None)
        elif instr.op in _WRITES and isinstance(instr.operands[0], Value):
            base, piece = instr.operands[0], _piece(instr) if instr.op is ops.STORE else None
            for key in self._aliases.write_keys(base):
                self._latest(key, _accessed(instr)).note((at, instr), base, piece)

    def note_free(self, site: Instr, free: Instr, at: int) -> None:
        """Say that BEFORE frees what `site` makes before what stands at place `at` of AFTER, which does not."""
        if site.result is not None:
            self._frees.update(dict.fromkeys(self._aliases.write_keys(site.result), (at, free)))

    def obstacle(self, load: Instr, at: int, now: int) -> str | None:
        """Why `load` may not stand at place `at`, before what was noted since, but at `now`; None where it may."""
        if self._shown is not None and self._shown[0] > at and not self._cannot_trap(load, now):
            return f"it may trap before {_words(self._shown)} does or is seen"
        change = self._last_change(load)
        if change is not None and change[0] > at:
            return f"{_words(change)} may change what it reads"
        base = load.operands[0]
        for key in self._aliases.read_keys(base) if isinstance(base, Value) else ():
            if key in self._frees and self._frees[key][0] > at:
                return "a free of before came first"
        return None

    def number(self, load: Instr, key: tuple[object, ...], at: int) -> int | None:
        """The number of what the load at place `at` gives: that of an earlier one of the same `key`, if it reads the
        same."""
        if load.result is None:
            return None
        known, change = self._loaded.get(key), self._last_change(load)
        if known is not None and (change is None or change[0] < known[0]):
            return known[1]
        number = self._numbers.fresh(load.result.type)
        self._loaded[key] = at, number
        return number

    def _latest(self, key: Key, accessed: Type | None) -> _Latest:
        return self._writes.setdefault(key, {}).setdefault(accessed, _Latest())

    def _last_change(self, load: Instr) -> _At | None:
        """The last write that was noted and that may be of what `load` reads."""
        base, piece, last = load.operands[0], _piece(load), None
        for key in self._aliases.read_keys(base) if isinstance(base, Value) else ():
            for written, latest in self._writes.get(key, {}).items():
                if written is None or _may_overlap(_accessed(load), written):
                    for at in latest.that_may_change(base, piece):
                        last = at if at is not None and (last is None or last[0] < at[0]) else last
        return last

    # ---- traps

    def is_inert(self, instr: Instr) -> bool:
        """Whether any load may move over it: it writes nothing that was there before, and cannot trap."""
        if instr.op in (ops.NEW, ops.SHARED_ALLOC) or not isinstance(instr.type, SliceType):
            return instr.op in _SITES or instr.op is ops.SHARED_ALLOC
        if instr.op not in (ops.MAKE, ops.DERIVE):
            return False
        numbers = self._numbers
        sizes = numbers.operands(numbers.after, instr.operands[2:] if instr.op is ops.DERIVE else instr.operands)
        length, cap = numbers.literal_value(sizes[0]), numbers.literal_value(sizes[-1])
        elem_bytes = numbers.layouts.of(instr.type.elem).size_bytes
        return length is not None and cap is not None and 0 <= length <= cap and cap * elem_bytes <= MAX_BYTES

    def _cannot_trap(self, access: Instr, at: int) -> bool:
        """Whether a load or store, up to place `at` of its block, is of memory that is surely there, and written."""
        base = access.operands[0]
        site = self._aliases.origin(base)
        if site is None or site in self._unwritten or not isinstance(base, Value):
            return False
        if site not in self._first_ends:
            self._first_ends[site] = self._ends_by_block(site)
        ends = self._first_ends[site]
        if ends is None or (ends and site.block is not access.block) or ends.get(access.block, at) < at:
            return False
        return isinstance(base.type, PointerType) or self._is_within(base, access)

    def _ends_by_block(self, site: Instr) -> dict[Block | None, int] | None:
        """The first place in each block that may end what `site` makes; None where other names may end it too."""
        ends = self._aliases.ends(site)
        if ends is None:
            return None
        found: dict[Block | None, int] = {}
        for end in ends:
            place = self._places[end]
            found[end.block] = min(place, found.get(end.block, place))
        return found

    def _is_within(self, base: Value, access: Instr) -> bool:
        numbers = self._numbers
        known = numbers.lengths.get(numbers.operand(numbers.after, base))
        length = numbers.literal_value(known) if known is not None else None
        index = numbers.literal_value(numbers.operand(numbers.after, access.operands[1]))
        return length is not None and index is not None and 0 <= index < length

    def _shows(self, other: Instr, at: int) -> bool:
        """Whether one could see that a trap came before `other`: it prints, calls, or traps itself."""
        if other.op in (ops.LOAD, ops.STORE):
            return not self._cannot_trap(other, at)
        return not self.is_inert(other)


def _piece(access: Instr) -> object:
    """The literal index or field that a load or store goes to; None where that is not known, or all of it."""
    if isinstance(access.operands[0].type, PointerType):
        return access.imm
    index = access.operands[1]
    return index.value if isinstance(index, Literal) else None


def _words(other: _At) -> str:
    line = other[1].line
    return f"this {other[1].op.name}" + (f" (line {line})" if line else "")


def _accessed(access: Instr) -> Type:
    """The type of what is read or written."""
    if access.op is ops.LOAD and access.result is not None:
        return access.result.type
    if access.op is ops.STORE:
        return access.operands[-1].type
    t = access.operands[0].type
    return t.elem if isinstance(t, SliceType | PointerType) else BYTES


def _may_overlap(a: Type, b: Type) -> bool:
    return a is b or isinstance(a, StructType) or isinstance(b, StructType)
