"""Several threads of one program, that take turns: one memory, one heap, and a schedule that is the same in every run.

    outcomes = run_threads(module, [("producer", [100]), ("consumer", [100])], schedule=RoundRobin(50))

Each thread is a call of a function. Turns end between any two instructions, in the middle of a block too. There is no
way to wait for another thread, and none to share memory but through an `extern` of the host: a program that needs
either is the host's to write.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol, final

from irpass.diagnostics import UsageError
from irpass.heap.collector import Collector
from irpass.heap.simple import Heap
from irpass.interp.frame import Emit
from irpass.interp.inspection import Inspection
from irpass.interp.machine import MAX_DEPTH, MAX_STEPS, arguments_of, find_entry, memory_for
from irpass.interp.outcome import Outcome
from irpass.interp.thread import Externs, Machine, Thread
from irpass.ir.core import Module


class Turn(NamedTuple):
    """So many instructions of a thread."""

    thread: int
    steps: int


class Schedule(Protocol):
    """Whose turn it is. What it says may follow from nothing but what it has said and been asked."""

    def next(self, ready: Sequence[int]) -> Turn:
        """The next turn: of one of the threads `ready`, which are in order of their numbers."""


@final
class RoundRobin:
    """Each thread in its turn, `quantum` instructions at a time."""

    def __init__(self, quantum: int = 100) -> None:
        self.quantum = _positive("quantum", quantum)
        self._last = -1

    def next(self, ready: Sequence[int]) -> Turn:
        self._last = ready[bisect_right(ready, self._last) % len(ready)]
        return Turn(self._last, self.quantum)


@final
class SeededRandom:
    """Any thread, for 1 to `most_steps` instructions: the same ones for the same seed."""

    def __init__(self, seed: int, most_steps: int = 100) -> None:
        self.most_steps = _positive("most_steps", most_steps)
        self._random = random.Random(seed)

    def next(self, ready: Sequence[int]) -> Turn:
        return Turn(self._random.choice(ready), self._random.randint(1, self.most_steps))


def _positive(name: str, number: int) -> int:
    if number < 1:
        raise UsageError.of(f"a schedule's {name} is at least 1, not {number}")
    return number


def run_threads(
    module: Module,
    calls: Sequence[tuple[str, Sequence[object]]],
    *,
    schedule: Schedule | None = None,
    externs: Externs | None = None,
    max_steps: int | None = None,
    heap_limit: int | None = None,
    max_depth: int = MAX_DEPTH,
    heap: Heap | None = None,
    on_print: Emit | None = None,
    collector: Collector | None = None,
    on_end: Callable[[Inspection], None] | None = None,
) -> list[Outcome]:
    """What each of the `calls`, an entry function with its arguments, does beside the others.

    Thread 0 is the first. A trap ends its thread, the others go on. An outcome has the thread's own lines and steps,
    but the heap's counters at the end of all. `on_print` gets the lines of all threads as they are printed. Without a
    `schedule` it is `RoundRobin()`; `max_steps` and `max_depth` are for each thread; all else is as for `run`.

    Raises: UsageError where there is no such function, or an argument does not fit its parameter.
    """
    if schedule is None:
        schedule = RoundRobin()
    limit = MAX_STEPS if max_steps is None else max_steps

    def emit(line: str) -> None:
        assert machine.running is not None
        machine.running.printed.append(line)
        if on_print is not None:
            on_print(line)

    memory = memory_for(module, heap, heap_limit, collector, is_traced=on_end is not None)
    machine = Machine(memory, externs or {}, max_depth, emit, on_end)
    for number, (entry, args) in enumerate(calls):
        func = find_entry(module, entry, len(args))
        machine.threads.append(Thread(machine, func, arguments_of(func, args), [], number))
    by_number = dict(enumerate(machine.threads))
    outcomes: dict[int, Outcome] = {}
    ready = list(by_number)
    while ready:
        turn = schedule.next(ready)
        thread = by_number[turn.thread]
        outcome = thread.run(min(limit, thread.steps + turn.steps))
        if outcome is None and thread.steps >= limit:
            outcome = thread.out_of_steps()
        if outcome is not None:
            outcomes[turn.thread] = outcome
            ready.remove(turn.thread)
            machine.threads.remove(thread)
            memory.heap.end_thread(turn.thread)
    return [outcomes[number] for number in range(len(calls))]
