"""Graphs as SVG: one self-contained file, no other program needed.

Boxes are coloured by class, edges by kind; hovering over either tells more; a legend names what is there.
"""

from __future__ import annotations

from html import escape
from itertools import islice
from typing import TYPE_CHECKING

from irpass.graphs.geometry import Point, Segment
from irpass.graphs.interchange import xml_text
from irpass.graphs.layered import LOOP_WIDTH
from irpass.graphs.palette import EDGES, NODES
from irpass.graphs.scene import FONT_SIZE, LINE_HEIGHT, Box, Frame, Line, Scene, scene, text_width

if TYPE_CHECKING:
    import networkx as nx

MAX_NODES = 400
_MARGIN = 28.0
_INK, _FAINT, _RULE, _FLOW = "#212529", "#6c757d", "#dee2e6", "#ced4da"
STYLE = f"""
text {{ font-family: "DejaVu Sans Mono", ui-monospace, Menlo, Consolas, monospace; }}
text {{ font-size: {FONT_SIZE}px; fill: {_INK}; }}
.title {{ font-size: 17px; font-weight: bold; }}
.faint {{ fill: {_FAINT}; }}
.edge {{ fill: none; stroke-width: 1.4; }}
.edge:hover {{ stroke-width: 3.2; }}
.small {{ font-size: 11px; }}
"""


def to_svg(graph: nx.DiGraph[str], max_nodes: int = MAX_NODES) -> str:
    """The graph as an SVG document; of more than `max_nodes` nodes the first ones, with a note (0: all of them)."""
    total = graph.number_of_nodes()
    note = ""
    if max_nodes and total > max_nodes:
        note = f"the first {max_nodes:,} of {total:,} nodes"
        graph = _first_nodes(graph, max_nodes)
    return _document(graph, scene(graph), note)


def _first_nodes(graph: nx.DiGraph[str], count: int) -> nx.DiGraph[str]:
    """The first nodes and the edges between them; networkx's own way takes time for all nodes that there are."""
    found = graph.__class__(**graph.graph)
    found.add_nodes_from(islice(graph.nodes(data=True), count))
    kept = list(found.nodes)
    found.add_edges_from([(s, t, data) for s, t, data in graph.edges(kept, data=True) if t in found])
    return found


def _document(graph: nx.DiGraph[str], drawn: Scene, note: str) -> str:
    title = str(graph.graph.get("title", ""))
    edge_count = graph.number_of_edges()
    facts = note or f"{len(drawn.boxes):,} {_plural('node', len(drawn.boxes))}"
    facts += f", {edge_count:,} {_plural('edge', edge_count)}"
    legend, legend_width, legend_height = _legend(drawn)
    head = 62.0 + legend_height
    width = max(drawn.width, legend_width, text_width(title) * 17 / FONT_SIZE, text_width(facts)) + 2 * _MARGIN
    height = head + drawn.height + _MARGIN
    left = (width - drawn.width) / 2
    kinds = dict.fromkeys(line.data["kind"] for line in drawn.lines)
    body = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" role="img">',
        f"<title>{escaped(title)}</title>",
        f"<style>{STYLE}</style>",
        "<defs>",
        *(_marker(kind, EDGES[kind].colour) for kind in kinds),
        _marker("flow", _FLOW, 15) if drawn.flow else "",
        "</defs>",
        '<rect width="100%" height="100%" fill="#ffffff"/>',
        f'<text class="title" x="{_MARGIN}" y="32">{escaped(title)}</text>',
        f'<text class="faint" x="{_MARGIN}" y="50">{escaped(facts)}</text>',
        *legend,
        f'<g transform="translate({left:.1f} {head:.1f})">',
        *map(_frame, drawn.frames),
        *(_flow(route) for route in drawn.flow if route),
    ]
    box_of = {box.node: box for box in drawn.boxes}
    body += [_edge(line, box_of) for line in drawn.lines]
    for box in drawn.boxes:
        body += _box(box)
    body += [_edge_label(line, box_of) for line in drawn.lines if line.data["label"]]
    return "\n".join([*filter(None, body), "</g>", "</svg>"]) + "\n"


def _plural(word: str, count: int) -> str:
    return word if count == 1 else word + "s"


def escaped(text: str) -> str:
    """`text` for SVG."""
    return escape(xml_text(text))


def _marker(name: str, colour: str, size: int = 9) -> str:
    return (
        f'<marker id="{name}" viewBox="0 0 10 10" refX="9.5" refY="5" markerWidth="{size}" markerHeight="{size}" '
        f'markerUnits="userSpaceOnUse" orient="auto"><path d="M0 1 L10 5 L0 9 z" fill="{colour}"/></marker>'
    )


def _box(box: Box) -> list[str]:
    style = NODES[box.data["op_class"]]
    dashes = ' stroke-dasharray="4 3"' if style.fill == "#ffffff" else ""
    found = [
        f'<g><title>{escaped(_node_story(box))}</title><rect x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" '
        f'height="{box.height:.1f}" rx="5" fill="{style.fill}" stroke="{style.stroke}"{dashes}/>'
    ]
    if len(box.lines) > 1:  # a block: its head is set apart
        y = box.y + LINE_HEIGHT + 7
        found.append(f'<path d="M{box.x:.1f} {y:.1f} h{box.width:.1f}" stroke="{style.stroke}" stroke-opacity="0.35"/>')
    for i, text in enumerate(box.lines):
        y = box.y + 6 + LINE_HEIGHT * i + 12 + (3 if i else 0)
        weight = ' font-weight="bold"' if len(box.lines) > 1 and i == 0 else ""
        found.append(f'<text xml:space="preserve" x="{box.x + 11:.1f}" y="{y:.1f}"{weight}>{escaped(text)}</text>')
    if box.data.get("may_trap"):
        x, y = box.x + box.width, box.y
        found.append(f'<circle cx="{x - 1:.1f}" cy="{y + 1:.1f}" r="4" fill="{_TRAP}" stroke="#ffffff"/>')
    found[-1] += "</g>"
    return found


_TRAP = EDGES["trap"].colour


def _node_story(box: Box) -> str:
    data = box.data
    story = [str(data["label"])]
    keys = ("op", "block", "line", "type", "effects", "loop_depth", "size")
    story += [f"{key.replace('_', ' ')}: {data[key]}" for key in keys if data.get(key)]
    if data.get("may_trap"):
        story.append("may trap")
    return "\n".join(story)


def _path(route: list[Segment]) -> str:
    return " ".join([f"M{_at(route[0].start)}", *map(_step, route)])


def _step(s: Segment) -> str:
    return f"L{_at(s.end)}" if s.is_line else f"C{_at(s.control_out)} {_at(s.control_in)} {_at(s.end)}"


def _at(p: Point) -> str:
    return f"{p.x:.1f} {p.y:.1f}"


def _self_loop(box: Box) -> Segment:
    """From a box to itself: a loop beside it."""
    x, y, half = box.x + box.width, box.y + box.height / 2, min(9.0, box.height / 3)
    reach = x + LOOP_WIDTH + 6
    return Segment(Point(x, y - half), Point(reach, y - half), Point(reach, y + half), Point(x, y + half))


def _edge(line: Line, box_of: dict[str, Box]) -> str:
    kind = line.data["kind"]
    style = EDGES[kind]
    path = _path(line.route or [_self_loop(box_of[line.source])])
    dashes = f' stroke-dasharray="{style.dashes}"' if style.dashes else ""
    across = ' stroke-opacity="0.45"' if line.is_across else ""
    what = " ".join(str(line.data[k]) for k in ("label", "detail") if line.data.get(k))
    story = f"{style.name}: {line.source} → {line.target}" + (f" ({what})" if what else "")
    return (
        f'<path class="edge" d="{path}" stroke="{style.colour}"{dashes}{across} marker-end="url(#{kind})">'
        f"<title>{escaped(story)}</title></path>"
    )


def _edge_label(line: Line, box_of: dict[str, Box]) -> str:
    text, colour = str(line.data["label"]), EDGES[line.data["kind"]].colour
    if len(text) > 40:
        text = text[:39] + "…"
    route = line.route or [_self_loop(box_of[line.source])]
    curve = next((s for s in route if not s.is_line), route[0])
    width = text_width(text) * 11 / FONT_SIZE + 4
    x, y = curve.at(0.5)
    if line.data.get("is_back"):  # near its box and right of the curve, which passes below other boxes
        x, y = curve.at(0.2)
        x += width / 2
    return (
        f'<rect x="{x - width / 2:.1f}" y="{y - 7:.1f}" width="{width:.1f}" height="14" rx="3" fill="#ffffff" '
        f'fill-opacity="0.88"/><text class="small" x="{x:.1f}" y="{y + 4:.1f}" text-anchor="middle" '
        f'style="fill:{colour}">{escaped(text)}</text>'
    )


def _frame(frame: Frame) -> str:
    return (
        f'<rect x="{frame.x:.1f}" y="{frame.y:.1f}" width="{frame.width:.1f}" height="{frame.height:.1f}" rx="9" '
        f'fill="#fafbfc" stroke="{_RULE}"/><text class="faint" x="{frame.x + 10:.1f}" y="{frame.y + 16:.1f}" '
        f'font-weight="bold">{escaped(frame.name)}</text>'
    )


def _flow(route: list[Segment]) -> str:
    return f'<path d="{_path(route)}" fill="none" stroke="{_FLOW}" stroke-width="4" marker-end="url(#flow)"/>'


def _legend(drawn: Scene) -> tuple[list[str], float, float]:
    """The legend, its width and height: classes in the first row, edges in the second."""
    classes = dict.fromkeys(box.data["op_class"] for box in drawn.boxes)
    kinds = dict.fromkeys(line.data["kind"] for line in drawn.lines)
    found: list[str] = []
    widest, y = 0.0, 74.0
    x = _MARGIN
    for name in [c for c in NODES if c in classes]:
        style = NODES[name]
        dashes = ' stroke-dasharray="4 3"' if style.fill == "#ffffff" else ""
        found.append(
            f'<rect x="{x:.1f}" y="{y - 10:.1f}" width="16" height="12" rx="3" fill="{style.fill}" '
            f'stroke="{style.stroke}"{dashes}/><text class="faint" x="{x + 22:.1f}" y="{y:.1f}">{style.name}</text>'
        )
        x += 22 + text_width(style.name) + 18
    if any(box.data.get("may_trap") for box in drawn.boxes):
        found.append(
            f'<circle cx="{x + 6:.1f}" cy="{y - 4:.1f}" r="4" fill="{_TRAP}"/>'
            f'<text class="faint" x="{x + 16:.1f}" y="{y:.1f}">may trap</text>'
        )
        x += 16 + text_width("may trap") + 18
    widest, x, y = x, _MARGIN, y + 20
    for name in [k for k in EDGES if k in kinds]:
        edge = EDGES[name]
        dashes = f' stroke-dasharray="{edge.dashes}"' if edge.dashes else ""
        found.append(
            f'<path d="M{x:.1f} {y - 4:.1f} h30" class="edge" stroke="{edge.colour}"{dashes} '
            f'marker-end="url(#{name})"/><text class="faint" x="{x + 36:.1f}" y="{y:.1f}">{edge.name}</text>'
        )
        x += 36 + text_width(edge.name) + 18
    if drawn.flow:
        found.append(
            f'<path d="M{x:.1f} {y - 4:.1f} h30" stroke="{_FLOW}" stroke-width="4"/>'
            f'<text class="faint" x="{x + 36:.1f}" y="{y:.1f}">control flow</text>'
        )
        x += 36 + text_width("control flow") + 18
    return found, max(widest, x) - 2 * _MARGIN, y - 74.0 + 28
