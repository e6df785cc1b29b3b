"""The control-flow graph of a function: who follows whom, and reverse postorder.

Valid while `cfg_epoch` stands: `analyses.cfg(func)` keeps it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from irpass.ir.core import Block, Func


@dataclass(frozen=True, slots=True, eq=False)
class Cfg:
    """Edges between blocks, each once however often a terminator names it, and an order of the reachable blocks.

    `successors` and `predecessors` have every block of the function as a key, and keep the order of the text. In
    `order`, reverse postorder, a block stands before all that it dominates; `index` is the position there.
    """

    func: Func
    successors: dict[Block, list[Block]]
    predecessors: dict[Block, list[Block]]
    order: list[Block]
    index: dict[Block, int]

    def is_reachable(self, block: Block) -> bool:
        """Whether a path leads from the entry to `block`."""
        return block in self.index

    def numbered_successors(self) -> list[list[int]]:
        """For each position in `order` the positions of its successors: what algorithms over integers take."""
        index = self.index
        return [[index[s] for s in self.successors[block]] for block in self.order]


def cfg(func: Func) -> Cfg:
    """The control-flow graph of `func`; without any blocks for an `extern` function."""
    blocks = func.blocks
    number = {block: i for i, block in enumerate(blocks)}
    predecessors: dict[Block, list[Block]] = {block: [] for block in blocks}
    successors: dict[Block, list[Block]] = {}
    numbered: list[list[int]] = []
    for block in blocks:
        # A module that was built, and not verified yet, may name blocks of other functions.
        found = [s for s in dict.fromkeys(block.successors()) if s in number]
        successors[block] = found
        numbered.append([number[s] for s in found])
        for successor in found:
            predecessors[successor].append(block)
    order = [blocks[i] for i in reverse_postorder(numbered)]
    return Cfg(func, successors, predecessors, order, {block: i for i, block in enumerate(order)})


def reverse_postorder(successors: Sequence[Sequence[int]]) -> list[int]:
    """The nodes that can be reached from node 0, each before its successors but for edges that close a cycle."""
    if not successors:
        return []
    seen = {0}
    postorder: list[int] = []
    # Last successor first, so that in the reverse the first one comes first, as in the text.
    stack = [(0, reversed(successors[0]))]
    while stack:
        node, rest = stack[-1]
        following = next((s for s in rest if s not in seen), None)
        if following is None:
            postorder.append(node)
            stack.pop()
        else:
            seen.add(following)
            stack.append((following, reversed(successors[following])))
    postorder.reverse()
    return postorder
