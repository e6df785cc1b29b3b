"""The validator, against the definition of an overlap taken pair by pair."""

from random import Random

import pytest
from hypothesis import given, settings, strategies as st

from irpass.packing import Buffer, validate
from tests.packing.brute import lives_with
from tests.packing.instances import small


def kinds(buffers: list[Buffer], offsets: list[int], capacity: int | None = None) -> list[str]:
    return [breach.kind for breach in validate(buffers, offsets, capacity)]


@pytest.mark.parametrize(
    ("buffers", "offsets", "capacity", "expected"),
    [
        ([Buffer(4, 0, 2), Buffer(4, 1, 3)], [0, 4], 8, []),
        ([Buffer(4, 0, 2), Buffer(4, 2, 3)], [0, 0], 4, []),
        ([Buffer(4, 0, 2), Buffer(4, 1, 3)], [0, 3], None, ["overlap"]),
        ([Buffer(4, 0, 2), Buffer(0, 1, 3)], [0, 2], None, []),
        ([Buffer(4, 0, 2), Buffer(4, 1, 1)], [0, 2], None, []),
        ([Buffer(4, 0, 2), Buffer(4, 1, 3)], [0, 4], 7, ["capacity"]),
        ([Buffer(4, 1, 1)], [0], 3, ["capacity"]),
        ([Buffer(4, 0, 2, 4)], [2], None, ["misaligned"]),
        ([Buffer(4, 0, 2)], [-1], None, ["negative"]),
        ([Buffer(4, 0, 2, 1, 8)], [4], None, ["moved"]),
        ([Buffer(4, 0, 2)], [], None, ["count"]),
        ([Buffer(9, 0, 9), Buffer(1, 1, 2), Buffer(1, 3, 4)], [0, 3, 5], None, ["overlap", "overlap"]),
    ],
)
def test_each_breach_is_named(
    buffers: list[Buffer], offsets: list[int], capacity: int | None, expected: list[str]
) -> None:
    assert kinds(buffers, offsets, capacity) == expected


def test_a_breach_names_both_buffers() -> None:
    (breach,) = validate([Buffer(4, 0, 2), Buffer(4, 1, 3)], [0, 3])
    assert (breach.buffer, breach.other) == (1, 0)
    assert breach.message == "buffers 0 and 1 are alive together at [0, 4) and [3, 7)"


@settings(max_examples=500, deadline=None)
@given(seed=st.integers(0, 1 << 30), count=st.integers(0, 9), spread=st.integers(0, 60))
def test_overlaps_are_those_of_the_definition(seed: int, count: int, spread: int) -> None:
    random = Random(seed)
    buffers = small(random, count, is_aligned=False)
    offsets = [random.randint(0, spread) for _ in buffers]
    wrong = {
        (j, i)
        for i, one in enumerate(buffers)
        for j, other in enumerate(buffers[:i])
        if lives_with(one, other) and offsets[i] < offsets[j] + other.size and offsets[j] < offsets[i] + one.size
    }
    breaches = validate(buffers, offsets)
    assert bool(breaches) == bool(wrong)
    for breach in breaches:
        assert breach.kind == "overlap"
        assert breach.buffer is not None and breach.other is not None
        assert (min(breach.buffer, breach.other), max(breach.buffer, breach.other)) in wrong
