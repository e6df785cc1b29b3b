"""The squeaky wheel: fills from the ground again and again, and lets what stood too high the last time go earlier.

Source: Joslin and Clements, "Squeaky Wheel Optimization" (1999).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from irpass.packing.ground import fill_from_ground
from irpass.packing.problem import Problem

_STEP = 0.3  # of all ranks, by which a buffer goes earlier


def squeaky_layouts(problem: Problem, order: Sequence[int], first: Sequence[int], goal: int) -> Iterator[list[int]]:
    """Layouts without end, from `first`, which `order` led to; `goal` is the height above which a buffer squeaks."""
    urgency = [0.0] * problem.count
    for rank, i in enumerate(order):
        urgency[i] = rank
    offsets = list(first)
    while True:
        for i, offset in enumerate(offsets):
            if offset + problem.sizes[i] > goal:
                urgency[i] -= _STEP * problem.count
        offsets = fill_from_ground(problem, sorted(range(problem.count), key=urgency.__getitem__))
        yield offsets
