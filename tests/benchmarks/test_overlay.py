"""The smoke form of `python -m tests.benchmarks.overlay`, and what its table claims."""

from __future__ import annotations

from pathlib import Path

import pytest

import irpass.fold
from tests.benchmarks.overlay import SAMPLES, measure, table

PAGE = (Path(irpass.fold.__file__).parent / "README.md").read_text(encoding="utf-8")
ROWS = {path.stem: measure(path) for path in sorted(SAMPLES.glob("*.ir"))}


@pytest.mark.parametrize("name", ROWS)
def test_overlay_never_needs_more_than_folding_side_by_side(name: str) -> None:
    row = ROWS[name]
    assert row.peak_overlaid <= row.peak_apart
    assert (row.peak_overlaid < row.peak_apart) == (row.overlaid > 0)


def test_samples_in_turn_need_no_more_than_as_they_are_written() -> None:
    assert (
        ROWS["scratch-in-turn"].peak_overlaid
        == ROWS["scratch-in-turn"].peak_before
        < ROWS["scratch-in-turn"].peak_apart
    )
    assert ROWS["stages"].peak_overlaid < ROWS["stages"].peak_before


def test_the_page_has_the_table_as_it_is_printed() -> None:
    assert table([row for row in ROWS.values() if row.overlaid]) in PAGE
