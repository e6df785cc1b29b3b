"""Each member and its arena by themselves: rules C10 to C13 and C15 to C20 of the package, but for overlays."""

from __future__ import annotations

from irpass.check.aliases import Aliases
from irpass.check.model import Arena, Member, Pairing
from irpass.check.numbers import literal_of
from irpass.check.refusal import Refusal
from irpass.check.written import is_wholly_written
from irpass.ir.core import Literal
from irpass.ir.layout import MAX_BYTES


def check_members(pairing: Pairing, aliases: Aliases) -> None:
    """Judge every arena and member.

    Raises: Refusal.
    """
    for arena in pairing.arenas:
        _check_arena(pairing, arena)
        for member in arena.members:
            _check_region(pairing, member)
            _check_contents(pairing, member)
            _check_once(pairing, member)
            _check_owner(pairing, aliases, member)


def may_be_nil(pairing: Pairing, arena: Arena) -> bool:
    """Whether a request for the arena may be over its limit."""
    limit = arena.spec.limit_bytes
    return limit is not None and not pairing.numbers.at_most([arena.total], [pairing.numbers.size(limit)])


def _check_arena(pairing: Pairing, arena: Arena) -> None:
    numbers, spec, total = pairing.numbers, arena.spec, arena.total
    if not arena.members:
        raise Refusal("C10", "this arena is not in the program before, and has no members", arena.instr)
    if numbers.may_wrap(total):
        raise Refusal("C11", "the sum of the sizes may wrap", arena.instr)
    if not numbers.is_size(total):
        raise Refusal("C11", "the bytes are no sum of literals and sizes", arena.instr)
    if spec.stack and pairing.graph.is_on_cycle(arena.block):
        raise Refusal("C19", "an arena on the stack is requested in a loop", arena.instr)
    known = literal_of(arena.instr.operands[0])
    if not isinstance(known, int):
        return
    if known > MAX_BYTES:
        raise Refusal("C10", f"it needs {known} bytes, more than any allocation may have", arena.instr)
    written = isinstance(arena.instr.operands[0], Literal)  # a computed total may be any: then nil is just slow
    if written and known is not None and spec.limit_bytes is not None and known > spec.limit_bytes:
        raise Refusal("C10", f"it needs {known} bytes, over its limit: it is always nil", arena.instr)


def _check_region(pairing: Pairing, member: Member) -> None:
    numbers, arena = pairing.numbers, member.arena
    if numbers.may_wrap(member.offset):
        raise Refusal("C11", f"the offset of {member} may wrap", member.derive, member.site)
    if not numbers.is_size(member.offset):
        raise Refusal("C11", f"the offset of {member} is no sum of literals and sizes", member.derive, member.site)
    align = numbers.layouts.of(member.elem).align_bytes
    if not numbers.is_multiple(member.offset, align):
        raise Refusal("C13", f"the offset of {member} is no multiple of {align}", member.derive, member.site)
    if arena.spec.align_bytes % align:
        raise Refusal(
            "C13", f"its arena is aligned to {arena.spec.align_bytes}, not {align}", member.derive, arena.instr
        )
    if numbers.layouts.of(member.elem).is_scan and not arena.spec.scan:
        raise Refusal("C17", f"{member} may hold pointers, and its arena is not scan", member.derive, member.site)


def _check_contents(pairing: Pairing, member: Member) -> None:
    spec, flag = member.arena.spec, member.derive.flag
    if member.site.flag == "uninit":
        unwritten = flag == "uninit" or (flag is None and spec.uninit and not may_be_nil(pairing, member.arena))
        if not unwritten:
            raise Refusal("C16", f"{member} is unwritten before, and zeroed here", member.derive, member.site)
    elif (flag == "uninit" or (spec.uninit and flag is None)) and not is_wholly_written(pairing, member):
        raise Refusal("C15", f"{member} is zeroed before, and may be unwritten here", member.derive, member.site)


def _check_once(pairing: Pairing, member: Member) -> None:
    graph, home, block = pairing.graph, member.arena.block, member.block
    if home is block:
        return
    if not graph.dominates(home, block):
        raise Refusal("C18", f"{member} is derived where its arena may not be requested", member.derive, member.site)
    if graph.is_on_cycle_without(block, home):
        raise Refusal("C18", f"{member} may be derived more than once in one arena", member.derive, member.site)


def _check_owner(pairing: Pairing, aliases: Aliases, member: Member) -> None:
    value = member.value
    if value is None:
        return
    by = aliases.freed_by(value)
    if by is not None:
        what = by.op.name if not isinstance(by.imm, str) else f"call of @{by.imm}"
        place = f"line {by.line}" if by.line else f"@{by.block.func.name}" if by.block is not None else ""
        raise Refusal("C20", f"{member} may be freed by the {what} ({place})", member.derive, member.site)
    if member.arena.spec.stack and aliases.outlives(value):
        raise Refusal("C19", f"{member} is on the stack, and may outlive the call", member.derive, member.site)
