"""With a collector, whatever its mode and however often it collects, programs do what they do without."""

from __future__ import annotations

from pathlib import Path

import pytest

import irpass as ip
from tests.fuzz.heaps import Totals, difference, try_seed
from tests.golden.claims import all_claims, read_claim
from tests.parts import main_args
from tests.run.programs import FOLDER, runs_of

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = sorted((ROOT / "samples").glob("*.ir")) + all_claims(ROOT / "tests" / "golden")
FUZZED = 200
_PART = 25


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_samples_and_goldens_do_the_same_when_each_allocation_collects(path: Path) -> None:
    claim = read_claim(path)
    module = ip.parse(claim.text)
    main = module.func("main")
    runs = claim.runs or ([[]] if main is not None and not main.params else [])
    for passes in (None, claim.passes or "default"):
        if passes is not None:
            ip.optimize(module, claim.passes)
        for words in runs:
            assert difference(module, main_args(module, words), Totals()) is None


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.ir")), ids=lambda path: path.stem)
def test_programs_of_all_instructions_and_traps_do_the_same(path: Path) -> None:
    text = path.read_text()
    module = ip.parse(text)
    for case in runs_of(text):
        assert difference(module, main_args(module, case.args), Totals()) is None


@pytest.mark.parametrize("first", range(0, FUZZED, _PART))
def test_random_programs_do_the_same_when_each_allocation_collects(first: int) -> None:
    totals = Totals()
    for seed in range(first, first + _PART):
        assert try_seed(seed, totals) is None
    assert totals.swept > 0
