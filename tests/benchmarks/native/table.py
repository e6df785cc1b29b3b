"""Results as Markdown: speeds with the means of each family, and what happens to the allocations."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from tests.benchmarks.native.programs import FAMILIES
from tests.benchmarks.native.results import Result, geometric_mean

Column = tuple[str, Callable[[Result], float | None]]


def markdown(results: Sequence[Result], allocators: Sequence[str], runs: int) -> str:
    """The whole page's tables."""
    return "\n".join([*_speeds(results, allocators, runs), "", *_allocations(results), ""])


def _speeds(results: Sequence[Result], allocators: Sequence[str], runs: int) -> Iterator[str]:
    columns: list[Column] = []
    for allocator in allocators:
        if allocator != "libc":
            columns.append((f"{allocator}, unfolded", _speed(f"{allocator} unfolded")))
        columns.append((f"{allocator}, folded", _speed(f"{allocator} folded")))
        if allocator != "libc":
            columns.append((f"folding with {allocator}", _gain(allocator)))
    columns += [
        ("C", _speed("c")),
        ("C, on the stack", _speed("c on stack")),
        ("Go", _speed("go")),
        ("folded, against Go", _against_go("libc folded")),
    ]
    best = allocators[-1]
    if best != "libc":
        columns.append((f"folded with {best}, against Go", _against_go(f"{best} folded")))
    yield "How many times as fast as the unfolded program with libc (`folding with`: as unfolded with the same"
    yield f"allocator; `against Go`: as Go). Processor time of all threads, the best of {runs} runs by turns."
    yield ""
    yield _row(["program", "libc, unfolded, s", *(name for name, _ in columns)])
    yield _row(["---"] * (len(columns) + 2))
    for family in FAMILIES:
        members = [r for r in results if r.program.family == family]
        for result in members:
            cells = [_figure(value(result)) for _, value in columns]
            yield _row([result.program.name, f"{result.seconds['libc unfolded']:.2f}", *cells])
        if members:
            yield _row([f"**{family}, geometric mean**", "", *(_mean(members, value) for _, value in columns)])


def _allocations(results: Sequence[Result]) -> Iterator[str]:
    yield "Calls of the allocator and most bytes live, before and after folding, as the language counts them at the"
    yield "argument given; calls that reach libc in a measured run; and why a program does not gain with libc."
    yield ""
    header = ["program", "argument", "calls", "peak bytes", "measured at", "calls that reach libc", "why no gain"]
    yield _row(header)
    yield _row(["---"] * len(header))
    for r in results:
        reaching = [r.reaching_libc.get(name) for name in ("libc unfolded", "libc folded")]
        yield _row(
            [
                r.program.name,
                f"{r.program.counted:,}",
                f"{r.before.calls:,} → {r.after.calls:,}",
                f"{r.before.peak_bytes:,} → {r.after.peak_bytes:,}",
                f"{r.program.size:,}",
                " → ".join(f"{calls:,}" for calls in reaching if calls is not None),
                r.why(),
            ]
        )


def _speed(variant: str) -> Callable[[Result], float | None]:
    return lambda result: result.speed(variant)


def _gain(allocator: str) -> Callable[[Result], float | None]:
    return lambda result: result.gain(allocator)


def _against_go(variant: str) -> Callable[[Result], float | None]:
    return lambda result: result.speed(variant, "go")


def _mean(results: Sequence[Result], value: Callable[[Result], float | None]) -> str:
    found = [v for v in map(value, results) if v is not None]
    if not found:
        return "-"
    of_some = f" ({len(found)})" if len(found) < len(results) else ""
    return f"**{geometric_mean(found):.2f}**{of_some}"


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
