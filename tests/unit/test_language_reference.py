"""The language reference says what the program does: its examples run, its tables are the program's own.

Its fences: `ir` parses and verifies and is canonical; `ir run ARGS` does too, and the `text` behind it is what comes
out; `ir error` does not, and the `text` behind it is what is said.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from irpass.diagnostics import IrpassError
from irpass.interp.machine import run
from irpass.ir import ops
from irpass.ir.layout import Layouts
from irpass.ir.types import SCALARS, StructType, parse_type
from irpass.text.format import format_module
from irpass.text.parser import parse
from irpass.verifier import ATTRIBUTES, __doc__ as rules, check, verify

_REFERENCE = Path(__file__).resolve().parents[2] / "grammar" / "README.md"
_TEXT = _REFERENCE.read_text(encoding="utf-8")
_PROSE = re.sub(r"^```.*?^```$", "", _TEXT, flags=re.MULTILINE | re.DOTALL)


class Fence(NamedTuple):
    kind: str
    body: str
    answer: str  # the fence behind it, where that is `text`


def _fences() -> list[Fence]:
    found = re.findall(r"^```([^\n]*)\n(.*?)^```$", _TEXT, flags=re.MULTILINE | re.DOTALL)
    behind = [*found[1:], ("", "")]
    return [Fence(kind, body, b if k == "text" else "") for (kind, body), (k, b) in zip(found, behind, strict=True)]


def _word(fence: Fence) -> str:
    """The kind of a fence without the arguments of its run."""
    return fence.kind.rstrip("-0123456789 ")


def _examples(word: str) -> list[object]:
    return [pytest.param(f, id=f"{word}-{i}") for i, f in enumerate(_fences()) if _word(f) == word]


def _rows(heading: str) -> list[list[str]]:
    """The rows of the tables under a heading, without their heads; cells without blanks around them."""
    section = _PROSE.split(f"\n{heading}\n", 1)[1]
    section = re.split(r"^#{1,6} ", section, maxsplit=1, flags=re.MULTILINE)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    rows = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    heads = [i for i, row in enumerate(rows) if set("".join(row)) == {"-"}]
    return [row for i, row in enumerate(rows) if i not in heads and i + 1 not in heads]


def test_every_fence_is_of_a_kind_that_is_tested() -> None:
    assert {_word(f) for f in _fences()} <= {"ir", "ir run", "ir error", "text"}
    assert all(f.answer for f in _fences() if f.kind.startswith(("ir run", "ir error")))


@pytest.mark.parametrize("fence", [*_examples("ir run"), *_examples("ir")])
def test_an_example_parses_verifies_and_is_canonical(fence: Fence) -> None:
    module = parse(fence.body)
    assert verify(module) == []
    assert format_module(module) == fence.body


@pytest.mark.parametrize("fence", _examples("ir run"))
def test_an_example_that_runs_shows_what_comes_out(fence: Fence) -> None:
    outcome = run(parse(fence.body), "main", [int(word) for word in fence.kind.split()[2:]])
    lines = list(outcome.printed)
    if outcome.trap is None:
        lines.append(f"returns {outcome.returned!r}")
    else:
        t = outcome.trap
        lines.append(f"traps: {t.kind} in @{t.func}, block {t.block}, line {t.line}, {t.loc}")
    assert "\n".join(lines) + "\n" == fence.answer


@pytest.mark.parametrize("fence", _examples("ir error"))
def test_an_example_with_errors_shows_what_is_said(fence: Fence) -> None:
    with pytest.raises(IrpassError) as caught:
        check(parse(fence.body, "prog.ir"))
    assert str(caught.value) + "\n" == fence.answer


# ---- tables


_EFFECTS = {
    "reads": ops.Effects.READS, "writes": ops.Effects.WRITES, "allocates": ops.Effects.ALLOCATES,
    "frees": ops.Effects.FREES, "prints": ops.Effects.PRINTS, "calls": ops.Effects.CALLS,
    "ends": ops.Effects.ENDS_BLOCK,
}  # fmt: skip
_HEADINGS = (
    "### Constants", "### Arithmetic", "### Allocation", "### Slices", "### Memory", "### Release",
    "### Calls and output", "### Terminators", "### Folded",
)  # fmt: skip
_INSTRUCTIONS = [row for heading in _HEADINGS for row in _rows(heading)]


def test_the_tables_have_every_instruction_once() -> None:
    assert sorted(row[0].strip("`").split()[0] for row in _INSTRUCTIONS) == sorted(op.name for op in ops.ALL)


@pytest.mark.parametrize("row", [pytest.param(row, id=row[0].strip("`").split()[0]) for row in _INSTRUCTIONS])
def test_a_row_has_the_traps_and_effects_of_its_instruction(row: list[str]) -> None:
    op = ops.BY_NAME[row[0].strip("`").split()[0]]
    assert tuple(filter(None, row[3].split(", "))) == op.traps
    effects = ops.Effects.NONE
    for word in filter(None, row[4].split(", ")):
        effects |= _EFFECTS[word]
    assert effects is op.effects


def test_just_what_has_no_effects_and_traps_may_be_hoisted() -> None:
    assert [op for op in ops.ALL if op.hoistable] == [op for op in ops.ALL if op.is_pure and not op.traps]


def test_the_table_of_traps_has_every_word_and_where_it_may_come() -> None:
    anywhere = {ops.STEP_LIMIT, "trap `message`"}
    rows = {row[0].strip("`"): row[1] for row in _rows("## Traps")}
    words = {word for op in ops.ALL for word in op.traps}
    assert set(rows) == words | {ops.STEP_LIMIT, "the message"}
    for word in words - anywhere:
        named = set(re.findall(r"`([a-z._]+)`", rows[word]))
        may = {op.name for op in ops.ALL if word in op.traps}
        assert may == named or not named, word


def test_the_table_of_types_has_every_type_with_its_size_and_alignment() -> None:
    rows = _rows("## Types and layout")
    named = [name for row in rows for name in re.findall(r"`([^`]+)`", row[0])]
    assert set(named) == {*SCALARS, "[]T", "*T", "@name", "arena"}
    layouts = Layouts(parse(""))
    for row in rows:
        names = [n.replace("T", "u8") for n in re.findall(r"`([^`]+)`", row[0]) if n not in ("@name", "arena")]
        found = [layouts.of(parse_type(n)) for n in names]
        for number, layout in enumerate(found):
            sizes = row[2].split(", ")
            assert int(sizes[number % len(sizes)]) == layout.size_bytes
            assert (layout.size_bytes if row[3] == "its size" else int(row[3])) == layout.align_bytes
            assert ("noscan" not in row[4]) == layout.is_scan


def test_the_layout_that_is_told_of_the_example_is_right() -> None:
    module = parse(next(f.body for f in _fences() if "type @tree" in f.body))
    layouts = Layouts(module)
    pair, tree = layouts.of(StructType("pair")), layouts.of(StructType("tree"))
    told = re.search(
        r"`@pair` has size (\d+) and alignment (\d+), and `@tree` has size (\d+): .* at ([\d, and]+)\.", _TEXT
    )
    assert told is not None
    assert [int(told[1]), int(told[2]), int(told[3])] == [pair.size_bytes, pair.align_bytes, tree.size_bytes]
    assert tuple(map(int, re.findall(r"\d+", told[4]))) == tree.offsets_bytes


def test_the_codes_of_the_verifier_are_all_there() -> None:
    told = set(re.findall(r"^\| `(V\d\d)` \|", _TEXT, flags=re.MULTILINE))
    assert told == set(re.findall(r"^  (V\d\d)  ", rules or "", flags=re.MULTILINE))


def test_the_codes_of_the_parser_are_all_there() -> None:
    source = "".join(p.read_text(encoding="utf-8") for p in (_REFERENCE.parents[1] / "irpass/text").glob("*.py"))
    used = set(re.findall(r'\.(?:add|_report)\(\s*(?:raw, )?"([a-z]+)"', source))
    assert used == {row[0].strip("`") for row in _rows("## When a text is wrong") if not row[0].startswith("`V")}


def test_the_attributes_are_all_there() -> None:
    rows = _rows("## Modules, functions, blocks")
    assert {r[0].strip("`") for r in rows if len(r) == 2 and " " not in r[0]} == set(ATTRIBUTES)


def test_the_glossary_is_in_order_and_has_every_word_in_italics() -> None:
    words = [row[0] for row in _rows("## Glossary")]
    assert words == sorted(words)
    body, _, glossary = _PROSE.partition("## Glossary")
    italics = set(re.findall(r"(?<![*\w`])\*([a-z][a-z ]+)\*(?![*\w])", re.sub(r"`[^`]*`", "", body)))
    explained_there = {
        "glossary",
        "italics",
        "reads",
        "writes",
        "allocates",
        "frees",
        "prints",
        "calls",
        "ends",
        "hoisted",
    }
    assert italics - set(words) - {w + "s" for w in words} <= explained_there
    assert re.findall(r"see \*([a-z ]+)\*", glossary)
    assert set(re.findall(r"see \*([a-z ]+)\*", glossary)) <= set(words)


def test_every_link_within_the_page_has_its_heading() -> None:
    headings = {
        re.sub(r"[^\w\- ]", "", h).strip().lower().replace(" ", "-")
        for h in re.findall(r"^#+ (.*)$", _PROSE, flags=re.MULTILINE)
    }
    assert set(re.findall(r"\]\(#([^)]+)\)", _TEXT)) <= headings
