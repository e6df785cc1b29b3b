"""Places, diagnostics and the errors that carry them.

Everything irpass says about a user's text is a `Diagnostic`; `render` gives the form that compilers use:

    prog.ir:3:8: error[E-name]: unknown value %y
        %x = add %y, 1
                 ^
    note: did you mean %x?
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Loc(NamedTuple):
    """A place in the user's own source: what `loc("main.go":12:8)` says. Lines and columns count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Span(NamedTuple):
    """A place in IR text. Lines and columns count from 1; `length` is in characters, at least 1 when shown."""

    line: int
    column: int
    length: int = 1


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding about a text: a stable `code`, what is wrong, where, and notes that say what to do.

    `excerpt` is the source line without its line end; empty where there is no text (a module that was built).
    """

    code: str
    message: str
    file: str = "<module>"
    span: Span | None = None
    excerpt: str = ""
    notes: tuple[str, ...] = ()
    severity: str = "error"

    def render(self) -> str:
        place = self.file if self.span is None else f"{self.file}:{self.span.line}:{self.span.column}"
        lines = [f"{place}: {self.severity}: {self.message} [{self.code}]"]
        if self.span is not None and self.excerpt:
            lines += _excerpt(self.excerpt, self.span)
        lines += [f"note: {note}" for note in self.notes]
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.render()


_MAX_EXCERPT = 160  # a longer line is cut around the caret, so that a 1 MB line does not flood the terminal


def _excerpt(text: str, span: Span) -> list[str]:
    start = span.column - 1
    if len(text) > _MAX_EXCERPT:
        left = max(0, start - _MAX_EXCERPT // 2)
        text, start = text[left : left + _MAX_EXCERPT], start - left
    visible = "".join(c if c.isprintable() or c == "\t" else "?" for c in text)
    pad = "".join("\t" if c == "\t" else " " for c in visible[:start])
    marks = "^" * max(1, min(span.length, len(visible) - start))
    return [f"    {visible}", f"    {pad}{marks}"]


def render_all(diagnostics: Iterable[Diagnostic]) -> str:
    """The diagnostics as text, one after the other, without a final line end."""
    return "\n".join(d.render() for d in diagnostics)


class IrpassError(Exception):
    """The root of the errors that irpass raises on purpose; `diagnostics` is never empty."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__(render_all(self.diagnostics))


class ParseError(IrpassError):
    """The text is not a module: every error that the parse found, in order of place."""


class VerifyError(IrpassError):
    """The module breaks rules of the language: every breach that the verifier found."""


class BuildError(IrpassError):
    """A call of the builder asks for what the language does not have."""

    @classmethod
    def of(cls, message: str, *notes: str) -> BuildError:
        return cls([Diagnostic("build", message, file="<builder>", notes=tuple(n for n in notes if n))])


class UsageError(IrpassError):
    """The call is at fault: an unknown pass, option or argument."""

    @classmethod
    def of(cls, message: str, *notes: str) -> UsageError:
        return cls([Diagnostic("usage", message, file="irpass", notes=tuple(notes))])
