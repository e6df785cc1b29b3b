"""Graphs of programs have the documented nodes and edges, and every format can be read back."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from itertools import pairwise
from pathlib import Path

import networkx as nx
import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings, strategies as st

from irpass.analysis.depgraph import EDGE_KINDS
from irpass.analysis.effects import summaries
from irpass.cli.graph import graph as command
from irpass.diagnostics import IrpassError, UsageError
from irpass.graphs import (
    block_graph,
    call_graph,
    cfg_graph,
    dominator_graph,
    function_graph,
    to_dot,
    to_graphml,
    to_json,
    to_svg,
)
from irpass.graphs.interchange import xml_text
from irpass.graphs.layered import layered
from irpass.graphs.palette import EDGES, NODES, op_class
from irpass.graphs.scene import scene
from irpass.ir import ops
from irpass.ir.core import Module
from irpass.text.parser import parse
from tests.parts import func_of
from tests.unit.random_cfg import Graph, function, graphs

PROGRAM = """
extern func @emit([]i64) nofree

func @fill(%s: []i64, %n: i64) -> i64 {
entry:
  br loop(0)
loop(%i: i64):
  %more = lt %i, %n
  br_if %more, body, done(%i)
body:
  store %s[%i], %i
  %i1 = add %i, 1
  br loop(%i1)
done(%r: i64):
  ret %r
dead:
  ret 0
}

func @main(%n: i64) -> i64 {
entry:
  %a = make []i64, %n
  %x = call @fill(%a, %n)
  %y = call @fill(%a, %x)
  call @emit(%a)
  print "a \\"<&>\\" \\x01 b", %y
  switch %y, out [1: out, 2: two]
two:
  br out
out:
  free %a
  ret %y
}
"""


@pytest.fixture
def module() -> Module:
    return parse(PROGRAM, "prog.ir")


def all_graphs(module: Module) -> list[nx.DiGraph[str]]:
    func, main = func_of(module, "fill"), func_of(module, "main")
    return [
        function_graph(func), function_graph(main), block_graph(func.blocks[2]), cfg_graph(func),
        cfg_graph(main), dominator_graph(func), dominator_graph(func, post=True), call_graph(module),
    ]  # fmt: skip


def test_the_dependencies_of_a_block_have_its_inputs_and_documented_attributes(module: Module) -> None:
    g = block_graph(func_of(module, "fill").blocks[2])
    assert list(g.nodes) == ["%s", "%i", "body:0", "%i1", "body:2"]
    assert g.nodes["%s"]["op_class"] == "input" and g.nodes["%s"]["block"] == "entry"
    assert g.nodes["body:0"] == {
        "label": "store %s[%i], %i", "op": "store", "op_class": "memory", "block": "body", "index": 0, "line": 11,
        "result": "", "type": "", "may_trap": True, "effects": "writes",
    }  # fmt: skip
    assert g.edges["%i", "body:0", "data"] == {"kind": "data", "detail": "1,2", "label": ""}
    assert g.edges["body:0", "body:2", "effect"]["kind"] == "effect"
    assert (g.graph["func"], g.graph["block"], g.graph["graph_kind"]) == ("fill", "body", "deps")


def test_the_dependencies_of_a_function_join_its_blocks_by_values_and_arguments(module: Module) -> None:
    g = function_graph(func_of(module, "fill"))
    assert g.edges["%i1", "%i", "data"]["detail"] == "argument"
    assert g.edges["%s", "body:0", "data"]["detail"] == "0"
    crossing = {d["kind"] for s, t, d in g.edges(data=True) if g.nodes[s]["block"] != g.nodes[t]["block"]}
    assert crossing == {"data"}
    assert g.graph["flow"] == "entry loop,loop body,loop done,body loop"


def test_dependency_edges_are_of_the_documented_kinds(module: Module) -> None:
    g = function_graph(func_of(module, "main"))
    assert {(key, d["kind"]) for _, _, key, d in g.edges(keys=True, data=True)} <= {(k, k) for k in EDGE_KINDS}
    assert g.edges["%x", "%y", "memory"]["detail"] == "write-read write-write"
    known = function_graph(func_of(module, "main"), summaries(module))  # @fill only writes
    assert known.edges["%x", "%y", "memory"]["detail"] == "write-write"


def test_the_control_flow_graph_says_which_way_each_edge_goes(module: Module) -> None:
    g = cfg_graph(func_of(module, "main"))
    words = [(s, t, d["kind"], d["label"]) for s, t, d in g.edges(data=True)]
    assert words == [
        ("entry", "out", "default", "default"),
        ("entry", "out", "case", "1"),
        ("entry", "two", "case", "2"),
        ("two", "out", "always", ""),
    ]
    g = cfg_graph(func_of(module, "fill"))
    assert g.edges["loop", "done", 1] == {"kind": "false", "label": "false(%i)", "is_back": False}
    assert g.edges["body", "loop", 0]["is_back"]
    assert [g.nodes[b]["op_class"] for b in g] == ["entry", "block", "block", "exit", "unreachable"]
    assert [g.nodes[b]["loop_depth"] for b in g] == [0, 1, 1, 0, 0]


def test_the_dominator_tree_has_an_edge_for_each_immediate_dominator(module: Module) -> None:
    g = dominator_graph(func_of(module, "fill"))
    assert list(g.edges) == [("entry", "loop"), ("loop", "body"), ("loop", "done")]
    assert [g.nodes[b]["depth"] for b in g] == [0, 1, 2, 2, -1]
    back = dominator_graph(func_of(module, "fill"), post=True)
    assert {d["kind"] for _, _, d in back.edges(data=True)} == {"ipdom"}
    assert set(back.edges) == {("done", "loop"), ("loop", "entry"), ("loop", "body")}


def test_the_call_graph_flags_externs_and_counts_call_sites(module: Module) -> None:
    g = call_graph(module)
    assert [(n, d["op_class"]) for n, d in g.nodes(data=True)] == [
        ("@emit", "extern"), ("@fill", "function"), ("@main", "function"),
    ]  # fmt: skip
    assert g.edges["@main", "@fill"]["count"] == 2 and g.edges["@main", "@fill"]["lines"] == "23,24"
    assert g.nodes["@fill"] == {
        "label": "@fill([]i64, i64) -> i64", "op_class": "function", "line": 4, "blocks": 5, "size": 8,
        "effects": "writes", "may_trap": True, "may_not_return": True,
    }  # fmt: skip


def test_every_attribute_is_text_a_number_or_a_bool(module: Module) -> None:
    for g in all_graphs(module):
        edges = [data for _, _, data in g.edges(data=True)]
        for data in [*[data for _, data in g.nodes(data=True)], *edges, g.graph]:
            assert all(isinstance(v, str | int | bool) for v in data.values()), data
        assert all(d["op_class"] in NODES and "label" in d and "line" in d for _, d in g.nodes(data=True))
        assert all(d["kind"] in EDGES and "label" in d for _, _, d in g.edges(data=True))


def test_every_operation_has_a_class() -> None:
    assert {op_class(op) for op in ops.ALL} <= set(NODES)


def same(a: nx.Graph[str], b: nx.Graph[str]) -> bool:
    return (
        dict(a.nodes.items()) == dict(b.nodes.items())
        and sorted(map(repr, a.edges(data=True))) == sorted(map(repr, b.edges(data=True)))
        and a.graph == b.graph
    )


def test_json_is_what_networkx_reads_back(module: Module) -> None:
    for g in all_graphs(module):
        assert same(nx.node_link_graph(json.loads(to_json(g)), edges="edges"), g)


def test_graphml_is_what_networkx_reads_back_and_no_edge_id_comes_twice(module: Module) -> None:
    for g in all_graphs(module):
        text = to_graphml(g)
        back = nx.read_graphml(io.BytesIO(text.encode()))
        assert set(back.nodes) == set(g.nodes) and back.number_of_edges() == g.number_of_edges()
        for node, data in g.nodes(data=True):
            assert back.nodes[node] == {k: xml_text(v) if isinstance(v, str) else v for k, v in data.items()}
        ids = re.findall(r'<edge id="(\w+)"', text)
        assert len(set(ids)) == g.number_of_edges()


def test_dot_quotes_what_would_end_its_strings(module: Module) -> None:
    text = to_dot(function_graph(func_of(module, "main")))
    assert r'label="print \"a \\\"<&>\\\" \\x01 b\", %y"' in text
    assert text.count('subgraph "cluster') == 0 and text.count("subgraph cluster_") == 3
    assert to_dot(cfg_graph(func_of(module, "fill"))).count("\\l") > 4


HOSTILE = st.text(st.characters(), max_size=20)


@given(HOSTILE, HOSTILE, HOSTILE)
def test_no_text_breaks_any_format(name: str, label: str, title: str) -> None:
    g: nx.MultiDiGraph[str] = nx.MultiDiGraph(title=title, graph_kind="cfg")
    g.add_node("n" + name, label=label, op_class="block", line=1, may_trap=True)
    g.add_node("m", label="ok", op_class="entry", line=1)
    g.add_edge("m", "n" + name, 0, kind="case", label=label, detail=title)
    g.add_edge("m", "m", 0, kind="case", label=label)
    ET.fromstring(to_svg(g).encode("utf-8"))
    back = nx.read_graphml(io.BytesIO(to_graphml(g).encode("utf-8")))
    assert back.number_of_nodes() == 2 and back.number_of_edges() == 2
    assert same(nx.node_link_graph(json.loads(to_json(g)), edges="edges"), g)
    strings = re.sub(r'"(?:[^"\\]|\\.)*"', "S", to_dot(g).encode("utf-8", "replace").decode(), flags=re.S)
    assert '"' not in strings and strings.count(";") == 6


def texts_of(svg: str) -> list[str]:
    return ["".join(e.itertext()) for e in ET.fromstring(svg.encode()).iter("{http://www.w3.org/2000/svg}text")]


def test_svg_shows_every_node_and_a_legend_of_what_is_there(module: Module) -> None:
    for g in all_graphs(module):
        svg = to_svg(g)
        shown = texts_of(svg)
        for _, data in g.nodes(data=True):
            for line in xml_text(data["label"]).split("\n")[:5]:
                assert line in shown
            assert NODES[data["op_class"]].name in shown
        for kind in {d["kind"] for _, _, d in g.edges(data=True)}:
            assert EDGES[kind].name in shown and f'id="{kind}"' in svg
        edges = [p for p in ET.fromstring(svg.encode()).iter("{http://www.w3.org/2000/svg}path") if len(p)]
        assert len([p for p in edges if p.get("class") == "edge"]) == g.number_of_edges()


def test_a_large_graph_is_cut_with_a_note_unless_all_is_asked_for() -> None:
    body = "\n".join(f"  %v{i} = add %n, {i}" for i in range(600))
    g = function_graph(func_of(parse(f"func @f(%n: i64) {{\nentry:\n{body}\n  ret\n}}")))
    assert "the first 400 of 602 nodes, 399 edges" in texts_of(to_svg(g))
    assert "602 nodes, 600 edges" in texts_of(to_svg(g, max_nodes=0))
    assert "the first 10 of 602 nodes, 9 edges" in texts_of(to_svg(g, max_nodes=10))


def test_long_text_is_cut_and_whole_in_the_tooltip() -> None:
    text = "x" * 300
    func = func_of(parse(f'func @f() {{\nentry:\n  print "{text}"\n  ret\n}}'))
    svg = to_svg(function_graph(func))
    assert not any(text in t for t in texts_of(svg)) and text in svg
    many = "\n".join("  print true" for _ in range(50))
    assert "  … 39 more" in texts_of(to_svg(cfg_graph(func_of(parse(f"func @f() {{\nentry:\n{many}\n  ret\n}}")))))


Box = tuple[float, float, float, float]  # left, top, right, bottom


def overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


@settings(max_examples=60)
@given(graphs(max_blocks=14), st.lists(st.tuples(st.integers(10, 200), st.integers(10, 90)), min_size=14, max_size=14))
def test_boxes_do_not_overlap_and_everything_is_within_the_drawing(graph: Graph, sizes: list[tuple[int, int]]) -> None:
    sizes = sizes[: len(graph)]
    edges = [(i, s) for i, row in enumerate(graph) for s in row]
    drawn = layered(sizes, edges)
    rects = [(x, y, x + w, y + h) for (x, y), (w, h) in zip(drawn.corners, sizes, strict=True)]
    for i, a in enumerate(rects):
        assert not any(overlap(a, b) for b in rects[i + 1 :])
        assert a[0] >= -1e-6 and a[1] >= -1e-6 and a[2] <= drawn.width + 1e-6 and a[3] <= drawn.height + 1e-6
    for (source, target), route in zip(edges, drawn.routes, strict=True):
        assert bool(route) == (source != target)
        for before, after in pairwise(route):
            assert before.end == after.start
        for piece in route:  # down or up past each row in the free space beside its boxes
            if piece.is_line:
                for n, (x0, y0, x1, y1) in enumerate(rects):
                    lows, highs = sorted((piece.start.y, piece.end.y))
                    inside = x0 + 1e-6 < piece.start.x < x1 - 1e-6 and lows < y1 - 1e-6 and highs > y0 + 1e-6
                    assert not inside or n in (source, target)
        if route:
            x, y, w, h = *drawn.corners[source], *sizes[source]
            assert x <= route[0].start.x <= x + w and abs(route[0].start.y - (y + h)) < 1e-6
            x, y, w = *drawn.corners[target], sizes[target][0]
            assert x <= route[-1].end.x <= x + w and abs(route[-1].end.y - y) < 1e-6


@given(graphs())
def test_every_graph_of_every_function_can_be_written_in_every_format(graph: Graph) -> None:
    func = function(graph)
    for g in (cfg_graph(func), dominator_graph(func), dominator_graph(func, post=True), function_graph(func)):
        assert len(scene(g).boxes) == g.number_of_nodes()
        for write in (to_dot, to_graphml, to_json, to_svg):
            assert write(g) == write(g)


def run(*args: str, text: str = PROGRAM) -> Result:
    return CliRunner().invoke(command, [*args, "-"], input=text, catch_exceptions=False)


@pytest.mark.parametrize("kind", ["deps", "cfg", "dom", "postdom", "calls"])
@pytest.mark.parametrize("form", ["dot", "svg", "json", "graphml"])
def test_the_command_writes_each_kind_in_each_format(kind: str, form: str) -> None:
    output = run("--kind", kind, "--format", form).output
    start = {"dot": "digraph", "svg": "<svg", "json": "{", "graphml": "<?xml"}
    assert output.startswith(start[form])


def test_the_command_draws_main_unless_told_otherwise_and_one_block_if_told() -> None:
    assert "@main: dependencies" in run().output
    assert "@fill: dependencies" in run("--func", "fill").output
    assert "@fill, block body: dependencies" in run("--func", "@fill", "--block", "body").output
    assert "@g: dependencies" in run(text="func @g() {\ne:\n  ret\n}\nfunc @h() {\ne:\n  ret\n}").output


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--func", "@fil"], "no function @fil in <stdin>.*did you mean @fill"),
        (["--func", "emit"], "@emit is extern"),
        (["--func", "fill", "--block", "bdy"], "no block bdy in @fill.*did you mean body"),
        (["--kind", "cfg", "--block", "body"], "--block is for --kind deps"),
        (["--kind", "calls", "--func", "fill"], "--func is not for --kind calls"),
    ],
)
def test_a_call_that_cannot_be_meant_is_a_usage_error(args: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=re.compile(message, re.S)):
        run(*args)


def test_text_that_is_no_program_is_a_diagnostic() -> None:
    with pytest.raises(IrpassError, match="error"):
        run(text="func @f() {\nentry:\n  %x = add %y, 1\n  ret\n}")
    with pytest.raises(IrpassError, match="no function with a body"):
        run(text="type @t = {}")
    with pytest.raises(IrpassError, match="V09"):
        run(text="func @f() {\nentry:\n  %x = const i64, 1\n}")


def test_output_is_the_same_under_every_hash_seed(tmp_path: Path) -> None:
    path = tmp_path / "prog.ir"
    path.write_text(PROGRAM)
    code = f"from irpass.cli import main; import sys; sys.argv = ['irpass', 'graph', {str(path)!r}, '--format', 'svg']"
    outputs = [
        subprocess.run(
            [sys.executable, "-c", code + "; main()"], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    ]
    assert outputs[0] == outputs[1] and outputs[0].startswith(b"<svg")


def test_graphs_do_not_import_networkx_before_they_are_made() -> None:
    code = "import sys, irpass.graphs, irpass.analysis.manager; sys.exit('networkx' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
