"""Calls of small functions, and of functions called once, become their bodies, callees before callers.

Needs: a verified module. Keeps: every effect and trap, in order; each copied instruction has the line and `loc` of the
one that it is a copy of, and a fresh name. Leaves to others: literals that were passed (they come as `const`s, which
`canonicalize` puts in their places), and the functions themselves: any of them may be what is run.

Before:
    func @two() -> i64 {
    entry:
      ret 2
    }
    func @f(%x: i64) -> i64 {
    entry:
      %t = call @two()
      ret %t
    }

After:
    func @two() -> i64 {
    entry:
      ret 2
    }
    func @f(%x: i64) -> i64 {
    entry:
      %t = const i64, 2
      ret %t
    }

What a trap's place means after this: its kind, `loc` and line of the IR text stay, and they are what two runs are
compared by; function and block are those that the instruction is in now.

`stack overflow` is a trap like any other, and inlining takes frames away. So a call is inlined only where the call
graph itself keeps every chain of calls through it within the 10,000 frames of a run: not below a recursion, nor above
one, whose depth the frame counts against. `near-recursion=true` allows both: such an overflow may then come later, or
not at all. (A run with a limit that is set lower may get further, too.) Never inlined: functions that may come back
into themselves, and those that folding has been over, whose `stack` arenas would live as long as the caller's frame.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar

from irpass.analysis.call_graph import call_components, is_recursive
from irpass.analysis.cfg import Cfg
from irpass.ir import edit, ops
from irpass.ir.core import Block, Func, Instr, Literal, Module, Operand, Target, Value
from irpass.passes.base import Context, Pass

MAX_DEPTH = 10_000  # frames that a run may have unless its limit is set
_ONCE_FACTOR = 4  # a function called once may be that much larger; it stays, so the copy is not free
_FOLDED = frozenset({ops.SHARED_ALLOC, ops.DERIVE, ops.SHARED_RELEASE, ops.SHARED_FREE})


@dataclass(frozen=True)
class Inline(Pass):
    """Replace calls by the bodies of what they call."""

    name: ClassVar[str] = "inline"
    summary: ClassVar[str] = "replace calls of small or once-called functions by their bodies"

    max_size: int = field(default=32, metadata={"help": "instructions of the largest function to inline"})
    once: bool = field(default=True, metadata={"help": "functions called once may be 4 times that large"})
    max_caller: int = field(default=20_000, metadata={"help": "instructions up to which a caller may grow"})
    near_recursion: bool = field(
        default=False,
        metadata={"help": "inline above and below recursion too: a stack overflow may come later, or not at all"},
    )

    def run_module(self, module: Module, context: Context) -> bool:
        calls = _count_calls(module)
        if not calls:
            return False
        components = call_components(module)
        recursive = is_recursive(module, components)
        depths, heights = _depths(module, components, recursive), _heights(module, components, recursive)
        changed = False
        for name in (name for names in components for name in names):
            caller = _func(module, name)
            work = _Inliner(caller, context)
            for call, callee in _calls(caller):
                fits = self.near_recursion or depths[name] + heights[callee.name] <= MAX_DEPTH
                if fits and callee.name not in recursive and self._is_wanted(callee, calls[callee.name]):
                    work.choose(call, callee, self.max_caller)
            if work.chosen:
                work.run()
                context.count(caller, "inline.calls", len(work.chosen))
                changed = True
        return changed

    def _is_wanted(self, callee: Func, calls: int) -> bool:
        limit = self.max_size * (_ONCE_FACTOR if self.once and calls == 1 else 1)
        size = 0
        for block in callee.blocks:
            size += len(block.instrs)
            if size > limit:
                return False
        return not any(i.op in _FOLDED for i in callee.instrs())


def _calls(caller: Func) -> Iterator[tuple[Instr, Func]]:
    """The calls of functions with bodies, in order."""
    for block in caller.blocks:
        for instr in block.instrs:
            if instr.op is ops.CALL and isinstance(instr.imm, str):
                callee = caller.module.func(instr.imm)
                if callee is not None and not callee.is_extern:
                    yield instr, callee


def _count_calls(module: Module) -> dict[str, int]:
    """How often the text calls each function with a body."""
    found: dict[str, int] = {}
    for func in module.funcs:
        for _, callee in _calls(func):
            found[callee.name] = found.get(callee.name, 0) + 1
    return found


def _func(module: Module, name: str) -> Func:
    found = module.func(name)
    assert found is not None
    return found


def _depths(module: Module, components: list[list[str]], recursive: set[str]) -> dict[str, int]:
    """The most frames that there can be when each function runs, its own included; `MAX_DEPTH` for no bound."""
    depths = {f.name: 1 for f in module.funcs}
    for names in reversed(components):  # callers before callees
        for name in names:
            if name in recursive:
                depths[name] = MAX_DEPTH
        for name in names:
            for _, callee in _calls(_func(module, name)):
                depths[callee.name] = max(depths[callee.name], min(MAX_DEPTH, depths[name] + 1))
    return depths


def _heights(module: Module, components: list[list[str]], recursive: set[str]) -> dict[str, int]:
    """The most frames that each function can need, its own included; `MAX_DEPTH` for no bound."""
    heights: dict[str, int] = {}
    for name in (name for names in components for name in names):  # callees before callers
        below = [heights.get(callee.name, MAX_DEPTH) for _, callee in _calls(_func(module, name))]
        heights[name] = MAX_DEPTH if name in recursive else min(MAX_DEPTH, 1 + max(below, default=0))
    return heights


class _Inliner:
    """Puts the bodies of the chosen callees into one caller, in one walk over it."""

    def __init__(self, caller: Func, context: Context) -> None:
        self._caller = caller
        self._context = context
        self._size = sum(len(b.instrs) for b in caller.blocks)
        self.chosen: dict[Instr, Func] = {}
        self._contents: list[tuple[Block, list[Instr]]] = []
        self._replaced: dict[Value, Operand] = {}  # results of calls, by what the one `ret` gave

    def choose(self, call: Instr, callee: Func, max_caller: int) -> None:
        """Inline that call, if the caller does not grow past the limit."""
        size = sum(len(b.instrs) for b in callee.blocks)
        if self._size + size <= max_caller:
            self._size += size
            self.chosen[call] = callee

    def run(self) -> None:
        for block in self._caller.blocks:
            self._open(block)
            for instr in block.instrs:
                callee = self.chosen.get(instr)
                if callee is None:
                    self._out.append(instr)
                else:
                    self._splice(instr, callee)
        edit.substitute_all(self._replaced)
        edit.set_blocks(self._caller, self._contents)

    def _open(self, block: Block) -> None:
        """From here on, instructions go into `block`."""
        self._at, self._out = block, list[Instr]()
        self._contents.append((block, self._out))

    def _splice(self, call: Instr, callee: Func) -> None:
        graph: Cfg = self._context.analyses.cfg(callee)
        copies: dict[Value, Operand] = {
            param: self._named(arg, param.name, call) for param, arg in zip(callee.params, call.operands, strict=True)
        }
        entry, *others = graph.order
        blocks = {b: edit.new_block(self._caller, b.name, call.line) for b in others}
        for block, copy in blocks.items():
            for param in block.params:
                copies[param] = edit.add_param(copy, param.type, param.name)
        is_straight = not others and entry.instrs[-1].op is ops.RET
        rest = None if is_straight else edit.new_block(self._caller, self._at.name, call.line)
        for block in graph.order:
            if block is not entry:
                self._open(blocks[block])
            for instr in block.instrs[:-1] if is_straight else block.instrs:
                self._copy(instr, copies, blocks, rest, call.result is not None)
        if rest is None:
            self._give_result(call, entry.instrs[-1], copies)
        else:
            if call.result is not None:
                edit.result_to_param(call, rest)
            self._open(rest)

    def _named(self, arg: Operand, name: str, call: Instr) -> Operand:
        """`arg`, a literal as a `const`: not every place that reads the parameter can be written with a literal."""
        if not isinstance(arg, Literal):
            return arg
        instr = edit.place(self._at, _const(arg, call), arg.type, name)
        self._out.append(instr)
        assert instr.result is not None
        return instr.result

    def _copy(
        self,
        instr: Instr,
        copies: dict[Value, Operand],
        blocks: dict[Block, Block],
        rest: Block | None,
        gives_result: bool,
    ) -> None:
        def copied(operands: list[Operand]) -> list[Operand]:
            return [copies[o] if isinstance(o, Value) else o for o in operands]

        if instr.op is ops.RET:
            assert rest is not None
            to_rest = (Target(rest, copied(instr.operands) if gives_result else []),)
            new = Instr(ops.BR, [], targets=to_rest, loc=instr.loc, line=instr.line)
        else:
            targets = tuple(Target(blocks[t.block], copied(t.args)) for t in instr.targets)
            new = Instr(
                instr.op, copied(instr.operands), instr.type, instr.imm, instr.flag, targets, instr.loc, instr.line
            )
        old = instr.result
        edit.place(self._at, new, old.type if old is not None else None, old.name if old is not None else "")
        if old is not None and new.result is not None:
            copies[old] = new.result
        self._out.append(new)

    def _give_result(self, call: Instr, ret: Instr, copies: dict[Value, Operand]) -> None:
        """Let the readers of the call's result read what the copy of `ret` would have returned."""
        if call.result is None:
            return
        (returned,) = ret.operands
        if isinstance(returned, Literal):
            instr = edit.place(self._at, _const(returned, call))
            edit.take_result(instr, call)
            self._out.append(instr)
        else:
            self._replaced[call.result] = copies[returned]


def _const(value: Literal, call: Instr) -> Instr:
    return Instr(ops.CONST, [], value.type, value.value, loc=call.loc, line=call.line)
