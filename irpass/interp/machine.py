"""`run` runs a module: the reference that every other engine and every pass is held against."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from irpass.diagnostics import UsageError
from irpass.heap.collector import Collector
from irpass.heap.simple import Heap, SimpleHeap
from irpass.interp.frame import Emit
from irpass.interp.host import from_host
from irpass.interp.inspection import Inspection
from irpass.interp.memory import Memory
from irpass.interp.outcome import Outcome
from irpass.interp.thread import Externs, Machine, Thread
from irpass.interp.tracing import TracedMemory
from irpass.ir.core import Func, Module

MAX_STEPS = 1_000_000_000
HEAP_LIMIT_BYTES = 1 << 30
MAX_DEPTH = 10_000


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
    collector: Collector | None = None,
    on_end: Callable[[Inspection], None] | None = None,
) -> Outcome:
    """What the function `entry` of a verified module does, given `args`.

    Python values become arguments, and what `externs` get and give, as `irpass.interp.host` says. `heap_limit` is in
    bytes, and is for the simple heap: a `heap` given has its own. None stands for `MAX_STEPS` and `HEAP_LIMIT_BYTES`.
    `max_depth` counts frames, the entry's included. `on_print` gets each line as it is printed.

    With a `collector`, memory that nothing refers to comes back, and `out of memory` only where that does not help.
    `on_end` can ask what is alive and why, when the entry function returns or something traps, before frames go.

    Raises: UsageError where there is no such function, or an argument does not fit its parameter.
    """
    func = find_entry(module, entry, len(args))
    printed: list[str] = []

    def emit(line: str) -> None:
        printed.append(line)
        if on_print is not None:
            on_print(line)

    memory = memory_for(module, heap, heap_limit, collector, is_traced=on_end is not None)
    machine = Machine(memory, externs or {}, max_depth, printed.append if on_print is None else emit, on_end)
    thread = Thread(machine, func, arguments_of(func, args), printed)
    machine.threads.append(thread)
    return thread.run(MAX_STEPS if max_steps is None else max_steps) or thread.out_of_steps()


def memory_for(
    module: Module, heap: Heap | None, heap_limit: int | None, collector: Collector | None, is_traced: bool
) -> Memory:
    """Memory in `heap`, or a simple one; its objects are known if `is_traced`, or if a collector is there for them."""
    if heap is None:
        heap = SimpleHeap(HEAP_LIMIT_BYTES if heap_limit is None else heap_limit)
    if collector is None:
        return TracedMemory(module, heap, Collector("none")) if is_traced else Memory(module, heap)
    return TracedMemory(module, heap, collector) if is_traced or collector.mode != "none" else Memory(module, heap)


def arguments_of(func: Func, args: Sequence[object]) -> list[object]:
    """The host's `args` as values for the parameters of `func`.

    Raises: UsageError where one does not fit.
    """
    return [from_host(p.type, arg, f"%{p.name} of @{func.name}") for p, arg in zip(func.params, args, strict=True)]


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
