"""Every claim holds, every sample optimizes to the same meaning, and the expected outputs are themselves checked."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pytest_regressions.file_regression import FileRegressionFixture

import irpass as ip
from tests.golden.claims import Claim, all_claims, read_claim
from tests.parts import main_args

HERE = Path(__file__).parent
SAMPLES = HERE.parent.parent / "samples"
CLAIMS = all_claims(HERE)
PROGRAMS = CLAIMS + sorted(SAMPLES.glob("*.ir"))


def _name(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def _optimized(claim: Claim) -> tuple[ip.Module, ip.Report]:
    module = ip.parse(claim.text, claim.path.name)
    return module, ip.optimize(module, claim.passes, verify_each=True, check=True)


def _run(module: ip.Module, args: list[str]) -> ip.Outcome:
    return ip.run(module, *main_args(module, args), max_steps=2_000_000)


def _runs(claim: Claim) -> list[list[str]]:
    main = ip.parse(claim.text).func("main")
    return claim.runs or ([[]] if main is not None and not main.params else [])


@pytest.mark.parametrize("path", CLAIMS, ids=_name)
def test_claim_gives_its_expected_output(path: Path, file_regression: FileRegressionFixture) -> None:
    module, _ = _optimized(read_claim(path))
    file_regression.check(ip.print_module(module), fullpath=path.with_suffix(".out"), encoding="utf-8")


@pytest.mark.parametrize("path", CLAIMS, ids=_name)
def test_claim_gets_just_the_remarks_on_its_lines(path: Path) -> None:
    claim = read_claim(path)
    _, report = _optimized(claim)
    found: dict[tuple[int, str, str], str] = {
        (r.line, r.kind, r.name): r.message for r in report.remarks if r.kind in ("passed", "missed")
    }
    wanted = {(e.line, e.kind, e.name): e.part for e in claim.remarks if e.kind in ("passed", "missed")}
    assert sorted(found) == sorted(wanted)
    analysis = [(r.line, r.name, r.message) for r in report.remarks if r.kind == "analysis"]
    for key, part in wanted.items():
        assert part in found[key]
    for e in claim.remarks:
        if e.kind == "analysis":
            assert any(line == e.line and name == e.name and e.part in text for line, name, text in analysis)


@pytest.mark.parametrize("path", PROGRAMS, ids=_name)
def test_outcome_is_the_same_before_and_after(path: Path) -> None:
    claim = read_claim(path)
    after, _ = _optimized(claim)
    before = ip.parse(claim.text, claim.path.name)
    runs = _runs(claim)
    for args in runs:
        old, new = _run(before, args), _run(after, args)
        assert ip.refines(old, new) is None
        assert new.heap.calls <= old.heap.calls + (old.trap is not None)
        if claim.traps is not None:
            assert old.trap is not None and old.trap.kind == claim.traps
    if claim.calls is not None:
        assert (_run(before, runs[0]).heap.calls, _run(after, runs[0]).heap.calls) == claim.calls


@pytest.mark.parametrize("path", PROGRAMS, ids=_name)
def test_printing_and_parsing_give_the_same_text(path: Path) -> None:
    claim = read_claim(path)
    for module in (ip.parse(claim.text), _optimized(claim)[0]):
        text = ip.print_module(module)
        assert ip.print_module(ip.parse(text)) == text


@pytest.mark.parametrize("path", PROGRAMS, ids=_name)
def test_optimizing_twice_changes_nothing(path: Path) -> None:
    claim = read_claim(path)
    once = ip.print_module(_optimized(claim)[0])
    again = ip.parse(once)
    ip.optimize(again, claim.passes)
    assert ip.print_module(again) == once


def test_two_processes_with_different_hash_seeds_give_the_same_bytes(tmp_path: Path) -> None:
    outputs = []
    for seed in ("1", "4242"):
        out = tmp_path / seed
        command = [
            sys.executable,
            "-m",
            "irpass",
            "optimize",
            str(SAMPLES),
            str(HERE),
            "-o",
            str(out),
            "--remarks",
            "all",
        ]
        done = subprocess.run(command, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True)
        texts = {p.relative_to(out): p.read_bytes() for p in sorted(out.rglob("*.ir"))}
        outputs.append((texts, done.stderr))
    assert outputs[0] == outputs[1]
    assert len(outputs[0][0]) == len(PROGRAMS) + len(list(SAMPLES.glob("*/*.ir")))
