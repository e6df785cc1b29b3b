"""`run` runs a module as native code in this process, and gives the outcome that the interpreter gives.

`NativeProgram` is a module compiled once, to be run with many arguments.
"""

from __future__ import annotations

import ctypes
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from functools import cache
from typing import TYPE_CHECKING, Any, final

from irpass.heap.simple import HeapStats
from irpass.interp.host import from_host, result_to_host, to_host
from irpass.interp.machine import find_entry
from irpass.interp.memory import NIL
from irpass.interp.outcome import Outcome, Trap, TrapError
from irpass.interp.shapes import Shapes
from irpass.ir.core import Func, Module
from irpass.native import allocators, llvm
from irpass.native.allocators import Allocator
from irpass.native.call_ops import argument_offsets
from irpass.native.lower import lower
from irpass.native.memory_view import NativeMemory
from irpass.native.options import HEAP_LIMIT_BYTES, MAX_DEPTH, LoweringOptions, check_level

if TYPE_CHECKING:
    from llvmlite.binding import ResourceTracker

Externs = Mapping[str, Callable[..., Any]]
Emit = Callable[[str], None]


class State(ctypes.Structure):
    """The runtime's own state: `%State` of runtime.ll."""

    _fields_ = [  # what ctypes asks for
        ("frame", ctypes.c_void_p),
        *[(n, ctypes.c_int64) for n in ("site", "calls", "bytes_requested", "peak_bytes", "live_bytes", "derives",
                                        "fallbacks", "frees", "denied_bytes", "limit_bytes")],
        ("output", ctypes.c_void_p),
        *[(n, ctypes.c_int64) for n in ("output_bytes", "output_room", "line_start", "print_site")],
    ]  # fmt: skip


_COUNTERS = ("calls", "bytes_requested", "peak_bytes", "live_bytes", "derives", "fallbacks", "frees", "denied_bytes")
_RUN = ctypes.CFUNCTYPE(ctypes.c_int32, *[ctypes.c_void_p] * 3, ctypes.c_int64)
_HOST = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p)
_FLUSH = ctypes.CFUNCTYPE(None)
_RUNTIME_NAMES = (
    "rt.trap", "rt.grow", "heap.zeroed", "heap.raw", "heap.aligned", "heap.free", "rt.frame.allocate", "rt.frame.free",
    "rt.frame.end", "rt.frame.enter", "rt.frame.leave", "rt.count.derives", "rt.count.fallbacks", "rt.print.begin",
    "rt.print.end", "rt.print.bytes", "rt.print.bool", "rt.print.i64", "rt.print.u64", "rt.print.f32", "rt.print.f64",
    "rt.host.call", "rt.stack.end",
)  # fmt: skip
_PROGRAM_NAMES = ("irpass.enter", "irpass.literals", "irpass.literals.size")
_ENTRY_NAMES = ("rt.run", "rt.state", "rt.flush", "rt.host", "rt.stack.end", "A.setup")
_SHARED_RUNTIME_LEVEL = 1


def run(
    module: Module,
    entry: str = "main",
    args: Sequence[object] = (),
    *,
    opt_level: int = 2,
    allocator: str = "libc",
    externs: Externs | None = None,
    heap_limit: int | None = None,
    max_depth: int = MAX_DEPTH,
    counters: bool = True,
    on_print: Emit | None = None,
) -> Outcome:
    """What the function `entry` of a verified module does, given `args`: as `irpass.interp.machine.run`, but that there
    are no steps, and that `use after free`, `double free`, `bad free` and `uninitialized read` are not found.

    Without `counters` the heap's counters stay 0, and of the limit is left that no one request may be over it.

    Raises: UsageError where llvmlite or the allocator is missing, there is no such function, or an argument does not
    fit its parameter.
    """
    limit = HEAP_LIMIT_BYTES if heap_limit is None else heap_limit
    options = LoweringOptions(max_depth, limit, counters)
    find_entry(module, entry, len(args))
    with NativeProgram(module, entry, opt_level=opt_level, allocator=allocator, options=options) as program:
        return program.run(args, externs=externs, on_print=on_print)


@final
class NativeProgram:
    """A module compiled for this process, to be run from `entry`. Close it, or use it in a `with`: its code goes."""

    def __init__(
        self,
        module: Module,
        entry: str = "main",
        *,
        opt_level: int = 2,
        allocator: str = "libc",
        options: LoweringOptions | None = None,
    ) -> None:
        check_level(opt_level)
        self._is_abandoned = False
        self.options = options if options is not None else LoweringOptions()
        self.module = module
        self.entry = _entry(module, entry)
        chosen = allocators.find(allocator)
        self.lowered = lower(module, self.entry, self.options)
        code = llvm.parse(self.lowered.text)
        target = llvm.machine(opt_level, for_process=True)
        if not self.options.counters:  # the allocator's functions are to be inlined
            code.link_in(llvm.parse(_runtime_text(chosen, counters=False)))
            llvm.internalize(code, frozenset({*_PROGRAM_NAMES, *_ENTRY_NAMES}))
        llvm.optimize(code, opt_level, target)
        if self.options.counters:
            runtime = _shared_runtime(chosen.name)
            self._code = llvm.link(code, opt_level, _PROGRAM_NAMES, {name: runtime[name] for name in _RUNTIME_NAMES})
            self.runtime = runtime
        else:
            self._code = llvm.link(code, opt_level, (*_PROGRAM_NAMES, *_ENTRY_NAMES), chosen.addresses())
            self.runtime = {name: self._code[name] for name in _ENTRY_NAMES}
        _FLUSH(self.runtime["A.setup"])()
        size = ctypes.c_int64.from_address(self._code["irpass.literals.size"]).value
        start = self._code["irpass.literals"]
        self.literals = range(start, start + size)

    def __enter__(self) -> NativeProgram:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def enter(self) -> int:
        """The address of the code that takes a row of arguments."""
        address: int = self._code["irpass.enter"]
        return address

    def abandon(self) -> None:
        """Keep the code for ever: a thread still runs it."""
        self._is_abandoned = True

    def close(self) -> None:
        if not self._is_abandoned:
            self._code.close()

    def run(
        self, args: Sequence[object] = (), *, externs: Externs | None = None, on_print: Emit | None = None
    ) -> Outcome:
        """Run once, on a thread of its own whose stack has room for all frames that the limit lets open."""
        find_entry(self.module, self.entry.name, len(args))
        return _Execution(self, externs or {}, on_print).outcome(args)


@final
class _Execution:
    """One run of a program: its arguments and result in memory, what it printed, what its host did."""

    def __init__(self, program: NativeProgram, externs: Externs, on_print: Emit | None) -> None:
        self._program = program
        self._lowered = program.lowered
        self._memory = NativeMemory(Shapes(program.module, NIL), program.literals)
        self._externs = externs
        self._on_print = on_print
        self._printed: list[str] = []
        self._has_trapped = False
        self._host_trap: str | None = None  # the word of a trap that the host met
        self._error: BaseException | None = None  # what the host raised
        self._state = State.from_address(program.runtime["rt.state"])

    def outcome(self, args: Sequence[object]) -> Outcome:
        entry, memory = self._program.entry, self._memory
        arguments = memory.keep(self._lowered.arguments_bytes)
        for param, offset_bytes, arg in zip(entry.params, self._lowered.offsets, args, strict=True):
            memory.write(
                param.type, arguments + offset_bytes, from_host(param.type, arg, f"%{param.name} of @{entry.name}")
            )
        result_bytes = memory.shapes.of(entry.result).size_bytes if entry.result is not None else 0
        result = memory.keep(result_bytes)
        self._on_thread(arguments, result)
        if self._error is not None:
            raise self._error
        stats = HeapStats(**self._counters)
        if self._has_trapped:
            trap = self._lowered.context.sites[self._site]
            if self._host_trap is not None:
                trap = Trap(self._host_trap, trap.func, trap.block, trap.line, trap.loc)
            return Outcome(None, self._printed, trap, None, stats)
        held = memory.read(entry.result, result) if entry.result is not None else None
        returned = result_to_host(entry.result, held) if memory.is_readable(entry.result, held) else None
        return Outcome(returned, self._printed, None, None, stats, entry.result)

    def _on_thread(self, arguments: int, result: int) -> None:
        """Run to the end; an interrupt leaves the program running, on a thread that ends with the process."""
        stack_bytes = self._lowered.context.stack_bytes
        is_nested = getattr(_current, "is_native", False)  # a host's function that runs a program in its turn
        with nullcontext() if is_nested else _one_at_a_time:
            thread = threading.Thread(target=self._run, args=(arguments, result, stack_bytes), daemon=True)
            with _stack_size(stack_bytes + _HOST_STACK_BYTES):
                thread.start()
            try:
                thread.join()
            except BaseException:  # an interrupt most likely, and whatever else a signal's handler raises
                self._read_lines()
                _shared_runtime.cache_clear()  # its state is that of the program which still runs
                self._program.abandon()
                raise

    def _run(self, arguments: int, result: int, stack_bytes: int) -> None:
        runtime = self._program.runtime
        pointers = [ctypes.c_void_p.from_address(runtime[name]) for name in ("rt.flush", "rt.host", "rt.stack.end")]
        outer, outer_pointers = bytes(self._state), [p.value for p in pointers]
        ctypes.memset(ctypes.addressof(self._state), 0, ctypes.sizeof(State))
        self._state.limit_bytes = min(self._program.options.heap_limit_bytes, (1 << 63) - 1)
        callbacks = (_FLUSH(self._read_lines), _HOST(self._call_host))
        for pointer, callback in zip(pointers, callbacks, strict=False):
            pointer.value = ctypes.cast(callback, ctypes.c_void_p).value
        _current.is_native = True
        enter = self._program.enter
        self._has_trapped = _RUN(runtime["rt.run"])(enter, arguments, result, stack_bytes) != 0
        self._read_lines()
        self._site = self._state.site
        self._counters = {name: getattr(self._state, name) for name in _COUNTERS}
        _free()(self._state.output)
        ctypes.memmove(ctypes.addressof(self._state), outer, len(outer))
        for pointer, value in zip(pointers, outer_pointers, strict=True):
            pointer.value = value

    def _read_lines(self) -> None:
        """Take the complete lines out of the runtime's buffer."""
        state = self._state
        data = ctypes.string_at(state.output, state.line_start) if state.line_start else b""
        state.output_bytes = state.line_start = 0
        at = 0
        while at < len(data):
            length = int.from_bytes(data[at : at + 8], sys.byteorder)
            line = data[at + 8 : at + 8 + length].decode("utf-8", "surrogateescape")
            self._printed.append(line)
            if self._on_print is not None:
                self._on_print(line)
            at += 8 + length

    def _call_host(self, number: int, arguments: int, result: int) -> int:
        """Call the function that the host provides; 0 where it returned."""
        callee = self._lowered.externs[number]
        function = self._externs.get(callee.name)
        if function is None:
            return 1
        memory, types = self._memory, [p.type for p in callee.params]
        try:
            offsets, _ = argument_offsets(self._lowered.context.shapes, types)
            held = [memory.read(t, arguments + at) for t, at in zip(types, offsets, strict=True)]
            given = function(*[to_host(t, value, memory.shapes) for t, value in zip(types, held, strict=True)])
            if callee.result is not None:
                what = f"the result of @{callee.name}"
                memory.write(callee.result, result, from_host(callee.result, given, what))
        except TrapError as trap:
            self._host_trap = trap.kind
            return 1
        except BaseException as error:  # whatever it is goes on to the caller of `run`, past the native frames
            self._error = error
            return 1
        return 0


_HOST_STACK_BYTES = 1 << 20  # for Python itself, below the native frames and in the host's functions
_one_at_a_time = threading.Lock()
_current = threading.local()


@contextmanager
def _stack_size(size_bytes: int) -> Iterator[None]:
    """Threads that start meanwhile have such a stack, reserved rather than taken."""
    page = 1 << 16
    before = threading.stack_size(-(-size_bytes // page) * page)
    try:
        yield
    finally:
        threading.stack_size(before)


@cache
def _free() -> Callable[[int | None], None]:
    free: Any = ctypes.CDLL(None).free
    free.argtypes, free.restype = [ctypes.c_void_p], None
    return free  # type: ignore[no-any-return]  # ctypes does not say


def _entry(module: Module, name: str) -> Func:
    found = module.func(name.removeprefix("@"))
    if found is None or found.is_extern:
        find_entry(module, name, 0)
    assert found is not None
    return found


def _runtime_text(allocator: Allocator, counters: bool) -> str:
    heap = "counted.ll" if counters else "plain.ll"
    return llvm.runtime_text("runtime.ll", heap, "in_process.ll", *allocator.files)


_kept: list[ResourceTracker] = []  # the runtimes' code


@cache
def _shared_runtime(allocator: str) -> Mapping[str, int]:
    """Addresses of the runtime with counters, compiled once for all programs of the process."""
    chosen = allocators.find(allocator)
    code = llvm.parse(_runtime_text(chosen, counters=True))
    llvm.optimize(code, _SHARED_RUNTIME_LEVEL, llvm.machine(_SHARED_RUNTIME_LEVEL, for_process=True))
    names = dict.fromkeys((*_RUNTIME_NAMES, *_ENTRY_NAMES))
    linked = llvm.link(code, _SHARED_RUNTIME_LEVEL, tuple(names), chosen.addresses())
    _kept.append(linked)
    return {name: linked[name] for name in names}
