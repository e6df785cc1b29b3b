"""Errors in a Go file, collected so that one run tells of all of them."""

from __future__ import annotations

import irpass as ip
from samples.minigo.syntax import Pos


class GoError(ip.IrpassError):
    """The file is not a program that minigo compiles: every error that was found, in the order of the text."""


class Errors:
    """Collects the errors of one compilation. `sources` maps the name of a file to its lines."""

    def __init__(self) -> None:
        self.sources: dict[str, list[str]] = {}
        self._found: dict[Pos, ip.Diagnostic] = {}

    def add(self, code: str, message: str, pos: Pos, *notes: str) -> None:
        """One error. Of two at one place, the second often follows from the first, so the first is kept."""
        lines = self.sources.get(pos.file, [])
        excerpt = lines[pos.line - 1] if 0 < pos.line <= len(lines) else ""
        span = ip.Span(pos.line, pos.column, pos.length)
        found = ip.Diagnostic(code, message, pos.file, span, excerpt, notes)
        self._found.setdefault(pos._replace(length=1), found)

    def raise_any(self) -> None:
        """Raises: GoError where there are errors."""
        if self._found:
            raise GoError([self._found[pos] for pos in sorted(self._found, key=lambda pos: pos[:3])])
