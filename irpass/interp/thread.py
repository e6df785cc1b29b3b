"""What threads share, and a thread: the loop that runs handlers, which can stop after any instruction and go on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, final

from irpass.interp.alloc_handlers import end_frame
from irpass.interp.decode import CallSite, Code, decode
from irpass.interp.frame import Emit, FrameLayout, Regs
from irpass.interp.host import from_host, result_to_host, to_host
from irpass.interp.inspection import Inspection
from irpass.interp.memory import Memory
from irpass.interp.outcome import Outcome, Trap, TrapError
from irpass.interp.tracing import TracedMemory
from irpass.interp.watching import watch_of
from irpass.ir import ops
from irpass.ir.core import Func
from irpass.ir.semantics import ArithmeticTrapError

Externs = Mapping[str, Callable[..., Any]]


@final
class Machine:
    """What the threads of a run share: its memory, the code decoded so far, externs, and where lines go.

    `on_end` is called when a thread ends, and its frames are still there. `max_depth` counts a thread's frames.
    """

    def __init__(
        self,
        memory: Memory,
        externs: Externs,
        max_depth: int,
        emit: Emit,
        on_end: Callable[[Inspection], None] | None = None,
    ) -> None:
        self.memory = memory
        self.code: dict[Func, Code] = {}
        self.max_depth = max_depth
        self.threads: list[Thread] = []
        self.running: Thread | None = None
        self._externs = externs
        self._emit = emit
        self._on_end = on_end
        self._watch = watch_of(memory)
        if isinstance(memory, TracedMemory):
            memory.program = self

    def ending(self) -> None:
        """Let the host look, if it wants to: a thread has come to its end, and its frames are still there."""
        if self._on_end is not None and isinstance(self.memory, TracedMemory):
            self._on_end(Inspection(self.memory))

    def decoded(self, func: Func) -> Code:
        code = self.code.get(func)
        if code is None:
            code = self.code[func] = decode(FrameLayout(func, self.memory, self._emit, self._watch))
        return code

    def extern(self, callee: Func, arguments: Sequence[object]) -> object:
        """What the host's function gives.

        Raises: TrapError where there is none; UsageError where the result does not fit.
        """
        function = self._externs.get(callee.name)
        if function is None:
            raise TrapError(ops.UNDEFINED_EXTERN)
        shapes, guard = self.memory.shapes, self.memory.guard(callee)
        given = [to_host(p.type, value, shapes, guard) for p, value in zip(callee.params, arguments, strict=True)]
        result = function(*given)
        return from_host(callee.result, result, f"the result of @{callee.name}") if callee.result is not None else None


@final
class Thread:
    """One thread: its frames, and how many `steps` it has done. `printed` are the lines of its outcome."""

    def __init__(self, machine: Machine, func: Func, args: Sequence[object], printed: list[str], number: int = 0):
        self.number = number
        self.steps = 0
        self.printed = printed
        self.func = func
        self.callers: list[tuple[Code, Regs, CallSite]] = []
        self.code = machine.decoded(func)
        self.regs = self.code.template.copy()
        self.regs[: self.code.param_count] = args
        self._machine = machine
        self._segment = self.code.entry
        self._at = 0  # how many handlers of the segment have run; its other instructions are still to come

    def run(self, max_steps: int) -> Outcome | None:
        """Go on until the thread ends, or has done `max_steps` instructions in all: None then."""
        memory, max_depth = self._machine.memory, self._machine.max_depth
        known, decoded, extern = self._machine.code, self._machine.decoded, self._machine.extern
        self._machine.running, memory.heap.thread = self, self.number
        if self._at:
            ended = self._rest_of_segment(max_steps)
            if ended is not None or self._at:
                return ended
            self._machine.running = self
        code, regs, segment, callers, steps = self.code, self.regs, self._segment, self.callers, self.steps
        handler = None
        try:
            while True:
                steps += segment.count
                if steps > max_steps:
                    self.code, self.regs, self._segment, self.steps = code, regs, segment, steps - segment.count
                    return self._rest_of_segment(max_steps)
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
                    if not callers:
                        self.code, self.regs, self._segment, self.steps = code, regs, segment, steps
                        return self._returned(result)
                    if code.stack_arenas is not None:
                        end_frame(memory, regs, code.stack_arenas)
                    code, regs, call = callers.pop()
                    regs[call.out] = result
                    segment = call.after
                elif call.callee.is_extern:
                    regs[call.out] = extern(call.callee, call.arguments(regs))
                    segment = call.after
                else:
                    if len(callers) + 2 > max_depth:
                        raise TrapError(ops.STACK_OVERFLOW)
                    callers.append((code, regs, call))
                    arguments = call.arguments(regs)
                    code = known.get(call.callee) or decoded(call.callee)
                    regs = code.template.copy()
                    regs[: code.param_count] = arguments
                    segment = code.entry
        except (TrapError, ArithmeticTrapError) as trap:
            at = segment.handlers.index(handler) if handler is not None else segment.count - 1
            self.code, self.regs, self._segment, self.steps = code, regs, segment, steps - segment.count + at + 1
            return self._trapped(trap.kind, at)

    def out_of_steps(self) -> Outcome:
        """What a thread has done that may not go on."""
        return self._trapped(ops.STEP_LIMIT, self._at)

    def _rest_of_segment(self, max_steps: int) -> Outcome | None:
        """Run what is left of the segment, but not what ends it. `_at` is 0 afterwards if only that is left."""
        handlers, regs, at = self._segment.handlers, self.regs, self._at
        stop = min(len(handlers), at + max_steps - self.steps)
        try:
            while at < stop:
                handlers[at](regs)
                at += 1
        except (TrapError, ArithmeticTrapError) as trap:
            self.steps += at + 1 - self._at
            return self._trapped(trap.kind, at)
        self.steps += at - self._at
        self._at = at
        if at and at == len(handlers):
            self._segment, self._at = self._segment.ending(), 0
        self._machine.running = None
        return None

    def _returned(self, result: object) -> Outcome:
        memory = self._end()
        if self.code.stack_arenas is not None:
            end_frame(memory, self.regs, self.code.stack_arenas)
        returned = result_to_host(self.func.result, result)
        return Outcome(returned, self.printed, None, self.steps, memory.stats, self.func.result)

    def _trapped(self, kind: str, at: int) -> Outcome:
        self._end()
        instr = self._segment.instrs[at]
        block = instr.block
        assert block is not None
        trap = Trap(kind, block.func.name, block.name, instr.line, instr.loc)
        return Outcome(None, self.printed, trap, self.steps, self._machine.memory.stats)

    def _end(self) -> Memory:
        memory = self._machine.memory
        self._machine.running = None
        self._machine.ending()
        return memory
