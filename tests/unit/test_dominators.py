"""Dominance and loops are what taking blocks away shows, on random control-flow graphs."""

from __future__ import annotations

import networkx as nx
import pytest
from hypothesis import given

from irpass.analysis.dominators import dominance, dominators, post_dominators
from irpass.analysis.loops import loops
from irpass.analysis.manager import Analyses
from irpass.ir import edit
from irpass.ir.core import Instr, Target
from irpass.ir.ops import BR
from tests.parts import end_of, result_of
from tests.unit.random_cfg import Graph, function, graphs, reaches


def slow_dominates(graph: Graph, a: int, b: int) -> bool:
    """Take `a` away: `b` cannot be reached any more."""
    return b not in reaches(graph, 0) or a == b or b not in reaches(graph, 0, without=a)


def ends(graph: Graph) -> set[int]:
    """The blocks after which a function ends, or from which it never can."""
    can_end = {i for i in range(len(graph)) if any(not graph[r] for r in reaches(graph, i))}
    return {i for i in range(len(graph)) if not graph[i] or i not in can_end}


def slow_post_dominates(graph: Graph, a: int, b: int) -> bool:
    """Take `a` away: no end can be reached from `b` any more."""
    return b not in reaches(graph, 0) or a == b or not (reaches(graph, b, without=a) & ends(graph))


@given(graphs())
def test_dominance_is_what_taking_a_block_away_shows(graph: Graph) -> None:
    func = function(graph)
    tree = dominators(func)
    for a, block_a in enumerate(func.blocks):
        for b, block_b in enumerate(func.blocks):
            assert tree.dominates(block_a, block_b) == slow_dominates(graph, a, b)


@given(graphs())
def test_post_dominance_is_what_taking_a_block_away_shows(graph: Graph) -> None:
    func = function(graph)
    tree = post_dominators(func)
    live = reaches(graph, 0)
    for a in live:
        for b in live:
            assert tree.dominates(func.blocks[a], func.blocks[b]) == slow_post_dominates(graph, a, b), (a, b)


@given(graphs())
def test_idom_is_the_nearest_strict_dominator_as_networkx_finds_it(graph: Graph) -> None:
    func = function(graph)
    tree = dominators(func)
    drawn: nx.DiGraph[int] = nx.DiGraph([(i, s) for i, row in enumerate(graph) for s in row])
    drawn.add_node(0)
    expected = {b: d for b, d in nx.immediate_dominators(drawn, 0).items() if b}
    number = {block: i for i, block in enumerate(func.blocks)}
    assert {number[b]: number[d] for b, d in tree.idom.items() if d is not None} == expected
    assert tree.roots == [func.entry]


@given(graphs())
def test_children_preorder_and_common_agree_with_idom(graph: Graph) -> None:
    for tree in (dominators(function(graph)), post_dominators(function(graph))):
        assert [b for b in tree.idom if tree.idom[b] is None] == tree.roots
        assert {c: p for p, cs in tree.children.items() for c in cs} == {c: p for c, p in tree.idom.items() if p}
        order = tree.preorder()
        assert len(order) == len(tree.idom)
        for i, a in enumerate(order):
            above = tree.idom[a]
            assert above is None or order.index(above) < i
            for b in order:
                shared = [d for d in order if tree.dominates(d, a) and tree.dominates(d, b)]
                common = tree.common(a, b)
                assert common in shared if shared else common is None
                assert common is None or all(tree.dominates(d, common) for d in shared)


def test_a_block_that_leads_into_an_endless_loop_is_not_post_dominated_by_the_exit() -> None:
    func = function([[1, 2], [1], []])
    entry, endless, out = func.blocks
    tree = post_dominators(func)
    assert not tree.dominates(out, entry)
    assert not tree.dominates(endless, entry)
    assert set(tree.roots) == {entry, endless, out}


def test_instructions_of_a_block_dominate_those_after_them_and_parameters_dominate_all() -> None:
    body = ["%a = add %n, 1", "%b = add %a, 1"]
    func = function([[1], []], [body, ["%d = add %b, %n"]])
    a, b, _ = func.blocks[0].instrs
    d = func.blocks[1].instrs[0]
    order = dominance(func)
    assert order.dominates(a, b) and order.dominates(a, a) and not order.dominates(b, a)
    assert order.dominates(b, d) and not order.dominates(d, b)
    assert order.is_available(func.params[0], a)
    assert order.is_available(result_of(a), b) and order.is_available(result_of(b), d)
    assert not order.is_available(result_of(b), a) and not order.is_available(result_of(a), a)
    assert order.position(b) == 1


def test_a_block_parameter_is_available_where_its_block_dominates() -> None:
    func = function([[1], []])
    first, second = func.blocks
    param = edit.add_param(second, func.params[1].type, "p")
    order = dominance(func)
    assert order.is_available(param, second.instrs[0]) and not order.is_available(param, first.instrs[0])


def test_an_instruction_that_is_in_no_block_cannot_be_asked_about() -> None:
    order = dominance(function([[]]))
    with pytest.raises(ValueError, match="in no block"):
        order.position(Instr(BR, []))


def slow_loops(graph: Graph) -> dict[int, set[int]]:
    """header -> blocks, for each header of a back edge: what reaches a latch without passing the header."""
    found: dict[int, set[int]] = {}
    for u, row in enumerate(graph):
        for h in row:
            if u in reaches(graph, 0) and slow_dominates(graph, h, u):
                body = {b for b in reaches(graph, 0) if b == h or u in reaches(graph, b, without=h)}
                found.setdefault(h, set()).update(body)
    return found


@given(graphs())
def test_loops_are_what_reaches_a_latch_without_passing_the_header(graph: Graph) -> None:
    func = function(graph)
    found = loops(func)
    expected = slow_loops(graph)
    number = {block: i for i, block in enumerate(func.blocks)}
    assert {number[x.header]: {number[b] for b in found.blocks(x)} for x in found.loops} == expected
    for i, block in enumerate(func.blocks):
        around = [h for h, body in expected.items() if i in body]
        assert found.depth(block) == len(around) + (block in found.irreducible)
        innermost = found.innermost.get(block)
        assert (innermost.depth if innermost is not None else 0) == len(around)
    for x in found.loops:
        assert {number[p] for p in x.latches} == {
            p for p, row in enumerate(graph) if number[x.header] in row and p in expected[number[x.header]]
        }


@given(graphs())
def test_a_block_is_in_a_cycle_exactly_if_it_can_come_back_to_itself(graph: Graph) -> None:
    func = function(graph)
    found = loops(func)
    for i, block in enumerate(func.blocks):
        comes_back = i in reaches(graph, 0) and any(i in reaches(graph, s) for s in graph[i])
        assert found.is_in_cycle(block) == comes_back


def test_two_ways_into_a_cycle_make_it_irreducible() -> None:
    func = function([[1, 2], [2, 3], [1], []])
    found = loops(func)
    entry, left, right, out = func.blocks
    assert set(found.irreducible) == {left, right}
    assert found.loops == []
    assert not found.same_loop(left, right) and found.same_loop(left, left) and found.same_loop(entry, out)


def test_the_manager_keeps_what_depends_on_edges_until_an_edge_changes() -> None:
    func = function([[1], []])
    analyses = Analyses()
    tree, graph, order = analyses.dominators(func), analyses.cfg(func), analyses.dominance(func)
    assert analyses.dominators(func) is tree and analyses.dominance(func) is order
    edit.touch(func)
    assert analyses.dominators(func) is tree and analyses.cfg(func) is graph
    assert analyses.dominance(func) is not order
    edit.set_targets(end_of(func.blocks[1]), BR, [], (Target(func.blocks[1], []),))
    assert analyses.dominators(func) is not tree and analyses.cfg(func) is not graph
    assert analyses.loops(func).is_in_cycle(func.blocks[1])
    assert not analyses.post_dominators(func).dominates(func.blocks[1], func.blocks[0])
    assert analyses.get(dominators, func, edges_only=True) is analyses.dominators(func)
