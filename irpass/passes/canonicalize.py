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

One sweep in reverse postorder sees every definition before its uses, and only the blocks that can still be reached;
what loops bring back afterwards goes through a worklist, to a fixpoint. What instructions are equal to is in
`irpass.passes.rules`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from irpass.analysis.dominators import DominatorTree
from irpass.ir import edit, ops
from irpass.ir.core import Block, Func, Instr, Literal, Operand, Target, Value
from irpass.passes.base import Context, FunctionPass
from irpass.passes.facts import definition, is_nil, literal, number, same
from irpass.passes.rules import RULES, Form

_ONE_BY_ONE = ops.ARITHMETIC | ops.COMPARISONS | {ops.SELECT}  # whether one takes a literal depends on the others
_DECIDABLE = frozenset({ops.BR_IF, ops.SWITCH})
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
    """One run over one function. Values are replaced in `_replaced` at once, in readers when those are visited."""

    def __init__(self, func: Func, context: Context) -> None:
        self._func = func
        self._layouts = context.layouts
        self.changes = 0
        self._replaced: dict[Value, Value] = {}
        self._gone: list[Instr] = []  # instructions whose result is replaced, and `free nil`
        self._constants: dict[Instr, None] = {}  # those that may have lost their last reader
        self._heads: dict[Block, list[Instr]] = {}  # constants that take the place of block parameters
        self._gone_params: dict[Block, set[int]] = {}
        self._analyses = context.analyses
        self._graph = context.analyses.cfg(func)
        self._order = self._graph.order
        self._tree: DominatorTree | None = None
        self._visited: set[Block] = set()
        self._dead: set[Block] = set()
        self._removed: set[Target] = set()
        self._must_search = False  # edges went: what can be reached has to be found again
        self._incoming: dict[Block, list[tuple[Block, Target]]] = {}
        self._edges_in: dict[Block, int] = {}
        self._again: dict[Block, None] = {}  # blocks whose parameters have to be looked at again
        self._queue: deque[Instr] = deque()
        self._queued: set[Instr] = set()
        self._sweeping = True
        for block in self._order:
            for target in block.instrs[-1].targets:
                self._edges_in[target.block] = self._edges_in.get(target.block, 0) + 1
                if target.block.params:
                    self._incoming.setdefault(target.block, []).append((block, target))

    # ---- order of work

    def sweep(self) -> None:
        """Visit the blocks that can be reached, in reverse postorder: definitions come before their uses."""
        if not self._order:
            return
        arrived = {self._order[0]}
        waiting = self._order
        while waiting:
            later = []
            for block in waiting:
                if block in arrived:
                    self._visited.add(block)
                    if block.params:
                        self._decide_params(block)
                    for instr in block.instrs:
                        self._visit(instr)
                    arrived.update(t.block for t in block.instrs[-1].targets)
                elif block not in self._dead:
                    if self._has_only_edges_back(block):
                        self._kill([block])
                    else:
                        later.append(block)
            if not any(block in arrived for block in later):
                break
            waiting = later
        self._kill(b for b in self._order if b not in self._visited)
        self._must_search = self._sweeping = False

    def _has_only_edges_back(self, block: Block) -> bool:
        """Whether all edges that may still lead to `block` come from blocks that it dominates: a loop without a way in.

        Its other predecessors have been visited, and do not go there any more, or are dead.
        """
        tree = self._analyses.dominators(self._func) if self._tree is None else self._tree
        self._tree = tree  # edges only go: what it says stays true
        return all(
            p in self._visited or p in self._dead or tree.dominates(block, p) for p in self._graph.predecessors[block]
        )

    def settle(self) -> None:
        """Visit again what changes that came after its visit may reach, until there is nothing left."""
        for _ in range(_MAX_BATCHES):
            self._drain()
            if not self._again:
                return
            if self._must_search:
                self._search()
            again, self._again = self._again, {}
            for block in again:
                if block not in self._dead:
                    self._decide_params(block)
        self._drain()

    def _drain(self) -> None:
        while self._queue:
            instr = self._queue.popleft()
            self._queued.discard(instr)
            if instr.block not in self._dead and (instr.result is None or instr.result not in self._replaced):
                self._visit(instr)

    def _search(self) -> None:
        """Find the blocks that cannot be reached any more: their arguments must not count."""
        reached = {self._order[0]: None}
        work = [self._order[0]]
        while work:
            for successor in work.pop().successors():
                if successor not in reached:
                    reached[successor] = None
                    work.append(successor)
        self._kill(b for b in self._order if b not in reached)
        self._must_search = False

    def _kill(self, blocks: Iterable[Block]) -> None:
        work = list(blocks)
        while work:
            block = work.pop()
            if block in self._dead:
                continue
            self._dead.add(block)
            work += self._drop_edges(block.instrs[-1].targets)

    def _drop_edges(self, targets: Iterable[Target]) -> list[Block]:
        """Count these edges no more; gives the blocks that no edge is left to."""
        lonely = []
        for target in targets:
            if target in self._removed:
                continue
            self._removed.add(target)
            block = target.block
            self._edges_in[block] -= 1
            if not self._edges_in[block]:
                lonely.append(block)
            elif block.params and block in self._visited:
                self._again[block] = None
        return lonely

    def _changed(self, value: Value | None) -> None:
        """The readers of `value` have to be visited; in the sweep they come later anyway."""
        if value is None or self._sweeping:
            return
        for user in value.uses:
            if user not in self._queued:
                self._queued.add(user)
                self._queue.append(user)

    # ---- one instruction

    def _visit(self, instr: Instr) -> None:
        if instr.targets:
            self._visit_branch(instr)
            return
        if self._is_stale(instr.operands):
            self._read(instr)
        if instr.op in RULES:
            if instr.result is not None:
                self._simplify(instr, instr.result)
        elif instr.op is ops.CONST:
            self._constants[instr] = None
        elif instr.op is ops.FREE and is_nil(instr.operands[0]):
            self._gone.append(instr)

    def _is_stale(self, operands: list[Operand]) -> bool:
        """Whether one of them is replaced, or a constant that may be written as a literal."""
        replaced = self._replaced
        for o in operands:
            if type(o) is Value:
                owner = o.owner
                if (type(owner) is Instr and owner.op is ops.CONST) or o in replaced:
                    return True
        return False

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
                self._constants[instr] = None
            else:
                self._replaced[result] = self._resolve(found)
                self._gone.append(instr)
                return

    def _resolve(self, value: Value) -> Value:
        replaced = self._replaced
        if value not in replaced:
            return value
        root = value
        while root in replaced:
            root = replaced[root]
        while value is not root:
            replaced[value], value = root, replaced[value]
        return root

    def _read(self, instr: Instr) -> bool:
        """Let `instr` read what its operands were replaced by, and constants as literals where they can be written."""
        new: dict[Value, Operand] = {}
        constants: dict[Value, Literal] = {}
        for o in instr.inputs():
            if type(o) is not Value:
                continue
            root = self._resolve(o)
            if root is not o:
                new[o] = root
            constant = literal(root)
            if constant is not None:
                constants[root] = constant
        if new:
            edit.substitute(instr, new)
        read = self._read_literals(instr, constants)
        if not new and not read:
            return False
        self.changes += 1
        self._changed(instr.result)
        return True

    def _read_literals(self, instr: Instr, constants: dict[Value, Literal]) -> bool:
        accepted: dict[Value, Operand] = {}
        for value, constant in constants.items():
            if edit.accepts_literal(instr, value, constant):
                accepted[value] = constant
                d = definition(value)
                assert d is not None
                self._constants[d] = None
                if instr.op in _ONE_BY_ONE:
                    edit.replace_operand(instr, value, constant)
        if accepted and instr.op not in _ONE_BY_ONE:
            edit.substitute(instr, accepted)
        return bool(accepted)

    # ---- branches

    def _visit_branch(self, instr: Instr) -> None:
        stale = self._is_stale(instr.operands) or any(t.args and self._is_stale(t.args) for t in instr.targets)
        if stale and self._read(instr):
            for target in instr.targets:
                if target.args and target.block in self._visited:
                    self._again[target.block] = None
        if instr.op in _DECIDABLE:
            self._decide(instr)

    def _decide(self, instr: Instr) -> None:
        """Turn a branch that can only go one way into a `br`, and drop the cases that go where the default goes."""
        subject, targets = instr.operands[0], instr.targets
        d = definition(subject)
        while instr.op is ops.BR_IF and d is not None and d.op is ops.NOT:
            subject, targets = d.operands[0], targets[::-1]
            d = definition(subject)
            self._turn(instr, ops.BR_IF, [subject], targets)
        known = number(subject)
        if known is not None:
            self._turn(instr, ops.BR, [], (_chosen(instr, known),))
        elif instr.op is ops.BR_IF:
            if same_target(*targets):
                self._turn(instr, ops.BR, [], targets[:1])
        else:
            self._drop_cases(instr, subject, targets)

    def _drop_cases(self, instr: Instr, subject: Operand, targets: tuple[Target, ...]) -> None:
        assert isinstance(instr.imm, tuple)
        kept = [(case, t) for case, t in zip(instr.imm, targets[1:], strict=True) if not same_target(t, targets[0])]
        if not kept:
            self._turn(instr, ops.BR, [], targets[:1])
        elif len(kept) < len(instr.imm):
            cases = tuple(case for case, _ in kept)
            self._turn(instr, ops.SWITCH, [subject], (targets[0], *(t for _, t in kept)), cases)

    def _turn(
        self,
        instr: Instr,
        op: ops.Op,
        operands: list[Operand],
        kept: tuple[Target, ...],
        imm: tuple[int, ...] | None = None,
    ) -> None:
        staying = set(kept)
        gone = [t for t in instr.targets if t not in staying]
        edit.set_targets(instr, op, operands, kept, imm)
        self.changes += 1
        if gone:
            self._must_search = True
            self._kill(self._drop_edges(gone))

    # ---- block parameters

    def _decide_params(self, block: Block) -> None:
        """Replace the parameters of `block` that get the same value on every edge."""
        incoming = [t for _, t in self._incoming.get(block, ()) if t not in self._removed]
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
            self._replaced[param] = self._constant_at(block, found, param) if type(found) is Literal else found

    def _always(self, param: Value, n: int, incoming: list[Target]) -> Operand | None:
        """What `param` gets on every edge, itself not counted; None where that differs."""
        found: Operand | None = None
        for target in incoming:
            o = target.args[n]
            if type(o) is Value:
                o = self._resolve(o)
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
        self._constants[instr] = None
        assert instr.result is not None
        return instr.result

    # ---- editing

    def finish(self) -> None:
        """Take out what was replaced, and the blocks that cannot be reached."""
        dead = [b for b in self._func.blocks if b not in self._visited or b in self._dead]
        if dead:
            self.changes += len(dead)
            edit.remove_blocks(self._func, dead)
        if self._gone_params:
            live = {b: gone for b, gone in self._gone_params.items() if b not in self._dead}
            edit.remove_all_params(
                self._func, live, [s.instrs[-1] for b in live for s, _ in self._incoming[b] if s not in self._dead]
            )
        for block, constants in self._heads.items():
            if block not in self._dead:
                edit.set_instrs(block, [*constants, *block.instrs])
        self.changes += len(self._gone)
        if self._gone:
            edit.remove(self._gone)
        unread = [c for c in self._constants if c.result is None or not c.result.uses]
        if unread:
            self.changes += len(unread)
            edit.remove(unread)


def _chosen(instr: Instr, known: float) -> Target:
    """Where a `br_if` or `switch` on a known number goes."""
    if instr.op is ops.BR_IF:
        return instr.targets[0 if known else 1]
    assert isinstance(instr.imm, tuple)
    cases = dict(zip(instr.imm, instr.targets[1:], strict=True))
    return cases.get(int(known), instr.targets[0])


def same_target(a: Target, b: Target) -> bool:
    """Whether both lead to one block with the same arguments."""
    return a.block is b.block and all(map(same, a.args, b.args))
