"""What may alias, escape and be freed, case by case and against a slower, flow-blind but exact-by-object twin."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from irpass.analysis.alias_classes import (
    CAPTURED,
    FOREIGN,
    FREED,
    FREED_BY_CALL,
    FREED_BY_CALLER,
    FREED_OWN,
    KEPT,
    OUTER,
    WRITTEN,
)
from irpass.analysis.call_graph import callee_name
from irpass.analysis.points_to import PointsTo
from irpass.ir import ops
from irpass.ir.core import Func, Instr, Value
from irpass.text.parser import parse
from irpass.verifier import verify
from tests.parts import func_of
from tests.unit.random_block import block_texts

HEAD = """
type @box = { []i64, *@box }
extern func @keep([]i64)
extern func @hold([]i64) nofree
extern func @look([]i64) -> i64 nocapture nofree
extern func @drop([]i64) nocapture
extern func @pure([]i64) -> i64 pure
extern func @give() -> []i64 nofree
extern func @same([]i64) -> []i64 nocapture nofree
func @id(%x: []i64) -> []i64 {
entry:
  ret %x
}
func @free_it(%x: []i64) {
entry:
  free %x
  ret
}
func @put(%into: *@box, %x: []i64) {
entry:
  store %into.0, %x
  ret
}
func @fresh() -> []i64 {
entry:
  %made = make []i64, 2
  ret %made
}
"""


class Body:
    """A module with `@f`, whose lines are given, and what is known of its values by name."""

    def __init__(self, lines: str, params: str = "", result: str = "", head: str = HEAD) -> None:
        text = f"{head}func @f({params}){result} {{\nentry:\n{lines}\n}}\n"
        self.module = parse(text)
        assert verify(self.module) == []
        self.points_to = PointsTo(self.module)

    def value(self, name: str, func: str = "f") -> Value:
        return next(v for v in func_of(self.module, func).values() if v.name == name)

    def alias(self, a: str, b: str) -> bool:
        return self.points_to.may_alias(self.value(a), self.value(b))

    def flags(self, name: str, func: str = "f") -> int:
        return self.points_to.flags(self.value(name, func))


A_AND_B = "  %a = make []i64, 4\n  %b = make []i64, 4\n"


@pytest.mark.parametrize(
    "line",
    [
        "%x = slice %a, 1, 3", "%x = elem %a, 0", "%x = select %c, %a, nil", "%x = append %a, 1", "%x = extend %a, %b",
        "%x = call @id(%a)", "%x = call @same(%a)",
    ],
)  # fmt: skip
def test_what_is_made_of_a_reference_may_be_it(line: str) -> None:
    body = Body(f"{A_AND_B}  {line}\n  ret", "%c: bool")
    assert body.alias("x", "a")
    assert not body.alias("x", "b")
    assert not body.alias("a", "b")


def test_a_field_is_part_of_its_struct() -> None:
    body = Body("  %p = new @box\n  %q = new @box\n  %x = field %p, 0\n  ret")
    assert body.alias("x", "p")
    assert not body.alias("x", "q")


def test_a_block_parameter_may_be_all_that_is_passed_for_it() -> None:
    body = Body(f"{A_AND_B}  %d = make []i64, 1\n  br_if %c, to(%a), to(%b)\nto(%x: []i64):\n  ret", "%c: bool")
    assert body.alias("x", "a")
    assert body.alias("x", "b")
    assert not body.alias("x", "d")


def test_what_was_stored_may_be_loaded() -> None:
    body = Body(f"{A_AND_B}  %p = new @box\n  store %p.0, %a\n  %x = load %p.0\n  ret")
    assert body.alias("x", "a")
    assert not body.alias("x", "b")


def test_what_was_stored_in_one_object_is_not_loaded_from_another() -> None:
    body = Body(f"{A_AND_B}  %p = new @box\n  %q = new @box\n  store %p.0, %a\n  %x = load %q.0\n  ret")
    assert not body.alias("x", "a")


def test_copying_slices_of_slices_copies_what_they_hold() -> None:
    lines = "  %p = make [][]i64, 1\n  %q = make [][]i64, 1\n  store %p[0], %a\n  copy %q, %p\n  %x = load %q[0]\n  ret"
    body = Body(A_AND_B + lines)
    assert body.alias("x", "a")
    assert not body.alias("p", "q")


def test_what_a_callee_stores_may_be_loaded_here() -> None:
    body = Body(f"{A_AND_B}  %p = new @box\n  call @put(%p, %a)\n  %x = load %p.0\n  ret")
    assert body.alias("x", "a")
    assert not body.alias("x", "b")


def test_two_calls_of_one_function_do_not_mix_what_they_are_given() -> None:
    body = Body(f"{A_AND_B}  %x = call @id(%a)\n  %y = call @id(%b)\n  ret")
    assert not body.alias("x", "y")
    assert not body.alias("x", "b")


def test_two_arguments_that_are_one_object_are_one_for_the_callee() -> None:
    callee = "func @two(%p: *@box, %q: *@box) {\nentry:\n  %s = load %p.0\n  %t = load %q.0\n  ret\n}\n"
    apart = Body("  %p = new @box\n  %q = new @box\n  call @two(%p, %q)\n  ret", head=HEAD + callee)
    same = Body("  %p = new @box\n  call @two(%p, %p)\n  ret", head=HEAD + callee)
    assert not apart.points_to.may_alias(apart.value("s", "two"), apart.value("t", "two"))
    assert same.points_to.may_alias(same.value("s", "two"), same.value("t", "two"))
    assert same.points_to.may_alias(same.value("p", "two"), same.value("q", "two"))


def test_one_object_two_calls_down_is_one_there_too() -> None:
    callees = (
        "func @two(%p: *@box, %q: *@box) {\nentry:\n  ret\n}\n"
        "func @on(%p: *@box, %q: *@box) {\nentry:\n  call @two(%p, %q)\n  ret\n}\n"
    )
    body = Body("  %p = new @box\n  call @on(%p, %p)\n  ret", head=HEAD + callees)
    assert body.points_to.may_alias(body.value("p", "two"), body.value("q", "two"))


def test_a_recursion_joins_what_goes_round() -> None:
    callee = (
        "func @round(%x: []i64, %y: []i64, %n: i64) -> []i64 {\nentry:\n  %stop = le %n, 0\n  br_if %stop, done, on\n"
        "on:\n  %m = sub %n, 1\n  %r = call @round(%y, %x, %m)\n  ret %r\ndone:\n  ret %x\n}\n"
    )
    body = Body(f"{A_AND_B}  %d = make []i64, 1\n  %z = call @round(%a, %b, 3)\n  ret", head=HEAD + callee)
    assert body.alias("z", "a")
    assert body.alias("z", "b")
    assert not body.alias("z", "d")


@pytest.mark.parametrize(
    ("line", "flags"),
    [
        ("call @keep(%a)", CAPTURED | KEPT | FOREIGN | FREED_BY_CALL | WRITTEN),
        ("call @hold(%a)", CAPTURED | KEPT | FOREIGN | WRITTEN),
        ("call @look(%a)", WRITTEN), ("call @drop(%a)", FREED_BY_CALL | WRITTEN), ("call @pure(%a)", 0),
        ("call @free_it(%a)", FREED_BY_CALL), ("%x = call @id(%a)", 0), ("free %a", FREED_OWN),
        ("store %a[0], 1", WRITTEN), ("clear %a", WRITTEN), ("%x = load %a[0]", 0), ("%x = len %a", 0),
    ],
)  # fmt: skip
def test_what_an_instruction_may_do_to_its_operand(line: str, flags: int) -> None:
    body = Body(f"{A_AND_B}  {line}\n  ret")
    assert body.flags("a") == flags
    assert body.flags("b") == 0


def test_a_free_through_another_name_is_of_anything_it_may_be() -> None:
    body = Body(f"{A_AND_B}  %x = select %c, %a, %b\n  free %x\n  ret", "%c: bool")
    assert body.flags("a") & FREED
    assert body.flags("b") & FREED


def test_what_is_returned_or_stored_outside_is_held_there() -> None:
    body = Body(f"{A_AND_B}  store %p.0, %b\n  %d = make []i64, 1\n  ret %a", "%p: *@box", " -> []i64")
    assert body.flags("a") & OUTER
    assert body.flags("b") & OUTER
    assert not body.flags("d") & OUTER


def test_what_hangs_from_what_escapes_escapes() -> None:
    body = Body(
        f"{A_AND_B}  %p = new @box\n  %q = new @box\n  store %p.1, %q\n  store %q.0, %a\n  ret %p", "", " -> *@box"
    )
    assert body.flags("q") & OUTER
    assert body.flags("a") & OUTER
    assert not body.flags("b") & OUTER


def test_a_caller_that_frees_what_it_was_given_is_known_to_the_callee() -> None:
    frees = Body("  %x = call @fresh()\n  free %x\n  ret")
    keeps = Body("  %x = call @fresh()\n  ret")
    assert frees.flags("made", "fresh") & FREED_BY_CALLER
    assert not keeps.flags("made", "fresh") & FREED_BY_CALLER


def test_a_callers_own_free_by_name_is_not_of_what_the_callee_made() -> None:
    made = "  %x = call @fresh()\n  %a = make []i64, 2\n  %p = new @box\n"
    body = Body(f"{made}  store %p.0, %x\n  store %p.0, %a\n  free %a\n  ret")
    assert body.alias("x", "a")
    assert not body.flags("made", "fresh") & FREED_BY_CALLER


def test_what_a_callee_frees_of_its_own_is_not_freed_for_the_caller() -> None:
    callee = (
        "func @open(%c: bool) -> []i64 {\nentry:\n  %made2 = make []i64, 2\n  br_if %c, good, bad\n"
        "good:\n  ret %made2\nbad:\n  free %made2\n  ret nil\n}\n"
    )
    body = Body("  %x = call @open(true)\n  ret", head=HEAD + callee)
    assert not body.flags("x") & FREED_BY_CALL
    assert body.flags("made2", "open") & FREED_OWN
    assert not body.flags("made2", "open") & (FREED_BY_CALLER | FREED)


def test_code_outside_that_may_free_what_another_kept_is_found() -> None:
    assert Body(f"{A_AND_B}  call @hold(%a)\n  ret").points_to.frees_captured is None
    found = Body(f"{A_AND_B}  call @hold(%a)\n  call @drop(%b)\n  ret").points_to.frees_captured
    assert found is not None
    assert callee_name(found) == "drop"


def test_a_free_of_what_came_from_outside_may_be_of_what_went_there() -> None:
    assert Body("  %x = call @give()\n  free %x\n  ret").points_to.may_free_foreign
    assert not Body(f"{A_AND_B}  call @hold(%a)\n  free %a\n  ret").points_to.may_free_foreign


class Twin:
    """Which objects each value may name, by inclusion and to a fixed point (Andersen 1994): slow and obvious.

    Of a function without branches. The objects are the instructions that allocate, and the roots that parameters name.
    """

    def __init__(self, func: Func, roots: dict[str, str]) -> None:
        self.names: dict[Value, set[object]] = {p: {roots[p.name]} for p in func.params if p.name in roots}
        self.holds: dict[object, set[object]] = {}
        instrs = list(func.instrs())
        for _ in range(len(instrs) + 2):
            for instr in instrs:
                self._flow(instr)

    def of(self, operand: object) -> set[object]:
        return self.names.get(operand, set()) if isinstance(operand, Value) else set()

    def _flow(self, i: Instr) -> None:
        named: set[object] = set()
        if i.op in (ops.MAKE, ops.NEW, ops.DERIVE, ops.APPEND, ops.EXTEND):
            named.add(i)
        if i.op in (ops.SLICE, ops.ELEM, ops.FIELD, ops.APPEND, ops.EXTEND):
            named |= self.of(i.operands[0])
        elif i.op is ops.SELECT:
            named |= self.of(i.operands[1]) | self.of(i.operands[2])
        elif i.op is ops.LOAD:
            for o in self.of(i.operands[0]):
                named |= self.holds.get(o, set())
        if i.result is not None:
            self.names.setdefault(i.result, set()).update(named)
        for o in self.of(i.operands[0]) | named if i.operands else ():
            if i.op in (ops.STORE, ops.APPEND):
                self.holds.setdefault(o, set()).update(self.of(i.operands[-1]))
            elif i.op in (ops.EXTEND, ops.COPY):
                for source in self.of(i.operands[0]) | self.of(i.operands[1]):
                    self.holds.setdefault(o, set()).update(self.holds.get(source, set()))


@settings(max_examples=300, deadline=None)
@given(block_texts(max_lines=24))
def test_what_the_twin_says_may_be_one_object_is_of_one_class(text: str) -> None:
    module = parse(text)
    main, points_to = func_of(module, "main"), PointsTo(module)
    twin = Twin(main, {"s": "s", "t": "s", "p": "p"})  # @start passes a slice, and a part of that slice
    references = [v for v in main.values() if points_to.knows(v)]
    for i, a in enumerate(references):
        for b in references[i:]:
            assert points_to.may_alias(a, b) or not twin.of(a) & twin.of(b)


@settings(max_examples=300, deadline=None)
@given(block_texts(max_lines=24))
def test_what_the_twin_says_is_freed_captured_or_written_is_flagged_so(text: str) -> None:
    module = parse(text)
    main, points_to = func_of(module, "main"), PointsTo(module)
    twin = Twin(main, {"s": "s", "t": "s", "p": "p"})
    made = {v: v.definition for v in main.values() if v.definition is not None and v.definition in twin.of(v)}
    for instr in main.instrs():
        for value, site in made.items():
            if not instr.operands or site not in twin.of(instr.operands[0]):
                continue
            flags = points_to.flags(value)
            if instr.op is ops.FREE:
                assert flags & (FREED | FREED_OWN)
                assert instr in points_to.frees[points_to.class_of(value)]
            elif instr.op is ops.STORE:
                assert flags & WRITTEN
            elif instr.op is ops.CALL and callee_name(instr) == "keep":
                assert flags & CAPTURED
                assert flags & FREED_BY_CALL
