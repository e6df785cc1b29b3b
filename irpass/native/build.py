"""`build` writes a module as an executable, object, assembly or LLVM text."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal

from irpass.diagnostics import UsageError
from irpass.interp.machine import find_entry
from irpass.ir.core import Func, Module
from irpass.native import allocators, llvm
from irpass.native.allocators import Allocator
from irpass.native.compiler import find_cc, run_cc
from irpass.native.lower import Lowered, lower
from irpass.native.main_source import main_source
from irpass.native.options import HEAP_LIMIT_BYTES, MAX_DEPTH, LoweringOptions, check_level

Emit = Literal["exe", "obj", "asm", "llvm"]
EMITS: Final[tuple[Emit, ...]] = ("exe", "obj", "asm", "llvm")
_EXPORTED: Final = frozenset({
    "irpass.enter", "A.setup", "A.begin", "A.end", "rt.state", "rt.print.bytes", "rt.print.i64", "rt.print.u64",
    "rt.print.f32", "rt.print.f64",
})  # fmt: skip
_C_FLAGS: Final = ("-O1", "-w")


def build(
    module: Module,
    output: str | Path,
    emit: Emit = "exe",
    *,
    entry: str = "main",
    opt_level: int = 2,
    allocator: str = "libc",
    heap_limit: int = HEAP_LIMIT_BYTES,
    max_depth: int = MAX_DEPTH,
    counters: bool = False,
    debug_info: bool = True,
    cpu: str = "",
    link: Sequence[str] = (),
) -> None:
    """Write a verified module to the file `output`, which is there whole or not at all.

    An executable or object has a `main` that takes the arguments of `entry`, and needs the system's `cc` to be made.
    `cpu` is LLVM's name for the processor, `native` for this one; none is one that runs everywhere. `link` are further
    files for `cc`: they may define the externs. Sizes in bytes.

    Raises: UsageError where llvmlite, `cc` or the allocator is missing, or there is no such function; IrpassError
    where `cc` fails.
    """
    check_level(opt_level)
    if emit not in EMITS:
        raise UsageError.of(f"nothing to emit is called {emit!r:.80}", f"there are {', '.join(EMITS)}")
    func = _entry(module, entry)
    chosen = allocators.find(allocator)
    if emit in ("exe", "obj"):
        find_cc()  # before the work
    options = LoweringOptions(max_depth, heap_limit, counters, debug_info, for_process=False)
    lowered = lower(module, func, options)
    target = llvm.machine(opt_level, for_process=False, cpu=llvm.host_cpu() if cpu == "native" else cpu)
    code = llvm.parse(lowered.text)
    code.name = module.file
    code.link_in(llvm.parse(_runtime_text(chosen, counters)))
    llvm.internalize(code, _EXPORTED)
    llvm.optimize(code, opt_level, target)
    if chosen.fast_paths is not None and opt_level > 0:
        llvm.inline(code, chosen.fast_paths, _EXPORTED, target)
    if emit == "llvm":
        _write(output, str(code).encode())
    elif emit == "asm":
        _write(output, target.emit_assembly(code).encode())
    else:
        _link(target.emit_object(code), lowered, module, chosen, Path(output), emit, link)


def _entry(module: Module, name: str) -> Func:
    found = module.func(name.removeprefix("@"))
    return find_entry(module, name, len(found.params) if found is not None else 0)


def _runtime_text(allocator: Allocator, counters: bool) -> str:
    heap = "counted.ll" if counters else "plain.ll"
    return llvm.runtime_text("runtime.ll", heap, "linked.ll", *allocator.files)


def _link(
    code: bytes, lowered: Lowered, module: Module, allocator: Allocator, output: Path, emit: Emit,
    link: Sequence[str],
) -> None:  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="irpass") as folder:
        program, source, main = (Path(folder, name) for name in ("program.o", "main.c", "main.o"))
        program.write_bytes(code)
        text = main_source(lowered, module, output.name, allocator.scans_stacks)
        source.write_text(text, encoding="utf-8", errors="surrogateescape")
        run_cc(*_C_FLAGS, "-c", str(source), "-o", str(main))
        made = Path(folder, "made")
        files = [str(program), str(main)]
        if emit == "obj":
            generated = allocator.link_flags(Path(folder)) if allocator.is_generated else []
            run_cc("-r", "-nostdlib", *files, *generated, "-o", str(made))
        else:
            run_cc(*files, *link, *allocator.link_flags(Path(folder)), "-lm", "-pthread", "-o", str(made))
        _write(output, made.read_bytes(), made.stat().st_mode)


def _write(output: str | Path, data: bytes, mode: int = 0o644) -> None:
    """Write beside the file and rename, so that a running program or a failure leaves no half of it."""
    path = Path(output)
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=path.name, delete=False) as file:
            file.write(data)
        Path(file.name).chmod(mode)
        Path(file.name).replace(path)
    except OSError as error:
        raise UsageError.of(f"cannot write {path}: {error.strerror}") from None
