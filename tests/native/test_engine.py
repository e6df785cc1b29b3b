"""Running in process: the host, what is printed, interrupts, and what is said where something is missing."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import irpass as ip
from irpass.diagnostics import UsageError
from irpass.ir import ops
from irpass.native import engine
from tests.native.agreement import differs

_HOSTED = """
type @pair = { i64, []u8 }
extern func @scale([]f64, f32) -> f64
extern func @pick([]@pair, *@pair) -> *@pair
extern func @make(i8) -> []u16
func @main(%xs: []f64) -> i64 {
entry:
  %total = call @scale(%xs, 0.5)
  print %total
  %first = load %xs[0]
  print %first
  %pairs = make []@pair, 2
  %p = elem %pairs, 1
  store %p.1, "text"
  %q = call @pick(%pairs, %p)
  %same = eq %p, %q
  print %same
  %made = call @make(-3)
  %n = len %made
  %x = load %made[1]
  print %n, %x
  ret 1
}"""


def test_the_hosts_functions_see_and_write_the_programs_memory() -> None:
    def scale(xs: Any, by: float) -> float:
        total = sum(xs)
        xs[0] = xs[0] * by
        return float(total)

    externs: dict[str, Any] = {"scale": scale, "pick": lambda pairs, p: p, "make": lambda n: [1, 2 - n, 3]}
    for chosen in ("interp", "native"):
        outcome = ip.run(ip.parse(_HOSTED), [3.0, 4.5], externs=externs, engine=chosen)
        assert outcome.trap is None and outcome.printed == ["7.5", "1.5", "true", "3 5"]


def test_what_the_host_raises_comes_out_of_the_run() -> None:
    module = ip.parse("extern func @f() -> i64\nfunc @main() -> i64 {\nentry:\n  print 1\n  %x = call @f()\n  ret %x\n}"
                      .replace("print 1", "print true"))  # fmt: skip

    def fail() -> int:
        raise KeyError("from the host")

    with pytest.raises(KeyError, match="from the host"):
        ip.run(module, externs={"f": fail}, engine="native")
    with pytest.raises(UsageError, match="result of @f"):
        ip.run(module, externs={"f": lambda: "text"}, engine="native")
    assert ip.run(module, externs={"f": lambda: 5}, engine="native").returned == 5
    missing = ip.run(module, engine="native")
    assert missing.printed == ["true"] and missing.trap is not None and missing.trap.kind == ops.UNDEFINED_EXTERN


def test_a_hosts_function_may_run_a_program_in_its_turn() -> None:
    inner = ip.parse(
        "func @main(%n: i64) -> i64 {\nentry:\n  %a = make []i64, %n\n  print %n\n  %x = div %n, 2\n  ret %x\n}"
    )
    outer = ip.parse(
        "extern func @f(i64) -> i64\nfunc @main() -> i64 {\nentry:\n  print true\n  %p = new i64\n"
        "  %x = call @f(40)\n  print %x\n  ret %x\n}"
    )
    seen = []

    def f(n: int) -> int:
        outcome = ip.run(inner, n, engine="native")
        seen.append((outcome.printed, outcome.heap.bytes_requested))
        result = outcome.returned
        assert isinstance(result, int)
        return result

    outcome = ip.run(outer, externs={"f": f}, engine="native")
    assert outcome.printed == ["true", "20"] and outcome.heap.calls == 1
    assert seen == [(["40"], 320)]


def test_lines_are_told_apart_whatever_is_in_them_and_however_many() -> None:
    module = ip.parse("func @main(%s: []u8, %n: i64) {\nentry:\n  br l(0)\nl(%i: i64):\n  %m = lt %i, %n\n"
                      "  br_if %m, b, d\nb:\n  print %s, %i\n  %j = add %i, 1\n  br l(%j)\nd:\n  ret\n}")  # fmt: skip
    lines: list[str] = []
    outcome = engine.run(module, "main", [b"a\nb\0\xff", 20_000], on_print=lines.append)
    assert outcome.printed == lines == [f"a\nb\0\udcff {i}" for i in range(20_000)]


def test_without_counters_the_outcome_is_the_same_but_for_them() -> None:
    for sample in ("merge-sort", "request-records", "tokenizer", "string-building", "append-past-cap"):
        module = ip.parse((Path(__file__).parents[2] / "samples" / f"{sample}.ir").read_text(encoding="utf-8"))
        main = module.func("main")
        assert main is not None
        args = [10] * len(main.params) if all(str(p.type) == "i64" for p in main.params) else None
        if args is None:
            continue
        expected, found = ip.run(module, *args), engine.run(module, "main", args, counters=False)
        assert differs(expected, replace(found, heap=expected.heap)) is None


_THREE = "func @main() -> i64 {\nentry:\n  ret 3\n}"


def test_an_interrupt_ends_the_wait_for_an_endless_program() -> None:
    text = "func @main() {\nentry:\n  print true\n  br l\nl:\n  br l\n}"
    script = (
        "import signal, irpass as ip\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # in the background it may be ignored
        f"three = ip.parse({_THREE!r})\n"
        "ip.run(three, engine='native')\n"  # what is imported and compiled once is out of the way
        f"try:\n    print('begins', flush=True)\n    ip.run(ip.parse({text!r}), engine='native')\n"
        "except KeyboardInterrupt:\n"
        "    print('interrupted', ip.run(three, engine='native').returned)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as running:
        try:
            assert running.stdout is not None
            assert running.stdout.readline() == "begins\n"
            time.sleep(0.5)
            running.send_signal(signal.SIGINT)
            assert running.communicate(timeout=60)[0] == "interrupted 3\n"
        finally:
            running.kill()


def test_calls_that_are_at_fault_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ip.parse("func @main(%n: i64) -> i64 {\nentry:\n  ret %n\n}")
    for options, message in (
        ({"opt_level": 4}, "no optimization level 4"),
        ({"allocator": "nosuch"}, "no allocator 'nosuch'"),
        ({"entry": "other"}, "no function @other to run"),
    ):
        with pytest.raises(UsageError, match=message):
            engine.run(module, args=[1], **options)
    with pytest.raises(UsageError, match="takes 1 arguments, not 0"):
        engine.run(module)
    with pytest.raises(UsageError, match="takes i64"):
        engine.run(module, args=["x"])


def test_where_llvmlite_is_missing_the_message_says_what_to_install() -> None:
    script = "import sys; sys.modules['llvmlite'] = None\nfrom irpass.cli import main\nmain()"
    for words in (["run", "-", "--engine", "native"], ["build", "-", "-o", "prog"]):
        done = subprocess.run(
            [sys.executable, "-c", script, *words],
            input="func @main() {\nentry:\n  ret\n}", capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 2
        assert done.stderr == "irpass: error: native code needs llvmlite [usage]\nnote: pip install 'irpass[native]'\n"


def test_the_command_runs_natively(tmp_path: Path) -> None:
    program = tmp_path / "prog.ir"
    program.write_text('func @main(%n: i64) -> i64 {\nentry:\n  print "n is", %n\n  %a = make []i64, %n\n  ret %n\n}')

    def command(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "-m", "irpass", "run", str(program), "--engine", "native", *words],
                              capture_output=True, text=True, check=False)  # fmt: skip

    done = command("4")
    assert (done.returncode, done.stdout) == (0, "n is 4\n")
    counters = "heap: calls 1, derives 0, fallbacks 0, frees 0, collections 0"
    assert done.stderr.splitlines()[:3] == ["returned: 4", "steps: not counted", counters]
    assert json.loads(command("4", "--json").stdout)["steps"] is None
    trapped = command("--", "-1")
    assert trapped.returncode == 1 and "error: len out of range [trap]" in trapped.stderr
    assert trapped.stdout == "n is -1\n"
