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
from dataclasses import dataclass

from irpass.graphs.columns import place, straighten
from irpass.graphs.geometry import Point, Segment, upright
from irpass.graphs.rows import Part, back_edges, choose_rows, connected_parts, ordered_rows

ROW_GAP = 46.0
PART_GAP = 48.0
LOOP_WIDTH = 26.0  # what an edge from a box to itself takes, to its right
_TURN = 30.0
_STRAIGHTENINGS = 3


@dataclass(frozen=True, slots=True)
class Drawing:
    """Where everything is: upper left corners of the boxes, and for each edge its pieces from its source on.

    An edge from a node to itself has no pieces; whoever draws it puts it beside the box.
    """

    width: float
    height: float
    corners: list[Point]
    routes: list[list[Segment]]


def layered(sizes: Sequence[tuple[float, float]], edges: Sequence[tuple[int, int]], wide: float = 1400.0) -> Drawing:
    """The drawing of a graph whose node i is a box of `sizes[i]` (width, height).

    Parts stand side by side, and wrap where they would get wider than `wide`.
    """
    part_of = connected_parts(len(sizes), edges)
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


def _draw_part(sizes: list[tuple[float, float]], edges: list[tuple[int, int]]) -> Drawing:
    part = Part([w for w, _ in sizes], [h for _, h in sizes], real=len(sizes))
    for node in {a for a, b in edges if a == b}:
        part.widths[node] += 2 * LOOP_WIDTH  # room beside the box, which stays in the middle
    is_back = back_edges(len(sizes), edges)
    part.row = choose_rows(len(sizes), [e for e, back in zip(edges, is_back, strict=True) if not back and e[0] != e[1]])
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
    rows = ordered_rows(part)
    for span, e in spans:
        a, b = edges[e]
        if is_back[e] and a != b and span + 1 <= budget:
            budget -= span + 1
            chains[e] = [part.bend(r) for r in range(part.row[b], part.row[a] + 1)]
            for r, bend in enumerate(chains[e], part.row[b]):
                rows[r].append(bend)
            for upper, lower in zip(chains[e], chains[e][1:], strict=False):
                part.link(upper, lower)
    place(part, rows)
    for _ in range(_STRAIGHTENINGS):
        straighten(part, rows, chains)
    tops, height = _row_tops(part, rows)
    return _route(part, sizes, edges, is_back, chains, tops, height)


def _row_tops(part: Part, rows: list[list[int]]) -> tuple[list[tuple[float, float]], float]:
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
    part: Part,
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
    part: Part, chain: list[int], start: Point, end: Point, rows: list[tuple[float, float]], between: tuple[int, int]
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
    part: Part, chain: list[int], start: Point, end: Point, rows: list[tuple[float, float]], between: tuple[int, int]
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
    part: Part,
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
