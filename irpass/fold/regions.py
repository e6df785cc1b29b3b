"""Regions: where the planner looks for partners. One block, or a chain of blocks that run as often as each other.

In a chain (`scope=dominance`) each block dominates the next, the next post-dominates it, and they are in the same loop:
so none is reached across a back edge, and whenever the first runs the others do too (but for a trap in between).
`scope=speculate` goes on where no block post-dominates: with one that is dominated, and runs on some ways only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from irpass.analysis.dominators import DominatorTree, dominators, post_dominators
from irpass.analysis.loops import Loops, loops
from irpass.analysis.manager import Analyses
from irpass.ir.core import Block, Func, Instr

Scope = Literal["block", "dominance", "speculate"]


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """Blocks in the order in which they run; `instrs` are theirs, one after the other, and positions count these.

    `starts` are the positions at which the blocks begin. `tree` is set where there are several blocks. Before position
    `sure`, blocks run as often as the first one; from it on, they may run or not.
    """

    blocks: tuple[Block, ...]
    instrs: list[Instr] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    tree: DominatorTree | None = None
    sure: int = 0

    @property
    def func(self) -> Func:
        return self.blocks[0].func


def find_regions(func: Func, scope: Scope, analyses: Analyses) -> list[Region]:
    """The regions of a function: together they hold each block that can be reached at least, and each only once."""
    if scope == "block":
        return [Region((block,), list(block.instrs), [0], sure=len(block.instrs)) for block in func.blocks]
    tree = analyses.get(dominators, func, edges_only=True)
    chains = _chains(func, tree, analyses)
    if scope == "dominance":
        return [_region(chain, [], tree) for chain in chains]
    after = _speculated(chains, tree, analyses.get(loops, func, edges_only=True))
    return [_region(chain, after[chain[0]], tree) for chain in chains if chain[0] in after]


def _region(blocks: list[Block], speculated: list[Block], tree: DominatorTree) -> Region:
    instrs: list[Instr] = []
    starts = []
    sure = 0
    for block in (*blocks, *speculated):
        starts.append(len(instrs))
        instrs += block.instrs
        sure = len(instrs) if len(starts) == len(blocks) else sure
    return Region((*blocks, *speculated), instrs, starts, tree if len(starts) > 1 else None, sure)


def _chains(func: Func, tree: DominatorTree, analyses: Analyses) -> list[list[Block]]:
    after = analyses.get(post_dominators, func, edges_only=True)
    in_loops = analyses.get(loops, func, edges_only=True)
    chain_of: dict[Block, list[Block]] = {}
    chains: list[list[Block]] = []
    for block in tree.preorder():
        above = tree.idom.get(block)
        # Skips loops that lie between: every way on from the blocks that are skipped leads here as well.
        while above is not None and not in_loops.same_loop(above, block) and after.dominates(block, above):
            above = tree.idom.get(above)
        partner = chain_of.get(above) if above is not None else None
        if partner is not None and partner[-1] is above and above is not None and after.dominates(block, above):
            partner.append(block)
            chain_of[block] = partner
        else:
            chains.append([block])
            chain_of[block] = chains[-1]
    return chains


def _speculated(chains: list[list[Block]], tree: DominatorTree, in_loops: Loops) -> dict[Block, list[Block]]:
    """For the first block of each chain that stays one: the blocks of the chains that go on where it ends.

    A chain begins below another one where that one's last block dominates it, in the same loop; a block that ends
    several ways is continued by the first of them only, so that each block still dominates the next.
    """
    last_of = {chain[-1]: chain[0] for chain in chains}
    after: dict[Block, list[Block]] = {}
    for chain in chains:  # above before below
        above = tree.idom.get(chain[0])
        while above is not None and in_loops.depth(above) > in_loops.depth(chain[0]):
            above = tree.idom.get(above)
        first = last_of.pop(above, None) if above is not None and in_loops.same_loop(above, chain[0]) else None
        if first is None:
            after[chain[0]] = []
        else:
            after[first] += chain
            last_of[chain[-1]] = first
    return after
