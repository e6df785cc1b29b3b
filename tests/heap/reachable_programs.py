"""Programs that return 7 as long as nothing is lost that they still reach; each reaches something in its own way.

`MOVED` are those that a collector loses objects of which marks concurrently and has no barrier. `main` takes the number
of elements of what objects are in, where a program asks for it.
"""

from __future__ import annotations

# A reference goes to and fro between two boxes, through a register whose frame is gone at once. Concurrent marking, a
# unit at a time, meets each box when the other has it, for some size of the boxes.
_PING_PONG = """
type @pair = { i64, []i64 }
func @fill(%box: []BOX) {
entry:
  %x = make []i64, 1
  store %x[0], 7
  FILL
  ret
}
func @move(%to: []BOX, %from: []BOX) {
entry:
  MOVE
  clear %from
  ret
}
func @main(%size: i64) -> i64 {
entry:
  %a = make []BOX, %size
  %b = make []BOX, %size
  call @fill(%a)
  br loop(0)
loop(%i: i64):
  %garbage = make []i64, 3
  br moves(0)
moves(%k: i64):
  call @move(%b, %a)
  call @move(%a, %b)
  %k1 = add %k, 1
  %again = lt %k1, 5
  br_if %again, moves(%k1), next
next:
  %i1 = add %i, 1
  %more = lt %i1, 8
  br_if %more, loop(%i1), done
done:
  %held = load %a[0]
  UNPACK
  %seven = load %x[0]
  ret %seven
}
"""


def _ping_pong(fill: str, move: str, box: str = "[]i64", unpack: str = "%x = slice %held, 0, 1") -> str:
    text = _PING_PONG.replace("BOX", box).replace("FILL", fill).replace("MOVE", move)
    return text.replace("UNPACK", unpack)


_FILL = "store %box[0], %x"
MOVED = {
    "store": _ping_pong(_FILL, "%t = load %from[0]\n  store %to[0], %t"),
    "struct store": _ping_pong(
        "%p = elem %box, 0\n  store %p.1, %x",
        "%t = load %from[0]\n  store %to[0], %t",
        box="@pair",
        unpack="%p = elem %a, 0\n  %x = load %p.1",
    ),
    "copy": _ping_pong(_FILL, "copy %to, %from"),
    "append": _ping_pong(_FILL, "%t = load %from[0]\n  %none = slice %to, 0, 0\n  %some = append %none, %t"),
    "extend": _ping_pong(_FILL, "%none = slice %to, 0, 0\n  %some = extend %none, %from"),
}

# `@churn` allocates, so each call of it collects.
_CHURN = """
func @churn() {
entry:
  %garbage = make []i64, 5
  ret
}
"""
_KEPT = {
    "a caller's frame": """
func @main(%n: i64) -> i64 {
entry:
  %a = make []i64, 1
  store %a[0], 7
  call @churn()
  %x = load %a[0]
  ret %x
}
""",
    "a register loaded while marking": """
func @fill(%box: [][]i64, %last: i64) {
entry:
  %x = make []i64, 1
  store %x[0], 7
  store %box[%last], %x
  ret
}
func @main(%size: i64) -> i64 {
entry:
  %box = make [][]i64, %size
  %last = sub %size, 1
  call @fill(%box, %last)
  %garbage = make []i64, 5
  %x = load %box[%last]
  clear %box
  br wait(0)
wait(%i: i64):
  %i1 = add %i, 1
  %more = lt %i1, 60
  br_if %more, wait(%i1), done
done:
  %seven = load %x[0]
  ret %seven
}
""",
    "a register of the top frame": """
func @main(%n: i64) -> i64 {
entry:
  %p = new i64
  store %p, 7
  %b = make []i64, 1
  %x = load %p
  ret %x
}
""",
    "a struct in a register": """
type @pair = { i64, []i64 }
func @taken() -> @pair {
entry:
  %p = new @pair
  %a = make []i64, 1
  store %a[0], 7
  store %p.1, %a
  %s = load %p
  ret %s
}
func @main(%n: i64) -> i64 {
entry:
  %s = call @taken()
  call @churn()
  %q = new @pair
  store %q, %s
  %a = load %q.1
  %x = load %a[0]
  ret %x
}
""",
    "an arena before its first member": """
func @main(%n: i64) -> i64 {
entry:
  %m = shared.alloc 16, align 8
  call @churn()
  %a = derive []i64, %m, 0, 2
  store %a[0], 7
  %x = load %a[0]
  ret %x
}
""",
    "a member without its arena's register": """
func @given() -> []i64 {
entry:
  %m = shared.alloc 16, align 8
  %a = derive []i64, %m, 0, 1
  %p = derive *i64, %m, 8
  store %a[0], 7
  ret %a
}
func @main(%n: i64) -> i64 {
entry:
  %a = call @given()
  call @churn()
  %x = load %a[0]
  ret %x
}
""",
    "what a member refers to": """
func @given() -> []*i64 {
entry:
  %m = shared.alloc 16, align 8, scan
  %a = derive []*i64, %m, 0, 2
  %p = new i64
  store %p, 7
  store %a[1], %p
  ret %a
}
func @main(%n: i64) -> i64 {
entry:
  %a = call @given()
  call @churn()
  %p = load %a[1]
  %x = load %p
  ret %x
}
""",
    "the first and the last field of an element": """
type @both = { *i64, i64, *i64 }
func @put(%all: []@both) {
entry:
  %p = new i64
  store %p, 3
  %q = new i64
  store %q, 4
  %e = elem %all, 2
  store %e.0, %p
  store %e.2, %q
  ret
}
func @main(%n: i64) -> i64 {
entry:
  %all = make []@both, 3
  call @put(%all)
  call @churn()
  %e = elem %all, 2
  %p = load %e.0
  %q = load %e.2
  %x = load %p
  %y = load %q
  %sum = add %x, %y
  ret %sum
}
""",
    "a pointer into the middle": """
func @inner() -> *i64 {
entry:
  %a = make []i64, 4
  store %a[2], 7
  %p = elem %a, 2
  ret %p
}
func @main(%n: i64) -> i64 {
entry:
  %p = call @inner()
  call @churn()
  %x = load %p
  ret %x
}
""",
    "the host": """
extern func @keep([]i64)
extern func @kept() -> []i64
func @hand_over() {
entry:
  %a = make []i64, 1
  store %a[0], 7
  call @keep(%a)
  ret
}
func @main(%n: i64) -> i64 {
entry:
  call @hand_over()
  call @churn()
  %a = call @kept()
  %x = load %a[0]
  ret %x
}
""",
    "a slice that the host read out of another": """
extern func @keep([][]i64)
extern func @kept() -> []i64
func @hand_over() {
entry:
  %outer = make [][]i64, 1
  %a = make []i64, 1
  store %a[0], 7
  store %outer[0], %a
  call @keep(%outer)
  clear %outer
  ret
}
func @main(%n: i64) -> i64 {
entry:
  call @hand_over()
  call @churn()
  %a = call @kept()
  %x = load %a[0]
  ret %x
}
""",
    "a sparse slice": """
func @big() -> []*i64 {
entry:
  %all = make []*i64, 2000000
  %p = new i64
  store %p, 7
  store %all[1999999], %p
  ret %all
}
func @main(%n: i64) -> i64 {
entry:
  %all = call @big()
  call @churn()
  %p = load %all[1999999]
  %x = load %p
  ret %x
}
""",
}  # fmt: skip
PROGRAMS = {**MOVED, **{name: _CHURN + text for name, text in _KEPT.items()}}
