"""What `dce` removes, and beside it what only looks useless."""

from __future__ import annotations

import pytest

from irpass.passes.dce import Dce
from tests.unit.pass_runs import after, lines_after

HEAD = "func @f(%x: i64, %y: i64, %s: []i64, %p: *i64, %c: bool) -> i64 {"
DECLARATIONS = """\
type @pair = { i64, i64 }
type @huge = { @pair, @pair }
extern func @square(i64) -> i64 pure
extern func @tick() -> i64
"""


def _body(body: str) -> list[str]:
    text = after(DECLARATIONS + HEAD + "\nentry:\n" + "\n".join(body.split("; ")) + "\nret 0\n}\n", Dce())
    lines = [line.strip() for line in text[text.index("entry:") :].splitlines()]
    return lines[1:-2]


GOES = {
    "arithmetic": "%a = add %x, 1; %b = mul %a, %a",
    "division-by-a-literal": "%a = div %x, 3",
    "float-division": "%a = conv f64, %x; %b = div %a, 0.0",
    "shift-by-a-literal": "%a = shl %x, 3",
    "unsigned-shift": "%a = conv u64, %x; %b = shl %a, %a",
    "make-of-literal-length": "%a = make []i64, 8",
    "make-of-length-0": "%a = make []i64, 0",
    "make-with-cap": "%a = make []i64, 2, 8",
    "make-of-the-most-bytes": "%a = make []i64, 17592186044416",
    "new": "%a = new @pair",
    "unnamed": "make []i64, 8",
    "slice-within-a-visible-cap": "%a = make []i64, 2, 8; %b = slice %a, 1, 8",
    "whole-slice": "%a = len %s; %b = slice %s, 0, %a",
    "empty-slice": "%a = slice %s, 0, 0",
    "elem-within-a-visible-length": "%a = make []i64, 2; %b = elem %a, 1",
    "field-of-new": "%a = new @pair; %b = field %a, 1",
    "extent-and-len": "%a = extent i64, %x; %b = len %s; %d = cap %s",
    "pure-extern": "%a = call @square(%x)",
    "load-from-fresh": "%a = new i64; %b = load %a",
    "load-from-fresh-slice": "%a = make []i64, 2; %b = load %a[1]",
    "alloc-and-its-free": "%a = make []i64, 2; free %a",
    "free-of-new": "%a = new i64; free %a",
    "shared-alloc": "%a = shared.alloc 64, align 8",
    "derives-side-by-side": "%m = shared.alloc 64, align 8; %a = derive []i64, %m, 0, 4; %b = derive []i64, %m, 32, 4",
    "load-before-a-free": "%a = new i64; %b = load %a; free %a",
}
STAYS = {
    "division-that-may-trap": "%a = div %x, %y",
    "division-by-zero": "%a = div %x, 0",
    "shift-that-may-trap": "%a = shl %x, %y",
    "make-of-unknown-length": "%a = make []i64, %x",
    "make-of-negative-length": "%a = make []i64, -1",
    "make-of-one-too-many-bytes": "%a = make []i64, 17592186044417",
    "make-of-len-over-cap": "%a = make []i64, 3, 2",
    "slice-past-a-visible-cap": "%a = make []i64, 2; %b = slice %a, 1, 3",
    "slice-that-may-trap": "%a = slice %s, 0, %x",
    "slice-backwards": "%a = make []i64, 4; %b = slice %a, 3, 1",
    "elem-past-the-length": "%a = make []i64, 2, 4; %b = elem %a, 2",
    "field-of-what-may-be-nil": "%a = const *@pair, nil; %b = field %a, 1",
    "load-that-may-trap": "%a = load %p",
    "load-from-uninit": "%a = new i64, uninit; %b = load %a",
    "load-past-the-length": "%a = make []i64, 2; %b = load %a[2]",
    "load-after-free": "%a = new i64; free %a; %b = load %a",
    "load-after-a-call-that-may-free": "%a = make []i64, 2; store %s[0], 0; %t = call @tick(); %b = load %a[1]",
    "load-after-a-copy-of-what-may-be-unwritten": "%a = make []i64, 2; copy %a, %s; %b = load %a[1]",
    "store": "store %s[0], 1",
    "extern": "%a = call @tick()",
    "double-free": "%a = make []i64, 2; free %a; free %a",
    "free-of-a-part": "%a = make []i64, 2; %b = slice %a, 1, 2; free %b",
    "append-may-write": "%a = append %s, 1",
    "derive-over-another": "%m = shared.alloc 64, align 8; %a = derive []i64, %m, 0, 4; "
    "%b = derive []i64, %m, 24, 4, zero; store %a[3], 1",
    "derive-past-its-arena": "%m = shared.alloc 24, align 8; %a = derive []i64, %m, 0, 4",
    "derive-after-its-arena-has-ended": "%m = shared.alloc 64, align 8; %a = derive []i64, %m, 0, 4; "
    "shared.free %m, %a; %b = derive []i64, %m, 32, 4",
    "derive-at-an-unknown-place": "%m = shared.alloc 64, align 8; %a = derive []i64, %m, %x, 4",
}


@pytest.mark.parametrize("claim", GOES)
def test_goes(claim: str) -> None:
    assert _body(GOES[claim]) == []


@pytest.mark.parametrize("claim", STAYS)
def test_stays(claim: str) -> None:
    assert _body(STAYS[claim]) == STAYS[claim].split("; ")


def test_a_free_in_a_loop_may_be_a_double_free() -> None:
    text = "entry:\n%a = new i64\nbr l\nl:\nfree %a\nbr_if %c, l, d\nd:\nret 0"
    assert lines_after(text, Dce(), head=HEAD) == text.splitlines()


def test_a_parameter_that_only_feeds_itself_through_a_loop_goes() -> None:
    text = "entry:\nbr l(0, %x)\nl(%i: i64, %k: i64):\n%j = add %i, 1\nbr_if %c, l(%j, %k), d(%i)\nd(%u: i64):\nret %k"
    expected = "entry:\nbr l(%x)\nl(%k: i64):\nbr_if %c, l(%k), d\nd:\nret %k"
    assert lines_after(text, Dce(), head=HEAD) == expected.splitlines()


def test_a_parameter_that_decides_a_branch_stays() -> None:
    text = "entry:\nbr l(%c)\nl(%b: bool):\nbr_if %b, l(false), d\nd:\nret 0"
    assert lines_after(text, Dce(), head=HEAD) == text.splitlines()


def test_what_is_needed_only_by_what_goes_goes_too() -> None:
    n = 2000
    chain = [f"%v{i} = add %v{i - 1}, 1" for i in range(1, n)]
    text = "\n".join([HEAD, "entry:", "%v0 = add %x, 1", *chain, "ret 0", "}"])
    assert after(text, Dce()) == f"{HEAD}\nentry:\n  ret 0\n}}\n"
