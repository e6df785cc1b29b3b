"""The grammar itself: parse trees, its two starts, and where the file is found."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lark import Token, Tree
from lark.exceptions import UnexpectedInput

import irpass.text.grammar as grammar
from irpass.ir import ops
from irpass.text.grammar import grammar_path, lark_parser
from irpass.text.lines import strip_line

ROOT = Path(__file__).parents[2]
SOURCES = sorted(
    [
        *ROOT.joinpath("samples").glob("*.ir"),
        *ROOT.joinpath("tests/golden").glob("**/*.ir"),
        *ROOT.joinpath("tests/run").glob("**/*.ir"),
    ]
)


def shown(node: Tree[Token] | Token) -> str:
    """A tree on one line: `(rule child ...)`, tokens as their text."""
    if isinstance(node, Token):
        return str(node)
    return f"({' '.join([str(node.data), *map(shown, node.children)])})"


def line_tree(text: str) -> Tree[Token]:
    tree = lark_parser().parse(text, start="line")
    (child,) = tree.children
    assert isinstance(child, Tree)
    return child


TREES = {
    "type @a = { i64, []*@b }": "(typedef @a (types (type i64) (type [] * @b)))",
    "type @a = {}": "(typedef @a)",
    "extern func @e(i64) -> f64 pure nofree": "(extern @e (types (type i64)) (type f64) pure nofree)",
    "extern func @e()": "(extern @e)",
    "func @f(%a: i64, %b: *@t) -> []u8 {": (
        "(func_head @f (params (param %a (type i64)) (param %b (type * @t))) (type [] u8))"
    ),
    "}": "(func_end)",
    "entry:": "(label entry)",
    "add(%x: i64):": "(label add (params (param %x (type i64))))",
    "%x = const i64, -5": "(instr %x (const (type i64) (number -5)))",
    '%x = const []u8, "a"': '(instr %x (const (type [] u8) (string "a")))',
    "%x = const f64, -inf": "(instr %x (const (type f64) (word -inf)))",
    "%x = add %a, 1.5": "(instr %x (binary add (value %a) (number 1.5)))",
    "not %a": "(instr (unary not (value %a)))",
    "select %c, %a, nil": "(instr (select (value %c) (value %a) (word nil)))",
    "conv u8, %a": "(instr (conv (type u8) (value %a)))",
    "make []i64, %n, 5, uninit": "(instr (make (type [] i64) (value %n) (number 5) uninit))",
    "new @t, uninit": "(instr (new (type @t) uninit))",
    "len %s": "(instr (measure len (value %s)))",
    "slice %s, 0, %h, 9": "(instr (slice (value %s) (number 0) (value %h) (number 9)))",
    "append %s, true": "(instr (pair append (value %s) (word true)))",
    "clear %s": "(instr (clear (value %s)))",
    "load %s[%i]": "(instr (load (place (value %s) (value %i))))",
    "load %p.2": "(instr (load (place (value %p) 2)))",
    "store %p, 1": "(instr (store (place (value %p)) (number 1)))",
    "elem %s, 0": "(instr (elem (value %s) (number 0)))",
    "field %p, 3": "(instr (field (value %p) 3))",
    "free %s": "(instr (free (value %s)))",
    "call @f()": "(instr (call @f))",
    "%x = call @f(%a, 1)": "(instr %x (call @f (operands (value %a) (number 1))))",
    "print": "(instr (print))",
    'print %a, "t"': '(instr (print (operands (value %a) (string "t"))))',
    "br loop(%a, 0)": "(instr (br (target loop (operands (value %a) (number 0)))))",
    "br add": "(instr (br (target add)))",
    "br_if %c, a(1), b": "(instr (br_if (value %c) (target a (operands (number 1))) (target b)))",
    "switch %x, d(%y) [1: a, -2: b(%z)]": (
        "(instr (switch (value %x) (target d (operands (value %y)))"
        " (case 1 (target a)) (case -2 (target b (operands (value %z))))))"
    ),
    "switch %x, d []": "(instr (switch (value %x) (target d)))",
    "ret": "(instr (ret))",
    "ret %x": "(instr (ret (value %x)))",
    'trap "no"': '(instr (trap "no"))',
    "extent @t, %n": "(instr (extent (type @t) (value %n)))",
    "%m = shared.alloc %b, align 8, limit 64, stack": (
        "(instr %m (shared_alloc (value %b) (arena_option align 8) (arena_option limit 64) (arena_option stack)))"
    ),
    "derive []u8, %m, 8, %n, zero": "(instr (derive (type [] u8) (value %m) (number 8) (value %n) zero))",
    "shared.free %m, %a, %b": "(instr (end shared.free (value %m) (value %a) (value %b)))",
    'ret loc("a.go":1:2)': '(instr (ret) (loc "a.go" 1 2))',
    'br loc loc("a.go":1:2)': '(instr (br (target loc)) (loc "a.go" 1 2))',
}


@pytest.mark.parametrize("text", TREES, ids=lambda t: t[:30])
def test_the_tree_of_a_line(text: str) -> None:
    assert shown(line_tree(text)) == TREES[text]


def test_every_operation_has_a_tree_here() -> None:
    written = " ".join(TREES)
    classes = {"binary": ops.ARITHMETIC | ops.COMPARISONS, "unary": {ops.NEG}, "measure": {ops.CAP},
               "pair": {ops.EXTEND, ops.COPY}, "end": {ops.SHARED_RELEASE}}  # fmt: skip
    alike = {op for group in classes.values() for op in group}
    missing = [op.name for op in ops.ALL if op not in alike and not re.search(rf"\b{re.escape(op.name)}\b", written)]
    assert missing == []
    for op in ops.ARITHMETIC | ops.COMPARISONS:
        assert shown(line_tree(f"{op.name} %a, %b")) == f"(instr (binary {op.name} (value %a) (value %b)))"


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.stem)
def test_both_starts_give_the_same_trees(path: Path) -> None:
    text = path.read_text()
    whole = lark_parser().parse(text if text.endswith("\n") else text + "\n", start="module")
    by_line = [line_tree(stripped) for line in text.split("\n") if (stripped := strip_line(line))]
    assert [shown(t) for t in _lines(whole)] == [shown(t) for t in by_line if t.data != "func_end"]


def _lines(module: Tree[Token]) -> list[Tree[Token]]:
    """The trees of a module's lines, in order; the line that ends a function has none."""
    out: list[Tree[Token]] = []
    for item in module.children:
        assert isinstance(item, Tree)
        if item.data != "func":
            out.append(item)
            continue
        for part in item.children:
            assert isinstance(part, Tree)
            out += part.children if part.data == "block" else [part]  # type: ignore[arg-type]  # trees, all of them
    return out


@pytest.mark.parametrize(
    "text",
    [
        "",
        "add",
        "%x =",
        "%x add 1, 2",
        "= add 1, 2",
        "add %a, %b,",
        "load %s[1",
        "load %s]",
        "br",
        "ret 1, 2",
        "loc",
        "make i64 3",
        "makei64, 3",
        "type a = {}",
        "func f() {",
        "func @f() -> {",
        "entry",
        "1st:",
        "br_if %c",
        "const i64, %x",
        "load 5.",
        "switch %x, a",
        "print ,",
        "shared.alloc 8, align",
        "add %a, 12abc",
        "add %a, 1.2.3",
        'trap "a',
        "ret } ",
        "extern @f()",
        "derive []u8",
        "not %a, %b, %c",
        "add [1], 2",
        "ret -nil",
        "ret +1",
    ],
)
def test_what_is_no_line(text: str) -> None:
    with pytest.raises(UnexpectedInput):
        lark_parser().parse(text, start="line")


@pytest.mark.parametrize(
    "text", ["func @f() {\nentry:\n  ret\n", "ret\n", "func @f() {\n  ret\n}\n", "}\n", "entry:\n"]
)
def test_what_is_no_module(text: str) -> None:
    with pytest.raises(UnexpectedInput):
        lark_parser().parse(text, start="module")


def test_the_checkout_has_the_grammar_beside_its_reference() -> None:
    assert grammar_path().read_bytes() == ROOT.joinpath("grammar", "ir.lark").read_bytes()


def test_an_installed_package_reads_its_own_grammar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "site-packages" / "irpass" / "text"
    package.mkdir(parents=True)
    monkeypatch.setattr(grammar, "__file__", str(package / "grammar.py"))
    with pytest.raises(FileNotFoundError, match="reinstall irpass"):
        grammar_path()
    package.joinpath("ir.lark").write_text("module:")
    assert grammar_path() == package.joinpath("ir.lark").resolve()


def test_an_installed_package_prefers_its_own_grammar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "irpass" / "text"
    package.mkdir(parents=True)
    tmp_path.joinpath("grammar").mkdir()
    tmp_path.joinpath("grammar", "ir.lark").write_text("checkout")
    monkeypatch.setattr(grammar, "__file__", str(package / "grammar.py"))
    assert grammar_path().read_text() == "checkout"
    package.joinpath("ir.lark").write_text("packaged")
    assert grammar_path().read_text() == "packaged"


def test_the_wheel_is_told_to_carry_the_grammar() -> None:
    import tomllib

    config = tomllib.loads(ROOT.joinpath("pyproject.toml").read_text())
    carried = config["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert carried["grammar/ir.lark"] == "irpass/text/ir.lark"
