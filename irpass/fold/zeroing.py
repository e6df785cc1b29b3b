"""Which sites are wholly written before anyone could read them: their memory need not be zeroed.

Only stores through the site's own name to literal places count, and a `clear`. Anything else that might look at the
memory, or hand it on, comes too early; so does the end of the block.
"""

from __future__ import annotations

from irpass.analysis.points_to import PointsTo
from irpass.fold.availability import known_length
from irpass.fold.regions import Region
from irpass.ir import ops
from irpass.ir.core import Instr, Module, Value
from irpass.ir.types import StructType

_MOST_PLACES = 64  # nobody writes more elements one by one, and each is an entry in a set


class _Pending:
    """A site with the places (elements, fields) that are still unwritten."""

    __slots__ = ("places", "site")

    def __init__(self, site: Instr, places: set[int]) -> None:
        self.site = site
        self.places = places


def written_first(region: Region, points_to: PointsTo) -> set[Instr]:
    """The sites of a region that are wholly written before they can be read. One sweep."""
    done: set[Instr] = set()
    pending: dict[object, list[_Pending]] = {}  # by class: what may name one of them may name all
    boundaries = set(region.starts[1:])
    for position, instr in enumerate(region.instrs):
        if position in boundaries:
            pending.clear()
        own = _own_write(instr, pending, points_to)
        for operand in instr.inputs():
            if isinstance(operand, Value) and points_to.knows(operand):
                if own is not None and operand is own.site.result:
                    continue
                if instr.op not in (ops.LEN, ops.CAP):
                    pending.pop(points_to.class_of(operand), None)
        if own is not None and not own.places:
            done.add(own.site)
        if instr.op in (ops.MAKE, ops.NEW) and instr.result is not None:
            places = _places(instr, region.func.module)
            if places is not None and not places:
                done.add(instr)
            elif places is not None:
                pending.setdefault(points_to.class_of(instr.result), []).append(_Pending(instr, places))
    return done


def _own_write(instr: Instr, pending: dict[object, list[_Pending]], points_to: PointsTo) -> _Pending | None:
    """The pending site that `instr` writes through its own name; the places that it writes are struck off."""
    if instr.op not in (ops.STORE, ops.CLEAR) or not isinstance(instr.operands[0], Value):
        return None
    base = instr.operands[0]
    if base in instr.operands[1:]:  # it stores its own address: somebody may find it there
        return None
    for found in pending.get(points_to.class_of(base), ()) if points_to.knows(base) else ():
        if found.site.result is base:
            _strike(found, instr)
            return found
    return None


def _strike(found: _Pending, write: Instr) -> None:
    if write.op is ops.CLEAR:
        found.places.clear()
    elif found.site.op is ops.MAKE:
        index = known_length(write.operands[1])
        if index is not None:
            found.places.discard(index)
    elif isinstance(write.imm, int):
        found.places.discard(write.imm)
    else:
        found.places.clear()


def _places(site: Instr, module: Module) -> set[int] | None:
    """The places of a site that must be written; None where they are not known, or too many."""
    if site.op is ops.NEW:
        struct = module.struct(site.type.symbol) if isinstance(site.type, StructType) else None
        count: int | None = len(struct.fields) if struct is not None else 1
    else:
        count = known_length(site.operands[0])
        if count is None or count != known_length(site.operands[-1]):
            return None  # what lies between length and cap can be read after a `slice`
    return set(range(count)) if count is not None and 0 <= count <= _MOST_PLACES else None
