"""Arenas drawn over time: whose bytes are which, while the instructions of a block run.

    layouts = arena_layouts(module)
    Path("arenas.svg").write_text(layout_svg(layouts))

Instructions go to the right, bytes up. A size that only the running program knows is drawn as if each such number of
elements were 8: what lies in whose bytes shows, not how many bytes there are.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from irpass.analysis.cfg import cfg
from irpass.analysis.lives import Lives
from irpass.analysis.loops import loops
from irpass.analysis.points_to import PointsTo
from irpass.graphs.scene import FONT_SIZE, text_width
from irpass.graphs.svg import STYLE, escaped
from irpass.ir import ops
from irpass.ir.constants import integer
from irpass.ir.core import Block, Func, Instr, Literal, Module, Operand, Value
from irpass.ir.layout import Layouts
from irpass.ir.types import I64, PointerType, SliceType
from irpass.text.printer import instr_text

_MAX_TEXT = 48  # characters of an instruction
_DRAWN_ELEMS = 8  # of sizes that only the running program knows


@dataclass(frozen=True, slots=True)
class MemberLayout:
    """A member: its bytes, as text and as they are drawn, and the columns from its `derive` to its last touch.

    `lives_on` says that it may be touched behind the last column; `flag` is the word of the derive: `zero`, `uninit`.
    """

    name: str
    type: str
    offset: str
    size: str
    drawn_offset: int
    drawn_size: int
    first: int
    last: int
    lives_on: bool
    flag: str
    line: int


@dataclass(frozen=True, slots=True)
class ArenaLayout:
    """An arena with its members; `columns` are the instructions that it is drawn over, `drawn_alive` the most bytes of
    members that are alive at one of them."""

    func: str
    blocks: tuple[str, ...]
    name: str
    size: str
    options: str
    drawn_size: int
    drawn_alive: int
    is_known: bool
    columns: tuple[str, ...]
    members: tuple[MemberLayout, ...]


def arena_layouts(module: Module, funcs: Iterable[Func] | None = None, block: Block | None = None) -> list[ArenaLayout]:
    """The arenas of some functions (of all, unless told), in order; with `block`, those that are requested in it.

    Members are those that are derived in the blocks where the arena is known to be.
    """
    points_to, layouts, found = PointsTo(module), Layouts(module), []
    for func in module.funcs if funcs is None else funcs:
        arenas = [i for i in func.instrs() if i.op is ops.SHARED_ALLOC and (block is None or i.block is block)]
        if arenas:
            graph = cfg(func)
            lives = Lives(func, points_to, graph, loops(func, graph))
            order = {instr: place for place, instr in enumerate(func.instrs())}
            found += [_arena(a, order, lives, layouts) for a in arenas]
    return found


def _arena(arena: Instr, order: dict[Instr, int], lives: Lives, layouts: Layouts) -> ArenaLayout:
    assert arena.result is not None and arena.block is not None
    derives = sorted((u for u in arena.result.uses if u.op is ops.DERIVE), key=order.__getitem__)
    blocks = [b for b in dict.fromkeys([arena.block, *(d.block for d in derives)]) if b is not None]
    columns = [instr for block in blocks for instr in block.instrs]
    last = lives.last_positions(blocks)
    begin = columns.index(arena)
    at = {instr: place - begin for place, instr in enumerate(columns)}
    end = len(columns) - begin
    members = tuple(_member(d, at[d], last[d] - begin if d in last else None, end, layouts) for d in derives)
    spec = instr_text(arena).partition(" = ")[2].partition(", ")[2]
    total = arena.operands[0]
    return ArenaLayout(
        arena.block.func.name, tuple(b.name for b in blocks), f"%{arena.result.name}", _bytes_text(total), spec,
        _drawn(total, layouts), _most_alive(members, end), isinstance(total, Literal),
        tuple(_short(instr_text(i)) for i in columns[begin:]), members,
    )  # fmt: skip


def _short(text: str) -> str:
    return text if len(text) <= _MAX_TEXT else text[: _MAX_TEXT - 1] + "…"


def _member(derive: Instr, first: int, last: int | None, end: int, layouts: Layouts) -> MemberLayout:
    assert isinstance(derive.type, SliceType | PointerType)
    offset, cap = derive.operands[1], derive.operands[-1] if len(derive.operands) > 2 else Literal(I64, 1)
    elem_bytes = layouts.of(derive.type.elem).size_bytes
    count = integer(cap)
    size = f"{count * elem_bytes} bytes" if count is not None else f"{elem_bytes} bytes x {_name(cap)}"
    name = f"%{derive.result.name}" if derive.result is not None else f"line {derive.line}"
    drawn = (_DRAWN_ELEMS if count is None else max(0, count)) * elem_bytes
    return MemberLayout(
        name, str(derive.type), _bytes_text(offset), size, _drawn(offset, layouts), drawn,
        first, last if last is not None else end - 1, last is None, derive.flag or "", derive.line,
    )  # fmt: skip


def _most_alive(members: Sequence[MemberLayout], end: int) -> int:
    change = [0] * (end + 1)
    for m in members:
        change[m.first] += m.drawn_size
        change[m.last + 1] -= m.drawn_size
    most = alive = 0
    for c in change:
        alive += c
        most = max(most, alive)
    return most


# ---- sizes


def _name(operand: Operand) -> str:
    return f"%{operand.name}" if isinstance(operand, Value) else str(integer(operand))


def _bytes_text(operand: Operand) -> str:
    known = integer(operand)
    return str(known) if known is not None else _name(operand)


def _drawn(operand: Operand, layouts: Layouts) -> int:
    """What a sum of literals and extents is, where each unknown number of elements is as many as are drawn."""
    total, work = 0, [operand]
    while work:
        part = work.pop()
        known = integer(part)
        made_by = part.definition if isinstance(part, Value) else None
        if known is not None:
            total += known
        elif made_by is not None and made_by.op is ops.ADD:
            work += made_by.operands
        elif made_by is not None and made_by.op is ops.EXTENT and made_by.type is not None:
            count = integer(made_by.operands[0])
            total += layouts.of(made_by.type).size_bytes * (_DRAWN_ELEMS if count is None else max(0, count))
        else:
            total += _DRAWN_ELEMS
    return total


# ---- writing


def layout_json(layouts: Sequence[ArenaLayout]) -> str:
    """The arenas as one JSON list."""
    return json.dumps([asdict(a) for a in layouts], indent=2, ensure_ascii=False) + "\n"


_MARGIN, _AXIS, _HEAD = 28.0, 76.0, 58.0
_MAX_LABELLED = 80  # columns whose instructions are written out
_WIDTH, _COLUMN, _HEIGHT = 1080.0, 26.0, 300.0
_FILLS = ("#8ecae6", "#ffd166", "#a7c957", "#f4a261", "#cdb4db", "#90be6d", "#e5989b", "#84a59d", "#bde0fe", "#e9c46a")
_LEGEND = "hatched at its left: cleared by its derive; dashed: unwritten; arrow: lives on; grey: nobody's at that time"


def layout_svg(layouts: Sequence[ArenaLayout], max_members: int = 0) -> str:
    """The arenas below one another as an SVG document; of each the first `max_members` members (0: all of them)."""
    panels, y, width = [], _MARGIN, text_width(_LEGEND) + 2 * _MARGIN
    for layout in layouts:
        drawn, panel_width, height = _panel(layout, max_members)
        panels.append(f'<g transform="translate(0 {y:.1f})">\n{drawn}\n</g>')
        y += height + _MARGIN
        width = max(width, panel_width)
    words = _LEGEND if layouts else "There is no arena here: nothing was folded."
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{y + 24:.0f}" '
            f'viewBox="0 0 {width:.0f} {y + 24:.0f}" role="img">',
            "<title>Arenas: whose bytes are which, and when</title>",
            f"<style>{STYLE}</style>",
            '<defs><pattern id="zero" width="6" height="6" patternUnits="userSpaceOnUse" '
            'patternTransform="rotate(45)"><rect width="3" height="6" fill="#343a40"/></pattern></defs>',
            '<rect width="100%" height="100%" fill="#ffffff"/>',
            *panels,
            f'<text class="faint" x="{_MARGIN}" y="{y + 6:.1f}">{escaped(words)}</text>',
            "</svg>",
            "",
        ]
    )


def _panel(layout: ArenaLayout, max_members: int) -> tuple[str, float, float]:
    """One arena; its width and height."""
    count = len(layout.columns)
    is_labelled = count <= _MAX_LABELLED
    across = max(_COLUMN, min(60.0, _WIDTH / count)) if is_labelled else _WIDTH / count
    up = _HEIGHT / max(1, layout.drawn_size)
    labels = max(map(text_width, layout.columns)) * 0.72 + 12 if is_labelled else 18.0
    ground, right = _HEAD + _HEIGHT, _AXIS + _MARGIN + count * across
    shown = layout.members[:max_members] if max_members else layout.members
    left_out = len(layout.members) - len(shown)
    where = f"@{layout.func}, block{'s' if len(layout.blocks) > 1 else ''} {', '.join(layout.blocks)}"
    note = f" (the first {len(shown):,} of them)" if left_out else ""
    drawn = "" if layout.is_known else f"; drawn as if unknown lengths were {_DRAWN_ELEMS}"
    alive = f", {layout.drawn_alive} at most alive at once" if layout.is_known else ""
    facts = f"{layout.size} bytes{alive}; {len(layout.members):,} members{note}; {layout.options}{drawn}"
    x0 = _AXIS + _MARGIN
    body = [
        f'<text class="title" x="{_MARGIN}" y="6">{escaped(f"{layout.name} in {where}")}</text>',
        f'<text class="faint" x="{_MARGIN}" y="26">{escaped(facts)}</text>',
        f'<rect x="{x0:.1f}" y="{_HEAD:.1f}" width="{count * across:.1f}" height="{_HEIGHT:.1f}" fill="#e9ecef"/>',
    ]
    ticks = sorted({0, layout.drawn_size, *(m.drawn_offset for m in shown)}) if len(shown) <= 24 else []
    free_from = ground + 20.0
    for offset in ticks or [0, layout.drawn_size]:
        y = ground - offset * up
        if y < free_from - 13:  # no label covers the one below
            text = str(offset) if layout.is_known else ("0" if offset == 0 else "")
            body.append(f'<text class="small" x="{x0 - 6:.1f}" y="{y + 4:.1f}" text-anchor="end">{text}</text>')
            free_from = y
    for k, m in enumerate(shown):
        body += _member_box(m, _FILLS[k % len(_FILLS)], x0, ground, across, up)
    for k, text in enumerate(layout.columns if is_labelled else ()):
        x = x0 + (k + 0.5) * across
        body.append(
            f'<text class="small" transform="translate({x:.1f} {ground + 12:.1f}) rotate(48)">{escaped(text)}</text>'
        )
    if not is_labelled:
        body.append(f'<text class="faint" x="{x0:.1f}" y="{ground + 14:.1f}">{count:,} instructions</text>')
    tail = max((text_width(layout.columns[-1]) * 0.72 if is_labelled else 0.0), text_width(facts) - right, 0.0)
    return "\n".join(body), right + tail + _MARGIN, _HEAD + _HEIGHT + labels


def _member_box(m: MemberLayout, fill: str, x0: float, ground: float, across: float, up: float) -> list[str]:
    x, y = x0 + m.first * across, ground - (m.drawn_offset + m.drawn_size) * up
    width, height = (m.last + 1 - m.first) * across, m.drawn_size * up
    dashes = ' stroke-dasharray="5 3"' if m.flag == "uninit" else ""
    end = "lives on" if m.lives_on else "then dead"
    word = {"zero": ", cleared first", "uninit": ", unwritten"}.get(m.flag, "")
    story = f"{m.name}: {m.type}, {m.size} at {m.offset}{word}; {end}"
    body = [
        f'<g><title>{escaped(story)}</title><rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" '
        f'fill="{fill}" stroke="#343a40" stroke-width="0.8"{dashes}/>'
    ]
    if m.flag == "zero":
        body.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="7" height="{height:.1f}" fill="url(#zero)"/>')
    if m.lives_on and height >= 8:
        tip = x + width
        middle = y + height / 2
        body.append(f'<path d="M{tip - 9:.1f} {middle - 5:.1f} l8 5 l-8 5 z" fill="#343a40"/>')
    for text, room in ((f"{m.name} {m.size}", width - 22), (m.name, width - 10)):
        if height >= FONT_SIZE and text_width(text) <= room:
            body.append(f'<text x="{x + 11:.1f}" y="{y + height / 2 + 4:.1f}">{escaped(text)}</text>')
            break
    body[-1] += "</g>"
    return body
