"""insert-frees frees each object once, after its last use, on every way on; and leaves alone what it does not know."""

from __future__ import annotations

import pytest

from irpass.passes.insert_frees import InsertFrees
from irpass.testing.differential import compare
from irpass.testing.generator import random_inputs, random_program
from tests.unit.pass_runs import after

CALLEES = """
type @node = { *@node, i64 }
type @board = { []i64, []i64 }
extern func @keep([]i64) nofree
extern func @look([]i64) nocapture nofree
func @sum(%s: []i64) -> i64 {
entry:
  %x = load %s[0]
  %y = load %s[1]
  %z = add %x, %y
  ret %z
}
func @end(%s: []i64) {
entry:
  free %s
  ret
}
func @same(%s: []i64) -> []i64 {
entry:
  ret %s
}
"""


def _frees(body: str, head: str = "func @f(%n: i64, %c: bool) -> i64") -> list[str]:
    """The lines of a function after the pass."""
    text = after(f"{CALLEES}{head} {{\n{body}\n}}\n", InsertFrees())
    return [line.strip() for line in text[text.index(head.split(" ->")[0]) :].splitlines()[1:-1]]


def test_the_free_comes_after_the_last_use_through_any_alias() -> None:
    lines = _frees("""entry:
  %a = make []i64, 8
  %b = slice %a, 1, 3
  %p = elem %b, 0
  %x = load %a[%n]
  store %p, %x
  %y = add %x, 1
  ret %y""")
    assert lines[-3:] == ["free %a", "%y = add %x, 1", "ret %y"]


def test_a_call_that_keeps_nothing_is_a_use_like_others() -> None:
    lines = _frees("entry:\n  %a = make []i64, 8\n  %x = call @sum(%a)\n  call @look(%a)\n  ret %x")
    assert lines[-2:] == ["free %a", "ret %x"]


def test_what_a_callee_returns_may_be_what_it_was_given() -> None:
    lines = _frees("entry:\n  %a = make []i64, 8\n  %b = call @same(%a)\n  %x = load %b[0]\n  ret %x")
    assert lines[-3:] == ["%x = load %b[0]", "free %a", "ret %x"]


def test_each_way_on_frees_once_also_where_only_one_of_them_reads() -> None:
    lines = _frees("""entry:
  %a = make []i64, 8
  br_if %c, read, join(0)
read:
  %x = load %a[0]
  br join(%x)
join(%r: i64):
  ret %r""")
    assert lines.count("free %a") == 2
    assert lines == [
        "entry:", "%a = make []i64, 8", "br_if %c, read, free",
        "free:", "free %a", "br join(0)",
        "read:", "%x = load %a[0]", "free %a", "br join(%x)",
        "join(%r: i64):", "ret %r",
    ]  # fmt: skip


def test_what_a_loop_reads_is_freed_after_it() -> None:
    lines = _frees("""entry:
  %a = make []i64, 8
  br loop(0)
loop(%i: i64):
  %more = lt %i, %n
  br_if %more, body, done
body:
  store %a[%i], %i
  %next = add %i, 1
  br loop(%next)
done:
  ret %n""")
    assert lines[-3:] == ["done:", "free %a", "ret %n"]


def test_what_a_loop_makes_is_freed_in_it() -> None:
    lines = _frees("""entry:
  br loop(0)
loop(%i: i64):
  %a = make []i64, 8
  store %a[%i], %i
  %next = add %i, 1
  %more = lt %next, %n
  br_if %more, loop(%next), done
done:
  ret %n""")
    assert lines[lines.index("store %a[%i], %i") + 1] == "free %a"
    assert lines.count("free %a") == 1


def test_a_block_parameter_is_a_name_like_others() -> None:
    lines = _frees("""entry:
  %a = make []i64, 8
  %b = slice %a, 2, 4
  br_if %c, use(%a), use(%b)
use(%s: []i64):
  %x = load %s[0]
  ret %x""")
    assert lines[-3:] == ["%x = load %s[0]", "free %a", "ret %x"]


def test_no_free_comes_before_a_trap_that_ends_the_program() -> None:
    lines = _frees('entry:\n  %a = make []i64, 8\n  store %a[0], %n\n  trap "no"')
    assert not [line for line in lines if line.startswith("free")]


def test_what_is_stored_is_freed_with_the_last_that_may_hold_it() -> None:
    lines = _frees("""entry:
  %all = make [][]i64, 8
  %a = make []i64, 8
  store %all[0], %a
  %b = load %all[%n]
  %x = load %b[0]
  ret %x""")
    assert lines[-5:] == ["%b = load %all[%n]", "free %all", "%x = load %b[0]", "free %a", "ret %x"]


def test_an_object_and_the_slices_in_its_fields_are_freed() -> None:
    lines = _frees("""entry:
  %board = new @board
  %a = make []i64, %n
  %b = make []i64, 8
  store %board.0, %a
  store %board.1, %b
  br loop(0)
loop(%i: i64):
  %s = load %board.1
  %x = load %s[%i]
  %more = lt %x, %n
  br_if %more, loop(%x), done
done:
  ret %n""")
    assert lines[-5:] == ["done:", "free %board", "free %a", "free %b", "ret %n"]


def test_two_sites_that_change_names_are_both_freed_at_their_end() -> None:
    lines = _frees("""entry:
  %a = make []i64, 8
  %b = make []i64, 8
  br loop(%a, %b, 0)
loop(%prev: []i64, %cur: []i64, %i: i64):
  store %cur[0], %i
  %next = add %i, 1
  %more = lt %next, %n
  br_if %more, loop(%cur, %prev, %next), done
done:
  %x = load %prev[0]
  ret %x""")
    assert lines[-4:] == ["%x = load %prev[0]", "free %a", "free %b", "ret %x"]


def test_of_two_sites_the_one_that_each_end_passes_is_freed() -> None:
    lines = _frees("""entry:
  %a = make []i64, 8
  br loop(%a, 0)
loop(%s: []i64, %i: i64):
  %t = make []i64, 8
  %x = load %s[0]
  store %t[0], %x
  %next = add %i, 1
  %more = lt %next, %n
  br_if %more, loop(%t, %next), done
done:
  %y = load %s[1]
  ret %y""")
    assert [line for line in lines if line.startswith("free %")] == ["free %a"]
    assert lines[-3:] == ["%y = load %s[1]", "free %a", "ret %y"]


LEFT_ALONE = {
    "returned": ("entry:\n  %a = make []i64, 8\n  ret %a", "func @f(%n: i64) -> []i64"),
    "kept by an extern": "entry:\n  %a = make []i64, 8\n  call @keep(%a)\n  ret %n",
    "freed by a callee": "entry:\n  %a = make []i64, 8\n  call @end(%a)\n  ret %n",
    "freed already": "entry:\n  %a = make []i64, 8\n  free %a\n  ret %n",
    "stored in what is returned": (
        "entry:\n  %all = make [][]i64, 8\n  %a = make []i64, 8\n  store %all[0], %a\n  ret %all",
        "func @f(%n: i64) -> [][]i64",
    ),
    "stored in what a parameter names": (
        "entry:\n  %a = make []i64, 8\n  store %all[0], %a\n  ret %n",
        "func @f(%n: i64, %all: [][]i64) -> i64",
    ),
    "made on one way only": """entry:
  br_if %c, one, join(nil)
one:
  %a = make []i64, 8
  br join(%a)
join(%s: []i64):
  %x = len %s
  ret %x""",
    "one of many in a list": """entry:
  br loop(nil, 0)
loop(%list: *@node, %i: i64):
  %a = new @node
  store %a.0, %list
  %next = add %i, 1
  %more = lt %next, %n
  br_if %more, loop(%a, %next), done
done:
  ret %n""",
    "rotated through a loop": """entry:
  br loop(nil, 0)
loop(%s: []i64, %i: i64):
  %a = make []i64, 8
  br_if %c, next(%s), next(%a)
next(%t: []i64):
  %next = add %i, 1
  %more = lt %next, %n
  br_if %more, loop(%t, %next), done
done:
  ret %n""",
}


@pytest.mark.parametrize("name", LEFT_ALONE)
def test_what_may_be_held_elsewhere_is_left_alone(name: str) -> None:
    given = LEFT_ALONE[name]
    body, head = given if isinstance(given, tuple) else (given, "func @f(%n: i64, %c: bool) -> i64")
    before = sum(line.strip().startswith("free") for line in body.splitlines())
    lines = _frees(body, head)
    assert [line for line in lines if line.startswith("free %")] == ["free %a"] * before


@pytest.mark.parametrize("first", range(0, 300, 50))
def test_random_programs_do_the_same_with_their_frees(first: int) -> None:
    inserted = 0
    for seed in range(first, first + 50):
        program = random_program(700_000 + seed)
        verdict = compare(program, "insert-frees,fold-allocs", random_inputs(program, seed))
        assert verdict.failure is None, (seed, verdict.failure)
        inserted += verdict.count("insert-frees.sites")
    assert inserted > 10
