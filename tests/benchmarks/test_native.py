"""The smoke forms of `python -m tests.benchmarks.native` and `python -m tests.benchmarks.native.members`."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("llvmlite", reason="native code needs llvmlite")
from tests.benchmarks.native.__main__ import measure  # needs llvmlite
from tests.benchmarks.native.clock import best_seconds
from tests.benchmarks.native.members import table, variants
from tests.benchmarks.native.programs import PROGRAMS, Program
from tests.benchmarks.native.results import Result
from tests.benchmarks.native.table import markdown
from tests.benchmarks.native.variants import Counts

needs_cc = pytest.mark.skipif(shutil.which("cc") is None, reason="no cc to link executables with")


@needs_cc
def test_the_variants_of_a_program_print_the_same_and_folding_saves_calls(tmp_path: Path) -> None:
    if shutil.which("go") is None:
        print("no go: the variant in Go is left out")
    result = measure(replace(PROGRAMS["particles"], size=20, counted=20), ("libc",), 1, tmp_path)
    wanted = {"libc unfolded", "libc folded", "c", "c on stack"} | ({"go"} if shutil.which("go") else set())
    assert set(result.seconds) == wanted
    assert result.after.calls < result.before.calls
    assert result.reaching_libc["libc folded"] < result.reaching_libc["libc unfolded"]


@pytest.mark.parametrize("name", PROGRAMS)
def test_each_program_is_there_in_go_and_in_c(name: str) -> None:
    assert PROGRAMS[name].go.is_file()
    assert PROGRAMS[name].c.is_file()


@needs_cc
def test_members_are_timed_in_each_way(tmp_path: Path) -> None:
    built = list(variants((2, 4), ["libc"], 8, tmp_path))
    rows = list(table(best_seconds(built, 1), (2, 4), ["libc"], 8))
    assert [row.count("|") for row in rows] == [7] * 6 + [0] + [6] * 4


def test_the_table_says_why_a_program_does_not_gain() -> None:
    few = _result("idle", 1.0, 1.0, (8, 5), 9)
    alone = _result("alone", 1.0, 0.98, (4_000_000, 4_000_000), 4_000_000, {"only-one": 3})
    gains = _result("gains", 1.0, 0.4, (4_000_000, 1_000_000), 4_000_000)
    removed = _result("removed", 1.0, 1.0, (90_000_000, 30_000_000), 2_000_000)
    assert few.why() == "it hardly allocates: 9 calls in 1.0 s"
    assert alone.why() == "it is the only allocation of its block (3 of 4 sites)"
    assert removed.why() == "LLVM removes its allocations: 2,000,000 calls are left of 90,000,000"
    assert gains.why() == ""
    page = markdown([few, alone, gains, removed], ["libc"], 1)
    assert "| gains | 1.00 | 2.50 | - | - | - |" in page
    assert "| **allocation-heavy, geometric mean** |  | **1.26** |" in page


def _result(
    name: str,
    unfolded: float,
    folded: float,
    calls: tuple[int, int],
    reaching: int,
    missed: dict[str, int] | None = None,
) -> Result:
    program = Program(name, "allocation-heavy", 10, 10)
    seconds = {"libc unfolded": unfolded, "libc folded": folded}
    counts = [Counts(n, 64) for n in calls]
    return Result(program, seconds, counts[0], counts[1], {"libc unfolded": reaching}, missed or {}, 1)
