"""`run` runs a module: the reference that every other engine and every pass is held against."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from irpass.diagnostics import UsageError
from irpass.heap.simple import Heap, SimpleHeap
from irpass.interp.alloc_handlers import end_frame
from irpass.interp.decode import CallSite, Code, Segment, decode
from irpass.interp.frame import Emit, FrameLayout, Regs
from irpass.interp.host import from_host, result_to_host, to_host
from irpass.interp.memory import Memory
from irpass.interp.outcome import Outcome, Trap, TrapError
from irpass.ir import ops
from irpass.ir.core import Func, Module
from irpass.ir.semantics import ArithmeticTrapError

MAX_STEPS = 1_000_000_000
HEAP_LIMIT_BYTES = 1 << 30
MAX_DEPTH = 10_000

Externs = Mapping[str, Callable[..., Any]]


def run(
    module: Module,
    entry: str = "main",
    args: Sequence[object] = (),
    *,
    externs: Externs | None = None,
    max_steps: int | None = None,
    heap_limit: int | None = None,
    max_depth: int = MAX_DEPTH,
    heap: Heap | None = None,
    on_print: Emit | None = None,
) -> Outcome:
    """What the function `entry` of a verified module does, given `args`.

    Python values become arguments, and what `externs` get and give, as `irpass.interp.host` says. `heap_limit` is in
    bytes, and is for the simple heap: a `heap` given has its own. None stands for `MAX_STEPS` and `HEAP_LIMIT_BYTES`.
    `max_depth` counts frames, the entry's included. `on_print` gets each line as it is printed.

    Raises: UsageError where there is no such function, or an argument does not fit its parameter.
    """
    func = find_entry(module, entry, len(args))
    if heap is None:
        heap = SimpleHeap(HEAP_LIMIT_BYTES if heap_limit is None else heap_limit)
    machine = _Machine(module, heap, externs or {}, on_print)
    values = [from_host(p.type, arg, f"%{p.name} of @{func.name}") for p, arg in zip(func.params, args, strict=True)]
    return machine.run(func, values, MAX_STEPS if max_steps is None else max_steps, max_depth)


def find_entry(module: Module, entry: str, arg_count: int) -> Func:
    """The function named `entry`, with or without its `@`, which takes so many arguments.

    Raises: UsageError where there is none.
    """
    name = entry.removeprefix("@")
    func = module.func(name)
    if func is None or func.is_extern:
        known = ", ".join("@" + f.name for f in module.funcs[:8])
        raise UsageError.of(f"no function @{name} to run", f"the module defines {known or 'none'}")
    if arg_count != len(func.params):
        wanted = ", ".join(f"%{p.name}: {p.type}" for p in func.params)
        raise UsageError.of(f"@{name} takes {len(func.params)} arguments, not {arg_count}", f"func @{name}({wanted})")
    return func


class _Machine:
    """One run: its memory, the code decoded so far, what was printed."""

    def __init__(self, module: Module, heap: Heap, externs: Externs, on_print: Emit | None) -> None:
        self._memory = Memory(module, heap)
        self._externs = externs
        self._code: dict[Func, Code] = {}
        self._printed: list[str] = []
        self._on_print = on_print

    def _emit(self, line: str) -> None:
        self._printed.append(line)
        if self._on_print is not None:
            self._on_print(line)

    def _decoded(self, func: Func) -> Code:
        code = self._code.get(func)
        if code is None:
            emit = self._emit if self._on_print is not None else self._printed.append
            code = self._code[func] = decode(FrameLayout(func, self._memory, emit))
        return code

    def run(self, func: Func, args: Sequence[object], max_steps: int, max_depth: int) -> Outcome:
        code = self._decoded(func)
        regs = code.template.copy()
        regs[: code.param_count] = args
        segment = code.entry
        callers: list[tuple[Code, Regs, CallSite]] = []
        steps = 0
        handler = None
        try:
            while True:
                steps += segment.count
                if steps > max_steps:
                    return self._last_steps(segment, regs, steps - segment.count, max_steps)
                for handler in segment.handlers:
                    handler(regs)
                handler = None
                branch = segment.branch
                if branch is not None:
                    segment = branch(regs)
                    continue
                call = segment.call
                if call is None:
                    result = regs[segment.returned] if segment.returned is not None else None
                    if code.stack_arenas is not None:
                        end_frame(self._memory, regs, code.stack_arenas)
                    if not callers:
                        returned = result_to_host(func.result, result)
                        return Outcome(returned, self._printed, None, steps, self._memory.stats, func.result)
                    code, regs, call = callers.pop()
                    regs[call.out] = result
                    segment = call.after
                elif call.callee.is_extern:
                    regs[call.out] = self._extern(call.callee, call.arguments(regs))
                    segment = call.after
                else:
                    if len(callers) + 2 > max_depth:
                        raise TrapError(ops.STACK_OVERFLOW)
                    callers.append((code, regs, call))
                    arguments = call.arguments(regs)
                    code = self._code.get(call.callee) or self._decoded(call.callee)
                    regs = code.template.copy()
                    regs[: code.param_count] = arguments
                    segment = code.entry
        except (TrapError, ArithmeticTrapError) as trap:
            at = segment.handlers.index(handler) if handler is not None else segment.count - 1
            return self._trapped(trap.kind, segment, at, steps - segment.count + at + 1)

    def _last_steps(self, segment: Segment, regs: Regs, steps: int, max_steps: int) -> Outcome:
        """Run what the limit leaves of a segment that would go over it."""
        for at, handler in enumerate(segment.handlers[: max_steps - steps]):
            try:
                handler(regs)
            except (TrapError, ArithmeticTrapError) as trap:
                return self._trapped(trap.kind, segment, at, steps + at + 1)
        return self._trapped(ops.STEP_LIMIT, segment, max_steps - steps, max_steps)

    def _trapped(self, kind: str, segment: Segment, at: int, steps: int) -> Outcome:
        instr = segment.instrs[at]
        block = instr.block
        assert block is not None
        trap = Trap(kind, block.func.name, block.name, instr.line, instr.loc)
        return Outcome(None, self._printed, trap, steps, self._memory.stats)

    def _extern(self, callee: Func, arguments: Sequence[object]) -> object:
        function = self._externs.get(callee.name)
        if function is None:
            raise TrapError(ops.UNDEFINED_EXTERN)
        shapes = self._memory.shapes
        given = [to_host(p.type, value, shapes) for p, value in zip(callee.params, arguments, strict=True)]
        result = function(*given)
        return from_host(callee.result, result, f"the result of @{callee.name}") if callee.result is not None else None
