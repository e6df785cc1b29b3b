"""`irpass check`: the independent checker."""

from __future__ import annotations

import json
import sys

import click

from irpass.cli.io import read_text


@click.command()
@click.argument("before")
@click.argument("after")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on standard output.")
def check(before: str, after: str, as_json: bool) -> None:
    """Say whether AFTER does what BEFORE does, however its memory was folded.

    Both are parsed and verified first. Nothing is printed where AFTER is accepted; otherwise, for each function, the
    first thing that cannot be justified, by the number of its rule. Exit status 1 if anything is refused.
    """
    from irpass.api import parse
    from irpass.check import check as refusals

    found = refusals(parse(*read_text(before)), parse(*read_text(after)))
    if as_json:
        entries = [
            {
                "code": d.code,
                "message": d.message,
                "file": d.file,
                "line": d.span.line if d.span is not None else None,
                "notes": list(d.notes),
            }
            for d in found
        ]
        click.echo(json.dumps({"accepted": not found, "refusals": entries}, indent=2))
    else:
        for diagnostic in found:
            click.echo(str(diagnostic), err=True)
    sys.exit(1 if found else 0)
