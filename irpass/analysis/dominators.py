"""Dominator and post-dominator trees, and dominance between instructions.

Trees are valid while `cfg_epoch` stands, `Dominance` while `ir_epoch` does. Near linear in edges.
"""

from __future__ import annotations

from dataclasses import dataclass

from irpass.analysis.cfg import Cfg, cfg, reverse_postorder
from irpass.ir.core import Block, Func, Instr, Value
from irpass.ir.dominance import immediate_dominators


@dataclass(frozen=True, slots=True, eq=False)
class DominatorTree:
    """A tree over the blocks that can be reached from the entry.

    `idom` gives each of them its parent, None for a root; `children` has them in reverse postorder (of the function,
    or of the function turned around). `roots` is the entry alone, or, for post-dominators, each block after which
    nothing is sure to come.
    """

    roots: list[Block]
    idom: dict[Block, Block | None]
    children: dict[Block, list[Block]]
    _intervals: dict[Block, tuple[int, int]]  # first and last preorder number of the subtree

    def dominates(self, a: Block, b: Block) -> bool:
        """Whether `a` is on every path to `b` (from `b`, for post-dominators); each block dominates itself. O(1).

        In an unreachable block nothing ever happens: every block dominates it, and it dominates only such ones.
        """
        of_b = self._intervals.get(b)
        if of_b is None:
            return True
        of_a = self._intervals.get(a)
        return of_a is not None and of_a[0] <= of_b[0] <= of_a[1]

    def strictly_dominates(self, a: Block, b: Block) -> bool:
        """Whether `a` dominates `b` and is another block."""
        return a is not b and self.dominates(a, b)

    def preorder(self) -> list[Block]:
        """The blocks of the tree, each before its subtree."""
        return list(self._intervals)

    def common(self, a: Block, b: Block) -> Block | None:
        """The nearest block that dominates both of two reachable blocks; None where there is none. O(depth of `a`)."""
        found: Block | None = a
        while found is not None and not self.dominates(found, b):
            found = self.idom[found]
        return found


def dominators(func: Func, graph: Cfg | None = None) -> DominatorTree:
    """The dominator tree of `func`."""
    graph = graph if graph is not None else cfg(func)
    parents = immediate_dominators(graph.numbered_successors())
    order = graph.order
    return _tree([(block, order[parents[i]] if i else None) for i, block in enumerate(order)])


def post_dominators(func: Func, graph: Cfg | None = None) -> DominatorTree:
    """The post-dominator tree of `func`: `a` post-dominates `b` if every way on from `b` passes `a`.

    Ways on lead to the end of the function (`ret` or `trap`), or into blocks from which no end can be reached: those
    post-dominate nothing but themselves, and nothing else does them. Not seen here: a loop that could end but never
    does, and a trap or a call that does not come back in the middle of a block.
    """
    graph = graph if graph is not None else cfg(func)
    ending = _blocks_that_can_end(graph)
    # Node 0 is what comes after the end; node i + 1 is the block at position i.
    successors: list[list[int]] = [[] for _ in range(len(graph.order) + 1)]
    for i, block in enumerate(graph.order):
        if not graph.successors[block] or block not in ending:
            successors[0].append(i + 1)
        successors[i + 1] = [graph.index[p] + 1 for p in graph.predecessors[block] if p in graph.index]
    parents = immediate_dominators(successors)
    order = reverse_postorder(successors)
    return _tree([(graph.order[n - 1], graph.order[parents[n] - 1] if parents[n] else None) for n in order if n])


def _blocks_that_can_end(graph: Cfg) -> dict[Block, None]:
    found = {block: None for block in graph.order if not graph.successors[block]}
    work = list(found)
    while work:
        for p in graph.predecessors[work.pop()]:
            if p in graph.index and p not in found:
                found[p] = None
                work.append(p)
    return found


def _tree(parents: list[tuple[Block, Block | None]]) -> DominatorTree:
    """The tree of these pairs of block and parent, in an order where parents come first."""
    idom = dict(parents)
    children: dict[Block, list[Block]] = {block: [] for block in idom}
    roots = []
    for block, parent in parents:
        if parent is None:
            roots.append(block)
        else:
            children[parent].append(block)
    size = dict.fromkeys(idom, 1)
    preorder: list[Block] = []
    stack = roots[::-1]
    while stack:
        block = stack.pop()
        preorder.append(block)
        stack.extend(reversed(children[block]))
    for block in reversed(preorder):
        parent = idom[block]
        if parent is not None:
            size[parent] += size[block]
    intervals = {block: (first, first + size[block] - 1) for first, block in enumerate(preorder)}
    return DominatorTree(roots, idom, children, intervals)


class Dominance:
    """Dominance between instructions. Valid while `ir_epoch` stands: edit, and ask for a new one."""

    def __init__(self, tree: DominatorTree) -> None:
        self.tree = tree
        self._positions: dict[Block, dict[Instr, int]] = {}  # of the blocks that were asked about

    def position(self, instr: Instr) -> int:
        """The index of `instr` in its block. O(1) but for the first question about the block."""
        block = _home(instr)
        positions = self._positions.get(block)
        if positions is None:
            positions = self._positions[block] = {i: n for n, i in enumerate(block.instrs)}
        return positions[instr]

    def dominates(self, a: Instr, b: Instr) -> bool:
        """Whether `a` has run whenever `b` does; each instruction dominates itself."""
        block_a, block_b = _home(a), _home(b)
        if block_a is not block_b:
            return self.tree.dominates(block_a, block_b)
        return self.position(a) <= self.position(b)

    def is_available(self, value: Value, at: Instr) -> bool:
        """Whether `value` is defined before `at` runs, so that `at` may read it."""
        owner = value.owner
        if isinstance(owner, Func):
            return True
        if isinstance(owner, Block):
            return self.tree.dominates(owner, _home(at))
        return owner is not at and self.dominates(owner, at)


def dominance(func: Func, tree: DominatorTree | None = None) -> Dominance:
    """Dominance between the instructions of `func`."""
    return Dominance(tree if tree is not None else dominators(func))


def _home(instr: Instr) -> Block:
    if instr.block is None:
        raise ValueError(f"{instr.op.name} is in no block")
    return instr.block
