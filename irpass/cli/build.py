"""`irpass build`: native code, ahead of time."""

from __future__ import annotations

import click

from irpass.cli.io import read_text
from irpass.native.build import EMITS, Emit, build as build_module
from irpass.native.options import HEAP_LIMIT_BYTES, MAX_DEPTH


@click.command()
@click.argument("file", metavar="FILE")
@click.option("-o", "--output", required=True, metavar="PROG", help="Where to write it.")
@click.option("--emit", default="exe", show_default=True, type=click.Choice(EMITS), help="What to write.")
@click.option("-O", "level", default=2, show_default=True, type=click.IntRange(0, 3), help="LLVM's level.")
@click.option("--allocator", default="libc", show_default=True, metavar="NAME", help="Where memory is from.")
@click.option("--entry", default="@main", show_default=True, metavar="@F", help="The function to run.")
@click.option("--heap-limit", default=HEAP_LIMIT_BYTES, show_default=True, type=click.IntRange(min=0), metavar="BYTES",
              help="Trap with `out of memory` for a request of more; with --counters, past so many live.")  # fmt: skip
@click.option("--max-depth", default=MAX_DEPTH, show_default=True, type=click.IntRange(min=1), metavar="N",
              help="Trap with `stack overflow` past so many frames.")  # fmt: skip
@click.option("--counters", is_flag=True, help="Keep the heap's counters, and say them when the program returns.")
@click.option("--debug/--no-debug", default=True, show_default=True, help="DWARF lines for what has a loc.")
@click.option("--cpu", default="", metavar="NAME", help="The processor, in LLVM's words; `native` for this one.")
@click.option("--link", multiple=True, metavar="FILE", help="What else to link: it may define externs, as C functions.")
def build(
    file: str, output: str, emit: Emit, level: int, allocator: str, entry: str, heap_limit: int, max_depth: int,
    counters: bool, debug: bool, cpu: str, link: tuple[str, ...],
) -> None:  # fmt: skip
    """Build FILE into a program, an object with its `main`, assembly or LLVM text.

    The program takes the arguments of its entry function as `irpass run` does, prints to standard output, and says
    what it returned on standard error. A trap is said there too, with exit status 1. Build what `irpass optimize`
    wrote to have allocations folded. Needs llvmlite, and `cc` for programs and objects.
    """
    from irpass.api import parse

    text, name = read_text(file)
    build_module(
        parse(text, name), output, emit, entry=entry, opt_level=level, allocator=allocator, heap_limit=heap_limit,
        max_depth=max_depth, counters=counters, debug_info=debug, cpu=cpu, link=link,
    )  # fmt: skip
