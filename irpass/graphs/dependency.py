"""The dependency graph of a block, and of a function.

A node is an instruction, a parameter, or, in the graph of a block, an *input*: a value that is defined outside. Its id
is `%x` where it defines a value, else `block:position`. Its attributes:

- ``label``: its text; ``op``: its operation, ``param`` or ``input``; ``op_class``: see `irpass.graphs.palette`;
- ``block``: the label of its block; ``index``: its position there, -1 for parameters and inputs; ``line``;
- ``result``: the name of what it defines, empty for nothing; ``type``: that value's type;
- ``may_trap``; ``effects``: words such as ``reads writes``.

An edge goes from what comes first to what must come later. Its key and its ``kind`` are one of `EDGE_KINDS`, and
``detail`` is as in `irpass.analysis.depgraph`; for a value that a branch passes on to a block parameter, ``argument``.
Edges of the kinds memory, trap and effect stay within a block: between blocks, control flow orders them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from irpass.analysis.depgraph import BlockDependencies, Dependencies, dependencies
from irpass.analysis.effects import Summaries, effects_of, may_trap
from irpass.analysis.liveness import home
from irpass.analysis.locations import locations
from irpass.graphs.palette import op_class
from irpass.ir.core import Block, Func, Instr, Value
from irpass.ir.layout import Layouts
from irpass.ir.ops import Effects
from irpass.text.printer import instr_text

if TYPE_CHECKING:
    import networkx as nx


def block_graph(block: Block, callees: Summaries | None = None) -> nx.MultiDiGraph[str]:
    """The dependencies within `block`, and its inputs. With `callees`, calls do only what their callees may."""
    func = block.func
    graph = _new_graph(func, f"@{func.name}, block {block.name}: dependencies")
    graph.graph["block"] = block.name
    layouts = Layouts(func.module)
    for param in block.params:
        _add_value(graph, param, block, "param")
    inside = set(block.instrs)
    for instr in block.instrs:
        for operand in instr.inputs():
            if isinstance(operand, Value) and operand.definition not in inside and operand.owner is not block:
                _add_value(graph, operand, home(operand, func), "input")
    ids = _add_instrs(graph, block, layouts, callees)
    for instr in block.instrs:
        _add_outside_operands(graph, instr, ids[instr], inside)
    _add_edges(graph, dependencies(block, callees), ids)
    return graph


def function_graph(func: Func, callees: Summaries | None = None) -> nx.MultiDiGraph[str]:
    """The dependencies within each block of `func`, and the values that go from block to block."""
    graph = _new_graph(func, f"@{func.name}: dependencies")
    layouts = Layouts(func.module)
    flow = [f"{b.name} {s.name}" for b in func.blocks for s in dict.fromkeys(b.successors())]
    graph.graph["flow"] = ",".join(flow)
    for param in func.params:
        _add_value(graph, param, func.entry, "param")
    ids: dict[Instr, str] = {}
    for block in func.blocks:
        for param in block.params:
            _add_value(graph, param, block, "param")
        ids.update(_add_instrs(graph, block, layouts, callees))
    make = Dependencies(locations(func, callees), layouts, callees)
    for block in func.blocks:
        inside = set(block.instrs)
        for instr in block.instrs:
            _add_outside_operands(graph, instr, ids[instr], inside)
        _add_edges(graph, make.of(block), ids)
        for target in block.terminator.targets if block.terminator is not None else ():
            for param, arg in zip(target.block.params, target.args, strict=False):
                if isinstance(arg, Value):
                    graph.add_edge(_id(arg), _id(param), "data", kind="data", detail="argument", label="")
    return graph


def _new_graph(func: Func, title: str) -> nx.MultiDiGraph[str]:
    import networkx as nx  # here, because it takes longer to import than a small program takes to optimize

    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    graph.graph.update(title=title, graph_kind="deps", func=func.name)
    return graph


def _id(value: Value) -> str:
    return f"%{value.name}"


def _add_value(graph: nx.MultiDiGraph[str], value: Value, block: Block, op: str) -> None:
    graph.add_node(
        _id(value), label=f"%{value.name}: {value.type}", op=op, op_class=op, block=block.name, index=-1,
        line=block.line, result=value.name, type=str(value.type), may_trap=False, effects="",
    )  # fmt: skip


def _add_instrs(
    graph: nx.MultiDiGraph[str], block: Block, layouts: Layouts, callees: Summaries | None
) -> dict[Instr, str]:
    ids: dict[Instr, str] = {}
    for index, instr in enumerate(block.instrs):
        result = instr.result
        ids[instr] = _id(result) if result is not None else f"{block.name}:{index}"
        effects = effects_of(instr, callees) & ~Effects.ENDS_BLOCK
        graph.add_node(
            ids[instr], label=instr_text(instr), op=instr.op.name, op_class=op_class(instr.op), block=block.name,
            index=index, line=instr.line, result=result.name if result is not None else "",
            type=str(result.type) if result is not None else "", may_trap=may_trap(instr, layouts),
            effects=" ".join(str(e.name).lower() for e in effects),
        )  # fmt: skip
    return ids


def _add_outside_operands(graph: nx.MultiDiGraph[str], instr: Instr, node: str, inside: set[Instr]) -> None:
    read: dict[Value, list[str]] = {}
    for n, operand in enumerate(instr.inputs()):
        if isinstance(operand, Value) and operand.definition not in inside:
            read.setdefault(operand, []).append(str(n))
    for value, positions in read.items():
        graph.add_edge(_id(value), node, "data", kind="data", detail=",".join(positions), label="")


def _add_edges(graph: nx.MultiDiGraph[str], found: BlockDependencies, ids: dict[Instr, str]) -> None:
    instrs = found.block.instrs
    for source, target, kind, detail in found.edges:
        graph.add_edge(ids[instrs[source]], ids[instrs[target]], kind, kind=kind, detail=detail, label="")
