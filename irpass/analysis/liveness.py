"""Which values are live where blocks begin and end.

A value is *live in* at a block that it was defined before, if a way on from the beginning of the block reads it; *live
out*, if a way on from the end does. An argument that a terminator passes is read by the terminator, in its own block;
parameters are defined in theirs (a function's in the entry block), so they are not live in there. Unreachable blocks
are blocks like others. Valid while `ir_epoch` stands.

The answer itself is large where many values live through many blocks: each question costs what its answer does.
"""

from __future__ import annotations

from irpass.analysis.cfg import Cfg, cfg
from irpass.ir.core import Block, Func, Value


class Liveness:
    """Answers by value (`is_live_in`, `live_in_blocks`) cost that value alone, answers by block all values once."""

    def __init__(self, graph: Cfg) -> None:
        self._graph = graph
        self._of_value: dict[Value, tuple[dict[Block, None], dict[Block, None]]] = {}
        self._of_block: tuple[dict[Block, list[Value]], dict[Block, list[Value]]] | None = None

    def is_live_in(self, value: Value, block: Block) -> bool:
        """Whether `value` comes into `block` and is still needed."""
        return block in self._blocks(value)[0]

    def is_live_out(self, value: Value, block: Block) -> bool:
        """Whether `value` is needed after the end of `block`."""
        return block in self._blocks(value)[1]

    def live_in_blocks(self, value: Value) -> list[Block]:
        """The blocks where `value` is live in."""
        return list(self._blocks(value)[0])

    def live_in(self, block: Block) -> list[Value]:
        """The values that are live in at `block`, in the order of their definitions in the text."""
        return self._tables()[0][block]

    def live_out(self, block: Block) -> list[Value]:
        """The values that are live out at `block`, in the order of their definitions in the text."""
        return self._tables()[1][block]

    def _blocks(self, value: Value) -> tuple[dict[Block, None], dict[Block, None]]:
        found = self._of_value.get(value)
        if found is None:
            found = self._of_value[value] = _walk(value, self._graph)
        return found

    def _tables(self) -> tuple[dict[Block, list[Value]], dict[Block, list[Value]]]:
        if self._of_block is None:
            func = self._graph.func
            live_in: dict[Block, list[Value]] = {block: [] for block in func.blocks}
            live_out: dict[Block, list[Value]] = {block: [] for block in func.blocks}
            for value in func.values():
                into, out = _walk(value, self._graph)
                for block in into:
                    live_in[block].append(value)
                for block in out:
                    live_out[block].append(value)
            self._of_block = live_in, live_out
        return self._of_block


def liveness(func: Func, graph: Cfg | None = None) -> Liveness:
    """The liveness of the values of `func`. Nothing is computed before the first question."""
    return Liveness(graph if graph is not None else cfg(func))


def home(value: Value, func: Func) -> Block:
    """The block that `value` of `func` is defined in; a function's parameters are defined in its entry."""
    owner = value.owner
    if isinstance(owner, Block):
        return owner
    if isinstance(owner, Func) or owner.block is None:
        return func.entry
    return owner.block


def _walk(value: Value, graph: Cfg) -> tuple[dict[Block, None], dict[Block, None]]:
    """The blocks where `value` is live in, and where it is live out: from each use up to the definition.

    Source: Boissinot, Brandner et al., "A non-iterative data-flow algorithm for computing liveness sets in strict SSA
    programs", 2011, its method by path exploration, one variable at a time.
    """
    live_in: dict[Block, None] = {}
    live_out: dict[Block, None] = {}
    if not value.uses:
        return live_in, live_out
    defined_in = home(value, graph.func)
    work = [b for b in (user.block for user in value.uses) if b is not None and b is not defined_in]
    while work:
        block = work.pop()
        if block in live_in:
            continue
        live_in[block] = None
        for p in graph.predecessors[block]:
            live_out[p] = None
            if p is not defined_in and p not in live_in:
                work.append(p)
    return live_in, live_out
