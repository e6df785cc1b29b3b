"""Graphs as GraphML and as networkx's node-link JSON, for other programs to read."""

from __future__ import annotations

import json
import re
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import networkx as nx

# What XML 1.0 cannot hold, not even escaped: most control characters, halves of surrogate pairs, two noncharacters.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")


def xml_text(text: str) -> str:
    """`text` with every character that XML cannot hold replaced by U+FFFD; `<`, `&` and quotes are as they were."""
    return _NOT_XML.sub("\ufffd", text)


_TYPES = {str: "string", int: "long", bool: "boolean"}


def to_graphml(graph: nx.DiGraph[str]) -> str:
    """The graph as GraphML. Edges have the ids `e0`, `e1` ..., and what networkx calls their key as attribute `key`.

    Written here, since the writer of networkx gives several edges one id, and takes half a minute for 100,000 nodes.
    """
    edges = [
        (source, target, data if key is None else {**data, "key": key}) for source, target, key, data in _edges(graph)
    ]
    keys: dict[tuple[str, str, type], str] = {}  # (what it is for, name, type) -> id
    body = [f'<graph edgedefault="directed">{_data(graph.graph, "graph", keys)}']
    for node, data in graph.nodes(data=True):
        body.append(f'<node id="{_escape(node)}">{_data(data, "node", keys)}</node>')
    for n, (source, target, data) in enumerate(edges):
        ends = f'source="{_escape(source)}" target="{_escape(target)}"'
        body.append(f'<edge id="e{n}" {ends}>{_data(data, "edge", keys)}</edge>')
    return "\n".join(
        [
            '<?xml version="1.0" encoding="utf-8"?>',
            '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">',
            *(
                f'<key id="{id_}" for="{domain}" attr.name="{name}" attr.type="{_TYPES[kind]}"/>'
                for (domain, name, kind), id_ in keys.items()
            ),
            *body,
            "</graph>",
            "</graphml>",
            "",
        ]
    )


def _data(data: dict[str, Any], domain: str, keys: dict[tuple[str, str, type], str]) -> str:
    found = []
    for name, value in data.items():
        key = keys.setdefault((domain, name, type(value)), f"d{len(keys)}")
        text = str(value).lower() if isinstance(value, bool) else _escape(str(value))
        found.append(f'<data key="{key}">{text}</data>')
    return "".join(found)


def _escape(text: str) -> str:
    return escape(xml_text(text)).replace("\n", "&#10;")


def to_json(graph: nx.DiGraph[str]) -> str:
    """The graph as node-link JSON: `networkx.node_link_graph(json.loads(text), edges="edges")` reads it back."""
    data = {
        "directed": True,
        "multigraph": graph.is_multigraph(),
        "graph": graph.graph,
        "nodes": [{**attributes, "id": node} for node, attributes in graph.nodes(data=True)],
        # Written here, since the name of this list is an argument of node_link_data in some versions of networkx only.
        "edges": [
            {**attributes, "source": source, "target": target} | ({"key": key} if key is not None else {})
            for source, target, key, attributes in _edges(graph)
        ],
    }
    return json.dumps(data, ensure_ascii=True, indent=1) + "\n"


def _edges(graph: nx.DiGraph[str]) -> list[tuple[str, str, str | int | None, dict[str, Any]]]:
    """Every edge with its key, None in a graph that has none."""
    import networkx as nx  # whoever has a graph has imported it

    if isinstance(graph, nx.MultiDiGraph):
        return list(graph.edges(keys=True, data=True))
    return [(source, target, None, data) for source, target, data in graph.edges(data=True)]
