"""Whether a section fits below a capacity: depth-first search over layouts in canonical order.

Some layout of least total offset is canonical: taken by rising (offset, rank), every buffer lies at the lowest offset
that the buffers taken before it leave. So a node places one buffer at its lowest offset, and no later one goes below.
What cuts the tree:

- A clique (buffers alive at one time) needs (lowest offset among its unplaced) + (their sizes) <= capacity.
- All of a sub-problem lies at or above the offset being placed, so an offset above capacity - (greatest remaining
  sum) is too high.
- An offset at or above the lowest possible top of an unplaced buffer is too high: that buffer would have slid below.
- A buffer that was passed over can only come to lie on top of a buffer not placed yet, so its lowest offset rises to
  the lowest such top. With it rise the cliques that hold it.
- Of equal buffers (life, size, alignment) only the first in rank is tried.
- A small sub-problem that has failed is remembered, with the lowest offsets that it began from.
- A pinned buffer is placed when its offset comes up, and cannot be passed over.
- Where no unplaced buffer crosses a time, the two sides are searched one after the other, and one failure fails both.

Source: Moffitt, "MiniMalloc: A Lightweight Memory Allocator for Hardware-Accelerated Machine Learning" (ASPLOS 2023),
for canonical order, the clique test and the split; the rest is added here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import gcd
from operator import itemgetter
from typing import Literal, NamedTuple

from irpass.packing.problem import Problem

_PLACED = 1 << 80  # the "lowest offset" of what is placed: above every offset, so that no minimum sees it
_MOST_KEYED = 40  # members of a sub-problem that is remembered where it failed
_MOST_KEYS = 200_000


class Conflicts:
    """Who lives with whom in a section: neighbours of each buffer, and the maximal cliques in order of time.

    Buffer i is in the cliques from `begin[i]` to before `end[i]`. Costs as much as there are pairs that live together.
    """

    __slots__ = ("begin", "cliques", "end", "neighbours")

    def __init__(self, problem: Problem) -> None:
        count = problem.count
        events = [(time, 1, i) for i, time in enumerate(problem.firsts)]
        events += [(time, 0, i) for i, time in enumerate(problem.lasts)]
        events.sort()
        self.neighbours: list[list[int]] = [[] for _ in range(count)]
        self.cliques: list[list[int]] = []
        self.begin = [0] * count
        self.end = [0] * count
        live: dict[int, None] = {}
        has_grown = False
        for _, is_beginning, i in events:
            if is_beginning:
                mine = self.neighbours[i]
                for j in live:
                    mine.append(j)
                    self.neighbours[j].append(i)
                live[i] = None
                self.begin[i] = len(self.cliques)
                has_grown = True
            else:
                if has_grown:
                    self.cliques.append(list(live))
                    has_grown = False
                self.end[i] = len(self.cliques)
                del live[i]


class _State(NamedTuple):
    """What placements leave: for each buffer the least offset that it can still get (`low`) and that the placed ones
    leave it (`real`).

    They differ where a buffer was passed over. `rest` sums the unplaced sizes of each clique; `cross[t]` counts the
    unplaced buffers in both clique t and clique t + 1.
    """

    low: list[int]
    real: list[int]
    rest: list[int]
    cross: list[int]


class _Part(NamedTuple):
    """A sub-problem: unplaced buffers by rank, and their cliques from `begin` to before `end`."""

    members: list[int]
    begin: int
    end: int


@dataclass(slots=True)
class _Node:
    """A sub-problem being searched: `before` is what its ancestors left (with its own `low`), `after` what the placed
    `trying` leaves.
    """

    part: _Part
    before: _State
    highest: int  # no offset above it can come next
    key: tuple[int, ...] | None = None  # all that its outcome depends on; None where that is too much to keep
    trying: int = -1
    after: _State | None = None
    pending: list[_Part] = field(default_factory=list)


class CapacitySearch:
    """Answers "is there a layout with peak <= capacity" for one section; the conflicts are computed once."""

    def __init__(self, problem: Problem, conflicts: Conflicts) -> None:
        self.problem = problem
        self.conflicts = conflicts
        cell = gcd(*problem.aligns)
        # Every start is a multiple of the cell, so a buffer keeps its last cell to itself; only the topmost one may
        # hang out.
        self.padded = [-(-size // cell) * cell for size in problem.sizes]
        self.overhang = max(p - s for p, s in zip(self.padded, problem.sizes, strict=True))
        self.getters = [_getter(clique) for clique in conflicts.cliques]
        self.nodes = 0

    def run(
        self, capacity: int, order: Sequence[int], limit: int, may_go_on: Callable[[], bool]
    ) -> list[int] | Literal[False] | None:
        """Offsets that fit, False where none exist, None where `limit` nodes did not tell. `order` breaks ties."""
        problem = self.problem
        if any(s + (pin or 0) > capacity for s, pin in zip(problem.sizes, problem.pinned, strict=True)):
            return False
        return _Run(self, capacity, order).go(limit, may_go_on)


def _getter(members: Sequence[int]) -> Callable[[Sequence[int]], Sequence[int]]:
    if len(members) == 1:
        only = members[0]
        return lambda values: (values[only],)
    return itemgetter(*members)


class _Run:
    def __init__(self, search: CapacitySearch, capacity: int, order: Sequence[int]) -> None:
        self.search = search
        problem = self.problem = search.problem
        self.neighbours = search.conflicts.neighbours
        self.begin, self.end = search.conflicts.begin, search.conflicts.end
        self.sizes = problem.sizes
        self.highest_of = [capacity - size for size in problem.sizes]
        self.ceiling = capacity + search.overhang
        self.is_plain = not problem.is_aligned and problem.obstacles is None
        self.offsets = [0] * problem.count
        self.order = list(order)
        self.failed: set[tuple[int, ...]] = set()  # of keys: the same sub-problem comes up along many ways
        # twin[i]: the equal buffer before i in rank, or -1.
        self.twin = [-1] * problem.count
        seen: dict[tuple[int, int, int, int], int] = {}
        for i in order:
            if problem.pinned[i] is None:
                key = (problem.firsts[i], problem.lasts[i], problem.sizes[i], problem.aligns[i])
                self.twin[i] = seen.get(key, -1)
                seen[key] = i

    def go(self, limit: int, may_go_on: Callable[[], bool]) -> list[int] | Literal[False] | None:
        search = self.search
        pending = self._start()
        if pending is None:
            return False
        state, parts = pending
        stack = [_Node(_Part([], 0, 0), state, 0, after=state, pending=parts)]
        nodes = 0
        try:
            while True:
                top = stack[-1]
                if not top.pending:  # all parts of this one are done
                    stack.pop()
                    if not stack:
                        return self.offsets
                    continue
                node = self._enter(top.after or top.before, top.pending.pop())
                stack.append(node)
                if node.key in self.failed:
                    stack.pop()
                    node = top
                    if len(stack) == 1:
                        return False
                while True:
                    nodes += 1
                    if nodes >= limit or (nodes & 255 == 0 and not may_go_on()):
                        return None
                    if self._advance(node):
                        break
                    stack.pop()  # and its parent tries its next buffer
                    if node.key is not None and len(self.failed) < _MOST_KEYS:
                        self.failed.add(node.key)
                    node = stack[-1]
                    if len(stack) == 1:
                        return False
        finally:
            search.nodes += nodes

    def _start(self) -> tuple[_State, list[_Part]] | None:
        problem, conflicts = self.problem, self.search.conflicts
        low = [problem.fit(i, 0) if pin is None else pin for i, pin in enumerate(problem.pinned)]
        if any(low[i] > self.highest_of[i] for i in self.order):
            return None
        rest = [0] * len(conflicts.cliques)
        cross = [0] * len(conflicts.cliques)
        for i in self.order:
            for t in range(self.begin[i], self.end[i]):
                rest[t] += self.search.padded[i]
            for t in range(self.begin[i], self.end[i] - 1):
                cross[t] += 1
        if any(total > self.ceiling for total in rest):
            return None
        return _State(low, low[:], rest, cross), self._split(cross, _Part(self.order, 0, len(rest)))

    def _split(self, cross: list[int], part: _Part) -> list[_Part]:
        """The members in parts that no member crosses, each with its cliques."""
        members, begin, end = part
        cuts = [begin, *(t + 1 for t in range(begin, end - 1) if cross[t] == 0), end]
        home = [k for k in range(len(cuts) - 1) for _ in range(cuts[k], cuts[k + 1])]
        parts: list[list[int]] = [[] for _ in cuts[1:]]
        for i in members:
            parts[home[self.begin[i] - begin]].append(i)
        return [_Part(mine, cuts[k], cuts[k + 1]) for k, mine in enumerate(parts) if mine]

    def _enter(self, state: _State, part: _Part) -> _Node:
        real, sizes = state.real, self.sizes
        members = part.members
        if self.problem.obstacles is not None:
            pinned = self.problem.pinned
            members = [i for i in members if pinned[i] is None]
        slide = min([real[i] + sizes[i] for i in members], default=_PLACED) - 1
        crowd = self.ceiling - max(state.rest[part.begin : part.end])
        node = _Node(part, state._replace(low=state.low[:]), min(slide, crowd))
        if len(part.members) <= _MOST_KEYED:
            get = _getter(part.members)
            node.key = (*part.members, *get(state.low), *get(real))
        return node

    def _advance(self, node: _Node) -> bool:
        """Places the next buffer that the node has not tried, and sets the parts that are left; False when there is
        no other.
        """
        if node.trying >= 0 and not self._pass_over(node, node.trying):
            return False
        low, real = node.before.low, node.before.real
        members = node.part.members
        get = _getter(members)
        while True:
            lows = get(low)
            offset = min(lows)
            if offset > node.highest:
                return False
            i = members[lows.index(offset)]
            twin = self.twin[i]
            if real[i] == offset and (twin < 0 or low[twin] == _PLACED) and self._place(node, i, offset):
                return True
            if not self._pass_over(node, i):
                return False

    def _pass_over(self, node: _Node, i: int) -> bool:
        """Raises what buffer i, passed over, can get to the lowest top that it can come to lie on; False where that
        does not fit.
        """
        if self.problem.pinned[i] is not None:
            return False
        low, sizes = node.before.low, self.sizes
        bound = min([low[j] + sizes[j] for j in self.neighbours[i]], default=_PLACED)
        twin = self.twin[i]
        if twin >= 0 and low[twin] != _PLACED:
            bound = max(bound, low[twin] + sizes[twin])
        if bound >= _PLACED:
            return False
        if not self.is_plain:
            bound = self.problem.fit(i, bound)
        if bound > self.highest_of[i]:
            return False
        low[i] = bound
        rest, getters, ceiling = node.before.rest, self.search.getters, self.ceiling
        for t in range(self.begin[i], self.end[i]):
            if bound + rest[t] > ceiling and min(getters[t](low)) + rest[t] > ceiling:
                return False
        return True

    def _place(self, node: _Node, i: int, offset: int) -> bool:
        """Puts buffer i at `offset`; False where something then cannot fit."""
        sizes, highest_of, begin, end = self.sizes, self.highest_of, self.begin, self.end
        low, real = node.before.low[:], node.before.real[:]
        low[i] = real[i] = _PLACED
        first, last = begin[i], end[i]
        top = offset + sizes[i]
        touched_begin, touched_end = first, last
        for j in self.neighbours[i]:
            if real[j] < top:
                real[j] = value = top if self.is_plain else self.problem.fit(j, top)
                if low[j] < value:
                    if value > highest_of[j]:
                        return False
                    low[j] = value
                    if begin[j] < touched_begin:
                        touched_begin = begin[j]
                    if end[j] > touched_end:
                        touched_end = end[j]
        rest, cross = node.before.rest[:], node.before.cross[:]
        padded = self.search.padded[i]
        for t in range(first, last):
            rest[t] -= padded
        getters, ceiling = self.search.getters, self.ceiling
        for t in range(touched_begin, touched_end):
            if rest[t] and min(getters[t](low)) + rest[t] > ceiling:
                return False
        self.offsets[i] = offset
        is_cut = False
        for t in range(first, last - 1):
            cross[t] -= 1
            if cross[t] == 0:
                is_cut = True
        part = node.part._replace(members=[j for j in node.part.members if j != i])
        node.trying = i
        node.after = _State(low, real, rest, cross)
        if is_cut:
            node.pending = self._split(cross, part)
        else:
            node.pending = [part] if part.members else []
        return True
