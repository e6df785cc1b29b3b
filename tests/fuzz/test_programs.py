"""Random programs through pipelines of all kinds: `irpass fuzz` runs as many more as one likes."""

from __future__ import annotations

import pytest

from irpass.testing import Statistics, case_text, reduce_case, run_cases

PROGRAMS = 2000
_PART = 50


@pytest.mark.parametrize("first", range(0, PROGRAMS, _PART))
def test_programs_are_the_same_after_the_pipeline(first: int) -> None:
    statistics = Statistics()
    for case in run_cases(range(first, first + _PART)):
        statistics.add(case)
        assert case.failure is None, case_text(case, reduce_case(case, seconds=20))
    assert statistics.folded > _PART // 2
    assert statistics.checked > 0
    assert statistics.calls_after < statistics.calls_before
