"""The call graph of a module.

A node is a function; its id is `@name`. Its attributes:

- ``label``: its head as text; ``op_class``: ``function``, ``recursive`` or ``extern``; ``line``;
- ``blocks`` and ``size`` (instructions), 0 for an extern;
- ``effects``: what calling it may do, in words; ``may_trap``, ``may_not_return``.

An edge says that one calls the other; ``count`` is the number of call sites, ``lines`` their lines, its kind ``calls``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from irpass.analysis.call_graph import callee_name
from irpass.analysis.effects import summaries
from irpass.ir import ops
from irpass.ir.core import Func, Module

if TYPE_CHECKING:
    import networkx as nx


def call_graph(module: Module) -> nx.DiGraph[str]:
    """Who calls whom in `module`, externs included."""
    import networkx as nx  # here, because it takes longer to import than a small program takes to optimize

    graph: nx.DiGraph[str] = nx.DiGraph(title=f"{module.file}: calls", graph_kind="calls")
    found = summaries(module)
    funcs = [d for d in module.decls.values() if isinstance(d, Func)]
    for func in funcs:
        summary = found.of(func.name)
        recursive = "recursive" if summary.is_recursive else "function"
        graph.add_node(
            f"@{func.name}", label=_head(func), op_class="extern" if func.is_extern else recursive, line=func.line,
            blocks=len(func.blocks), size=sum(len(b.instrs) for b in func.blocks),
            effects=" ".join(str(e.name).lower() for e in summary.effects), may_trap=summary.may_trap,
            may_not_return=summary.may_not_return,
        )  # fmt: skip
    for func in funcs:
        sites: dict[str, list[int]] = {}
        for instr in func.instrs():
            if instr.op is ops.CALL and module.func(callee_name(instr)) is not None:
                sites.setdefault(callee_name(instr), []).append(instr.line)
        for name, lines in sites.items():
            count = len(lines)
            graph.add_edge(
                f"@{func.name}", f"@{name}", kind="calls", count=count, lines=",".join(map(str, lines)),
                label=f"{count} calls" if count > 1 else "",
            )  # fmt: skip
    return graph


def _head(func: Func) -> str:
    params = ", ".join(str(p.type) for p in func.params)
    result = f" -> {func.result}" if func.result is not None else ""
    attrs = "".join(f" {a}" for a in func.attrs)
    return f"{'extern ' * func.is_extern}@{func.name}({params}){result}{attrs}"
