"""Random programs as native code and in the interpreter: `python -m tests.fuzz.native --cases 20000`.

Each is run before folding and after it, at -O0 and at -O2. A crash or a hang is reported like any other difference.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence

from irpass.api import optimize
from irpass.ir.copying import copy_module
from irpass.testing.fuzz import pipeline_of
from irpass.testing.generator import random_inputs, random_program
from tests.native.agreement import disagreement
from tests.native.forked import in_children


def case(seed: int, levels: Sequence[int] = (0, 2)) -> tuple[str | None, int]:
    """What is wrong with the program of that seed, None for nothing; and how many runs agreed."""
    module = random_program(seed)
    inputs = random_inputs(module, seed)
    difference, before = disagreement(module, inputs, levels=levels)
    if difference is not None:
        return f"before folding: {difference}", before
    folded = copy_module(module)
    optimize(folded, pipeline_of(seed))
    difference, after = disagreement(folded, inputs, levels=levels)
    return (f"after {pipeline_of(seed)}: {difference}" if difference is not None else None), before + after


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=500)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--levels", default="0,2", help="LLVM's optimization levels")
    given = parser.parse_args()
    levels = tuple(int(level) for level in given.levels.split(","))
    started, runs, wrong = time.monotonic(), 0, 0
    for seed, message, count in in_children(lambda s: case(s, levels), range(given.first, given.first + given.cases)):
        runs += count
        if message is not None:
            wrong += 1
            print(f"seed {seed}: {message}", flush=True)
        if (seed + 1) % 1000 == 0:
            print(f"{seed + 1 - given.first} programs, {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
    print(f"{given.cases} programs, {runs} runs, {wrong} wrong, {time.monotonic() - started:.0f} s")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
