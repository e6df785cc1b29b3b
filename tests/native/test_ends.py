"""An arena may lie in the frame where each way from its request gives it back before a return or the next request."""

from __future__ import annotations

import pytest

from irpass.api import optimize, parse
from irpass.ir import ops
from irpass.native.ends import always_ends
from tests.native.agreement import disagreement

HEAD = """func @f(%n: i64, %c: bool) -> i64 {
entry:
  %size = extent i64, %n
  br loop(0)
loop(%i: i64):
  %arena = shared.alloc %size, align 8, limit 512, count COUNT
  %a = derive []i64, %arena, 0, %n
  br_if %c, left, right
"""
TAIL = """next:
  %more = lt %i, %n
  %j = add %i, 1
  br_if %more, loop(%j), done
done:
  ret %n
}
"""
RELEASE = "  shared.release %arena, %a\n"


@pytest.mark.parametrize(
    ("name", "count", "left", "right", "behind"),
    [
        ("one release on each way", 1, RELEASE, RELEASE, ""),
        ("a release where the ways meet", 1, "", "", RELEASE),
        ("one of two in a branch, one behind", 2, RELEASE, RELEASE, RELEASE),
        ("a free that ends all", 3, "  shared.free %arena, %a\n", "  shared.free %arena, %a\n", ""),
        ("a trap on the other way", 1, RELEASE, '  trap "no"\n', ""),
    ],
)
def test_it_ends_on_every_way(name: str, count: int, left: str, right: str, behind: str) -> None:
    assert _always_ends(count, left, right, behind), name


@pytest.mark.parametrize(
    ("name", "count", "left", "right", "behind"),
    [
        ("no release", 1, "", "", ""),
        ("a release on one way only", 1, RELEASE, "", ""),
        ("two on one way, one on the other", 2, RELEASE * 2, RELEASE, ""),
        ("too few", 3, RELEASE, RELEASE, RELEASE),
        ("what may be nil, which is no member", 1, "", "", "  %p = slice %a, 0, 0\n  shared.release %arena, %p\n"),
        ("a return before", 1, RELEASE, "  ret 0\n", ""),
    ],
)
def test_it_may_live_on(name: str, count: int, left: str, right: str, behind: str) -> None:
    assert not _always_ends(count, left, right, behind), name


ROUNDS = """func @main(%n: i64) -> i64 {
entry:
  br loop(0, 0)
loop(%i: i64, %sum: i64):
  %m = mul %i, %n
  %a = make []i64, %m
  %b = make []i64, 9
  store %b[%i], %sum
  %x = len %a
  %y = load %b[%i]
  %z = add %x, %y
  free %a
  free %b
  %next = add %i, 1
  %more = lt %next, 9
  br_if %more, loop(%next, %z), done
done:
  ret %z
}
"""


@pytest.mark.parametrize("pipeline", ["fold-allocs", "fold-allocs{max-group=1MiB}", "fold-allocs{max-group=256B}"])
def test_arenas_small_and_large_by_turns_do_what_the_interpreter_does(pipeline: str) -> None:
    module = parse(ROUNDS)
    optimize(module, pipeline)
    assert any(i.op is ops.SHARED_ALLOC for func in module.funcs for i in func.instrs())
    assert disagreement(module, [[n] for n in (0, 3, 500, 511, 3000, 40_000, -1)]) == (None, 14)


def _always_ends(count: int, left: str, right: str, behind: str) -> bool:
    def to_next(body: str) -> str:
        return body if "trap" in body or "ret" in body else body + "  br next\n"

    body = f"left:\n{to_next(left)}right:\n{to_next(right)}{TAIL.replace('next:', 'next:' + chr(10) + behind, 1)}"
    text = (HEAD.replace("COUNT", str(count)) + body).replace("\n\n", "\n")
    module = parse(text, verify=False)
    (shared,) = [i for func in module.funcs for i in func.instrs() if i.op is ops.SHARED_ALLOC]
    return always_ends(shared)
