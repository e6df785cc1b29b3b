"""What `irpass.testing` promises: valid programs of a good mix, a reducer that reduces, runs that see a miscompile."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

import irpass as ip
from irpass.cli import cli
from irpass.fold import rewrite, zeroing
from irpass.interp.machine import run
from irpass.ir import edit, ops
from irpass.ir.core import Func, Instr
from irpass.testing import (
    Asked,
    Bounds,
    Failure,
    Host,
    Options,
    Statistics,
    compare,
    copy_module,
    fails_like,
    random_inputs,
    random_program,
    reduce,
    reduce_case,
    run_case,
    run_cases,
)

SEEDS = range(300)
_PLAIN = Asked(text=False, again=False, check=False)
_PROGRAM = """\
type @box = { i64, []i64 }

extern func @log(i64) nocapture nofree

func @twice(%x: i64) -> i64 {
entry:
  %y = add %x, %x
  ret %y
}

func @main(%n: i64, %flag: bool) -> i64 {
entry:
  %a = make []i64, 4 loc("main.go":3:1)
  %b = make []i64, 8, 16
  %p = new @box
  store %p.1, %a
  br_if %flag, left, right(%n)
left:
  %t = call @twice(%n)
  call @log(%t)
  br join(%t)
right(%m: i64):
  %u = mul %m, 17
  br join(%u)
join(%j: i64):
  store %b[2], %j
  %x = load %b[2]
  print "x", %x
  ret %x
}
"""


def test_every_program_is_valid() -> None:
    for seed in SEEDS:
        module = random_program(seed)
        assert ip.verify(module) == [], seed


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
    for case in run_cases(SEEDS, "fold-allocs", asked=_PLAIN):
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


def test_a_copy_prints_the_same_and_changes_alone() -> None:
    for seed in range(40):
        module = random_program(seed)
        text = ip.print_module(module)
        copy = copy_module(module)
        assert ip.verify(copy) == []
        assert ip.print_module(copy) == text
        ip.optimize(copy)
        assert ip.print_module(module) == text
        assert ip.verify(module) == []


def test_a_copy_keeps_lines_and_places() -> None:
    module = ip.parse(_PROGRAM)
    pairs = zip(module.funcs[1].instrs(), copy_module(module).funcs[1].instrs(), strict=True)
    assert all((a.line, a.loc) == (b.line, b.loc) for a, b in pairs)


# ---- the host


def test_two_hosts_give_two_runs_the_same() -> None:
    for seed in range(60):
        module = random_program(seed)
        for args in random_inputs(module, seed):
            one, other = Host(module), Host(module)
            outcomes = [run(module, "main", args, externs=h.externs, max_steps=2000, heap_limit=1 << 18)
                        for h in (one, other)]  # fmt: skip
            assert ip.refines(*outcomes) is None
            assert one.calls == other.calls


def test_a_host_that_sees_something_else_is_a_failure() -> None:
    text = (
        "extern func @log(i64) nocapture nofree\nfunc @main() {\nentry:\n  %x = const i64, 1\n  call @log(%x)\n  ret\n}"
    )
    failure = _compare_broken(text, lambda i: i.op is ops.CONST, lambda i: setattr(i, "imm", 2))
    assert failure is not None
    assert failure.kind == "host"


# ---- differential runs


def _compare_broken(text: str, which: Callable[[Instr], bool], harm: Callable[[Instr], None]) -> Failure | None:
    """What `compare` says of a pass that does harm to the instructions that `which` names."""

    def run_module(self: object, module: ip.Module, context: object) -> bool:
        for func in module.funcs:
            for instr in list(func.instrs()):
                if which(instr):
                    harm(instr)
        return True

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("irpass.passes.dce.Dce.run_module", run_module)
        return compare(text, "dce", [[]], asked=Asked(again=False)).failure


def test_a_pass_that_changes_a_length_is_caught() -> None:
    text = "func @main() -> i64 {\nentry:\n  %s = make []i64, 3\n  %n = len %s\n  ret %n\n}\n"

    def harm(instr: Instr) -> None:
        edit.become(instr, ops.MAKE, [ip.Literal(ip.I64, 4)], instr.type)

    failure = _compare_broken(text, lambda i: i.op is ops.MAKE, harm)
    assert failure is not None
    assert (failure.kind, failure.message) == ("outcome", "returned: 3 before, 4 after")


def test_a_pass_that_breaks_a_rule_is_caught() -> None:
    text = "func @main() -> i64 {\nentry:\n  %s = make []i64, 3\n  %n = len %s\n  ret %n\n}\n"
    failure = _compare_broken(text, lambda i: i.op is ops.MAKE, lambda i: edit.remove([i]))
    assert failure is not None
    assert failure.kind == "rules"


def test_a_pass_that_raises_is_caught() -> None:
    def harm(instr: Instr) -> None:
        raise KeyError(instr.op.name)

    failure = _compare_broken("func @main() {\nentry:\n  ret\n}\n", lambda i: i.op is ops.RET, harm)
    assert failure is not None
    assert failure.kind == "crash"
    assert failure.signature == "KeyError in test_testing.py, harm"


def test_a_pass_that_allocates_is_caught() -> None:
    def harm(instr: Instr) -> None:
        block = instr.block
        assert block is not None
        more = edit.place(block, Instr(ops.NEW, [], ip.I64), ip.PointerType(ip.I64))
        edit.set_instrs(block, [more, *block.instrs])

    failure = _compare_broken("func @main() {\nentry:\n  ret\n}\n", lambda i: i.op is ops.RET, harm)
    assert failure is not None
    assert (failure.kind, failure.message) == ("calls", "0 allocator calls before, 1 after")


def test_the_checker_is_asked_about_each_fold() -> None:
    text = "func @main() {\nentry:\n  %a = make []i64, 3\n  %b = make []i64, 3\n  ret\n}\n"
    assert compare(text, "fold-allocs,dce,fold-allocs", asked=Asked(again=False)).checks == 2
    assert compare(text, "fold-allocs,dce", asked=_PLAIN).checks == 0


def test_bounds_are_kept() -> None:
    text = "func @main() {\nentry:\n  br loop\nloop:\n  br loop\n}\n"
    verdict = compare(text, "dce", bounds=Bounds(max_steps=10))
    trap = verdict.runs[0].before.trap
    assert trap is not None
    assert trap.kind == "step limit"


_HARMS = {
    "a member without its cap": (rewrite, "_derive", "cap"),
    "a member that is not zeroed": (zeroing, "_places", "places"),
}


@pytest.mark.parametrize("harm", list(_HARMS))
def test_a_planted_miscompile_of_folding_is_found_and_reduced(harm: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module, name, what = _HARMS[harm]
    good = getattr(module, name)

    def without_cap(instr: Instr, *rest: object) -> None:
        good(instr, *rest)
        if len(instr.operands) == 4:
            edit.become(instr, ops.DERIVE, instr.operands[:3], instr.type)

    def no_places(*site: object) -> set[int] | None:
        return set() if good(*site) else None

    monkeypatch.setattr(module, name, without_cap if what == "cap" else no_places)
    cases = (run_case(seed, "fold-allocs", asked=_PLAIN) for seed in SEEDS)
    found = next((c for c in cases if c.failure is not None), None)
    assert found is not None
    small = reduce_case(found)
    assert len(ip.parse(small).funcs[-1].blocks) <= 4
    assert sum(1 for f in ip.parse(small).funcs for _ in f.instrs()) <= 12
    assert found.failure is not None
    inputs = [list(found.failure.args or ())]
    assert fails_like(found.failure, "fold-allocs", inputs)(small)


# ---- the reducer


def _has(text: str, *wanted: str) -> bool:
    return all(part in text for part in wanted)


def test_what_is_reduced_still_fails_and_is_a_program() -> None:
    small = reduce(_PROGRAM, lambda text: "mul" in text)
    assert "mul" in small
    assert ip.parse(small)
    assert sum(1 for f in ip.parse(small).funcs for _ in f.instrs()) <= 4
    assert "@twice" not in small
    assert "loc" not in small


def test_blocks_cases_parameters_and_literals_go() -> None:
    small = reduce(_PROGRAM, lambda text: _has(text, "make []i64", "print"))
    module = ip.parse(small)
    assert [len(f.blocks) for f in module.funcs] == [1]
    assert "make []i64, 0\n" in small
    assert "new" not in small
    assert "type" not in small


def test_a_predicate_gets_programs_only() -> None:
    def predicate(text: str) -> bool:
        ip.parse(text)  # raises for anything else
        return "store" in text

    assert "store" in reduce(_PROGRAM, predicate)


def test_as_many_tests_as_were_allowed_and_no_more() -> None:
    asked = []

    def predicate(text: str) -> bool:
        asked.append(text)
        return len(asked) <= 2 or "store" in text  # the given text, and its canonical form

    reduce(_PROGRAM, predicate, max_tests=7)
    assert len(asked) <= 7 + 2


def test_what_does_not_fail_cannot_be_reduced() -> None:
    with pytest.raises(ip.UsageError, match="does not fail"):
        reduce(_PROGRAM, lambda text: False)
    with pytest.raises(ip.ParseError):
        reduce("func", lambda text: True)


def test_random_programs_can_be_reduced_for_any_operation() -> None:
    for seed, op in enumerate(("append", "call", "switch", "copy", "loop", "free")):
        text = next(t for s in SEEDS if op in (t := ip.print_module(random_program(s + seed))))

        def predicate(text: str, word: str = op) -> bool:
            return word in text

        small = reduce(text, predicate, max_tests=400)
        assert op in small
        assert len(small) < len(text) / 3


# ---- the commands


def test_fuzz_prints_counters_and_finds_nothing(tmp_path: Path) -> None:
    done = CliRunner().invoke(
        cli, ["fuzz", "--cases", "30", "--passes", "canonicalize,cse,dce", "--json", "-o", str(tmp_path / "out")]
    )
    assert done.exit_code == 0, done.output
    counters = json.loads(done.stdout)
    assert counters["programs"] == 30
    assert counters["failed"] == []
    assert not (tmp_path / "out").exists()


def test_fuzz_gives_the_same_counters_with_two_processes() -> None:
    outputs = {
        CliRunner().invoke(cli, ["fuzz", "--cases", "60", "--seed", "5", "--passes", "dce", "-j", jobs]).stdout
        for jobs in ("1", "2")
    }
    assert len(outputs) == 1


def test_fuzz_writes_a_reduced_program_that_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zeroing, "_places", lambda site, module: set())
    done = CliRunner().invoke(
        cli, ["fuzz", "--cases", "200", "--passes", "fold-allocs", "--no-check", "-o", str(tmp_path)]
    )
    assert done.exit_code == 1
    (path,) = tmp_path.glob("seed-*.ir")
    text = path.read_text(encoding="utf-8")
    assert text.startswith(f"// seed {path.stem.removeprefix('seed-')}: outcome: ")
    assert "// passes: fold-allocs\n" in text
    assert len(text.splitlines()) < 25
    assert ip.parse(text)


def test_fuzz_refuses_a_bad_pipeline_as_usage() -> None:
    done = CliRunner().invoke(cli, ["fuzz", "--passes", "nonsense"])
    assert isinstance(done.exception, ip.UsageError)


def _command(test: str) -> str:
    return f'{sys.executable} -c "import sys; t = open(sys.argv[1]).read(); sys.exit({test})" {{}}'


def test_reduce_keeps_the_status_of_the_command(tmp_path: Path) -> None:
    path = tmp_path / "bad.ir"
    path.write_text(_PROGRAM, encoding="utf-8")
    out = tmp_path / "small.ir"
    test = "3 if 'append' in t else 2 if 'load' in t else 1 if 'make' in t else 0"
    done = CliRunner().invoke(
        cli, ["reduce", str(path), "--command", _command(test), "--max-tests", "60", "-o", str(out)]
    )
    assert done.exit_code == 0, done.output
    small = out.read_text(encoding="utf-8")
    assert "load" in small
    assert len(small) < len(_PROGRAM) / 2


@pytest.mark.parametrize(
    ("text", "command", "error"),
    [
        (_PROGRAM, _command("0"), ip.IrpassError),
        ("func @main( {", _command("1"), ip.ParseError),
        (_PROGRAM, "'", ip.UsageError),
        (_PROGRAM, "", ip.UsageError),
        (_PROGRAM, "no-such-program-anywhere {}", ip.UsageError),
    ],
    ids=["succeeds", "no-program", "quote", "empty", "no-command"],
)
def test_reduce_says_what_is_wrong(tmp_path: Path, text: str, command: str, error: type[Exception]) -> None:
    path = tmp_path / "bad.ir"
    path.write_text(text, encoding="utf-8")
    done = CliRunner().invoke(cli, ["reduce", str(path), "--command", command])
    assert isinstance(done.exception, error)
