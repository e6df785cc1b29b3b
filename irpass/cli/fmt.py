"""`irpass fmt`: canonical text."""

from __future__ import annotations

import sys

import click

from irpass.cli.io import STDIN, find_inputs, read_text, write_output
from irpass.diagnostics import IrpassError, UsageError


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--check", is_flag=True, help="Write nothing; name the files that are not canonical and exit with 1.")
@click.option("--in-place", "-i", is_flag=True, help="Rewrite the files; what is canonical already is not touched.")
def fmt(files: tuple[str, ...], check: bool, in_place: bool) -> None:
    """Print FILEs in the canonical form of the language; comments stay.

    Directories stand for the .ir files below them, `-` for standard input.
    """
    from irpass.text.format import format_module
    from irpass.text.parser import parse

    if check and in_place:
        raise UsageError.of("--check and --in-place exclude each other")
    inputs = find_inputs(files)
    if in_place and STDIN in inputs:
        raise UsageError.of("standard input cannot be rewritten in place")
    failed = False
    for path in inputs:
        data, name = read_text(path)
        try:
            text = format_module(parse(data, name))
        except UsageError:
            raise
        except IrpassError as error:
            click.echo(str(error), err=True)
            failed = True
            continue
        changed = text.encode() != data
        if check:
            if changed:
                click.echo(f"{name}: not in canonical form", err=True)
            failed |= changed
        elif not in_place:
            write_output(None, text)
        elif changed:
            write_output(path, text)
    sys.exit(1 if failed else 0)
