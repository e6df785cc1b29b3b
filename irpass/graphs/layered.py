"""A layered drawing of a directed graph: boxes in rows, edges downwards, few crossings, long edges straight.

Integers and floats only; it knows nothing of programs. The steps are those of Sugiyama, Tagawa and Toda, "Methods for
visual understanding of hierarchical system structures", 1981: break cycles, choose rows, order each row by barycenters,
choose x. Every step is linear or n log n in nodes and edges, for a fixed number of sweeps. For x each row is placed as
near to its neighbours' means as its boxes allow, which is isotonic regression (pool adjacent violators), exact in one
pass.

Edges that close a cycle go up along the right side, the inner ones inside. Each connected part is drawn by itself, and
the parts stand side by side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import inf
from typing import NamedTuple

ROW_GAP = 46.0
NODE_GAP = 22.0
EDGE_GAP = 14.0
PART_GAP = 48.0
LOOP_WIDTH = 26.0  # what an edge from a box to itself takes, to its right
_TURN = 30.0
_SWEEPS = 8
_PLACEMENTS = 12
_STRAIGHTENINGS = 3
_LARGE = 20_000  # nodes and bends: beyond, nobody looks at the whole, and it should not take minutes


class Point(NamedTuple):
    x: float
    y: float


class Segment(NamedTuple):
    """A piece of an edge: a cubic curve with two control points. Where those are its ends, it is a straight line."""

    start: Point
    control_out: Point
    control_in: Point
    end: Point

    @property
    def is_line(self) -> bool:
        return self.control_out == self.start and self.control_in == self.end

    def at(self, t: float) -> Point:
        """The point at `t` of the way along, 0 to 1."""
        u = 1 - t
        weights = (u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t)
        x, y = (sum(w * p[i] for w, p in zip(weights, self, strict=True)) for i in (0, 1))
        return Point(x, y)

    def shifted(self, dx: float, dy: float) -> Segment:
        a, b, c, d = self
        return Segment(
            Point(a.x + dx, a.y + dy), Point(b.x + dx, b.y + dy), Point(c.x + dx, c.y + dy), Point(d.x + dx, d.y + dy)
        )


def upright(start: Point, end: Point, lead_out: float, lead_in: float) -> Segment:
    """A curve that is vertical at both ends; the leads are how far below them its control points are."""
    return Segment(start, Point(start.x, start.y + lead_out), Point(end.x, end.y + lead_in), end)


@dataclass(frozen=True, slots=True)
class Drawing:
    """Where everything is: upper left corners of the boxes, and for each edge its pieces from its source on.

    An edge from a node to itself has no pieces; whoever draws it puts it beside the box.
    """

    width: float
    height: float
    corners: list[Point]
    routes: list[list[Segment]]


@dataclass(slots=True)
class _Part:
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


def layered(sizes: Sequence[tuple[float, float]], edges: Sequence[tuple[int, int]], wide: float = 1400.0) -> Drawing:
    """The drawing of a graph whose node i is a box of `sizes[i]` (width, height).

    Parts stand side by side, and wrap where they would get wider than `wide`.
    """
    part_of = _connected_parts(len(sizes), edges)
    count = max(part_of, default=-1) + 1
    members: list[list[int]] = [[] for _ in range(count)]
    for node, part in enumerate(part_of):
        members[part].append(node)
    edges_of: list[list[int]] = [[] for _ in range(count)]
    for e, (source, _) in enumerate(edges):
        edges_of[part_of[source]].append(e)
    corners = [Point(0, 0)] * len(sizes)
    routes: list[list[Segment]] = [[] for _ in edges]
    x = y = row_height = width = 0.0
    for part in range(count):
        local = {node: i for i, node in enumerate(members[part])}
        inner = [(local[edges[e][0]], local[edges[e][1]]) for e in edges_of[part]]
        drawn = _draw_part([sizes[node] for node in members[part]], inner)
        if x > 0 and x + drawn.width > wide:
            x, y, row_height = 0.0, y + row_height + PART_GAP, 0.0
        for node, corner in zip(members[part], drawn.corners, strict=True):
            corners[node] = Point(corner.x + x, corner.y + y)
        for e, route in zip(edges_of[part], drawn.routes, strict=True):
            routes[e] = [s.shifted(x, y) for s in route] if x or y else route
        width = max(width, x + drawn.width)
        x += drawn.width + PART_GAP
        row_height = max(row_height, drawn.height)
    return Drawing(width, y + row_height, corners, routes)


def _connected_parts(count: int, edges: Sequence[tuple[int, int]]) -> list[int]:
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


def _draw_part(sizes: list[tuple[float, float]], edges: list[tuple[int, int]]) -> Drawing:
    part = _Part([w for w, _ in sizes], [h for _, h in sizes], real=len(sizes))
    for node in {a for a, b in edges if a == b}:
        part.widths[node] += 2 * LOOP_WIDTH  # room beside the box, which stays in the middle
    is_back = _back_edges(len(sizes), edges)
    part.row = _rows(len(sizes), [e for e, back in zip(edges, is_back, strict=True) if not back and e[0] != e[1]])
    part.above = [[] for _ in sizes]
    part.below = [[] for _ in sizes]
    count = len(sizes) + len(edges)
    budget = min(4 * count + 4000, 12_000 + count // 8)  # of bends: without one, an edge over many rows is one curve
    chains: list[list[int]] = [[] for _ in edges]  # the bends of each edge, from its upper end down
    spans = sorted((abs(part.row[a] - part.row[b]), e) for e, (a, b) in enumerate(edges))
    for span, e in spans:
        a, b = edges[e]
        if is_back[e] or a == b or span - 1 > budget:
            continue
        budget -= span - 1
        chains[e] = [part.bend(r) for r in range(part.row[a] + 1, part.row[b])]
        for upper, lower in zip([a, *chains[e]], [*chains[e], b], strict=True):
            part.link(upper, lower)
    rows = _ordered_rows(part)
    for span, e in spans:
        a, b = edges[e]
        if is_back[e] and a != b and span + 1 <= budget:
            budget -= span + 1
            chains[e] = [part.bend(r) for r in range(part.row[b], part.row[a] + 1)]
            for r, bend in enumerate(chains[e], part.row[b]):
                rows[r].append(bend)
            for upper, lower in zip(chains[e], chains[e][1:], strict=False):
                part.link(upper, lower)
    _place(part, rows)
    for _ in range(_STRAIGHTENINGS):
        _straighten(part, rows, chains)
    tops, height = _row_tops(part, rows)
    return _route(part, sizes, edges, is_back, chains, tops, height)


def _back_edges(count: int, edges: list[tuple[int, int]]) -> list[bool]:
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


def _rows(count: int, edges: list[tuple[int, int]]) -> list[int]:
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


def _ordered_rows(part: _Part) -> list[list[int]]:
    """The nodes and bends of each row from left to right, with few crossings: the best of some sweeps."""
    rows: list[list[int]] = [[] for _ in range(max(part.row) + 1)]
    for node in _walk_order(part):
        rows[part.row[node]].append(node)
    best, fewest = [list(r) for r in rows], _crossings(part, rows)
    for sweep in range(_SWEEPS if len(part.widths) < _LARGE else 2):
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


def _places(part: _Part, rows: list[list[int]]) -> list[float]:
    """The position of each node in its row, counted from the row's middle."""
    place = [0.0] * len(part.widths)
    for row in rows:
        for i, node in enumerate(row):
            place[node] = i + (1 - len(row)) / 2
    return place


def _walk_order(part: _Part) -> list[int]:
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


def _crossings(part: _Part, rows: list[list[int]]) -> int:
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


def _place(part: _Part, rows: list[list[int]]) -> None:
    """Choose x: several passes, each of which moves every row to where its neighbours want it."""
    part.x = [0.0] * len(part.widths)
    for row in rows:
        at = 0.0
        for left, node in zip([-1, *row], row, strict=False):
            at += _separation(part, left, node) if left >= 0 else 0.0
            part.x[node] = at
    passes = _PLACEMENTS if len(part.widths) < _LARGE else 4
    for n in range(passes):
        both = n >= passes // 2
        down = n % 2 == 0
        for r in range(len(rows)) if down else range(len(rows) - 1, -1, -1):
            _place_row(part, rows[r], use_above=down or both, use_below=not down or both)


def _place_row(part: _Part, row: list[int], use_above: bool, use_below: bool) -> None:
    wishes: list[tuple[float, float]] = []  # where each wants to be, and how much
    for node in row:
        total = weight = 0.0
        for other in (*(part.above[node] if use_above else ()), *(part.below[node] if use_below else ())):
            w = 8.0 if node >= part.real and other >= part.real else 1.0
            total += w * part.x[other]
            weight += w
        wishes.append((total / weight, weight) if weight else (part.x[node], 0.05))
    offset = 0.0
    pools: list[list[float]] = []  # mean, weight, members: of x minus the offset from the row's first
    offsets: list[float] = []
    for left, node, (wish, weight) in zip([-1, *row], row, wishes, strict=False):
        offset += _separation(part, left, node) if left >= 0 else 0.0
        offsets.append(offset)
        pools.append([wish - offset, weight, 1])
        while len(pools) > 1 and pools[-2][0] >= pools[-1][0]:
            mean, weight_of, members = pools.pop()
            last = pools[-1]
            last[0] = (last[0] * last[1] + mean * weight_of) / (last[1] + weight_of)
            last[1] += weight_of
            last[2] += members
    at = 0
    for mean, _, members in pools:
        for node in row[at : at + int(members)]:
            part.x[node] = mean + offsets[at]
            at += 1


def _straighten(part: _Part, rows: list[list[int]], chains: list[list[int]]) -> None:
    """Give the bends of each edge one x for as long as their neighbours in the rows leave room for it."""
    beside: dict[int, tuple[int, int]] = {}
    for row in rows:
        for i, node in enumerate(row):
            if node >= part.real:
                beside[node] = (row[i - 1] if i else -1, row[i + 1] if i + 1 < len(row) else -1)
    for chain in chains:
        run: list[int] = []
        low, high = -inf, inf
        for node in chain:
            left, right = beside[node]
            least = part.x[left] + _separation(part, left, node) if left >= 0 else -inf
            most = part.x[right] - _separation(part, node, right) if right >= 0 else inf
            if run and max(low, least) > min(high, most):
                _align(part, run, low, high)
                run, low, high = [], -inf, inf
            run.append(node)
            low, high = max(low, least), min(high, most)
        _align(part, run, low, high)


def _align(part: _Part, run: list[int], low: float, high: float) -> None:
    if run and low <= high:
        x = min(max(sum(part.x[n] for n in run) / len(run), low), high)
        for node in run:
            part.x[node] = x


def _separation(part: _Part, left: int, right: int) -> float:
    """How far apart the centres of two neighbours in a row are at least."""
    gap = NODE_GAP if left < part.real and right < part.real else EDGE_GAP
    return (part.widths[left] + part.widths[right]) / 2 + gap


def _row_tops(part: _Part, rows: list[list[int]]) -> tuple[list[tuple[float, float]], float]:
    """Upper and lower y of each row, and the height of all; a gap with many long edges is higher."""
    tops: list[tuple[float, float]] = []
    y = 0.0
    for row in rows:
        height = max((part.heights[n] for n in row), default=0.0)
        tops.append((y, y + height))
        steep = max((abs(part.x[n] - part.x[t]) for n in row for t in part.below[n]), default=0.0)
        y += height + ROW_GAP + min(60.0, steep / 12)
    return tops, tops[-1][1] if tops else 0.0


def _route(
    part: _Part,
    sizes: list[tuple[float, float]],
    edges: list[tuple[int, int]],
    is_back: list[bool],
    chains: list[list[int]],
    rows: list[tuple[float, float]],
    height: float,
) -> Drawing:
    ports = _ports(part, sizes, edges, is_back, chains)
    tops = [sum(rows[part.row[n]]) / 2 - part.heights[n] / 2 for n in range(part.real)]
    routes: list[list[Segment]] = []
    for e, (a, b) in enumerate(edges):
        start = Point(ports.get((e, 0), 0.0), tops[a] + part.heights[a])
        end = Point(ports.get((e, 1), 0.0), tops[b])
        if a == b:
            routes.append([])
        elif is_back[e]:
            routes.append(_back_route(part, chains[e], start, end, rows, (part.row[a], part.row[b])))
        else:
            routes.append(_down_route(part, chains[e], start, end, rows, (part.row[a], part.row[b])))
    left = min(part.x[n] - part.widths[n] / 2 for n in range(len(part.widths)))
    right = max(part.x[n] + part.widths[n] / 2 for n in range(len(part.widths)))
    extra = _TURN if any(is_back) else 0.0  # edges that go up turn below the lowest row and above the highest
    corners = [Point(part.x[n] - sizes[n][0] / 2 - left, tops[n] + extra) for n in range(part.real)]
    moved = [[s.shifted(-left, extra) for s in route] for route in routes]
    return Drawing(right - left, height + 2 * extra, corners, moved)


def _down_route(
    part: _Part, chain: list[int], start: Point, end: Point, rows: list[tuple[float, float]], between: tuple[int, int]
) -> list[Segment]:
    """From row to row: a curve through each gap, a straight line past each row, so that no box is crossed."""
    route: list[Segment] = []
    at = _go(route, start, Point(start.x, rows[between[0]][1]))
    for x, (high, low) in [(part.x[n], rows[part.row[n]]) for n in chain]:
        at = _go(route, at, Point(x, high), curved=True)
        at = _go(route, at, Point(x, low))
    at = _go(route, at, Point(end.x, rows[between[1]][0]), curved=True)
    _go(route, at, end)
    return route


def _back_route(
    part: _Part, chain: list[int], start: Point, end: Point, rows: list[tuple[float, float]], between: tuple[int, int]
) -> list[Segment]:
    """Down and round below the source's row, up along the bends, and round into the target from above."""
    route: list[Segment] = []
    at = _go(route, start, Point(start.x, rows[between[0]][1]))
    top = Point(end.x, rows[between[1]][0])
    if not chain:
        route.append(upright(at, top, _TURN, -_TURN))
        _go(route, top, end)
        return route
    for i, (x, (high, low)) in enumerate([(part.x[n], rows[part.row[n]]) for n in reversed(chain)]):
        if i == 0:
            route.append(upright(at, Point(x, low), _TURN, _TURN))
            at = Point(x, low)
        else:
            at = _go(route, at, Point(x, low), curved=True)
        at = _go(route, at, Point(x, high))
    route.append(upright(at, top, -_TURN, -_TURN))
    _go(route, top, end)
    return route


def _go(route: list[Segment], at: Point, to: Point, curved: bool = False) -> Point:
    if at != to:
        lead = (to.y - at.y) / 2
        is_line = not curved or at.x == to.x
        route.append(Segment(at, at, to, to) if is_line else upright(at, to, lead, -lead))
    return to


def _ports(
    part: _Part,
    sizes: list[tuple[float, float]],
    edges: list[tuple[int, int]],
    is_back: list[bool],
    chains: list[list[int]],
) -> dict[tuple[int, int], float]:
    """The x at which each edge leaves its source (0) and reaches its target (1), spread along the boxes' sides."""
    ends: dict[tuple[int, int], list[tuple[float, int]]] = {}  # (node, side) -> edges by where they come from
    for e, (a, b) in enumerate(edges):
        if a == b:
            continue
        chain = chains[e][::-1] if is_back[e] else chains[e]
        ends.setdefault((a, 0), []).append((part.x[chain[0] if chain else b], e))
        ends.setdefault((b, 1), []).append((part.x[chain[-1] if chain else a], e))
    found: dict[tuple[int, int], float] = {}
    for (node, side), list_ in ends.items():
        list_.sort()
        room = max(0.0, sizes[node][0] - 16)
        step = min(24.0, room / (len(list_) - 1)) if len(list_) > 1 else 0.0
        for i, (_, e) in enumerate(list_):
            found[e, side] = part.x[node] + (i - (len(list_) - 1) / 2) * step
    return found
