"""One body: blocks, branches, dominance, names and uses."""

from __future__ import annotations

import re
from collections.abc import Sequence

from irpass.ir import names, ops
from irpass.ir.core import ArenaSpec, Block, Func, Instr, Literal, Operand, Value
from irpass.ir.dominance import dominator_intervals
from irpass.ir.types import ARENA, PointerType, ScalarType, SliceType
from irpass.verifier.forms import TAKES_ARENA, Form, Forms, fits, misfit
from irpass.verifier.log import PASS_BUG, Finding, Log, breach
from irpass.verifier.types import Types

_VALUE_NAMES = re.compile(rf"{names.VALUE.pattern}(?:\n{names.VALUE.pattern})*")  # one a line
_TARGETS = {ops.BR: 1, ops.BR_IF: 2}


class BodyCheck:
    """Checks one body: blocks in preorder of the dominator tree, so that each definition comes before what it
    dominates, then the blocks that cannot be reached."""

    def __init__(self, func: Func, types: Types, forms: Forms, log: Log) -> None:
        self._func = func
        self._types = types
        self._forms = forms
        self._log = log
        self._index = {id(b): i for i, b in enumerate(func.blocks)}
        # For each value defined so far, the last preorder number that its block dominates.
        self._reach: dict[Value, int] = {}
        self._late: list[tuple[Block, Instr, Value, bool]] = []  # uses to judge when every definition is known
        self._reads = 0  # distinct pairs of a value and an instruction that reads it
        self._uses_agree = True

    def run(self) -> None:
        func, index = self._func, self._index
        self._check_labels()
        edges = [[index[id(s)] for s in b.successors() if id(s) in index] for b in func.blocks]
        for block, successors in zip(func.blocks, edges, strict=True):
            if 0 in successors:
                note = "let the entry block go on to a block of its own, and go back to that"
                self._log.instr(func, block, block.instrs[-1], breach("V08", "a branch to the entry block", note))
        first, last = dominator_intervals(edges)
        for param in func.params:
            self._define(param, func, len(edges))
        for b in sorted(range(len(edges)), key=lambda b: (first[b] < 0, first[b])):
            self._check_block(func.blocks[b], first[b], last[b])
        self._judge_late_uses()
        self._check_names()
        if not self._uses_agree or self._reads != sum([len(v.uses) for v in self._reach]):
            self._recount_uses()

    def _check_labels(self) -> None:
        func, log = self._func, self._log
        if func.entry.params:
            finding = breach("V08", "the entry block has parameters", "use those of the function")
            log.block(func, func.entry, finding)
        if len(self._index) != len(func.blocks):
            log.decl(func, breach("V23", f"@{func.name} holds a block twice", PASS_BUG))
        labels: set[str] = set()
        for block in func.blocks:
            if not names.LABEL.fullmatch(block.name):
                note = "labels start with a letter or _, and go on with those, digits, $ and ."
                log.block(func, block, breach("V05", f"{block.name!r} is no label", note))
            if block.name in labels:
                log.block(func, block, breach("V06", f"block {block.name} is defined twice"))
            labels.add(block.name)
            if block.func is not func:
                log.block(func, block, breach("V23", f"block {block.name} names another function", PASS_BUG))
            for t in dict.fromkeys([p.type for p in block.params]):
                for finding in self._types.findings(t):
                    log.block(func, block, finding)
            if block.terminator is None:
                note = "end it in br, br_if, switch, ret or trap"
                log.block(func, block, breach("V09", f"block {block.name} has no terminator", note))
            if len(set(map(id, block.instrs))) != len(block.instrs):
                log.block(func, block, breach("V23", f"block {block.name} holds an instruction twice", PASS_BUG))
        if not func.names.issuperset("^" + label for label in labels):
            log.decl(func, breach("V18", "a label is not marked as taken", PASS_BUG))

    def _define(self, value: Value, owner: Instr | Block | Func, reach: int) -> None:
        if value in self._reach:
            self._at_definition(value, breach("V23", f"%{value.name} is defined in two places", PASS_BUG))
        if value.owner is not owner:
            self._log.decl(self._func, breach("V23", f"%{value.name} names another definition", PASS_BUG))
        self._reach[value] = reach

    def _at_definition(self, value: Value, finding: Finding) -> None:
        owner = value.owner
        if isinstance(owner, Instr) and owner.block is not None:
            self._log.instr(self._func, owner.block, owner, finding)
        elif isinstance(owner, Block):
            self._log.block(self._func, owner, finding)
        else:
            self._log.decl(self._func, finding)

    def _check_block(self, block: Block, now: int, last: int) -> None:
        """Check the instructions of a block with the preorder number `now`, below 0 where it cannot be reached."""
        func, log, forms = self._func, self._log, self._forms
        reach, memo, of_literal = self._reach, forms.memo, forms.of_literal
        final = block.instrs[-1] if block.instrs else None
        reads = 0
        for param in block.params:
            self._define(param, block, last)
        for instr in block.instrs:
            op, imm, result = instr.op, instr.imm, instr.result
            inputs = list(instr.inputs()) if instr.targets else instr.operands
            found: list[Form] = []
            is_odd = False  # a use that does not count 1: right only where the instruction repeats an operand
            for o in inputs:
                if isinstance(o, Value):
                    if now < 0 or reach.get(o, -1) < now:
                        self._late.append((block, instr, o, now >= 0))
                    if o.uses.get(instr) != 1:
                        is_odd = True
                    reads += 1
                    found.append(o.type)
                elif isinstance(o, Literal):
                    found.append(of_literal(o))
                else:
                    log.instr(func, block, instr, breach("V23", f"{o!r} is no operand", PASS_BUG))
            if is_odd or (len(inputs) > 1 and len(set(map(id, inputs))) != len(inputs)):
                reads -= self._check_repeats(instr, inputs)
            if instr.targets or op.is_terminator:
                del found[len(instr.operands) :]
                self._check_branch(block, instr)
                if instr is not final:
                    finding = breach("V09", f"{op.name} is not the last of its block", "start a block behind it")
                    log.instr(func, block, instr, finding)
            if len(found) == len(instr.operands):
                variable = func.result if op is ops.RET else imm if op is not ops.CONST else None
                kind = result.type if result is not None else None
                key = (op, instr.type, variable, imm.__class__, instr.flag, kind, *found)
                findings = memo.get(key)
                if findings is None:
                    findings = memo[key] = forms.findings(instr, found, func)
                for finding in findings:
                    log.instr(func, block, instr, finding)
                is_misfit = op is ops.CONST and instr.type is not None and not fits(instr.type, imm)
                if is_misfit and instr.type is not None and not isinstance(imm, str | tuple | ArenaSpec):  # V23 already
                    log.instr(func, block, instr, misfit(instr.type, imm))
            if op in TAKES_ARENA:
                self._check_arena(block, instr)
            if instr.block is not block:
                log.instr(func, block, instr, breach("V23", f"{op.name} names another block", PASS_BUG))
            if instr.loc is not None and min(instr.loc.line, instr.loc.column) < 0:
                log.instr(func, block, instr, breach("V23", "the numbers of a loc are not negative"))
            if result is not None:
                if result.owner is not instr or result in reach:
                    self._define(result, instr, last)
                reach[result] = last
        self._reads += reads

    def _check_repeats(self, instr: Instr, inputs: Sequence[Operand]) -> int:
        """Count the uses of an instruction one by one; gives how many operands repeat an earlier one."""
        counts: dict[Value, int] = {}
        for o in inputs:
            if isinstance(o, Value):
                counts[o] = counts.get(o, 0) + 1
        if any(value.uses.get(instr) != count for value, count in counts.items()):
            self._uses_agree = False
        return sum(counts.values()) - len(counts)

    def _check_branch(self, block: Block, instr: Instr) -> None:
        func, op, imm = self._func, instr.op, instr.imm

        def report(finding: Finding) -> None:
            self._log.instr(func, block, instr, finding)

        wanted = 1 + len(imm) if isinstance(imm, tuple) else _TARGETS.get(op, 0)
        if len(instr.targets) != wanted:
            report(breach("V23", f"{op.name} has {len(instr.targets)} targets, not {wanted}", PASS_BUG))
        for target in instr.targets:
            name, params = target.block.name, target.block.params
            if id(target.block) not in self._index:
                report(breach("V14", f"block {name} is not in @{func.name}", PASS_BUG))
            elif len(params) != len(target.args):
                report(breach("V14", f"block {name} takes {len(params)} arguments, not {len(target.args)}"))
            for i, (arg, param) in enumerate(zip(target.args, params, strict=False), 1):
                if not isinstance(arg, Value | Literal):
                    continue  # reported with the operands
                if arg.type is not param.type:
                    report(breach("V14", f"argument {i} of block {name} is {arg.type}, not {param.type}"))
                elif isinstance(arg, Literal) and (wrong := self._forms.of_literal(arg).finding) is not None:
                    report(wrong)
        if isinstance(imm, tuple) and op is ops.SWITCH:
            on = instr.operands[0].type if instr.operands else None
            seen: set[int] = set()
            for case in imm:
                if case in seen:
                    report(breach("V15", f"case {case} is given twice"))
                seen.add(case)
                if not isinstance(on, ScalarType) or not fits(on, case):
                    report(breach("V15", f"case {case!r} does not fit {on}"))

    def _check_arena(self, block: Block, instr: Instr) -> None:
        arena = instr.operands[0] if instr.operands else None
        if not isinstance(arena, Value) or arena.type is not ARENA:
            return  # reported by the signature
        source = arena.definition
        if source is None or source.op is not ops.SHARED_ALLOC:
            finding = breach("V21", f"%{arena.name} is not the result of a shared.alloc", "name the arena itself")
            self._log.instr(self._func, block, instr, finding)
        elif instr.op is ops.DERIVE and isinstance(instr.type, SliceType | PointerType):
            align = self._types.align_bytes(instr.type.elem)
            offset = instr.operands[1] if len(instr.operands) > 1 else None
            at = offset.value if isinstance(offset, Literal) else 0
            if isinstance(at, int) and (at % align or at < 0):
                finding = breach("V22", f"offset {at} is no multiple of {align}, the alignment of {instr.type.elem}")
                self._log.instr(self._func, block, instr, finding)
            if isinstance(source.imm, ArenaSpec) and source.imm.align_bytes % align:
                message = f"the arena is aligned to {source.imm.align_bytes}, its member needs {align}"
                note = f"give the shared.alloc align {align}"
                self._log.instr(self._func, block, instr, breach("V22", message, note))

    def _judge_late_uses(self) -> None:
        for block, instr, value, is_reachable in self._late:
            owner = value.owner
            if value not in self._reach:
                message = f"%{value.name} is not defined in @{self._func.name}"
                self._log.instr(self._func, block, instr, breach("V17", message, PASS_BUG))
            elif is_reachable:
                home = owner.block if isinstance(owner, Instr) else owner
                if home is block:
                    note = "move the definition above its use"
                else:
                    note = f"pass it to block {block.name} as a parameter: {block.name}(%p: {value.type})"
                where = f" at line {owner.line}" if owner.line else ""
                message = f"the definition of %{value.name}{where} does not dominate this use"
                self._log.instr(self._func, block, instr, breach("V17", message, note))

    def _check_names(self) -> None:
        func = self._func
        given = [v.name for v in self._reach]
        text = "\n".join(given)
        if given and not (_VALUE_NAMES.fullmatch(text) and text.count("\n") == len(given) - 1):
            for value in self._reach:
                if not names.VALUE.fullmatch(value.name):
                    note = "names are of A-Z a-z 0-9 _ and $"
                    self._at_definition(value, breach("V05", f"{value.name!r} is no name of a value", note))
        unique = set(given)
        if len(unique) != len(given):
            seen: set[str] = set()
            for value in self._reach:
                if value.name in seen:
                    self._at_definition(value, breach("V06", f"%{value.name} is defined twice"))
                seen.add(value.name)
        if not func.names.issuperset(unique):
            missing = next(n for n in given if n not in func.names)
            self._log.decl(func, breach("V18", f"%{missing} is not marked as taken", PASS_BUG))

    def _recount_uses(self) -> None:
        """Find the values whose `uses` are wrong: only when the quick count says that there are some."""
        func = self._func
        expected: dict[Value, dict[Instr, int]] = {v: {} for v in self._reach}
        for instr in func.instrs():
            for o in instr.inputs():
                if isinstance(o, Value) and o in expected:
                    expected[o][instr] = expected[o].get(instr, 0) + 1
        for value, uses in expected.items():
            if uses != value.uses:
                message = f"the uses of %{value.name} are {sum(uses.values())}, not {sum(value.uses.values())}"
                if sum(uses.values()) == sum(value.uses.values()):
                    message = f"the uses of %{value.name} name the wrong instructions"
                self._at_definition(value, breach("V18", message, PASS_BUG))
