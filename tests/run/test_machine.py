"""The interpreter from Python: arguments, externs, limits, and programs too deep or long for recursion."""

from __future__ import annotations

import json
import math

import pytest

from irpass.diagnostics import Loc, UsageError
from irpass.heap.simple import SimpleHeap
from irpass.interp.host import SliceView
from irpass.interp.machine import run
from irpass.interp.outcome import Outcome, Trap, TrapError
from irpass.ir import ops
from irpass.ir.core import Module
from irpass.text.parser import parse
from irpass.verifier import check

COUNT_DOWN = """
func @down(%n: i64) -> i64 {
entry:
  %z = eq %n, 0
  br_if %z, base, rec
base:
  ret 0
rec:
  %m = sub %n, 1
  %r = call @down(%m)
  %s = add %r, 1
  ret %s
}
func @main(%n: i64) -> i64 {
entry:
  %r = call @down(%n)
  ret %r
}
"""


def module_of(text: str) -> Module:
    module = parse(text, "test.ir")
    check(module)
    return module


def test_calls_100_000_deep_need_no_python_stack() -> None:
    module = module_of(COUNT_DOWN)
    outcome = run(module, args=[100_000], max_depth=100_002)
    assert (outcome.returned, outcome.trap) == (100_000, None)
    too_deep = run(module, args=[100_000], max_depth=100_001).trap
    assert too_deep is not None and (too_deep.kind, too_deep.func, too_deep.block) == (
        ops.STACK_OVERFLOW,
        "down",
        "rec",
    )


def test_a_list_of_300_000_links_is_built_walked_and_dropped() -> None:
    module = module_of("""
type @node = { i64, *@node }
func @main(%n: i64) -> i64 {
entry:
  br build(0, nil)
build(%i: i64, %head: *@node):
  %p = new @node
  store %p.0, %i
  store %p.1, %head
  %j = add %i, 1
  %more = lt %j, %n
  br_if %more, build(%j, %p), walk(%p, 0)
walk(%q: *@node, %sum: i64):
  %x = load %q.0
  %t = add %sum, %x
  %next = load %q.1
  %end = eq %next, nil
  br_if %end, done, walk(%next, %t)
done:
  ret %t
}
""")
    assert run(module, args=[300_000]).returned == sum(range(300_000))


def test_structs_nested_30_000_deep_have_their_cells() -> None:
    depth = 30_000
    types = "".join(f"type @t{i} = {{ @t{i + 1} }}\n" for i in range(depth)) + f"type @t{depth} = {{ i64 }}\n"
    module = module_of(types + "func @main() {\nentry:\n  %p = new @t0\n  %x = load %p\n  store %p, %x\n  ret\n}\n")
    outcome = run(module)
    assert outcome.trap is None and outcome.heap.bytes_requested == 8


def test_a_trap_names_the_user_s_own_place() -> None:
    module = module_of('func @f() {\nentry:\n  trap "so" loc("main.go":12:8)\n}\n')
    outcome = run(module, "@f")
    assert outcome.trap == Trap("so", "f", "entry", 3, Loc("main.go", 12, 8))
    assert outcome.to_json()["trap"] == {
        "kind": "so", "function": "f", "block": "entry", "line": 3, "loc": "main.go:12:8"
    }  # fmt: skip


def test_json_is_what_the_command_line_documents() -> None:
    module = module_of('func @main() -> f32 {\nentry:\n  print "a"\n  ret 0.1\n}\n')
    assert json.loads(json.dumps(run(module).to_json())) == {
        "returned": 0.1,
        "printed": ["a"],
        "trap": None,
        "steps": 2,
        "heap": {"calls": 0, "bytes_requested": 0, "peak_bytes": 0, "live_bytes": 0, "derives": 0,
                 "fallbacks": 0, "frees": 0, "collections": 0},
    }  # fmt: skip


@pytest.mark.parametrize(("literal", "shown"), [("nan", "nan"), ("inf", "inf"), ("-inf", "-inf"), ("2", 2.0)])
def test_json_has_strings_for_the_floats_that_it_lacks(literal: str, shown: object) -> None:
    assert run(module_of(f"func @main() -> f64 {{\nentry:\n  ret {literal}\n}}")).to_json()["returned"] == shown


def echo(t: str) -> Module:
    return module_of(f"func @main(%x: {t}) -> {t} {{\nentry:\n  ret %x\n}}\n")


@pytest.mark.parametrize(
    ("t", "given", "returned"),
    [
        ("i8", -128, -128),
        ("u64", 2**64 - 1, 2**64 - 1),
        ("bool", True, True),
        ("f64", 3, 3.0),
        ("f32", 0.1, 0.10000000149011612),
        ("[]i64", [1, 2], [1, 2]),
        ("[]i64", (), []),
        ("[]f64", [1, 2.5], [1.0, 2.5]),
        ("[]bool", [True], [True]),
        ("[]u8", b"\x00\xff", b"\x00\xff"),
        ("[]u8", "é", "é".encode()),
        ("[]u8", [1, 2], b"\x01\x02"),
        ("[]i64", None, None),
        ("*i64", None, None),
    ],
)
def test_python_values_become_arguments_and_come_back(t: str, given: object, returned: object) -> None:
    outcome = run(echo(t), args=[given])
    assert outcome.returned == returned
    assert type(outcome.returned) is type(returned)
    assert outcome.heap.calls == 0


@pytest.mark.parametrize(
    ("t", "given"),
    [("i8", 128), ("u8", -1), ("i64", 1.0), ("i64", True), ("bool", 1), ("f64", "1"), ("[]i64", [1, "2"]),
     ("[]i64", "12"), ("[]i64", b"12"), ("[]u8", [256]), ("[][]i64", [[1]]), ("*i64", 4), ("i64", None)],
)  # fmt: skip
def test_python_values_that_do_not_fit_are_usage_errors(t: str, given: object) -> None:
    with pytest.raises(UsageError, match=r"%x of @main takes|element \d of %x of @main takes"):
        run(echo(t), args=[given])


def test_an_entry_that_is_not_there_and_a_wrong_count_are_usage_errors() -> None:
    module = module_of("extern func @e()\nfunc @f(%x: i64) {\nentry:\n  ret\n}\n")
    for entry, message in (("main", "no function @main"), ("@e", "no function @e"), ("f", "1 arg")):
        with pytest.raises(UsageError, match=message):
            run(module, entry, [])


EXTERN = """
extern func @host(%s) -> %s
func @main() -> i64 {
entry:
  %%a = make []u8, 3
  store %%a[1], 7
%s
}
"""


def test_an_extern_reads_and_writes_the_program_s_memory() -> None:
    def host(view: SliceView, n: int) -> int:
        assert (len(view), bytes(view), view[1], view[-1], view[1:]) == (2, b"\x00\x07", 7, 7, [7])
        view[-2] = n
        return -n

    body = "  %b = slice %a, 0, 2\n  %r = call @host(%b, 9)\n  %x = load %a[0]\n  print %r, %x\n  ret %r"
    outcome = run(module_of(EXTERN % ("[]u8, i64", "i64", body)), externs={"host": host})
    assert (outcome.printed, outcome.returned) == (["-9 9"], -9)


def test_an_extern_may_give_back_what_it_was_given() -> None:
    body = "  %b = call @host(%a)\n  store %b[0], 5\n  %x = load %a[0]\n  print %x\n  ret 0"
    outcome = run(module_of(EXTERN % ("[]u8", "[]u8", body)), externs={"host": lambda view: view})
    assert outcome.printed == ["5"]


def test_an_extern_may_give_memory_of_its_own_and_nil() -> None:
    body = "  %b = call @host(1)\n  print %b\n  %c = call @host(0)\n  %n = eq %c, nil\n  print %n\n  ret 0"
    outcome = run(module_of(EXTERN % ("i64", "[]u8", body)), externs={"host": lambda n: b"host" if n else None})
    assert outcome.printed == ["host", "true"]


def test_an_extern_s_bad_access_traps_at_the_call() -> None:
    body = "  free %a\n  %x = call @host(%a)\n  ret %x"
    outcome = run(module_of(EXTERN % ("[]u8", "i64", body)), externs={"host": lambda view: view[0]})
    assert outcome.trap is not None and (outcome.trap.kind, outcome.trap.line) == (ops.USE_AFTER_FREE, 8)


def test_an_extern_s_result_is_held_to_its_type() -> None:
    with pytest.raises(UsageError, match="the result of @host takes i64"):
        run(module_of(EXTERN % ("i64", "i64", "  %x = call @host(1)\n  ret %x")), externs={"host": lambda n: "x"})


def test_externs_are_no_frames() -> None:
    body = "  %x = call @host(1)\n  ret %x"
    assert run(module_of(EXTERN % ("i64", "i64", body)), externs={"host": lambda n: n}, max_depth=1).returned == 1


def test_lines_come_as_they_are_printed() -> None:
    seen: list[str] = []
    module = module_of('func @main() {\nentry:\n  print "a"\n  print "\\xff"\n  trap "stop"\n}\n')
    outcome = run(module, on_print=seen.append)
    assert seen == outcome.printed == ["a", "\udcff"]


def test_another_heap_can_be_given() -> None:
    class OddHeap(SimpleHeap):
        def allocate(self, size_bytes: int, align_bytes: int, is_scan: bool) -> int | None:
            requests.append((size_bytes, align_bytes, is_scan))
            return super().allocate(size_bytes, align_bytes, is_scan) if len(requests) < 4 else None

    requests: list[tuple[int, int, bool]] = []
    module = module_of("""
func @main() {
entry:
  %a = make []u8, 5
  %b = new *i64
  %c = shared.alloc 32, align 16, scan
  %d = append %a, 1
  ret
}
""")
    outcome = run(module, heap=OddHeap())
    assert requests == [(5, 1, False), (8, 8, True), (32, 16, True), (10, 1, False)]
    assert outcome.trap is not None and outcome.trap.kind == ops.OUT_OF_MEMORY


def test_a_freed_result_is_not_looked_into() -> None:
    module = module_of("func @main() -> []i64 {\nentry:\n  %s = make []i64, 1\n  free %s\n  ret %s\n}\n")
    assert run(module).returned is None


def test_runs_do_not_share_memory() -> None:
    module = module_of("""
func @main() -> u8 {
entry:
  %s = make []u8, 1
  %x = load %s[0]
  store %s[0], 9
  ret %x
}
""")
    assert [run(module).returned for _ in range(3)] == [0, 0, 0]


def test_steps_of_deep_calls_stop_at_the_limit_exactly() -> None:
    module = module_of(COUNT_DOWN)
    whole = run(module, args=[20])
    assert whole.steps is not None
    for limit in range(whole.steps):
        outcome = run(module, args=[20], max_steps=limit)
        assert outcome.trap is not None and (outcome.trap.kind, outcome.steps) == (ops.STEP_LIMIT, limit)
    assert run(module, args=[20], max_steps=whole.steps) == whole


def test_trap_errors_never_leave_the_interpreter() -> None:
    module = module_of("extern func @host()\nfunc @main() {\nentry:\n  call @host()\n  ret\n}\n")

    def host() -> None:
        raise TrapError("host says no")

    outcome = run(module, externs={"host": host})
    assert isinstance(outcome, Outcome) and outcome.trap is not None and outcome.trap.kind == "host says no"


def test_floats_keep_their_signs_and_nan_through_memory() -> None:
    module = module_of("""
func @main(%x: f64) -> f64 {
entry:
  %s = make []f64, 1
  store %s[0], %x
  %y = load %s[0]
  ret %y
}
""")
    returned = run(module, args=[-0.0]).returned
    assert isinstance(returned, float) and math.copysign(1, returned) == -1
    assert repr(run(module, args=[math.nan]).returned) == "nan"


def test_an_extern_sees_slices_in_slices_and_can_give_them_back() -> None:
    module = module_of("""
extern func @pick([][]i64) -> []i64
func @main() -> i64 {
entry:
  %all = make [][]i64, 2
  %a = make []i64, 3
  store %a[2], 7
  store %all[1], %a
  %b = call @pick(%all)
  store %b[0], 5
  %x = load %a[0]
  %y = load %b[2]
  %sum = add %x, %y
  ret %sum
}
""")
    seen: list[object] = []

    def pick(given: SliceView) -> object:
        seen.extend([given[0], list(given[1])])
        return given[1]

    assert run(module, externs={"pick": pick}).returned == 12
    assert seen == [None, [0, 0, 7]]
