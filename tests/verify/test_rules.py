"""Each file of `cases` is a claim: `// want V17` stands on the line of each breach, as often as it is reported."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import irpass.verifier as verifier
from irpass.diagnostics import VerifyError
from irpass.text.parser import parse
from irpass.text.printer import print_module
from irpass.verifier import check, verify

CASES = sorted(Path(__file__).parent.joinpath("cases").glob("*.ir"))
SAMPLES = sorted(Path(__file__).parents[2].joinpath("samples").glob("*.ir"))
WANT = re.compile(r"// want ((?:V\d\d ?)+)$")


def wanted(text: str) -> list[tuple[int, str]]:
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        if match := WANT.search(line):
            found += [(number, code) for code in match.group(1).split()]
    return found


@pytest.mark.parametrize("path", CASES, ids=lambda p: p.stem)
def test_exactly_the_wanted_breaches_at_their_lines(path: Path) -> None:
    text = path.read_text()
    found = verify(parse(text, path.name))
    assert [(d.span.line, d.code) for d in found if d.span] == wanted(text)
    for d in found:
        assert d.span is not None
        line = text.split("\n")[d.span.line - 1]
        code = line.split("//")[0].rstrip()
        assert d.file == path.name
        assert d.excerpt == line
        assert line[d.span.column - 1 :][: d.span.length] == code.strip()  # the caret is under the instruction itself


@pytest.mark.parametrize("path", SAMPLES, ids=lambda p: p.stem)
def test_samples_keep_every_rule(path: Path) -> None:
    module = parse(path.read_text(), path.name)
    assert verify(module) == []
    assert verify(parse(print_module(module))) == []


def test_every_rule_that_text_can_break_has_a_case() -> None:
    listed = set(re.findall(r"^  (V\d\d)  ", verifier.__doc__ or "", re.MULTILINE))
    in_text = {code for path in CASES for _, code in wanted(path.read_text())}
    tests = [Path(__file__).with_name(name).read_text() for name in ("test_built.py", "test_structure.py")]
    built = set(re.findall(r"V\d\d", "".join(tests)))
    assert listed == {f"V{n:02}" for n in range(1, 24)}
    assert in_text | built == listed
    assert in_text.isdisjoint({"V18", "V23"})


def test_check_raises_with_every_breach() -> None:
    module = parse("func @f() {\nentry:\n  br entry\nb:\n}\n", "two.ir")
    with pytest.raises(VerifyError) as caught:
        check(module)
    assert [(d.code, d.span and d.span.line) for d in caught.value.diagnostics] == [("V08", 3), ("V09", 4)]
    assert str(caught.value).startswith("two.ir:3:3: error: a branch to the entry block [V08]\n      br entry\n")


def test_check_is_silent_for_a_good_module() -> None:
    check(parse("func @f() {\nentry:\n  ret\n}\n"))


def test_a_diagnostic_shows_the_place_in_the_users_own_source() -> None:
    text = 'func @f(%x: i64) {\nentry:\n  %a = eq %b, 1 loc("main.go":7:2)\n  %b = add %x, 1\n  ret\n}\n'
    (found,) = verify(parse(text))
    assert found.code == "V17"
    assert found.notes == ("move the definition above its use", "from main.go:7:2")


def test_breaches_come_in_the_order_of_the_text_though_blocks_are_checked_by_dominance() -> None:
    text = """func @f(%c: bool, %x: f64) {
entry:
  br_if %c, third, first
first:
  %a = add %x, %c
  br second
second:
  %b = add %x, %c
  ret
third:
  %d = add %x, %c
  br second
}
"""
    assert [d.span and d.span.line for d in verify(parse(text))] == [5, 8, 11]


def test_blocks_in_a_long_chain_that_all_may_leave_for_one_exit() -> None:
    count = 20_000  # quadratic work would take minutes
    lines = ["func @f(%c: bool, %n: i64) -> i64 {", "entry:", "  br b0(%n)"]
    for i in range(count):
        lines += [f"b{i}(%v{i}: i64):", f"  %w{i} = add %v{i}, %n", f"  br_if %c, b{i + 1}(%w{i}), out(%v{i})"]
    lines += [f"b{count}(%last: i64):", "  ret %last", "out(%o: i64):", "  %z = add %o, %w5", "  ret %z", "}"]
    found = verify(parse("\n".join(lines)))
    assert [(d.code, d.span and d.span.line) for d in found] == [("V17", len(lines) - 2)]


def test_types_nested_deep_and_structs_too() -> None:
    deep = "[]*" * 10_000
    structs = "\n".join(f"type @s{i} = {{ @s{i + 1}, @s{i + 1} }}" for i in range(2000))
    text = f"{structs}\ntype @s2000 = {{}}\nfunc @f(%p: {deep}i64, %q: {deep}@gone) {{\nentry:\n  ret\n}}\n"
    assert [(d.code, d.span and d.span.line) for d in verify(parse(text))] == [("V01", 2002)]
