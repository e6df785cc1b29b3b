"""What an optimized module asks allocators for, as `irpass.generate` takes it for a suggestion."""

from __future__ import annotations

from collections.abc import Callable

from irpass.analysis.manager import Analyses
from irpass.fold.availability import known_length
from irpass.fold.ranges import most
from irpass.fold.sites import elem_type, site_name
from irpass.generate.suggest import Request
from irpass.ir import ops
from irpass.ir.core import ArenaSpec, Func, Instr, Module, Value
from irpass.ir.layout import MAX_BYTES, Layouts, round_up
from irpass.ir.types import PointerType, SliceType, Type

_SITES = (ops.MAKE, ops.NEW, ops.APPEND, ops.EXTEND)
_Bound = Callable[[Instr], int | None]  # of the last operand, a cap, where the instruction stands


def requests_of(module: Module) -> list[Request]:
    """The requests in the order of the text; without those that have no bytes, or always trap.

    An `append` or `extend` asks where it moves, for a size that only the running program knows.
    """
    layouts, analyses = Layouts(module), Analyses()
    found: list[Request | None] = []
    for func in module.funcs:
        bound = _bound_in(func, analyses)
        for instr in func.instrs():
            if instr.op is ops.SHARED_ALLOC:
                found.append(_group(instr, layouts, bound))
            elif instr.op in _SITES:
                found.append(_site(instr, layouts, bound))
    return [r for r in found if r is not None]


def _bound_in(func: Func, analyses: Analyses) -> _Bound:
    def bound(instr: Instr) -> int | None:
        assert instr.block is not None
        return most(instr.operands[-1], instr.block, analyses.cfg(func), analyses.dominators(func))

    return bound


def _group(instr: Instr, layouts: Layouts, bound: _Bound) -> Request | None:
    spec = instr.imm
    assert isinstance(spec, ArenaSpec) and instr.result is not None
    size_bytes = known_length(instr.operands[0])
    if size_bytes is not None and not 0 < size_bytes <= MAX_BYTES:
        return None
    members = [i for i in dict.fromkeys(instr.result.uses) if i.op is ops.DERIVE]
    most_bytes = spec.limit_bytes
    if most_bytes is None and size_bytes is None:
        most_bytes = _sum_of_members(members, layouts, bound)
    elems = tuple(dict.fromkeys(_elem_name(_elem_of(i)) for i in members))
    return Request(
        site_name(instr), size_bytes, most_bytes, spec.align_bytes, spec.scan, spec.uninit, True, spec.stack, elems
    )


def _sum_of_members(members: list[Instr], layouts: Layouts, bound: _Bound) -> int | None:
    """A bound of an arena's bytes: its members' side by side, though some may share theirs."""
    total_bytes = 0
    for instr in members:
        layout = layouts.of(_elem_of(instr))
        elems = bound(instr) if isinstance(instr.type, SliceType) else 1
        if elems is None:
            return None
        total_bytes += round_up(max(0, elems) * layout.size_bytes, 8)
    return total_bytes if members else None


def _site(instr: Instr, layouts: Layouts, bound: _Bound) -> Request | None:
    elem = _elem_of(instr)
    layout = layouts.of(elem)
    size_bytes: int | None = layout.size_bytes
    most_bytes: int | None = None
    if size_bytes == 0:
        return None
    if instr.op is not ops.NEW:
        cap = known_length(instr.operands[-1]) if instr.op is ops.MAKE else None
        size_bytes = cap * layout.size_bytes if cap is not None else None
        if cap is None and instr.op is ops.MAKE:
            most_elems = bound(instr)
            most_bytes = max(0, most_elems) * layout.size_bytes if most_elems is not None else None
    if size_bytes is not None and not 0 < size_bytes <= MAX_BYTES:
        return None
    is_uninit = instr.flag is not None
    return Request(
        site_name(instr), size_bytes, most_bytes, layout.align_bytes, layout.is_scan, is_uninit,
        elems=(_elem_name(elem),),
    )  # fmt: skip


def _elem_of(instr: Instr) -> Type:
    """The type of what lies one or more times in the memory that an instruction gives."""
    if instr.op in (ops.MAKE, ops.NEW):
        return elem_type(instr)
    first = instr.operands[0]
    t = instr.type if instr.op is ops.DERIVE else first.type if isinstance(first, Value) else None
    assert isinstance(t, SliceType | PointerType)
    return t.elem


def _elem_name(elem: Type) -> str:
    """As a spec names it: all pointers are `ptr`."""
    return "ptr" if isinstance(elem, PointerType) else str(elem)
