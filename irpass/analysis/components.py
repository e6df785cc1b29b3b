"""Strongly connected components of a graph of integers.

networkx has them too, and tests hold the two against one another; but its import takes longer than optimizing a small
program does.
"""

from __future__ import annotations

from collections.abc import Sequence


def strongly_connected(successors: Sequence[Sequence[int]]) -> list[list[int]]:
    """The components, each sorted, and each after those that it leads to (callees before callers).

    Source: Tarjan, "Depth-first search and linear graph algorithms", 1972, with a stack of its own.
    """
    count = len(successors)
    number = [-1] * count
    low = [0] * count
    is_open = [False] * count
    path: list[int] = []
    components: list[list[int]] = []
    counter = 0
    for root in range(count):
        if number[root] >= 0:
            continue
        stack = [(root, iter(successors[root]))]
        number[root] = low[root] = counter
        counter += 1
        path.append(root)
        is_open[root] = True
        while stack:
            node, rest = stack[-1]
            child = next(rest, None)
            if child is None:
                stack.pop()
                if stack:
                    above = stack[-1][0]
                    low[above] = min(low[above], low[node])
                if low[node] == number[node]:
                    at = len(path)
                    while path[at - 1] != node:
                        at -= 1
                    component = path[at - 1 :]
                    del path[at - 1 :]
                    for member in component:
                        is_open[member] = False
                    components.append(sorted(component))
            elif number[child] < 0:
                number[child] = low[child] = counter
                counter += 1
                path.append(child)
                is_open[child] = True
                stack.append((child, iter(successors[child])))
            elif is_open[child]:
                low[node] = min(low[node], number[child])
    return components
