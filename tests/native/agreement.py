"""Does native code do what the interpreter does? Both run a program, and all that shows of the runs is compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from irpass.interp.machine import run as interpret
from irpass.interp.outcome import Outcome
from irpass.ir import ops
from irpass.ir.core import ArenaSpec, Func, Instr, Module
from irpass.ir.types import is_reference
from irpass.native.engine import NativeProgram
from irpass.native.options import LoweringOptions
from irpass.testing.host import Host

# What native code need not detect, and the limit that it does not have.
NOT_COMPARED = (ops.USE_AFTER_FREE, ops.DOUBLE_FREE, ops.BAD_FREE, ops.UNINIT_READ, ops.STEP_LIMIT)
_COUNTERS = (
    "calls", "bytes_requested", "peak_bytes", "live_bytes", "derives", "fallbacks", "frees", "denied_bytes",
)  # fmt: skip


@dataclass(frozen=True)
class Limits:
    max_steps: int = 200_000
    heap_limit_bytes: int = 1 << 20
    max_depth: int = 200


def disagreement(
    module: Module,
    inputs: Sequence[Sequence[object]],
    *,
    entry: str = "main",
    levels: Sequence[int] = (0, 2),
    limits: Limits = Limits(),
    has_host: bool = True,
) -> tuple[str | None, int]:
    """The first difference in words, None where there is none; and how many runs were compared."""
    expected = []
    for args in inputs:
        host = Host(module)
        outcome = interpret(
            module, entry, args, externs=host.externs if has_host else {}, max_steps=limits.max_steps,
            heap_limit=limits.heap_limit_bytes, max_depth=limits.max_depth,
        )  # fmt: skip
        if outcome.trap is None or outcome.trap.kind not in NOT_COMPARED:
            expected.append((args, outcome, host.calls))
    if not expected or (has_host and _host_may_read_unwritten(module)):
        return None, 0
    has_unwritten = any(_leaves_unwritten(instr) for func in module.funcs for instr in func.instrs())
    options = LoweringOptions(limits.max_depth, limits.heap_limit_bytes)
    for level in levels:
        with NativeProgram(module, entry, opt_level=level, options=options) as program:
            for args, outcome, calls in expected:
                host = Host(module)
                found = program.run(args, externs=host.externs if has_host else {})
                difference = differs(outcome, found, has_unwritten)
                if difference is None and host.calls != calls:
                    difference = f"the host saw {calls} and {host.calls}"
                if difference is not None:
                    return f"-O{level}, arguments {args!r:.200}: {difference}", len(expected)
    return None, len(expected) * len(levels)


def _host_may_read_unwritten(module: Module) -> bool:
    """Whether an extern may be given memory that its program has not written: what the host answers then differs."""
    externs = [f for f in module.decls.values() if isinstance(f, Func) and f.is_extern]
    takes = any(is_reference(p.type) for func in externs for p in func.params)
    return takes and any(instr.flag == "uninit" for func in module.funcs for instr in func.instrs())


def _leaves_unwritten(instr: Instr) -> bool:
    return instr.flag == "uninit" or (isinstance(instr.imm, ArenaSpec) and instr.imm.uninit)


def differs(expected: Outcome, found: Outcome, has_unwritten: bool = False) -> str | None:
    """What two outcomes of one program have not in common, the interpreter's first. The elements of a slice that is
    returned are not compared where it was freed, or where some may be unwritten."""
    if expected.printed != found.printed:
        return f"printed {expected.printed} and {found.printed}"
    if expected.trap != found.trap:
        return f"trap {expected.trap} and {found.trap}"
    is_slice = isinstance(found.returned, list | bytes)
    is_unknown = is_slice and (expected.returned is None or has_unwritten)
    if repr(expected.returned) != repr(found.returned) and not is_unknown:
        return f"returned {expected.returned!r} and {found.returned!r}"
    for counter in _COUNTERS:
        old, new = getattr(expected.heap, counter), getattr(found.heap, counter)
        if old != new:
            return f"heap {counter} {old} and {new}"
    return None
