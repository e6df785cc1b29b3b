"""Dominators of a graph of integers, in near-linear time whatever its shape: what verifier and analyses ask.

Nodes are 0..n-1, node 0 is the entry. A walk up the tree for each edge (Cooper, Harvey, Kennedy) is quadratic on a
ladder whose every rung may leave for one exit, a shape that bounds checks give any function; hence path compression.

Source: Lengauer and Tarjan, "A fast algorithm for finding dominators in a flowgraph", 1979, the simple variant.
"""

from __future__ import annotations

from collections.abc import Sequence

UNREACHABLE = -1


def immediate_dominators(successors: Sequence[Sequence[int]]) -> list[int]:
    """The immediate dominator of each node; 0 for the entry itself, `UNREACHABLE` for what cannot be reached."""
    order, tree = _dominators(successors)
    idom = [UNREACHABLE] * len(successors)
    for number, node in enumerate(order):
        idom[node] = order[tree[number]]
    return idom


def dominator_intervals(successors: Sequence[Sequence[int]]) -> tuple[list[int], list[int]]:
    """For each node its number in a preorder of the dominator tree, and the last number of its subtree.

    `a` dominates `b` exactly where first[a] <= first[b] <= last[a]. Both are `UNREACHABLE` for what cannot be reached.
    """
    order, tree = _dominators(successors)
    size = [1] * len(order)
    for number in range(len(order) - 1, 0, -1):
        size[tree[number]] += size[number]
    first, last = [UNREACHABLE] * len(successors), [UNREACHABLE] * len(successors)
    start, free = [0] * len(order), [1] * len(order)  # free: where the next child's subtree starts
    for number, node in enumerate(order):
        if number:
            parent = tree[number]
            start[number] = free[parent]
            free[parent] += size[number]
            free[number] = start[number] + 1
        first[node], last[node] = start[number], start[number] + size[number] - 1
    return first, last


def _depth_first(successors: Sequence[Sequence[int]]) -> tuple[list[int], list[int], list[int]]:
    """The reachable nodes in depth-first preorder, the number of each one's parent, and each node's number."""
    number = [UNREACHABLE] * len(successors)
    order: list[int] = []
    parent: list[int] = []
    stack = [(0, 0)] if successors else []
    while stack:
        node, above = stack.pop()
        if number[node] == UNREACHABLE:
            mine = number[node] = len(order)
            order.append(node)
            parent.append(above)
            stack += [(s, mine) for s in reversed(successors[node]) if number[s] == UNREACHABLE]
    return order, parent, number


def _dominators(successors: Sequence[Sequence[int]]) -> tuple[list[int], list[int]]:
    """The reachable nodes in depth-first preorder, and for each number the number of its immediate dominator."""
    order, parent, number = _depth_first(successors)
    count = len(order)
    predecessors: list[list[int]] = [[] for _ in order]
    for mine, node in enumerate(order):
        for s in successors[node]:
            predecessors[number[s]].append(mine)
    semi, best, idom = list(range(count)), list(range(count)), [0] * count
    ancestor = [-1] * count
    waiting: list[list[int]] = [[] for _ in order]  # by semidominator

    def lowest(v: int) -> int:
        """The node of least semidominator on the linked path above `v`, which is shortened on the way."""
        path = []
        while ancestor[v] >= 0 and ancestor[ancestor[v]] >= 0:
            path.append(v)
            v = ancestor[v]
        for v in reversed(path):
            above = ancestor[v]
            if semi[best[above]] < semi[best[v]]:
                best[v] = best[above]
            ancestor[v] = ancestor[above]
        return best[v]

    for w in range(count - 1, 0, -1):
        semi[w] = min(semi[lowest(v)] for v in predecessors[w])
        waiting[semi[w]].append(w)
        above = ancestor[w] = parent[w]
        for v in waiting[above]:
            u = lowest(v)
            idom[v] = u if semi[u] < semi[v] else above
        waiting[above].clear()
    for w in range(1, count):
        if idom[w] != semi[w]:
            idom[w] = idom[idom[w]]
    return order, idom
