"""A function for programs that allocate: what it is given is to be zero, and is not afterwards."""

from __future__ import annotations

TOTAL = """
func @total(%s: []u8) -> i64 {
entry:
  %n = len %s
  br loop(0, 0)
loop(%i: i64, %sum: i64):
  %more = lt %i, %n
  br_if %more, body, done
body:
  %x = load %s[%i]
  store %s[%i], 255
  %y = conv i64, %x
  %sum1 = add %sum, %y
  %i1 = add %i, 1
  br loop(%i1, %sum1)
done:
  ret %sum
}
"""
