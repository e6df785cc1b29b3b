"""Each mistake in a spec has a diagnostic with its code, line and column."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from irpass.diagnostics import ParseError
from irpass.generate import GenerateError, generate_text, read_spec

WORDS = 'name = "p"\n[[base]]\nname = "words"\nelem = "i64"\nmin_log2 = 3\nmax_log2 = 9\n'
DERIVED = WORDS + '[[derived]]\nname = "v"\nbase = "words"\n'
VIEW = DERIVED + 'elem = "u8"\n'
STRING = WORDS + '[[string]]\nname = "s"\nbase = "words"\n'
WIDE = '[[type]]\nname = "wide"\nsize_bytes = 12\nalign_bytes = 4\nc = "struct wide"\n'
MIXED = '[[type]]\nname = "mixed"\nsize_bytes = 16\npointers = "some"\nc = "struct mixed"\n'
OBJECT = (
    'name = "p"\n[[base]]\nname = "sets"\nmin_log2 = 3\nmax_log2 = 9\n'
    '[base.c]\ntype = "struct set *"\nmake = "make({n})"\nclear = "clear({x})"\ncapacity = "cap({x})"\n'
    'destroy = "drop({x})"\n'
)

MISTAKES = [
    ("toml", "name = \n", 1, 8, "Invalid value"),
    ("toml", 'name = "p"\nname = "q"\n', 2, 11, "overwrite"),
    ("missing-key", WORDS.replace('name = "p"\n', ""), None, None, "'name' is missing"),
    ("bad-name", WORDS.replace('"p"', '"P-1"'), 1, 8, "prefix"),
    ("bad-name", WORDS.replace('"p"', '"func"'), 1, 8, "prefix"),
    ("unknown-key", WORDS + "min_lg2 = 1\n", 7, 1, "did you mean 'min_log2'?"),
    ("unknown-key", WORDS + "[bases]\n", 7, 2, "did you mean 'base'?"),
    ("wrong-type", 'name = "p"\nbase = 3\n', 2, 1, "array of tables"),
    ("wrong-type", WORDS.replace("min_log2 = 3", 'min_log2 = "3"'), 5, 12, "must be an integer, not a string"),
    ("wrong-type", WORDS.replace("min_log2 = 3", "min_log2 = true"), 5, 12, "must be an integer, not true or false"),
    ("out-of-range", WORDS.replace("max_log2 = 9", "max_log2 = 33"), 6, 12, "0 to 32"),
    ("bad-classes", WORDS.replace("max_log2 = 9", "max_log2 = 2"), 6, 12, "below min_log2"),
    ("bad-classes", WORDS.replace("min_log2 = 3", "min_log2 = 0"), 5, 12, "use min_log2 = 1"),
    ("unknown-type", WORDS.replace('"i64"', '"int64"'), 4, 8, "did you mean 'i64'?"),
    ("unknown-value", WORDS + 'cap = "exakt"\n', 7, 7, "did you mean 'exact'?"),
    ("unknown-value", WORDS + 'zeroing = "always"\n', 7, 11, "expected one of"),
    ("out-of-range", WORDS + "align_bytes = 24\n", 7, 15, "power of two"),
    ("bad-align", WORDS + "align_bytes = 4\n", 7, 15, "itself needs"),
    ("bad-align", WORDS + "align_bytes = 128\n", 7, 15, "use min_log2 = 4 or more"),
    ("bad-pointers", WORDS + "pointerful = true\n", 7, 14, "holds no pointers"),
    ("bad-pointers", WORDS.replace("i64", "ptr") + "pointerful = false\n", 7, 14, "holds pointers"),
    ("bad-zeroing", WORDS.replace("i64", "ptr") + 'zeroing = "none"\n', 7, 11, "keep alive"),
    ("duplicate-name", DERIVED.replace('"v"', '"words"') + 'elem = "u8"\n', 8, 8, "first on line 3"),
    ("bad-name", DERIVED.replace('"v"', '"v_2"') + 'elem = "u8"\n', 8, 8, "no name for an allocator"),
    ("bad-name", DERIVED.replace('"v"', '"stats"') + 'elem = "u8"\n', 8, 8, "for itself"),
    ("missing-key", DERIVED, 7, 3, "'elem' is missing"),
    ("unknown-base", VIEW.replace('base = "words"', 'base = "word"'), 9, 8, "did you mean 'words'?"),
    ("bad-size", DERIVED + 'elem = "wide"\n' + WIDE, 10, 8, "do not divide"),
    ("bad-pointers", DERIVED + 'elem = "ptr"\n', 10, 8, "never share blocks"),
    ("bad-pointers", DERIVED.replace("i64", "ptr") + 'elem = "u64"\n', 10, 8, "never share blocks"),
    ("bad-pointers", (DERIVED.replace("i64", "mixed") + 'elem = "ptr"\n') + MIXED, 10, 8, "in the same words"),
    ("bad-pointers", STRING.replace("i64", "ptr"), 9, 8, "a string is bytes"),
    ("bad-base", OBJECT + '[[derived]]\nname = "v"\nelem = "u8"\nbase = "sets"\n', 15, 8, "pools objects"),
    ("bad-base", VIEW + '[[derived]]\nname = "w"\nelem = "u8"\nbase = "v"\n', 14, 8, "is a view itself"),
    ("bad-base", VIEW + '[[string]]\nname = "w"\nbase = "w"\n', 13, 8, "is a view itself"),
    ("bad-name", DERIVED.replace('"v"', '"words_alloc"') + 'elem = "u8"\n', 8, 8, "calls its alloc"),
    ("bad-classes", 'name = "p"\nbase = [\n  {name = "a", elem = "i64", min_log2 = 3, max_log2 = 2}]\n', 3, 55, "is"),
    ("wrong-type", WORDS.replace("min_log2 = 3", "min_log2 = nan"), 5, 12, "must be an integer, not a number"),
    ("out-of-range", WORDS + "[cache]\nblocks = 1_000_000\n", 8, 10, "1 to 4096"),
    ("unknown-type", WORDS.replace('"i64"', '"""\ni63"""'), 4, 8, "did you mean 'i64'?"),
    ("bad-code", OBJECT.replace("make({n})", "make()"), 8, 8, "must say where {n} goes"),
    ("bad-code", OBJECT.replace("clear({x})", "clear({x}, {y})"), 9, 9, "no placeholder {y}"),
    ("bad-code", OBJECT.replace('"clear({x})"', '"clear({x})\\n*/"'), 9, 9, "one line of code"),
    ("missing-key", OBJECT.replace('destroy = "drop({x})"\n', ""), 6, 2, "'destroy' is missing"),
    ("bad-layout", WORDS + WIDE.replace("align_bytes = 4", "align_bytes = 8"), 10, 15, "no multiple"),
    ("bad-layout", WORDS + MIXED.replace("16", "20"), 10, 12, "whole words"),
    ("duplicate-name", WORDS + WIDE.replace('"wide"', '"u8"'), 8, 8, "there is a type"),
    ("wrong-type", WORDS + '[c]\ninclude = ["a.h", "b\\".h"]\n', 8, 19, "file or package names"),
    ("no-base", 'name = "p"\n', None, None, "no base"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "toml", "line", "column", "words"), MISTAKES, ids=range(len(MISTAKES)))
def test_a_mistake_is_shown_where_it_stands(code: str, toml: str, line: int, column: int, words: str) -> None:
    with pytest.raises(ParseError) as caught:
        read_spec(toml, "spec.toml")
    (found,) = caught.value.diagnostics
    assert found.code == code
    assert words in found.message + " ".join(found.notes)
    place = (found.span.line, found.span.column) if found.span is not None else (None, None)
    assert place == (line, column)
    if found.span is not None:
        assert found.excerpt == toml.split("\n")[line - 1]


@pytest.mark.parametrize("toml", [WORDS.replace("i64", "i63"), WORDS.replace('"i64"', '"i64'), WORDS + "a = \n"])
def test_lines_may_end_as_on_windows(toml: str) -> None:
    told = []
    for text in (toml, toml.replace("\n", "\r\n")):
        with pytest.raises(ParseError) as caught:
            read_spec(text)
        told.append(str(caught.value))
    assert told[0] == told[1]


def test_all_mistakes_are_reported_in_order_of_place() -> None:
    toml = WORDS.replace("i64", "i63") + 'cap = "x"\n[[derived]]\nname = "v"\nelem = "u8"\nbase = "nowhere"\n'
    with pytest.raises(ParseError) as caught:
        read_spec(toml)
    assert [d.code for d in caught.value.diagnostics] == ["unknown-type", "unknown-value", "unknown-base"]


def test_a_view_of_a_broken_base_is_not_blamed() -> None:
    with pytest.raises(ParseError) as caught:
        read_spec(DERIVED.replace("i64", "i63") + 'elem = "u8"\n')
    assert [d.code for d in caught.value.diagnostics] == ["unknown-type"]


def test_places_hold_in_inline_tables_dotted_keys_and_multi_line_strings() -> None:
    toml = 'name = "p" # {"\n"statistics" = """\ntrue"""\ncache.blocks = 0\n'
    toml += "type = [{name = \"t\", size_bytes = 0, c = 'x'}]\n"
    with pytest.raises(ParseError) as caught:
        read_spec(toml)
    spans = [d.span for d in caught.value.diagnostics if d.span is not None]
    assert [(s.line, s.column) for s in spans] == [(2, 16), (4, 16), (5, 35)]


def test_a_type_without_a_name_in_the_target_is_refused() -> None:
    spec = read_spec(WORDS.replace("i64", "wide").replace("min_log2 = 3", "min_log2 = 2") + WIDE)
    assert "struct wide" in generate_text(spec, "c")
    with pytest.raises(GenerateError, match="type 'wide' has no form in go"):
        generate_text(spec, "go")


@pytest.mark.parametrize(
    "toml", ["a=" + "[" * 5000, "a=" + "[" * 5000 + "]" * 5000, "a=" + "9" * 5000, "a" + ".a" * 5000 + "=1"]
)
def test_extreme_toml_gets_a_diagnostic(toml: str) -> None:
    with pytest.raises(ParseError):
        read_spec(toml)


@given(st.data())
def test_a_damaged_spec_never_raises_anything_but_diagnostics(data: st.DataObject) -> None:
    toml = data.draw(st.sampled_from([DERIVED + 'elem = "u8"\n', OBJECT, WORDS + WIDE, WORDS + MIXED]))
    start = data.draw(st.integers(0, len(toml)))
    end = data.draw(st.integers(start, min(len(toml), start + 12)))
    patch = data.draw(
        st.one_of(st.text(max_size=8), st.sampled_from(['""', "[[", "]]", "{}", "-1", "1.5", "1979-05-27", "[]", "\\"]))
    )
    try:
        read_spec(toml[:start] + patch + toml[end:])
    except ParseError as error:
        assert all(d.span is None or d.span.line >= 1 for d in error.diagnostics)


def test_a_file_name_cannot_end_the_comment_that_it_stands_in() -> None:
    assert "*/" not in read_spec(WORDS, "dir/a*/int x;\n.toml").source_name
