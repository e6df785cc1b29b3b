"""A layout as an SVG picture: time to the right, offsets up, what lies between the rectangles is waste."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

from irpass.packing.model import Buffer, Packing

_WIDTH, _HEIGHT = 1200.0, 720.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 90.0, 20.0, 40.0, 40.0
_FILLS = ("#8ecae6", "#ffd166", "#a7c957", "#f4a261", "#cdb4db", "#90be6d", "#e5989b", "#84a59d", "#bde0fe", "#e9c46a")
_MIN_STROKE_SIDE = 3.0  # pixels; a thinner rectangle is all border, so it gets none
_MIN_LABEL_WIDTH, _MIN_LABEL_HEIGHT = 26.0, 9.0


def draw(buffers: Sequence[Buffer], packing: Packing, ids: Sequence[str], title: str) -> str:
    """SVG text with a rectangle for each buffer over (time, offset), lines for the bound and the capacity, and the
    waste hatched.

    Each rectangle carries its numbers as a tooltip; ids are written where they fit.
    """
    shown = [i for i, b in enumerate(buffers) if b.size > 0 and b.first < b.last]
    begin = min((buffers[i].first for i in shown), default=0)
    end = max((buffers[i].last for i in shown), default=1)
    height = max(packing.peak, packing.capacity or 0, 1)
    across = (_WIDTH - _LEFT - _RIGHT) / max(1, end - begin)
    up = (_HEIGHT - _TOP - _BOTTOM) / height

    def x(time: int) -> float:
        return _LEFT + (time - begin) * across

    def y(offset: int) -> float:
        return _HEIGHT - _BOTTOM - offset * up

    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH:g} {_HEIGHT:g}" '
        f'font-family="sans-serif" font-size="12">',
        '<defs><pattern id="waste" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        '<rect width="6" height="6" fill="#f1f1f1"/><rect width="2" height="6" fill="#d9d9d9"/></pattern></defs>',
        f'<rect width="{_WIDTH:g}" height="{_HEIGHT:g}" fill="white"/>',
        f'<text x="{_LEFT:g}" y="24" font-size="14">{escape(title)}</text>',
        f'<rect x="{x(begin):.2f}" y="{y(packing.peak):.2f}" width="{(end - begin) * across:.2f}" '
        f'height="{packing.peak * up:.2f}" fill="url(#waste)"/>',
    ]
    for k, i in enumerate(shown):
        lines += _rectangle(buffers[i], packing.offsets[i], ids[i], _FILLS[k % len(_FILLS)], x, y)
    marks = [(packing.peak, "peak", "#333333"), (packing.lower_bound, "bound", "#1d6f42")]
    if packing.capacity is not None:
        marks.append((packing.capacity, "capacity", "#b00020"))
    last = 0.0
    for offset, name, colour in sorted(marks, key=lambda mark: -mark[0]):
        place = y(offset)
        lines.append(
            f'<line x1="{_LEFT:g}" x2="{_WIDTH - _RIGHT:g}" y1="{place:.2f}" y2="{place:.2f}" stroke="{colour}" '
            f'stroke-dasharray="5 3"/>'
        )
        last = max(place + 4, last + 24)  # labels of lines that are near do not cover each other
        side = f'x="{_LEFT - 6:g}" text-anchor="end" fill="{colour}"'
        lines.append(f'<text {side} y="{last:.2f}">{name}</text>')
        lines.append(f'<text {side} y="{last + 11:.2f}" font-size="10">{offset}</text>')
    ground = _HEIGHT - _BOTTOM
    lines.append(f'<line x1="{_LEFT:g}" x2="{_WIDTH - _RIGHT:g}" y1="{ground:g}" y2="{ground:g}" stroke="#333333"/>')
    lines.append(f'<text x="{_LEFT:g}" y="{ground + 18:g}">time {begin}</text>')
    lines.append(f'<text x="{_WIDTH - _RIGHT:g}" y="{ground + 18:g}" text-anchor="end">{end}</text>')
    return "\n".join([*lines, "</svg>", ""])


def _rectangle(
    buffer: Buffer, offset: int, name: str, fill: str, x: Callable[[int], float], y: Callable[[int], float]
) -> list[str]:
    left, top = x(buffer.first), y(offset + buffer.size)
    width, height = x(buffer.last) - left, y(offset) - top
    stroke = ' stroke="#444444" stroke-width="0.6"' if min(width, height) >= _MIN_STROKE_SIDE else ""
    tip = f"{name}: {buffer.size} bytes at {offset}, alive [{buffer.first}, {buffer.last})"
    lines = [
        f'<rect x="{left:.2f}" y="{top:.2f}" width="{width:.2f}" height="{height:.2f}" fill="{fill}"{stroke}>'
        f"<title>{escape(tip)}</title></rect>"
    ]
    if width >= max(_MIN_LABEL_WIDTH, 6.0 * len(name)) and height >= _MIN_LABEL_HEIGHT:
        size = min(12.0, height - 1)
        middle = top + height / 2 + size * 0.35
        lines.append(
            f'<text x="{left + width / 2:.2f}" y="{middle:.2f}" font-size="{size:.1f}" text-anchor="middle" '
            f'pointer-events="none">{escape(name)}</text>'
        )
    return lines
