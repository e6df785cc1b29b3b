"""What `cse` merges, and beside it what it must not."""

from __future__ import annotations

import irpass as ip
from irpass.ir.core import Literal
from irpass.ir.types import I64
from irpass.passes.cse import Cse
from tests.unit.pass_runs import after, lines_after

HEAD = "func @f(%x: i64, %y: i64, %p: f64, %s: []i64, %c: bool) -> i64 {"


def check(before: str, expected: str) -> None:
    body = "entry:\n" + "\n".join(before.split("; ")) + "\nret 0"
    assert lines_after(body, Cse(), head=HEAD) == ["entry:", *expected.split("; "), "ret 0"]


def unchanged(body: str) -> None:
    check(body, body)


def test_equal_operations_are_one() -> None:
    check("%a = mul %x, 3; %b = mul %x, 3; print %a, %b", "%a = mul %x, 3; print %a, %a")


def test_commutative_operands_may_stand_in_any_order() -> None:
    check("%a = add %x, %y; %b = add %y, %x; print %a, %b", "%a = add %x, %y; print %a, %a")


def test_a_literal_counts_as_itself_wherever_it_lies_in_memory() -> None:
    sevens = [Literal(I64, 7) for _ in range(5_000)]
    module = ip.parse(f"{HEAD}\nentry:\n%a = and %x, 7\n%b = and %x, 7\nprint %a, %b\nret 0\n}}")
    sevens += [Literal(I64, 7) for _ in range(5_000)]
    first, second, *_ = module.funcs[0].instrs()
    first.operands[1], second.operands[1] = min(sevens, key=id), max(sevens, key=id)
    ip.optimize(module, "cse")
    assert "print %a, %a" in ip.print_module(module)


def test_subtraction_is_not_commutative() -> None:
    unchanged("%a = sub %x, %y; %b = sub %y, %x; print %a, %b")


def test_a_comparison_equals_its_mirror_image() -> None:
    check("%a = lt %x, %y; %b = gt %y, %x; print %a, %b", "%a = lt %x, %y; print %a, %a")
    check("%a = ge %p, 1.0; %b = le 1.0, %p; print %a, %b", "%a = ge %p, 1.0; print %a, %a")


def test_merging_one_makes_the_next_equal() -> None:
    check(
        "%a = add %x, 1; %b = add %x, 1; %c1 = mul %a, %y; %d = mul %b, %y; print %c1, %d",
        "%a = add %x, 1; %c1 = mul %a, %y; print %c1, %c1",
    )


def test_what_may_trap_has_trapped_the_first_time() -> None:
    check("%a = div %x, %y; %b = div %x, %y; print %a, %b", "%a = div %x, %y; print %a, %a")
    check("%a = elem %s, %x; %b = elem %s, %x; store %a, 1; store %b, 2", "%a = elem %s, %x; store %a, 1; store %a, 2")


def test_slices_of_one_slice_are_one() -> None:
    check("%a = slice %s, 0, %x; %b = slice %s, 0, %x; clear %a; clear %b", "%a = slice %s, 0, %x; clear %a; clear %a")


def test_two_allocations_are_two() -> None:
    unchanged("%a = make []i64, 4; %b = make []i64, 4; store %a[0], 1; store %b[0], 2")
    unchanged("%a = new i64; %b = new i64; store %a, 1; store %b, 2")


def test_loads_are_left_alone() -> None:
    unchanged("%a = load %s[0]; store %s[0], %x; %b = load %s[0]; print %a, %b")


def test_lengths_do_not_change() -> None:
    check("%a = len %s; store %s[0], 1; %b = len %s; print %a, %b", "%a = len %s; store %s[0], 1; print %a, %a")


def test_zero_and_minus_zero_are_two_constants_and_nan_is_one() -> None:
    unchanged("%a = const f64, 0.0; %b = const f64, -0.0; print %a, %b")
    check("%a = const f64, nan; %b = const f64, nan; print %a, %b", "%a = const f64, nan; print %a, %a")
    unchanged("%a = add %p, 0.0; %b = add %p, -0.0; print %a, %b")


def test_equal_numbers_of_two_types_are_two() -> None:
    unchanged("%a = const i64, 1; %b = const i32, 1; %d = const f64, 1.0; print %a, %b, %d")
    unchanged("%a = conv i32, %x; %b = conv u32, %x; print %a, %b")
    unchanged("%a = extent i64, %x; %b = extent i32, %x; print %a, %b")


def test_a_computation_serves_the_blocks_that_it_dominates() -> None:
    text = "entry:\n%a = add %x, 1\nbr_if %c, t, e\nt:\n%b = add %x, 1\nret %b\ne:\nret %a"
    assert lines_after(text, Cse(), head=HEAD) == (
        "entry:\n%a = add %x, 1\nbr_if %c, t, e\nt:\nret %a\ne:\nret %a".splitlines()
    )


def test_arms_do_not_serve_each_other_nor_what_follows() -> None:
    text = (
        "entry:\nbr_if %c, t, e\nt:\n%a = add %x, 1\nbr d(%a)\ne:\n%b = add %x, 1\nbr d(%b)\n"
        "d(%r: i64):\n%w = add %x, 1\nprint %w\nret %r"
    )
    assert lines_after(text, Cse(), head=HEAD) == text.splitlines()


def test_a_loop_reads_what_was_computed_before_it_and_its_arguments_follow() -> None:
    text = (
        "entry:\n%a = add %x, 1\nbr l(%a)\nl(%i: i64):\n%b = add %x, 1\n%j = mul %i, %b\nbr_if %c, l(%b), d\nd:\nret %j"
    )
    assert lines_after(text, Cse(), head=HEAD) == (
        "entry:\n%a = add %x, 1\nbr l(%a)\nl(%i: i64):\n%j = mul %i, %a\nbr_if %c, l(%a), d\nd:\nret %j".splitlines()
    )


def test_blocks_that_cannot_be_reached_keep_valid_operands() -> None:
    text = "entry:\n%a = add %x, 1\n%b = add %x, 1\nret %b\ndead:\n%w = add %b, 1\nret %w"
    assert lines_after(text, Cse(), head=HEAD) == (
        "entry:\n%a = add %x, 1\nret %a\ndead:\n%w = add %a, 1\nret %w".splitlines()
    )


CALLS = """\
extern func @square(i64) -> i64 pure
extern func @sum([]i64) -> i64 pure
extern func @next(i64) -> i64

func @f(%x: i64, %s: []i64) {{
entry:
  %a = call @{0}({1})
  store %s[0], %a
  %b = call @{0}({1})
  print %a, %b
  ret
}}
"""


def test_pure_externs_of_scalars_are_called_once() -> None:
    assert after(CALLS.format("square", "%x"), Cse()).count("call") == 1


def test_externs_that_may_read_memory_or_do_more_are_called_twice() -> None:
    assert after(CALLS.format("sum", "%s"), Cse()).count("call") == 2
    assert after(CALLS.format("next", "%x"), Cse()).count("call") == 2


def test_a_wide_chain_of_dominators_is_walked_without_recursion() -> None:
    n = 2000
    blocks = [f"b{i}:\n%v{i} = add %x, %y\nprint %v{i}\nbr b{i + 1}" for i in range(n)]
    text = "\n".join(["func @f(%x: i64, %y: i64) {", "entry:", "br b0", *blocks, f"b{n}:", "ret", "}"])
    assert after(text, Cse()).count("add %x") == 1
