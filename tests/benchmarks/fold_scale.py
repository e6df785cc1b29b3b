"""How folding and checking grow with a program: at one, two and four times a size.

    python -m tests.benchmarks.fold_scale              the sizes of the table in irpass/fold/README.md
    python -m tests.benchmarks.fold_scale --smoke      small sizes: for CI

Prints a Markdown table. A growth of 4.0 from one to four times the size is linear. Times are processor seconds, the
best of `--repeat` runs in this process, garbage collection off while a run is timed.
"""

from __future__ import annotations

import argparse
import gc
import time
from collections.abc import Callable

import irpass as ip
from irpass.check import check

BLOCK_SITES = 20_000
BLOCKS = 5_000
FUNCTIONS = 1_000
_LEAST = 10


def known_sizes(sites: int) -> str:
    """A block of so many sites of known sizes, each written to and read."""
    out = ["func @main(%n: i64) -> i64 {", "entry:", "  %s0 = add %n, 0"]
    for i in range(1, sites + 1):
        out += [f"  %a{i} = make []i{(8, 16, 32, 64)[i % 4]}, {i % 60 + 1}"]
        out += [f"  %l{i} = len %a{i}", f"  %s{i} = add %s{i - 1}, %l{i}"]
    return "\n".join([*out, f"  ret %s{sites}", "}", ""])


def alive_for_a_while(sites: int) -> str:
    """A block of so many sites, each read for the last time when some ten others have been made."""
    out = ["func @main(%n: i64) -> i64 {", "entry:"]
    for i in range(sites):
        out += [f"  %a{i} = make []i{(8, 16, 32, 64)[i % 4]}, {i * 7 % 60 + 1}"]
        if i >= 12:
            out += [f"  %x{i} = load %a{i - 8 - i * 3 % 5}[0]"]
    return "\n".join([*out, "  ret %n", "}", ""])


def alive_to_the_end(sites: int) -> str:
    """A block of so many sites, each read at its end: so groups are as full as they may be."""
    out = ["func @main(%n: i64) -> i64 {", "entry:"]
    for i in range(sites):
        out += [f"  %a{i} = make []i{(8, 16, 32, 64)[i % 4]}, {i * 7 % 60 + 1}", f"  store %a{i}[0], 1"]
    out += [f"  %x{i} = load %a{i}[0]" for i in range(sites)]
    return "\n".join([*out, "  ret %n", "}", ""])


def sizes_at_run_time(sites: int) -> str:
    """A block of so many sites, half of them as long as the program says."""
    out = ["func @main(%n: i64) -> i64 {", "entry:"]
    for i in range(sites):
        if i % 2:
            out += [f"  %m{i} = add %n, {i}", f"  %a{i} = make []i64, %m{i}"]
        else:
            out += [f"  %a{i} = make []u8, 24", f"  store %a{i}[3], 5"]
    return "\n".join([*out, "  ret %n", "}", ""])


def sizes_from_memory(sites: int) -> str:
    """A block of so many sites, half of them as long as an element says that is read between two others."""
    out = ["func @main() -> i64 {", "entry:", f"  %from = make []i64, {sites}"]
    for i in range(sites // 2):
        out += [f"  %l{i} = load %from[{i}]", f"  %a{i} = make []i64, %l{i}"]
        out += [f"  %b{i} = make []i64, 8", f"  store %b{i}[1], 5"]
    return "\n".join([*out, "  ret 0", "}", ""])


def freed_sites(sites: int) -> str:
    """A block of so many sites, all freed at its end."""
    out = ["func @main(%n: i64) -> i64 {", "entry:"]
    for i in range(sites):
        out += [f"  %a{i} = make []i64, 3", f"  store %a{i}[1], %n"]
    out += [f"  free %a{i}" for i in range(sites)]
    return "\n".join([*out, "  ret %n", "}", ""])


def many_blocks(blocks: int) -> str:
    """A function of so many blocks with four sites each, in loops and branches."""
    out = ["func @main(%n: i64) -> i64 {", "entry:", "  br b0(%n)"]
    for i in range(blocks):
        out += [f"b{i}(%x{i}: i64):", f"  %a{i} = make []i64, 4", f"  %b{i} = make []i32, %x{i}"]
        out += [f"  %c{i} = make []u8, 9", f"  %d{i} = new i64", f"  store %d{i}, %x{i}", f"  store %a{i}[1], %n"]
        out += [f"  %y{i} = load %d{i}", f"  free %c{i}", f"  %t{i} = lt %y{i}, {i}"]
        back = f"b{i - i % 10}" if i % 10 == 9 else "done"
        following = f"b{i + 1}" if i + 1 < blocks else "done"
        out.append(f"  br_if %t{i}, {back}(%y{i}), {following}(%y{i})")
    return "\n".join([*out, "done(%z: i64):", "  ret %z", "}", ""])


def many_functions(functions: int) -> str:
    """So many functions, each called by the next ones and, in tens, by each other."""
    out = ["type @box = { []i64, i64 }", ""]
    for i in range(functions):
        low, near = i // 2, i - i % 10
        out += [f"func @f{i}(%n: i64, %s: []i64) -> i64 {{", "entry:"]
        out += ["  %a = make []i64, 4", "  %b = make []i64, %n", "  %box = new @box", "  store %box.0, %s"]
        out += ["  store %a[1], %n", "  %stop = lt %n, 1", "  br_if %stop, done, more", "more:"]
        out += [f"  %x = call @f{low}(0, %a)", "  %less = sub %n, 1", f"  %y = call @f{near}(%less, %b)"]
        out += ["  %c = make []i64, 4", "  %d = make []u8, 7", "  %t = load %box.0", f"  store %c[0], {i}"]
        out += ["  %z = add %x, %y", "  free %c", "  ret %z", "done:", "  ret 0", "}", ""]
    return "\n".join(out)


PROGRAMS: dict[str, tuple[Callable[[int], str], int]] = {
    "a block of {:,} sites of known sizes": (known_sizes, BLOCK_SITES),
    "a block of {:,} sites, each alive with some ten others": (alive_for_a_while, BLOCK_SITES),
    "a block of {:,} sites, all alive to its end": (alive_to_the_end, BLOCK_SITES),
    "a block of {:,} sites, half of them sized at run time": (sizes_at_run_time, BLOCK_SITES),
    "a block of {:,} sites, half of them as long as memory says": (sizes_from_memory, BLOCK_SITES),
    "a block of {:,} sites, each freed": (freed_sites, BLOCK_SITES),
    "a function of {:,} blocks with 4 sites each": (many_blocks, BLOCKS),
    "{:,} functions that call one another": (many_functions, FUNCTIONS),
}


def fold_and_check(text: str) -> tuple[float, float]:
    """Processor seconds of folding and of checking.

    Raises: ValueError where the checker refuses, or nothing folds.
    """
    before, after = ip.parse(text), ip.parse(text)
    gc.collect()
    gc.disable()
    try:
        start = time.process_time()
        report = ip.optimize(after, "fold-allocs")
        folded = time.process_time()
        found = check(before, after)
        checked = time.process_time()
    finally:
        gc.enable()
    if found or not sum(counters.get("groups", 0) for counters in report.statistics.values()):
        raise ValueError(f"refused: {found[0]}" if found else "nothing folds")
    return folded - start, checked - folded


def measure(program: Callable[[int], str], size: int, repeat: int) -> tuple[float, float]:
    """The best times of folding and checking, in seconds."""
    runs = [fold_and_check(program(size)) for _ in range(repeat)]
    return min(fold for fold, _ in runs), min(checked for _, checked in runs)


def print_table(share: int, repeat: int) -> None:
    """Print the rows as they come; sizes are divided by `share`."""
    print("| program | fold, s: 1x, 2x, 4x | growth | check, s: 1x, 2x, 4x | growth |")
    print("| --- | --- | --- | --- | --- |")
    for words, (program, full) in PROGRAMS.items():
        size = max(full // share, _LEAST)
        times = [measure(program, size * k, repeat) for k in (1, 2, 4)]
        cells = [words.format(size)]
        for part in zip(*times, strict=True):
            cells += [", ".join(f"{t:.2f}" for t in part), f"{part[2] / max(part[0], 1e-9):.1f}"]
        print(f"| {' | '.join(cells)} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--smoke", action="store_true")
    parser.add_argument("--repeat", type=int, default=1)
    options = parser.parse_args()
    print_table(200 if options.smoke else 1, options.repeat)


if __name__ == "__main__":
    main()
