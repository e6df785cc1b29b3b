"""Programs print byte for byte what the real Go prints: interpreted, folded, native."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

import irpass as ip
from samples.minigo.compiler import arguments, compile_text
from tests.minigo.random_expressions import program as random_program
from tests.minigo.real_go import CLAIMS, GO, MISSING, PROGRAMS, expected_file, real_output

EVERY = pytest.mark.parametrize("program", [*PROGRAMS, *CLAIMS], ids=lambda path: path.stem)


@cache
def module_of(program: Path) -> ip.Module:
    return compile_text(program.read_text(encoding="utf-8"), program.name)


@cache
def interpreted(program: Path) -> ip.Outcome:
    module = module_of(program)
    return ip.run(module, *arguments(module, []))


def text_of(outcome: ip.Outcome) -> bytes:
    assert outcome.trap is None
    return "".join(f"{line}\n" for line in outcome.printed).encode("utf-8", "surrogateescape")


def test_there_are_fourteen_programs_and_an_expectation_for_each() -> None:
    assert len(PROGRAMS) >= 14
    assert all(expected_file(program).exists() for program in [*PROGRAMS, *CLAIMS])


@EVERY
def test_the_interpreter_prints_what_go_prints(program: Path) -> None:
    assert ip.verify(module_of(program)) == []
    assert text_of(interpreted(program)) == expected_file(program).read_bytes()


@EVERY
def test_folding_changes_nothing_and_the_checker_accepts_it(program: Path) -> None:
    module = compile_text(program.read_text(encoding="utf-8"), program.name)
    ip.optimize(module, check=True)
    after = ip.run(module, *arguments(module, []))
    assert ip.refines(interpreted(program), after) is None
    assert after.heap.calls <= interpreted(program).heap.calls


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
def test_folded_native_code_prints_what_go_prints(program: Path) -> None:
    pytest.importorskip("llvmlite", reason="native code needs the extra `native`")
    from irpass.native.engine import run

    module = compile_text(program.read_text(encoding="utf-8"), program.name)
    ip.optimize(module, "fold-allocs")
    outcome = run(module, "main", arguments(module, []), opt_level=1)
    assert text_of(outcome) == expected_file(program).read_bytes()


@pytest.mark.parametrize("program", CLAIMS, ids=lambda path: path.stem)
def test_native_code_keeps_each_claim(program: Path) -> None:
    pytest.importorskip("llvmlite", reason="native code needs the extra `native`")
    from irpass.native.engine import run

    module = module_of(program)
    outcome = run(module, "main", arguments(module, []), opt_level=0)
    assert text_of(outcome) == expected_file(program).read_bytes()


@pytest.mark.skipif(GO is None, reason=MISSING)
@EVERY
def test_the_expected_output_is_what_the_real_go_prints(program: Path) -> None:
    assert real_output(program) == expected_file(program).read_bytes()


@pytest.mark.skipif(GO is None, reason=MISSING)
def test_random_expressions_have_the_values_that_the_real_go_gives(tmp_path: Path) -> None:
    file = tmp_path / "table.go"
    file.write_text(random_program(300, seed=20), encoding="utf-8")
    module = compile_text(file.read_text(encoding="utf-8"), "table.go")
    assert text_of(ip.run(module)) == real_output(file)


@pytest.mark.skipif(GO is None, reason=MISSING)
@pytest.mark.parametrize("name, size", [("floats-print-exactly", "2000"), ("words", "20000"), ("tree", "5000")])
def test_larger_native_runs_print_what_the_real_go_prints(name: str, size: str) -> None:
    pytest.importorskip("llvmlite", reason="native code needs the extra `native`")
    from irpass.native.engine import run

    program = next(path for path in [*PROGRAMS, *CLAIMS] if path.stem == name)
    module = module_of(program)
    assert text_of(run(module, "main", arguments(module, [size]), opt_level=1)) == real_output(program, size)
