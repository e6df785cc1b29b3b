"""`irpass verify`: parse and verify, nothing else."""

from __future__ import annotations

import sys

import click

from irpass.cli.io import find_inputs, read_text
from irpass.diagnostics import IrpassError, UsageError


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
def verify(files: tuple[str, ...]) -> None:
    """Parse and verify FILEs and say every error; directories stand for the .ir files below them.

    Nothing is printed for good files. Exit status 1 if any file is at fault.
    """
    from irpass.api import parse

    failed = False
    for path in find_inputs(files):
        text, name = read_text(path)
        try:
            parse(text, name)
        except UsageError:
            raise
        except IrpassError as error:
            click.echo(str(error), err=True)
            failed = True
    sys.exit(1 if failed else 0)
