"""Every program of `programs/` does what its comments say; together they cover every instruction and every trap."""

from __future__ import annotations

from pathlib import Path

import pytest

from irpass.interp.arenas import MISALIGNED, OUT_OF_ARENA
from irpass.interp.machine import run
from irpass.interp.outcome import Outcome
from irpass.ir import ops
from irpass.ir.core import Module
from irpass.ir.semantics import float_text
from irpass.text.parser import parse
from irpass.verifier import check
from tests.parts import main_args
from tests.run.programs import FOLDER, Run, runs_of, trap_lines

FILES = sorted(FOLDER.glob("*.ir"))
CASES = [pytest.param(file, case, id=f"{file.stem}-{i}") for file in FILES
         for i, case in enumerate(runs_of(file.read_text()))]  # fmt: skip


def _module(file: Path) -> Module:
    module = parse(file.read_text(), file.name)
    check(module)
    return module


def _shown(outcome: Outcome) -> str | None:
    value = outcome.returned
    if isinstance(value, bool) or value is None:
        return None if value is None else str(value).lower()
    return float_text(value, outcome.result_type) if isinstance(value, float) else str(value)


@pytest.mark.parametrize(("file", "case"), CASES)
def test_program_does_what_it_says(file: Path, case: Run) -> None:
    module = _module(file)
    outcome = run(module, args=main_args(module, case.args), **case.options)
    assert outcome.printed == case.prints
    assert (outcome.trap.kind if outcome.trap else None) == case.trap
    if outcome.trap is not None:
        assert outcome.trap.line in trap_lines(file.read_text())[outcome.trap.kind]
        if case.place:
            assert (outcome.trap.func, outcome.trap.block) == case.place
    assert _shown(outcome) == case.returns
    assert {name: getattr(outcome.heap, name) for name in case.heap} == case.heap
    assert case.steps in (None, outcome.steps)


def test_every_program_runs_and_every_marked_line_traps_in_some_run() -> None:
    for file in FILES:
        runs = runs_of(file.read_text())
        assert runs, file.name
        claimed = {case.trap for case in runs} - {None}
        assert set(trap_lines(file.read_text())) == claimed, file.name


def test_the_programs_use_every_instruction() -> None:
    used = {instr.op for file in FILES for func in _module(file).funcs for instr in func.instrs()}
    assert [op.name for op in ops.ALL if op not in used] == []


def test_the_programs_meet_every_trap() -> None:
    met = {case.trap for file in FILES for case in runs_of(file.read_text())}
    words = {word for op in ops.ALL for word in op.traps} | {ops.STEP_LIMIT, OUT_OF_ARENA, MISALIGNED}
    assert sorted(words - met) == []
