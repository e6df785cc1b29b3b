"""`irpass report`: one HTML page about one optimization."""

from __future__ import annotations

import click

from irpass.cli.io import read_text, write_output


@click.command()
@click.argument("file")
@click.option("-o", "--output", metavar="OUT", help="Where to write the page; standard output unless given.")
@click.option(
    "--passes", metavar="PIPELINE", help="Passes to run, see `irpass passes`.  [default: the default pipeline]"
)
def report(file: str, output: str | None, passes: str | None) -> None:
    """Write a page about the optimization of FILE: one HTML file that needs no network.

    It shows the program before and after side by side, each remark at its line, the dependency graphs of the blocks
    with several allocations, and the layout of each arena over the instructions of its block.

    \b
    irpass report prog.ir -o report.html
    irpass report prog.ir -o report.html --passes 'fold-allocs{overlay=false}'
    """
    from irpass.report import html_report

    text, name = read_text(file)
    write_output(output, html_report(text, name, passes))
