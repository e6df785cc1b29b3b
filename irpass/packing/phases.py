"""A layout filled from the ground in phases, each of which first places what will matter most for the peak.

Where skyline and unplaced buffers together come near the peak, no byte may be wasted, and waste arises at the walls
between one buffer's life and the next. So first come the lives that cover most of those times: a life counts for the
times that it covers, each weighted by a high power of how near to the peak it stands. What begins or ends at a busy
time is left for the end.
"""

from __future__ import annotations

from itertools import accumulate, chain

from irpass.packing.ground import Ground
from irpass.packing.problem import Problem


def fill_in_phases(problem: Problem, phases: int, goal: int, doublings: int = 6) -> list[int]:
    """Offsets filled from the ground up to the goal in phases, with a new order in each; nothing may be pinned.

    Times are weighted by nearness to the peak to the power of 2 to the `doublings`.
    """
    ground = Ground(problem)
    left = list(range(problem.count))
    for phase in range(1, phases + 1):
        weights = _weighted_lives(problem, ground, left, doublings)
        order = sorted(left, key=weights.__getitem__, reverse=True)
        left = ground.fill(order, goal * phase // phases if phase < phases else None)
        if not left:
            break
    return ground.offsets


def _weighted_lives(problem: Problem, ground: Ground, left: list[int], doublings: int) -> dict[int, float]:
    """For each buffer that is left the sum of the weights of the times that it covers."""
    sizes, firsts, lasts = problem.sizes, problem.firsts, problem.lasts
    change: dict[int, int] = {}
    for first, last, size in chain(ground.skyline(), ((firsts[i], lasts[i], sizes[i]) for i in left)):
        change[first] = change.get(first, 0) + size
        change[last] = change.get(last, 0) - size
    times = sorted(change)
    loads = list(accumulate(change[t] for t in times))
    most = max(loads)
    weights = [load / most for load in loads]
    for _ in range(doublings):  # squares rather than a power: the same bits on every machine
        weights = [weight * weight for weight in weights]
    spans = (weight * (end - begin) for weight, begin, end in zip(weights, times, times[1:], strict=False))
    until = dict(zip(times, accumulate(spans, initial=0.0), strict=True))
    return {i: until[lasts[i]] - until[firsts[i]] for i in left}
