"""Running passes on small texts, with what must hold for every run checked on the way."""

from __future__ import annotations

from irpass.passes.base import Context, Pass
from irpass.text.parser import parse
from irpass.text.printer import print_module
from irpass.verifier import verify


def after(text: str, *passes: Pass) -> str:
    """`text` after the passes; every step must verify, print and parse to itself, and say rightly whether it changed.

    Running the last pass once more must change nothing.
    """
    module = parse(text)
    assert verify(module) == []
    context = Context(module)
    for p in [*passes, passes[-1]]:
        before = print_module(module)
        changed = p.run_module(module, context)
        assert verify(module) == [], f"broken after {p.name}"
        now = print_module(module)
        assert changed == (now != before), p.name
        assert print_module(parse(now)) == now
    assert not changed, "the last pass is not done after one run"
    return now


def lines_after(body: str, *passes: Pass, head: str) -> list[str]:
    """The lines of a function's body after the passes; `head` is the line that starts the function."""
    text = after(f"{head}\n{body}\n}}\n", *passes)
    return [line.strip() for line in text.splitlines()[1:-1]]
