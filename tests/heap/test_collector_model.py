"""The collector over random graphs that change while it marks, held against reachability found anew each time."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from irpass.diagnostics import UsageError
from irpass.heap.collector import Collector, Found, HeapObject, InvariantError


class GraphObject(HeapObject):
    """An object with a few places for references."""

    __slots__ = ("is_gone", "places")

    def __init__(self, places: int) -> None:
        super().__init__(8 * (places + 1), is_scan=places > 0)
        self.places: list[GraphObject | None] = [None] * places
        self.is_gone = False


class Graph:
    """A world of `GraphObject`s, whose roots are registers."""

    def __init__(self, rng: random.Random, collector: Collector, has_barrier: bool = True) -> None:
        self.rng = rng
        self.collector = collector
        self.has_barrier = has_barrier
        self.registers: list[GraphObject | None] = [None] * 4
        self.all: list[GraphObject] = []
        self.collections = 0
        collector.attach(self)

    def roots(self) -> Iterator[Found]:
        return iter(self.registers)

    def references(self, held: HeapObject) -> Iterator[Found]:
        assert isinstance(held, GraphObject) and not held.is_gone
        return iter(held.places)

    def objects(self) -> list[HeapObject]:
        return list(self.all)

    def reclaim(self, dead: HeapObject) -> None:
        assert isinstance(dead, GraphObject)
        assert dead not in self.reachable(), "reclaimed while it can be reached"
        dead.is_gone = True
        self.all.remove(dead)

    def retained_bytes(self, live: HeapObject) -> int:
        return 0

    def collected(self) -> None:
        self.collections += 1

    def reachable(self) -> list[GraphObject]:
        found: dict[GraphObject, None] = {}
        work = [held for held in self.registers if held is not None]
        while work:
            held = work.pop()
            if held not in found:
                found[held] = None
                work += [place for place in held.places if place is not None]
        return list(found)

    def act(self) -> None:
        """Something that a program may do between two steps of the collector."""
        rng = self.rng
        what, register, place = rng.random(), rng.randrange(1, len(self.registers)), rng.random()
        holder = self._holder()
        at = int(place * len(holder.places))
        if what < 0.2:
            self.collector.before_request(8)
            self.registers[register] = self.add(GraphObject(rng.choice((0, 1, 2, 5))))
        elif what < 0.5:
            self._store(holder, at, self.registers[register])
        elif what < 0.65:
            self.registers[register] = holder.places[at]
        elif what < 0.95:  # what is moved is in no register afterwards
            moved = holder.places[at]
            target = self._holder()
            self._store(target, int(place * len(target.places)), moved)
            holder.places[at] = None
        else:
            self.registers[register] = None

    def _holder(self) -> GraphObject:
        """An object with places that the program can reach: found by a walk from register 0, which never changes."""
        held = self.registers[0]
        assert held is not None
        for _ in range(self.rng.randrange(6)):
            inner = [place for place in held.places if place is not None and place.places]
            if not inner:
                break
            held = self.rng.choice(inner)
        return held

    def _store(self, holder: GraphObject, at: int, stored: GraphObject | None) -> None:
        holder.places[at] = stored
        if stored is not None and self.collector.is_marking and self.has_barrier:
            self.collector.shade(stored)

    def add(self, new: GraphObject) -> GraphObject:
        self.all.append(new)
        self.collector.born(new)
        return new


def _run(seed: int, mode: str, has_barrier: bool = True, is_checked: bool = True) -> Graph:
    rng = random.Random(seed)
    collector = Collector(mode, rng.choice((None, 64)), rng.choice((2, 9, 30)), rng.choice((1, 2, 5)),
                          is_checked=is_checked)  # fmt: skip
    graph = Graph(rng, collector, has_barrier)
    graph.registers[0] = graph.add(GraphObject(8))
    for _ in range(rng.choice((60, 400))):
        if collector.is_busy:
            collector.tick()
        graph.act()
        assert all(not held.is_gone for held in graph.reachable()), "lost"
    return graph


@pytest.mark.parametrize("mode", ["stop-the-world", "concurrent"])
def test_what_can_be_reached_is_never_lost_and_all_else_goes_in_the_end(mode: str) -> None:
    collections = 0
    for seed in range(300):
        graph = _run(seed, mode)
        graph.collector.collect()
        assert sorted(map(id, graph.all)) == sorted(map(id, graph.reachable()))
        assert graph.collections == graph.collector.stats.collections
        collections += graph.collections
    assert collections > 3_000


def test_without_the_barrier_the_invariant_breaks() -> None:
    broken = 0
    for seed in range(100):
        try:
            _run(seed, "concurrent", has_barrier=False)
        except InvariantError:
            broken += 1
    assert broken > 5


def test_without_the_barrier_objects_are_lost() -> None:
    lost = 0
    for seed in range(300):
        try:
            _run(seed, "concurrent", has_barrier=False, is_checked=False)
        except AssertionError:
            lost += 1
    assert lost > 5


def test_stopping_the_world_needs_no_barrier() -> None:
    for seed in range(100):
        _run(seed, "stop-the-world", has_barrier=False)


def _chain(collector: Collector, length: int) -> Graph:
    """A world with one chain, from a register."""
    graph = Graph(random.Random(0), collector)
    for _ in range(length):
        new = GraphObject(1)
        new.places[0], graph.registers[0] = graph.registers[0], new
        graph.add(new)
    return graph


def test_a_chain_of_100_000_is_marked_without_recursion() -> None:
    graph = _chain(Collector(), 100_000)
    graph.collector.collect()
    assert (graph.collector.stats.marked, graph.collector.stats.swept) == (100_000, 0)
    graph.registers[0] = None
    graph.collector.collect()
    assert graph.collector.stats.swept == 100_000


def test_a_pause_is_the_work_of_a_whole_collection_or_of_a_step() -> None:
    whole = _chain(Collector("stop-the-world"), 1_000)
    whole.collector.collect()
    # 4 registers twice; for each object one place, itself marked, itself swept
    assert whole.collector.stats.pauses == {4 + 4 + 3 * 1_000: 1}
    steps = _chain(Collector("concurrent", None, 1, 10), 1_000)
    steps.collector.before_request(8)
    while steps.collector.is_busy:
        steps.collector.tick()
    stats = steps.collector.stats
    assert (stats.collections, stats.work_units) == (1, 4 + 4 + 3 * 1_000)
    assert stats.max_pause <= 10 + 4 + 1
    assert stats.pause_count >= 300 and stats.mean_pause == stats.work_units / stats.pause_count


def test_a_request_finishes_a_collection_that_fell_behind() -> None:
    graph = _chain(Collector("concurrent", 16, None, 1), 100)
    graph.collector.before_request(8)
    assert not graph.collector.is_busy
    graph.collector.before_request(8)
    assert graph.collector.is_busy
    graph.collector.tick()
    graph.collector.before_request(16)
    assert graph.collector.stats.collections == 1 and graph.collector.is_busy


def test_collections_come_after_so_many_requests_or_bytes() -> None:
    for collector, wanted in ((Collector("stop-the-world", None, 3), 4), (Collector("stop-the-world", 100, None), 3),
                              (Collector("stop-the-world", 24, 1_000), 4), (Collector("stop-the-world"), 0),
                              (Collector("none", 1, 1), 0)):  # fmt: skip
        graph = _chain(collector, 1)
        for _ in range(12):
            collector.before_request(8 if collector.threshold_bytes != 100 else 25)
        assert graph.collections == wanted


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"mode": "sometimes"}, "no collector mode 'sometimes'"),
        ({"every": 0}, "every is at least 1"),
        ({"threshold_bytes": -5}, "threshold_bytes is at least 1"),
        ({"step": 0}, "step is at least 1"),
    ],
)
def test_a_collector_that_makes_no_sense_is_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Collector(**options)  # type: ignore[arg-type] # wrong on purpose


def test_a_collector_is_for_one_run() -> None:
    collector = Collector()
    _chain(collector, 1)
    with pytest.raises(UsageError, match="for one run"):
        _chain(collector, 1)
