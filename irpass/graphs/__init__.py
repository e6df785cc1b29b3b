"""Graphs of programs as networkx graphs, and their text: dot, GraphML, JSON and SVG; and layouts of arenas.

    from irpass.graphs import block_graph, to_svg

    graph = block_graph(module.func("main").entry)
    networkx.dag_longest_path_length(graph)
    Path("main.svg").write_text(to_svg(graph))

Every node has `label` (its text, lines ended by newlines), `op_class` (a word that chooses its colour) and `line` (of
the IR text, 0 for none); every edge has `kind` and `label`. What else there is, each function says. All attributes are
strings, integers or bools, so that every format can hold them. The graph itself has `title`, and `graph_kind`.
"""

from irpass.graphs.calls import call_graph
from irpass.graphs.dependency import block_graph, function_graph
from irpass.graphs.dot import to_dot
from irpass.graphs.flow import cfg_graph, dominator_graph
from irpass.graphs.interchange import to_graphml, to_json
from irpass.graphs.layout import arena_layouts, layout_json, layout_svg
from irpass.graphs.svg import to_svg

__all__ = [
    "arena_layouts",
    "block_graph",
    "call_graph",
    "cfg_graph",
    "dominator_graph",
    "function_graph",
    "layout_json",
    "layout_svg",
    "to_dot",
    "to_graphml",
    "to_json",
    "to_svg",
]
