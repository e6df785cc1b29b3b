"""What an instruction may do, by kind and by its operands; and what functions may do, by all that they call."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from irpass.analysis.effects import (
    allocates,
    calls,
    effects_of,
    frees,
    is_hoistable,
    is_observable,
    is_removable,
    may_trap,
    reads,
    summaries,
    writes,
)
from irpass.analysis.manager import Analyses
from irpass.ir import edit, ops
from irpass.ir.core import Instr, Literal
from irpass.ir.layout import Layouts
from irpass.ir.ops import Effects
from irpass.ir.semantics import ArithmeticTrapError, binary
from irpass.ir.types import I8, U8, ScalarType
from irpass.text.parser import parse
from tests.parts import end_of, func_of
from tests.unit.random_cfg import reaches

HEAD = """
type @pair = { i64, i64 }
extern func @out([]i64)
func @f(%n: i64, %u: u64, %x: f64, %s: []i64, %p: *@pair, %c: bool, %text: []u8) {
entry:
  %two = const i64, 2
"""


def instr(line: str) -> Instr:
    return func_of(parse(f"{HEAD}  {line}\n  ret\n}}")).entry.instrs[1]


SAFE = [
    "%r = add %n, 1",
    "%r = div %n, 2",
    "%r = rem %n, -1",
    "%r = div %n, %two",
    "%r = div %x, 0.0",
    "%r = div %x, %x",
    "%r = shl %n, 3",
    "%r = shr %n, 0",
    "%r = shl %u, %u",
    "%r = conv i8, %n",
    "%r = len %s",
    "%r = extent i64, %n",
    "%r = select %c, %n, 1",
]
MAY_TRAP = [
    "%r = div %n, %n",
    "%r = rem %n, 0",
    "%r = div %u, 0",
    "%r = shl %n, -1",
    "%r = shr %n, %n",
]


@pytest.mark.parametrize("line", SAFE)
def test_arithmetic_that_cannot_trap_is_hoistable_and_removable(line: str) -> None:
    i = instr(line)
    assert is_hoistable(i) and not may_trap(i) and is_removable(i)


@pytest.mark.parametrize("line", MAY_TRAP)
def test_arithmetic_that_may_trap_stays(line: str) -> None:
    i = instr(line)
    assert may_trap(i) and not is_hoistable(i) and not is_removable(i)


@pytest.mark.parametrize(
    ("line", "traps"),
    [
        ("%r = make []i64, 4", False),
        ("%r = make []i64, 0", False),
        ("%r = make []i64, %two", False),
        ("%r = make []i64, 4, 8", False),
        ("%r = make []i64, 4, 3", True),
        ("%r = make []i64, -1", True),
        ("%r = make []i64, %n", True),
        ("%r = make []i64, 4, %n", True),
        ("%r = make []u8, 0x800000000000", False),
        ("%r = make []u8, 0x800000000001", True),
        ("%r = make []i64, 0x100000000000", False),
        ("%r = make []i64, 0x100000000001", True),
        ("%r = make []@pair, 4", False),
        ("%r = make []@pair, 0x100000000000", True),
        ("%r = make [][]u8, 4", False),
        ("%r = new @pair", False),
        ("%r = slice %s, 0, 1", True),
        ("%r = elem %s, 0", True),
        ("%r = field %p, 0", True),
        ("%r = load %s[0]", True),
        ("store %s[0], 1", True),
        ("%r = append %s, 1", True),
        ("clear %s", True),
        ("free %s", True),
        ("free nil", False),
        ('print %n, "text"', False),
        ("print %text", True),
        ("call @out(%s)", True),
    ],
)
def test_what_may_trap(line: str, traps: bool) -> None:
    i = instr(line)
    assert i.block is not None
    assert may_trap(i, Layouts(i.block.func.module)) == traps


def test_without_layouts_a_make_of_structs_may_trap() -> None:
    assert may_trap(instr("%r = make []@pair, 4"))


def test_terminators_do_not_trap_but_trap_does() -> None:
    func = func_of(parse('func @f() {\nentry:\n  br out\nout:\n  trap "no"\n}'))
    branch, trap = map(end_of, func.blocks)
    assert not may_trap(branch) and may_trap(trap)
    assert not is_removable(branch)


@pytest.mark.parametrize(
    ("line", "reads_it", "writes_it", "frees_it", "allocates_it", "shows"),
    [
        ("%r = load %s[0]", True, False, False, False, False),
        ("store %s[0], 1", False, True, False, False, False),
        ("%r = make []i64, %n", False, False, False, True, False),
        ("%r = append %s, 1", True, True, False, True, False),
        ("free %s", False, False, True, False, False),
        ("print %n", True, False, False, False, True),
        ("%r = slice %s, 0, 1", False, False, False, False, False),
        ("call @out(%s)", True, True, True, True, True),
    ],
)
def test_effects_by_kind(
    line: str, reads_it: bool, writes_it: bool, frees_it: bool, allocates_it: bool, shows: bool
) -> None:
    i = instr(line)
    assert [reads(i), writes(i), frees(i), allocates(i), is_observable(i)] == [
        reads_it, writes_it, frees_it, allocates_it, shows,
    ]  # fmt: skip
    assert calls(i) == line.startswith("call")


def test_loads_and_good_makes_are_removable_only_if_they_cannot_trap() -> None:
    assert is_removable(instr("%r = make []i64, 4")) and is_removable(instr("%r = new i64"))
    assert not is_removable(instr("%r = make []i64, %n")) and not is_removable(instr("%r = load %s[0]"))
    assert not is_removable(instr("print %n"))


def test_no_operation_is_hoistable_by_table_and_traps() -> None:
    assert not [op.name for op in ops.ALL if op.hoistable and (op.traps or not op.is_pure)]


MODULE = """
extern func @any()
extern func @keeps() nofree
extern func @sine(f64) -> f64 pure
extern func @exit() noreturn

func @leaf(%n: i64) -> i64 {
entry:
  %r = add %n, 1
  ret %r
}
func @reader(%p: *i64) -> i64 {
entry:
  %x = load %p
  %r = call @leaf(%x)
  ret %r
}
func @prints(%p: *i64) {
entry:
  %x = call @reader(%p)
  print %x
  ret
}
func @even(%n: i64) -> i64 {
entry:
  %r = call @odd(%n)
  ret %r
}
func @odd(%n: i64) -> i64 {
entry:
  %m = make []i64, 3
  %r = call @even(%n)
  ret %r
}
func @spins() {
entry:
  br entry2
entry2:
  br entry2
}
func @outside() {
entry:
  call @keeps()
  %r = call @sine(1.0)
  ret
}
"""


def test_summaries_gather_what_callees_do() -> None:
    found = summaries(parse(MODULE))
    e = Effects
    anything = e.READS | e.WRITES | e.ALLOCATES | e.FREES | e.PRINTS | e.CALLS
    table = {
        "any": (anything, True, True, False),
        "keeps": (anything & ~e.FREES, True, True, False),
        "sine": (e.READS, True, False, False),
        "exit": (anything, True, True, False),
        "leaf": (e.NONE, False, False, False),
        "reader": (e.READS, True, False, False),
        "prints": (e.READS | e.PRINTS, True, False, False),
        "even": (e.ALLOCATES, False, True, True),
        "odd": (e.ALLOCATES, False, True, True),
        "spins": (e.NONE, False, True, False),
        "outside": (anything & ~e.FREES, True, True, False),
        "nobody": (anything, True, True, True),
    }
    for name, expected in table.items():
        s = found.of(name)
        assert (s.effects, s.may_trap, s.may_not_return, s.is_recursive) == expected, name


def test_a_call_does_what_its_callee_does() -> None:
    module = parse(MODULE)
    found = summaries(module)
    call = func_of(module, "reader").entry.instrs[1]
    assert effects_of(call, found) is Effects.NONE and not is_observable(call, found)
    assert is_observable(func_of(module, "outside").entry.instrs[0], found)
    assert may_trap(call)  # the stack may be at its end


def test_the_manager_keeps_summaries_until_a_function_changes() -> None:
    module = parse(MODULE)
    analyses = Analyses()
    kept = analyses.summaries(module)
    assert analyses.summaries(module) is kept
    edit.touch(func_of(module, "leaf"))
    assert analyses.summaries(module) is not kept


@pytest.mark.parametrize("t", [I8, U8], ids=str)
@pytest.mark.parametrize("op", [ops.DIV, ops.REM, ops.SHL, ops.SHR], ids=lambda op: op.name)
def test_an_operation_with_a_literal_may_trap_exactly_if_it_does_for_some_operand(op: ops.Op, t: ScalarType) -> None:
    compute = binary(op, t)
    for b in range(t.lo, t.hi + 1):
        traps = False
        for a in (t.lo, -1 if t.signed else 1, 0, t.hi):
            try:
                compute(a, b)
            except ArithmeticTrapError:
                traps = True
        i = Instr(op, [Literal(t, 1), Literal(t, b)])
        assert may_trap(i) == traps and is_hoistable(i) == (not traps), b


@given(st.lists(st.lists(st.integers(0, 6), max_size=3), min_size=1, max_size=7), st.data())
def test_a_summary_is_the_union_over_all_functions_that_can_be_reached(
    drawn: list[list[int]], data: st.DataObject
) -> None:
    graph = [[c for c in row if c < len(drawn)] for row in drawn]
    lines = {"": Effects.NONE, "%m = new i64": Effects.ALLOCATES, "print true": Effects.READS | Effects.PRINTS}
    own = [data.draw(st.sampled_from(list(lines))) for _ in graph]
    text = ""
    for i, row in enumerate(graph):
        text += "\n".join([f"func @f{i}() {{", "e:", own[i], *(f"call @f{c}()" for c in row), "ret", "}", ""])
    found = summaries(parse(text))
    for i in range(len(graph)):
        reached = reaches(graph, i)
        expected = Effects.NONE
        for r in reached:
            expected |= lines[own[r]]
        back = any(i in reaches(graph, c) for c in graph[i])
        round_and_round = any(r in reaches(graph, c) for r in reached for c in graph[r])
        s = found.of(f"f{i}")
        assert (s.effects, s.is_recursive, s.may_not_return) == (expected, back, round_and_round)
