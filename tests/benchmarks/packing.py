"""Layouts of `irpass.packing` beside those of other planners: `python -m tests.benchmarks.packing PART... [--data
DIR] [--iree-opt PATH]`.

Parts: `minimalloc` (wants --data, a directory with MiniMalloc's CSV files), `functions`, `shapes`, `large`. Each
prints a Markdown table; ratios are peak over the lower bound, times and limits are CPU seconds, so that other work on
the machine changes little. `large` runs MLIR's own
planner where --iree-opt names the program that the package iree-base-compiler installs.
"""

from __future__ import annotations

import argparse
import re
import resource
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import fmean
from time import process_time

from irpass.packing import EFFORTS, Buffer, Packing, Progress, lower_bound, pack, validate
from irpass.packing.table import read_table
from tests.packing.instances import chain, function, guillotine, nest, stream
from tests.peers.packing_models import CLASSIC_GREEDY, PLANNERS


def timed(
    buffers: Sequence[Buffer],
    effort: str | int = "default",
    capacity: int | None = None,
    cpu_limit: float | None = None,
) -> tuple[Packing, float]:
    """A validated layout and the CPU seconds that it took."""
    begin = process_time()

    def is_in_time(_: Progress) -> bool:
        return cpu_limit is None or process_time() - begin < cpu_limit

    layout = pack(buffers, effort=effort, capacity=capacity, progress=is_in_time)
    seconds = process_time() - begin
    assert validate(buffers, layout.offsets) == []
    return layout, seconds


def ratio(buffers: Sequence[Buffer], offsets: Sequence[int]) -> float:
    assert validate(buffers, offsets) == []
    return max(o + b.size for o, b in zip(offsets, buffers, strict=True)) / max(1, lower_bound(buffers))


def row(*cells: object) -> None:
    shown = [f"{cell:.4f}" if isinstance(cell, float) else str(cell) for cell in cells]
    print(f"| {' | '.join(shown)} |", flush=True)


def head(*cells: str) -> None:
    print()
    row(*cells)
    row(*["---"] * len(cells))


def minimalloc(directory: Path) -> None:
    """MiniMalloc's instances: fitted into their capacity, then as low as 10 s get, beside the models."""
    tables = {
        path.stem.split(".")[0]: read_table(path.read_bytes(), path.name) for path in sorted(directory.glob("*.csv"))
    }
    head(
        "instance",
        "buffers",
        "lower bound",
        "fits 1,048,576",
        "seconds",
        "steps",
        "peak after 10 s",
        "ratio",
        "proven optimal",
    )
    total, ratios = 0.0, []
    for name, table in tables.items():
        fitted, seconds = timed(table.buffers, capacity=1 << 20)
        total += seconds
        free, _ = timed(table.buffers, effort=10**12, cpu_limit=10.0)
        ratios.append(free.peak / free.lower_bound)
        shown = (fitted.fits, round(seconds, 2), fitted.steps, free.peak, ratios[-1], free.optimal)
        row(name, len(table.buffers), lower_bound(table.buffers), *shown)
    row("together", "", "", "", round(total, 2), "", "", fmean(ratios), "")
    head("planner", *tables, "mean")
    for planner, plan in PLANNERS.items():
        found = [ratio(table.buffers, plan(table.buffers)) for table in tables.values()]
        row(planner, *found, fmean(found))


def functions() -> None:
    """200 random functions of each size: mean and worst ratio, and how often a classic greedy was lower."""
    head("buffers", "best of classic greedy", "quick", "default", "default, worst", "greedy lower", "ms each")
    for count in (10, 30, 100, 300):
        greedy, quick, default, lower, seconds = [], [], [], 0, 0.0
        for seed in range(200):
            buffers = function(count, seed)
            bound = lower_bound(buffers)
            greedy.append(min(ratio(buffers, plan(buffers)) for plan in CLASSIC_GREEDY.values()))
            quick.append(timed(buffers, effort="quick")[0].peak / bound)
            layout, took = timed(buffers)
            default.append(layout.peak / bound)
            seconds += took
            lower += greedy[-1] < default[-1]
        row(count, fmean(greedy), fmean(quick), fmean(default), max(default), lower, round(seconds * 5, 2))


def shapes() -> None:
    """Chains, nests and rectangles cut to pieces, at rising effort: mean ratio and mean seconds."""
    head("shape", "best of classic greedy", "quick", "s", "default", "s", "high, 10 s", "s")
    makers: dict[str, Callable[[int], list[Buffer]]] = {
        "chain 100": lambda seed: chain(100, seed),
        "chain 1000": lambda seed: chain(1000, seed),
        "nest 100": lambda seed: nest(100, seed),
        "nest 1000": lambda seed: nest(1000, seed),
        "cut 100": lambda seed: guillotine(100, seed)[0],
        "cut 300": lambda seed: guillotine(300, seed)[0],
        "cut 1000": lambda seed: guillotine(1000, seed)[0],
    }
    for name, make in makers.items():
        instances = [make(seed) for seed in range(5)]
        cells: list[object] = [fmean(min(ratio(b, plan(b)) for plan in CLASSIC_GREEDY.values()) for b in instances)]
        for effort in EFFORTS:
            found = [timed(b, effort, cpu_limit=10.0) for b in instances]
            cells += [
                fmean(layout.peak / layout.lower_bound for layout, _ in found),
                round(fmean(s for _, s in found), 3),
            ]
        row(name, *cells)


def large(iree_opt: str | None) -> None:
    """Thousands of buffers, by the default: ratio and seconds, and MLIR's own planner in the same run."""
    head("buffers", "alive", "ratio", "seconds", "MLIR best-fit, ratio", "seconds")
    for count in (10_000, 50_000):
        for name, buffers in (
            ("about 30", stream(count, 30, 1)),
            ("about 100", stream(count, 100, 1)),
            ("about 100, mixed alignments", aligned(stream(count, 100, 1))),
            ("about 1,000", stream(count, 1000, 1)),
            ("about 3,000", stream(count, 3000, 1)),
            ("a third of all", function(count, 1)),
        ):
            layout, seconds = timed(buffers)
            cells: list[object] = ["", ""]
            if iree_opt and not any(b.alignment > 1 for b in buffers):  # its planner has one alignment for all
                arena, took = mlir_arena(buffers, iree_opt)
                cells = [arena / layout.lower_bound, round(took, 2)]
            row(count, name, layout.peak / layout.lower_bound, round(seconds, 2), *cells)


def aligned(buffers: Sequence[Buffer]) -> list[Buffer]:
    """The same buffers with alignments from 1 to 64."""
    return [Buffer(b.size, b.first, b.last, (1, 2, 4, 8, 16, 64)[b.size % 6]) for b in buffers]


def mlir_arena(buffers: Sequence[Buffer], iree_opt: str) -> tuple[int, float]:
    """The arena that MLIR's static memory planner makes for the buffers, and the CPU seconds of its pass: that part of
    the program's that the pass has of the wall clock.
    """
    events = [(b.first, 1, i) for i, b in enumerate(buffers)] + [(b.last, 0, i) for i, b in enumerate(buffers)]
    lines = []
    for _, is_beginning, i in sorted(events):
        kind = f"memref<{buffers[i].size}xi8>"
        lines.append(f"%b{i} = memref.alloc() : {kind}" if is_beginning else f"memref.dealloc %b{i} : {kind}")
    text = "func.func @f() {\n" + "\n".join(lines) + "\nreturn\n}\n"
    pipeline = "builtin.module(func.func(static-memory-planner-analysis{algorithm=best-fit}))"
    with tempfile.NamedTemporaryFile("w", suffix=".mlir") as file:
        file.write(text)
        file.flush()
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        done = subprocess.run(
            [iree_opt, f"--pass-pipeline={pipeline}", "--mlir-timing", "--mlir-disable-threading", file.name],
            capture_output=True,
            text=True,
            check=True,
        )
        seconds = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
    arena = re.search(r"memref\.alloc\(\).*: memref<(\d+)xi8>", done.stdout)
    clock = re.search(r"\(([ 0-9.]+)%\)\s+StaticMemoryPlanner", done.stderr)
    assert arena is not None and clock is not None, done.stderr[-2000:]
    return int(arena[1]), seconds * float(clock[1]) / 100


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="+", choices=("minimalloc", "functions", "shapes", "large"))
    parser.add_argument("--data", type=Path, help="a directory with MiniMalloc's CSV files")
    parser.add_argument("--iree-opt", help="the program iree-opt of the package iree-base-compiler")
    arguments = parser.parse_args()
    for part in arguments.parts:
        if part == "minimalloc":
            if arguments.data is None:
                parser.error("the part minimalloc wants --data")
            minimalloc(arguments.data)
        elif part == "functions":
            functions()
        elif part == "shapes":
            shapes()
        else:
            large(arguments.iree_opt)


if __name__ == "__main__":
    main()
