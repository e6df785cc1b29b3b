"""A collector: finds what a program can still reach, and lets everything else come back.

It knows nothing of frames, types or memory: a `World` says what the roots are, what an object refers to, and takes
dead objects back. Stop-the-world collects in one pause. Concurrent marking goes in steps between the program's own
instructions, with three colours (Dijkstra, Lamport et al. 1978): white objects have not been reached, grey ones have
but their references are still to be followed, black ones are done. The program's stores shade what they store, so that
no black object ever refers to a white one; registers have no barrier and are looked through again before the sweep.

`irpass/heap/collector.md` says why this barrier, and shows what can be asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Final, Protocol, get_args

from irpass.diagnostics import UsageError
from irpass.heap.spec import CollectorMode

MODES: Final[tuple[CollectorMode, ...]] = get_args(CollectorMode)


class HeapObject:
    """What a collector marks: a block that came from the heap, or (`is_block` False) a part of one.

    `is_scan` says whether it may refer to others. `mark` is the collector's.
    """

    __slots__ = ("is_block", "is_scan", "mark", "size_bytes")

    def __init__(self, size_bytes: int, is_scan: bool, is_block: bool = True) -> None:
        self.size_bytes = size_bytes
        self.is_scan = is_scan
        self.is_block = is_block
        self.mark = 0


Found = HeapObject | None  # None for a place that was looked at and refers to no object


class World(Protocol):
    """The program whose objects are collected."""

    def roots(self) -> Iterator[Found]:
        """What the program refers to outside of objects, one item for each place that can hold a reference."""

    def references(self, held: HeapObject) -> Iterator[Found]:
        """What `held` refers to, one item for each place. May be left half way, and taken up after the program ran."""

    def objects(self) -> list[HeapObject]:
        """All objects that have not ended, oldest first, each part of a block after the block."""

    def reclaim(self, dead: HeapObject) -> None:
        """Give back a block that nothing refers to."""

    def retained_bytes(self, live: HeapObject) -> int:
        """The bytes of a block that lives which belong to parts that do not."""

    def collected(self) -> None:
        """A collection is over."""


class InvariantError(RuntimeError):
    """A black object refers to a white one: the collector's fault or its barrier's, never the program's."""


@dataclass(slots=True)
class CollectorStats:
    """What a collector did.

    `marked` counts the blocks that collections left alive, `swept` those that they gave back. `retained_bytes` are the
    bytes in reachable arenas whose members were not, at the last collection; `most_retained_bytes` at the worst one.
    `pauses` says how often the program waited for so many units of work: a unit is a place looked at for a reference,
    or an object done with, marking or sweeping.
    """

    collections: int = 0
    marked: int = 0
    marked_bytes: int = 0
    swept: int = 0
    swept_bytes: int = 0
    retained_bytes: int = 0
    most_retained_bytes: int = 0
    pauses: dict[int, int] = field(default_factory=dict)

    @property
    def pause_count(self) -> int:
        return sum(self.pauses.values())

    @property
    def work_units(self) -> int:
        """All units of work together."""
        return sum(units * times for units, times in self.pauses.items())

    @property
    def mean_pause(self) -> float:
        return self.work_units / self.pause_count if self.pauses else 0.0

    @property
    def max_pause(self) -> int:
        return max(self.pauses, default=0)


class Collector:
    """One run's collector.

    It collects after `threshold_bytes` of requests or `every` so many of them, whichever comes first; with neither,
    only when a request finds no room. `step` is the work in units that concurrent marking does before an instruction.
    `mode` none never collects: objects can be asked about, no more. `is_checked` looks for broken invariants at each
    step, which takes time in proportion to the heap.

    Raises: UsageError for an unknown mode, and for numbers that are not positive.
    """

    def __init__(
        self,
        mode: str = "stop-the-world",
        threshold_bytes: int | None = None,
        every: int | None = None,
        step: int = 8,
        *,
        is_checked: bool = False,
    ) -> None:
        if mode not in MODES:
            raise UsageError.of(f"no collector mode {mode!r}", f"the modes are {', '.join(MODES)}")
        for name, number in (("threshold_bytes", threshold_bytes), ("every", every), ("step", step)):
            if number is not None and number < 1:
                raise UsageError.of(f"a collector's {name} is at least 1, not {number}")
        self.mode = mode
        self.threshold_bytes = threshold_bytes
        self.every = every
        self.step = step
        self.is_checked = is_checked
        self.stats = CollectorStats()
        self.is_marking = False
        self.is_busy = False  # a collection has begun and is not over
        self._world: World | None = None
        self._bytes = 0  # asked for since the last collection began
        self._requests = 0
        self._grey, self._black = 0, 1  # marks of this collection; whatever is under `_grey` is white
        self._work: list[HeapObject] = []
        self._scanned: HeapObject | None = None
        self._scanning: Iterator[Found] = iter(())
        self._unswept: Iterator[HeapObject] | None = None
        self._retained_bytes = 0

    def attach(self, world: World) -> None:
        """Collect for this world, from now on.

        Raises: UsageError where the collector has had another: it is for one run.
        """
        if self._world is not None:
            raise UsageError.of("a collector is for one run", "make a new one")
        self._world = world

    @property
    def world(self) -> World:
        assert self._world is not None
        return self._world

    def born(self, new: HeapObject) -> None:
        """Begin the life of an object: it is black, so that the collection in progress leaves it alone."""
        new.mark = self._black

    def shade(self, reached: HeapObject) -> None:
        """The write barrier, while `is_marking`: `reached` is referred to from an object now."""
        if reached.mark < self._grey:
            if reached.is_scan:
                reached.mark = self._grey
                self._work.append(reached)
            else:
                reached.mark = self._black

    def before_request(self, size_bytes: int) -> None:
        """Collect, or begin to, where a request of so many bytes makes it due."""
        self._bytes += size_bytes
        self._requests += 1
        is_due = (self.threshold_bytes is not None and self._bytes >= self.threshold_bytes) or (
            self.every is not None and self._requests >= self.every
        )
        if not is_due or self.mode == "none":
            return
        if self.mode == "stop-the-world":
            self.collect()
            return
        # The program asked for as much again before the last collection was over: it waits, so memory stays bounded.
        units = self._finish() + self._begin()
        self._paused(units)

    def tick(self) -> None:
        """Do a step of the collection in progress."""
        if self.is_checked:
            self.check_invariant()
        if self.is_marking:
            self._paused(self._mark(self.step))
        elif self._unswept is not None:
            self._paused(self._sweep(self.step))

    def collect(self) -> None:
        """A whole collection, after the end of one in progress: nothing unreachable now is left by it."""
        if self.mode != "none":
            self._paused(self._finish() + self._begin() + self._finish())

    def check_invariant(self) -> None:
        """Look at every black object.

        Raises: InvariantError where one refers to a white one.
        """
        if not self.is_marking:
            return
        for held in self.world.objects():
            if held.mark == self._black and held.is_scan:
                for target in self.world.references(held):
                    if target is not None and target.mark < self._grey:
                        raise InvariantError(f"{held} is black and refers to {target}, which is white")

    def is_white(self, held: HeapObject) -> bool:
        """Whether the collection in progress, or else the last, has not reached `held`."""
        return held.mark < self._grey

    def _paused(self, units: int) -> None:
        if units:
            self.stats.pauses[units] = self.stats.pauses.get(units, 0) + 1

    def _begin(self) -> int:
        self._bytes = self._requests = 0
        self._grey, self._black = self._grey + 2, self._black + 2
        self.is_marking = self.is_busy = True
        return self._shade_roots()

    def _finish(self) -> int:
        units = 0
        while self.is_marking:
            units += self._mark(_WHOLE)
        if self._unswept is not None:
            units += self._sweep(_WHOLE)
        return units

    def _shade_roots(self) -> int:
        units = 0
        for root in self.world.roots():
            units += 1
            if root is not None:
                self.shade(root)
        return units

    def _mark(self, most: int) -> int:
        """Follow references, about `most` units of them; when all are followed, go on to the sweep."""
        units = 0
        while units < most:
            if self._scanned is None:
                if not self._work:
                    return units + self._end_of_marking()
                self._scanned = self._work.pop()
                self._scanning = self.world.references(self._scanned)
            for target in islice(self._scanning, most - units):
                units += 1
                if target is not None and target.mark < self._grey:
                    self.shade(target)
            if units < most:
                units += 1
                self._scanned.mark = self._black
                self._scanned = None
        return units

    def _end_of_marking(self) -> int:
        """Look through the registers again: what was loaded and then overwritten is referred to from there alone.

        If they led somewhere new, marking goes on. It ends, because each time at least one white object is none any
        more, and no object turns white or is born so.
        """
        units = self._shade_roots()
        if not self._work:
            self.is_marking = False
            self._unswept = iter([held for held in self.world.objects() if held.is_block])
            self._retained_bytes = 0
        return units

    def _sweep(self, most: int) -> int:
        assert self._unswept is not None
        units, stats = 0, self.stats
        for block in islice(self._unswept, most):
            units += 1
            if block.mark < self._grey:
                stats.swept += 1
                stats.swept_bytes += block.size_bytes
                self.world.reclaim(block)
            else:
                stats.marked += 1
                stats.marked_bytes += block.size_bytes
                self._retained_bytes += self.world.retained_bytes(block)
        if units < most:
            self._unswept = None
            self.is_busy = False
            stats.collections += 1
            stats.retained_bytes = self._retained_bytes
            stats.most_retained_bytes = max(stats.most_retained_bytes, self._retained_bytes)
            self.world.collected()
        return units


_WHOLE: Final = 1 << 62
