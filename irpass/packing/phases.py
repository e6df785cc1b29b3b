"""A layout filled from the ground in phases, each of which first places what will matter most for the peak.

Where skyline and unplaced buffers together come near the peak, no byte may be wasted, and waste arises at the walls
between one buffer's life and the next. So first come the lives that cover most of those times: a life counts for the
times that it covers, each weighted by a high power of how near to the peak it stands. What begins or ends at a busy
time is left for the end. Which power is best changes from phase to phase, so each phase is tried with some of them,
and the layout that leaves the lowest peak to come is kept: a beam search of width one.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, chain

from irpass.packing.ground import Ground
from irpass.packing.problem import Problem

_DOUBLINGS = (6, 7, 5, 8)  # a time's weight is its nearness to the peak to the power of 2 to one of these
_SPARE = 0.003  # of the goal: what may be wasted on the whole way up without another try


def fill_in_phases(problem: Problem, phases: int, goal: int) -> list[int]:
    """Offsets filled from the ground up to the goal in phases, with a new order in each; nothing may be pinned."""
    ground = Ground(problem)
    left = list(range(problem.count))
    times, loads = loads_to_come(ground, left)
    for phase in range(1, phases + 1):
        until = goal * phase // phases if phase < phases else None
        enough, lowest = max(*loads, goal + int(goal * _SPARE * phase / phases)), None
        for doublings in _DOUBLINGS:
            lives = _weighted_lives(problem, left, times, loads, doublings)
            trial = ground.copy()
            rest = trial.fill(sorted(left, key=lives.__getitem__, reverse=True), until)
            to_come = loads_to_come(trial, rest)
            if lowest is None or max(to_come[1]) < max(lowest[2][1]):
                lowest = trial, rest, to_come
            if max(lowest[2][1]) <= enough:
                break
        if lowest is not None:
            ground, left, (times, loads) = lowest
        if not left:
            break
    return ground.offsets


def loads_to_come(ground: Ground, left: Sequence[int]) -> tuple[list[int], list[int]]:
    """Where skyline and unplaced buffers together will stand at least: times, and the height from each to the next."""
    sizes, firsts, lasts = ground.problem.sizes, ground.problem.firsts, ground.problem.lasts
    change: dict[int, int] = {}
    for first, last, size in chain(ground.skyline(), ((firsts[i], lasts[i], sizes[i]) for i in left)):
        change[first] = change.get(first, 0) + size
        change[last] = change.get(last, 0) - size
    times = sorted(change)
    return times, list(accumulate(change[t] for t in times))


def _weighted_lives(
    problem: Problem, left: Sequence[int], times: Sequence[int], loads: Sequence[int], doublings: int
) -> dict[int, float]:
    """For each buffer that is left the sum of the weights of the times that it covers."""
    most = max(loads)
    weights = [load / most for load in loads]
    for _ in range(doublings):  # squares rather than a power: the same bits on every machine
        weights = [weight * weight for weight in weights]
    spans = (weight * (end - begin) for weight, begin, end in zip(weights, times, times[1:], strict=False))
    until = dict(zip(times, accumulate(spans, initial=0.0), strict=True))
    return {i: until[problem.lasts[i]] - until[problem.firsts[i]] for i in left}
