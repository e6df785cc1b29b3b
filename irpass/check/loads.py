"""Rule C07: over what a load may move to an earlier place of its block."""

from __future__ import annotations

from irpass.check.aliases import Aliases
from irpass.ir import ops
from irpass.ir.core import ArenaSpec, Instr, Literal, Operand, Value
from irpass.ir.types import BYTES, PointerType, SliceType, StructType, Type

_SITES = (ops.MAKE, ops.NEW, ops.DERIVE)
_TOUCHES_ONLY = (ops.LOAD, ops.STORE, ops.LEN, ops.CAP, ops.COPY, ops.CLEAR, ops.PRINT)  # nothing else can reach it
_ENDS = (ops.FREE, ops.SHARED_RELEASE, ops.SHARED_FREE)
_SURE_LENGTH = 1 << 32  # a literal length up to here cannot trap, whatever the element: 2^47 / 2^15


def is_inert(instr: Instr) -> bool:
    """Whether any load may move over it: it writes nothing that was there before, and cannot trap."""
    if instr.op in (ops.NEW, ops.SHARED_ALLOC):
        return True
    return instr.op in (ops.MAKE, ops.DERIVE) and _has_sure_length(instr)


def _has_sure_length(site: Instr) -> bool:
    sizes = site.operands[2:] if site.op is ops.DERIVE else site.operands
    values = [o.value for o in sizes if isinstance(o, Literal) and isinstance(o.value, int)]
    if len(values) != len(sizes) or (isinstance(site.type, SliceType) and isinstance(site.type.elem, StructType)):
        return False
    return not values or 0 <= values[0] <= values[-1] < _SURE_LENGTH


class LoadMoves:
    """Answers for one function; remembers what it found of each site."""

    def __init__(self, aliases: Aliases) -> None:
        self._origin = aliases.origin
        self._private: dict[Value, bool] = {}

    def obstacle(self, load: Instr, other: Instr) -> str | None:
        """Why `load` may not stand before `other`, which came before it; None where it may."""
        if not self._cannot_trap(load) and self._shows(other):
            return f"it may trap before this {other.op.name} does or is seen"
        if self._may_change(load, other):
            return f"this {other.op.name} may change what it reads"
        return None

    def may_be_of(self, load: Instr, site: Instr) -> bool:
        """Whether the load may read what `site` allocated."""
        origin = self._origin(load.operands[0])
        return origin is site if origin is not None else not self._is_private(site)

    def _cannot_trap(self, access: Instr) -> bool:
        """Whether a load or store is of a place that is surely there, and written."""
        base = access.operands[0]
        site = base.definition if isinstance(base, Value) else None
        if site is None or site.op not in _SITES or site.flag == "uninit" or not self._is_private(site):
            return False
        arena = site.operands[0].definition if site.op is ops.DERIVE and isinstance(site.operands[0], Value) else None
        if arena is not None and isinstance(arena.imm, ArenaSpec) and arena.imm.uninit:
            return False
        if not isinstance(base.type, SliceType):
            return True
        index = access.operands[1]
        length = site.operands[2] if site.op is ops.DERIVE else site.operands[0]
        if not isinstance(index, Literal) or not isinstance(length, Literal):
            return False
        i, n = index.value, length.value
        return isinstance(i, int) and isinstance(n, int) and 0 <= i < n

    def _is_private(self, site: Instr) -> bool:
        """Whether the site's memory is reached through its own name only, and never freed."""
        value = site.result
        if value is None:
            return True
        found = self._private.get(value)
        if found is None:
            stored = any(u.op is ops.STORE and any(o is value for o in u.operands[1:]) for u in value.uses)
            found = self._private[value] = not stored and all(u.op in _TOUCHES_ONLY for u in value.uses)
        return found

    def _shows(self, other: Instr) -> bool:
        """Whether one could see that a trap came before `other`: it prints, calls, or traps itself."""
        if other.op in (ops.LOAD, ops.STORE):
            return not self._cannot_trap(other)
        return not is_inert(other)

    def _may_change(self, load: Instr, other: Instr) -> bool:
        op = other.op
        if op is ops.CALL:
            site = self._origin(load.operands[0])
            return site is None or not self._is_private(site)
        if op in _ENDS:
            targets = other.operands if op is ops.FREE else other.operands[1:]
            return any(self._may_alias(load.operands[0], t) for t in targets)
        if op not in (ops.STORE, ops.COPY, ops.CLEAR, ops.APPEND, ops.EXTEND):
            return False
        written = other.operands[0]
        if op is ops.STORE and _is_elsewhere(load, other):
            return False
        return _may_overlap(_pointee(load), _pointee(other)) and self._may_alias(load.operands[0], written)

    def _may_alias(self, a: Operand, b: Operand) -> bool:
        first, second = self._origin(a), self._origin(b)
        if first is not None and second is not None:
            return first is second
        known = first or second
        return known is None or not self._is_private(known)


def _is_elsewhere(load: Instr, store: Instr) -> bool:
    """Whether both are of one base, at literal places that differ."""
    if load.operands[0] is not store.operands[0]:
        return False
    if isinstance(load.operands[0].type, PointerType):
        return load.imm is not None and store.imm is not None and load.imm != store.imm
    i, j = load.operands[1], store.operands[1]
    return isinstance(i, Literal) and isinstance(j, Literal) and i.value != j.value


def _pointee(access: Instr) -> Type:
    if access.op is ops.LOAD and access.result is not None:
        return access.result.type
    if access.op is ops.STORE:
        return access.operands[-1].type
    t = access.operands[0].type
    return t.elem if isinstance(t, SliceType | PointerType) else BYTES


def _may_overlap(a: Type, b: Type) -> bool:
    return a is b or isinstance(a, StructType) or isinstance(b, StructType)
