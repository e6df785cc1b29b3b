"""Where the boxes and edges of a graph go: text measured, long text cut, blocks of a function kept together."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from irpass.graphs.geometry import Point, Segment, upright
from irpass.graphs.layered import layered

if TYPE_CHECKING:
    import networkx as nx

FONT_SIZE = 12
LINE_HEIGHT = 16.0
_CHAR_WIDTH = 7.25  # of a monospaced font of that size; wide characters take two
_PADDING_X, _PADDING_Y = 11.0, 6.0
_MAX_COLUMNS, _MAX_LINES = 56, 14
FRAME_PADDING, FRAME_HEAD = 16.0, 24.0


class Box(NamedTuple):
    """A node: upper left corner, size, the lines of its text, and the attributes of the node."""

    node: str
    x: float
    y: float
    width: float
    height: float
    lines: list[str]
    data: dict[str, Any]


class Frame(NamedTuple):
    """What is drawn around the nodes of one block."""

    name: str
    x: float
    y: float
    width: float
    height: float


class Line(NamedTuple):
    """An edge: its pieces, its ends, and the attributes of the edge. No pieces: it goes from a box to itself.

    `is_across` says that it goes from frame to frame, over whatever is between.
    """

    source: str
    target: str
    route: list[Segment]
    data: dict[str, Any]
    is_across: bool = False


@dataclass(slots=True)
class Scene:
    """Everything that is drawn, the frames and the flow between them behind the rest."""

    width: float
    height: float
    boxes: list[Box] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)
    flow: list[list[Segment]] = field(default_factory=list)


def text_width(text: str) -> float:
    """The width of one line of text, in pixels."""
    return _CHAR_WIDTH * sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def scene(graph: nx.DiGraph[str]) -> Scene:
    """The scene of a graph as `irpass.graphs` makes them."""
    nodes = list(graph.nodes)
    edges = [(s, t, data) for s, t, data in graph.edges(data=True)]
    if "flow" in graph.graph:
        return _framed(graph, nodes, edges)
    sizes = [_size(graph.nodes[n]) for n in nodes]
    number = {n: i for i, n in enumerate(nodes)}
    drawn = layered(sizes, [(number[s], number[t]) for s, t, _ in edges])
    found = Scene(drawn.width, drawn.height)
    for node, (x, y), (width, height) in zip(nodes, drawn.corners, sizes, strict=True):
        found.boxes.append(Box(node, x, y, width, height, _lines(graph.nodes[node]), graph.nodes[node]))
    for (s, t, data), route in zip(edges, drawn.routes, strict=True):
        found.lines.append(Line(s, t, route, data))
    return found


def _framed(graph: nx.DiGraph[str], nodes: list[str], edges: list[tuple[str, str, dict[str, Any]]]) -> Scene:
    """Each block drawn by itself within a frame, the frames as the control flow goes, edges between them across."""
    members: dict[str, dict[str, int]] = {}
    for node in nodes:
        inside = members.setdefault(graph.nodes[node]["block"], {})
        inside[node] = len(inside)
    home = {node: name for name, inside in members.items() for node in inside}
    inner: dict[str, list[tuple[str, str, dict[str, Any]]]] = {name: [] for name in members}
    across: list[tuple[str, str, dict[str, Any]]] = []
    for s, t, data in edges:
        (inner[home[s]] if home[s] == home[t] else across).append((s, t, data))
    drawings = {}
    for name, inside in members.items():
        pairs = [(inside[s], inside[t]) for s, t, _ in inner[name]]
        drawings[name] = layered([_size(graph.nodes[n]) for n in inside], pairs, wide=900.0)
    names = list(members)
    number = {name: i for i, name in enumerate(names)}
    flow = [tuple(pair.split(" ")) for pair in str(graph.graph["flow"]).split(",") if pair]
    pairs = [(number[a], number[b]) for a, b in flow if a in number and b in number]
    sizes = []
    for name in names:
        width = max(drawings[name].width, text_width(name) + 8)
        sizes.append((width + 2 * FRAME_PADDING, drawings[name].height + FRAME_HEAD + FRAME_PADDING))
    outer = layered(sizes, pairs)
    found = Scene(outer.width, outer.height, flow=outer.routes)
    box_of: dict[str, Box] = {}
    for name, (x, y), (width, height) in zip(names, outer.corners, sizes, strict=True):
        found.frames.append(Frame(name, x, y, width, height))
        dx, dy = x + (width - drawings[name].width) / 2, y + FRAME_HEAD
        for node, corner in zip(members[name], drawings[name].corners, strict=True):
            data = graph.nodes[node]
            box_of[node] = Box(node, corner.x + dx, corner.y + dy, *_size(data), _lines(data), data)
        for (s, t, data), route in zip(inner[name], drawings[name].routes, strict=True):
            found.lines.append(Line(s, t, [piece.shifted(dx, dy) for piece in route], data))
    found.boxes = [box_of[n] for n in nodes]
    for s, t, data in across:
        found.lines.append(Line(s, t, [_across(box_of[s], box_of[t])], data, is_across=True))
    return found


def _across(a: Box, b: Box) -> Segment:
    """One curve from the lower side of a box to the upper side of another; upwards, from right side to right side."""
    if a.y + a.height <= b.y:
        start, end = Point(a.x + a.width / 2, a.y + a.height), Point(b.x + b.width / 2, b.y)
        lead = max(30.0, min(140.0, (end.y - start.y) / 2))
        return upright(start, end, lead, -lead)
    start, end = Point(a.x + a.width, a.y + a.height / 2), Point(b.x + b.width, b.y + b.height / 2)
    reach = max(start.x, end.x) + 24 + min(160.0, (start.y - end.y) / 6)
    return Segment(start, Point(reach, start.y), Point(reach, end.y), end)


def _lines(data: dict[str, Any]) -> list[str]:
    """The text of a node, cut where it is too long or wide; the whole of it is in the tooltip."""
    lines = str(data["label"]).split("\n")
    if len(lines) > _MAX_LINES:
        hidden = len(lines) - (_MAX_LINES - 1)
        lines = [*lines[: _MAX_LINES - 2], f"  … {hidden} more", lines[-1]]  # the last line is the terminator
    return [line if len(line) <= _MAX_COLUMNS else line[: _MAX_COLUMNS - 1] + "…" for line in lines]


def _size(data: dict[str, Any]) -> tuple[float, float]:
    lines = _lines(data)
    return max(map(text_width, lines)) + 2 * _PADDING_X, len(lines) * LINE_HEIGHT + 2 * _PADDING_Y
