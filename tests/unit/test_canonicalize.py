"""Each rule of `canonicalize`, and beside it the near miss that it must leave alone."""

from __future__ import annotations

import pytest

from irpass.passes.base import Context
from irpass.passes.canonicalize import Canonicalize
from irpass.text.parser import parse
from tests.unit.pass_runs import after, lines_after

HEAD = (
    "func @f(%x: i64, %y: i64, %u: u8, %p: f64, %q: f64, %h: f32, %b: bool, %c: bool, %s: []i64, %r: *i64, "
    "%n: i64) -> i64 {"
)


def check(before: str, expected: str) -> None:
    """The body, its lines separated by semicolons, becomes the expected one; `entry:` and `ret 0` are added."""
    body = "entry:\n" + "\n".join(before.split("; ")) + "\nret 0"
    lines = lines_after(body, Canonicalize(), head=HEAD)
    assert lines == ["entry:", *(expected.split("; ") if expected else []), "ret 0"]


FOLDED = {  # an operation on constants, and what is printed for it
    "integers-wrap": ("const i8, 127", "add %k, 1", "-128"),
    "division-truncates-toward-zero": ("const i64, -7", "div %k, 2", "-3"),
    "least-divided-by-minus-one-wraps": ("const i64, -9223372036854775808", "div %k, -1", "-9223372036854775808"),
    "remainder-has-the-sign-of-the-dividend": ("const i64, -7", "rem %k, 2", "-1"),
    "shift-by-the-width-is-zero": ("const u8, 255", "shr %k, 8", "0"),
    "negative-shift-right-is-minus-one": ("const i64, -5", "shr %k, 64", "-1"),
    "single-precision-rounds": ("const f32, 0.1", "add %k, 0.2", "0.3"),
    "floats-divide-by-zero": ("const f64, -1.0", "div %k, 0.0", "-inf"),
    "unsigned-compares-unsigned": ("const u64, 18446744073709551615", "gt %k, 1", "true"),
    "nan-is-not-equal-to-itself": ("const f64, nan", "eq %k, %k", "false"),
    "nan-converts-to-zero": ("const f64, nan", "conv i64, %k", "0"),
    "float-to-integer-saturates": ("const f64, 1e+30", "conv i64, %k", "9223372036854775807"),
    "integer-narrows": ("const i64, 300", "conv u8, %k", "44"),
}


@pytest.mark.parametrize("claim", FOLDED)
def test_constants_are_folded_as_the_semantics_say(claim: str) -> None:
    constant, operation, result = FOLDED[claim]
    text = after(f"func @f() {{\nentry:\n%k = {constant}\n%r = {operation}\nprint %r\nret\n}}", Canonicalize())
    const = [line.strip() for line in text.splitlines() if " = const" in line]
    printed = [line.strip() for line in text.splitlines() if "print" in line]
    assert printed == [f"print {result}"] or (printed == ["print %r"] and const[-1].endswith(f", {result}"))


SIMPLIFIED = {
    "x+0": ("%v = add %x, 0; print %v", "print %x"),
    "constants-go-right": ("%v = mul 3, %x; print %v", "%v = mul %x, 3; print %v"),
    "x-x": ("%v = sub %x, %x; store %s[%v], %x", "store %s[0], %x"),
    "chains-of-offsets": ("%v = add %x, 5; %w = sub %v, 7; print %w", "%v = add %x, 5; %w = sub %x, 2; print %w"),
    "offsets-cancel": ("%v = add %x, 5; %w = sub %v, 5; print %w", "%v = add %x, 5; print %x"),
    "adding-a-negative": ("%v = add %x, -1; print %v", "%v = sub %x, 1; print %v"),
    "adding-the-least-stays": (
        "%v = add %x, -9223372036854775808; print %v",
        "%v = add %x, -9223372036854775808; print %v",
    ),
    "unsigned-offsets-wrap": ("%v = add %u, 255; print %v", "%v = sub %u, 1; print %v"),
    "factors-multiply": ("%v = mul %x, 3; %w = mul %v, 5; print %w", "%v = mul %x, 3; %w = mul %x, 15; print %w"),
    "x*0": ("%v = mul %x, 0; store %s[%v], %x", "store %s[0], %x"),
    "x*-1": ("%v = mul %x, -1; print %v", "%v = neg %x; print %v"),
    "0-x": ("%v = sub 0, %x; print %v", "%v = neg %x; print %v"),
    "x+-y": ("%v = neg %y; %w = add %x, %v; print %w", "%v = neg %y; %w = sub %x, %y; print %w"),
    "a+b-b": ("%v = add %x, %y; %w = sub %v, %y; print %w", "%v = add %x, %y; print %x"),
    "x/1": ("%v = div %x, 1; print %v", "print %x"),
    "x-rem-1": ("%v = rem %x, 1; store %s[%v], %x", "store %s[0], %x"),
    "all-ones-and": ("%v = and %u, 255; print %v", "print %u"),
    "all-ones-xor-is-not": ("%v = xor %u, 255; print %v", "%v = not %u; print %v"),
    "unsigned-shift-out": ("%v = shl %u, 8; store %s[0], %x; print %v", "%v = const u8, 0; store %s[0], %x; print %v"),
    "not-not": ("%v = not %b; %w = not %v; print %w", "%v = not %b; print %b"),
    "not-lt": ("%v = lt %x, %y; %w = not %v; print %w", "%v = lt %x, %y; %w = ge %x, %y; print %w"),
    "compare-constant-left": ("%v = lt 3, %x; print %v", "%v = gt %x, 3; print %v"),
    "unsigned-is-never-below-0": ("%v = lt %u, 0; print %v", "print false"),
    "u<=0": ("%v = le %u, 0; print %v", "%v = eq %u, 0; print %v"),
    "x+c==d": ("%v = add %x, 2; %w = eq %v, 5; print %w", "%v = add %x, 2; %w = eq %x, 3; print %w"),
    "x-y==0": ("%v = sub %x, %y; %w = ne %v, 0; print %w", "%v = sub %x, %y; %w = ne %x, %y; print %w"),
    "b==true": ("%v = eq %b, true; print %v", "print %b"),
    "b==false": ("%v = eq %b, false; print %v", "%v = not %b; print %v"),
    "make-is-not-nil": ("%v = new i64; %w = eq %v, nil; print %w", "%v = new i64; print false"),
    "select-of-same": ("%v = select %b, %x, %x; print %v", "print %x"),
    "select-true-false": ("%v = eq %x, 1; %w = select %v, %b, %b; print %w", "%v = eq %x, 1; print %b"),
    "select-of-not": (
        "%v = not %b; %w = select %v, %x, %y; print %w",
        "%v = not %b; %w = select %b, %y, %x; print %w",
    ),
    "conv-to-its-own-type": ("%v = conv i64, %x; print %v", "print %x"),
    "conv-out-and-back": ("%v = conv i64, %u; %w = conv u8, %v; print %w", "%v = conv i64, %u; print %u"),
    "conv-to-other-sign-and-back": ("%v = conv u64, %x; %w = conv i64, %v; print %w", "%v = conv u64, %x; print %x"),
    "f32-out-and-back": ("%v = conv f64, %h; %w = conv f32, %v; print %w", "%v = conv f64, %h; print %h"),
    "float-x*1": ("%v = mul %p, 1; print %v", "print %p"),
    "float-x-0": ("%v = sub %p, 0.0; print %v", "print %p"),
    "float-x+-0": ("%v = add -0.0, %p; print %v", "print %p"),
    "free-nil": ("%v = const []i64, nil; free %v; print %x", "print %x"),
    "character-of-a-text": ('%v = const []u8, "abc"; %w = load %v[1]; print %w', "%w = const u8, 98; print %w"),
    "extent": ("%k = const i64, 5; %v = extent i64, %k; store %s[%v], 0", "store %s[40], 0"),
    "extent-of-a-bad-cap": ("%v = extent i64, -1; store %s[%v], 0", "store %s[0], 0"),
}


@pytest.mark.parametrize("claim", SIMPLIFIED)
def test_simplified(claim: str) -> None:
    check(*SIMPLIFIED[claim])


LEFT_ALONE = {
    "minus-zero-plus-zero-is-zero": "%v = add %p, 0.0; print %v",
    "minus-zero-minus-minus-zero": "%v = sub %p, -0.0; print %v",
    "nan-times-zero": "%v = mul %p, 0.0; print %v",
    "nan-minus-nan": "%v = sub %p, %p; print %v",
    "nan-divided-by-nan": "%v = div %p, %p; print %v",
    "zero-minus-float-is-not-neg": "%v = sub 0.0, %p; print %v",
    "neg-of-float-difference": "%v = sub %p, %q; %w = neg %v; print %w",
    "nan-equals-itself-not": "%v = eq %p, %p; print %v",
    "not-of-float-order": "%v = lt %p, %q; %w = not %v; print %w",
    "division-by-zero-traps": "%v = div %x, 0; print %v",
    "zero-divided-may-trap": "%v = div 0, %x; print %v",
    "x/x-may-trap": "%v = div %x, %x; print %v",
    "negative-shift-traps": "%v = shl %x, -1; print %v",
    "zero-shifted-by-negative-traps": "%v = shl 0, %x; print %v",
    "conv-through-narrow": "%v = conv u8, %x; %w = conv i64, %v; print %w",
    "conv-through-unsigned": "%k = conv i8, %x; %v = conv u32, %k; %w = conv u64, %v; print %w",
    "conv-through-f32": "%v = conv f32, %p; %w = conv f64, %v; print %w",
    "parameter-may-be-nil": "%v = eq %s, nil; print %v",
    "character-past-the-text": '%v = const []u8, "abc"; %w = load %v[3]; print %w',
    "free-of-what-may-be-nil": "free %r",
    "slice-to-x-may-trap": "%v = slice %s, 0, %x; %w = load %v[0]; print %w",
}


@pytest.mark.parametrize("claim", LEFT_ALONE)
def test_left_alone(claim: str) -> None:
    check(LEFT_ALONE[claim], LEFT_ALONE[claim])


MEASURED = {
    "len-of-make": ("%v = make []u8, %x, %y; %w = len %v; print %w", "%v = make []u8, %x, %y; print %x"),
    "cap-of-make": ("%v = make []u8, %x, %y; %w = cap %v; print %w", "%v = make []u8, %x, %y; print %y"),
    "cap-of-make-without-cap": ("%v = make []u8, %x; %w = cap %v; print %w", "%v = make []u8, %x; print %x"),
    "len-of-text": ('%v = const []u8, "abc"; %w = len %v; store %s[%w], 0', "store %s[3], 0"),
    "len-of-nil": ("%v = const []u8, nil; %w = len %v; store %s[%w], 0", "store %s[0], 0"),
    "len-of-slice": ("%v = slice %s, 0, %x; %w = len %v; print %w", "%v = slice %s, 0, %x; print %x"),
    "len-of-slice-with-start": (
        "%v = slice %s, %x, %y; %w = len %v; print %w",
        "%v = slice %s, %x, %y; %w = sub %y, %x; print %w",
    ),
    "cap-of-slice": (
        "%v = slice %s, 0, %x; %w = cap %v; print %w",
        "%v = slice %s, 0, %x; %w = cap %s; print %w",
    ),
    "cap-of-slice-with-max": (
        "%v = slice %s, 2, %x, 7; %w = cap %v; store %s[%w], 0",
        "%v = slice %s, 2, %x, 7; store %s[5], 0",
    ),
    "whole-slice": ("%v = len %s; %w = slice %s, 0, %v; store %w[0], 1", "%v = len %s; store %s[0], 1"),
    "slice-of-slice": (
        "%v = slice %s, 0, %x; %w = slice %v, %y, %n; store %w[0], 1",
        "%v = slice %s, 0, %x; %w = slice %s, %y, %n; store %w[0], 1",
    ),
    "bad-make-keeps-its-trap": (
        "%v = make []u8, -1; %w = len %v; store %s[%w], 0",
        "%v = make []u8, -1; store %s[-1], 0",
    ),
    "slice-with-max-ends-what-a-slice-of-it-may-reach": (
        "%v = slice %s, 0, %x, %y; %w = slice %v, 0, %n; store %w[0], 1",
        "%v = slice %s, 0, %x, %y; %w = slice %v, 0, %n; store %w[0], 1",
    ),
}


@pytest.mark.parametrize("claim", MEASURED)
def test_lengths_and_caps_of_visible_slices(claim: str) -> None:
    check(*MEASURED[claim])


def test_a_literal_stays_named_where_its_type_would_not_follow() -> None:
    check("%k = const i64, 5; print %k", "%k = const i64, 5; print %k")
    check("%k = const i64, 5; %v = div %k, 0; print %v", "%k = const i64, 5; %v = div %k, 0; print %v")


def test_constants_become_literals_in_every_slot_that_takes_them() -> None:
    check(
        "%k = const i64, 5; %v = make []i64, %k, %k; store %v[%k], %k; %e = elem %v, %k; store %e, %k",
        "%v = make []i64, 5, 5; store %v[5], 5; %e = elem %v, 5; store %e, 5",
    )


def flow(before: str, expected: str) -> None:
    assert lines_after(before, Canonicalize(), head="func @f(%c: bool, %x: i64) -> i64 {") == [
        line.strip() for line in expected.strip().splitlines()
    ]


def test_branch_on_a_constant_goes_one_way_and_the_other_block_goes() -> None:
    flow("entry:\nbr_if true, a, b\na:\nret %x\nb:\nret 0", "entry:\nbr a\na:\nret %x")


def test_branch_on_not_turns_round() -> None:
    flow(
        "entry:\n%n = not %c\nbr_if %n, a, b\na:\nret 1\nb:\nret 2",
        "entry:\n%n = not %c\nbr_if %c, b, a\na:\nret 1\nb:\nret 2",
    )


def test_branch_with_two_equal_ways_is_none() -> None:
    flow("entry:\nbr_if %c, a(1), a(1)\na(%p: i64):\nret %p", "entry:\nbr a\na:\nret 1")


def test_branch_to_one_block_with_different_arguments_stays() -> None:
    text = "entry:\nbr_if %c, a(1), a(2)\na(%p: i64):\nret %p"
    flow(text, text)


def test_switch_on_a_constant() -> None:
    flow(
        "entry:\n%k = const i64, 7\nswitch %k, a(1) [7: a(2), 8: a(3)]\na(%p: i64):\nret %p",
        "entry:\nbr a\na:\nret 2",
    )


def test_switch_drops_the_cases_that_go_where_the_default_goes() -> None:
    flow(
        "entry:\nswitch %x, a(1) [7: a(1), 8: a(3)]\na(%p: i64):\nret %p",
        "entry:\nswitch %x, a(1) [8: a(3)]\na(%p: i64):\nret %p",
    )


def test_parameter_that_gets_the_same_value_on_every_edge_goes() -> None:
    flow(
        "entry:\nbr_if %c, a, b\na:\nbr d(%x, 1)\nb:\nbr d(%x, 2)\nd(%p: i64, %q: i64):\n%r = add %p, %q\nret %r",
        "entry:\nbr_if %c, a, b\na:\nbr d(1)\nb:\nbr d(2)\nd(%q: i64):\n%r = add %x, %q\nret %r",
    )


def test_parameter_that_a_loop_only_passes_on_goes() -> None:
    flow(
        "entry:\nbr l(%x)\nl(%p: i64):\n%q = add %p, 0\nbr_if %c, l(%q), d\nd:\nret %p",
        "entry:\nbr l\nl:\nbr_if %c, l, d\nd:\nret %x",
    )


def test_parameter_that_a_loop_counts_stays() -> None:
    text = "entry:\nbr l(0)\nl(%p: i64):\n%q = add %p, 1\nbr_if %c, l(%q), d\nd:\nret %p"
    flow(text, text)


def test_parameter_that_is_always_one_constant_is_that_constant() -> None:
    flow(
        "entry:\nbr_if %c, a, b\na:\nbr d(5)\nb:\nbr d(5)\nd(%p: i64):\nprint %p\n%r = add %p, %x\nret %r",
        "entry:\nbr_if %c, a, b\na:\nbr d\nb:\nbr d\nd:\n%p$1 = const i64, 5\nprint %p$1\n%r = add %x, 5\nret %r",
    )


def test_what_a_block_that_cannot_be_reached_passes_does_not_count() -> None:
    flow(
        "entry:\nbr_if true, a, b\na:\nbr d(%x)\nb:\nbr_if %c, b, e\ne:\nbr d(2)\nd(%p: i64):\nret %p",
        "entry:\nbr a\na:\nbr d\nd:\nret %x",
    )


def test_minus_zero_and_zero_are_two_values_for_a_parameter() -> None:
    text = "entry:\nbr_if %c, a, b\na:\nbr d(0.0)\nb:\nbr d(-0.0)\nd(%p: f64):\nprint %p\nret 0"
    flow(text, text)


def test_a_loop_without_a_way_in_does_not_feed_itself() -> None:
    # Its parameter gets the same value on every edge that is left: the one that it computes from itself.
    flow(
        "entry:\nbr_if false, l(0), d(%x)\nl(%p: i64):\n%q = add %p, 1\nbr_if %c, l(%q), d(%q)\nd(%r: i64):\nret %r",
        "entry:\nbr d\nd:\nret %x",
    )


def test_a_loop_that_loses_its_way_in_late_does_not_feed_itself() -> None:
    # That %p is always 1 shows only when the loop around has been seen, and only then that m has no way in.
    flow(
        "entry:\nbr l(1)\nl(%p: i64):\n%q = add %p, 0\n%t = eq %p, 1\nbr_if %t, d, k\nk:\nbr m(0)\n"
        "m(%i: i64):\n%j = add %i, 1\nbr_if %c, m(%j), d\nd:\nbr_if %c, l(%q), e\ne:\nret %p",
        "entry:\nbr l\nl:\nbr d\nd:\nbr_if %c, l, e\ne:\nret 1",
    )


def test_what_only_optimism_about_a_loop_could_decide_is_left_alone() -> None:
    text = (
        "entry:\nbr l(1)\nl(%p: i64):\n%t = eq %p, 1\nbr_if %t, m, n\nm:\nbr_if %c, l(%p), d\nn:\nbr l(2)\nd:\nret %p"
    )
    flow(text, text)


def test_lines_and_locs_stay_with_what_becomes_something_else() -> None:
    text = 'func @f(%x: i64) -> i64 {\nentry:\n  %y = mul %x, -1 loc("a.go":3:4)\n  ret %y\n}\n'
    module = parse(text)
    assert Canonicalize().run_module(module, Context(module))
    (instr, _) = module.funcs[0].instrs()
    assert (instr.op.name, instr.line, str(instr.loc)) == ("neg", 3, "a.go:3:4")


def _chain(count: int, line: str, first: str) -> str:
    lines = [line.format(i, i - 1) for i in range(1, count)]
    return "\n".join(["func @f(%x: i64) -> i64 {", "entry:", first, *lines, f"ret %v{count - 1}", "}"])


def test_a_deep_chain_of_constants_folds_to_its_end() -> None:
    text = after(_chain(3000, "%v{0} = add %v{1}, 1", "%v0 = const i64, 0"), Canonicalize())
    assert text == "func @f(%x: i64) -> i64 {\nentry:\n  ret 2999\n}\n"


def test_a_deep_chain_of_offsets_reads_its_start() -> None:
    text = after(_chain(3000, "%v{0} = add %v{1}, 1", "%v0 = add %x, 1"), Canonicalize())
    assert "%v2999 = add %x, 3000" in text


def test_a_long_chain_of_branches_is_decided_in_one_run() -> None:
    n = 1000
    blocks = [
        f"b{i}(%p{i}: i64):\n%c{i} = eq %p{i}, 1\nbr_if %c{i}, b{i + 1}(1), x{i}\nx{i}:\nbr b{i + 1}(2)"
        for i in range(n)
    ]
    text = "\n".join(["func @f() -> i64 {", "entry:", "br b0(1)", *blocks, f"b{n}(%p: i64):", "ret %p", "}"])
    assert after(text, Canonicalize()).splitlines()[-2].strip() == "ret 1"
