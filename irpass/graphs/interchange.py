"""Graphs as GraphML and as networkx's node-link JSON, for other programs to read."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import networkx as nx

# What XML 1.0 cannot hold, not even escaped: most control characters, halves of surrogate pairs, two noncharacters.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")


def xml_text(text: str) -> str:
    """`text` with every character that XML cannot hold replaced by U+FFFD; `<`, `&` and quotes are as they were."""
    return _NOT_XML.sub("\ufffd", text)


def to_graphml(graph: nx.DiGraph[str]) -> str:
    """The graph as GraphML. Edges have the ids `e0`, `e1` ..., and their key as the attribute `key`."""
    import networkx as nx  # here, because it takes longer to import than a small program takes to optimize

    plain: nx.DiGraph[str] = nx.MultiDiGraph() if graph.is_multigraph() else nx.DiGraph()
    plain.graph.update(_clean(graph.graph))
    plain.add_nodes_from((xml_text(node), _clean(data)) for node, data in graph.nodes(data=True))
    for n, (source, target, key, data) in enumerate(_edges(graph)):
        # As networkx writes it, a key becomes the id, which has to be unique in the file but is not.
        attributes = {**_clean(data), "id": f"e{n}"} | ({"key": str(key)} if key is not None else {})
        plain.add_edge(xml_text(source), xml_text(target), **attributes)
    lines = nx.generate_graphml(plain, edge_id_from_attribute="id")
    return '<?xml version="1.0" encoding="utf-8"?>\n' + "\n".join(lines) + "\n"


def _clean(data: dict[str, Any]) -> dict[str, str | int | bool]:
    return {key: xml_text(value) if isinstance(value, str) else value for key, value in data.items()}


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
