"""`irpass run`: what goes where, how words become arguments, and exit statuses."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from irpass.cli.run import parse_argument
from irpass.diagnostics import UsageError
from irpass.ir.types import parse_type

PROGRAM = """
func @main(%n: i64) -> i64 {
entry:
  print "n is", %n
  print "\\xff"
  %s = make []i64, 2
  %x = load %s[%n]
  ret %x
}
"""


def irpass(*args: str, text: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([sys.executable, "-m", "irpass", "run", *args], input=text, capture_output=True, check=False)


@pytest.fixture
def program(tmp_path: Path) -> str:
    path = tmp_path / "prog.ir"
    path.write_text(PROGRAM)
    return str(path)


def test_prints_go_to_standard_output_byte_for_byte_and_the_rest_to_standard_error(program: str) -> None:
    done = irpass(program, "1")
    assert (done.returncode, done.stdout) == (0, b"n is 1\n\xff\n")
    assert done.stderr.decode() == (
        "returned: 0\nsteps: 5\nheap: calls 1, derives 0, fallbacks 0, frees 0, collections 0\n"
        "bytes: requested 16, peak 16, live 16\n"
    )


def test_a_trap_is_a_diagnostic_with_its_line_and_status_1(program: str) -> None:
    done = irpass(program, "-5")
    assert (done.returncode, done.stdout) == (1, b"n is -5\n\xff\n")
    said = done.stderr.decode()
    assert f"{program}:7:3: error: index out of range [trap]\n      %x = load %s[%n]\n      ^^^^" in said
    assert "note: in @main, block entry" in said


def test_json_is_one_object_on_standard_output(program: str) -> None:
    done = irpass(program, "--json", "7")
    outcome = json.loads(done.stdout)
    assert (done.returncode, outcome["printed"]) == (1, ["n is 7", "\udcff"])
    assert outcome["trap"] == {
        "kind": "index out of range", "function": "main", "block": "entry", "line": 7, "loc": None
    }  # fmt: skip


def test_limits_and_entry_are_options(program: str) -> None:
    assert b"step limit" in irpass(program, "1", "--max-steps", "3").stderr
    assert b"out of memory" in irpass(program, "1", "--heap-limit", "15").stderr
    assert b"returned: 0" in irpass(program, "1", "--entry", "@main", "--max-depth", "1").stderr


@pytest.mark.parametrize("args", [(), ("x",), ("1", "2"), ("1", "--entry", "@f"), ("1", "--max-steps", "-1")])
def test_a_wrong_call_has_status_2_and_no_traceback(program: str, args: tuple[str, ...]) -> None:
    done = irpass(program, *args)
    assert done.returncode == 2 and b"Traceback" not in done.stderr and done.stderr


def test_a_program_with_errors_is_not_run() -> None:
    done = irpass("-", text=b'func @main() {\nentry:\n  print "a"\n  %x = add %y, 1\n  ret\n}\n')
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"<stdin>:4:" in done.stderr


@pytest.mark.parametrize(
    ("t", "text", "value"),
    [
        ("i64", "-5", -5), ("i64", "0x1f", 31), ("i64", "1_000", 1000), ("f64", "1.5", 1.5), ("f64", "-2e9", -2e9),
        ("f64", "-inf", float("-inf")), ("bool", "true", True), ("[]i64", "1,2,-3", [1, 2, -3]), ("[]i64", "", []),
        ("[]f32", "1,2.5", [1, 2.5]), ("[]bool", "true, false", [True, False]), ("[]u8", "1,2", b"1,2"),
        ("[]u8", "é", "é".encode()), ("[]i64", "nil", None), ("*i64", "nil", None), ("[][]u8", "nil", None),
    ],
)  # fmt: skip
def test_words_of_the_command_line_become_values(t: str, text: str, value: object) -> None:
    found = parse_argument(parse_type(t), text, "%x")
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("t", "text"), [("i64", ""), ("i64", "five"), ("i64", "1__0"), ("f64", "1."), ("i64", "nil"), ("[]i64", "1,,2"),
                    ("*i64", "5"), ("f64", "1e999"), ("[][]u8", "a"), ("@s", "1")]
)  # fmt: skip
def test_words_that_stand_for_nothing_are_usage_errors(t: str, text: str) -> None:
    with pytest.raises(UsageError, match="%x"):
        parse_argument(parse_type(t), text, "%x")


LIST = """
type @cell = { i64, *@cell }
func @main(%n: i64) -> i64 {
entry:
  br loop(0, nil)
loop(%i: i64, %head: *@cell):
  %cell = new @cell
  store %cell.1, %head
  new i64
  %next = add %i, 1
  %more = lt %next, %n
  br_if %more, loop(%next, %cell), done
done:
  ret %n
}
"""


def test_what_is_alive_can_be_asked_by_site() -> None:
    done = irpass("-", "3", "--why-alive", "@main:%cell", "--why-alive", "@main:loop[2]", text=LIST.encode())
    assert (done.returncode, done.stdout) == (0, b"")
    assert done.stderr.decode().splitlines()[4:] == [
        "alive from @main:%cell: 3",
        "  @main:%head",
        "  @main:%cell",
        "  @main:%head -> .1",
        "alive from @main:loop[2]: 0",
    ]


def test_only_the_nearest_of_many_objects_are_shown_and_the_ends_of_long_paths() -> None:
    done = irpass("-", "500", "--why-alive", "@main:%cell", text=LIST.encode())
    lines = done.stderr.decode().splitlines()
    assert lines[4] == "alive from @main:%cell: 500"
    assert (len(lines[5:-1]), lines[-1]) == (16, "  and 484 more")
    far = irpass("-", "500", "--why-alive", "@main:%cell", "--json", text=LIST.encode())
    found = json.loads(far.stdout)["why_alive"]["@main:%cell"]
    assert (found["objects"], len(found["paths"])) == (500, 16)


@pytest.mark.parametrize(
    "options", [["--why-alive", "@main:%nothing"], ["--why-alive", "@main:%cell", "--engine=native"]]
)
def test_asking_where_nothing_can_be_known_has_status_2(options: list[str]) -> None:
    done = irpass("-", "3", *options, text=LIST.encode())
    assert done.returncode == 2 and done.stdout == b"" and b"Traceback" not in done.stderr
