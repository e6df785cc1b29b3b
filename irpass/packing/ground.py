"""A layout filled up from the ground: what the dive makes, in a way that thousands of buffers alive at once do not
slow down.

The lowest segment of the skyline takes the most urgent buffer whose life lies within it; where there is none, it is
raised to its lower neighbour and joins it. Every step places a buffer or removes a segment, so there are O(n) of
them, and each asks "the first by rank among the lives within [first, last)": a k-d tree over (first, last) answers
that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from heapq import heappop, heappush
from itertools import chain

from irpass.packing.problem import Problem


class LifeTree:
    """Lives as points (first, last) in a k-d tree: finds the least rank among those within an interval that are on
    offer, and removes it.

    Node k has the children 2k and 2k + 1 and the leaves come last, as in a heap. O(sqrt n) a query at worst, O(log n)
    a removal, O(n) a new offer.
    """

    def __init__(self, firsts: Sequence[int], lasts: Sequence[int]) -> None:
        self.firsts, self.lasts = firsts, lasts
        self.none = count = len(firsts)  # the rank of nobody
        self.leaves = leaves = 1 << max(0, count - 1).bit_length()
        self.early, self.late = min(firsts) - 1, max(lasts) + 1
        self.leaf = [0] * count
        min_first, max_last = [self.late] * leaves, [self.early] * leaves
        for place, i in enumerate(self._by_place(list(range(count)))):
            if i < count:
                self.leaf[i] = leaves + place
                min_first[place], max_last[place] = firsts[i], lasts[i]
        self.min_first = _over_leaves(min_first, min)
        self.max_last = _over_leaves(max_last, max)
        self.offer([])

    def _by_place(self, lives: list[int]) -> list[int]:
        """The lives in the order of their leaves, filled up with nobody: halved by first and by last in turn, down to
        single leaves.
        """
        groups = [lives]
        width = self.leaves
        is_by_first = True
        while width > 1:
            width //= 2
            key = self.firsts if is_by_first else self.lasts
            halves: list[list[int]] = []
            for group in groups:
                group.sort(key=key.__getitem__)
                middle = (len(group) + 1) // 2
                halves += [group[:middle], group[middle:]]
            groups = halves
            is_by_first = not is_by_first
        return [group[0] if group else self.none for group in groups]

    def offer(self, order: Sequence[int]) -> None:
        """Offers these lives, ranked by their places in `order`, and no others."""
        rank = [self.none] * self.leaves
        min_last, max_first = [self.late] * self.leaves, [self.early] * self.leaves
        for r, i in enumerate(order):
            place = self.leaf[i] - self.leaves
            rank[place], min_last[place], max_first[place] = r, self.lasts[i], self.firsts[i]
        self.rank = _over_leaves(rank, min)
        self.min_last = _over_leaves(min_last, min)
        self.max_first = _over_leaves(max_first, max)

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

    def remove(self, i: int) -> None:
        k = self.leaf[i]
        self.rank[k], self.min_last[k], self.max_first[k] = self.none, self.late, self.early
        while k > 1:
            k //= 2
            self._join(k)


def _over_leaves(leaves: list[int], join: Callable[[int, int], int]) -> list[int]:
    """The values of all nodes from those of the leaves."""
    rows = [leaves]
    while len(rows[-1]) > 1:
        rows.append(list(map(join, rows[-1][::2], rows[-1][1::2])))
    return [leaves[0], *chain.from_iterable(reversed(rows))]  # node 0 is none


class Ground:
    """A layout being filled up, and its skyline: a chain of segments, numbered as they come, each [start, end) at a
    height and between two others; -1 is no segment. Nothing may be pinned.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.offsets = [0] * problem.count
        self.tree = LifeTree(problem.firsts, problem.lasts)
        self.start, self.end, self.height = [min(problem.firsts)], [max(problem.lasts)], [0]
        self.before, self.after = [-1], [-1]
        self.lowest = [(0, 0)]  # (height, segment); an entry is void once the segment has another height

    def copy(self) -> Ground:
        """The same layout and skyline, to go on with apart; only one of the two may be filled at a time."""
        other = Ground.__new__(Ground)
        other.problem, other.tree = self.problem, self.tree
        other.offsets, other.lowest = self.offsets.copy(), self.lowest.copy()
        other.start, other.end, other.height = self.start.copy(), self.end.copy(), self.height.copy()
        other.before, other.after = self.before.copy(), self.after.copy()
        return other

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
        tree = self.tree
        tree.offer(order)
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
            i = order[rank]
            tree.remove(i)
            unplaced -= 1
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
        return [i for i in order if tree.rank[tree.leaf[i]] != tree.none]

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
