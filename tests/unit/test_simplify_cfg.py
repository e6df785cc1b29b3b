"""Which blocks `simplify-cfg` takes away, and which must stay."""

from __future__ import annotations

from irpass.passes.base import Context
from irpass.passes.simplify_cfg import SimplifyCfg
from irpass.text.parser import parse
from tests.unit.pass_runs import after, lines_after

HEAD = "func @f(%c: bool, %d: bool, %x: i64) -> i64 {"


def check(before: str, expected: str) -> None:
    assert lines_after(before, SimplifyCfg(), head=HEAD) == expected.splitlines()


def unchanged(text: str) -> None:
    check(text, text)


def test_unreachable_blocks_go_and_so_do_their_edges() -> None:
    check(
        "entry:\nbr_if %c, a(1), a(2)\na(%p: i64):\nret %p\nb:\nbr_if %d, b, a(3)",
        "entry:\nbr_if %c, a(1), a(2)\na(%p: i64):\nret %p",
    )


def test_a_straight_line_becomes_one_block() -> None:
    check(
        "entry:\nbr a(%x)\na(%p: i64):\n%q = add %p, 1\nbr b(%q, %p)\nb(%r: i64, %t: i64):\n%u = mul %r, %t\nret %u",
        "entry:\n%q = add %x, 1\n%u = mul %q, %x\nret %u",
    )


def test_a_literal_argument_is_named_where_it_cannot_be_written() -> None:
    check(
        "entry:\nbr a(1, 2)\na(%p: i64, %q: i64):\n%r = add %p, %q\nprint %p\n%t = add %x, %q\nprint %r, %t\nret %q",
        "entry:\n%p$1 = const i64, 1\n%q$1 = const i64, 2\n%r = add %p$1, %q$1\nprint %p$1\n%t = add %x, %q$1\n"
        "print %r, %t\nret %q$1",
    )


def test_a_block_with_two_edges_in_stays() -> None:
    unchanged("entry:\nbr_if %c, a, b\na:\nprint %x\nbr b\nb:\nret 0")


def test_a_loop_header_stays() -> None:
    unchanged("entry:\nbr l\nl:\nprint %x\nbr_if %c, l, d\nd:\nret 0")


def test_edges_lead_past_an_empty_block_with_its_arguments() -> None:
    check(
        "entry:\nbr_if %c, a(%x), b(7)\na(%p: i64):\nbr b(%p)\nb(%q: i64):\nret %q",
        "entry:\nbr_if %c, b(%x), b(7)\nb(%q: i64):\nret %q",
    )


def test_a_block_whose_parameter_is_read_elsewhere_is_not_empty() -> None:
    unchanged(
        "entry:\nbr_if %c, a(%x), a(7)\na(%p: i64):\nbr l(%p)\nl(%q: i64):\nprint %q\nbr_if %d, l(%p), e\ne:\nret %p"
    )


def test_a_branch_whose_ways_become_one_is_a_br() -> None:
    check("entry:\nbr_if %c, a, b\na:\nbr d\nb:\nbr d\nd:\nret %x", "entry:\nret %x")


def test_ways_with_different_arguments_do_not_become_one() -> None:
    check(
        "entry:\nbr_if %c, a, b\na:\nbr d(1)\nb:\nbr d(2)\nd(%p: i64):\nret %p",
        "entry:\nbr_if %c, d(1), d(2)\nd(%p: i64):\nret %p",
    )


def test_a_tree_of_empty_blocks_falls_in_one_run() -> None:
    check(
        "entry:\nbr_if %c, a, b\na:\nbr_if %d, a1, a2\na1:\nbr e\na2:\nbr e\n"
        "b:\nbr_if %d, b1, b2\nb1:\nbr e\nb2:\nbr e\ne:\nret %x",
        "entry:\nret %x",
    )


def test_an_empty_loop_for_ever_stays() -> None:
    unchanged("entry:\nbr_if %c, l, d\nl:\nbr l\nd:\nret 0")
    check("entry:\nbr_if %c, l, d\nl:\nbr m\nm:\nbr l\nd:\nret 0", "entry:\nbr_if %c, l, d\nl:\nbr l\nd:\nret 0")


def test_the_empty_latch_of_a_loop_goes() -> None:
    check(
        "entry:\nbr l(0)\nl(%i: i64):\n%j = add %i, 1\nbr_if %c, n(%j), d\nn(%k: i64):\nbr l(%k)\nd:\nret %i",
        "entry:\nbr l(0)\nl(%i: i64):\n%j = add %i, 1\nbr_if %c, l(%j), d\nd:\nret %i",
    )


def test_switch_loses_cases_that_have_come_to_the_default() -> None:
    check(
        "entry:\nswitch %x, d [1: a, 2: b]\na:\nbr d\nb:\nprint %x\nbr d\nd:\nret 0",
        "entry:\nswitch %x, d [2: b]\nb:\nprint %x\nbr d\nd:\nret 0",
    )


def test_an_entry_that_only_branches_takes_in_what_follows_but_keeps_no_edge_in() -> None:
    unchanged("entry:\nbr l\nl:\nprint %x\nbr l")


def test_traps_keep_line_and_loc_in_another_block() -> None:
    text = 'func @f() {\nentry:\n  br a\na:\n  trap "no" loc("a.go":7:1)\n}\n'
    module = parse(text)
    assert SimplifyCfg().run_module(module, Context(module))
    (instr,) = module.funcs[0].instrs()
    assert instr.block is module.funcs[0].entry
    assert (instr.line, str(instr.loc)) == (5, "a.go:7:1")


def test_a_long_line_of_blocks_is_merged_at_once() -> None:
    n = 2000
    blocks = [f"b{i}(%p{i}: i64):\nprint %p{i}\nbr b{i + 1}(%p{i})" for i in range(n)]
    text = "\n".join([HEAD, "entry:", "br b0(%x)", *blocks, f"b{n}(%p: i64):", "ret %p", "}"])
    assert after(text, SimplifyCfg()).count("print %x") == n
