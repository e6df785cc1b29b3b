"""Which memory an instruction may touch, as sets of *locations*: a first, local and fast alias rule.

Two instructions may touch the same bytes only if they share a location. An allocation of this function whose
reference is never stored, passed, returned or selected has a location of its own; all other memory is divided by the
scalar type that is read or written there (every slice and pointer is one such type), since nothing in the language
reads bytes as another type than they were written as. Everything that is derived in one arena is one location.

`PointsTo` sees through calls and stores, and needs the whole module; this needs one function and no fixpoint.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from irpass.analysis.effects import Summaries, effects_of
from irpass.ir import ops
from irpass.ir.core import Func, Instr, Literal, Module, Operand, Value
from irpass.ir.ops import Effects
from irpass.ir.types import SCALARS, PointerType, ScalarType, SliceType, StructType, Type, is_reference

_OF_SCALAR = {t: i for i, t in enumerate(SCALARS.values())}
_OF_REFERENCE = len(_OF_SCALAR)
_BY_TYPE = tuple(range(len(_OF_SCALAR) + 1))
_ALL_MASK = (1 << len(_BY_TYPE)) - 1

_SAME_OBJECT = frozenset({ops.SLICE, ops.ELEM, ops.FIELD, ops.APPEND, ops.EXTEND, ops.DERIVE})
_FRESH = frozenset({ops.MAKE, ops.NEW, ops.CONST, ops.SHARED_ALLOC})
_ENDS = frozenset({ops.FREE, ops.SHARED_RELEASE, ops.SHARED_FREE})


class Access(NamedTuple):
    """The numbers of the locations that an instruction may read and may write, each rising."""

    reads: tuple[int, ...] = ()
    writes: tuple[int, ...] = ()


_NONE = Access()


class Locations:
    """The locations of one function. Valid while `ir_epoch` stands."""

    def __init__(self, func: Func, callees: Summaries | None = None) -> None:
        self._callees = callees
        self._leaves = _Leaves(func.module)
        self._roots: dict[Value, Value | None] = {}
        escaped: dict[Value, None] = {}
        for block in func.blocks:
            for instr in block.instrs:
                for operand in _handed_on(instr):
                    root = self.root(operand)
                    if root is not None:
                        escaped[root] = None
        self._own: dict[Value, int] = {}
        for instr in func.instrs():
            result = instr.result
            if instr.op in _FRESH and result is not None and result not in escaped:
                self._own[result] = len(_BY_TYPE) + len(self._own)

    def root(self, operand: Operand) -> Value | None:
        """The allocation of this function that a reference points into; None where that is not plain."""
        if isinstance(operand, Literal):
            return None
        path: dict[Value, None] = {}  # unreachable code may define values in a ring
        at, found = operand, None
        while at not in path:
            if at in self._roots:
                found = self._roots[at]
                break
            path[at] = None
            made_by = at.definition
            if made_by is None:
                break
            if made_by.op in _FRESH:
                found = at
                break
            base = made_by.operands[0] if made_by.op in _SAME_OBJECT else None
            if not isinstance(base, Value):
                break
            at = base
        self._roots.update(dict.fromkeys(path, found))
        return found

    def access(self, instr: Instr) -> Access:
        """What `instr` may touch."""
        op, operands = instr.op, instr.operands
        if op is ops.LOAD:
            return Access(reads=self._place(operands[0], instr.result.type if instr.result is not None else None))
        if op is ops.STORE:
            return Access(writes=self._place(operands[0], operands[-1].type))
        if op is ops.CLEAR:
            return Access(writes=self._elements(operands[0]))
        if op is ops.APPEND:
            return Access(self._elements(operands[0]), self._elements(operands[0]))
        if op in (ops.COPY, ops.EXTEND):
            return Access(self._elements(operands[1]), self._elements(operands[0]))
        if op is ops.PRINT:
            return Access(reads=_union(self._elements(o) for o in operands if is_reference(o.type)))
        if op in _ENDS:
            return Access(writes=_union(self._whole(o) for o in operands))
        if op is ops.DERIVE:
            return Access(writes=self._whole(operands[0]))  # it ends what had these bytes before
        if op is ops.CALL:
            effects = effects_of(instr, self._callees)
            ends = bool(effects & (Effects.WRITES | Effects.FREES))
            return Access(_BY_TYPE if Effects.READS in effects else (), _BY_TYPE if ends else ())
        return _NONE

    def _place(self, base: Operand, t: Type | None) -> tuple[int, ...]:
        """The locations of a `t` that is reached through `base`; of anything, where `t` is not known."""
        if isinstance(base, Literal):
            return ()  # nil has no bytes, and those of a text never change
        root = self.root(base)
        own = self._own.get(root) if root is not None else None
        if own is not None:
            return (own,)
        return self._leaves.of(t) if t is not None else _BY_TYPE

    def _elements(self, slice_: Operand) -> tuple[int, ...]:
        return self._place(slice_, slice_.type.elem if isinstance(slice_.type, SliceType) else None)

    def _whole(self, reference: Operand) -> tuple[int, ...]:
        return self._place(reference, None)  # a pointer to the first field frees the whole struct


def locations(func: Func, callees: Summaries | None = None) -> Locations:
    """The locations of `func`; with `callees`, calls touch only what their callee may."""
    return Locations(func, callees)


def _handed_on(instr: Instr) -> list[Operand]:
    """The operands that `instr` keeps somewhere, or passes to where this analysis does not follow."""
    found: list[Operand] = []
    if instr.op in (ops.STORE, ops.APPEND):
        found = instr.operands[-1:]
    elif instr.op in (ops.CALL, ops.RET):
        found = list(instr.operands)
    elif instr.op is ops.SELECT:
        found = instr.operands[1:]
    for target in instr.targets:
        found = found + target.args
    return [o for o in found if isinstance(o, Value) and is_reference(o.type)]


def _union(parts: Iterable[tuple[int, ...]]) -> tuple[int, ...]:
    return tuple(sorted({n for part in parts for n in part}))


class _Leaves:
    """The scalar types inside each type, as locations; each struct is looked into once."""

    def __init__(self, module: Module) -> None:
        self._module = module
        self._masks: dict[str, int] = {}
        self._tuples: dict[Type, tuple[int, ...]] = {}

    def of(self, t: Type) -> tuple[int, ...]:
        found = self._tuples.get(t)
        if found is None:
            mask = self._mask(t)
            found = self._tuples[t] = tuple(n for n in _BY_TYPE if mask >> n & 1)
        return found

    def _mask(self, t: Type) -> int:
        if isinstance(t, ScalarType):
            return 1 << _OF_SCALAR[t]
        if isinstance(t, SliceType | PointerType):
            return 1 << _OF_REFERENCE
        if not isinstance(t, StructType):
            return _ALL_MASK
        stack = [t.symbol]  # structs may nest as deep as the input likes
        while stack:
            name = stack[-1]
            struct = self._module.struct(name)
            fields = struct.fields if struct is not None else ()
            inner = [f.symbol for f in fields if isinstance(f, StructType) and f.symbol not in self._masks]
            if inner:
                self._masks.setdefault(name, _ALL_MASK)  # for a struct that contains itself: not verified yet
                stack += inner
                continue
            mask = 0 if struct is not None else _ALL_MASK
            for f in fields:
                mask |= self._masks[f.symbol] if isinstance(f, StructType) else self._mask(f)
            self._masks[name] = mask
            stack.pop()
        return self._masks[t.symbol]
