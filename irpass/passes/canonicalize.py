"""Constants folded, identities applied, constants in their operands' places, branches and block parameters decided.

Needs: a verified module. Keeps: every effect and trap, in order and at its line and `loc`; names of what stays.
Leaves to others: equal computations (`cse`), what nobody uses (`dce`), chains of blocks (`simplify-cfg`). Blocks that
cannot be reached go, here too, because what they pass to others must not count.

Before:
    func @f(%x: i64) -> i64 {
    entry:
      %two = const i64, 2
      %six = mul %two, 3
      %y = add 6, %x
      %z = sub %y, %six
      ret %z
    }

After:
    func @f(%x: i64) -> i64 {
    entry:
      %y = add %x, 6
      ret %x
    }

One sweep in reverse postorder sees every definition before its uses, and only the blocks that can still be reached
(`irpass.passes.reachability`); what loops bring back afterwards goes through a worklist, to a fixpoint. What
instructions are equal to is in `irpass.passes.rules`, what branches are in `irpass.passes.branches`.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import ClassVar

from irpass.ir import edit, ops
from irpass.ir.constants import literal
from irpass.ir.core import Block, Func, Instr, Literal, Operand, Target, Value
from irpass.passes.base import Context, FunctionPass
from irpass.passes.branches import simpler
from irpass.passes.facts import is_nil, same
from irpass.passes.reachability import Reachability
from irpass.passes.replacements import Replacements
from irpass.passes.rules import RULES, Form

_MAX_BATCHES = 64  # of block parameters looked at again; what is left after that many is the next run's


@dataclass(frozen=True)
class Canonicalize(FunctionPass):
    """Fold constants, apply algebraic identities, decide branches, drop block parameters that are always the same."""

    name: ClassVar[str] = "canonicalize"
    summary: ClassVar[str] = "fold constants, apply algebraic identities, decide branches and block parameters"

    def run(self, func: Func, context: Context) -> bool:
        work = _Canonicalizer(func, context)
        work.sweep()
        work.settle()
        work.finish()
        if work.changes:
            context.count(func, "canonicalize.changes", work.changes)
        return work.changes > 0


class _Canonicalizer:
    """One run over one function. Values are replaced in `_replacements` at once, in readers when those are visited."""

    def __init__(self, func: Func, context: Context) -> None:
        self._func = func
        self._layouts = context.layouts
        self.changes = 0
        self._replacements = Replacements()
        self._reachability = Reachability(func, context.analyses)
        self._gone: list[Instr] = []  # instructions whose result is replaced, and `free nil`
        self._gone_params: dict[Block, set[int]] = {}
        self._heads: dict[Block, list[Instr]] = {}  # constants that take the place of block parameters
        self._queue: deque[Instr] = deque()
        self._queued: set[Instr] = set()
        self._sweeping = True

    # ---- order of work

    def sweep(self) -> None:
        """Visit the blocks that can be reached, each once."""
        for block in self._reachability.visit():
            if block.params:
                self._decide_params(block)
            for instr in block.instrs:
                self._visit(instr)
        self._sweeping = False

    def settle(self) -> None:
        """Visit again what changes that came after its visit may reach, until there is nothing left."""
        for _ in range(_MAX_BATCHES):
            self._drain()
            again = self._reachability.take_marked()
            if not again:
                return
            for block in again:
                self._decide_params(block)
        self._drain()

    def _drain(self) -> None:
        while self._queue:
            instr = self._queue.popleft()
            self._queued.discard(instr)
            if not self._is_gone(instr):
                self._visit(instr)

    def _is_gone(self, instr: Instr) -> bool:
        is_dead = instr.block is not None and self._reachability.is_dead(instr.block)
        return is_dead or (instr.result is not None and instr.result in self._replacements)

    def _changed(self, value: Value | None) -> None:
        """The readers of `value` have to be visited; in the sweep they come later anyway."""
        if value is None or self._sweeping:
            return
        for user in value.uses:
            if user not in self._queued:
                self._queued.add(user)
                self._queue.append(user)

    # ---- instructions

    def _visit(self, instr: Instr) -> None:
        if instr.targets:
            self._visit_branch(instr)
            return
        if self._replacements.is_stale(instr.operands):
            self._read(instr)
        if instr.op in RULES:
            if instr.result is not None:
                self._simplify(instr, instr.result)
        elif instr.op is ops.CONST:
            self._replacements.add_constant(instr)
        elif instr.op is ops.FREE and is_nil(instr.operands[0]):
            self._gone.append(instr)

    def _read(self, instr: Instr) -> bool:
        """Let `instr` read what its operands are replaced by; gives whether that changed it."""
        if not self._replacements.read(instr):
            return False
        self.changes += 1
        self._changed(instr.result)
        return True

    def _simplify(self, instr: Instr, result: Value) -> None:
        while (rule := RULES.get(instr.op)) is not None:
            found = rule(instr, self._layouts)
            if found is None or found is result:
                return
            self.changes += 1
            self._changed(result)
            if isinstance(found, Form):
                edit.become(instr, found.op, found.operands, found.type)
                self._read(instr)
            elif isinstance(found, Literal):
                edit.become(instr, ops.CONST, [], found.type, found.value)
                self._replacements.add_constant(instr)
            else:
                self._replacements.replace(result, found)
                self._gone.append(instr)
                return

    def _visit_branch(self, instr: Instr) -> None:
        is_stale = self._replacements.is_stale
        if (is_stale(instr.operands) or any(t.args and is_stale(t.args) for t in instr.targets)) and self._read(instr):
            for target in instr.targets:
                if target.args:
                    self._reachability.mark(target.block)
        while (branch := simpler(instr)) is not None:
            staying = set(branch.targets)
            gone = [t for t in instr.targets if t not in staying]
            edit.set_targets(instr, *branch)
            self.changes += 1
            self._reachability.drop(gone)

    # ---- block parameters

    def _decide_params(self, block: Block) -> None:
        """Replace the parameters of `block` that get the same value on every edge."""
        incoming = self._reachability.incoming(block)
        gone = self._gone_params.get(block, ())
        for n, param in enumerate(block.params):
            if n in gone:
                continue
            found = self._always(param, n, incoming)
            if found is None:
                continue
            self._gone_params.setdefault(block, set()).add(n)
            self.changes += 1
            self._changed(param)
            by = self._constant_at(block, found, param) if type(found) is Literal else found
            self._replacements.replace(param, by)

    def _always(self, param: Value, n: int, incoming: list[Target]) -> Operand | None:
        """What `param` gets on every edge, itself not counted; None where that differs."""
        found: Operand | None = None
        for target in incoming:
            o = target.args[n]
            if type(o) is Value:
                o = self._replacements.resolve(o)
                if o is param:
                    continue
                o = literal(o) or o
            if found is None:
                found = o
            elif not same(found, o):
                return None
        return found

    def _constant_at(self, block: Block, constant: Literal, param: Value) -> Value:
        instr = edit.place(block, Instr(ops.CONST, [], param.type, constant.value), param.type, param.name)
        self._heads.setdefault(block, []).append(instr)
        self._replacements.add_constant(instr)
        assert instr.result is not None
        return instr.result

    # ---- editing

    def finish(self) -> None:
        """Take out what was replaced, and the blocks that cannot be reached."""
        unreached = self._reachability.unreached()
        if unreached:
            self.changes += len(unreached)
            edit.remove_blocks(self._func, unreached)
        live = {b: gone for b, gone in self._gone_params.items() if not self._reachability.is_dead(b)}
        if live:
            branches = [branch for block in live for branch in self._reachability.branches_to(block)]
            edit.remove_all_params(self._func, live, branches)
        for block, constants in self._heads.items():
            if block in live:
                edit.set_instrs(block, [*constants, *block.instrs])
        self.changes += len(self._gone)
        if self._gone:
            edit.remove(self._gone)
        unread = self._replacements.unread_constants()
        if unread:
            self.changes += len(unread)
            edit.remove(unread)
