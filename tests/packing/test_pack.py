"""`pack`: every layout is valid, the words "optimal" and "infeasible" are earned, and the same call gives the same
bytes.
"""

import os
import subprocess
import sys
from itertools import product
from random import Random

import pytest
from hypothesis import given, settings, strategies as st

from irpass.packing import Buffer, Packing, Progress, lower_bound, pack, validate
from tests.packing.brute import least_peak
from tests.packing.fuzz import fuzz
from tests.packing.instances import chain, function, guillotine, nest, random_pins, small, stream


def checked(buffers: list[Buffer], layout: Packing) -> Packing:
    assert validate(buffers, layout.offsets) == []
    peak = max((o + b.size for o, b in zip(layout.offsets, buffers, strict=True)), default=0)
    assert layout.peak == peak
    assert layout.lower_bound <= peak
    assert layout.optimal == (layout.lower_bound == peak)
    return layout


def test_nothing_needs_nothing() -> None:
    assert pack([]) == Packing((), 0, 0, True)


def test_bytes_are_shared_by_lives_that_only_touch() -> None:
    assert pack([Buffer(8, 0, 3), Buffer(8, 3, 5)]).offsets == (0, 0)


def test_a_buffer_without_life_still_lies_inside() -> None:
    layout = pack([Buffer(8, 0, 3), Buffer(8, 0, 3), Buffer(8, 0, 3), Buffer(40, 2, 2)])
    assert layout.peak == 40
    assert layout.optimal


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((-1, 0, 1), "size is not negative"),
        ((1, 2, 1), "before it begins"),
        ((1, 0, 1, 0), "at least 1"),
        ((1, 0, 1, 4, 2), "not a multiple of 4"),
        ((1, 0, 1, 1, -1), "at or above 0"),
    ],
)
def test_impossible_buffers_are_refused(arguments: tuple[int, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Buffer(*arguments)


def test_pinned_buffers_that_overlap_are_refused() -> None:
    pins = [Buffer(4, 0, 9, 1, 0), Buffer(4, 0, 9), Buffer(4, 5, 7, 1, 3)]
    with pytest.raises(ValueError, match="pinned buffers 0 and 2"):
        pack(pins)


def test_an_unknown_effort_is_refused() -> None:
    with pytest.raises(ValueError, match="'huge'"):
        pack([], effort="huge")


def test_what_is_pinned_stays_and_its_holes_are_used() -> None:
    buffers = [Buffer(8, 0, 4, 1, 8), Buffer(8, 0, 4, 1, 24), Buffer(8, 0, 4), Buffer(8, 0, 4), Buffer(4, 1, 3)]
    layout = checked(buffers, pack(buffers))
    assert layout.peak == 36


@settings(max_examples=3000, deadline=None)
@given(seed=st.integers(0, 1 << 30), count=st.integers(0, 7), is_aligned=st.booleans(), has_pins=st.booleans())
def test_the_exact_search_equals_brute_force(seed: int, count: int, is_aligned: bool, has_pins: bool) -> None:
    random = Random(seed)
    buffers = small(random, count, is_aligned=is_aligned)
    if has_pins:
        buffers = random_pins(random, buffers)
    least = least_peak(buffers)
    assert lower_bound(buffers) <= least
    layout = checked(buffers, pack(buffers, exact=True))
    assert layout.peak == least
    assert layout.optimal
    at_least = checked(buffers, pack(buffers, capacity=least))
    assert at_least.fits and not at_least.infeasible
    if least:
        below = checked(buffers, pack(buffers, capacity=least - 1, exact=True))
        assert below.infeasible and not below.fits


@settings(max_examples=1500, deadline=None)
@given(
    lives=st.lists(
        st.tuples(st.integers(0, 20), st.integers(0, 20), st.integers(0, 64), st.sampled_from((1, 2, 4, 8, 12))),
        max_size=40,
    ),
    effort=st.sampled_from(("quick", 300)),
)
def test_layouts_are_valid(lives: list[tuple[int, int, int, int]], effort: str | int) -> None:
    buffers = [Buffer(size, min(a, b), max(a, b), alignment) for a, b, size, alignment in lives]
    checked(buffers, pack(buffers, effort=effort))


@pytest.mark.parametrize("seed", range(5))
def test_nests_are_packed_at_their_bound(seed: int) -> None:
    buffers = nest(200, seed)
    assert checked(buffers, pack(buffers, effort="quick")).optimal


@pytest.mark.parametrize("seed", range(5))
def test_a_cut_rectangle_is_put_together_again(seed: int) -> None:
    buffers, height = guillotine(60, seed)
    assert checked(buffers, pack(buffers, effort="high")).peak == height


@pytest.mark.parametrize("seed", range(3))
def test_more_effort_is_never_worse(seed: int) -> None:
    for buffers in (function(80, seed), chain(80, seed), guillotine(80, seed)[0]):
        peaks = [checked(buffers, pack(buffers, effort=effort)).peak for effort in ("quick", "default", 20_000)]
        assert peaks == sorted(peaks, reverse=True)


def test_thousands_alive_at_once_are_packed() -> None:
    buffers = stream(4000, 1500, 1)
    layout = checked(buffers, pack(buffers))
    assert layout.peak <= layout.lower_bound * 1.05


def test_padding_counts_in_the_bound() -> None:
    # Two of 9 bytes aligned to 8 cannot lie closer than 16 apart.
    assert lower_bound([Buffer(9, 0, 2, 8), Buffer(9, 1, 3, 8), Buffer(1, 5, 6)]) == 25


def test_a_capacity_below_the_bound_is_proven_infeasible_without_a_search() -> None:
    layout = pack([Buffer(8, 0, 2)] * 5, capacity=39)
    assert layout.infeasible and layout.steps == 0


def test_the_caller_can_end_a_search_and_keeps_its_best() -> None:
    seen: list[Progress] = []

    def stop_at_once(progress: Progress) -> bool:
        seen.append(progress)
        return False

    buffers = guillotine(120, 3)[0]
    layout = checked(buffers, pack(buffers, exact=True, progress=stop_at_once))
    assert layout.stopped
    assert not layout.optimal
    assert seen[0].peak == layout.peak


def test_a_time_limit_of_nothing_still_gives_a_layout() -> None:
    buffers = guillotine(120, 3)[0]
    assert checked(buffers, pack(buffers, exact=True, time_limit=0)).stopped


def test_sections_that_share_no_time_do_not_disturb_each_other() -> None:
    alone = function(30, 1)
    end = max(b.last for b in alone)
    twice = alone + [Buffer(b.size, b.first + end, b.last + end) for b in alone]
    assert pack(twice).peak == pack(alone).peak


SCRIPT = """
from tests.packing.instances import function, guillotine, stream
from irpass.packing import pack
for buffers in (function(120, 1), guillotine(90, 2)[0], stream(900, 40, 3)):
    print(pack(buffers, effort=3000))
print(pack(stream(2200, 60, 3)))
"""


def test_two_processes_with_different_hash_seeds_agree() -> None:
    outputs = [
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert outputs[0].count("Packing(") == 4
    assert outputs[0] == outputs[1]


def test_a_short_fuzz_finds_no_fault() -> None:
    assert fuzz(300) > 0


def test_all_layouts_of_two_and_three_are_best() -> None:
    lives = ((0, 1), (0, 2), (1, 2), (1, 1))
    for spans in product(lives, repeat=3):
        for alignments in ((1, 4, 8), (8, 1, 1), (3, 4, 1)):
            buffers = [Buffer(3 + k, *span, alignments[k]) for k, span in enumerate(spans)]
            assert checked(buffers, pack(buffers)).peak == least_peak(buffers)
