"""Fuzzing finds and reduces what is planted, counts what it does, and finds nothing where there is nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

import irpass as ip
from irpass.cli import cli
from irpass.fold import rewrite, zeroing
from irpass.ir import edit, ops
from irpass.ir.core import Instr
from irpass.testing import Asked, fails_like, reduce_case, run_case

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
    cases = (run_case(seed, "fold-allocs", asked=Asked(text=False, again=False, check=False)) for seed in range(300))
    found = next((c for c in cases if c.failure is not None), None)
    assert found is not None
    small = reduce_case(found)
    assert len(ip.parse(small).funcs[-1].blocks) <= 4
    assert sum(1 for f in ip.parse(small).funcs for _ in f.instrs()) <= 12
    assert found.failure is not None
    inputs = [list(found.failure.args or ())]
    assert fails_like(found.failure, "fold-allocs", inputs)(small)


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
