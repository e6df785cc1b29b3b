"""The smoke form of `python -m tests.fuzz.text`."""

from __future__ import annotations

import pytest

from tests.fuzz.text import run_cases


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_broken_text_gives_diagnostics_and_never_a_traceback(seed: int) -> None:
    counts = run_cases(500, seed)
    assert sum(counts.values()) - counts["slow"] == 500
    assert counts["syntax"] > 100 and counts["rules"] + counts["good"] > 20
