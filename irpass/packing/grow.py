"""Grows a layout around its core: what is alive at the busiest moments is laid out first, and alone.

Among thousands of buffers of which a hundred live at once, few moments come near the bound, and the buffers alive
then are a small problem that a search can solve. All others are put below the same height one by one, the busier
their moments the sooner; where one fits nowhere, others make way and come again.
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heapify, heappop, heappush

from irpass.packing.budget import Budget
from irpass.packing.dive import busiest_loads
from irpass.packing.eject import EjectionSearch
from irpass.packing.problem import Problem

_CORE = 0.98  # of the greatest load
_BANDS = 20
_PATIENCE = 2_000_000  # looks at neighbours without headway
_PASSES = 4  # as often as this all neighbours may be looked at


def core_and_order(problem: Problem) -> tuple[list[int], list[int]]:
    """The buffers alive at the busiest moments, and an order of all: by bands of how busy their busiest moment is,
    and largest first within a band.
    """
    loads = busiest_loads(problem)
    most = max(loads)
    sizes = problem.sizes
    order = sorted(range(problem.count), key=lambda i: (-(loads[i] * _BANDS // most), -sizes[i]))
    return [i for i in range(problem.count) if loads[i] >= _CORE * most], order


def grow(
    problem: Problem,
    order: Sequence[int],
    core: Sequence[int],
    start: Sequence[int],
    height: int,
    seed: int,
    budget: Budget,
) -> list[int] | None:
    """Offsets with a peak of at most `height`, from the `start` offsets of the core; None where it made no headway."""
    walk = EjectionSearch(problem, seed)
    rank = [0] * problem.count
    for place, i in enumerate(order):
        rank[i] = place
    offsets = [pin or 0 for pin in problem.pinned]
    is_placed = [pin is not None for pin in problem.pinned]
    for i, offset in zip(core, start, strict=True):
        if problem.pinned[i] is None and offset + problem.sizes[i] <= height:
            offsets[i], is_placed[i] = offset, True
    waiting = [rank[i] for i in range(problem.count) if not is_placed[i]]
    heapify(waiting)
    most = _PATIENCE + _PASSES * 2 * problem.pairs()
    furthest, looks = -1, 0  # the last in rank that was ever placed, and when
    try:
        while waiting:
            if walk.looks > min(most, looks + _PATIENCE) or (walk.moves & 255 == 255 and not budget.is_timely()):
                return None
            place = heappop(waiting)
            evicted = walk.place(order[place], offsets, is_placed, height)
            if evicted is None:
                return None
            for j in evicted:
                heappush(waiting, rank[j])
            if place > furthest:
                furthest, looks = place, walk.looks
    finally:
        budget.spend(walk.moves, is_extra=True)
    return offsets
