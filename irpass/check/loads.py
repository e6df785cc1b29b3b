"""Rule C07: over what a load may move to an earlier place of its block."""

from __future__ import annotations

from irpass.check.aliases import Aliases
from irpass.check.model import Pairing
from irpass.ir import ops
from irpass.ir.core import Instr, Literal, Value
from irpass.ir.layout import MAX_BYTES
from irpass.ir.types import BYTES, PointerType, SliceType, StructType, Type

_SITES = (ops.MAKE, ops.NEW, ops.DERIVE)
_WRITES = (ops.STORE, ops.COPY, ops.CLEAR, ops.APPEND, ops.EXTEND)


class LoadMoves:
    """Answers for one pair of functions."""

    def __init__(self, pairing: Pairing, aliases: Aliases) -> None:
        self._numbers = pairing.numbers
        self._places = pairing.places
        self._aliases = aliases
        self._unwritten: set[Instr] = set()

    def note_unwritten(self, site: Instr) -> None:
        """Say that the memory of this site of AFTER may be read before it was written."""
        self._unwritten.add(site)

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

    def obstacle(self, load: Instr, other: Instr, at: int) -> str | None:
        """Why `load`, which stood at place `at`, may not stand before `other`; None where it may."""
        if not self._cannot_trap(load, at) and self._shows(other, at):
            return f"it may trap before this {other.op.name} does or is seen"
        if self._may_change(load, other):
            return f"this {other.op.name} may change what it reads"
        return None

    def may_be_of(self, load: Instr, site: Instr) -> bool:
        """Whether the load may read what `site` allocated."""
        base = load.operands[0]
        return isinstance(base, Value) and site.result is not None and self._aliases.may_alias(base, site.result)

    def _cannot_trap(self, access: Instr, at: int) -> bool:
        """Whether a load or store, up to place `at` of its block, is of memory that is surely there, and written."""
        base = access.operands[0]
        site = self._aliases.origin(base)
        if site is None or site in self._unwritten or not isinstance(base, Value):
            return False
        ends = self._aliases.ends(site)
        if ends is None or (ends and site.block is not access.block):
            return False
        if any(end.block is access.block and self._places[end] < at for end in ends):
            return False
        return isinstance(base.type, PointerType) or self._is_within(base, access)

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

    def _may_change(self, load: Instr, other: Instr) -> bool:
        base, written = load.operands[0], other.operands[0] if other.operands else None
        if not isinstance(base, Value):
            return True
        if other.op is ops.CALL:
            return self._aliases.may_write(other, base)
        if other.op not in _WRITES or _is_elsewhere(load, other):
            return False
        return (
            _may_overlap(_accessed(load), _accessed(other))
            and isinstance(written, Value)
            and self._aliases.may_alias(base, written)
        )


def _is_elsewhere(load: Instr, other: Instr) -> bool:
    """Whether `other` stores through the same base, at a literal place that is not the load's."""
    if other.op is not ops.STORE or load.operands[0] is not other.operands[0]:
        return False
    if isinstance(load.operands[0].type, PointerType):
        return load.imm is not None and other.imm is not None and load.imm != other.imm
    i, j = load.operands[1], other.operands[1]
    return isinstance(i, Literal) and isinstance(j, Literal) and i.value != j.value


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
