"""What `irpass build` writes: programs that do what `irpass run` does, and what is said where something is missing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import irpass as ip
from irpass.diagnostics import IrpassError, UsageError
from irpass.native.build import build

_SAMPLES = Path(__file__).resolve().parents[2] / "samples"
_ALL = """
func @main(%i: i8, %u: u64, %b: bool, %x: f32, %y: f64, %s: []u8, %v: []i16, %w: []f64, %p: *i64) -> []i16 {
entry:
  print %i, %u, %b, %x, %y, %s
  %nil_v = eq %v, nil
  %nil_p = eq %p, nil
  %n = len %w
  print %nil_v, %nil_p, %n
  ret %v
}
"""
_GOOD = ["-128", "0xffff_ffff_ffff_ffff", "true", "0.1", "-2.5e-7", 'te"xt\n', "1,-2,0x1F", "nil", "nil"]


def _build(tmp_path: Path, text: str, **options: Any) -> Path:
    build(ip.parse(text, "prog.ir"), tmp_path / "prog", **options)
    return tmp_path / "prog"


def _run(program: Path, *args: str) -> tuple[int, str, str]:
    done = subprocess.run([program, *args], capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("name", ("sieve", "n-body", "merge-sort-recursive", "append-past-cap", "bad-length-traps"))
def test_a_program_prints_and_says_what_irpass_run_does(tmp_path: Path, name: str) -> None:
    path = _SAMPLES / f"{name}.ir"
    text = path.read_text(encoding="utf-8")
    args = next(line for line in text.splitlines() if line.startswith("// run:"))[7:].split()
    program = _build(tmp_path, text, counters=True)
    words = [sys.executable, "-m", "irpass", "run", "--engine", "native", str(path), "--", *args]
    expected = subprocess.run(words, capture_output=True, text=True, check=False)
    status, printed, said = _run(program, *args)
    assert (status, printed) == (expected.returncode, expected.stdout)
    wanted = [line.replace(str(path), "prog.ir") for line in expected.stderr.splitlines()]
    wanted = [line for line in wanted if "steps" not in line]
    if status == 1:
        wanted = [line for line in wanted if not line.startswith(("heap", "bytes"))]
    assert [line.replace(", collections 0", "") for line in wanted] == said.splitlines()


def test_arguments_are_read_as_irpass_run_reads_them(tmp_path: Path) -> None:
    program = _build(tmp_path, _ALL)
    assert _run(program, *_GOOD) == (
        0,
        '-128 18446744073709551615 true 0.1 -2.5e-07 te"xt\n\nfalse true 0\n',
        "returned: [1, -2, 31]\n",
    )
    for at, words in enumerate((
        ["128", "x", "", "1.0", "true", "1_", "0x_1", "--1"], ["-1", "18446744073709551616", "1__0"], ["1", "yes"],
        ["1e39", "0x", "1.", ".5"], ["1e400", "e5", "1e"], [], ["1,,2", "40000", "1;2"], ["1,z"], ["0", "x"],
    )):  # fmt: skip
        for word in words:
            status, printed, said = _run(program, *_GOOD[:at], word, *_GOOD[at + 1 :])
            assert (status, printed) == (2, ""), word
            assert said.startswith("prog: error: %") and said.endswith("[usage]\n"), said
    many = ",".join(map(str, range(20)))
    assert _run(program, *_GOOD[:6], many, "1,2", "nil")[2] == f"returned: [{', '.join(map(str, range(16)))}, ...]\n"
    assert _run(program, *_GOOD[:6], "nil", "1,2", "nil")[2] == "returned: ([]i16)\n"
    assert _run(program, *_GOOD[:6], "", "inf,nan,-inf, 5", "nil")[1].endswith("false true 4\n")
    status, _, said = _run(program, "1")
    assert status == 2 and said.startswith(
        "prog: error: @main takes 9 arguments, not 1 [usage]\nnote: func @main(%i: i8"
    )


def test_a_trap_keeps_what_was_printed_and_ends_with_status_1(tmp_path: Path) -> None:
    text = ('func @main(%n: i64) -> f32 {\nentry:\n  print "before"\n  %a = make []i64, %n loc("main.go":12:8)\n'
            "  %x = const f32, 1e-7\n  ret %x\n}")  # fmt: skip
    program = _build(tmp_path, text)
    assert _run(program, "-1") == (
        1,
        "before\n",
        'prog.ir:4:3: error: len out of range [trap]\n      %a = make []i64, %n loc("main.go":12:8)\n'
        "      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\nnote: in @main, block entry, from main.go:12:8\n",
    )
    assert _run(program, "1") == (0, "before\n", "returned: 1e-07\n")


def test_endless_recursion_is_a_stack_overflow_in_a_program_too(tmp_path: Path) -> None:
    text = ("func @main(%n: i64) -> i64 {\nentry:\n  %m = add %n, 1\n  %x = call @main(%m)\n  %y = add %x, %n\n"
            "  ret %y\n}")  # fmt: skip
    for level in (0, 2):
        status, _, said = _run(_build(tmp_path, text, opt_level=level), "0")
        assert status == 1 and "stack overflow [trap]" in said


def test_what_else_is_linked_may_define_the_externs(tmp_path: Path) -> None:
    text = """
type @pair = { i8, []u8 }
extern func @log([]u8, i8, bool) -> u8
extern func @pair.of(f32) -> @pair
extern func @missing()
func @main() -> u8 {
entry:
  %x = call @log("text", -3, true)
  %box = new @pair
  %pair = call @pair.of(0.5)
  store %box, %pair
  %n = load %box.0
  %s = load %box.1
  print %x, %n, %s
  call @missing()
  ret %x
}"""
    source = tmp_path / "externs.c"
    source.write_text("""
#include <stdint.h>
#include <stdio.h>
struct slice { const char *data; int64_t length, cap; };
struct pair { int8_t n; struct slice s; };
uint8_t irpass_extern_log(const char *text, int64_t length, int64_t cap, int8_t by, _Bool flag) {
    fprintf(stderr, "%.*s %d %d %d\\n", (int)length, text, (int)cap, by, flag);
    return 200;
}
void irpass_extern_pair_of(struct pair *out, float x) {
    out->n = (int8_t)(x * -10), out->s.data = "pair", out->s.length = out->s.cap = 4;
}
""")
    status, printed, said = _run(_build(tmp_path, text, link=[str(source)]))
    assert (status, printed) == (1, "200 -5 pair\n")
    assert said.startswith("text 4 -3 1\n") and "undefined extern [trap]" in said
    status, printed, said = _run(_build(tmp_path, text))
    assert (status, printed) == (1, "") and "undefined extern [trap]" in said and "call @log" in said


def test_an_object_has_its_pool(tmp_path: Path) -> None:
    module = ip.parse(
        "func @main(%n: i64) -> i64 {\nentry:\n  %s = make []i64, %n\n  store %s[1], 5\n"
        "  %x = load %s[1]\n  free %s\n  ret %x\n}"
    )
    build(module, tmp_path / "five.o", "obj", allocator="pool")
    subprocess.run(["cc", str(tmp_path / "five.o"), "-o", str(tmp_path / "five"), "-lm", "-pthread"], check=True)
    assert _run(tmp_path / "five", "12") == (0, "", "returned: 5\n")


def test_an_object_has_a_main_and_texts_need_no_compiler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (
        'func @main(%n: i64) -> i64 {\nentry:\n  %m = mul %n, %n loc("sq.go":3:4)\n  print %m loc("sq.go":4:4)\n'
        "  ret %m\n}"
    )
    module = ip.parse(text)
    build(module, tmp_path / "square.o", "obj")
    subprocess.run(["cc", str(tmp_path / "square.o"), "-o", str(tmp_path / "square"), "-pthread"], check=True)
    assert _run(tmp_path / "square", "12") == (0, "144\n", "returned: 144\n")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CC", raising=False)
    for emit in ("asm", "llvm"):
        build(module, tmp_path / emit, emit)
    assert ".loc" in (tmp_path / "asm").read_text() and "sq.go" in (tmp_path / "asm").read_text()
    assert (
        "define" in (tmp_path / "llvm").read_text()
        and "!DILocation(line: 4, column: 4" in (tmp_path / "llvm").read_text()
    )
    build(module, tmp_path / "plain", "llvm", debug_info=False)
    assert "!DILocation" not in (tmp_path / "plain").read_text()
    for linked in ("exe", "obj"):
        with pytest.raises(UsageError, match="this needs a C compiler, and there is no cc"):
            build(module, tmp_path / "prog", linked)
    assert not (tmp_path / "prog").exists()


def test_a_linker_that_fails_is_a_diagnostic_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(IrpassError, match="cc failed"):
        _build(tmp_path, "func @main() {\nentry:\n  ret\n}", link=[str(tmp_path / "nosuch.o")])
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(UsageError, match="cannot write"):
        build(ip.parse("func @main() {\nentry:\n  ret\n}"), tmp_path / "no" / "prog", "llvm")


def test_the_command_builds_a_program(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "irpass", "build", str(_SAMPLES / "sieve.ir"), "-o", str(tmp_path / "sieve"), "-O3"]
    done = subprocess.run(
        [*words, "--cpu", "native", "--allocator", "libc"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert _run(tmp_path / "sieve", "50") == (0, "15 primes, the last is 47\n", "returned: 328\n")
    refused = subprocess.run([*words, "--allocator", "nosuch"], capture_output=True, text=True, check=False)
    assert refused.returncode == 2 and "no allocator 'nosuch'" in refused.stderr
