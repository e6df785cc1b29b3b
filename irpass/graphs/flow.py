"""The control-flow graph and the dominator trees of a function.

A node is a block; its id is its label. Its attributes:

- ``label``: label, parameters and instructions as text; ``op_class``: ``entry``, ``exit``, ``block``, ``unreachable``;
- ``index``: its position in the text; ``line``; ``size``: its instructions; ``loop_depth``; ``in_irreducible_cycle``.

An edge of the control-flow graph is one target of a terminator, and its key is the target's position. ``kind`` is
``always``, ``true``, ``false``, ``case`` or ``default``; ``label`` says which, with the arguments passed; ``is_back``
says that it leads to a block that dominates where it comes from. An edge of a dominator tree goes from a block to one
that it immediately dominates, its kind ``idom`` or ``ipdom``; nodes have ``depth`` there, -1 where they are not in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from irpass.analysis.cfg import Cfg, cfg
from irpass.analysis.dominators import DominatorTree, dominators, post_dominators
from irpass.analysis.loops import Loops, loops
from irpass.ir import ops
from irpass.ir.core import Block, Func, Instr
from irpass.text.printer import instr_text, label_text, operand_text

if TYPE_CHECKING:
    import networkx as nx


def cfg_graph(func: Func) -> nx.MultiDiGraph[str]:
    """The control-flow graph of `func`, its blocks with their text."""
    import networkx as nx  # here, because it takes longer to import than a small program takes to optimize

    found = cfg(func)
    tree = dominators(func, found)
    nest = loops(func, found, tree)
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(title=f"@{func.name}: control flow", graph_kind="cfg", func=func.name)
    for index, block in enumerate(func.blocks):
        text = "\n".join([label_text(block), *("  " + instr_text(i) for i in block.instrs)])
        graph.add_node(block.name, label=text, **_facts(block, index, found, nest))
    for block in func.blocks:
        last = block.terminator
        for n, target in enumerate(last.targets if last is not None else ()):
            kind, word = _edge_words(last, n)
            label = f"{word}({', '.join(map(operand_text, target.args))})" if target.args else word
            is_back = found.is_reachable(block) and tree.dominates(target.block, block)
            graph.add_edge(block.name, target.block.name, n, kind=kind, label=label, is_back=is_back)
    return graph


def dominator_graph(func: Func, post: bool = False) -> nx.DiGraph[str]:
    """The dominator tree of `func`, or its post-dominator tree; unreachable blocks stand alone."""
    import networkx as nx  # here, because it takes longer to import than a small program takes to optimize

    found = cfg(func)
    tree = post_dominators(func, found) if post else dominators(func, found)
    nest = loops(func, found)
    what = "post-dominator tree" if post else "dominator tree"
    graph: nx.DiGraph[str] = nx.DiGraph(title=f"@{func.name}: {what}", graph_kind="dom", func=func.name)
    depth = _depths(tree)
    for index, block in enumerate(func.blocks):
        facts = _facts(block, index, found, nest)
        graph.add_node(block.name, label=label_text(block), depth=depth.get(block, -1), **facts)
    for block, parent in tree.idom.items():
        if parent is not None:
            graph.add_edge(parent.name, block.name, kind="ipdom" if post else "idom", label="")
    return graph


def _depths(tree: DominatorTree) -> dict[Block, int]:
    depth: dict[Block, int] = {}
    for block in tree.preorder():
        parent = tree.idom[block]
        depth[block] = depth[parent] + 1 if parent is not None else 0
    return depth


def _facts(block: Block, index: int, found: Cfg, nest: Loops) -> dict[str, str | int | bool]:
    if not found.is_reachable(block):
        op_class = "unreachable"
    elif block is found.func.entry:
        op_class = "entry"
    else:
        op_class = "block" if found.successors[block] else "exit"
    return {
        "op_class": op_class,
        "index": index,
        "line": block.line,
        "size": len(block.instrs),
        "loop_depth": nest.depth(block),
        "in_irreducible_cycle": block in nest.irreducible,
    }


def _edge_words(last: Instr | None, n: int) -> tuple[str, str]:
    """The kind of the terminator's target `n`, and the word for it."""
    assert last is not None
    if last.op is ops.BR_IF:
        return ("true", "true") if n == 0 else ("false", "false")
    if last.op is ops.SWITCH:
        assert isinstance(last.imm, tuple)
        return ("default", "default") if n == 0 else ("case", str(last.imm[n - 1]))
    return "always", ""
