"""What one folded member costs beside the allocator call that it replaces, by size of the group.

    python -m tests.benchmarks.native.members [--rounds N] [--runs 5] [--groups 2,4,8,16]
                                              [--allocators libc,mimalloc,pool] [--markdown OUT]

A loop makes a group of slices of six elements, writes and reads one element of each, and frees them all. `alone`: each
slice by its own call. `shared`: one arena from the heap. `in the frame`: the arena where native code puts it if it may.
`work`: slices made once, before the loop, so that only writing and reading is left. Lengths are literals, or come from
the argument. Prints nanoseconds a member, which hold for one machine; their ratios travel.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import irpass as ip
from irpass.native.build import build
from tests.benchmarks.native.clock import best_seconds
from tests.benchmarks.native.variants import Variant, missing_allocator

GROUPS = (2, 4, 8, 16)
LENGTHS = ("literal", "run-time")
ALONE, SHARED, FRAME, WORK = "alone", "shared", "in the frame", "work"
_LENGTH = 6


def program(members: int, lengths: str, way: str) -> str:
    """`@main(rounds, length)`: a round makes, uses and frees `members` slices.

    An arena that may outlive its round is none of the frame's: for `shared`, a way that is never taken frees nothing.
    """
    length = str(_LENGTH) if lengths == "literal" else "%length"
    makes = [f"  %a{k} = make []i64, {length}" for k in range(members)]
    frees = [f"  free %a{k}" for k in range(members)]
    uses = ["  %m = and %i, 3"]
    last = "sum"
    for k in range(members):
        uses += [f"  store %a{k}[%m], %{last}", f"  %x{k} = load %a{k}[{k % 4}]", f"  %s{k} = add %{last}, %x{k}"]
        last = f"s{k}"
    lines = ["func @main(%rounds: i64, %length: i64) {", "entry:", *(makes if way == WORK else [])]
    lines += ["  br head(0, 1)", "head(%i: i64, %sum: i64):", "  %more = lt %i, %rounds", "  br_if %more, body, done"]
    lines += ["body:", *(uses if way == WORK else [*makes, *uses])]
    if way == SHARED:
        lines += ["  %never = lt %i, 0", "  br_if %never, next, over", "over:"]
    lines += [] if way == WORK else frees
    lines += ["  br next", "next:", "  %following = add %i, 1", f"  br head(%following, %{last})"]
    lines += ["done:", "  print %sum", *(frees if way == WORK else [])]
    return "\n".join([*lines, "  ret", "}", ""])


def variants(groups: tuple[int, ...], allocators: list[str], rounds: int, out: Path) -> Iterator[Variant]:
    """The executables, named `members lengths way allocator`; `rounds` is for one member."""
    for members in groups:
        for lengths in LENGTHS:
            for way in (ALONE, SHARED, FRAME, WORK):
                module = ip.parse(program(members, lengths, way))
                if way in (SHARED, FRAME):
                    ip.optimize(module, "fold-allocs")
                for allocator in allocators if way in (ALONE, SHARED) else allocators[:1]:
                    name = f"{members} {lengths} {way} {allocator}"
                    path = out / name.replace(" ", "-")
                    build(module, path, allocator=allocator)
                    yield Variant(name, (str(path), str(rounds // members), str(_LENGTH)))


def table(seconds: dict[str, float], groups: tuple[int, ...], allocators: list[str], rounds: int) -> Iterator[str]:
    """The rows as Markdown: first by group, then what one member more costs from the smallest group to the largest."""

    def ns(members: int, lengths: str, way: str, allocator: str) -> float:
        return seconds[f"{members} {lengths} {way} {allocator}"] * 1e9 / (rounds // members)

    first = allocators[0]
    yield f"| lengths | group | {WORK} | {FRAME} |" + "".join(f" {a}: {ALONE} | {a}: {SHARED} |" for a in allocators)
    yield "| --- " * (4 + 2 * len(allocators)) + "|"
    for lengths in LENGTHS:
        for members in groups:
            ways = [(WORK, first), (FRAME, first), *((way, a) for a in allocators for way in (ALONE, SHARED))]
            cells = [f"{ns(members, lengths, way, a) / members:.1f}" for way, a in ways]
            yield f"| {lengths} | {members} | {' | '.join(cells)} |"
    yield ""
    yield "| lengths | allocator | a call and its free, ns | a member in the frame, ns | one of a shared arena, ns |"
    yield "| --- | --- | --- | --- | --- |"
    low, high = groups[0], groups[-1]
    for lengths in LENGTHS if high > low else ():
        for a in allocators:
            slopes = {
                way: (ns(high, lengths, way, a if way in (ALONE, SHARED) else first)
                      - ns(low, lengths, way, a if way in (ALONE, SHARED) else first)) / (high - low)
                for way in (ALONE, SHARED, FRAME, WORK)
            }  # fmt: skip
            cells = [f"{slopes[way] - slopes[WORK]:.1f}" for way in (ALONE, FRAME, SHARED)]
            yield f"| {lengths} | {a} | {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20_000_000, help="members made in a run of each variant")
    parser.add_argument("--runs", type=int, default=5, help="runs of each variant, of which the best counts")
    parser.add_argument("--groups", default=",".join(map(str, GROUPS)), help="sizes of the group, rising")
    parser.add_argument("--allocators", default="libc,mimalloc,pool", help="those that are here")
    parser.add_argument("--markdown", type=Path, help="where to write the tables too")
    options = parser.parse_args()
    if shutil.which("cc") is None:
        sys.exit("no cc: nothing to link executables with")
    groups = tuple(map(int, options.groups.split(",")))
    allocators = []
    for name in options.allocators.split(","):
        reason = missing_allocator(name)
        if reason is None:
            allocators.append(name)
        else:
            print(f"left out: {reason}", file=sys.stderr)
    with tempfile.TemporaryDirectory() as folder:
        built = list(variants(groups, allocators, options.rounds, Path(folder)))
        seconds = best_seconds(built, options.runs)
    text = "\n".join([*table(seconds, groups, allocators, options.rounds), ""])
    print(text, end="")
    if options.markdown is not None:
        options.markdown.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
