"""The first half of a layered drawing: which row each node is in, and in which order each row stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

_SWEEPS = 8
LARGE = 20_000  # nodes and bends: beyond, nobody looks at the whole, and it should not take minutes


@dataclass(slots=True)
class Part:
    """A connected part while it is laid out: real nodes are 0..real-1, the others bend long edges."""

    widths: list[float]
    heights: list[float]
    real: int
    row: list[int] = field(default_factory=list)
    x: list[float] = field(default_factory=list)  # of centres
    above: list[list[int]] = field(default_factory=list)
    below: list[list[int]] = field(default_factory=list)

    def bend(self, row: int) -> int:
        """A new bend in `row`."""
        self.widths.append(0.0)
        self.heights.append(0.0)
        self.row.append(row)
        self.above.append([])
        self.below.append([])
        return len(self.widths) - 1

    def link(self, upper: int, lower: int) -> None:
        self.above[lower].append(upper)
        self.below[upper].append(lower)


def connected_parts(count: int, edges: Sequence[tuple[int, int]]) -> list[int]:
    """For each node the number of its connected part, parts in the order of their first nodes."""
    beside: list[list[int]] = [[] for _ in range(count)]
    for a, b in edges:
        beside[a].append(b)
        beside[b].append(a)
    part = [-1] * count
    parts = 0
    for root in range(count):
        if part[root] >= 0:
            continue
        part[root] = parts
        work = [root]
        while work:
            for other in beside[work.pop()]:
                if part[other] < 0:
                    part[other] = parts
                    work.append(other)
        parts += 1
    return part


def back_edges(count: int, edges: list[tuple[int, int]]) -> list[bool]:
    """For each edge whether a depth-first walk finds it to close a cycle; without those there are none."""
    out: list[list[int]] = [[] for _ in range(count)]
    has_source = [False] * count
    for e, (a, b) in enumerate(edges):
        out[a].append(e)
        if a != b:
            has_source[b] = True
    is_back = [False] * len(edges)
    state = [0] * count  # 1 while on the walk's path, 2 when left
    for root in [*(n for n in range(count) if not has_source[n]), *range(count)]:
        if state[root]:
            continue
        state[root] = 1
        stack = [(root, iter(out[root]))]
        while stack:
            node, rest = stack[-1]
            e = next(rest, -1)
            if e < 0:
                state[node] = 2
                stack.pop()
                continue
            target = edges[e][1]
            if state[target] == 1:
                is_back[e] = True
            elif not state[target]:
                state[target] = 1
                stack.append((target, iter(out[target])))
    return is_back


def choose_rows(count: int, edges: list[tuple[int, int]]) -> list[int]:
    """The row of each node: below all its sources; one with more targets than sources moves down to them."""
    out: list[list[int]] = [[] for _ in range(count)]
    missing = [0] * count
    sources = [0] * count
    for a, b in edges:
        out[a].append(b)
        missing[b] += 1
        sources[b] += 1
    row = [0] * count
    order = [n for n in range(count) if not missing[n]]
    for node in order:
        for target in out[node]:
            row[target] = max(row[target], row[node] + 1)
            missing[target] -= 1
            if not missing[target]:
                order.append(target)
    for node in reversed(order):
        if len(out[node]) > sources[node]:
            row[node] = min(row[t] for t in out[node]) - 1
    least = min(row, default=0)
    return [r - least for r in row]


def ordered_rows(part: Part) -> list[list[int]]:
    """The nodes and bends of each row from left to right, with few crossings: the best of some sweeps."""
    rows: list[list[int]] = [[] for _ in range(max(part.row) + 1)]
    for node in _walk_order(part):
        rows[part.row[node]].append(node)
    best, fewest = [list(r) for r in rows], _crossings(part, rows)
    for sweep in range(_SWEEPS if len(part.widths) < LARGE else 2):
        if not fewest:
            break
        down = sweep % 2 == 0
        fixed = part.above if down else part.below
        place = _places(part, rows)
        for r in range(1, len(rows)) if down else range(len(rows) - 2, -1, -1):
            key = {n: _mean(place, fixed[n], place[n]) for n in rows[r]}
            rows[r].sort(key=key.__getitem__)
            for i, node in enumerate(rows[r]):
                place[node] = i + (1 - len(rows[r])) / 2
        found = _crossings(part, rows)
        if found < fewest:
            best, fewest = [list(r) for r in rows], found
    return best


def _mean(place: list[float], nodes: list[int], otherwise: float) -> float:
    return sum(place[n] for n in nodes) / len(nodes) if nodes else otherwise


def _places(part: Part, rows: list[list[int]]) -> list[float]:
    """The position of each node in its row, counted from the row's middle."""
    place = [0.0] * len(part.widths)
    for row in rows:
        for i, node in enumerate(row):
            place[node] = i + (1 - len(row)) / 2
    return place


def _walk_order(part: Part) -> list[int]:
    """Every node and bend in the order of a depth-first walk over links of either direction: neighbours stay near."""
    seen = [False] * len(part.widths)
    order: list[int] = []
    for root in sorted(range(len(part.widths)), key=lambda n: part.row[n]):
        stack = [root]
        while stack:
            node = stack.pop()
            if not seen[node]:
                seen[node] = True
                order.append(node)
                stack += reversed(part.below[node])
                stack += reversed(part.above[node])
    return order


def _crossings(part: Part, rows: list[list[int]]) -> int:
    """How many pairs of links cross. Source: Barth, Jünger, Mutzel, "Simple and efficient bilayer cross counting"."""
    total = 0
    index = [0] * len(part.widths)
    for row in rows:
        for i, node in enumerate(row):
            index[node] = i
    for r in range(len(rows) - 1):
        size = len(rows[r + 1])
        tree = [0] * (size + 1)
        seen = 0
        for node in rows[r]:
            ends = sorted(index[t] for t in part.below[node])
            for end in ends:  # links before this one that end to its right
                at, before = end + 1, 0
                while at > 0:
                    before += tree[at]
                    at -= at & -at
                total += seen - before
            for end in ends:
                at = end + 1
                while at <= size:
                    tree[at] += 1
                    at += at & -at
                seen += 1
    return total
