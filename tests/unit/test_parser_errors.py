"""Errors with their places and notes, all of them in one run."""

from __future__ import annotations

import pytest

from irpass.diagnostics import Diagnostic, ParseError
from irpass.text.parser import parse


def errors(text: str | bytes, memo: bool = True) -> list[Diagnostic]:
    try:
        parse(text, "t.ir", memo=memo)
    except ParseError as error:
        return list(error.diagnostics)
    return []


def places(text: str | bytes) -> list[tuple[str, int, int]]:
    """Code, line and column of every error; the same with and without the memo of shapes."""
    found = errors(text)
    assert found == errors(text, memo=False)
    return [(d.code, d.span.line, d.span.column) for d in found if d.span is not None]


def in_body(*lines: str) -> str:
    """A function that has the lines from line 4 on, indented by two."""
    head = ["type @pair = { i64, f64 }", "func @f(%n: i64, %s: []i64, %x: f64, %c: bool, %p: *@pair) {", "entry:"]
    return "\n".join([*head, *("  " + line for line in lines), "  ret", "}", ""])


# The line, its error's code, column (from 1 at the line's own start) and length, and part of what is said.
WRONG_LINES = [
    ("%y = ad %n, 1", "syntax", 6, 2, "unexpected 'ad'", "did you mean and?"),
    ("%y = makei64, 3", "syntax", 6, 7, "unexpected 'makei64'", "did you mean make?"),
    ("nop", "syntax", 1, 3, "unexpected 'nop'", "did you mean not?"),
    ("$", "syntax", 1, 1, "unexpected '$'", "expected an instruction, a label"),
    ("%y = add %n 1", "syntax", 13, 1, "unexpected '1'", "expected ','"),
    ("%y = add %n,", "syntax", 13, 1, "the line ends too early", "a value (%name)"),
    ("%y = add %n, 0x", "syntax", 14, 2, "unexpected '0x'", "an integer"),
    ("%y = add %n, 0b1", "syntax", 14, 3, "unexpected '0b1'", "a number"),
    ("%y = add %n, 1 extra", "syntax", 16, 5, "unexpected 'extra'", "the end of the line or loc"),
    ('%y = add %n, 1 loc("a":1:2', "syntax", 27, 1, "the line ends too early", "expected ')'"),
    ('%y = add %n, 1 loc("a":1.5:2)', "syntax", 24, 3, "unexpected '1.5'", "an integer"),
    ("%y = const f64, 1.", "syntax", 17, 2, "unexpected '1.'", "a number"),
    ("%y = const f64, .5", "syntax", 17, 2, "unexpected '.5'", "a number"),
    ('%y = const []u8, "abc', "syntax", 18, 1, "unexpected '\"'", "a string ends with a quote on the same line"),
    ("%y = make []i65, 3", "syntax", 13, 3, "unexpected 'i65'", "did you mean i64?"),
    ("%y = new i64, zero", "syntax", 15, 4, "unexpected 'zero'", "expected uninit"),
    ("%y = shared.alloc 8, algin 8", "syntax", 22, 5, "unexpected 'algin'", "did you mean align?"),
    ("%y = shared.alloc 8, align 8, align 16", "syntax", 1, 38, "align is given twice", ""),
    ("br_if %c, entry", "syntax", 16, 1, "the line ends too early", "expected ','"),
    ("switch %n, entry [1.5: entry]", "syntax", 19, 3, "unexpected '1.5'", "an integer or ']'"),
    ("trap 5", "syntax", 6, 1, "unexpected '5'", "expected a string"),
    ("ret \x07", "syntax", 5, 1, "unexpected character U+0007", ""),
    ("ret \r // a carriage return that ends no line", "syntax", 5, 1, "unexpected character U+000D", ""),
    ("%y = add %m, 1", "name", 10, 2, "unknown value %m", ""),
    ("%y = add %pp, 1", "name", 10, 3, "unknown value %pp", "did you mean %p?"),
    ("br entri", "name", 4, 5, "unknown block entri", "did you mean entry?"),
    ("%y = call @ff(1)", "type", 11, 3, "@ff is not declared", ""),
    ("%y = call @pair(1)", "type", 11, 5, "@pair is a type, not a function", ""),
    ("call @f(1)", "type", 1, 10, "@f takes 5 arguments, not 1", ""),
    ("%y = add 1, 2", "type", 10, 1, "no type follows", "%x = const i64, 1"),
    ("print 1", "type", 7, 1, "no type follows", "%x = const i64, 1"),
    ("%y = select %c, 1, 2", "type", 17, 1, "no type follows", "%x = const i64, 1"),
    ("%y = load %s", "type", 11, 2, "needs an index", ""),
    ("%y = load %p[1]", "type", 11, 2, "takes no index", "elem is for slices"),
    ("%y = load %p.2", "type", 11, 4, "@pair has fields 0 to 1, not 2", ""),
    ("%y = load %n", "type", 11, 2, "needs a slice with an index, or a pointer, not i64", ""),
    ("%y = make i64, 3", "type", 1, 16, "make gives slices, not i64", "for one value: new i64"),
    ("%y = store %s[0], 1", "type", 1, 2, "store gives no result", "leave out the name"),
    ("%y = call @f(%n, %s, %x, %c, %p)", "type", 1, 2, "@f returns nothing", "leave out the name"),
    ("br entry(1)", "type", 4, 5, "block entry takes 0 arguments, not 1", "block entry is at line 3"),
    ("switch %x, entry [1: entry]", "type", 8, 2, "switch is on integers, not f64", ""),
    ("ret 1", "type", 5, 1, "this function returns nothing", "give it a result"),
    ("%y = neg %y", "type", 1, 11, "the type of %y follows only from itself", ""),
    ("%y = add %n, 1.5", "literal", 14, 3, "1.5 does not fit i64", "i64 holds -9223372036854775808 to"),
    ("%y = add %n, 9223372036854775808", "literal", 14, 19, "does not fit i64", "to 9223372036854775807"),
    ("%y = add %n, 1__0", "literal", 14, 4, "underscores stand between digits", ""),
    ("%y = const i64, 1_", "literal", 17, 2, "underscores stand between digits", ""),
    ("%y = const i64, 0x_1", "literal", 17, 4, "underscores stand between digits", ""),
    ("%y = const u8, -1", "literal", 16, 2, "-1 does not fit u8", "u8 holds 0 to 255"),
    ("%y = const f64, 1e999", "literal", 17, 5, "1e999 is past the largest float", ""),
    ("%y = const f64, -1e999", "literal", 17, 6, "write -inf", ""),
    ("%y = const f32, 1e39", "literal", 17, 4, "1e39 does not fit f32", ""),
    ("%y = const i64, " + "9" * 500, "literal", 17, 500, "a number of 500 digits fits no type", ""),
    ("%y = shared.alloc 8, align 0x" + "f" * 9000, "literal", 28, 9002, "a number of 9002 digits fits no type", ""),
    ('%y = const []u8, "a\\q"', "literal", 18, 5, "unknown escape \\q", ""),
    ('%y = const []u8, "\\x4"', "literal", 18, 5, "unknown escape \\x", ""),
    ("%y = const bool, 1", "literal", 18, 1, "1 does not fit bool", ""),
    ("%y = const i64, nil", "literal", 1, 19, "nil does not fit i64", ""),
    ('%y = add %n, 1 loc("a":1:-2)', "literal", 26, 2, "lines and columns are not negative", ""),
    ("%n = add %n, 1", "redefined", 1, 2, "%n is defined twice", "each name is defined once"),
    ("entry:", "redefined", 1, 5, "block entry is defined twice", "first at line 3"),
    ("next(%n: i64):", "redefined", 6, 2, "%n is defined twice", ""),
]


@pytest.mark.parametrize(
    ("line", "code", "column", "length", "message", "note"), WRONG_LINES, ids=lambda p: str(p)[:40]
)
def test_an_error_has_its_place_and_says_what_to_do(
    line: str, code: str, column: int, length: int, message: str, note: str
) -> None:
    text = in_body(line)
    (found,) = errors(text)
    assert (found.code, found.span) == (code, (4, column + 2, length))
    assert message in found.message
    assert note in "\n".join(found.notes)
    assert found.excerpt == "  " + line
    assert found.file == "t.ir"
    assert errors(text, memo=False) == [found]


def test_the_rendered_form_has_excerpt_caret_and_note() -> None:
    (found,) = errors(in_body("%y = add %pp, 1"))
    assert found.render() == (
        "t.ir:4:12: error: unknown value %pp [name]\n      %y = add %pp, 1\n               ^^^\nnote: did you mean %p?"
    )


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("func @f() {\nentry:\n  ret\n", [("syntax", 1, 1)]),  # no end
        ("func @f() {\n}\n", [("syntax", 1, 1)]),  # no blocks
        ("func @f() {\n  ret\n}\n", [("syntax", 2, 3)]),  # no label
        ("func @f() {\nentry:\n  ret\n}\n}\n", [("syntax", 5, 1)]),
        ("ret\n%x = add %y, 1\n", [("syntax", 1, 1)]),  # what follows belongs to the same mistake
        ("func @f() {\nentry:\n  ret\nfunc @g() {\nentry:\n  ret\n}\n", [("syntax", 4, 1)]),
        ("func @f( {\nentry:\n  %a = adt 1\n  ret\n}\n", [("syntax", 1, 10), ("syntax", 3, 8)]),
        ("type @t = i64\n", [("syntax", 1, 11)]),
        ("type @t = { i64 }\nfunc @t() {\nentry:\n  ret\n}\n", [("redefined", 2, 6)]),
        ("extern func @e() pur\n", [("syntax", 1, 18)]),
        ("func @f(%a: i64, %a: i64) {\nentry:\n  ret\n}\n", [("redefined", 1, 18)]),
        ("func @f() -> {\nentry:\n  ret\n}\n", [("syntax", 1, 14)]),
        (b'func @f() {\nentry:\n  print "\xff"\n}\n', [("encoding", 3, 10)]),
        (b"\xff\xfe", [("encoding", 1, 1), ("syntax", 1, 1)]),
    ],
)
def test_errors_about_declarations(text: str | bytes, wanted: list[tuple[str, int, int]]) -> None:
    assert places(text) == wanted


def test_all_errors_of_all_functions_come_in_one_run_in_order() -> None:
    text = """type @a = { i65 }
func @f(%n: i64) -> i64 {
entry:
  %a = ad %n, 1
  %b = add %nn, 1
  %c = const u8, 256
  br nxt
next:
  %d = add %a, %b
  ret %n
}
func @g() {
entry:
  %x = call @gone()
  %y = add %x, 1
  ret 5
}
extern func @h( -> i64
func @i(%n: i64) {
entry:
  %z = call @h(%n)
  %w = make []@a, 3
  ret
}
"""
    # %a, %b, %x and %z are defined by lines with errors, @h and @a are declared by such: their uses are no new errors
    assert places(text) == [
        ("syntax", 1, 13),
        ("syntax", 4, 8),
        ("name", 5, 12),
        ("literal", 6, 18),
        ("name", 7, 6),
        ("type", 14, 13),
        ("type", 16, 7),
        ("syntax", 18, 17),
    ]


def test_an_error_in_one_line_of_a_shape_leaves_the_next_of_that_shape_readable() -> None:
    lines = [
        "%a = add %n, 1",
        "%b = add %q, 1",
        "%d = add %a, 1",
        "%e = add %r, 99999999999999999999",
        "%g = add %d, 2",
    ]
    assert places(in_body(*lines)) == [("name", 5, 12), ("name", 7, 12)]


def test_errors_beside_forward_references_are_reported_once() -> None:
    assert places(in_body("%a = neg %b", "%b = ad 1", "%d = add %e, 1", "%g = neg %h", "%h = const i64, 1")) == [
        ("syntax", 5, 8),
        ("name", 6, 12),
    ]


def test_columns_count_characters_behind_crlf_tabs_and_long_text() -> None:
    text = 'func @f() {\r\nentry:\r\n\tprint "é€", %gone // %no\r\n\tret\r\n}\r\n'
    (found,) = errors(text)
    assert found.span == (3, 14, 5)
    assert found.excerpt == '\tprint "é€", %gone // %no'


def test_a_thousand_errors_are_a_thousand_diagnostics() -> None:
    assert len(errors(in_body(*[f"%v{i} = add %gone{i}, 1" for i in range(1000)]))) == 1000
