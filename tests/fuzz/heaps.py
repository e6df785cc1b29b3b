"""Random programs with a collector, held against the same programs on the simple heap without one.

    python -m tests.fuzz.heaps --cases 5000 --seed 1

Each program runs as written and folded, on a few inputs, under each of `SETTINGS`. It must do what it does without a
collector: print, return, trap and step the same, and ask the allocator for the same. An object that is collected too
early shows as a use after free, or as a write barrier that broke the invariant.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import irpass as ip
from irpass.heap.collector import Collector, CollectorStats
from irpass.interp.machine import run
from irpass.interp.outcome import Outcome, refines
from irpass.ir import ops
from irpass.ir.core import Module
from irpass.testing import Host, random_inputs, random_program
from irpass.testing.fuzz import pipeline_of

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
    """What a fuzzing run has seen: how runs without a collector ended, and what collectors did."""

    ends: Counter[str] = field(default_factory=Counter)
    collections: int = 0
    marked: int = 0
    swept: int = 0

    def add(self, stats: CollectorStats) -> None:
        self.collections += stats.collections
        self.marked += stats.marked
        self.swept += stats.swept


def difference(module: Module, args: Sequence[object], totals: Totals) -> str | None:
    """The first thing that a run with a collector does not do as one without, in words."""

    def outcome(collector: Collector | None) -> tuple[Outcome, list[str]]:
        host = Host(module)
        return run(module, args=args, externs=host.externs, max_steps=MAX_STEPS, heap_limit=HEAP_LIMIT_BYTES,
                   max_depth=MAX_DEPTH, collector=collector), host.calls  # fmt: skip

    plain, calls = outcome(None)
    end = plain.trap.kind if plain.trap is not None else "returned"
    totals.ends[end if end in _TRAPS else "trap"] += 1
    for setting in SETTINGS:
        collector = setting.collector()
        collected, collected_calls = outcome(collector)
        totals.add(collector.stats)
        if end == ops.OUT_OF_MEMORY:  # with a collector it may go on
            found = refines(plain, collected)
        elif collected_calls != calls:
            found = f"the host saw {collected_calls}, without a collector {calls}"
        else:
            found = same(plain, collected)
        if found is not None:
            return f"{setting}: {found}"
    return None


def same(plain: Outcome, collected: Outcome) -> str | None:
    """What of an outcome a collector changes and should not; None where it changes nothing."""
    for name in ("returned", "printed", "trap", "steps"):
        old, new = getattr(plain, name), getattr(collected, name)
        if repr(old) != repr(new):  # as repr, nan is nan
            return f"{name}: {old!r} without a collector, {new!r} with it"
    for name in ("calls", "bytes_requested", "derives", "fallbacks"):
        old, new = getattr(plain.heap, name), getattr(collected.heap, name)
        if old != new:
            return f"{name}: {old} without a collector, {new} with it"
    return None


def try_seed(seed: int, totals: Totals) -> str | None:
    """The first difference that the program of a seed shows, with where."""
    module = random_program(seed)
    inputs = random_inputs(module, seed)
    for what in ("as written", "folded"):
        if what == "folded":
            ip.optimize(module, pipeline_of(seed))
        for args in inputs:
            found = difference(module, args, totals)
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
    print("runs without a collector:", ", ".join(f"{end} {n}" for end, n in totals.ends.most_common()))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
