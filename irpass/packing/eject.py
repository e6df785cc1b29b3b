"""Guided ejection: makes a layout lower by throwing out what stands too high and finding room for it, move by move.

Below a target, buffers that are out of place wait in a pool. A move takes one from the pool and puts it where it fits
most snugly; where it fits nowhere, it goes where those in its way have the least penalties together, they go to the
pool, and its own penalty rises, so that what is hard to place stays in place longer the next time.

Source: the ejection pools of Nagata and Braysy (2009) for vehicle routing, applied here to offsets.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

from irpass.packing.problem import Problem
from irpass.packing.together import Neighbourhood

_SEED = 20  # any fixed number: the same input gives the same layout


class EjectionSearch:
    """One walk over the layouts of a section; penalties and random state carry over from call to call."""

    def __init__(self, problem: Problem, seed: int = _SEED) -> None:
        self.problem = problem
        self.neighbourhood = Neighbourhood(problem)
        self.penalties = [1] * problem.count
        self.random = Random(seed)
        self.moves = 0
        self.looks = 0  # at neighbours: what the moves cost

    def run(self, start: Sequence[int], capacity: int, limit: int, may_go_on: Callable[[], bool]) -> list[int] | None:
        """Offsets with a peak of at most `capacity`, from the layout `start`; None where `limit` moves did not lead
        to any.
        """
        problem, sizes, pinned = self.problem, self.problem.sizes, self.problem.pinned
        offsets = list(start)
        pool = [i for i in range(problem.count) if offsets[i] + sizes[i] > capacity]
        if any(pinned[i] is not None or sizes[i] > capacity for i in pool):
            return None
        is_placed = [True] * problem.count
        for i in pool:
            is_placed[i] = False
        done = 0
        while pool:
            if done >= limit or (done & 255 == 255 and not may_go_on()):
                break
            done += 1
            k = self.random.randrange(len(pool))
            i = pool[k]
            pool[k] = pool[-1]
            pool.pop()
            evicted = self.place(i, offsets, is_placed, capacity)
            if evicted is None:
                break
            pool += evicted
        return None if pool or not all(is_placed) else offsets

    def place(self, i: int, offsets: list[int], is_placed: list[bool], capacity: int) -> list[int] | None:
        """One move: puts buffer i below the capacity and gives those that had to go; None where what is pinned
        leaves it no place.
        """
        around = sorted([(offsets[j], j) for j in self.neighbourhood.of(i) if is_placed[j]])
        self.moves += 1
        self.looks += len(around)
        offset = self._snug(i, around, capacity)
        evicted: list[int] = []
        if offset < 0:
            offset, evicted = self._cheapest(i, around, capacity)
            if offset < 0:
                return None
            for j in evicted:
                is_placed[j] = False
            self.penalties[i] += 1
        offsets[i] = offset
        is_placed[i] = True
        return evicted

    def _snug(self, i: int, around: Sequence[tuple[int, int]], capacity: int) -> int:
        """The offset in the smallest hole that takes buffer i, or -1."""
        sizes = self.problem.sizes
        size, align = sizes[i], self.problem.aligns[i]
        best, best_room = -1, capacity + 1
        end = 0
        for begin, j in around:
            if begin > end:
                offset = end if align == 1 else -(-end // align) * align
                room = begin - end
                if offset + size <= begin and room < best_room:
                    best, best_room = offset, room
            end = max(end, begin + sizes[j])
        offset = end if align == 1 else -(-end // align) * align
        if offset + size <= capacity and capacity - end < best_room:
            best = offset
        return best

    def _cheapest(self, i: int, around: Sequence[tuple[int, int]], capacity: int) -> tuple[int, list[int]]:
        """The offset for buffer i at which those in its way have the least penalties together, and who they are."""
        sizes, penalties, pinned = self.problem.sizes, self.penalties, self.problem.pinned
        size, align = sizes[i], self.problem.aligns[i]
        highest = capacity - size
        places = {0, highest // align * align}
        for begin, j in around:
            end = begin + sizes[j]
            places.add(-(-end // align) * align)
            places.add((begin - size) // align * align)
        # Offsets rise and so do the ends of those around (they are disjoint), so a window slides over them.
        best, best_cost, best_window = -1, 0, (0, 0)
        left = right = cost = walls = 0
        count = len(around)
        for offset in sorted(places):
            if offset < 0 or offset > highest:
                continue
            while right < count and around[right][0] < offset + size:
                j = around[right][1]
                cost += penalties[j]
                walls += pinned[j] is not None
                right += 1
            while left < right and around[left][0] + sizes[around[left][1]] <= offset:
                j = around[left][1]
                cost -= penalties[j]
                walls -= pinned[j] is not None
                left += 1
            if walls == 0 and (best < 0 or cost < best_cost or (cost == best_cost and self.random.random() < 0.5)):
                best, best_cost, best_window = offset, cost, (left, right)
        return best, [j for _, j in around[best_window[0] : best_window[1]]]
