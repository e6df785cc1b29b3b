"""What is reduced still fails, and is a small program; it is tried on copies."""

from __future__ import annotations

import sys
from itertools import count
from pathlib import Path

import pytest
from click.testing import CliRunner

import irpass as ip
from irpass.cli import cli
from irpass.testing import copy_module, random_program, reduce

_PROGRAM = """\
type @box = { i64, []i64 }

extern func @log(i64) nocapture nofree

func @twice(%x: i64) -> i64 {
entry:
  %y = add %x, %x
  ret %y
}

func @main(%n: i64, %flag: bool) -> i64 {
entry:
  %a = make []i64, 4 loc("main.go":3:1)
  %b = make []i64, 8, 16
  %p = new @box
  store %p.1, %a
  br_if %flag, left, right(%n)
left:
  %t = call @twice(%n)
  call @log(%t)
  br join(%t)
right(%m: i64):
  %u = mul %m, 17
  br join(%u)
join(%j: i64):
  store %b[2], %j
  %x = load %b[2]
  print "x", %x
  ret %x
}
"""


def _has(text: str, *wanted: str) -> bool:
    return all(part in text for part in wanted)


def test_what_is_reduced_still_fails_and_is_a_program() -> None:
    small = reduce(_PROGRAM, lambda text: "mul" in text)
    assert "mul" in small
    assert ip.parse(small)
    assert sum(1 for f in ip.parse(small).funcs for _ in f.instrs()) <= 4
    assert "@twice" not in small
    assert "loc" not in small


def test_blocks_cases_parameters_and_literals_go() -> None:
    small = reduce(_PROGRAM, lambda text: _has(text, "make []i64", "print"))
    module = ip.parse(small)
    assert [len(f.blocks) for f in module.funcs] == [1]
    assert "make []i64, 0\n" in small
    assert "new" not in small
    assert "type" not in small


def test_a_predicate_gets_programs_only() -> None:
    def predicate(text: str) -> bool:
        ip.parse(text)  # raises for anything else
        return "store" in text

    assert "store" in reduce(_PROGRAM, predicate)


def test_as_many_tests_as_were_allowed_and_no_more() -> None:
    asked = []

    def predicate(text: str) -> bool:
        asked.append(text)
        return len(asked) <= 2 or "store" in text  # the given text, and its canonical form

    reduce(_PROGRAM, predicate, max_tests=7)
    assert len(asked) <= 7 + 2


def test_what_does_not_fail_cannot_be_reduced() -> None:
    with pytest.raises(ip.UsageError, match="does not fail"):
        reduce(_PROGRAM, lambda text: False)
    with pytest.raises(ip.ParseError):
        reduce("func", lambda text: True)


def test_random_programs_can_be_reduced_for_any_operation() -> None:
    for seed, op in enumerate(("append", "call", "switch", "copy", "loop", "free")):
        text = next(t for s in count(seed) if op in (t := ip.print_module(random_program(s))))

        def predicate(text: str, word: str = op) -> bool:
            return word in text

        small = reduce(text, predicate, max_tests=400)
        assert op in small
        assert len(small) < len(text) / 3


def _command(test: str) -> str:
    return f'{sys.executable} -c "import sys; t = open(sys.argv[1]).read(); sys.exit({test})" {{}}'


def test_reduce_keeps_the_status_of_the_command(tmp_path: Path) -> None:
    path = tmp_path / "bad.ir"
    path.write_text(_PROGRAM, encoding="utf-8")
    out = tmp_path / "small.ir"
    test = "3 if 'append' in t else 2 if 'load' in t else 1 if 'make' in t else 0"
    done = CliRunner().invoke(
        cli, ["reduce", str(path), "--command", _command(test), "--max-tests", "60", "-o", str(out)]
    )
    assert done.exit_code == 0, done.output
    small = out.read_text(encoding="utf-8")
    assert "load" in small
    assert len(small) < len(_PROGRAM) / 2


@pytest.mark.parametrize(
    ("text", "command", "error"),
    [
        (_PROGRAM, _command("0"), ip.IrpassError),
        ("func @main( {", _command("1"), ip.ParseError),
        (_PROGRAM, "'", ip.UsageError),
        (_PROGRAM, "", ip.UsageError),
        (_PROGRAM, "no-such-program-anywhere {}", ip.UsageError),
    ],
    ids=["succeeds", "no-program", "quote", "empty", "no-command"],
)
def test_reduce_says_what_is_wrong(tmp_path: Path, text: str, command: str, error: type[Exception]) -> None:
    path = tmp_path / "bad.ir"
    path.write_text(text, encoding="utf-8")
    done = CliRunner().invoke(cli, ["reduce", str(path), "--command", command])
    assert isinstance(done.exception, error)


def test_a_copy_prints_the_same_and_changes_alone() -> None:
    for seed in range(40):
        module = random_program(seed)
        text = ip.print_module(module)
        copy = copy_module(module)
        assert ip.verify(copy) == []
        assert ip.print_module(copy) == text
        ip.optimize(copy)
        assert ip.print_module(module) == text
        assert ip.verify(module) == []


def test_a_copy_keeps_lines_and_places() -> None:
    module = ip.parse(_PROGRAM)
    pairs = zip(module.funcs[1].instrs(), copy_module(module).funcs[1].instrs(), strict=True)
    assert all((a.line, a.loc) == (b.line, b.loc) for a, b in pairs)
