"""The diagnostic for a trap: the line of the text that trapped."""

from __future__ import annotations

from collections.abc import Sequence

from irpass.diagnostics import Diagnostic, Loc, Span
from irpass.ir.core import Module
from irpass.text.lines import strip_line


def trap_diagnostic(
    module: Module,
    kind: str,
    place: tuple[str, str],
    line: int,
    loc: Loc | None,
    lines: Sequence[str] | None = None,
) -> Diagnostic:
    """What is said of the trap `kind` in the function and block of `place`; `lines` are those of the module's source,
    for who asks for many."""
    span, excerpt = None, ""
    lines = module.source.split("\n") if lines is None else lines
    if 0 < line <= len(lines):
        excerpt = lines[line - 1].rstrip("\r")
        text = strip_line(excerpt)
        span = Span(line, excerpt.find(text) + 1, max(1, len(text)))
    where = f"in @{place[0]}, block {place[1]}"
    note = where if loc is None else f"{where}, from {loc}"
    shown = kind.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return Diagnostic("trap", shown, module.file, span, excerpt, (note,))
