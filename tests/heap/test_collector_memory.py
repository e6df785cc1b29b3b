"""What a collector does for a program: memory comes back, what a fold retains is counted, and reasons can be asked."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import irpass as ip
from irpass.heap.collector import Collector, Found
from irpass.heap.simple import SimpleHeap
from irpass.interp.inspection import Inspection
from irpass.interp.machine import run
from irpass.interp.outcome import Outcome
from irpass.interp.threads import RoundRobin, run_threads
from irpass.interp.tracing import Root, TracedMemory
from irpass.ir import ops

LOOP = """
func @main(%n: i64) -> i64 {
entry:
  br loop(0, 0)
loop(%i: i64, %sum: i64):
  %a = make []i64, 10
  store %a[9], %i
  %x = load %a[9]
  %sum1 = add %sum, %x
  %i1 = add %i, 1
  %more = lt %i1, %n
  br_if %more, loop(%i1, %sum1), done
done:
  ret %sum1
}
"""


def _collectors() -> list[Collector]:
    return [Collector(), Collector("stop-the-world", 200), Collector("stop-the-world", None, 7),
            Collector("concurrent"), Collector("concurrent", 160, None, 2),
            Collector("concurrent", None, 1, 1)]  # fmt: skip


def test_a_loop_that_never_frees_needs_a_collector_to_stay_under_its_limit() -> None:
    module = ip.parse(LOOP)
    without = run(module, args=[1000], heap_limit=400)
    assert without.trap is not None and without.trap.kind == ops.OUT_OF_MEMORY
    for collector in _collectors():
        outcome = run(module, args=[1000], heap_limit=400, collector=collector)
        assert (outcome.returned, outcome.trap) == (sum(range(1000)), None)
        heap, stats = outcome.heap, collector.stats
        assert heap.peak_bytes <= 400
        assert (heap.calls, heap.bytes_requested, heap.denied_bytes) == (1000, 80_000, 0)
        assert heap.collections == stats.collections > 1
        assert heap.frees == stats.swept
        assert 80 * (1000 - stats.swept) == heap.live_bytes == 80_000 - stats.swept_bytes


@pytest.mark.parametrize("mode", ["stop-the-world", "concurrent"])
def test_out_of_memory_comes_when_a_full_collection_does_not_help(mode: str) -> None:
    module = ip.parse("""
func @main() {
entry:
  %all = make []*i64, 100
  br loop(0)
loop(%i: i64):
  %p = new i64
  store %all[%i], %p
  %i1 = add %i, 1
  br loop(%i1)
}
""")
    without = run(module, heap_limit=1_000)
    collector = Collector(mode)
    outcome = run(module, heap_limit=1_000, collector=collector)
    assert outcome.trap == without.trap and outcome.trap is not None and outcome.trap.kind == ops.OUT_OF_MEMORY
    assert (outcome.steps, outcome.heap.calls, outcome.heap.denied_bytes) == (without.steps, 27, 1_008)
    assert outcome.heap.bytes_requested == without.heap.bytes_requested
    assert (collector.stats.collections, collector.stats.swept) == (1, 0)


def test_a_request_that_no_memory_could_meet_collects_nothing() -> None:
    module = ip.parse("""
type @big = { i64, i64 }
func @main(%n: i64) {
entry:
  %a = make []@big, %n
  %x = load %a[0]
  %b = append %a, %x
  ret
}
""")
    collector = Collector()
    outcome = run(module, args=[1 << 43], collector=collector, heap=SimpleHeap())
    assert outcome.trap is not None and outcome.trap.kind == ops.OUT_OF_MEMORY
    assert collector.stats.collections == 0


FOLDED = """
func @pair() -> []i64 {
entry:
  %m = shared.alloc 64, align 8
  %kept = derive []i64, %m, 0, 2
  %dropped = derive []i64, %m, 16, 5
  ret %kept
}
func @main(%rounds: i64) -> i64 {
entry:
  %kept = call @pair()
  br loop(0)
loop(%i: i64):
  %garbage = make []u8, 24
  %i1 = add %i, 1
  %more = lt %i1, %rounds
  br_if %more, loop(%i1), done
done:
  %x = load %kept[0]
  ret %x
}
"""


@pytest.mark.parametrize("mode", ["stop-the-world", "concurrent"])
def test_a_reachable_arena_retains_the_members_that_are_not(mode: str) -> None:
    collector = Collector(mode, None, 1)
    outcome = run(ip.parse(FOLDED), args=[20], collector=collector)
    assert (outcome.returned, outcome.trap) == (0, None)
    stats = collector.stats
    assert (stats.retained_bytes, stats.most_retained_bytes) == (40, 40)  # not the 8 bytes that had no member
    assert outcome.heap.live_bytes - 64 in (24, 48)


def test_a_member_that_ended_is_retained_as_well() -> None:
    text = FOLDED.replace("align 8\n", "align 8, count 2\n").replace(
        "  ret %kept", "  shared.release %m, %dropped\n  ret %kept"
    )
    collector = Collector("stop-the-world", None, 1)
    run(ip.parse(text), args=[20], collector=collector)
    assert collector.stats.retained_bytes == 40


def test_an_arena_whose_members_are_all_gone_comes_back() -> None:
    text = FOLDED.replace("%kept = call @pair()\n  br", "call @pair()\n  %kept = make []i64, 1\n  br")
    collector = Collector("stop-the-world", None, 1)
    outcome = run(ip.parse(text), args=[20], collector=collector)
    assert (collector.stats.most_retained_bytes, outcome.heap.live_bytes <= 8 + 48) == (0, True)


def test_overlaid_bytes_are_retained_once() -> None:
    text = FOLDED.replace("  ret %kept", "  %again = derive []i64, %m, 16, 5, zero\n  ret %kept")
    collector = Collector("stop-the-world", None, 1)
    run(ip.parse(text), args=[20], collector=collector)
    assert collector.stats.retained_bytes == 40


STACK = """
func @main(%n: i64) {
entry:
  br loop(0)
loop(%i: i64):
  %m = shared.alloc 16, align 8, stack
  %a = derive []i64, %m, 0, 2
  %i1 = add %i, 1
  %more = lt %i1, %n
  br_if %more, loop(%i1), done
done:
  ret
}
"""


@pytest.mark.parametrize("mode", ["stop-the-world", "concurrent"])
def test_the_stack_arenas_of_a_frame_live_as_long_as_the_frame(mode: str) -> None:
    collector = Collector(mode, None, 1)
    outcome = run(ip.parse(STACK), args=[10], collector=collector)
    assert (collector.stats.swept, outcome.heap.frees, outcome.heap.live_bytes) == (0, 10, 0)
    assert outcome.heap.peak_bytes == 160


def test_stack_arenas_that_are_no_roots_are_swept(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = TracedMemory.root_places

    def without_stack_arenas(self: TracedMemory) -> Iterator[tuple[Root, Found]]:
        return (place for place in plain(self) if place[0].value is not None)

    monkeypatch.setattr(TracedMemory, "root_places", without_stack_arenas)
    collector = Collector("stop-the-world", None, 1)
    run(ip.parse(STACK), args=[10], collector=collector)
    assert collector.stats.swept > 0


def test_what_the_program_frees_is_not_swept() -> None:
    module = ip.parse("""
func @main() {
entry:
  %a = make []i64, 1
  free %a
  %m = shared.alloc 16, align 8, count 2
  %b = derive []i64, %m, 0, 1
  %c = derive []i64, %m, 8, 1
  shared.release %m, %b
  shared.release %m, %c
  %n = shared.alloc 8, align 8
  %d = derive []i64, %n, 0, 1
  shared.free %n, %d
  %e = make []i64, 1
  ret
}
""")
    left: list[int] = []
    for mode in ("stop-the-world", "concurrent"):
        collector = Collector(mode, None, 1)
        outcome = run(module, collector=collector, on_end=lambda at: left.append(len(at.objects() + at.unreachable())))
        assert (collector.stats.swept, outcome.heap.frees, outcome.heap.live_bytes) == (0, 3, 8)
    assert left == [1, 1]


WHY = """
type @node = { i64, @links }
type @links = { *@node, []*@node }
extern func @keep(*@node)
func @cons(%next: *@node) -> *@node {
entry:
  %made = new @node
  %links = field %made, 1
  store %links.0, %next
  ret %made
}
func @main() -> i64 {
entry:
  %last = call @cons(nil)
  %first = call @cons(%last)
  %table = make []*@node, 4
  store %table[3], %first
  %inner = new @links
  store %inner.1, %table
  %root = make []@links, 2
  %held = load %inner
  store %root[1], %held
  %x = call @use(%root)
  ret %x
}
func @use(%given: []@links) -> i64 {
entry:
  %lost = new i64
  call @drop()
  ret 1
}
func @drop() {
entry:
  %p = call @cons(nil)
  call @keep(%p)
  %m = shared.alloc 16, align 8
  %member = derive *i64, %m, 8
  ret
}
"""


def _at_end(text: str, *, collector: Collector | None = None) -> tuple[Outcome, list[list[str]]]:
    found: list[list[str]] = []

    def ask(at: Inspection) -> None:
        found.extend(at.why_alive(site) for site in ("@cons:%made", "@main:%table", "@use:%lost", "@drop:%m"))

    outcome = run(ip.parse(text), externs={"keep": lambda p: None}, collector=collector, on_end=ask)
    return outcome, found


def test_why_is_this_alive_names_a_shortest_path() -> None:
    outcome, (nodes, table, lost, arena) = _at_end(WHY)
    assert outcome.returned == 1
    assert nodes == ["@main:%last", "@main:%first", "the host"]
    assert table == ["@main:%table"]
    assert (lost, arena) == ([], [])


def test_why_is_this_alive_can_be_asked_where_something_trapped() -> None:
    text = WHY.replace("  ret\n}\n", '  trap "here"\n}\n')
    outcome, (nodes, table, lost, arena) = _at_end(text, collector=Collector("concurrent", None, 1, 1))
    assert outcome.trap is not None and outcome.trap.kind == "here"
    assert nodes == ["@main:%last", "@main:%first", "@drop:%p"]
    assert (table, lost, arena) == (["@main:%table"], ["@use:%lost"], ["@drop:%m"])


def test_a_path_goes_through_elements_and_the_fields_of_structs() -> None:
    text = WHY.replace("func @main() -> i64 {", "func @build() -> []@links {").replace(
        "  %x = call @use(%root)\n  ret %x", "  ret %root"
    )
    text += "func @main() -> i64 {\nentry:\n  %all = call @build()\n  %held = load %all[1]\n  clear %all\n"
    stored = text + "  store %all[1], %held\n  %x = call @use(%all)\n  ret %x\n}\n"
    paths: list[str] = []
    run(ip.parse(stored), externs={"keep": lambda p: None}, on_end=lambda at: paths.extend(at.why_alive("@cons:%made")))
    assert paths == ["the host", "@main:%held.1 -> [3]", "@main:%held.1 -> [3] -> .1.0"]
    unheld = stored.replace("%held = load %all[1]\n  clear %all\n  store %all[1], %held\n", "")
    paths.clear()
    run(ip.parse(unheld), externs={"keep": lambda p: None}, on_end=lambda at: paths.extend(at.why_alive("@cons:%made")))
    assert paths == ["the host", "@main:%all -> [1].1 -> [3]", "@main:%all -> [1].1 -> [3] -> .1.0"]


def test_a_member_keeps_its_arena_alive() -> None:
    paths: list[str] = []
    run(ip.parse(FOLDED), args=[1], on_end=lambda at: paths.extend(at.why_alive("@pair:%m")))
    assert paths == ["@main:%kept -> its arena"]


def test_what_cannot_be_reached_is_known_before_it_is_collected() -> None:
    found: list[list[str]] = []

    def ask(at: Inspection) -> None:
        found.append([repr(held) for held in at.unreachable()])
        [kept] = at.objects("@pair:%kept")
        assert at.path_to(kept) == "@main:%kept"
        assert all(at.path_to(held) is None for held in at.unreachable())

    run(ip.parse(FOLDED), args=[3], on_end=ask)
    assert found == [["40 bytes of @pair:%dropped", "24 bytes of @main:%garbage", "24 bytes of @main:%garbage"]]


def test_a_long_path_shows_its_ends() -> None:
    module = ip.parse("""
type @cell = { i64, *@cell }
func @main(%n: i64) -> *@cell {
entry:
  br loop(0, nil)
loop(%i: i64, %head: *@cell):
  %cell = new @cell
  store %cell.1, %head
  %next = add %i, 1
  %more = lt %next, %n
  br_if %more, loop(%next, %cell), done
done:
  ret %cell
}
""")
    paths: list[str] = []
    run(module, args=[1000], on_end=lambda at: paths.extend(at.why_alive("@main:%cell")))
    hops = paths[-1].split(" -> ")
    assert hops == ["@main:%head", *[".1"] * 7, "983 more", *[".1"] * 8]
    assert all(len(path.split(" -> ")) == min(k, 17) for k, path in enumerate(paths[1:], 1))


def test_a_pointer_to_a_scalar_and_a_thread_s_number_show_in_paths() -> None:
    module = ip.parse("""
func @main() {
entry:
  %box = new *i64
  call @fill(%box)
  ret
}
func @fill(%box: **i64) {
entry:
  %p = new i64
  store %box, %p
  ret
}
""")
    found: list[list[str]] = []
    calls: list[tuple[str, list[object]]] = [("main", []), ("main", [])]
    run_threads(module, calls, schedule=RoundRobin(1), on_end=lambda at: found.append(at.why_alive("@fill:%p")))
    assert found == [["@main:%box -> *", "thread 1: @main:%box -> *"], ["thread 1: @main:%box -> *"]]
