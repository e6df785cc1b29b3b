"""What is read of values, labels, literals and declarations; and what reads the same however it is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from irpass.ir.core import Literal, Value
from irpass.ir.types import I64, PointerType, SliceType, StructType
from irpass.text.parser import parse
from irpass.text.printer import print_module
from tests.parts import func_of

ROOT = Path(__file__).parents[2]
SOURCES = sorted(
    [
        *ROOT.joinpath("samples").glob("*.ir"),
        *ROOT.joinpath("tests/golden").glob("**/*.ir"),
        *ROOT.joinpath("tests/run").glob("**/*.ir"),
    ]
)


def test_a_name_may_be_used_above_its_definition() -> None:
    text = """func @f(%c: bool) -> f32 {
entry:
  br first
second:
  %t = add %s, 1.0
  %u = mul %t, %t
  ret %u
first:
  %s = load %p
  %self = add %self, %s
  br second
zero:
  %p = elem %q, 0
  %q = append %r, 1.5
  %r = make []f32, 3
  br first
}
"""
    func = func_of(parse(text))
    types = {i.result.name: str(i.result.type) for i in func.instrs() if i.result is not None}
    assert types == {"t": "f32", "u": "f32", "s": "f32", "self": "f32", "p": "*f32", "q": "[]f32", "r": "[]f32"}
    assert print_module(parse(text)) == text
    owners = [i.result.owner is i for i in func.instrs() if i.result is not None]
    assert all(owners)


def test_uses_above_the_definition_are_counted_once() -> None:
    func = func_of(parse("func @f() {\nentry:\n  %a = neg %b\n  %c = mul %b, %b\n  %b = const i64, 1\n  ret\n}\n"))
    a, c, b, _ = func.entry.instrs
    assert b.result is not None
    assert b.result.uses == {a: 1, c: 2}


@pytest.mark.parametrize(
    "label",
    ["add", "br", "br_if", "switch", "ret", "loc", "true", "nil", "inf", "nan", "type", "func", "i64", "make.x", "_"],
)
def test_labels_may_be_named_like_words_of_the_language(label: str) -> None:
    text = (
        f"func @f(%n: i64) {{\nentry:\n  br {label}(%n)\n{label}(%i: i64):\n  br_if true, {label}(1), {label}(2)\n}}\n"
    )
    plain = f"func @f() {{\nentry:\n  br {label}\n{label}:\n  br {label}\n}}\n"
    for each in (text, plain):
        assert print_module(parse(each)) == print_module(parse(each, memo=False)) == each


@pytest.mark.parametrize("name", ["add", "0", "00", "x$1", "$", "_", "true", "e5", "1e5", "0x1F", "loc", "i64"])
def test_values_may_have_any_name(name: str) -> None:
    text = f"func @f(%{name}: i64) {{\nentry:\n  %{name}$b = add %{name}, 5\n  print %{name}\n  ret\n}}\n"
    assert print_module(parse(text)) == print_module(parse(text, memo=False)) == text


def test_types_of_any_depth() -> None:
    deep = "[]*" * 5000 + "[]@pair"
    module = parse(f"type @pair = {{ i64 }}\n\nfunc @f(%x: {deep}) {{\nentry:\n  %y = make []{deep}, 1\n  ret\n}}\n")
    func = func_of(module)
    assert str(func.params[0].type) == deep
    made = func.entry.instrs[0].result
    assert made is not None
    assert made.type is SliceType(func.params[0].type)


def test_comments_blank_lines_and_line_ends_do_not_matter() -> None:
    text = 'func @f(%n: i64) -> i64 {\nentry:\n  print "a // b", %n\n  %x = add %n, 1\n  ret %x\n}\n'
    wanted = print_module(parse(text))
    variants = [
        text.replace("\n", "\r\n"),
        text.replace("\n", ' \t// a "comment" // twice\n'),
        text.replace("\n", "\n\n   \t\n// %x = add\n"),
        text.replace("  ", "\t \t"),
        text.rstrip("\n"),
        text.replace(", ", ",").replace(" = ", "="),
    ]
    for variant in variants:
        assert print_module(parse(variant)) == wanted
        assert print_module(parse(variant, memo=False)) == wanted
        assert print_module(parse(variant.encode())) == wanted


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ('""', b""),
        (r'"\n\t\"\\\x00\xfF"', b'\n\t"\\\x00\xff'),
        ('"é€😀"', "é€😀".encode()),
        ('"// no comment"', b"// no comment"),
        (r'"\\"', b"\\"),
        (r'"\\\""', b'\\"'),
        ('"a\tb"', b"a\tb"),
        ('"%x, 12, @f, nil"', b"%x, 12, @f, nil"),
    ],
)
def test_strings(text: str, data: bytes) -> None:
    for memo in (True, False):
        func = func_of(
            parse(f"func @f() {{\nentry:\n  %s = const []u8, {text} // c\n  print {text}\n  ret\n}}\n", memo=memo)
        )
        const, shown, _ = func.entry.instrs
        assert const.imm == data
        assert isinstance(shown.operands[0], Literal)
        assert shown.operands[0].value == data


@pytest.mark.parametrize(
    ("type", "text", "value"),
    [
        ("i64", "-9223372036854775808", -(1 << 63)),
        ("u64", "0xFFFF_FFFF_FFFF_FFFF", (1 << 64) - 1),
        ("i8", "-0x80", -128),
        ("i32", "007", 7),
        ("i32", "-0", 0),
        ("f64", "5", 5.0),
        ("f64", "9007199254740993", 9007199254740992.0),
        ("f32", "16777217", 16777216.0),
        ("f32", "0.1", 0.10000000149011612),
        ("f64", "1_0.5e-1", 1.05),
        ("f64", "-0.0", -0.0),
        ("f64", "5e-324", 5e-324),
        ("f64", "1e-400", 0.0),
        ("f64", "inf", float("inf")),
        ("f64", "-inf", float("-inf")),
        ("f32", "3.4028234663852886e38", 3.4028234663852886e38),
        ("bool", "true", True),
        ("*i64", "nil", None),
        ("[]u8", "nil", None),
    ],
)
def test_literals(type: str, text: str, value: object) -> None:
    func = func_of(parse(f"func @f() {{\nentry:\n  %x = const {type}, {text}\n  ret\n}}\n"))
    imm = func.entry.instrs[0].imm
    assert repr(imm) == repr(value)  # tells 0.0 from -0.0, and 1 from True


def test_a_literal_takes_its_type_from_what_is_beside_it() -> None:
    text = """type @pair = { f32, i64 }
func @g(%a: u8, %b: f64) {
entry:
  ret
}
func @f(%u: u8, %s: []f32, %p: *@pair) -> f64 {
entry:
  %a = add 1, %u
  %b = select true, 2, %u
  store %s[0], 1
  store %p.0, 1
  %c = append %s, 1
  call @g(1, 1)
  br next(1)
next(%f: f64):
  ret 1
}
"""
    func = func_of(parse(text))
    found = [str(o.type) for i in func.instrs() for o in i.inputs() if isinstance(o, Literal)]
    assert found == ["u8", "bool", "u8", "i64", "f32", "f32", "f32", "u8", "f64", "f64", "f64"]


def test_declarations_come_in_any_order() -> None:
    text = """func @main() -> *@later {
entry:
  %x = call @helper(1)
  ret %x
}

func @helper(%n: i64) -> *@later {
entry:
  %p = new @later
  store %p.0, %n
  ret %p
}

type @later = { i64, *@later }
"""
    module = parse(text)
    assert print_module(module) == text
    assert func_of(module, "helper").result is PointerType(StructType("later"))


def test_values_are_tied_to_the_model() -> None:
    func = func_of(
        parse('func @f(%n: i64) {\nentry:\n  br b(%n)\nb(%i: i64):\n  %x = add %i, %i loc("m.go":3:4)\n  ret\n}\n')
    )
    entry, b = func.blocks
    add = b.instrs[0]
    assert func.params[0].uses == {entry.instrs[0]: 1}
    assert b.params[0].uses == {add: 2}
    assert b.params[0].owner is b
    assert (add.block, add.line, add.loc) == (b, 5, ("m.go", 3, 4))
    assert isinstance(add.operands[0], Value)
    assert (func.line, b.line) == (1, 4)
    assert {"n", "i", "x", "^entry", "^b"} <= func.names
    assert add.operands[0].type is I64


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.stem)
def test_every_line_read_by_the_grammar_gives_the_same_as_the_memo(path: Path) -> None:
    text = path.read_text()
    assert print_module(parse(text, memo=False)) == print_module(parse(text))


def test_a_memo_that_overflows_starts_again(monkeypatch: pytest.MonkeyPatch) -> None:
    text = SOURCES[0].read_text()
    wanted = print_module(parse(text))
    monkeypatch.setattr("irpass.text.reader._MAX_SHAPES", 2)
    assert print_module(parse(text)) == wanted
