"""A heap over time as an SVG picture: held, in blocks and live after each event; below, what each address was used
for when the most was live."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from itertools import groupby
from typing import Final

from irpass.heap.address_map import Part, Use
from irpass.heap.statistics import Usage

_WIDTH, _LEFT, _RIGHT = 1200, 90, 20
_PLOT_WIDTH = _WIDTH - _LEFT - _RIGHT
_PLOT_TOP, _PLOT_HEIGHT = 66, 320
_MAP_TOP = _PLOT_TOP + _PLOT_HEIGHT + 84
_CELL, _MAX_ROWS = 10, 40
_ROW_CELLS = _PLOT_WIDTH // _CELL
_CURVES: Final = (("held", "#dee2e6"), ("in blocks", "#ffd8a8"), ("live", "#3b6fd4"))
_USES: dict[Use, tuple[str, str]] = {
    "live": ("#3b6fd4", "payload"),
    "overhead": ("#ffa94d", "headers, rounding, red zones"),
    "cached": ("#7950c2", "in a thread's cache"),
    "quarantined": ("#c2255c", "freed, waiting"),
    "block": ("#c5e1c5", "free in an arena"),
    "free": ("#e9ecef", "free"),
}


def draw(usages: Sequence[Usage], parts: Sequence[Part], peak: int, collections: Iterable[int], title: str) -> str:
    """SVG text. `usages` are after each event, `parts` the addresses after `peak` events; `collections` are indices of
    events."""
    cells, unit_bytes = _cells(parts)
    rows = -(-len(cells) // _ROW_CELLS)
    height = _MAP_TOP + rows * _CELL + 24
    body = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" font-family="sans-serif" '
        f'font-size="12">',
        f"<title>{_text(title)}</title>",
        f'<rect width="{_WIDTH}" height="{height}" fill="white"/>',
        f'<text x="{_LEFT}" y="26" font-size="15">{_text(title)}</text>',
        *_legend([(colour, name) for name, colour in _CURVES], 38),
        *_curves(usages, peak, collections),
        f'<text x="{_LEFT}" y="{_MAP_TOP - 34}">addresses after event {peak}: '
        f"{unit_bytes} bytes a cell, {_ROW_CELLS * unit_bytes} a row</text>",
        *_legend(list(_USES.values()), _MAP_TOP - 26),
        *_map(cells),
        "</svg>",
    ]
    return "\n".join(body) + "\n"


def _text(text: str) -> str:
    return escape("".join(c if c.isprintable() else "?" for c in text))


def _legend(entries: Sequence[tuple[str, str]], top: float) -> list[str]:
    found, x = [], float(_LEFT)
    for colour, name in entries:
        found.append(f'<rect x="{x:g}" y="{top:g}" width="12" height="12" fill="{colour}"/>')
        found.append(f'<text x="{x + 16:g}" y="{top + 10:g}">{escape(name)}</text>')
        x += 40 + 6.6 * len(name)
    return found


def _curves(usages: Sequence[Usage], peak: int, collections: Iterable[int]) -> list[str]:
    """Areas from the ground up, the largest first; of the events in one column of pixels the largest value counts."""
    ground = _PLOT_TOP + _PLOT_HEIGHT
    count = max(1, len(usages))
    highest = max((usage.held_bytes for usage in usages), default=0) or 1
    columns: list[list[int]] = [[0] * (_PLOT_WIDTH + 1) for _ in _CURVES]
    for i, usage in enumerate(usages):
        first, last = i * _PLOT_WIDTH // count, max(i * _PLOT_WIDTH // count + 1, (i + 1) * _PLOT_WIDTH // count)
        for heights, value in zip(columns, (usage.held_bytes, usage.block_bytes, usage.live_bytes), strict=True):
            for x in range(first, last):
                heights[x] = max(heights[x], value)
    found = []
    for (name, colour), heights in zip(_CURVES, columns, strict=True):
        path, x = [f"M{_LEFT} {ground}"], _LEFT
        for value, run in groupby(heights[:_PLOT_WIDTH]):
            path.append(f"V{ground - value * _PLOT_HEIGHT / highest:.1f}")
            x += sum(1 for _ in run)
            path.append(f"H{x}")
        found.append(f'<path d="{"".join(path)}V{ground}z" fill="{colour}"><title>{name}</title></path>')
    for at in collections:
        x_event = _LEFT + at * _PLOT_WIDTH / count
        found.append(f'<path d="M{x_event:.1f} {ground}v6" stroke="#c2255c"><title>collection</title></path>')
    x_peak = _LEFT + peak * _PLOT_WIDTH / count
    found.append(f'<path d="M{x_peak:.1f} {_PLOT_TOP}V{ground}" stroke="#343a40" stroke-dasharray="4 3"/>')
    found.append(f'<path d="M{_LEFT} {ground}h{_PLOT_WIDTH}" stroke="#343a40"/>')
    for value in sorted({0, highest // 2, highest}):
        y = ground - value * _PLOT_HEIGHT / highest
        found.append(f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value}</text>')
    found.append(f'<text x="{_LEFT}" y="{ground + 20}">event 0</text>')
    found.append(f'<text x="{_WIDTH - _RIGHT}" y="{ground + 20}" text-anchor="end">{len(usages)}</text>')
    return found


def _cells(parts: Sequence[Part]) -> tuple[list[Use], int]:
    """The use that most bytes of each cell have, and how many bytes a cell stands for: a power of two."""
    total = parts[-1].hi - parts[0].lo if parts else 0
    unit = 8
    while unit * _ROW_CELLS * _MAX_ROWS < total:
        unit *= 2
    shares: list[dict[Use, int]] = [{} for _ in range(-(-total // unit))]
    for lo, hi, use in parts:
        lo, hi = lo - parts[0].lo, hi - parts[0].lo
        for at in range(lo // unit, -(-hi // unit)):
            share = min(hi, (at + 1) * unit) - max(lo, at * unit)
            shares[at][use] = shares[at].get(use, 0) + share
    return [max(share, key=lambda use: share[use]) for share in shares], unit


def _map(cells: Sequence[Use]) -> list[str]:
    found = []
    for row in range(0, len(cells), _ROW_CELLS):
        x, y = _LEFT, _MAP_TOP + row // _ROW_CELLS * _CELL
        for use, run in groupby(cells[row : row + _ROW_CELLS]):
            width = sum(1 for _ in run) * _CELL
            found.append(f'<rect x="{x}" y="{y}" width="{width}" height="{_CELL - 1}" fill="{_USES[use][0]}"/>')
            x += width
    return found
