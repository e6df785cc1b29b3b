"""`irpass passes`: what there is to run."""

from __future__ import annotations

import click


@click.command()
def passes() -> None:
    """List the passes with their options, and the default pipeline.

    A pipeline is text: `canonicalize,fold-allocs{max-group=64KiB stack=false},dce`; `(...)*` repeats its passes until
    nothing changes. Packages add passes through the entry-point group `irpass.passes`.
    """
    from irpass.passes.options import options_of
    from irpass.passes.registry import BUILT_IN, DEFAULT, ORDER, all_passes

    for pass_class in all_passes():
        origin = "" if pass_class in BUILT_IN else f"  (from {pass_class.__module__})"
        click.echo(f"{pass_class.name}{origin}\n    {pass_class.summary}")
        for option in options_of(pass_class):
            click.echo(f"    {option.name}={option.default}  ({option.kind})  {option.help}")
    click.echo(f"\ndefault pipeline:\n    {DEFAULT}\n\norder, and why:")
    for order in ORDER:
        click.echo(f"    {order.first} before {order.then}: {order.reason}")
