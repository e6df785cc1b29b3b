"""The order in which blocks are written, and which of them may run again."""

from __future__ import annotations

from irpass.ir.core import Block, Func


def reachable_blocks(func: Func) -> list[Block]:
    """The blocks that control can reach, each behind its dominators: a depth-first preorder."""
    found: dict[Block, None] = {}
    work = [func.entry]
    while work:
        block = work.pop()
        if block not in found:
            found[block] = None
            work += reversed(block.successors())
    return list(found)


def blocks_in_cycles(func: Func) -> set[Block]:
    """The blocks that control may come to again. Only to ask about; it has no order."""
    import networkx as nx

    graph: nx.DiGraph[Block] = nx.DiGraph()
    for block in reachable_blocks(func):
        graph.add_edges_from((block, successor) for successor in block.successors())
    found: set[Block] = set()
    for component in nx.strongly_connected_components(graph):
        if len(component) > 1:
            found |= component
    return found | {block for block in graph if graph.has_edge(block, block)}
