"""The library in a few verbs: parse, verify, optimize, run; after `import irpass as ip`, `ip.parse` and so on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from irpass import verifier as _verifier
from irpass.diagnostics import Diagnostic, UsageError
from irpass.ir.core import Module
from irpass.text.parser import parse as _parse

if TYPE_CHECKING:
    from irpass.heap.collector import Collector
    from irpass.heap.simple import Heap
    from irpass.interp.outcome import Outcome
    from irpass.passes.pipeline import Report


def parse(text: str | bytes, file: str = "<string>", *, verify: bool = True) -> Module:
    """The module that `text` describes, verified unless asked not to; `file` is its name in diagnostics.

    Raises: ParseError, VerifyError; each with all that was found.
    """
    module = _parse(text, file)
    if verify:
        _verifier.check(module)
    return module


def verify(module: Module) -> list[Diagnostic]:
    """Every breach of the language's rules by `module`; an empty list says that it is well formed."""
    return _verifier.verify(module)


def optimize(module: Module, passes: str | None = None, *, verify_each: bool = False, check: bool = False) -> Report:
    """Run a pipeline over `module`, which it changes; the default one folds allocations.

    The report has `remarks` (what was done, what not and why) and `statistics` by function.

    `verify_each` verifies after each pass, and `check` has the independent checker judge each fold.

    Raises: UsageError for a pipeline that cannot be read; VerifyError for a module that is not well formed; IrpassError
    where a pass broke the module, which is a bug.
    """
    from irpass.passes.pipeline import DEFAULT, Runner, parse_pipeline

    _verifier.check(module)
    return Runner(parse_pipeline(DEFAULT if passes is None else passes), verify_each, check).run(module)


def run(
    module: Module,
    *args: object,
    entry: str = "main",
    externs: Mapping[str, Callable[..., object]] | None = None,
    max_steps: int | None = None,
    heap_limit: int | None = None,
    max_depth: int = 10_000,
    engine: Literal["interp", "native"] = "interp",
    opt_level: int = 2,
    allocator: str = "libc",
    heap: Heap | None = None,
    collector: Collector | None = None,
    on_print: Callable[[str], None] | None = None,
) -> Outcome:
    """Run a function in the reference interpreter: what it printed and returned, its trap, and what its heap did.

    `engine="native"` runs it as native code, through LLVM's optimizer at `opt_level` and on the memory of `allocator`;
    steps are not counted there, so that `max_steps` means nothing.

    `args` are Python numbers, bools, `bytes` for `[]u8`, and lists for other slices. `externs` maps the names of extern
    functions to Python callables. `heap` (`irpass.heap.model.ModelHeap`, say) and `collector` are for the interpreter;
    a heap that is given has its own limit. `on_print` gets each line as it is printed. Sizes in bytes.

    Raises: VerifyError for a module that is not well formed; UsageError for arguments that do not fit the function, or
    where llvmlite or the allocator is not installed.
    """
    from irpass.interp.machine import run as interpret

    _verifier.check(module)
    arguments: Sequence[object] = args
    if engine == "native":
        from irpass.native.engine import run as run_native

        if heap is not None or collector is not None:
            raise UsageError.of("a heap or collector is for the interpreter", "native code takes an `allocator`")
        return run_native(
            module, entry, arguments, opt_level=opt_level, allocator=allocator, externs=externs,
            heap_limit=heap_limit, max_depth=max_depth, on_print=on_print,
        )  # fmt: skip
    return interpret(
        module, entry, arguments, externs=externs, max_steps=max_steps, heap_limit=heap_limit, max_depth=max_depth,
        heap=heap, collector=collector, on_print=on_print,
    )  # fmt: skip
