"""Fewer blocks: those that cannot be reached go, empty ones are jumped over, straight lines become one block.

Needs: a verified module. Keeps: every instruction that can run, in order, at its line and `loc`; the block that a trap
names may be another. Leaves to others: conditions that are constants (`canonicalize`), or needed no more (`dce`).

Before:
    func @f(%c: bool) -> i64 {
    entry:
      br_if %c, a, b(1)
    a:
      br b(2)
    b(%x: i64):
      ret %x
    }

After:
    func @f(%c: bool) -> i64 {
    entry:
      br_if %c, b(2), b(1)
    b(%x: i64):
      ret %x
    }

An empty block is one that only branches, and whose parameters nothing but that branch reads. Blocks are seen after
their successors, so that a tree of empty ones falls in one walk; what loops bring back takes another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from irpass.ir import edit, ops
from irpass.ir.core import Block, Func, Instr, Literal, Operand, Target, Value
from irpass.passes.base import Context, FunctionPass
from irpass.passes.branches import same_target

_MAX_ROUNDS = 16  # one or two do, but for circles of empty blocks; what is left after that many is the next run's


@dataclass(frozen=True)
class SimplifyCfg(FunctionPass):
    """Remove unreachable blocks, jump over empty ones, merge straight lines."""

    name: ClassVar[str] = "simplify-cfg"
    summary: ClassVar[str] = "remove unreachable blocks, jump over empty ones, merge straight lines"

    def run(self, func: Func, context: Context) -> bool:
        before = len(func.blocks)
        changed = _remove_unreachable(func, context)
        for _ in range(_MAX_ROUNDS):
            threaded = _Threader(func).run(context.analyses.cfg(func).order)
            if threaded:
                _remove_unreachable(func, context)
            if not _merge_lines(func) and not threaded:
                break
            changed = True
        if len(func.blocks) < before:
            context.count(func, "simplify-cfg.blocks-removed", before - len(func.blocks))
        return changed


def _remove_unreachable(func: Func, context: Context) -> bool:
    graph = context.analyses.cfg(func)
    if len(graph.order) == len(func.blocks):
        return False
    edit.remove_blocks(func, [b for b in func.blocks if not graph.is_reachable(b)])
    return True


class _Threader:
    """Leads every edge past empty blocks, and turns a branch whose ways have become one into a `br`."""

    def __init__(self, func: Func) -> None:
        self._func = func
        self._past: dict[Block, Target] = {}  # for each empty block, where its edges may go at once

    def run(self, order: list[Block]) -> bool:
        """One walk over the blocks in reverse postorder; says whether it changed anything."""
        changed = False
        for block in reversed(order):
            changed |= self._lead(block.instrs[-1])
            empty = self._past_empty(block)
            if empty is not None:
                self._past[block] = empty
        for block in order:  # edges back to blocks that were found to be empty later
            changed |= self._lead(block.instrs[-1])
        return changed

    def _past_empty(self, block: Block) -> Target | None:
        last = block.instrs[-1]
        if len(block.instrs) > 1 or last.op is not ops.BR or block is self._func.entry:
            return None
        target = last.targets[0]
        if target.block is block or any(user is not last for p in block.params for user in p.uses):
            return None
        return target

    def _lead(self, branch: Instr) -> bool:
        past, changed = self._past, False
        if any(t.block in past for t in branch.targets):
            targets = tuple([self._resolve(t) for t in branch.targets])
            edit.set_targets(branch, branch.op, branch.operands, targets, branch.imm)
            changed = True
        return _join_ways(branch) or changed

    def _resolve(self, target: Target) -> Target:
        """`target`, or where an edge to it ends up past empty blocks, with what is passed there."""
        seen: set[Block] = set()
        while (past := self._past.get(target.block)) is not None and target.block not in seen:
            seen.add(target.block)
            passed = dict(zip(target.block.params, target.args, strict=True))
            args = [passed.get(a, a) if type(a) is Value else a for a in past.args]
            target = Target(past.block, args)
        return target


def _join_ways(branch: Instr) -> bool:
    """Turn a branch whose ways all lead to one place into a `br`, and drop the cases that go where the default goes."""
    targets = branch.targets
    if branch.op is ops.BR_IF and same_target(*targets):
        edit.set_targets(branch, ops.BR, [], targets[:1])
        return True
    if branch.op is not ops.SWITCH:
        return False
    assert isinstance(branch.imm, tuple)
    kept = [(case, t) for case, t in zip(branch.imm, targets[1:], strict=True) if not same_target(t, targets[0])]
    if not kept:
        edit.set_targets(branch, ops.BR, [], targets[:1])
    elif len(kept) < len(branch.imm):
        cases = tuple(case for case, _ in kept)
        edit.set_targets(branch, ops.SWITCH, branch.operands, (targets[0], *(t for _, t in kept)), cases)
    else:
        return False
    return True


def _merge_lines(func: Func) -> bool:
    """Append each block that has one edge in, a `br`, to the block that the edge comes from."""
    followers = _followers(func)
    if not followers:
        return False
    inside = set(followers.values())
    constants: dict[Block, list[Instr]] = {}
    _replace_params(list(followers.items()), constants)
    contents: list[tuple[Block, list[Instr]]] = []
    for block in func.blocks:
        if block in inside:
            continue
        instrs = list(block.instrs)
        at = block
        while (following := followers.get(at)) is not None:
            instrs.pop()
            instrs += constants.get(following, ())
            instrs += following.instrs
            at = following
        contents.append((block, instrs))
    edit.set_blocks(func, contents)
    return True


def _followers(func: Func) -> dict[Block, Block]:
    """For each block that ends in a `br` to a block without other edges in: that block."""
    edges: dict[Block, int] = {}
    for block in func.blocks:
        for target in block.instrs[-1].targets:
            edges[target.block] = edges.get(target.block, 0) + 1
    return {
        block: target
        for block in func.blocks
        if block.instrs[-1].op is ops.BR
        for target in (block.instrs[-1].targets[0].block,)
        if edges[target] == 1 and target is not block
    }


def _replace_params(merges: list[tuple[Block, Block]], constants: dict[Block, list[Instr]]) -> None:
    """Let the readers of each merged block's parameters read what its one edge passes.

    A literal whose reader cannot be written with it gets a `const`, which is put into `constants` of the block.
    """
    passed: dict[Value, Operand] = {
        param: arg
        for block, following in merges
        for param, arg in zip(following.params, block.instrs[-1].targets[0].args, strict=True)
    }
    for param in passed:
        value = edit.end_of(param, passed)
        if isinstance(value, Literal) and not all(_takes(u, param, value, passed) for u in param.uses):
            owner = param.owner
            assert isinstance(owner, Block)
            instr = edit.place(owner, Instr(ops.CONST, [], value.type, value.value), value.type, param.name)
            constants.setdefault(owner, []).append(instr)
            assert instr.result is not None
            passed[param] = instr.result
    edit.substitute_all(passed)


def _takes(user: Instr, param: Value, value: Literal, passed: dict[Value, Operand]) -> bool:
    """Whether `user` can be written with a literal for `param`, whatever its other parameters become."""
    if any(o is not param and isinstance(o, Value) and o in passed for o in user.operands):
        return user.op in (ops.CALL, ops.BR, ops.BR_IF)
    return edit.accepts_literal(user, param, value)
