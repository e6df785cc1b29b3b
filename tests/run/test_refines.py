"""When one outcome may stand for another, and what is said when it may not."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from irpass.diagnostics import Loc
from irpass.heap.simple import HeapStats
from irpass.interp.outcome import Outcome, Returned, Trap, refines
from irpass.ir import ops

TRAP = Trap(ops.INDEX_RANGE, "main", "body", 4, Loc("main.go", 1, 2))


def outcome(returned: Returned = None, printed: tuple[str, ...] = (), trap: Trap | str | None = None,
            peak: int = 0, denied: int = 0) -> Outcome:  # fmt: skip
    trap = Trap(trap, "main", "entry") if isinstance(trap, str) else trap
    return Outcome(returned, list(printed), trap, 1, HeapStats(peak_bytes=peak, denied_bytes=denied))


@pytest.mark.parametrize("value", [None, 1, 0.0, -0.0, math.nan, True, b"ab", [1, 2], [math.nan, -0.0]], ids=repr)
def test_every_outcome_refines_itself(value: Returned) -> None:
    assert refines(outcome(value, ("a", "b")), outcome(value, ("a", "b"))) is None
    assert refines(outcome(None, ("a",), TRAP), outcome(None, ("a",), TRAP)) is None


@pytest.mark.parametrize(
    ("old", "new"), [(1, 2), (0.0, -0.0), (1, True), (1, 1.0), (b"a", b"b"), ([1], [1, 2]), ([0.0], [-0.0]), (0, None)]
)
def test_another_returned_value_does_not(old: Returned, new: Returned) -> None:
    assert refines(outcome(old), outcome(new)) == f"returned: {old!r} before, {new!r} after"


def test_what_is_not_observable_may_differ() -> None:
    after = Outcome(1, ["a"], None, 99, HeapStats(calls=7, peak_bytes=9))
    assert refines(outcome(1, ("a",)), after) is None
    assert refines(outcome(trap=TRAP), outcome(trap=replace(TRAP, line=77))) is None


def test_printed_lines_must_agree() -> None:
    assert refines(outcome(1, ("a", "b")), outcome(1, ("a", "c"))) == "line 2 printed: 'b' before, 'c' after"
    assert refines(outcome(1, ("a", "b")), outcome(1, ("a",))) == "printed 2 lines before, 1 after"
    assert refines(outcome(1, ("a",)), outcome(1, ("a", "b"))) == "printed 1 lines before, 2 after"
    found = refines(outcome(1, ("a",)), outcome(None, (), TRAP))
    assert found == "printed 1 lines before, 0 after, which trapped: index out of range"


def test_the_difference_in_print_comes_first() -> None:
    found = refines(outcome(1, ("a",)), outcome(2, ("b",), TRAP))
    assert found is not None and found.startswith("line 1 printed")


@pytest.mark.parametrize(
    ("new", "said"),
    [
        (None, "trap: index out of range before, none after"),
        (replace(TRAP, kind=ops.NIL), "trap: index out of range before, nil dereference after"),
        (replace(TRAP, func="f"), "place of index out of range: @main, block body before, @f, block body after"),
        (replace(TRAP, block="b"), "place of index out of range: @main, block body before, @main, block b after"),
        (replace(TRAP, loc=None), "place of index out of range: main.go:1:2 before, None after"),
        (replace(TRAP, loc=Loc("main.go", 1, 3)), "place of index out of range: main.go:1:2 before, main.go:1:3 after"),
    ],
)
def test_a_trap_keeps_its_kind_and_place(new: Trap | None, said: str) -> None:
    assert refines(outcome(trap=TRAP), outcome(trap=new)) == said


def test_a_new_trap_is_a_difference() -> None:
    assert refines(outcome(1), outcome(trap=TRAP)) == "trap: none before, index out of range after"


def test_code_that_moved_between_blocks_keeps_kind_and_loc() -> None:
    moved = replace(TRAP, func="f", block="b")
    assert refines(outcome(trap=TRAP), outcome(trap=moved), same_blocks=False) is None
    assert refines(outcome(trap=TRAP), outcome(trap=replace(moved, loc=None)), same_blocks=False) is not None
    assert refines(outcome(trap=TRAP), outcome(trap=replace(moved, kind=ops.NIL)), same_blocks=False) is not None


@pytest.mark.parametrize("cut", [ops.OUT_OF_MEMORY, ops.STEP_LIMIT])
def test_a_run_that_was_cut_short_must_agree_that_far(cut: str) -> None:
    whole, short = outcome(1, ("a", "b")), outcome(None, ("a",), cut)
    assert refines(whole, short) is None
    assert refines(short, whole) is None
    assert refines(short, outcome(None, ("a", "b"), TRAP)) is None
    assert refines(outcome(None, ("a", "b"), TRAP), short) is None
    assert refines(short, outcome(None, (), cut)) is None
    assert refines(whole, outcome(None, ("c",), cut)) == "line 1 printed: 'a' before, 'c' after"
    assert refines(outcome(None, ("c",), cut), whole) == "line 1 printed: 'c' before, 'a' after"
    assert refines(whole, outcome(None, ("a", "b", "c"), cut)) == ("printed 2 lines before, 3 after")
    assert refines(outcome(None, ("a", "b", "c"), cut), whole) == "printed 3 lines before, 2 after"


def test_a_stack_overflow_is_a_trap_as_any_other() -> None:
    assert refines(outcome(1), outcome(trap=ops.STACK_OVERFLOW)) == "trap: none before, stack overflow after"


def test_memory_may_exceed_the_peak_by_the_group_limits_and_no_more() -> None:
    before = outcome(1, peak=100)
    assert refines(before, outcome(1, peak=132), spare_bytes=32) is None
    assert refines(before, outcome(1, peak=133)) is None
    said = "memory: 133 bytes needed after, where 132 are allowed"
    assert refines(before, outcome(1, peak=133), spare_bytes=32) == said
    assert refines(before, outcome(trap=ops.OUT_OF_MEMORY, denied=132), spare_bytes=32) is None
    assert refines(before, outcome(trap=ops.OUT_OF_MEMORY, denied=133), spare_bytes=32) == said
    assert refines(outcome(trap=ops.OUT_OF_MEMORY, peak=5), outcome(1, peak=500), spare_bytes=0) is None
