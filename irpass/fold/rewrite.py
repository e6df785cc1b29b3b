"""Applies a plan; decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from irpass.fold.availability import source_of_length
from irpass.fold.frees import FreePlan
from irpass.fold.plan import Group, Member
from irpass.fold.regions import Region
from irpass.fold.sites import elem_type
from irpass.ir import edit, ops
from irpass.ir.core import ArenaSpec, Block, Func, Instr, Literal, Operand, Value
from irpass.ir.types import ARENA, I64, PointerType, Type


@dataclass(frozen=True, slots=True)
class GroupRewrite:
    """A group with the instructions that it is about, members in the order of the group's."""

    group: Group
    members: tuple[Instr, ...]
    frees: FreePlan


def rewrite_func(func: Func, planned: Sequence[tuple[Region, Sequence[GroupRewrite]]]) -> None:
    """Put the requests in their places, with what their sizes need; turn members and frees into what the plan says."""
    contents: dict[Block, list[Instr]] = {}
    for region, rewrites in planned:
        _rewrite_region(region, rewrites, contents)
    if all(len(region.blocks) == 1 for region, _ in planned):
        for block, instrs in contents.items():
            edit.set_instrs(block, instrs)
    else:
        edit.set_blocks(func, [(block, contents.get(block, block.instrs)) for block in func.blocks])
    edit.remove([free for _, rewrites in planned for r in rewrites for free in r.frees.dropped])


def _rewrite_region(region: Region, rewrites: Sequence[GroupRewrite], contents: dict[Block, list[Instr]]) -> None:
    old = region.instrs
    heads = {r.group.at: r for r in rewrites}
    starts = dict(zip(region.starts, region.blocks, strict=True))
    index = {instr: i for i, instr in enumerate(old)} if any(map(_has_sizes, rewrites)) else {}
    roots: dict[Value, Operand] = {}
    moved: set[Instr] = set()
    block, out = region.blocks[0], list[Instr]()
    for position, instr in enumerate(old):
        if position in starts:
            block = starts[position]
            out = contents[block] = []
        rewrite = heads.get(position)
        if rewrite is not None:
            for needed in _needed(index, position, rewrite):
                if needed not in moved:
                    moved.add(needed)
                    out += _without_lengths(block, needed, roots)
                    out.append(needed)
            out += _request(block, rewrite, roots)
        if instr not in moved:
            out.append(instr)


def _needed(index: dict[Instr, int], position: int, rewrite: GroupRewrite) -> list[Instr]:
    """The instructions at or behind `position` that compute the members' sizes, in their order."""
    found: dict[int, Instr] = {}
    seen: set[Instr] = set()
    members = zip(rewrite.group.members, rewrite.members, strict=True)
    work: list[Operand] = [instr.operands[-1] for member, instr in members if member.size_bytes is None]
    while work:
        operand = work.pop()
        instr = operand.definition if isinstance(operand, Value) else None
        if instr is None or instr in seen or index.get(instr, -1) < position:
            continue
        seen.add(instr)
        source = source_of_length(instr)
        if source is not None:
            work.append(source)
            continue
        found[index[instr]] = instr
        work += instr.operands
    return [found[i] for i in sorted(found)]


def _has_sizes(rewrite: GroupRewrite) -> bool:
    return any(m.size_bytes is None for m in rewrite.group.members)


def _length_source(operand: Operand, roots: dict[Value, Operand]) -> Operand:
    """The operand itself, or what it is the `len` or `cap` of was made with. `roots` has what was found before."""
    path = []
    while isinstance(operand, Value) and operand not in roots and operand.definition is not None:
        source = source_of_length(operand.definition)
        if source is None:
            break
        roots[operand] = operand  # ends a circle: blocks that cannot be reached may have one
        path.append(operand)
        operand = source
    root = roots.get(operand, operand) if isinstance(operand, Value) else operand
    roots.update(dict.fromkeys(path, root))
    return root


def _without_lengths(block: Block, instr: Instr, roots: dict[Value, Operand]) -> list[Instr]:
    """Let an instruction that moves up read the lengths that allocations were made with, not ask the allocations.

    Gives the constants that it needs in front of it: not every operand can be a literal.
    """
    consts = []
    for operand in list(instr.operands):
        source = _length_source(operand, roots)
        if source is operand or not isinstance(operand, Value):
            continue
        if isinstance(source, Literal) and not edit.accepts_literal(instr, operand, source):
            const = edit.place(block, Instr(ops.CONST, [], I64, source.value, loc=instr.loc), I64, operand.name)
            assert const.result is not None
            consts.append(const)
            source = const.result
        edit.replace_operand(instr, operand, source)
    return consts


def _request(block: Block, rewrite: GroupRewrite, roots: dict[Value, Operand]) -> list[Instr]:
    """The request, with the sums in front of it; the members and their frees are changed in place."""
    group, out = rewrite.group, list[Instr]()
    loc = next(i.loc for m, i in zip(group.members, rewrite.members, strict=True) if m.index == group.at)

    def emit(instr: Instr, type: Type, name: str) -> Value:
        edit.place(block, instr, type, name)
        out.append(instr)
        assert instr.result is not None
        return instr.result

    by_index = {m.index: instr for m, instr in zip(group.members, rewrite.members, strict=True)}
    extents: dict[tuple[Type, Operand], Value] = {}
    starts: list[Operand] = []
    at: Operand = Literal(I64, 0)
    for row in group.rows:
        starts.append(at)
        size: Operand
        if row.size_bytes is not None:
            size = Literal(I64, row.size_bytes)
        else:
            instr = by_index[row.index]
            cap = _length_source(instr.operands[-1], roots)
            key = (elem_type(instr), cap)
            if key not in extents:
                extents[key] = emit(Instr(ops.EXTENT, [cap], elem_type(instr), loc=loc), I64, "extent")
            size = extents[key]
        if isinstance(at, Literal) and isinstance(size, Literal):
            at = Literal(I64, _int(at) + _int(size))
        elif isinstance(at, Literal) and _int(at) == 0:
            at = size
        elif not (isinstance(size, Literal) and _int(size) == 0):
            left, right = (size, at) if isinstance(at, Literal) else (at, size)
            at = emit(Instr(ops.ADD, [left, right], loc=loc), I64, "sum")
    counted = bool(rewrite.frees.releases) and len(group.members) > 1
    spec = ArenaSpec(
        align_bytes=group.align_bytes,
        limit_bytes=group.limit_bytes,
        count=len(group.members) if counted else 1,
        stack=group.is_stack,
        scan=group.is_scan,
        uninit=group.is_uninit,
    )
    arena = emit(Instr(ops.SHARED_ALLOC, [at], imm=spec, loc=loc), ARENA, "arena")
    for member, instr in zip(group.members, rewrite.members, strict=True):
        known = member.offset_bytes
        _derive(instr, arena, starts[member.row] if known is None else Literal(I64, known), group, member)
    _replace_frees(rewrite, arena)
    return out


def _int(literal: Literal) -> int:
    assert isinstance(literal.value, int)
    return literal.value


def _derive(instr: Instr, arena: Value, offset: Operand, group: Group, member: Member) -> None:
    # In the nil arena a member is zeroed unless it says otherwise, whatever the arena would have been; bytes that were
    # another's hold what that left.
    is_told = not group.is_uninit or group.limit_bytes is not None or member.over is not None
    flag = "uninit" if instr.flag is not None and is_told else None
    if instr.op is ops.NEW:
        assert instr.type is not None
        edit.become(instr, ops.DERIVE, [arena, offset], PointerType(instr.type))
    else:
        edit.become(instr, ops.DERIVE, [arena, offset, *instr.operands], instr.type)
    instr.flag = "zero" if member.is_zeroed else flag


def _replace_frees(rewrite: GroupRewrite, arena: Value) -> None:
    for free in rewrite.frees.releases:
        edit.become(free, ops.SHARED_RELEASE, [arena, free.operands[0]])
    values: list[Operand] = [m.result for m in rewrite.members if m.result is not None]
    for end in rewrite.frees.ends:
        edit.become(end, ops.SHARED_FREE, [arena, *values])
