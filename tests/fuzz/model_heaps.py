"""Random programs on modelled heaps of random specs, held against the same programs on the simple heap.

    python -m tests.fuzz.model_heaps --cases 5000 --seed 1

Each program runs as written and folded: it must print, return, trap and step the same, and its counters must agree.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Sequence
from dataclasses import replace

import irpass as ip
from irpass.heap.collector import Collector
from irpass.heap.model import ModelHeap
from irpass.heap.spec import CollectorSpec, HeapSpec
from irpass.heap.spec_reader import read_heap_spec
from irpass.interp.machine import run
from irpass.interp.outcome import refines
from irpass.ir import ops
from irpass.ir.core import Module
from irpass.testing import Host, random_inputs, random_program
from irpass.testing.fuzz import pipeline_of
from tests.fuzz.heaps import HEAP_LIMIT_BYTES, MAX_DEPTH, MAX_STEPS, same
from tests.heap.specs import spec_text

COLLECTORS = (
    CollectorSpec(),
    CollectorSpec(),
    CollectorSpec("stop-the-world", None, 2),
    CollectorSpec("concurrent", 256, None, 3),
)


def difference_on(spec: HeapSpec, module: Module, args: Sequence[object]) -> str | None:
    """What a run on the spec's heap does that one on the simple heap does not."""
    heap, wanted = ModelHeap(spec), spec.collector
    collector = None
    if wanted.mode != "none":
        collector = Collector(wanted.mode, wanted.threshold_bytes, wanted.every, wanted.step)
    hosts = Host(module), Host(module)
    simple = run(
        module,
        args=args,
        externs=hosts[0].externs,
        max_steps=MAX_STEPS,
        heap_limit=spec.limit_bytes,
        max_depth=MAX_DEPTH,
    )
    modelled = run(
        module,
        args=args,
        externs=hosts[1].externs,
        max_steps=MAX_STEPS,
        max_depth=MAX_DEPTH,
        heap=heap,
        collector=collector,
    )
    assert heap.usage.live_bytes == modelled.heap.live_bytes == sum(b.size_bytes for b in heap.blocks())
    if collector is None and simple.heap != modelled.heap:
        return f"counters: {simple.heap} on the simple heap, {modelled.heap} on the model"
    if hosts[0].calls != hosts[1].calls:
        return "the host saw other calls"
    if simple.trap is not None and simple.trap.kind == ops.OUT_OF_MEMORY and collector is not None:
        return refines(simple, modelled)  # collected, it may go on
    return refines(simple, modelled) or refines(modelled, simple) or same(simple, modelled)


def try_seed(seed: int) -> str | None:
    """The first difference that the program of a seed shows on the heap of that seed, with where."""
    rng, module = random.Random(seed), random_program(seed)
    text, wanted = spec_text(rng.choice), rng.choice(COLLECTORS)
    # the limit is the simple heap's, and nothing else is denied
    spec = replace(read_heap_spec(text), limit_bytes=HEAP_LIMIT_BYTES, held_limit_bytes=HeapSpec().held_limit_bytes)
    for what in ("as written", "folded"):
        if what == "folded":
            ip.optimize(module, pipeline_of(seed))
        for args in random_inputs(module, seed):
            for heap_spec in (spec, replace(spec, collector=wanted)):
                found = difference_on(heap_spec, module, args)
                if found is not None:
                    return f"seed {seed}, {what}, arguments {args}, {heap_spec}: {found}"
    return None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0, help="seed of the first program")
    options = parser.parse_args()
    found = [difference for at in range(options.cases) if (difference := try_seed(options.seed + at)) is not None]
    print(*found, f"{options.cases} programs, {len(found)} differ", sep="\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
