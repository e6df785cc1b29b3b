"""The models of other planners give valid layouts, and `pack` none that is higher."""

import pytest

from irpass.packing import Buffer, lower_bound, pack, validate
from tests.packing.instances import chain, function, guillotine, nest
from tests.peers.packing_models import CLASSIC_GREEDY, PLANNERS, first_fit_by_lifetime, tflite_greedy_by_size


@pytest.mark.parametrize("planner", PLANNERS.values(), ids=PLANNERS.keys())
def test_a_model_gives_a_valid_layout(planner: object) -> None:
    assert callable(planner)
    for buffers in (function(40, 1), chain(40, 2), [Buffer(b.size, b.first, b.last, 8) for b in nest(30, 3)]):
        assert validate(buffers, planner(buffers)) == []


@pytest.mark.parametrize("seed", range(12))
def test_no_classic_greedy_is_below_the_default(seed: int) -> None:
    for buffers in (function(30, seed), function(100, seed), chain(60, seed), nest(60, seed), guillotine(60, seed)[0]):
        peak = pack(buffers).peak
        for planner in CLASSIC_GREEDY.values():
            offsets = planner(buffers)
            assert peak <= max(o + b.size for o, b in zip(offsets, buffers, strict=True))


def test_first_fit_by_lifetime_is_exact_on_nests_and_greedy_by_size_is_not() -> None:
    excess = 0
    for seed in range(5):
        buffers = nest(60, seed)
        bound = lower_bound(buffers)
        by_life, by_size = first_fit_by_lifetime(buffers), tflite_greedy_by_size(buffers)
        assert max(o + b.size for o, b in zip(by_life, buffers, strict=True)) == bound
        excess += max(o + b.size for o, b in zip(by_size, buffers, strict=True)) - bound
    assert excess > 0
