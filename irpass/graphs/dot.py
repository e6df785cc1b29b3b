"""Graphs in Graphviz's dot language, with the colours of the SVG."""

from __future__ import annotations

from typing import TYPE_CHECKING

from irpass.graphs.palette import EDGES, NODES

if TYPE_CHECKING:
    import networkx as nx

_DASHES = {"": "solid", "6 3": "dashed", "2 3": "dotted", "8 3 2 3": "dashed"}


def to_dot(graph: nx.DiGraph[str]) -> str:
    """The graph as a `digraph`; the nodes of a function's dependency graph are clustered by block."""
    lines = [f"digraph {_quote(str(graph.graph.get('title', '')))} {{"]
    lines.append('  node [shape=box, style="filled,rounded", fontname="monospace", fontsize=10];')
    lines.append('  edge [fontname="monospace", fontsize=9];')
    clusters: dict[str, list[str]] = {}
    for node, data in graph.nodes(data=True):
        style = NODES[data["op_class"]]
        label = _quote(data["label"], left="\n" in data["label"])
        text = f'{_quote(node)} [label={label}, fillcolor="{style.fill}", color="{style.stroke}"];'
        clusters.setdefault(data["block"] if "flow" in graph.graph else "", []).append(text)
    for n, (name, members) in enumerate(clusters.items()):
        if not name:
            lines += [f"  {text}" for text in members]
            continue
        lines += [f"  subgraph cluster_{n} {{", f'    label={_quote(name)}; color="#adb5bd"; fontname="monospace";']
        lines += [*(f"    {text}" for text in members), "  }"]
    for source, target, data in graph.edges(data=True):
        kind = EDGES[data["kind"]]
        label = f", label={_quote(data['label'])}" if data["label"] else ""
        dashes = _DASHES[kind.dashes]
        lines.append(f'  {_quote(source)} -> {_quote(target)} [color="{kind.colour}", style={dashes}{label}];')
    return "\n".join([*lines, "}"]) + "\n"


def _quote(text: str, left: bool = False) -> str:
    """`text` as a quoted string that Graphviz shows as it is; `left` sets its lines flush left."""
    end = "\\l" if left else "\\n"
    text = "".join(c if c.isprintable() or c == "\n" else "\ufffd" for c in text)
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", end)
    return f'"{escaped}{end * left}"'
