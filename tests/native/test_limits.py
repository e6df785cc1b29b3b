"""Where a run ends for want of something: depth of calls, stack, the heap's limit, the machine's memory."""

from __future__ import annotations

import pytest

import irpass as ip
from irpass.ir import ops
from irpass.native import engine
from irpass.native.engine import NativeProgram
from irpass.native.options import LoweringOptions
from tests.native.agreement import Limits, disagreement

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
