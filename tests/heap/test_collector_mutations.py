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
from tests.heap.reachable_programs import MOVED, PROGRAMS

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
                found.add(outcome.trap.kind if outcome.trap is not None else f"returned {outcome.returned!r}")
            except InvariantError:
                found.add("broken invariant")
    return found


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_collector_that_is_right_loses_nothing(name: str) -> None:
    assert _ends(name, is_checked=True) == {"returned 7"}


def _no_barrier(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TracedMemory, "shade", lambda self, held: None)
    monkeypatch.setattr(TracedMemory, "shade_elements", lambda self, shape, s, first, stop: None)


@pytest.mark.parametrize("name", MOVED)
def test_without_its_barrier_concurrent_marking_loses_objects(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _no_barrier(monkeypatch)
    assert ops.USE_AFTER_FREE in _ends(name)


@pytest.mark.parametrize("name", MOVED)
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
