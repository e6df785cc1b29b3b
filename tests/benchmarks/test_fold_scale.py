"""The smoke form of `python -m tests.benchmarks.fold_scale`."""

from __future__ import annotations

import pytest

from tests.benchmarks.fold_scale import PROGRAMS, print_table


def test_every_program_folds_and_is_accepted_at_each_size(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(share=500, repeat=1)
    rows = capsys.readouterr().out.splitlines()[2:]
    assert [row.count("|") for row in rows] == [6] * len(PROGRAMS)
    assert rows[0].startswith("| a block of 40 sites of known sizes | ")
