"""Literals, arenas and derives lie where the interpreter has them, and are checked as it checks them."""

from __future__ import annotations

import irpass as ip
from tests.native.agreement import disagreement


def test_a_literal_is_read_only_wherever_it_went() -> None:
    text = """
func @give() -> []u8 {
entry:
  ret "given"
}
func @through(%s: []u8, %i: i64) {
entry:
  store %s[%i], 65
  ret
}
func @main(%which: i64) {
entry:
  %own = make []u8, 8
  store %own[0], 7
  call @through(%own, 1)
  %box = make [][]u8, 1
  store %box[0], "boxed"
  %given = call @give()
  %short = slice %given, 0, 2
  %empty = slice %given, 0, 0
  clear %empty
  %none = copy %empty, "x"
  %tail = slice %given, 5, 5
  switch %which, a [1: b, 2: c, 3: d, 4: e, 5: f, 6: g]
a:
  call @through(%given, 0)
  ret
b:
  %s = load %box[0]
  store %s[1], 66
  ret
c:
  %grown = append %short, 67
  ret
d:
  clear %short
  ret
e:
  %count = copy %short, "y"
  ret
f:
  %p = elem %given, 3
  store %p, 68
  ret
g:
  %moved = append %tail, 69
  print %moved
  %long = extend %short, "xy"
  ret
}"""
    difference, runs = disagreement(ip.parse(text), [[n] for n in range(7)])
    assert difference is None and runs == 14


def test_equal_literals_are_one_place_and_others_are_not() -> None:
    text = """
func @main() {
entry:
  %a = const []u8, "abc"
  %b = const []u8, "bc"
  %c = const []u8, "abc"
  %p = elem %a, 1
  %q = elem %b, 0
  %r = elem %c, 1
  %pq = eq %p, %q
  %pr = eq %p, %r
  %nil = eq %b, nil
  print %pq, %pr, %nil
  ret
}"""
    assert disagreement(ip.parse(text), [[]]) == (None, 2)


def test_stack_arenas_in_loops_and_large_ones_end_with_the_frame() -> None:
    text = """
func @frame(%n: i64, %size: i64) -> i64 {
entry:
  %once = shared.alloc 200000, align 64, stack
  %far = derive []u8, %once, 0, 200000
  br loop(0, 0)
loop(%i: i64, %sum: i64):
  %more = lt %i, %n
  br_if %more, body, done
body:
  %m = shared.alloc %size, align 32, stack
  %a = derive []i64, %m, 0, 4
  %x = load %a[0]
  store %a[0], 9
  %sum1 = add %sum, %x
  %i1 = add %i, 1
  %odd = and %i, 1
  %is_odd = eq %odd, 1
  br_if %is_odd, early, loop(%i1, %sum1)
early:
  shared.free %m, %a
  br loop(%i1, %sum1)
done:
  ret %sum
}
func @main(%n: i64, %size: i64) -> i64 {
entry:
  %x = call @frame(%n, %size)
  %y = call @frame(1, 32)
  %z = add %x, %y
  ret %z
}"""
    difference, runs = disagreement(ip.parse(text), [[9, 32], [1, 40], [2, 31], [2, -1], [2, 1 << 48], [0, 0]])
    assert difference is None and runs == 12


def test_a_derive_checks_its_place_as_the_interpreter_does() -> None:
    text = """
func @main(%bytes: i64, %offset: i64, %len: i64, %cap: i64) -> i64 {
entry:
  %m = shared.alloc %bytes, align 16, limit 4096
  %a = derive []i32, %m, %offset, %len, %cap
  %b = derive *u8, %m, %offset
  %c = cap %a
  ret %c
}"""
    inputs = [
        [64, 0, 4, 4], [64, 48, 4, 4], [64, 52, 4, 4], [64, 2, 4, 4], [64, -4, 0, 0], [64, 64, 0, 0], [64, 0, 5, 4],
        [64, 0, -1, 4], [64, 0, 1 << 46, 1 << 46], [64, 0, 0, 1 << 46], [5000, 0, 3, 9], [-1, 0, 1, 1],
        [0, 0, 0, 0], [64, 1 << 62, 1, 1], [64, 66, 0, 0], [64, 3, 20, 20], [5000, -7, 4, 4],
    ]  # fmt: skip
    difference, runs = disagreement(ip.parse(text), inputs)
    assert difference is None and runs == 2 * len(inputs)
