"""Whether a member is wholly written before anything else is done with it: then nobody sees what its bytes held."""

from __future__ import annotations

from irpass.check.model import Member, Pairing
from irpass.ir import ops
from irpass.ir.core import Instr, Value
from irpass.ir.types import StructType

_ALL = -1  # every piece at once
_SOME = -2  # a piece that only the run knows: nothing is read, and nothing can be counted on


def is_wholly_written(pairing: Pairing, member: Member) -> bool:
    """Whether, in the block of its `derive`, `store`s and `clear`s of its own name fill it before any other use."""
    value, count = member.value, _pieces(pairing, member)
    if value is None or pairing.numbers.literal_value(member.size) == 0:
        return True
    written: set[int] = set()
    uses = [u for u in value.uses if u.block is member.block]
    for instr in sorted(uses, key=lambda u: pairing.places[u]):
        if instr.op in (ops.LEN, ops.CAP):
            continue
        piece = _written(pairing, instr, value)
        if piece is None:
            return False
        if piece == _ALL:
            return instr.op is not ops.CLEAR or _length(pairing, member) == member.cap
        if piece != _SOME:
            written.add(piece)
        if count is not None and len(written) == count:
            return True
    return False


def _length(pairing: Pairing, member: Member) -> int:
    return pairing.numbers.operand(pairing.numbers.after, member.derive.operands[2])


def _pieces(pairing: Pairing, member: Member) -> int | None:
    """How many elements or fields must be written one by one; None where they cannot be counted."""
    if len(member.derive.operands) > 2:
        return pairing.numbers.literal_value(member.cap)
    struct = pairing.func.module.struct(member.elem.symbol) if isinstance(member.elem, StructType) else None
    return len(struct.fields) if struct is not None else 1


def _written(pairing: Pairing, instr: Instr, value: Value) -> int | None:
    """Which piece of `value` the instruction writes, if that is all that it does with it.

    A known index past the end traps, so that nobody sees what it does not write.
    """
    if instr.op is ops.CLEAR:
        return _ALL
    if instr.op is not ops.STORE or instr.operands[0] is not value or any(o is value for o in instr.operands[1:]):
        return None
    if len(instr.operands) == 3:
        index = pairing.numbers.literal_value(pairing.numbers.operand(pairing.numbers.after, instr.operands[1]))
        return index if index is not None and index >= 0 else _SOME
    return instr.imm if isinstance(instr.imm, int) else _ALL
