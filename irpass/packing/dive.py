"""The dive: a layout in O((n + requeues) log n), made by always placing the buffer that can lie lowest.

Offsets never fall from one placement to the next, so all that matters of what was placed is its skyline: for each
time the top of the highest buffer there. A heap holds, for each buffer, a lower bound of the offset that it will get;
the least is looked up in the skyline, and goes back if the skyline has risen over its life. Ties are broken by a
static priority, and which one is best depends on the input: each of a few is tried.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from heapq import heapify, heappop, heapreplace

from irpass.packing.problem import Problem, busiest


def priorities(problem: Problem) -> Iterator[list[int]]:
    """Orders of the buffers, the most urgent first: by most bytes alive over the life (T), lifetime (W), area (A) and
    size (Z).
    """
    everyone = range(problem.count)
    sizes, aligns = problem.sizes, problem.aligns
    lives = [last - first for first, last in zip(problem.firsts, problem.lasts, strict=True)]
    areas = [size * life for size, life in zip(sizes, lives, strict=True)]
    loads = busiest_loads(problem)
    if problem.is_aligned:  # what is aligned most wants to lie below what can lie anywhere
        yield sorted(everyone, key=lambda i: (-aligns[i], -loads[i], -areas[i], -lives[i]))
    yield sorted(everyone, key=lambda i: (-loads[i], -areas[i], -lives[i]))
    yield sorted(everyone, key=lambda i: (-loads[i], -lives[i], -areas[i]))
    yield sorted(everyone, key=lambda i: -areas[i])
    yield sorted(everyone, key=lambda i: -sizes[i])
    yield sorted(everyone, key=lambda i: (-lives[i], -areas[i], -loads[i]))
    yield sorted(everyone, key=lambda i: (-loads[i], -sizes[i]))


def busiest_loads(problem: Problem) -> list[int]:
    """For each buffer the most bytes alive at any time of its life."""
    times, loads = problem.loads()
    return busiest(times, loads, list(zip(problem.firsts, problem.lasts, strict=True)))


def dive(problem: Problem, order: Sequence[int]) -> list[int]:
    """Offsets by the dive, with ties broken by place in `order`."""
    count = problem.count
    firsts, lasts, sizes = problem.firsts, problem.lasts, problem.sizes
    is_plain = not problem.is_aligned and problem.obstacles is None
    offsets = [0] * count
    # The skyline is heights[k] from starts[k] to starts[k + 1]; the last start is a sentinel at the end of time.
    starts = [min(firsts), max(lasts)]
    heights = [0, 0]
    queue = [rank for rank, i in enumerate(order) if problem.pinned[i] is None]  # offset bound * count + rank
    heapify(queue)
    for i, pin in enumerate(problem.pinned):
        if pin is not None:
            offsets[i] = pin
    while queue:
        bound, rank = divmod(queue[0], count)
        i = order[rank]
        first, last = firsts[i], lasts[i]
        left = bisect_right(starts, first) - 1
        right = bisect_left(starts, last, left + 1)
        offset = max(heights[left:right])
        if not is_plain:
            offset = problem.fit(i, offset)
        if offset > bound:
            heapreplace(queue, offset * count + rank)
            continue
        heappop(queue)
        offsets[i] = offset
        new_starts, new_heights = [first], [offset + sizes[i]]
        if starts[left] < first:
            new_starts.insert(0, starts[left])
            new_heights.insert(0, heights[left])
        if last < starts[right]:
            new_starts.append(last)
            new_heights.append(heights[right - 1])
        starts[left:right] = new_starts
        heights[left:right] = new_heights
    return offsets
