"""Which blocks can still be reached, and over which edges, while branches are decided and edges go.

Needs: the CFG as it was before the first edge went; edges never come back. A block that one can still arrive at is
visited after those that dominate it, and the arguments on edges from dead blocks do not count.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from irpass.analysis.dominators import DominatorTree
from irpass.analysis.manager import Analyses
from irpass.ir.core import Block, Func, Instr, Target


class Reachability:
    """The blocks of `func` that can be reached, the edges left to them, and those that got other arguments."""

    def __init__(self, func: Func, analyses: Analyses) -> None:
        self._func = func
        self._analyses = analyses
        self._graph = analyses.cfg(func)
        self._order = self._graph.order
        self._tree: DominatorTree | None = None
        self._visited: set[Block] = set()
        self._dead: set[Block] = set()
        self._dropped: set[Target] = set()
        self._must_search = False  # edges went: what can be reached has to be found again
        self._incoming: dict[Block, list[tuple[Block, Target]]] = {}
        self._edges_in: dict[Block, int] = {}
        self._marked: dict[Block, None] = {}
        for block in self._order:
            for target in block.instrs[-1].targets:
                self._edges_in[target.block] = self._edges_in.get(target.block, 0) + 1
                if target.block.params:
                    self._incoming.setdefault(target.block, []).append((block, target))

    def visit(self) -> Iterator[Block]:
        """The blocks that can be reached, in reverse postorder: definitions come before their uses.

        The edges of a block count as they are when the next one is asked for. Blocks never arrived at are dead then.
        """
        arrived = set(self._order[:1])
        waiting = self._order
        while waiting:
            later = []
            for block in waiting:
                if block in arrived:
                    self._visited.add(block)
                    yield block
                    arrived.update(t.block for t in block.instrs[-1].targets)
                elif block not in self._dead:
                    if self._has_only_edges_back(block):
                        self._kill([block])
                    else:
                        later.append(block)
            if not any(block in arrived for block in later):
                break
            waiting = later
        self._kill(b for b in self._order if b not in self._visited)
        self._must_search = False

    def _has_only_edges_back(self, block: Block) -> bool:
        """Whether all edges that may still lead to `block` come from blocks that it dominates: a loop without a way in.

        Its other predecessors have been visited, and do not go there any more, or are dead.
        """
        tree = self._analyses.dominators(self._func) if self._tree is None else self._tree
        self._tree = tree  # edges only go: what it says stays true
        return all(
            p in self._visited or p in self._dead or tree.dominates(block, p) for p in self._graph.predecessors[block]
        )

    def is_dead(self, block: Block) -> bool:
        return block in self._dead

    def unreached(self) -> list[Block]:
        """The blocks that are dead, or never could be reached."""
        return [b for b in self._func.blocks if b not in self._visited or b in self._dead]

    def incoming(self, block: Block) -> list[Target]:
        """The edges left to a block that has parameters."""
        return [t for _, t in self._incoming.get(block, ()) if t not in self._dropped]

    def branches_to(self, block: Block) -> list[Instr]:
        """The terminators that go, or went, to a block that has parameters, but for those of dead blocks."""
        return [source.instrs[-1] for source, _ in self._incoming[block] if source not in self._dead]

    # ---- edges go

    def drop(self, targets: list[Target]) -> None:
        """Count these edges no more, nor those of blocks that no edge is left to."""
        if targets:
            self._must_search = True
            self._kill(self._drop_edges(targets))

    def _kill(self, blocks: Iterable[Block]) -> None:
        work = list(blocks)
        while work:
            block = work.pop()
            if block in self._dead:
                continue
            self._dead.add(block)
            work += self._drop_edges(block.instrs[-1].targets)

    def _drop_edges(self, targets: Iterable[Target]) -> list[Block]:
        """Count these edges no more; gives the blocks that no edge is left to."""
        lonely = []
        for target in targets:
            if target in self._dropped:
                continue
            self._dropped.add(target)
            block = target.block
            self._edges_in[block] -= 1
            if not self._edges_in[block]:
                lonely.append(block)
            elif block.params:
                self.mark(block)
        return lonely

    # ---- arguments change

    def mark(self, block: Block) -> None:
        """The parameters of `block` get other arguments, or on fewer edges: no matter where it is yet to be visited."""
        if block in self._visited:
            self._marked[block] = None

    def take_marked(self) -> list[Block]:
        """The blocks marked since this was last asked, but for those that turn out to be dead."""
        if self._marked and self._must_search:
            self._search()
        marked, self._marked = self._marked, {}
        return [block for block in marked if block not in self._dead]

    def _search(self) -> None:
        """Find the blocks that cannot be reached any more: their arguments must not count."""
        reached = {self._order[0]: None}
        work = [self._order[0]]
        while work:
            for successor in work.pop().successors():
                if successor not in reached:
                    reached[successor] = None
                    work.append(successor)
        self._kill(b for b in self._order if b not in reached)
        self._must_search = False
