"""Programs do on any heap what they do on the simple one, as written and folded."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from pathlib import Path

import pytest

from irpass.api import optimize, parse
from irpass.heap.collector import Collector
from irpass.heap.model import ModelHeap
from irpass.heap.spec_reader import read_heap_spec
from irpass.interp.machine import run
from irpass.interp.threads import RoundRobin, run_threads
from irpass.ir import ops
from tests.fuzz.model_heaps import difference_on, try_seed
from tests.parts import main_args

ROOT = Path(__file__).parents[2]
SAMPLES = sorted((ROOT / "samples").glob("*.ir"))
SPECS = {path.stem: path.read_text(encoding="utf-8") for path in sorted((ROOT / "samples" / "heaps").glob("*.toml"))}
SPECS["runs"] = "[managed]\nmin_class_bytes = 8\nmax_class_bytes = 24\narena_bytes = 512\nrun_blocks = 16\n"
SPECS["plain"] = ""


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
@pytest.mark.parametrize("name", SPECS)
def test_samples_do_the_same_on_every_heap(name: str, path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    module = parse(text, path.name)
    found = re.search(r"^// run: (.*)$", text, re.MULTILINE)
    args = main_args(module, shlex.split(found[1]) if found is not None else [])
    spec = replace(read_heap_spec(SPECS[name]), limit_bytes=1 << 20)
    assert difference_on(spec, module, args) is None
    optimize(module)
    assert difference_on(spec, module, args) is None


def test_random_programs_do_the_same_on_random_heaps() -> None:
    assert [try_seed(seed) for seed in range(150)] == [None] * 150


def test_a_program_that_needs_more_than_there_is_traps_as_on_the_simple_heap() -> None:
    module = parse("func @main() -> i64 {\nentry:\n  %a = make []i64, 10\n  %b = make []u8, 21\n  ret 1\n}\n")
    for limit, kind in ((101, None), (100, ops.OUT_OF_MEMORY)):
        spec = read_heap_spec(f"limit_bytes = {limit}")
        simple, modelled = run(module, heap_limit=limit), run(module, heap=ModelHeap(spec))
        assert simple.heap == modelled.heap and simple.trap == modelled.trap
        assert (modelled.trap.kind if modelled.trap is not None else None) == kind


def test_an_arena_that_ends_with_its_frame_is_on_the_threads_stack() -> None:
    module = parse((ROOT / "samples" / "histogram.ir").read_text(encoding="utf-8"))
    optimize(module)
    heap = ModelHeap(read_heap_spec(""))
    outcome = run(module, "main", [4], heap=heap)
    assert outcome.trap is None and heap.report().hits["stack"] == heap.report().calls == 1
    assert heap.report().classes["stack"].live_blocks == 0


def test_threads_with_caches_of_their_own_take_the_lock_less_often() -> None:
    module = parse(
        "func @work(%n: i64) -> i64 {\nentry:\n  br body(0)\nbody(%i: i64):\n  %s = make []i64, 4\n  free %s\n"
        "  %next = add %i, 1\n  %more = lt %next, %n\n  br_if %more, body(%next), done\ndone:\n  ret %i\n}\n"
    )
    reports = []
    for text in ("[managed]\nkeep_arenas = 1\n", "[managed]\n[cache]\n"):
        heap = ModelHeap(read_heap_spec(text))
        run_threads(module, [("work", [50])] * 3, schedule=RoundRobin(3), heap=heap)
        reports.append(heap.report())
    shared, cached = reports
    assert shared.locks == {0: 100, 1: 100, 2: 100}
    assert cached.locks == {0: 2, 1: 2, 2: 2}  # to fill its cache, and to give back what is left when it ends
    assert shared.lock_handoffs > 50 and cached.lock_handoffs < 6 and cached.caches["hits"] == 147


def test_memory_that_a_collection_frees_goes_out_again() -> None:
    loop = (
        "func @main(%n: i64) -> i64 {\nentry:\n  br body(0)\nbody(%i: i64):\n  %s = make []i64, 16\n  store %s[0], %i\n"
        "  %next = add %i, 1\n  %more = lt %next, %n\n  br_if %more, body(%next), done\ndone:\n  ret %i\n}\n"
    )
    module = parse(loop)
    text = "held_limit_bytes = 4096\n[system]\ngrow_bytes = 256\n"
    assert run(module, "main", [1000], heap=ModelHeap(read_heap_spec(text))).trap is not None
    heap = ModelHeap(read_heap_spec(text))
    outcome = run(module, "main", [1000], heap=heap, collector=Collector("stop-the-world"))
    report = heap.report()
    assert outcome.returned == 999 and report.calls == 1000
    assert report.collections.count == outcome.heap.collections > 10
    assert report.collections.swept == outcome.heap.frees and report.denied == report.collections.count
