"""The second half of a layered drawing: the x of each node, and of the bends of long edges."""

from __future__ import annotations

from math import inf

from irpass.graphs.rows import LARGE, Part

NODE_GAP = 22.0
EDGE_GAP = 14.0
_PLACEMENTS = 12


def place(part: Part, rows: list[list[int]]) -> None:
    """Choose x: several passes, each of which moves every row to where its neighbours want it."""
    part.x = [0.0] * len(part.widths)
    for row in rows:
        at = 0.0
        for left, node in zip([-1, *row], row, strict=False):
            at += _separation(part, left, node) if left >= 0 else 0.0
            part.x[node] = at
    passes = _PLACEMENTS if len(part.widths) < LARGE else 4
    for n in range(passes):
        both = n >= passes // 2
        down = n % 2 == 0
        for r in range(len(rows)) if down else range(len(rows) - 1, -1, -1):
            _place_row(part, rows[r], use_above=down or both, use_below=not down or both)


def _place_row(part: Part, row: list[int], use_above: bool, use_below: bool) -> None:
    wishes: list[tuple[float, float]] = []  # where each wants to be, and how much
    for node in row:
        total = weight = 0.0
        for other in (*(part.above[node] if use_above else ()), *(part.below[node] if use_below else ())):
            w = 8.0 if node >= part.real and other >= part.real else 1.0
            total += w * part.x[other]
            weight += w
        wishes.append((total / weight, weight) if weight else (part.x[node], 0.05))
    offset = 0.0
    pools: list[list[float]] = []  # mean, weight, members: of x minus the offset from the row's first
    offsets: list[float] = []
    for left, node, (wish, weight) in zip([-1, *row], row, wishes, strict=False):
        offset += _separation(part, left, node) if left >= 0 else 0.0
        offsets.append(offset)
        pools.append([wish - offset, weight, 1])
        while len(pools) > 1 and pools[-2][0] >= pools[-1][0]:
            mean, weight_of, members = pools.pop()
            last = pools[-1]
            last[0] = (last[0] * last[1] + mean * weight_of) / (last[1] + weight_of)
            last[1] += weight_of
            last[2] += members
    at = 0
    for mean, _, members in pools:
        for node in row[at : at + int(members)]:
            part.x[node] = mean + offsets[at]
            at += 1


def straighten(part: Part, rows: list[list[int]], chains: list[list[int]]) -> None:
    """Give the bends of each edge one x for as long as their neighbours in the rows leave room for it."""
    beside: dict[int, tuple[int, int]] = {}
    for row in rows:
        for i, node in enumerate(row):
            if node >= part.real:
                beside[node] = (row[i - 1] if i else -1, row[i + 1] if i + 1 < len(row) else -1)
    for chain in chains:
        run: list[int] = []
        low, high = -inf, inf
        for node in chain:
            left, right = beside[node]
            least = part.x[left] + _separation(part, left, node) if left >= 0 else -inf
            most = part.x[right] - _separation(part, node, right) if right >= 0 else inf
            if run and max(low, least) > min(high, most):
                _align(part, run, low, high)
                run, low, high = [], -inf, inf
            run.append(node)
            low, high = max(low, least), min(high, most)
        _align(part, run, low, high)


def _align(part: Part, run: list[int], low: float, high: float) -> None:
    if run and low <= high:
        x = min(max(sum(part.x[n] for n in run) / len(run), low), high)
        for node in run:
            part.x[node] = x


def _separation(part: Part, left: int, right: int) -> float:
    """How far apart the centres of two neighbours in a row are at least."""
    gap = NODE_GAP if left < part.real and right < part.real else EDGE_GAP
    return (part.widths[left] + part.widths[right]) / 2 + gap
