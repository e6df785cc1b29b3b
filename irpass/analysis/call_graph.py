"""The call graph: callees before callers, and who may come back into itself."""

from __future__ import annotations

from irpass.ir import ops
from irpass.ir.core import Instr, Module


def callee_name(call: Instr) -> str:
    """The name of the function that a `call` calls."""
    assert isinstance(call.imm, str)
    return call.imm


def call_components(module: Module) -> list[list[str]]:
    """The functions with bodies by strongly connected components of the call graph, callees before callers."""
    names = [f.name for f in module.funcs]
    edges = [(f.name, callee_name(i)) for f in module.funcs for i in f.instrs() if i.op is ops.CALL]
    known = set(names)
    edges = [(a, b) for a, b in dict.fromkeys(edges) if b in known]
    if not edges:
        return [[n] for n in names]  # without calls there is nothing to order, and networkx takes time to import
    import networkx as nx

    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(names)
    graph.add_edges_from(edges)
    condensed = nx.condensation(graph)
    position = {n: i for i, n in enumerate(names)}
    order = reversed(list(nx.lexicographical_topological_sort(condensed)))
    return [sorted(condensed.nodes[c]["members"], key=position.__getitem__) for c in order]


def is_recursive(module: Module, components: list[list[str]]) -> set[str]:
    """The functions that may come back into themselves through calls that the module shows."""
    found: set[str] = set()
    for names in components:
        if len(names) > 1:
            found.update(names)
        else:
            func = module.func(names[0])
            if func is not None and any(i.op is ops.CALL and i.imm == func.name for i in func.instrs()):
                found.add(func.name)
    return found
