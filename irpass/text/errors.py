"""The errors of one parse: where, what was expected, and what the writer may have meant."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable

from irpass.diagnostics import Diagnostic, Span
from irpass.text.lines import strip_line

_MAX_GUESSES = 50  # close matches cost time in the number of names: after this many errors nobody reads them
_MAX_NAMES = 2000


class ErrorLog:
    """Collects diagnostics about `lines`, the lines of one text."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: list[str] = []
        self.diagnostics: list[Diagnostic] = []
        self._guesses_left = _MAX_GUESSES

    def decode(self, data: bytes) -> str:
        """`data` as text; bytes that are no UTF-8 are reported, once."""
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError as error:
            before = data[: error.start]
            line, column = before.count(b"\n") + 1, len(before) - (before.rfind(b"\n") + 1) + 1
            text = data.decode("utf-8", "replace")
            self.lines = text.split("\n")
            note = "the text of a module is UTF-8; in strings, other bytes are written \\xNN"
            self.add("encoding", f"byte 0x{data[error.start]:02x} is not UTF-8", line, column, notes=[note])
            return text

    def add(
        self, code: str, message: str, line: int, column: int = 0, length: int = 1, notes: Iterable[str] = ()
    ) -> None:
        """Report an error at `column` of `line`, both from 1; column 0 stands for the whole line's text."""
        text = self.lines[line - 1].rstrip("\r")
        if column == 0:
            stripped = strip_line(text)
            column, length = len(text) - len(text.lstrip()) + 1, max(1, len(stripped))
        span = Span(line, column, length)
        self.diagnostics.append(Diagnostic(code, message, self.file, span, text, tuple(notes)))

    def sorted(self) -> list[Diagnostic]:
        return sorted(self.diagnostics, key=lambda d: d.span or Span(0, 0))

    def guess(self, word: str, names: Collection[str], sign: str = "") -> list[str]:
        """A note "did you mean ...?" if one of `names` is close to `word`."""
        if self._guesses_left == 0 or len(names) > _MAX_NAMES or len(word) > 40:
            return []
        self._guesses_left -= 1
        found = difflib.get_close_matches(word, names, n=1, cutoff=0.6)
        return [f"did you mean {sign}{found[0]}?"] if found and found[0] != word else []
