"""Regions: where the planner looks for partners. One block, or a chain of blocks that run as often as each other.

In a chain (`scope=dominance`) each block dominates the next, the next post-dominates it, and they are in the same loop:
so none is reached across a back edge, and whenever the first runs the others do too (but for a trap in between).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from irpass.analysis.dominators import DominatorTree, dominators, post_dominators
from irpass.analysis.loops import loops
from irpass.analysis.manager import Analyses
from irpass.ir.core import Block, Func, Instr

Scope = Literal["block", "dominance"]


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """Blocks in the order in which they run; `instrs` are theirs, one after the other, and positions count these.

    `starts` are the positions at which the blocks begin. `tree` is set where there are several blocks.
    """

    blocks: tuple[Block, ...]
    instrs: list[Instr] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    tree: DominatorTree | None = None

    @property
    def func(self) -> Func:
        return self.blocks[0].func


def find_regions(func: Func, scope: Scope, analyses: Analyses) -> list[Region]:
    """The regions of a function: together they hold each block that can be reached at least, and each only once."""
    if scope == "block":
        return [Region((block,), list(block.instrs), [0]) for block in func.blocks]
    tree = analyses.get(dominators, func, edges_only=True)
    return [_region(chain, tree) for chain in _chains(func, tree, analyses)]


def _region(blocks: list[Block], tree: DominatorTree) -> Region:
    instrs: list[Instr] = []
    starts = []
    for block in blocks:
        starts.append(len(instrs))
        instrs += block.instrs
    return Region(tuple(blocks), instrs, starts, tree if len(blocks) > 1 else None)


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
