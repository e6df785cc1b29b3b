"""A layout filled up from the ground: what the dive makes, in a way that thousands of buffers alive at once do not
slow down.

The lowest segment of the skyline takes the most urgent buffer whose life lies within it; where there is none, it is
raised to its lower neighbour and joins it. Every step places a buffer or removes a segment, so there are O(n) of
them, and each asks "the first by rank among the lives within [first, last)": a k-d tree over (first, last) answers
that.
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush
from itertools import accumulate, chain

from irpass.packing.problem import Problem, busiest


class LifeTree:
    """Lives as points (first, last) in a k-d tree: finds the least rank among those within an interval, and removes it.

    Node k has the children 2k and 2k + 1 and the leaves come last, as in a heap. O(sqrt n) a query at worst, O(log n)
    a removal.
    """

    def __init__(self, firsts: Sequence[int], lasts: Sequence[int], order: Sequence[int]) -> None:
        count = len(order)
        self.order = order
        self.firsts, self.lasts = firsts, lasts
        self.none = count  # the rank of nobody
        self.leaves = leaves = 1 << max(0, count - 1).bit_length()
        late = max(lasts) + 1
        self.rank = [count] * (2 * leaves)
        self.min_last = [late] * (2 * leaves)
        self.max_first = [min(firsts) - 1] * (2 * leaves)
        self.min_first = [late] * (2 * leaves)
        self.max_last = [min(firsts) - 1] * (2 * leaves)
        self.leaf = [0] * count
        for place, rank in enumerate(self._by_place(list(range(count)))):
            k, i = leaves + place, order[rank] if rank < count else -1
            if i >= 0:
                self.leaf[rank] = k
                self.rank[k] = rank
                self.min_first[k] = self.max_first[k] = firsts[i]
                self.min_last[k] = self.max_last[k] = lasts[i]
        for k in range(leaves - 1, 0, -1):
            self._join(k)
            self.min_first[k] = min(self.min_first[2 * k], self.min_first[2 * k + 1])
            self.max_last[k] = max(self.max_last[2 * k], self.max_last[2 * k + 1])

    def _by_place(self, ranks: list[int]) -> list[int]:
        """The ranks in the order of their leaves, filled up with nobody: halved by first and by last in turn, down to
        single leaves.
        """
        order, firsts, lasts = self.order, self.firsts, self.lasts
        groups = [ranks]
        width = self.leaves
        is_by_first = True
        while width > 1:
            width //= 2
            key = firsts if is_by_first else lasts
            halves: list[list[int]] = []
            for group in groups:
                group.sort(key=lambda rank: key[order[rank]])
                middle = (len(group) + 1) // 2
                halves += [group[:middle], group[middle:]]
            groups = halves
            is_by_first = not is_by_first
        return [group[0] if group else self.none for group in groups]

    def _join(self, k: int) -> None:
        left, right = 2 * k, 2 * k + 1
        a, b = self.rank[left], self.rank[right]
        self.rank[k] = a if a < b else b
        a, b = self.min_last[left], self.min_last[right]
        self.min_last[k] = a if a < b else b
        a, b = self.max_first[left], self.max_first[right]
        self.max_first[k] = a if a > b else b

    def first_within(self, first: int, last: int) -> int:
        """The least rank of a life within [first, last), or the count of all where there is none."""
        rank, min_last, max_first = self.rank, self.min_last, self.max_first
        min_first, max_last = self.min_first, self.max_last
        best = self.none
        stack = [1]
        while stack:
            k = stack.pop()
            if rank[k] >= best or min_last[k] > last or max_first[k] < first:
                continue
            if min_first[k] >= first and max_last[k] <= last:
                best = rank[k]
                continue
            k *= 2
            if rank[k] < rank[k + 1]:  # the better one is looked at first
                stack.append(k + 1)
                stack.append(k)
            else:
                stack.append(k)
                stack.append(k + 1)
        return best

    def remove(self, rank: int) -> None:
        k = self.leaf[rank]
        self.rank[k] = self.none
        self.min_last[k] = self.max_last[1] + 1
        self.max_first[k] = self.min_first[1] - 1
        while k > 1:
            k //= 2
            self._join(k)


class Ground:
    """A layout being filled up, and its skyline: a chain of segments, numbered as they come, each [start, end) at a
    height and between two others; -1 is no segment. Nothing may be pinned.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.offsets = [0] * problem.count
        self.start, self.end, self.height = [min(problem.firsts)], [max(problem.lasts)], [0]
        self.before, self.after = [-1], [-1]
        self.lowest = [(0, 0)]  # (height, segment); an entry is void once the segment has another height

    def skyline(self) -> list[tuple[int, int, int]]:
        """(start, end, height) of each segment, in no order."""
        segments = zip(self.start, self.end, self.height, strict=True)
        return [segment for segment in segments if segment[2] >= 0]

    def fill(self, order: Sequence[int], until: int | None = None) -> list[int]:
        """Places the buffers in `order`, the first of them preferred, while the lowest segment is below `until`;
        gives those that are left.
        """
        problem, offsets, lowest = self.problem, self.offsets, self.lowest
        firsts, lasts, sizes, aligns = problem.firsts, problem.lasts, problem.sizes, problem.aligns
        start, end, height, before, after = self.start, self.end, self.height, self.before, self.after
        add = self._add
        tree = LifeTree(firsts, lasts, order)
        unplaced = len(order)
        while unplaced:
            level, here = lowest[0]
            if height[here] != level:
                heappop(lowest)
                continue
            if until is not None and level >= until:
                break
            heappop(lowest)
            left, right = before[here], after[here]
            rank = tree.first_within(start[here], end[here])
            if rank == tree.none:  # it joins the lower neighbour, or both
                raised = min(height[k] for k in (left, right) if k >= 0)
                height[here] = -1
                first, last = start[here], end[here]
                if left >= 0 and height[left] == raised:
                    height[left] = -1
                    first, left = start[left], before[left]
                if right >= 0 and height[right] == raised:
                    height[right] = -1
                    last, right = end[right], after[right]
                add(first, last, raised, left, right)
                continue
            tree.remove(rank)
            unplaced -= 1
            i = order[rank]
            offset = -(-level // aligns[i]) * aligns[i]
            offsets[i] = offset
            height[here] = -1
            if start[here] < firsts[i]:
                left = add(start[here], firsts[i], level, left, -1)
            middle = add(firsts[i], lasts[i], offset + sizes[i], left, -1)
            if lasts[i] < end[here]:
                middle = add(lasts[i], end[here], level, middle, -1)
            after[middle] = right
            if right >= 0:
                before[right] = middle
        return [i for rank, i in enumerate(order) if tree.rank[tree.leaf[rank]] != tree.none]

    def _add(self, first: int, last: int, top: int, left: int, right: int) -> int:
        name = len(self.start)
        self.start.append(first)
        self.end.append(last)
        self.height.append(top)
        self.before.append(left)
        self.after.append(right)
        if left >= 0:
            self.after[left] = name
        if right >= 0:
            self.before[right] = name
        heappush(self.lowest, (top, name))
        return name


def fill_from_ground(problem: Problem, order: Sequence[int]) -> list[int]:
    """Offsets, with the buffers that come first in `order` preferred; nothing may be pinned."""
    ground = Ground(problem)
    ground.fill(order)
    return ground.offsets


def fill_in_phases(problem: Problem, phases: int, goal: int) -> list[int]:
    """Offsets filled from the ground up to the goal in phases, with a new order in each: first comes where skyline and
    unplaced buffers together will stand highest, and the longest life among those. Nothing may be pinned.
    """
    sizes, firsts, lasts = problem.sizes, problem.firsts, problem.lasts
    ground = Ground(problem)
    left = list(range(problem.count))
    for phase in range(1, phases + 1):
        change: dict[int, int] = {}
        unplaced = [(firsts[i], lasts[i], sizes[i]) for i in left]
        for first, last, size in chain(ground.skyline(), unplaced):
            change[first] = change.get(first, 0) + size
            change[last] = change.get(last, 0) - size
        times = sorted(change)
        loads = list(accumulate(change[t] for t in times))
        highest = busiest(times, loads, [(first, last) for first, last, _ in unplaced])
        ranks = sorted(range(len(left)), key=lambda k: (-highest[k], firsts[left[k]] - lasts[left[k]]))
        left = ground.fill([left[k] for k in ranks], goal * phase // phases if phase < phases else None)
        if not left:
            break
    return ground.offsets
