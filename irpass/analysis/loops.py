"""Natural loops and their nesting, and the cycles that are no natural loops.

A natural loop is entered at its header alone, which dominates it. A cycle that can be entered at several blocks is
*irreducible*: its blocks are flagged, count one more level, and compare as equally deep with nothing but themselves.
Valid while `cfg_epoch` stands. Near linear in edges, however deep loops nest.
"""

from __future__ import annotations

from dataclasses import dataclass

from irpass.analysis.cfg import Cfg, cfg
from irpass.analysis.components import strongly_connected
from irpass.analysis.dominators import DominatorTree, dominators
from irpass.ir.core import Block, Func


@dataclass(frozen=True, slots=True, eq=False)
class Loop:
    """A natural loop: `latches` are the blocks that branch back to `header`; `depth` is 1 for an outermost loop."""

    header: Block
    latches: tuple[Block, ...]
    parent: Loop | None
    depth: int


@dataclass(frozen=True, slots=True, eq=False)
class Loops:
    """The loops of a function: outer before inner, in reverse postorder of their headers.

    `innermost` has the loop of each block that is in one; `irreducible` has the blocks of irreducible cycles (its
    values say nothing: it is a dict for its order).
    """

    loops: list[Loop]
    innermost: dict[Block, Loop]
    irreducible: dict[Block, None]

    def depth(self, block: Block) -> int:
        """How many loops `block` is in; an irreducible cycle counts as one."""
        loop = self.innermost.get(block)
        return (loop.depth if loop is not None else 0) + (block in self.irreducible)

    def is_in_cycle(self, block: Block) -> bool:
        """Whether `block` may run again in the same call of its function. False where it cannot be reached."""
        return block in self.innermost or block in self.irreducible

    def contains(self, loop: Loop, block: Block) -> bool:
        """Whether `block` is in `loop`, or in a loop within it. O(difference of depths)."""
        at = self.innermost.get(block)
        while at is not None and at.depth > loop.depth:
            at = at.parent
        return at is loop

    def same_loop(self, a: Block, b: Block) -> bool:
        """Whether the two have the same innermost loop, or both have none. False where either is irreducible, unless
        they are one block: nothing says how often such blocks run for each other."""
        if a in self.irreducible or b in self.irreducible:
            return a is b
        return self.innermost.get(a) is self.innermost.get(b)

    def blocks(self, loop: Loop) -> list[Block]:
        """The blocks of `loop`, those of inner loops included. Linear in the function."""
        return [block for block in self.innermost if self.contains(loop, block)]


def loops(func: Func, graph: Cfg | None = None, tree: DominatorTree | None = None) -> Loops:
    """The loops of `func`."""
    graph = graph if graph is not None else cfg(func)
    tree = tree if tree is not None else dominators(func, graph)
    order = graph.order
    predecessors = [[graph.index[p] for p in graph.predecessors[b] if p in graph.index] for b in order]
    latches = [[p for p in predecessors[i] if tree.dominates(order[i], order[p])] for i in range(len(order))]
    header = _innermost_headers(predecessors, latches)
    made: dict[int, Loop] = {}
    for i, block in enumerate(order):
        if latches[i]:
            outer = made[header[i]] if header[i] >= 0 else None
            depth = outer.depth + 1 if outer is not None else 1
            made[i] = Loop(block, tuple(order[p] for p in latches[i]), outer, depth)
    innermost: dict[Block, Loop] = {}
    for i, block in enumerate(order):
        found = made.get(i) or made.get(header[i])
        if found is not None:
            innermost[block] = found
    return Loops(list(made.values()), innermost, _irreducible(graph, tree))


def _innermost_headers(predecessors: list[list[int]], latches: list[list[int]]) -> list[int]:
    """For each node the header of the innermost loop around it (for a header: around its own loop); -1 for none.

    Inner headers first, and each loop found becomes one node, so that no block is walked over twice.
    Source: Havlak, "Nesting of reducible and irreducible loops", 1997, its reducible half.
    """
    header = [-1] * len(predecessors)
    merged = list(range(len(predecessors)))  # union-find: the header of the outermost loop found so far

    def find(node: int) -> int:
        root = node
        while merged[root] != root:
            root = merged[root]
        while merged[node] != root:
            merged[node], node = root, merged[node]
        return root

    for h in range(len(predecessors) - 1, -1, -1):  # in reverse postorder, a header stands before its inner headers
        work = [find(p) for p in latches[h]]
        while work:
            node = work.pop()
            if node == h or merged[node] != node:
                continue
            header[node] = merged[node] = h
            work += [find(p) for p in predecessors[node]]
    return header


def _irreducible(graph: Cfg, tree: DominatorTree) -> dict[Block, None]:
    """The blocks on cycles that pass no header: those that stay when the edges back to headers are taken away."""
    order = graph.order
    forward = [[graph.index[s] for s in graph.successors[block] if not tree.dominates(s, block)] for block in order]
    found = [i for component in strongly_connected(forward) if len(component) > 1 for i in component]
    return dict.fromkeys(order[i] for i in sorted(found))
