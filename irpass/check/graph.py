"""The control-flow graph of a function as integers: order, dominance, cycles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from irpass.ir.core import Block, Func


class Graph:
    """The blocks that can be reached, in reverse postorder; a block is its place in that order."""

    def __init__(self, func: Func) -> None:
        self.blocks = _reverse_postorder(func.entry)
        self.index = {id(b): i for i, b in enumerate(self.blocks)}
        self.successors = [[self.index[id(s)] for s in b.successors()] for b in self.blocks]
        self._first, self._last = _dominance(self.successors)
        self._component = _components(self.successors)

    def dominates(self, a: Block, b: Block) -> bool:
        """Whether every way from the entry to `b` passes `a`; both can be reached."""
        i, j = self.index[id(a)], self.index[id(b)]
        return self._first[i] <= self._first[j] <= self._last[i]

    def is_on_cycle(self, block: Block) -> bool:
        i = self.index[id(block)]
        return self._component[i] >= 0

    def is_on_cycle_without(self, block: Block, without: Block) -> bool:
        """Whether `block` can be reached from itself without passing `without`, another block."""
        start, barrier = self.index[id(block)], self.index[id(without)]
        component = self._component[start]
        if component < 0:
            return False
        seen, stack = {start, barrier}, [start]
        while stack:
            for s in self.successors[stack.pop()]:
                if s == start:
                    return True
                if s not in seen and self._component[s] == component:
                    seen.add(s)
                    stack.append(s)
        return False


def _reverse_postorder(entry: Block) -> list[Block]:
    """Of several ways the first one of the text comes first, too."""
    postorder: list[Block] = []
    seen = {id(entry)}
    stack = [(entry, _last_first(entry))]
    while stack:
        block, rest = stack[-1]
        for s in rest:
            if id(s) not in seen:
                seen.add(id(s))
                stack.append((s, _last_first(s)))
                break
        else:
            postorder.append(block)
            stack.pop()
    return postorder[::-1]


def _last_first(block: Block) -> Iterator[Block]:
    return reversed(dict.fromkeys(block.successors()))


def _dominance(successors: Sequence[Sequence[int]]) -> tuple[list[int], list[int]]:
    """For each node its number in a preorder of the dominator tree, and the last number of its subtree.

    Source: Georgiadis, Linear-Time Algorithms for Dominators and Related Problems, 2005: the algorithm SEMI-NCA.
    """
    count = len(successors)
    order: list[int] = []  # of a depth-first walk
    parent, number = [0] * count, [-1] * count
    stack = [(0, 0)]
    while stack:
        node, above = stack.pop()
        if number[node] < 0:
            number[node], parent[len(order)] = len(order), above
            order.append(node)
            stack += [(s, number[node]) for s in reversed(successors[node]) if number[s] < 0]
    predecessors: list[list[int]] = [[] for _ in order]
    for i, node in enumerate(order):
        for s in successors[node]:
            predecessors[number[s]].append(i)
    semi, label, ancestor = list(range(count)), list(range(count)), [-1] * count
    for w in range(count - 1, 0, -1):
        semi[w] = min(semi[_lowest(v, ancestor, label, semi)] for v in predecessors[w])
        label[w], ancestor[w] = w, parent[w]
    idom = list(parent)
    for w in range(1, count):
        while idom[w] > semi[w]:
            idom[w] = idom[idom[w]]
    size, start, free = [1] * count, [0] * count, [1] * count
    for w in range(count - 1, 0, -1):
        size[idom[w]] += size[w]
    for w in range(1, count):
        start[w] = free[idom[w]]
        free[idom[w]] += size[w]
        free[w] = start[w] + 1
    first, last = [0] * count, [0] * count
    for i, node in enumerate(order):
        first[node], last[node] = start[i], start[i] + size[i] - 1
    return first, last


def _lowest(v: int, ancestor: list[int], label: list[int], semi: list[int]) -> int:
    """The node of least semidominator on the linked path that ends at `v`; shortens the path on the way."""
    path = []
    while ancestor[v] >= 0 and ancestor[ancestor[v]] >= 0:
        path.append(v)
        v = ancestor[v]
    for v in reversed(path):
        above = ancestor[v]
        if semi[label[above]] < semi[label[v]]:
            label[v] = label[above]
        ancestor[v] = ancestor[above]
    return label[v]


def _components(successors: Sequence[Sequence[int]]) -> list[int]:
    """For each node the number of its strongly connected component, -1 where it is on no cycle (Kosaraju; the nodes
    are in reverse postorder)."""
    predecessors: list[list[int]] = [[] for _ in successors]
    for i, targets in enumerate(successors):
        for s in targets:
            predecessors[s].append(i)
    component, size = [-1] * len(successors), [0] * len(successors)
    for root in range(len(successors)):
        if component[root] < 0:
            component[root], stack = root, [root]
            while stack:
                node = stack.pop()
                size[root] += 1
                for p in predecessors[node]:
                    if component[p] < 0:
                        component[p] = root
                        stack.append(p)
    return [c if size[c] > 1 or i in successors[i] else -1 for i, c in enumerate(component)]
