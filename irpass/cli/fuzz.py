"""`irpass fuzz`: random programs through a pipeline, compared before and after."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from irpass.cli.io import write_output
from irpass.diagnostics import UsageError

if TYPE_CHECKING:
    from irpass.testing.fuzz import Case, Statistics

_CHUNK = 25  # seeds that a process is given at a time


@dataclass(frozen=True)
class _Settings:
    """What the options say; plain data, so that other processes can be given it."""

    passes: str | None
    check: bool


@click.command()
@click.option("--cases", type=click.IntRange(1), metavar="N", help="Programs to try.  [default: 1000]")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, metavar="S", help="Seed of the first.")
@click.option(
    "--passes", metavar="PIPELINE", help="Passes to test.  [default: several pipelines with folding, by seed]"
)
@click.option("--jobs", "-j", type=click.IntRange(1), default=1, show_default=True, help="Processes.")
@click.option("--time-limit", type=click.FloatRange(0, min_open=True), metavar="SECONDS", help="Stop after so long.")
@click.option("--keep-going", "-k", is_flag=True, help="Do not stop at the first program that fails.")
@click.option(
    "--check/--no-check", default=True, show_default=True, help="Let the independent checker judge each fold."
)
@click.option("--output", "-o", default="fuzz-failures", show_default=True, metavar="DIR",
              help="Folder for programs that fail, made when there is one.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object: counters, and the programs that failed.")
def fuzz(
    cases: int | None, seed: int, passes: str | None, jobs: int, time_limit: float | None, keep_going: bool,
    check: bool, output: str, as_json: bool,
) -> None:  # fmt: skip
    """Try random programs before and after a pipeline, and compare what they do.

    \b
    irpass fuzz --cases 10000 -j 2
    irpass fuzz --passes 'my-pass,fold-allocs' --time-limit 60
    irpass fuzz --cases 1 --seed 4711                the program of that seed again

    Each program runs on a few inputs in the reference interpreter; see `irpass.testing` for what is compared. One that
    fails is reduced and written to DIR/seed-S.ir, with the pipeline and the arguments in its first lines. Standard
    output gets the counters. Exit status 1 if a program failed.
    """
    from irpass.passes.pipeline import parse_pipeline
    from irpass.testing.fuzz import Statistics

    if passes is not None:
        parse_pipeline(passes)  # a bad one is the caller's fault, said before anything runs
    count = cases if cases is not None else 1000 if time_limit is None else sys.maxsize - seed
    deadline = time.monotonic() + time_limit if time_limit is not None else None
    statistics = Statistics()
    failed: list[dict[str, object]] = []
    for part, failing in _with_bar(_run_all(seed, count, _Settings(passes, check), jobs), count, deadline):
        statistics.merge(part)
        for case in failing:
            failed.append(_report(case, Path(output)))
            if not keep_going:
                break
        if (failed and not keep_going) or (deadline is not None and time.monotonic() > deadline):
            break
    if as_json:
        click.echo(json.dumps({"first_seed": seed, **statistics.as_dict(), "failed": failed}))
    else:
        click.echo(_summary(statistics))
    sys.exit(1 if failed else 0)


def _run_all(seed: int, count: int, settings: _Settings, jobs: int) -> Iterator[tuple[Statistics, list[Case]]]:
    """What became of each chunk of seeds, in order."""
    chunks = (range(first, min(first + _CHUNK, seed + count)) for first in range(seed, seed + count, _CHUNK))
    if jobs == 1:
        for chunk in chunks:
            yield _run_chunk(chunk, settings)
        return
    from collections import deque
    from concurrent.futures import Future, ProcessPoolExecutor

    waiting: deque[Future[tuple[Statistics, list[Case]]]] = deque()
    with ProcessPoolExecutor(jobs) as pool:
        try:
            for chunk in chunks:
                waiting.append(pool.submit(_run_chunk, chunk, settings))
                if len(waiting) > 2 * jobs:  # no more than keeps all busy: the number of cases may have no end
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)


def _run_chunk(seeds: range, settings: _Settings) -> tuple[Statistics, list[Case]]:
    """The counters of these seeds, and the cases that failed."""
    from irpass.testing.fuzz import Statistics, run_cases

    statistics, failing = Statistics(), []
    for case in run_cases(seeds, settings.passes, check=settings.check):
        statistics.add(case)
        if case.failure is not None:
            failing.append(case.without_reports())
    return statistics, failing


def _with_bar(
    parts: Iterator[tuple[Statistics, list[Case]]], count: int, deadline: float | None
) -> Iterator[tuple[Statistics, list[Case]]]:
    if count <= _CHUNK or deadline is not None or not sys.stderr.isatty():
        yield from parts
        return
    with click.progressbar(length=count, label="fuzzing", file=sys.stderr) as bar:
        for part in parts:
            bar.update(part[0].programs)
            yield part


def _report(case: Case, folder: Path) -> dict[str, object]:
    """Reduce a failing program, write it, and say so."""
    from irpass.testing.fuzz import case_text, reduce_case

    failure = case.failure
    assert failure is not None
    click.echo(f"irpass: seed {case.seed}: {failure}", err=True)
    path = folder / f"seed-{case.seed}.ir"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError.of(f"cannot make {folder}: {error.strerror}") from None
    write_output(str(path), case_text(case, reduce_case(case)))
    click.echo(f"irpass: reduced to {path}", err=True)
    return {"seed": case.seed, "kind": failure.kind, "message": failure.message, "passes": case.pipeline,
            "file": str(path)}  # fmt: skip


def _summary(statistics: Statistics) -> str:
    s = statistics
    traps = ", ".join(f"{kind} {n}" for kind, n in sorted(s.traps.items()))
    lines = [
        f"programs: {s.programs}, folded {s.folded}, overlaid {s.overlaid}, folds checked {s.checked}, "
        f"failed {sum(s.failures.values())}",
        f"sites: {s.sites}, in groups {s.derives}, groups {s.groups}",
        f"runs: {s.runs}, trapped {s.trapped}, fell back {s.fell_back}, out of steps {s.out_of_steps}",
        f"allocator calls: {s.calls_before} before, {s.calls_after} after",
    ]
    return "\n".join(lines + ([f"traps: {traps}"] if traps else []))
