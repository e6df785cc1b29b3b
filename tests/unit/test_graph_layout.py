"""The picture of arenas over time: what is in it, and what the command line makes of it."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import irpass as ip
from irpass.cli import cli
from irpass.graphs import arena_layouts, layout_json, layout_svg

PROGRAM = """func @main(%n: i64) -> []i64 {
entry:
  %a = make []i64, 8
  store %a[1], %n
  %x = load %a[1]
  %b = make []u8, 20
  store %b[3], 1
  %c = make []i64, 5
  store %c[0], %x
  %y = load %b[3]
  print %y
  ret %c
}
"""
RUN_TIME = """func @main(%n: i64) -> i64 {
entry:
  %a = make []i64, %n
  %x = load %a[1]
  %b = make []i32, %n
  %y = load %b[1]
  ret %x
}
"""
NONE = "func @main() {\nentry:\n  ret\n}\n"
_SVG = "{http://www.w3.org/2000/svg}"


def _folded(text: str) -> ip.Module:
    module = ip.parse(text)
    ip.optimize(module, "fold-allocs", check=True)
    return module


def test_members_lie_where_they_are_derived_from_there_to_their_last_touch() -> None:
    (arena,) = arena_layouts(_folded(PROGRAM))
    assert (arena.func, arena.blocks, arena.name, arena.size) == ("main", ("entry",), "%arena", "64")
    assert arena.drawn_size == arena.drawn_alive == 64
    found = {m.name: (m.offset, m.size, m.first, m.last, m.lives_on, m.flag) for m in arena.members}
    assert found == {
        "%a": ("0", "64 bytes", 1, 3, False, ""),
        "%b": ("0", "20 bytes", 4, 8, False, "zero"),
        "%c": ("24", "40 bytes", 6, 10, True, "zero"),
    }
    assert [c.partition(" = ")[0] for c in arena.columns][:3] == ["%arena", "%a", "store %a[1], %n"]


def test_no_two_members_are_drawn_over_one_another() -> None:
    for text in (PROGRAM, RUN_TIME):
        (arena,) = arena_layouts(_folded(text))
        for i, a in enumerate(arena.members):
            assert a.drawn_offset + a.drawn_size <= arena.drawn_size
            for b in arena.members[:i]:
                apart = (
                    a.drawn_offset >= b.drawn_offset + b.drawn_size or b.drawn_offset >= a.drawn_offset + a.drawn_size
                )
                assert apart or a.first > b.last or b.first > a.last


def test_sizes_of_the_run_are_drawn_as_if_lengths_were_eight() -> None:
    (arena,) = arena_layouts(_folded(RUN_TIME))
    assert not arena.is_known and arena.size == "%extent"
    assert [(m.size, m.drawn_size) for m in arena.members] == [("8 bytes x %n", 64), ("4 bytes x %n", 32)]


def test_json_has_all_that_is_drawn() -> None:
    layouts = arena_layouts(_folded(PROGRAM))
    (arena,) = json.loads(layout_json(layouts))
    assert [m["name"] for m in arena["members"]] == [m.name for m in layouts[0].members]


def test_svg_has_a_rectangle_for_each_member_and_marks_the_cleared() -> None:
    text = layout_svg(arena_layouts(_folded(PROGRAM)))
    root = ET.fromstring(text)
    stories = [t.text for t in root.iter(f"{_SVG}title") if t.text and ":" in t.text and t.text.startswith("%")]
    assert stories == [
        "%a: []i64, 64 bytes at 0; then dead",
        "%b: []u8, 20 bytes at 0, cleared first; then dead",
        "%c: []i64, 40 bytes at 24, cleared first; lives on",
    ]
    assert sum(r.get("fill") == "url(#zero)" for r in root.iter(f"{_SVG}rect")) == 2


def test_svg_of_many_members_shows_the_first() -> None:
    sites = "".join(f"  %s{i} = make []u8, 1\n  store %s{i}[0], 1\n" for i in range(300))
    text = f"func @main() {{\nentry:\n{sites}" + "".join(f"  print %s{i}\n" for i in range(300)) + "  ret\n}\n"
    layouts = arena_layouts(_folded(text))
    root = ET.fromstring(layout_svg(layouts, 20))
    assert len([t for t in root.iter(f"{_SVG}title") if t.text and t.text.startswith("%s")]) == 20
    assert "300 members (the first 20 of them)" in "".join(root.itertext())
    assert float(root.get("width", "0")) < 1400


def _run(*args: str) -> Result:
    return CliRunner().invoke(cli, ["graph", *args])


def test_the_command_folds_what_has_no_arena_and_takes_others_as_they_are(tmp_path: Path) -> None:
    plain, folded = tmp_path / "plain.ir", tmp_path / "folded.ir"
    plain.write_text(PROGRAM)
    folded.write_text(ip.print_module(_folded(PROGRAM)))
    first, second = (_run(str(p), "--kind", "layout", "--format", "json") for p in (plain, folded))
    assert first.exit_code == second.exit_code == 0
    without_lines = [[{**m, "line": 0} for m in json.loads(r.output)[0]["members"]] for r in (first, second)]
    assert without_lines[0] == without_lines[1]
    assert _run(str(plain), "--kind", "layout").output.startswith("<svg")
    assert _run(str(plain), "--kind", "layout", "--func", "@main", "--block", "entry").output.startswith("<svg")


def test_a_program_without_arenas_gives_a_picture_that_says_so(tmp_path: Path) -> None:
    path = tmp_path / "none.ir"
    path.write_text(NONE)
    assert "There is no arena here" in _run(str(path), "--kind", "layout").output
    assert json.loads(_run(str(path), "--kind", "layout", "--format", "json").output) == []


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--format", "dot"], "--kind layout is drawn as svg or written as json, not as dot"),
        (["--block", "entry"], "--block needs --func for --kind layout"),
        (["--func", "@other"], "no function @other"),
    ],
)
def test_what_does_not_go_together_is_a_usage_error(args: list[str], message: str, tmp_path: Path) -> None:
    path = tmp_path / "p.ir"
    path.write_text(PROGRAM)
    result = _run(str(path), "--kind", "layout", *args)
    assert isinstance(result.exception, ip.UsageError) or result.exit_code == 2
    assert message in (result.output + str(result.exception))
