"""Which arenas end in every run of their function before it returns or asks for them again, so that one place in the
frame can hold them all."""

from __future__ import annotations

from irpass.ir import ops
from irpass.ir.core import ArenaSpec, Block, Instr, Value


def always_ends(shared: Instr) -> bool:
    """Whether each way from a `shared.alloc` to a `ret`, or back to it, gives its arena back.

    A way that does not come to an end, or ends in a trap, needs to give nothing back.
    """
    spec, arena, home = shared.imm, shared.result, shared.block
    assert isinstance(spec, ArenaSpec) and arena is not None and home is not None
    ends: dict[Block, int] = {}  # how many members end in a block, at least
    for use in arena.uses:
        if use.block is not None and (weight := _weight(use, spec.count)):
            ends[use.block] = ends.get(use.block, 0) + weight
    if sum(ends.values()) < spec.count:
        return False
    at = home.instrs.index(shared)
    behind = sum(_weight(i, spec.count) for i in home.instrs[at + 1 :] if arena in i.operands)
    return _least_ends(home, behind, ends, spec.count)


def _least_ends(home: Block, behind: int, ends: dict[Block, int], wanted: int) -> bool:
    """Whether on all ways from the end of `home`, after `behind` members, the number of ended ones reaches `wanted`."""
    before = ends.get(home, 0) - behind
    least: dict[Block, int] = {}  # the least that a way to the block's beginning ends
    work = [(home, behind)]
    while work:
        block, ended = work.pop()
        if ended >= wanted:
            continue
        last = block.terminator
        if last is not None and last.op is ops.RET:
            return False
        for successor in block.successors():
            if successor is home:
                if ended + before < wanted:
                    return False
            elif ended < least.get(successor, wanted):
                least[successor] = ended
                work.append((successor, ended + ends.get(successor, 0)))
    return True


def _weight(instr: Instr, count: int) -> int:
    """How many of the arena's `count` members end with an instruction that uses it."""
    if instr.op is ops.SHARED_FREE:
        return count
    if instr.op is not ops.SHARED_RELEASE:
        return 0
    member = instr.operands[1]  # nil is none
    return int(isinstance(member, Value) and member.definition is not None and member.definition.op is ops.DERIVE)
