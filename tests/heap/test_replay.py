"""Traces: what is written reads back, replays on the same heap and on others, and bad ones are refused line by line."""

from __future__ import annotations

import json
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings, strategies as st

from irpass.diagnostics import ParseError
from irpass.heap.address_map import address_map
from irpass.heap.model import ModelHeap
from irpass.heap.picture import draw
from irpass.heap.replay import Replay, replay
from irpass.heap.spec import HeapSpec
from irpass.heap.spec_reader import read_heap_spec
from irpass.heap.statistics import Usage
from irpass.heap.trace import EVENTS, Collect, Event, event_line
from irpass.heap.trace_reader import read_trace

CACHED = read_heap_spec("[managed]\nmax_class_bytes = 128\narena_bytes = 1024\n[cache]\ncapacity_blocks = 4\n")


def traced(spec: HeapSpec, fail_at: int | None = None) -> tuple[list[Event], ModelHeap]:
    """The events of a run with each kind of them in it, and the heap that it ran on."""
    events: list[Event] = []
    heap = ModelHeap(spec, fail_at=fail_at, on_event=events.append)
    blocks: dict[int, int | None] = {}
    for at in range(30):
        heap.site, heap.thread = f"@f:%s{at % 4}", at % 2
        blocks[at] = heap.allocate(8 * at, 8, at % 3 == 0)
        if at % 4 == 3:
            freed = blocks.pop(at - 1)
            if freed is not None:
                heap.free(freed)
        if at % 5 == 4:
            blocks[at] = heap.realloc(blocks[at], 200) or blocks[at]
    heap.push(40)
    heap.collected(7, 0)
    heap.trim()
    heap.end_thread(1)
    heap.malloc(16)
    return events, heap


def test_a_trace_has_every_kind_of_event_and_reads_back() -> None:
    events, _ = traced(CACHED)
    assert {type(event) for event in events} == set(EVENTS)
    text = "".join(map(event_line, events))
    assert text.count("\n") == len(events) and read_trace(text) == events
    assert json.loads(text.splitlines()[0]) == {
        "event": "allocate", "id": 1, "size_bytes": 0, "align_bytes": 8, "scan": True, "zeroed": True, "stack": False,
        "site": "@f:%s0", "thread": 0, "address": 1 << 32, "denied": None,
    }  # fmt: skip


@pytest.mark.parametrize("fail_at", [None, 1, 7, 30])
def test_on_the_same_spec_a_replay_has_the_same_statistics(fail_at: int | None) -> None:
    events, heap = traced(CACHED, fail_at) if fail_at != 1 else ([], ModelHeap(CACHED))
    assert replay(events, CACHED).report == heap.report()


def test_on_another_spec_it_has_that_heaps_statistics_and_the_same_requests() -> None:
    events, heap = traced(CACHED)
    spec = read_heap_spec("[system]\nheader_bytes = 64\n")
    there, here = heap.report(), replay(events, spec).report
    assert (here.calls, here.frees, here.bytes_requested) == (there.calls, there.frees, there.bytes_requested)
    assert here.now.live_bytes == there.now.live_bytes and here.collections == there.collections
    assert here.hits["managed"] == 0 and there.hits["managed"] > 0 and not here.caches


def test_what_was_denied_then_and_is_granted_now_comes_back_at_once_and_a_larger_size_stays() -> None:
    events: list[Event] = []
    heap = ModelHeap(read_heap_spec("limit_bytes = 100"), on_event=events.append)
    kept = heap.malloc(60)
    assert kept is not None and heap.malloc(60) is None and heap.realloc(kept, 150) is None
    done = replay(events, HeapSpec())
    assert (done.report.denied, done.report.frees) == (0, 2)  # the second block, and the first at its first size
    assert [block.size_bytes for block in done.heap.blocks()] == [150]
    heap.free(kept)
    assert replay(events, HeapSpec()).heap.blocks() == []


def test_what_is_denied_only_now_is_not_freed() -> None:
    events, _ = traced(CACHED)
    report = replay(events, read_heap_spec("limit_bytes = 500")).report
    assert report.denied > 0 and report.now.live_bytes <= 500


def test_an_injected_failure_is_injected_again_on_a_larger_heap() -> None:
    events, _ = traced(CACHED, 7)
    assert replay(events, HeapSpec()).report.injected == 1


def test_usages_follow_the_events_and_the_peak_is_the_first_of_the_highest() -> None:
    events, heap = traced(CACHED)
    done = replay(events, CACHED)
    assert len(done.usages) == len(events) and done.usages[-1] == heap.usage
    lives = [usage.live_bytes for usage in done.usages]
    assert lives[done.peak - 1] == max(lives) and max(lives[: done.peak - 1]) < max(lives)
    assert Replay(heap, []).peak == 0


ALLOCATE = event_line(traced(CACHED)[0][1]).strip()  # of request 2


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "this is not JSON"),
        ("[1]", "this is no event"),
        ("7", "this is no event"),
        ('{"event": "alloc"}', "this is no event"),
        ('{"event": ["free"]}', "this is no event"),
        ('{"event": "trim", "id": 1}', "'trim' has no 'id'"),
        ('{"event": "free", "site": "", "thread": 0}', "'id' is missing"),
        ('{"event": "free", "id": 9, "site": "", "thread": 0}', "block 9 was never allocated"),
        ('{"event": "free", "id": true, "site": "", "thread": 0}', "'id' must be a number from 1"),
        ('{"event": "free", "id": 1, "site": 5, "thread": 0}', "'site' must be a string"),
        ('{"event": "free", "id": 1, "site": "", "thread": -1}', "'thread' must be a number"),
        (ALLOCATE.replace('"id":2', '"id":1'), "request 1 does not come after request 1"),
        (ALLOCATE.replace('"align_bytes":8', '"align_bytes":12'), "'align_bytes' must be a power of two"),
        (ALLOCATE.replace('"size_bytes":8', '"size_bytes":-8'), "'size_bytes' must be a number"),
        (ALLOCATE.replace('"denied":null', '"denied":"limit"'), "a request has an address, or a reason"),
        (ALLOCATE.replace('"denied":null', '"denied":"no"'), "'denied' must be"),
        ("1" * 5000, "a number is too long"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_a_bad_line_is_told_by_its_number(line: str, message: str) -> None:
    first = ALLOCATE.replace('"id":2', '"id":1')
    with pytest.raises(ParseError) as error:
        read_trace(f"{first}\n\n{line}\n", "t.jsonl")
    (found,) = error.value.diagnostics
    assert found.message.startswith(message) or message in found.message
    assert found.span is not None and (found.file, found.span.line) == ("t.jsonl", 3)


def test_a_block_that_is_freed_twice_in_a_trace_is_told() -> None:
    free = '{"event":"free","id":2,"site":"","thread":0}'
    with pytest.raises(ParseError, match="t:3:1: error: block 2 is not live here"):
        read_trace(f"{ALLOCATE}\n{free}\n{free}\n", "t")


def test_a_trace_with_nothing_right_stops_after_some_mistakes() -> None:
    with pytest.raises(ParseError) as error:
        read_trace("{}\n" * 1000)
    assert len(error.value.diagnostics) == 20


@settings(deadline=None)
@given(st.text(alphabet='{}[]":,.-0123456789abcdefilmnorstuvz_\n ', max_size=80))
def test_any_text_is_a_trace_or_has_diagnostics(text: str) -> None:
    try:
        assert read_trace(text) == []
    except ParseError as error:
        assert error.diagnostics


def picture_of(spec: HeapSpec) -> ET.Element:
    events, _ = traced(spec)
    done = replay(events, spec)
    parts = address_map(replay(events[: done.peak], spec).heap)
    collections = [i for i, event in enumerate(events) if isinstance(event, Collect)]
    return ET.fromstring(draw(done.usages, parts, done.peak, collections, 'a<b>&"\x01'))


@pytest.mark.parametrize(
    "text", ["", "[managed]\n", "[managed]\n[guard]\nquarantine_blocks = 9\n", "stack_bytes = 0\n"]
)
def test_a_picture_is_xml_with_curves_and_a_map(text: str) -> None:
    root = picture_of(read_heap_spec(text))
    titles = [t.text for t in root.iter("{http://www.w3.org/2000/svg}title")]
    assert titles[0] == 'a<b>&"?' and titles[1:5] == ["held", "in blocks", "live", "collection"]
    width, height = map(float, root.attrib["viewBox"].split()[2:])
    for rect in root.iter("{http://www.w3.org/2000/svg}rect"):
        x, y, w, h = (float(rect.get(key, "0")) for key in ("x", "y", "width", "height"))
        assert x >= 0 and y >= 0 and x + w <= width and y + h <= height


def test_a_picture_of_nothing_and_one_of_very_much_are_small() -> None:
    assert len(draw([], [], 0, [], "empty")) < 4000
    usages = [Usage(i * 4096, i * 4000, i * 3000 + i % 7) for i in range(50_000)]
    heap = ModelHeap(read_heap_spec("[managed]\n"))
    for size in range(3000):
        heap.malloc(size)
    assert len(draw(usages, address_map(heap), 50_000, [], "large")) < 500_000


def test_the_map_shows_what_each_byte_is_for() -> None:
    text = "[system]\nheader_bytes = 16\ngrow_bytes = 4096\n[managed]\nmax_class_bytes = 64\narena_bytes = 1024\n"
    heap = ModelHeap(read_heap_spec(text + "[cache]\ncapacity_blocks = 4\nfill_blocks = 2\n"))
    small, large = heap.malloc(40), heap.malloc(500)
    assert small is not None and large is not None
    start = heap.placement.system.base
    parts = [(lo - start, hi - start, use) for lo, hi, use in address_map(heap)]
    assert parts == [
        (0, 40, "live"), (40, 64, "overhead"), (64, 128, "cached"), (128, 1024, "block"),
        (1024, 1040, "overhead"), (1040, 1540, "live"), (1540, 1544, "overhead"), (1544, 4096, "free"),
    ]  # fmt: skip
