"""Random programs are valid, the same for a seed, and a good mix."""

from __future__ import annotations

import subprocess
import sys

import irpass as ip
from irpass.ir import ops
from irpass.ir.core import Func
from irpass.testing import Asked, Options, Statistics, random_program, run_cases

SEEDS = range(300)


def test_every_program_is_valid() -> None:
    for seed in SEEDS:
        module = random_program(seed)
        assert ip.verify(module) == [], seed


def test_what_comes_of_nil_may_be_freed_twice() -> None:
    assert ip.verify(random_program(82011639)) == []


def test_every_program_reads_back_as_itself() -> None:
    for seed in SEEDS[::10]:
        text = ip.print_module(random_program(seed))
        assert ip.print_module(ip.parse(text)) == text, seed


def test_a_seed_gives_one_program_in_every_process() -> None:
    program = (
        "import zlib, irpass as ip; from irpass.testing import random_program, random_inputs\n"
        "m = [random_program(s) for s in range(20)]\n"
        "print(zlib.crc32(repr([(ip.print_module(x), random_inputs(x, 1)) for x in m]).encode()))"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True, text=True
        ).stdout
        for seed in ("1", "77")
    }
    assert len(outputs) == 1


def test_programs_fold_trap_fall_back_and_end_in_a_good_mix() -> None:
    statistics = Statistics()
    for case in run_cases(SEEDS, "fold-allocs", asked=Asked(text=False, again=False, check=False)):
        assert case.failure is None, str(case.failure)
        statistics.add(case)
    assert statistics.folded > 0.75 * statistics.programs
    assert statistics.derives > 0.4 * statistics.sites
    assert statistics.calls_after < 0.8 * statistics.calls_before
    assert 0.15 * statistics.runs < statistics.trapped < 0.5 * statistics.runs
    assert statistics.fell_back > 0.01 * statistics.runs
    assert 0 < statistics.out_of_steps < 0.1 * statistics.runs
    common = ("bad free", "cap out of range", "double free", "index out of range", "len out of range", "out of memory",
              "slice bounds out of range", "trap", "uninitialized read", "use after free")  # fmt: skip
    assert set(common) <= set(statistics.traps)


def test_programs_have_every_operation_but_those_of_folding() -> None:
    seen = {i.op for seed in SEEDS for f in random_program(seed).funcs for i in f.instrs()}
    folding = {ops.EXTENT, ops.SHARED_ALLOC, ops.DERIVE, ops.SHARED_RELEASE, ops.SHARED_FREE, ops.NEG}
    assert set(ops.ALL) - folding <= seen


def test_options_bound_what_a_program_has() -> None:
    options = Options(size=4, helpers=0, risky=0.0, externs=False, locs=False)
    for seed in range(40):
        module = random_program(seed, options)
        assert [f.name for f in module.decls.values() if isinstance(f, Func)] == ["main"]
        assert all(i.loc is None for f in module.funcs for i in f.instrs())
