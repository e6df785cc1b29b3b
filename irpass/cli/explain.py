"""`irpass explain`: what a reason in a missed remark means, and what to do about it."""

from __future__ import annotations

import difflib

import click

from irpass.diagnostics import UsageError


@click.command()
@click.argument("reason", required=False)
def explain(reason: str | None) -> None:
    """Explain REASON, a word from a missed remark such as late-length; without one, list them all."""
    from irpass.fold.reasons import BY_SLUG, REASONS, explain as page

    if reason is None:
        width = max(len(r.slug) for r in REASONS)
        for r in REASONS:
            click.echo(f"{r.slug:{width}}  {r.title}")
        return
    if reason not in BY_SLUG:
        close = difflib.get_close_matches(reason, BY_SLUG, n=1)
        notes = [f"did you mean {close[0]}?"] if close else []
        raise UsageError.of(f"no reason is called {reason!r}", *notes, f"reasons: {', '.join(BY_SLUG)}")
    click.echo(page(reason), nl=False)
