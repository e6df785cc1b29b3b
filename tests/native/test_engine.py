"""Running in process: limits, traps, the host, and what is said where something is missing."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import irpass as ip
from irpass.diagnostics import UsageError
from irpass.ir import ops
from irpass.native import engine
from irpass.native.engine import NativeProgram
from irpass.native.options import LoweringOptions
from tests.native.agreement import Limits, differs, disagreement

_DOWN = """
func @leaf(%x: i64) -> i64 {
entry:
  %y = add %x, 1
  ret %y
}
func @down(%n: i64) -> i64 {
entry:
  %z = eq %n, 0
  br_if %z, last, more
last:
  %one = call @leaf(%n)
  ret %one
more:
  %m = sub %n, 1
  %below = call @down(%m)
  %x = add %below, %n
  ret %x
}
func @main(%n: i64) -> i64 {
entry:
  %x = call @down(%n)
  ret %x
}
"""


@pytest.mark.parametrize("level", (0, 2))
def test_the_depth_limit_is_met_at_the_very_call(level: int) -> None:
    module = ip.parse(_DOWN)
    for depth in (1, 2, 3, 10, 11, 12, 13):
        inputs = [[n] for n in range(8, 12)]
        difference, _ = disagreement(module, inputs, levels=(level,), limits=Limits(max_depth=depth))
        assert difference is None, (depth, difference)


@pytest.mark.parametrize("level", (0, 2))
def test_the_default_depth_has_room_on_the_stack(level: int) -> None:
    module = ip.parse(_DOWN)
    assert ip.run(module, 9_997, engine="native", opt_level=level).returned == 9_997 * 9_998 // 2 + 1
    trapped = ip.run(module, 20_000, engine="native", opt_level=level)
    assert trapped.trap is not None and trapped.trap.kind == ops.STACK_OVERFLOW


def test_a_stack_that_ends_before_the_limit_traps_too() -> None:
    text = f"""
type @wide = {{ {", ".join(["i64"] * 60)} }}
func @deep(%p: *@wide, %n: i64) -> i64 {{
entry:
  %w = load %p
  %m = add %n, 1
  %x = call @deep(%p, %m)
  store %p, %w
  %y = add %x, 1
  ret %y
}}
func @main() -> i64 {{
entry:
  %p = new @wide
  %x = call @deep(%p, 0)
  ret %x
}}
"""
    options = LoweringOptions(max_depth=1 << 40)
    with NativeProgram(ip.parse(text), opt_level=0, options=options) as program:
        trap = program.run().trap
    assert trap is not None and (trap.kind, trap.func) == (ops.STACK_OVERFLOW, "deep")


@pytest.mark.parametrize("counters", (False, True))
def test_a_request_past_the_heaps_limit_is_out_of_memory(counters: bool) -> None:
    module = ip.parse("func @main(%n: i64) {\nentry:\n  %a = make []i64, %n\n  store %a[0], 1\n  print %n\n  ret\n}")
    for elements, kind in (
        (8, None),
        (9, ops.OUT_OF_MEMORY),
        (1 << 44, ops.OUT_OF_MEMORY),
        ((1 << 44) + 1, ops.LEN_RANGE),
    ):
        outcome = engine.run(module, "main", [elements], heap_limit=64, counters=counters)
        assert (outcome.trap.kind if outcome.trap is not None else None) == kind


def test_memory_that_the_machine_has_not_is_out_of_memory() -> None:
    module = ip.parse(
        "func @main(%n: i64) -> []u8 {\nentry:\n  %a = make []u8, %n\n  store %a[0], 1\n  %b = slice %a, 0, 2\n"
        "  ret %b\n}"
    )
    assert engine.run(module, args=[9]).returned == b"\1\0"
    for counters in (False, True):
        trap = engine.run(module, args=[1 << 47], heap_limit=1 << 50, counters=counters).trap
        assert trap is not None and trap.kind == ops.OUT_OF_MEMORY


def test_an_append_that_no_cap_can_hold_is_out_of_memory() -> None:
    most = (1 << 63) - 1
    text = f"""
type @empty = {{}}
func @main(%which: i64) -> i64 {{
entry:
  %p = new @empty
  %e = load %p
  %full = make []@empty, {most}
  switch %which, one [1: two]
one:
  %a = append %full, %e
  ret 1
two:
  %b = extend %full, %full
  ret 2
}}"""
    difference, runs = disagreement(ip.parse(text), [[0], [1]])
    assert difference is None and runs == 4


def test_a_literal_is_read_only_wherever_it_went() -> None:
    text = """
func @give() -> []u8 {
entry:
  ret "given"
}
func @through(%s: []u8, %i: i64) {
entry:
  store %s[%i], 65
  ret
}
func @main(%which: i64) {
entry:
  %own = make []u8, 8
  store %own[0], 7
  call @through(%own, 1)
  %box = make [][]u8, 1
  store %box[0], "boxed"
  %given = call @give()
  %short = slice %given, 0, 2
  %empty = slice %given, 0, 0
  clear %empty
  %none = copy %empty, "x"
  %tail = slice %given, 5, 5
  switch %which, a [1: b, 2: c, 3: d, 4: e, 5: f, 6: g]
a:
  call @through(%given, 0)
  ret
b:
  %s = load %box[0]
  store %s[1], 66
  ret
c:
  %grown = append %short, 67
  ret
d:
  clear %short
  ret
e:
  %count = copy %short, "y"
  ret
f:
  %p = elem %given, 3
  store %p, 68
  ret
g:
  %moved = append %tail, 69
  print %moved
  %long = extend %short, "xy"
  ret
}"""
    difference, runs = disagreement(ip.parse(text), [[n] for n in range(7)])
    assert difference is None and runs == 14


def test_equal_literals_are_one_place_and_others_are_not() -> None:
    text = """
func @main() {
entry:
  %a = const []u8, "abc"
  %b = const []u8, "bc"
  %c = const []u8, "abc"
  %p = elem %a, 1
  %q = elem %b, 0
  %r = elem %c, 1
  %pq = eq %p, %q
  %pr = eq %p, %r
  %nil = eq %b, nil
  print %pq, %pr, %nil
  ret
}"""
    assert disagreement(ip.parse(text), [[]]) == (None, 2)


def test_stack_arenas_in_loops_and_large_ones_end_with_the_frame() -> None:
    text = """
func @frame(%n: i64, %size: i64) -> i64 {
entry:
  %once = shared.alloc 200000, align 64, stack
  %far = derive []u8, %once, 0, 200000
  br loop(0, 0)
loop(%i: i64, %sum: i64):
  %more = lt %i, %n
  br_if %more, body, done
body:
  %m = shared.alloc %size, align 32, stack
  %a = derive []i64, %m, 0, 4
  %x = load %a[0]
  store %a[0], 9
  %sum1 = add %sum, %x
  %i1 = add %i, 1
  %odd = and %i, 1
  %is_odd = eq %odd, 1
  br_if %is_odd, early, loop(%i1, %sum1)
early:
  shared.free %m, %a
  br loop(%i1, %sum1)
done:
  ret %sum
}
func @main(%n: i64, %size: i64) -> i64 {
entry:
  %x = call @frame(%n, %size)
  %y = call @frame(1, 32)
  %z = add %x, %y
  ret %z
}"""
    difference, runs = disagreement(ip.parse(text), [[9, 32], [1, 40], [2, 31], [2, -1], [2, 1 << 48], [0, 0]])
    assert difference is None and runs == 12


def test_a_derive_checks_its_place_as_the_interpreter_does() -> None:
    text = """
func @main(%bytes: i64, %offset: i64, %len: i64, %cap: i64) -> i64 {
entry:
  %m = shared.alloc %bytes, align 16, limit 4096
  %a = derive []i32, %m, %offset, %len, %cap
  %b = derive *u8, %m, %offset
  %c = cap %a
  ret %c
}"""
    inputs = [
        [64, 0, 4, 4], [64, 48, 4, 4], [64, 52, 4, 4], [64, 2, 4, 4], [64, -4, 0, 0], [64, 64, 0, 0], [64, 0, 5, 4],
        [64, 0, -1, 4], [64, 0, 1 << 46, 1 << 46], [64, 0, 0, 1 << 46], [5000, 0, 3, 9], [-1, 0, 1, 1],
        [0, 0, 0, 0], [64, 1 << 62, 1, 1], [64, 66, 0, 0], [64, 3, 20, 20], [5000, -7, 4, 4],
    ]  # fmt: skip
    difference, runs = disagreement(ip.parse(text), inputs)
    assert difference is None and runs == 2 * len(inputs)


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
    def scale(xs: object, by: float) -> float:
        total = sum(xs)  # type: ignore[call-overload]
        xs[0] = xs[0] * by  # type: ignore[index]
        return float(total)

    externs = {"scale": scale, "pick": lambda pairs, p: p, "make": lambda n: [1, 2 - n, 3]}
    for chosen in ("interp", "native"):
        outcome = ip.run(ip.parse(_HOSTED), [3.0, 4.5], externs=externs, engine=chosen)  # type: ignore[arg-type]
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
        found.heap.__init__(**{name: getattr(expected.heap, name) for name in expected.heap.__slots__})  # type: ignore[misc]
        assert differs(expected, found) is None


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
            engine.run(module, args=[1], **options)  # type: ignore[arg-type]
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
