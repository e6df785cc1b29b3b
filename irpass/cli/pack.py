"""`irpass pack`: the packing alone, from a table of buffers to offsets."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

import click

from irpass.cli.io import read_text, write_output
from irpass.diagnostics import Diagnostic, IrpassError, UsageError
from irpass.packing import EFFORTS, Buffer, Packing, Progress, lower_bound, pack as pack_buffers, validate
from irpass.packing.picture import draw
from irpass.packing.table import Table, TableError, read_table, write_table


def _effort(ctx: click.Context, param: click.Parameter, value: str) -> str | int:
    if value in EFFORTS:
        return value
    if not (value.isascii() and value.isdigit() and len(value) <= 18):
        raise click.BadParameter(f"{value!r} is neither a number of steps nor one of {', '.join(EFFORTS)}")
    return int(value)


@click.command()
@click.argument("file", metavar="FILE.csv")
@click.option("--capacity", type=click.IntRange(min=0), metavar="BYTES", help="Fit into so many bytes, or exit with 1.")
@click.option(
    "--effort",
    callback=_effort,
    default="default",
    show_default=True,
    metavar="quick|default|high|STEPS",
    help="How long to search, in steps: the same layout on every machine.",
)
@click.option("--exact", is_flag=True, help="Search until the layout is proven optimal, or the capacity too small.")
@click.option("--time-limit", type=click.FloatRange(min=0), metavar="SECONDS", help="Stop then, with the best so far.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object in place of CSV.")
@click.option("--svg", metavar="OUT", help="Draw the layout over time into this file.")
@click.option("--check", is_flag=True, help="Lay out nothing: check the layout that the offset column gives.")
def pack(
    file: str,
    capacity: int | None,
    effort: str | int,
    exact: bool,
    time_limit: float | None,
    as_json: bool,
    svg: str | None,
    check: bool,
) -> None:
    """Give the buffers of FILE.csv offsets in one arena, with a low peak.

    Columns are id,lower,upper,size and, where wanted, alignment and offset: a buffer takes `size` bytes from time
    `lower` to before `upper`. An offset pins its buffer. The table with all offsets goes to standard output, what is
    known about it to standard error. `-` stands for standard input. Exit status: 0 it fits, 1 it does not or the
    table is at fault, 2 the call is at fault.
    """
    try:
        data, name = read_text(file)
        table = read_table(data, name)
        if check:
            packing = _check(table, capacity)
        else:
            packing = _pack(table, capacity, effort, exact, time_limit)
        if svg is not None:
            write_output(svg, draw(table.buffers, packing, table.ids, f"{name}: {_summary(packing)}"))
        if as_json:
            write_output(None, json.dumps(_as_object(table, packing), indent=2) + "\n")
        elif packing.fits and not check:
            write_output(None, write_table(table.ids, table.buffers, packing.offsets))
        click.echo(_summary(packing), err=True)
    except IrpassError as error:
        click.echo(str(error), err=True)
        sys.exit(2 if isinstance(error, UsageError) else 1)
    if not packing.fits:
        why = "no layout does" if packing.infeasible else "no layout was found that does"
        message = f"the buffers do not fit into {packing.capacity} bytes: {why}"
        click.echo(Diagnostic("pack-capacity", message, name).render(), err=True)
        sys.exit(1)


def _pack(table: Table, capacity: int | None, effort: str | int, exact: bool, time_limit: float | None) -> Packing:
    pinned = [i for i, b in enumerate(table.buffers) if b.offset is not None]
    _raise_breaches(table, pinned, [table.buffers[i].offset or 0 for i in pinned], None)
    with _stopper(is_shown=sys.stderr.isatty()) as progress:
        return pack_buffers(
            table.buffers, capacity=capacity, effort=effort, exact=exact, time_limit=time_limit, progress=progress
        )


def _check(table: Table, capacity: int | None) -> Packing:
    without = [
        table.diagnostic(i, "it has no offset to check", "pack-check")
        for i, b in enumerate(table.buffers)
        if b.offset is None
    ]
    if without:
        raise TableError(without)
    offsets = tuple(b.offset or 0 for b in table.buffers)
    _raise_breaches(table, range(len(offsets)), offsets, capacity)
    peak = max((o + b.size for o, b in zip(offsets, table.buffers, strict=True)), default=0)
    free = [Buffer(b.size, b.first, b.last, b.alignment) for b in table.buffers]
    bound = lower_bound(free)
    return Packing(offsets, peak, bound, peak == bound, capacity=capacity)


def _raise_breaches(table: Table, rows: Sequence[int], offsets: Sequence[int], capacity: int | None) -> None:
    found = []
    for breach in validate([table.buffers[i] for i in rows], offsets, capacity):
        index = rows[breach.buffer or 0]
        name = table.ids[index]
        begin, end = table.buffers[index].offset or 0, (table.buffers[index].offset or 0) + table.buffers[index].size
        if breach.other is not None:
            other = rows[breach.other]
            low = table.buffers[other].offset or 0
            message = f"buffer {name} at [{begin}, {end}) overlaps buffer {table.ids[other]}, alive at the same time"
            note = f"that is on line {table.lines[other]}, at [{low}, {low + table.buffers[other].size})"
            found.append(table.diagnostic(index, message, "pack-overlap", [note]))
        else:
            message = f"buffer {name} ends at {end}, above the capacity {capacity}"
            found.append(table.diagnostic(index, message, "pack-capacity"))
    if found:
        raise TableError(found)


@contextmanager
def _stopper(is_shown: bool) -> Iterator[Callable[[Progress], bool]]:
    """A progress callback that ends the search at the first interrupt, and shows on a terminal how far it is."""
    is_interrupted = False
    shown: tuple[int, int] | None = None

    def interrupt(number: int, frame: FrameType | None) -> None:
        nonlocal is_interrupted
        is_interrupted = True

    def progress(state: Progress) -> bool:
        nonlocal shown
        if is_shown and shown != (state.peak, state.lower_bound):
            shown = (state.peak, state.lower_bound)
            click.echo(f"\r\x1b[Kpeak {state.peak}, bound {state.lower_bound}, step {state.steps}", nl=False, err=True)
        return not is_interrupted

    try:
        before = signal.signal(signal.SIGINT, interrupt)
    except ValueError:  # not the main thread: nobody interrupts us there
        yield progress
        return
    try:
        yield progress
    finally:
        signal.signal(signal.SIGINT, before)
        if shown is not None:
            click.echo("\r\x1b[K", nl=False, err=True)


def _summary(packing: Packing) -> str:
    if packing.optimal:
        quality = "optimal"
    elif packing.lower_bound:
        quality = f"{100 * packing.gap / packing.lower_bound:.2f} % above it"
    else:
        quality = "above it"
    stopped = ", stopped early" if packing.stopped else ""
    return f"peak {packing.peak} bytes, lower bound {packing.lower_bound}: {quality} ({packing.steps} steps{stopped})"


def _as_object(table: Table, packing: Packing) -> dict[str, object]:
    return {
        "fits": packing.fits,
        "infeasible": packing.infeasible,
        "capacity": packing.capacity,
        "peak": packing.peak,
        "lower_bound": packing.lower_bound,
        "gap": packing.gap,
        "optimal": packing.optimal,
        "steps": packing.steps,
        "stopped": packing.stopped,
        "buffers": [
            {"id": n, "lower": b.first, "upper": b.last, "size": b.size, "alignment": b.alignment, "offset": o}
            for n, b, o in zip(table.ids, table.buffers, packing.offsets, strict=True)
        ],
    }
