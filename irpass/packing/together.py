"""Who lives with whom, without a list of all pairs."""

from __future__ import annotations

from bisect import bisect_left

from irpass.packing.problem import Problem

_MOST_KEPT = 2_000_000  # neighbours, in all lists that are kept


class Neighbourhood:
    """Finds the buffers that live with one, from snapshots of who is alive: O(n) memory, O(those alive) a question.

    Answers are kept as long as they are few together.
    """

    def __init__(self, problem: Problem) -> None:
        self.firsts, self.lasts = problem.firsts, problem.lasts
        self.by_first = sorted(range(problem.count), key=problem.firsts.__getitem__)
        self.begins = [problem.firsts[i] for i in self.by_first]
        self.snapshots: list[list[int]] = []  # who is alive where each `step`-th buffer begins, those before it only
        self.step = max(1, round(problem.pairs() / max(1, problem.count)))  # about as many as are alive
        self.kept: dict[int, list[int]] = {}
        self.room = _MOST_KEPT
        alive: list[int] = []
        for place in range(0, problem.count, self.step):
            begin = self.begins[place]
            alive = [j for j in alive + self.by_first[max(0, place - self.step) : place] if self.lasts[j] > begin]
            self.snapshots.append(alive)

    def of(self, i: int) -> list[int]:
        """The buffers that live with buffer i."""
        found = self.kept.get(i)
        if found is None:
            first, last, lasts = self.firsts[i], self.lasts[i], self.lasts
            chunk = max(0, bisect_left(self.begins, first) - 1) // self.step
            end = bisect_left(self.begins, last)
            found = [j for j in self.snapshots[chunk] if lasts[j] > first]
            found += [j for j in self.by_first[chunk * self.step : end] if lasts[j] > first and j != i]
            if len(found) <= self.room:
                self.room -= len(found)
                self.kept[i] = found
        return found
