"""The allocation sites of a block as the planner sees them, and those that are out with the reason."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field

from irpass.analysis.alias_classes import CAPTURED, FOREIGN, FREED_BY_CALL, FREED_BY_CALLER, KEPT, OUTER
from irpass.analysis.call_graph import callee_name
from irpass.analysis.points_to import PointsTo
from irpass.fold.availability import Availability, Known, known_length, origin_of_length, verdict_on_lengths
from irpass.fold.frees import is_always_freed
from irpass.fold.plan import Lifetime, Site
from irpass.fold.ranges import most_computed
from irpass.fold.regions import Region
from irpass.ir import ops
from irpass.ir.core import Block, Instr, Operand, Value
from irpass.ir.layout import MAX_BYTES, Layouts
from irpass.ir.types import SliceType, Type


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a site is out: a slug of `irpass.fold.reasons`, in words, and the instruction that is to blame, if one is."""

    slug: str
    text: str
    blame: Instr | None = None


@dataclass(slots=True)
class RegionSites:
    """The sites of one region. `held` says what each site's interval begins at; `refused` are those that are out."""

    region: Region
    barriers: frozenset[str] = frozenset()
    sites: list[Site] = field(default_factory=list)
    held: dict[int, Known] = field(default_factory=dict)
    refused: dict[int, Refusal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SiteRules:
    """What the pass's options and the call graph say about sites: names of functions that may come back into this
    one, that are barriers, and which sites (`@f:%a`) are kept out.

    `hidden_wall` is a call of such a function, where there is one: it may stand between the blocks of a chain.
    """

    comes_back: frozenset[str]
    barriers: frozenset[str]
    keep: frozenset[str]
    only: frozenset[str]
    hidden_wall: Instr | None = None


def elem_type(instr: Instr) -> Type:
    """The type of what a `make`, `new` or `derive` allocates one or more of."""
    assert instr.type is not None
    if instr.op is ops.NEW:
        return instr.type
    assert isinstance(instr.type, SliceType)
    return instr.type.elem


def collect_sites(
    region: Region, points_to: PointsTo, layouts: Layouts, rules: SiteRules, most: Callable[[Operand], int | None]
) -> RegionSites:
    """The sites of a region, each with its request interval, size, alignment, class and lifetime.

    `most` gives an upper bound of an integer at the begin of the region, where there is one.
    """
    found = RegionSites(region, rules.barriers)
    if not any(i.op in (ops.MAKE, ops.NEW) for i in region.instrs):
        return found
    availability = Availability(region, points_to, layouts)
    ends = _Ends(points_to)
    caps: dict[object, int] = {}  # numbers of what lengths come down to
    wall = Known()  # no group reaches across this
    walled = set(region.starts[1:]) if rules.hidden_wall is not None else set[int]()
    for index, instr in enumerate(region.instrs):
        if index in walled:
            wall = Known(index, rules.hidden_wall)
        if instr.op is ops.CALL and callee_name(instr) in rules.comes_back | rules.barriers:
            wall = Known(index + 1, instr)
        if instr.op not in (ops.MAKE, ops.NEW):
            continue
        refusal = _refuse(instr, points_to, layouts, rules)
        if refusal is not None:
            found.refused[index] = refusal
            continue
        known = [wall, *(availability.of(o) for o in instr.operands)]
        lifetime, ends_early = ends.of(instr)
        if index >= region.sure:  # on other ways it is memory that nobody uses, and that nothing would give back
            if lifetime is Lifetime.FREED:
                known.append(Known(region.starts[bisect_right(region.starts, index) - 1]))
            ends_early = True
        held = max(known, key=lambda k: k.position)
        layout = layouts.of(elem_type(instr))
        size: int | None = layout.size_bytes
        bound: int | None = None
        cap_number: int | None = None
        fits: int | None = None
        if instr.op is ops.MAKE:
            cap = known_length(instr.operands[-1])  # in range: it would have been refused
            size = cap * layout.size_bytes if cap is not None else None
            most_elems = most(instr.operands[-1]) if size is None else None
            bound = min(max(0, most_elems) * layout.size_bytes, MAX_BYTES) if most_elems is not None else None
            if size is None:
                computed = most_computed(instr.operands[-1])
                fits = computed * layout.size_bytes if computed is not None else None
                origin = origin_of_length(instr.operands[-1])
                cap_number = caps.setdefault(origin if isinstance(origin, Value) else origin.value, len(caps))
        found.held[index] = held
        found.sites.append(
            Site(index, held.position, size, layout.align_bytes, layout.is_scan, instr.flag is not None,
                 lifetime, ends_early, bound, cap=cap_number, elem_bytes=layout.size_bytes,
                 fits_bytes=fits)
        )  # fmt: skip
    return found


def site_name(instr: Instr) -> str:
    """`@f:%a`, as options and remarks name a site; by its line where it has no name."""
    assert instr.block is not None
    func = instr.block.func.name
    return f"@{func}:%{instr.result.name}" if instr.result is not None else f"@{func}:line {instr.line}"


def _refuse(instr: Instr, points_to: PointsTo, layouts: Layouts, rules: SiteRules) -> Refusal | None:
    name = site_name(instr)
    if name in rules.keep or (rules.only and name not in rules.only):
        return Refusal("kept", "the options keep it out")
    if instr.op is ops.MAKE and verdict_on_lengths(instr, layouts) is False:
        return Refusal("always-traps", "its length or cap is out of range: it always traps")
    if layouts.of(elem_type(instr)).size_bytes == 0:
        return Refusal("zero-size", "what it allocates has no bytes, only an identity")
    return _freed_elsewhere(instr, points_to) if instr.result is not None else None


def _freed_elsewhere(instr: Instr, points_to: PointsTo) -> Refusal | None:
    """A refusal where something else than a `free` of the site's own name may free it."""
    value = instr.result
    assert value is not None and instr.block is not None
    flags = points_to.flags(value)
    if flags & FREED_BY_CALL:
        for call in _calls_of(instr.block.func.blocks):
            if points_to.call_does(call, value, FREED_BY_CALL):
                text = f"it may be freed by @{callee_name(call)}, called at line {call.line}"
                return Refusal("may-be-freed", text, call)
        return Refusal("may-be-freed", "it may be freed by a function that is called with it")
    if flags & FREED_BY_CALLER:
        return Refusal("may-be-freed", "a caller of this function may free it")
    if flags & KEPT and points_to.may_free_foreign:
        return Refusal("may-be-freed", "an extern may keep it and give it back, and what an extern gives is freed")
    if flags & KEPT and points_to.frees_captured is not None:
        call = points_to.frees_captured
        text = f"an extern may keep it, and @{callee_name(call)}, called at line {call.line}, may free what was kept"
        return Refusal("may-be-freed", text, call)
    for free in points_to.frees.get(points_to.class_of(value), ()):
        assert free.block is not None
        if free.op is ops.FREE and free.operands[0] is value:
            continue
        made_by = free.operands[0].definition if isinstance(free.operands[0], Value) else None
        same_block_sites = made_by is not None and made_by.op in (ops.MAKE, ops.NEW)
        if free.op is ops.FREE and same_block_sites and free.block.func is instr.block.func:
            continue  # frees just that other site, whatever else the two may have in common
        return Refusal("may-be-freed", f"it may be freed under another name at line {free.line}", free)
    return None


def _calls_of(blocks: list[Block]) -> list[Instr]:
    return [i for b in blocks for i in b.instrs if i.op is ops.CALL]


class _Ends:
    """How sites end. Sites of one block that are freed in the same blocks are looked at once."""

    def __init__(self, points_to: PointsTo) -> None:
        self._points_to = points_to
        self._always: dict[tuple[Block, frozenset[Block]], bool] = {}

    def of(self, instr: Instr) -> tuple[Lifetime, bool]:
        """The lifetime of a site, and whether it ends early on some ways."""
        value, home = instr.result, instr.block
        if value is None or home is None:
            return Lifetime.DIES, False
        blocks = frozenset(i.block for i in value.uses if i.op is ops.FREE and i.block is not None)
        if blocks:
            always = self._always.get((home, blocks))
            if always is None:
                always = self._always[home, blocks] = is_always_freed(home, blocks)
            if always:
                return Lifetime.FREED, False
        held_outside = self._points_to.flags(value) & (OUTER | CAPTURED | FOREIGN)
        return Lifetime.ESCAPES if held_outside else Lifetime.DIES, bool(blocks)
