"""Threads that take turns: each does what it does alone, whenever its turns end, and the heap sees who asks."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import pytest

import irpass as ip
from irpass.diagnostics import UsageError
from irpass.heap.collector import Collector
from irpass.heap.model import ModelHeap
from irpass.heap.simple import SimpleHeap
from irpass.heap.spec_reader import read_heap_spec
from irpass.heap.trace import EndThread, Event
from irpass.interp.machine import run
from irpass.interp.outcome import Outcome
from irpass.interp.thread import Externs
from irpass.interp.threads import RoundRobin, Schedule, SeededRandom, run_threads
from irpass.interp.tracing import TracedMemory
from irpass.ir import ops
from irpass.testing import Host, random_inputs, random_program
from tests.parts import main_args
from tests.run.programs import FOLDER, Limits, runs_of

FILES = sorted(FOLDER.glob("*.ir"))

SHARED = """
extern func @send([]i64)
extern func @receive() -> []i64
func @producer(%count: i64) -> i64 {
entry:
  br loop(0)
loop(%i: i64):
  %more = lt %i, %count
  br_if %more, body, done
body:
  %square = mul %i, %i
  %message = make []i64, 1
  store %message[0], %square
  call @send(%message)
  %i1 = add %i, 1
  br loop(%i1)
done:
  ret %count
}
func @consumer(%count: i64) -> i64 {
entry:
  br loop(0, 0)
loop(%got: i64, %sum: i64):
  %more = lt %got, %count
  br_if %more, ask, done
ask:
  %message = call @receive()
  %none = eq %message, nil
  br_if %none, loop(%got, %sum), take
take:
  %garbage = make []i64, 4
  %read = load %message[0]
  %sum1 = add %sum, %read
  print "got", %read
  %got1 = add %got, 1
  br loop(%got1, %sum1)
done:
  ret %sum
}
"""


class Channel:
    """A queue that the host has for the program."""

    def __init__(self) -> None:
        self._queue: list[Any] = []
        self.externs: Externs = {
            "send": self._queue.append,
            "receive": lambda: self._queue.pop(0) if self._queue else None,
        }


def _same(alone: Outcome, beside: Outcome) -> bool:
    parts = ("returned", "printed", "trap", "steps", "result_type")
    return [repr(getattr(alone, p)) for p in parts] == [repr(getattr(beside, p)) for p in parts]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_turn_may_end_after_any_instruction(path: Path) -> None:
    text = path.read_text()
    module = ip.parse(text)
    for case in runs_of(text):
        options: Limits = {**case.options, "max_steps": min(case.options.get("max_steps", 20_000), 20_000)}
        args = main_args(module, case.args)
        alone = run(module, args=args, **options)
        for schedule in (RoundRobin(1), RoundRobin(7), SeededRandom(5, 4)):
            [beside] = run_threads(module, [("main", args)], schedule=schedule, **options)
            assert _same(alone, beside)
            assert alone.heap == beside.heap


@pytest.mark.parametrize("first", range(0, 100, 25))
def test_threads_that_share_nothing_do_what_each_does_alone(first: int) -> None:
    for seed in range(first, first + 25):
        module = random_program(seed)
        inputs = random_inputs(module, seed)
        limits: Limits = {"max_steps": 2_000, "max_depth": 50}
        # Hosts that answer by what they were asked before would connect the threads.
        if Host(module).externs:
            continue
        alone = [run(module, args=args, **limits) for args in inputs]
        for collector in (None, Collector("stop-the-world", None, 2), Collector("concurrent", None, 2, 3)):
            calls = [("main", args) for args in inputs]
            beside = run_threads(module, calls, schedule=SeededRandom(seed, 9), collector=collector, **limits)
            assert all(_same(a, b) for a, b in zip(alone, beside, strict=True))


def _lines(schedule: Schedule) -> list[str]:
    module = ip.parse(
        "func @main(%n: i64) {\nentry:\n  br loop(0)\nloop(%i: i64):\n  print %n, %i\n  %j = add %i, 1\n"
        "  %more = lt %j, 8\n  br_if %more, loop(%j), done\ndone:\n  ret\n}\n"
    )
    lines: list[str] = []
    outcomes = run_threads(module, [("main", [k]) for k in range(3)], schedule=schedule, on_print=lines.append)
    for k, outcome in enumerate(outcomes):
        assert outcome.printed == [line for line in lines if line.startswith(f"{k} ")]
    return lines


def test_a_schedule_s_seed_says_how_threads_interleave() -> None:
    assert _lines(SeededRandom(1, 5)) == _lines(SeededRandom(1, 5))
    assert _lines(SeededRandom(1, 5)) != _lines(SeededRandom(2, 5))


def test_round_robin_gives_each_thread_its_quantum() -> None:
    assert _lines(RoundRobin(4))[:6] == ["0 0", "1 0", "2 0", "0 1", "1 1", "2 1"]
    assert _lines(RoundRobin(1_000)) == [f"{k} {i}" for k in range(3) for i in range(8)]


@pytest.mark.parametrize("collector", [("stop-the-world", 1, 1), ("concurrent", 1, 1), ("concurrent", 4, 1)])
@pytest.mark.parametrize("seed", range(4))
def test_what_one_thread_hands_to_another_stays_alive(collector: tuple[str, int, int], seed: int) -> None:
    mode, every, step = collector
    outcomes = run_threads(
        ip.parse(SHARED), [("producer", [20]), ("consumer", [20])], schedule=SeededRandom(seed, 6),
        externs=Channel().externs, collector=Collector(mode, None, every, step, is_checked=True),
    )  # fmt: skip
    assert [o.returned for o in outcomes] == [20, sum(i * i for i in range(20))]
    assert outcomes[1].printed == [f"got {i * i}" for i in range(20)]


def test_frames_of_threads_that_wait_are_roots(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ip.parse("""
func @keeper() -> i64 {
entry:
  %a = make []i64, 1
  store %a[0], 7
  br wait(0)
wait(%i: i64):
  %i1 = add %i, 1
  %more = lt %i1, 50
  br_if %more, wait(%i1), done
done:
  %x = load %a[0]
  ret %x
}
func @churner() {
entry:
  br loop(0)
loop(%i: i64):
  %a = make []i64, 1
  %i1 = add %i, 1
  %more = lt %i1, 20
  br_if %more, loop(%i1), done
done:
  ret
}
""")

    def keeper() -> Outcome:
        calls: list[tuple[str, list[object]]] = [("keeper", []), ("churner", [])]
        collector = Collector("stop-the-world", None, 1)
        return run_threads(module, calls, schedule=RoundRobin(4), collector=collector)[0]

    assert keeper().returned == 7
    plain = TracedMemory.root_places

    def without_others(self: TracedMemory) -> Any:
        assert self.program is not None and self.program.running is not None
        return (place for place in plain(self) if place[0].thread == self.program.running.number)

    monkeypatch.setattr(TracedMemory, "root_places", without_others)
    trap = keeper().trap
    assert trap is not None and trap.kind == ops.USE_AFTER_FREE


def test_a_trap_ends_its_thread_alone() -> None:
    module = ip.parse('func @bad() {\nentry:\n  trap "no"\n}\nfunc @good() -> i64 {\nentry:\n  ret 1\n}\n')
    bad, good = run_threads(module, [("bad", []), ("good", [])])
    assert bad.trap is not None and (bad.trap.kind, bad.steps) == ("no", 1)
    assert (good.returned, good.trap) == (1, None)


def test_the_step_limit_is_each_thread_s_own() -> None:
    module = ip.parse("func @forever() {\nentry:\n  br loop\nloop:\n  %x = const i64, 1\n  br loop\n}")
    for quantum in (1, 2, 5, 50):
        outcomes = run_threads(module, [("forever", [])] * 3, schedule=RoundRobin(quantum), max_steps=12)
        assert [(o.trap.kind, o.steps) for o in outcomes if o.trap is not None] == [(ops.STEP_LIMIT, 12)] * 3


class RecordingHeap(SimpleHeap):
    """A simple heap that notes who asks."""

    wants_context: ClassVar[bool] = True

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[tuple[int, str]] = []
        self.returns: list[tuple[int, str]] = []

    def allocate(self, size_bytes: int, align_bytes: int, is_scan: bool) -> int | None:
        self.requests.append((self.thread, self.site))
        return super().allocate(size_bytes, align_bytes, is_scan)

    def free(self, handle: int) -> None:
        self.returns.append((self.thread, self.site))
        super().free(handle)


@pytest.mark.parametrize("collector", [None, Collector("concurrent", None, None)])
def test_a_heap_that_wants_context_is_told_thread_and_site(collector: Collector | None) -> None:
    module = ip.parse("""
func @main() {
entry:
  %a = make []i64, 1
  %p = new i64
  %b = append %a, 1
  free %p
  make []u8, 3
  %m = shared.alloc 16, align 8, limit 8
  %c = derive []i64, %m, 0, 1
  ret
}
""")
    heap = RecordingHeap()
    run_threads(module, [("main", []), ("main", [])], schedule=RoundRobin(3), heap=heap, collector=collector)
    sites = ["@main:%a", "@main:%p", "@main:%b", "@main:entry[4]", "@main:%c"]
    for thread in (0, 1):
        assert [site for number, site in heap.requests if number == thread] == sites
    assert sorted(heap.returns) == [(0, "@main:entry[3]"), (1, "@main:entry[3]")]
    assert [number for number, _ in heap.requests] != sorted(number for number, _ in heap.requests)


def test_caches_of_threads_make_them_wait_for_each_other_less_often() -> None:
    module = ip.parse("""
func @main(%n: i64) {
entry:
  br loop(0)
loop(%i: i64):
  %a = make []i64, 2
  free %a
  %i1 = add %i, 1
  %more = lt %i1, %n
  br_if %more, loop(%i1), done
done:
  ret
}
""")
    handoffs = []
    managed = "[managed]\nmin_class_bytes = 16\nmax_class_bytes = 256\narena_bytes = 4096\n"
    for cache in ("", "[cache]\ncapacity_blocks = 8\nfill_blocks = 4\nflush_blocks = 4\n"):
        heap = ModelHeap(read_heap_spec(managed + cache))
        calls: list[tuple[str, list[object]]] = [("main", [50]), ("main", [50])]
        outcomes = run_threads(module, calls, schedule=RoundRobin(5), heap=heap)
        assert [o.trap for o in outcomes] == [None, None] and heap.stats.calls == 100
        handoffs.append(heap.placement.lock.handoffs)
    assert handoffs[0] > 10 * max(1, handoffs[1])


def test_a_thread_that_ends_leaves_nothing_in_its_cache() -> None:
    module = ip.parse("""
func @main(%trap: bool) {
entry:
  %a = make []i64, 2
  free %a
  br_if %trap, bad, done
bad:
  trap "no"
done:
  ret
}
""")
    managed = "[managed]\nmin_class_bytes = 16\nmax_class_bytes = 256\narena_bytes = 4096\n"
    cache = "[cache]\ncapacity_blocks = 8\nfill_blocks = 4\nflush_blocks = 4\n"
    events: list[Event] = []
    heap = ModelHeap(read_heap_spec(managed + cache), on_event=events.append)
    run_threads(module, [("main", [False]), ("main", [True])], heap=heap)
    assert [e.thread for e in events if isinstance(e, EndThread)] == [0, 1]
    caches = heap.placement.caches
    assert caches is not None and caches.filled_blocks > 0 and caches.addresses() == []


@pytest.mark.parametrize("make", [lambda: RoundRobin(0), lambda: SeededRandom(1, 0)])
def test_a_turn_has_at_least_one_instruction(make: Any) -> None:
    with pytest.raises(UsageError, match="at least 1"):
        make()


def test_each_thread_names_an_entry_function() -> None:
    with pytest.raises(UsageError, match="no function @missing"):
        run_threads(ip.parse(SHARED), [("producer", [1]), ("missing", [])])
