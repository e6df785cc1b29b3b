"""A collector that forgets something loses an object, and a program that still uses it says so.

`PROGRAMS` return 7 under a collector that is right. Each mutation of `MUTATIONS` breaks one thing, and a program then
traps with `use after free`. Without its barrier, concurrent marking also breaks its invariant, which is checked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

import irpass as ip
from irpass.heap.collector import Collector, Found, InvariantError
from irpass.interp.machine import run
from irpass.interp.outcome import Outcome
from irpass.interp.shapes import Shape
from irpass.interp.tracing import Root, TracedMemory
from irpass.ir import ops
from irpass.ir.types import ARENA, PointerType, SliceType, StructType, is_reference

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
_MOVED = {
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
PROGRAMS = {**_MOVED, **{name: _CHURN + text for name, text in _KEPT.items()}}
_PACES = tuple((every, step) for every in (1, 2, 3) for step in (1, 2, 3))


def _run(name: str, size: int, collector: Collector) -> Outcome:
    """`size` is the number of elements of what objects are in, where a program asks for it."""
    kept: list[Any] = []

    def keep(given: Any) -> None:
        kept.append(given[0] if name.startswith("a slice that the host") else given)

    externs: dict[str, Callable[..., Any]] = {"keep": keep, "kept": lambda: kept[0]}
    return run(ip.parse(PROGRAMS[name]), args=[size], externs=externs, collector=collector)


def _ends(name: str, is_checked: bool = False) -> set[str]:
    """How runs of a program end, with a collector that stops the world and with several that mark concurrently."""
    found: set[str] = set()
    for size in range(1, 6):
        collectors = [Collector("concurrent", None, every, step, is_checked=is_checked) for every, step in _PACES]
        for collector in [Collector("stop-the-world", None, 1), *collectors]:
            try:
                outcome = _run(name, size, collector)
                found.add(outcome.trap.kind if outcome.trap is not None else f"returned {outcome.returned}")
            except InvariantError:
                found.add("broken invariant")
    return found


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_collector_that_is_right_loses_nothing(name: str) -> None:
    assert _ends(name, is_checked=True) == {"returned 7"}


def _no_barrier(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TracedMemory, "shade", lambda self, held: None)
    monkeypatch.setattr(TracedMemory, "shade_elements", lambda self, shape, s, first, stop: None)


@pytest.mark.parametrize("name", _MOVED)
def test_without_its_barrier_concurrent_marking_loses_objects(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _no_barrier(monkeypatch)
    assert ops.USE_AFTER_FREE in _ends(name)


@pytest.mark.parametrize("name", _MOVED)
def test_without_its_barrier_the_invariant_breaks(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _no_barrier(monkeypatch)
    assert "broken invariant" in _ends(name, is_checked=True)


def test_registers_that_are_not_looked_at_again_lose_what_was_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    def swept_at_once(self: Collector) -> int:
        with monkeypatch.context() as patch:
            patch.setattr(self, "_shade_roots", lambda: 0)
            return end_of_marking(self)

    end_of_marking = Collector._end_of_marking
    monkeypatch.setattr(Collector, "_end_of_marking", swept_at_once)
    assert ops.USE_AFTER_FREE in _ends("a register loaded while marking")


def _without(method: str, drop: Callable[[Any], bool]) -> Callable[[pytest.MonkeyPatch], None]:
    """A mutation: places that `drop` chooses are not looked at by that method of `TracedMemory`."""
    plain = getattr(TracedMemory, method)

    def mutated(self: TracedMemory, *args: Any) -> Iterator[Any]:
        return (place for place in plain(self, *args) if not drop(place))

    return lambda monkeypatch: monkeypatch.setattr(TracedMemory, method, mutated)


def _type_of(place: tuple[Root, Found]) -> object:
    value = place[0].value
    return value.type if value is not None else None


def _cells_but(which: int) -> Callable[[pytest.MonkeyPatch], None]:
    def without_one(shape: Shape) -> tuple[int, ...]:
        cells = [cell for cell in range(shape.width) if is_reference(shape.leaf(cell).type)]
        return tuple(cells[:which] + cells[which:][1:] if which >= 0 else cells[:which])

    return lambda monkeypatch: monkeypatch.setattr(Shape, "reference_cells", property(without_one))


MUTATIONS: dict[str, tuple[Callable[[pytest.MonkeyPatch], None], str]] = {
    "callers": (_without("root_places", lambda place: place[0].depth == 0), "a caller's frame"),
    "top frame": (_without("root_places", lambda place: place[0].depth == 0), "a register of the top frame"),
    "pointers": (_without("root_places", lambda p: isinstance(_type_of(p), PointerType)), "a pointer into the middle"),
    "slices": (_without("root_places", lambda p: isinstance(_type_of(p), SliceType)), "a caller's frame"),
    "structs": (_without("root_places", lambda p: isinstance(_type_of(p), StructType)), "a struct in a register"),
    "arenas": (_without("root_places", lambda p: _type_of(p) is ARENA), "an arena before its first member"),
    "host": (_without("root_places", lambda place: place[0].layout is None), "the host"),
    "host's reads": (
        _without("root_places", lambda p: p[0].layout is None),
        "a slice that the host read out of another",
    ),
    "arena of a member": (
        _without("reference_places", lambda place: place[0] is None),
        "a member without its arena's register",
    ),
    "cells of a member": (_without("reference_places", lambda place: place[0] == 1), "what a member refers to"),
    "first field": (_cells_but(0), "the first and the last field of an element"),
    "last field": (_cells_but(-1), "the first and the last field of an element"),
    "sparse cells": (_without("_in_cells", lambda place: place[0] > 1_000_000), "a sparse slice"),
}


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_what_is_not_looked_at_is_lost(mutation: str, monkeypatch: pytest.MonkeyPatch) -> None:
    mutate, program = MUTATIONS[mutation]
    mutate(monkeypatch)
    assert ops.USE_AFTER_FREE in _ends(program)
