"""Random programs on modelled heaps and with collectors, held against the same programs on the simple heap without.

    python -m tests.fuzz.heaps --cases 5000 --seed 1

Each program runs as written and folded, on a few inputs: on the simple heap under each of `SETTINGS`, and on a modelled
heap of a random spec, without a collector and under each. It must do the same every time: print, return, trap and step,
and ask the allocator for the same. An object that is collected too early shows as a use after free, or as an invariant
that broke.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import NamedTuple

import irpass as ip
from irpass.heap.collector import Collector, CollectorStats
from irpass.heap.model import ModelHeap
from irpass.heap.simple import Heap
from irpass.heap.spec import HeapSpec
from irpass.heap.spec_reader import read_heap_spec
from irpass.interp.machine import run
from irpass.interp.outcome import Outcome, refines
from irpass.ir import ops
from irpass.ir.core import Module
from irpass.testing import Host, random_inputs, random_program
from irpass.testing.fuzz import pipeline_of
from tests.heap.specs import spec_text

MAX_STEPS = 3_000
HEAP_LIMIT_BYTES = 1 << 18
MAX_DEPTH = 60
_TRAPS = frozenset(word for op in ops.ALL for word in op.traps) | {ops.STEP_LIMIT, "returned"}


class Setting(NamedTuple):
    """A collector: with requests, and with steps while it marks."""

    mode: str
    every: int | None
    step: int = 8

    def collector(self) -> Collector:
        return Collector(self.mode, None, self.every, self.step, is_checked=self.mode == "concurrent")


SETTINGS = (
    Setting("stop-the-world", 1),
    Setting("stop-the-world", None),
    Setting("concurrent", 1, 1),
    Setting("concurrent", 3, 2),
    Setting("concurrent", 9, 1),
)


@dataclass
class Totals:
    """What a fuzzing run has seen: how runs on the simple heap ended, and what collectors did.

    `early` counts the runs that ended for want of memory on the modelled heap alone.
    """

    ends: Counter[str] = field(default_factory=Counter)
    collections: int = 0
    marked: int = 0
    swept: int = 0
    early: int = 0

    def add(self, stats: CollectorStats) -> None:
        self.collections += stats.collections
        self.marked += stats.marked
        self.swept += stats.swept


def difference(module: Module, args: Sequence[object], totals: Totals, seed: int = 0) -> str | None:
    """The first thing that a run does not do as one on the simple heap without a collector, in words.

    `seed` is for the modelled heap's spec.
    """
    spec = read_heap_spec(spec_text(random.Random(seed).choice))
    spec = replace(spec, limit_bytes=HEAP_LIMIT_BYTES, held_limit_bytes=HeapSpec().held_limit_bytes)

    def outcome(collector: Collector | None, heap: Heap | None = None) -> tuple[Outcome, list[str]]:
        host = Host(module)
        return run(module, args=args, externs=host.externs, max_steps=MAX_STEPS, heap_limit=HEAP_LIMIT_BYTES,
                   max_depth=MAX_DEPTH, collector=collector, heap=heap), host.calls  # fmt: skip

    plain, calls = outcome(None)
    end = plain.trap.kind if plain.trap is not None else "returned"
    totals.ends[end if end in _TRAPS else "trap"] += 1
    for is_model, setting in product((False, True), (None, *SETTINGS)):
        if not is_model and setting is None:
            continue
        collector = setting.collector() if setting is not None else None
        other, other_calls = outcome(collector, ModelHeap(spec) if is_model else None)
        if collector is not None:
            totals.add(collector.stats)
        if ops.OUT_OF_MEMORY in (end, other.trap.kind if other.trap is not None else ""):
            totals.early += end != ops.OUT_OF_MEMORY
            found = refines(plain, other)  # a collector makes room, a modelled heap takes some for itself
        elif other_calls != calls:
            found = f"the host saw {other_calls}, on the simple heap {calls}"
        else:
            found = same(plain, other)
        if found is not None:
            return f"{setting}, {spec if is_model else 'simple heap'}: {found}"
    return None


def same(plain: Outcome, collected: Outcome) -> str | None:
    """What of an outcome a heap or collector changes and should not; None where it changes nothing."""
    for name in ("returned", "printed", "trap", "steps"):
        old, new = getattr(plain, name), getattr(collected, name)
        if repr(old) != repr(new):  # as repr, nan is nan
            return f"{name}: {old!r} on the simple heap, {new!r} here"
    for name in ("calls", "bytes_requested", "derives", "fallbacks"):
        old, new = getattr(plain.heap, name), getattr(collected.heap, name)
        if old != new:
            return f"{name}: {old} on the simple heap, {new} here"
    return None


def try_seed(seed: int, totals: Totals) -> str | None:
    """The first difference that the program of a seed shows, with where."""
    module = random_program(seed)
    inputs = random_inputs(module, seed)
    for what in ("as written", "folded"):
        if what == "folded":
            ip.optimize(module, pipeline_of(seed))
        for args in inputs:
            found = difference(module, args, totals, seed)
            if found is not None:
                return f"seed {seed}, {what}, arguments {args}, {found}"
    return None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0, help="seed of the first program")
    options = parser.parse_args()
    totals, failures = Totals(), 0
    for seed in range(options.seed, options.seed + options.cases):
        found = try_seed(seed, totals)
        if found is not None:
            failures += 1
            print(found)
    print(f"{options.cases} programs, {failures} differ")
    print(f"collections {totals.collections}, marked {totals.marked}, swept {totals.swept}")
    print(f"out of memory on a modelled heap alone: {totals.early}")
    print("runs on the simple heap:", ", ".join(f"{end} {n}" for end, n in totals.ends.most_common()))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
