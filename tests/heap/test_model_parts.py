"""The parts of the model, each against its slow and obvious twin."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given, settings, strategies as st

from irpass.heap.fits import FreeSpans
from irpass.heap.managed import _run_in
from irpass.heap.ranges import Ranges
from irpass.heap.size_classes import Choice, choose, class_table
from irpass.heap.spec import Classes, Fit, ManagedSpec, SystemSpec
from irpass.heap.system import SystemTier
from irpass.ir.layout import round_up

ENDS = st.tuples(st.integers(0, 60), st.integers(0, 60))


@settings(deadline=None)
@given(st.lists(st.tuples(st.booleans(), ENDS), max_size=30), ENDS)
def test_ranges_are_a_set_of_addresses(steps: list[tuple[bool, tuple[int, int]]], asked: tuple[int, int]) -> None:
    ranges, twin = Ranges(), set[int]()
    for is_added, (lo, hi) in steps:
        if is_added:
            ranges.add(lo, hi)
            twin |= set(range(lo, hi))
        else:
            removed = twin & set(range(lo, hi))
            assert ranges.remove(lo, hi) == len(removed)
            twin -= removed
        found = list(ranges)
        assert [a for lo, hi in found for a in range(lo, hi)] == sorted(twin)
        assert all(hi < lo for (_, hi), (lo, _) in pairwise(found)), "ranges that touch are one"
        assert ranges.total_bytes == len(twin)
    assert ranges.overlaps(*asked) == bool(twin & set(range(*asked)))


def spans_of(free: set[int]) -> list[tuple[int, int]]:
    """The runs of consecutive addresses."""
    los = sorted(a for a in free if a - 1 not in free)
    his = sorted(a + 1 for a in free if a + 1 not in free)
    return list(zip(los, his, strict=True))


@pytest.mark.parametrize("fit", ["best", "first"])
@settings(deadline=None)
@given(st.data())
def test_a_fit_takes_the_smallest_or_the_lowest_span_that_holds_the_request(fit: Fit, data: st.DataObject) -> None:
    spans, free, taken = FreeSpans(fit), set(range(400)), list[tuple[int, int]]()
    spans.give(0, 400)
    for _ in range(data.draw(st.integers(1, 30))):
        if len(taken) > 0 and data.draw(st.booleans()):
            lo, hi = taken.pop(data.draw(st.integers(0, len(taken) - 1)))
            spans.give(lo, hi)
            free |= set(range(lo, hi))
            continue
        size, align, lead = data.draw(st.integers(1, 90)), data.draw(st.sampled_from((1, 4, 16))), 3
        fitting = [
            (hi - lo if fit == "best" else lo, lo, first)
            for lo, hi in spans_of(free)
            if (first := round_up(lo + lead, align) - lead) + size <= hi
        ]
        start = spans.take(size, align, lead)
        assert start == (min(fitting)[2] if fitting else None)
        if start is not None:
            taken.append((start, start + size))
            free -= set(range(start, start + size))
        assert sorted(spans.hi_of.items()) == spans_of(free)


@pytest.mark.parametrize("fit", ["best", "first"])
def test_thousands_of_holes_are_found_again(fit: Fit) -> None:
    spans, order = FreeSpans(fit), random.Random(1)
    holes = [(at * 100, at * 100 + 1 + at % 90) for at in range(3000)]
    order.shuffle(holes)
    for lo, hi in holes:
        spans.give(lo, hi)
    found = [spans.take(hi - lo, 1) for lo, hi in sorted(holes, key=lambda hole: (hole[0] - hole[1], hole[0]))]
    assert sorted(start for start in found if start is not None) == sorted(lo for lo, _ in holes)
    assert not spans.hi_of and not spans.lo_of


@settings(deadline=None)
@given(st.integers(0, 1 << 40), st.integers(1, 50))
def test_a_run_of_ones_is_found_where_there_is_one(mask: int, count: int) -> None:
    bits = bin(mask)[:1:-1]  # the lowest first
    at = bits.find("1" * count)
    assert _run_in(mask, count) == (None if at < 0 else at)


SPECS = st.builds(
    ManagedSpec,
    min_class_bytes=st.integers(1, 64),
    max_class_bytes=st.integers(64, 2048),
    classes=st.sampled_from(("power-of-two", "geometric")),
    ratio=st.sampled_from((1.05, 1.25, 2.0, 7.0)),
    arena_bytes=st.sampled_from((2048, 8192)),
    run_blocks=st.integers(1, 20),
)


@settings(deadline=None)
@given(SPECS, st.sampled_from((1, 8, 64)))
def test_classes_ascend_from_the_smallest_to_the_largest_and_are_aligned(spec: ManagedSpec, align: int) -> None:
    sizes = class_table(spec, align)
    assert sizes[0] == round_up(spec.min_class_bytes, align) and sizes[-1] == round_up(spec.max_class_bytes, align)
    assert all(size % align == 0 and size <= spec.arena_bytes for size in sizes)
    assert all(before < after for before, after in pairwise(sizes))
    ratio = spec.ratio if spec.classes == "geometric" else 2
    assert all(after <= before * ratio + align or after == sizes[1] for before, after in pairwise(sizes))


@pytest.mark.parametrize(
    ("classes", "ratio", "expected"),
    [("power-of-two", 9.0, (16, 32, 64, 128)), ("geometric", 1.5, (16, 24, 40, 56, 88, 128))],
)
def test_class_tables(classes: Classes, ratio: float, expected: tuple[int, ...]) -> None:
    assert class_table(ManagedSpec(16, 128, classes, ratio), 8) == expected


@settings(deadline=None)
@given(SPECS, st.integers(0, 9000), st.sampled_from((1, 8, 16, 128)))
def test_the_blocks_of_a_request_waste_least(spec: ManagedSpec, size: int, align: int) -> None:
    sizes = class_table(spec, 8)
    usable = [b for b in sizes if b % align == 0]
    single = [Choice(b, 1) for b in usable if b >= size]
    runs = [
        Choice(b, n)
        for b in usable
        for n in range(2, spec.run_blocks + 1)
        if size <= b * n <= spec.arena_bytes and size > sizes[-1]
    ]
    best = single[:1] or sorted(runs, key=lambda c: (c.size_bytes, c.block_count))[:1]
    assert choose(size, align, sizes, spec) == (best[0] if best else None)


def test_a_large_request_is_built_from_small_blocks_in_a_row() -> None:
    spec = ManagedSpec(48, 100, "geometric", 1.5, 4096, run_blocks=16)
    assert class_table(spec, 4) == (48, 72, 100)
    assert choose(300, 1, (48, 72, 100), spec) == Choice(100, 3)
    assert choose(288, 1, (48, 72, 100), spec) == Choice(72, 4)  # as little waste as six of 48, in fewer blocks
    assert choose(230, 1, (48, 72, 100), spec) == Choice(48, 5)
    assert choose(60, 1, (48, 72, 100), spec) == Choice(72, 1)
    assert choose(1700, 1, (48, 72, 100), spec) is None


def test_the_system_tier_joins_free_neighbours_and_lets_go_of_its_end() -> None:
    gone: list[tuple[int, int]] = []
    tier = SystemTier(SystemSpec("best", 0, 1024, 2048), 8, 1 << 20, lambda lo, hi: gone.append((lo, hi)))
    a, b, c, d = (tier.take(1000, 8) for _ in range(4))
    assert a is not None and b is not None and c is not None and d is not None
    assert tier.held_bytes == 4096
    tier.give(a, a + 1000)
    tier.give(c, c + 1000)
    tier.give(b, b + 1000)
    assert tier.free_spans()[0] == (a, c + 1000) and tier.held_bytes == 4096
    assert tier.take(3000, 8) == a
    tier.give(a, a + 3000)
    tier.give(d, d + 1000)
    assert tier.held_bytes == 0 and gone == [(tier.base, tier.base + 4096)]


def test_the_system_tier_holds_no_more_than_its_limit() -> None:
    tier = SystemTier(SystemSpec("first", 0, 4096), 8, 5000, lambda lo, hi: None)
    assert tier.take(4000, 8) is not None
    assert tier.take(1001, 8) is None and tier.held_bytes == 4096
    assert tier.take(1000, 8) is not None and tier.held_bytes == 5000
