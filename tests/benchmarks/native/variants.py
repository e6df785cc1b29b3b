"""The variants of one program: irpass before and after folding with each allocator, C, and Go."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import irpass as ip
from irpass.native import allocators
from irpass.native.build import build
from irpass.native.engine import run
from irpass.passes.pipeline import Report
from samples.minigo.compiler import arguments, compile_text
from tests.benchmarks.native.programs import Program

BEFORE = "(canonicalize,cse,simplify-cfg,dce,inline)*,insert-frees"
AFTER = "canonicalize,cse,simplify-cfg,dce"
UNFOLDED = f"{BEFORE},{AFTER}"
FOLDED = f"{BEFORE},fold-allocs,{AFTER}"
COUNT_CALLS = Path(__file__).with_name("count_calls.c")


@dataclass(frozen=True, slots=True)
class Variant:
    """One executable. `name` is "c", "c on stack", "go", or an allocator and "unfolded" or "folded"."""

    name: str
    command: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """What the heap was asked for: `calls` of the allocator, `peak_bytes` live at once."""

    calls: int
    peak_bytes: int


def compiled(program: Program, pipeline: str) -> tuple[ip.Module, Report]:
    """The program's module after a pipeline, and what the passes report."""
    module = compile_text(program.go.read_text(encoding="utf-8"), program.go.name)
    return module, ip.optimize(module, pipeline)


def counted(module: ip.Module, size: int) -> Counts:
    """Run in this process, with counters.

    Raises: RuntimeError where the program traps.
    """
    outcome = run(module, "main", arguments(module, [str(size)]))
    if outcome.trap is not None:
        raise RuntimeError(f"the program traps: {outcome.trap}")
    return Counts(outcome.heap.calls, outcome.heap.peak_bytes)


def missing_allocator(name: str) -> str | None:
    """Why an allocator cannot be used here; None where it can."""
    try:
        allocators.find(name).path()
    except ip.UsageError as error:
        return str(error)
    return None


def build_all(program: Program, names: tuple[str, ...], modules: dict[str, ip.Module], out: Path) -> list[Variant]:
    """Build every variant into `out`; C and Go where `cc` and `go` are there. `modules` are by "unfolded", "folded"."""
    size = str(program.size)
    variants: list[Variant] = []
    for allocator in names:
        for kind, module in modules.items():
            path = out / f"{program.name}-{allocator}-{kind}"
            build(module, path, allocator=allocator)
            variants.append(Variant(f"{allocator} {kind}", (str(path), size)))
    if shutil.which("cc") is not None:
        for name, flags in (("c", ()), ("c on stack", ("-DON_STACK",))):
            if flags and not program.has_scratch:
                continue
            path = out / f"{program.name}-{name.replace(' ', '-')}"
            subprocess.run(["cc", "-O2", *flags, "-o", path, program.c], check=True)
            variants.append(Variant(name, (str(path), size)))
    if shutil.which("go") is not None:
        path = out / f"{program.name}-go"
        subprocess.run(["go", "build", "-o", path, program.go], check=True)
        variants.append(Variant("go", (str(path), size)))
    return variants


def build_call_counter(out: Path) -> Path:
    """A library to preload that counts what reaches libc's allocator."""
    path = out / "count_calls.so"
    subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", path, COUNT_CALLS], check=True)
    return path
