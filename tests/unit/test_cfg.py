"""Control-flow graphs: their edges are those of the terminators, their order is reverse postorder."""

from __future__ import annotations

from hypothesis import given

from irpass.analysis.cfg import cfg
from irpass.analysis.components import strongly_connected
from irpass.ir import edit
from irpass.text.parser import parse
from tests.parts import end_of, func_of
from tests.unit.random_cfg import Graph, function, graphs, reaches


@given(graphs())
def test_edges_are_those_of_the_terminators_each_once(graph: Graph) -> None:
    func = function(graph)
    found = cfg(func)
    number = {block: i for i, block in enumerate(func.blocks)}
    assert [[number[s] for s in found.successors[b]] for b in func.blocks] == [list(dict.fromkeys(g)) for g in graph]
    for i, block in enumerate(func.blocks):
        assert [number[p] for p in found.predecessors[block]] == [p for p, g in enumerate(graph) if i in g]


@given(graphs())
def test_the_order_has_exactly_the_reachable_blocks(graph: Graph) -> None:
    func = function(graph)
    found = cfg(func)
    assert {func.blocks.index(b) for b in found.order} == reaches(graph, 0)
    assert [found.index[b] for b in found.order] == list(range(len(found.order)))
    assert [found.is_reachable(b) for b in func.blocks] == [i in reaches(graph, 0) for i in range(len(graph))]


@given(graphs())
def test_reverse_postorder_puts_a_block_before_what_cannot_come_back_to_it(graph: Graph) -> None:
    func = function(graph)
    found = cfg(func)
    for i, block in enumerate(func.blocks):
        for s in graph[i]:
            if found.is_reachable(block) and i not in reaches(graph, s):
                assert found.index[block] < found.index[func.blocks[s]]


@given(graphs())
def test_numbered_successors_are_the_successors_by_position(graph: Graph) -> None:
    found = cfg(function(graph))
    named = [[found.order[s] for s in row] for row in found.numbered_successors()]
    assert named == [found.successors[b] for b in found.order]


def test_the_first_successor_comes_first_in_reverse_postorder() -> None:
    assert [b.name for b in cfg(function([[1, 2], [3], [3], []])).order] == ["b0", "b1", "b2", "b3"]


def test_an_extern_function_has_an_empty_graph() -> None:
    func = func_of(parse("extern func @g()"), "g")
    assert cfg(func).order == []


def test_an_unfinished_function_has_a_graph_too() -> None:
    func = function([[1], []])
    edit.remove([end_of(func.blocks[0])])
    assert [b.name for b in cfg(func).order] == ["b0"]


def test_a_branch_to_a_block_of_another_function_is_no_edge() -> None:
    func, other = function([[1], []]), function([[]])
    end_of(func.blocks[0]).targets[0].block = other.entry
    assert cfg(func).successors[func.entry] == []


@given(graphs(max_blocks=12))
def test_components_are_those_of_networkx_and_callees_come_before_callers(graph: Graph) -> None:
    import networkx as nx

    drawn: nx.DiGraph[int] = nx.DiGraph([(i, s) for i, row in enumerate(graph) for s in row])
    drawn.add_nodes_from(range(len(graph)))
    found = strongly_connected(graph)
    assert sorted(map(tuple, found)) == sorted(tuple(sorted(c)) for c in nx.strongly_connected_components(drawn))
    at = {node: i for i, component in enumerate(found) for node in component}
    assert all(at[s] <= at[i] for i, row in enumerate(graph) for s in row)
