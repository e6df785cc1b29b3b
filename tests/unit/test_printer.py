"""Text is canonical: printing, reading and printing again gives the same module and the same bytes."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from irpass.ir.core import Func, Instr, Literal, Module, Operand, Struct
from irpass.text.parser import parse
from irpass.text.printer import instr_text, module_lines, print_func, print_module
from irpass.verifier import verify
from tests.unit.built_modules import modules


def portrait(module: Module) -> list[object]:
    """All that a module is, as values that compare: no text is involved but names and types."""
    out: list[object] = []
    for decl in module.decls.values():
        if isinstance(decl, Struct):
            out.append(("type", decl.name, decl.fields))
            continue
        out.append((decl.name, decl.is_extern, decl.attrs, decl.result, [p.type for p in decl.params]))
        for block in decl.blocks:
            out.append((block.name, [(p.name, p.type) for p in block.params]))
            out += [_instr(i) for i in block.instrs]
    return out


def _instr(i: Instr) -> tuple[object, ...]:
    result = (i.result.name, i.result.type) if i.result is not None else None
    targets = [(t.block.name, [_operand(a) for a in t.args]) for t in i.targets]
    imm: object = i.imm
    if i.type is not None and (i.imm is None or isinstance(i.imm, int | float | bytes)):
        imm = Literal(i.type, i.imm)  # so that nan equals nan, and 0.0 is not -0.0
    is_freed_nil = i.op.name == "free" and isinstance(i.operands[0], Literal)  # any nil will do
    operands = [_operand(o) for o in i.operands] if not is_freed_nil else []
    return i.op, result, operands, imm, i.flag, targets, i.loc


def _operand(o: Operand) -> object:
    return o if isinstance(o, Literal) else (o.name, o.type)


quick = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@quick
@given(modules())
def test_a_module_reads_back_as_itself(module: Module) -> None:
    assert verify(module) == []
    text = print_module(module)
    again = parse(text)
    assert portrait(again) == portrait(module)
    assert print_module(again) == text
    assert verify(again) == []


@quick
@given(modules())
def test_the_memo_of_shapes_changes_nothing(module: Module) -> None:
    text = print_module(module)
    assert portrait(parse(text, memo=False)) == portrait(parse(text))


@quick
@given(modules())
def test_uses_are_counted_alike_by_builder_and_parser(module: Module) -> None:
    def counts(m: Module) -> list[int]:
        return [sum(i.result.uses.values()) for f in m.funcs for i in f.instrs() if i.result is not None]

    assert counts(parse(print_module(module))) == counts(module)


@pytest.mark.parametrize(
    "line",
    [
        "%x = const i64, -9223372036854775808",
        "%x = const u64, 18446744073709551615",
        "%x = const f64, 1e+30",
        "%x = const f64, -0.0",
        "%x = const f32, 0.1",
        "%x = const f64, nan",
        "%x = const bool, false",
        "%x = const []u8, nil",
        r'%x = const []u8, "a\n\t\"\\\x00\xff é €"',
        '%x = const []u8, "not // a comment"',
        "%x = make []i64, %n",
        "%x = make []i64, 3, 4, uninit",
        "%x = new *[]f32, uninit",
        "%x = load %p.0",
        "store %s[%n], 5",
        "%x = field %p, 1",
        "%x = slice %s, 0, 1, 2",
        "print",
        'print %n, "text", true',
        "free nil",
        "%x = call @f(%n, nil, nil)",
        "switch %n, b []",
        "switch %n, c(1) [-1: b, 2: c(%n)]",
        "br_if true, b, c(0)",
        'trap "why"',
        "%x = shared.alloc 64, align 8",
        "%x = shared.alloc %n, align 16, limit 0, count 3, stack, scan, uninit",
        '%x = add %n, 1 loc("dir/main.go":12:8)',
        r'%x = add %n, 1 loc("a\"b\\.go":0:0)',
    ],
)
def test_canonical_lines_stay_as_they_are(line: str) -> None:
    text = (
        "type @pair = { i64, f64 }\n\nfunc @f(%n: i64, %s: []i64, %p: *@pair) -> i64 {\nentry:\n  "
        + line
        + "\nb:\n  ret 0\nc(%i: i64):\n  ret %i\n}\n"
    )
    assert print_module(parse(text)) == text


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("%x=add %n,1", "%x = add %n, 1"),
        ("%x = add %n, 0x1F // why", "%x = add %n, 31"),
        ("%x = add %n, 1_000", "%x = add %n, 1000"),
        ("%x = const f64, 2", "%x = const f64, 2.0"),
        ("%x = const f64, -2e9", "%x = const f64, -2000000000.0"),
        ("%x = make [ ]i64 ,3", "%x = make []i64, 3"),
        ("%x = shared.alloc 8, stack, count 1, align 0x10", "%x = shared.alloc 8, align 16, stack"),
        (r'print "\x41\x0a"', r'print "A\n"'),
        ("br next ( ) // on", "br next"),
    ],
)
def test_other_spellings_become_canonical(written: str, printed: str) -> None:
    text = f"func @f(%n: i64) {{\nentry:\n{written}\nnext:\nret\n}}"
    assert print_module(parse(text)) == f"func @f(%n: i64) {{\nentry:\n  {printed}\nnext:\n  ret\n}}\n"


TWO = "type @a = {}\ntype @b = { @a }\n\nextern func @e(i64) -> f64 pure nofree\n\nfunc @f() {\nentry:\n  ret\n}\n"


def test_declarations_of_a_kind_stand_together() -> None:
    assert print_module(parse(TWO)) == TWO


def test_a_module_without_declarations_is_no_text() -> None:
    assert print_module(parse("")) == ""
    assert print_module(parse("\n// only a comment\n")) == ""


def test_parts_print_alone() -> None:
    module = parse(TWO)
    func = module.decls["f"]
    assert isinstance(func, Func)
    assert print_func(func) == "func @f() {\nentry:\n  ret\n}\n"
    assert instr_text(func.entry.instrs[0]) == "ret"
    assert repr(func.entry.instrs[0]) == "<ret>"


def test_lines_come_with_their_source_lines() -> None:
    numbers = [n for n, text in module_lines(parse("\n\n" + TWO)) if text]
    assert numbers == [3, 4, 6, 8, 9, 10, 0]
