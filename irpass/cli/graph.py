"""`irpass graph`: dependency, control-flow, dominator and call graphs of a program, and the layout of its arenas."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

import click

from irpass.cli.io import read_text, write_output
from irpass.diagnostics import Diagnostic, IrpassError, UsageError
from irpass.ir import ops
from irpass.ir.core import Block, Func, Module
from irpass.text.parser import parse
from irpass.verifier import check

if TYPE_CHECKING:
    import networkx as nx

KINDS = ("deps", "cfg", "dom", "postdom", "calls", "layout")
FORMATS = ("dot", "svg", "json", "graphml")


@click.command()
@click.argument("file")
@click.option(
    "--func", "func_name", metavar="@F", help="The function: @main if there is one, else the first (for layout: all)."
)
@click.option("--block", "block_name", metavar="LABEL", help="Only this block (for deps and layout).")
@click.option("--kind", type=click.Choice(KINDS), default="deps", show_default=True, help="What to draw.")
@click.option("--format", "form", type=click.Choice(FORMATS), help="How to write it.  [default: dot; svg for layout]")
@click.option("-o", "--output", metavar="OUT", help="Where to write; standard output unless given.")
@click.option(
    "--max-nodes", type=click.IntRange(min=0), default=400, show_default=True, metavar="N",
    help="Draw the first N nodes, or members of an arena, only (for svg); 0 draws all.",
)  # fmt: skip
def graph(
    file: str, func_name: str | None, block_name: str | None, kind: str, form: str | None, output: str | None,
    max_nodes: int,
) -> None:  # fmt: skip
    """Write a graph of a program: its dependencies, control flow, dominator tree or calls; or the layout of its arenas:
    whose bytes are which while the instructions of a block run.

    A layout is of the arenas that are in FILE; where it has none, of those that `fold-allocs` makes of it.

    \b
    irpass graph prog.ir --format svg -o prog.svg        the dependencies of @main
    irpass graph prog.ir --func @f --block loop          those of one block
    irpass graph prog.ir --kind calls --format graphml   for other programs to read
    irpass graph prog.ir --kind layout -o prog.svg       all arenas over time
    """
    if block_name is not None and kind not in ("deps", "layout"):
        raise UsageError.of(f"--block is for --kind deps and layout, not for {kind}")
    if block_name is not None and kind == "layout" and func_name is None:
        raise UsageError.of("--block needs --func for --kind layout, which is of all functions otherwise")
    if func_name is not None and kind == "calls":
        raise UsageError.of("--func is not for --kind calls: the call graph is of the whole module")
    if kind == "layout" and form not in (None, "svg", "json"):
        raise UsageError.of(f"--kind layout is drawn as svg or written as json, not as {form}")
    text, name = read_text(file)
    module = parse(text, name)
    check(module)
    if kind == "layout":
        write_output(output, _layout(module, form or "svg", func_name, block_name, max_nodes))
        return
    drawn = _graph(module, kind, func_name, block_name)
    write_output(output, _written(drawn, form or "dot", max_nodes))


def _layout(module: Module, form: str, func_name: str | None, block_name: str | None, max_members: int) -> str:
    from irpass.graphs.layout import arena_layouts, layout_json, layout_svg

    funcs = [_find_func(module, func_name)] if func_name is not None else module.funcs
    block = _find_block(funcs[0], block_name) if block_name is not None else None
    if not any(i.op is ops.SHARED_ALLOC for f in module.funcs for i in f.instrs()):
        from irpass.passes.pipeline import Runner, parse_pipeline

        Runner(parse_pipeline("fold-allocs")).run(module)
    found = arena_layouts(module, funcs, block)
    return layout_json(found) if form == "json" else layout_svg(found, max_members)


def _graph(module: Module, kind: str, func_name: str | None, block_name: str | None) -> nx.DiGraph[str]:
    from irpass.analysis.effects import summaries
    from irpass.graphs.calls import call_graph
    from irpass.graphs.dependency import block_graph, function_graph
    from irpass.graphs.flow import cfg_graph, dominator_graph

    if kind == "calls":
        return call_graph(module)
    func = _find_func(module, func_name)
    if kind == "cfg":
        return cfg_graph(func)
    if kind in ("dom", "postdom"):
        return dominator_graph(func, post=kind == "postdom")
    callees = summaries(module)
    if block_name is not None:
        return block_graph(_find_block(func, block_name), callees)
    return function_graph(func, callees)


def _written(drawn: nx.DiGraph[str], form: str, max_nodes: int) -> str:
    from irpass.graphs.dot import to_dot
    from irpass.graphs.interchange import to_graphml, to_json
    from irpass.graphs.svg import to_svg

    if form == "svg":
        return to_svg(drawn, max_nodes)
    return {"dot": to_dot, "json": to_json, "graphml": to_graphml}[form](drawn)


def _find_func(module: Module, name: str | None) -> Func:
    if not module.funcs:
        raise IrpassError([Diagnostic("no-function", "there is no function with a body to draw", module.file)])
    if name is None:
        main = module.func("main")
        return main if main is not None and not main.is_extern else module.funcs[0]
    func = module.func(name.removeprefix("@"))
    if func is None:
        names = [f.name for f in module.funcs]
        raise UsageError.of(f"no function @{name.removeprefix('@')} in {module.file}", *_did_you_mean(name, names, "@"))
    if func.is_extern:
        raise UsageError.of(f"@{func.name} is extern: it has no body to draw")
    return func


def _find_block(func: Func, name: str) -> Block:
    for block in func.blocks:
        if block.name == name:
            return block
    raise UsageError.of(f"no block {name} in @{func.name}", *_did_you_mean(name, [b.name for b in func.blocks], ""))


def _did_you_mean(name: str, names: list[str], sign: str) -> list[str]:
    near = get_close_matches(name.removeprefix("@"), names, n=1)
    return [f"did you mean {sign}{near[0]}?"] if near else []
