"""Lines to shapes, through the LALR parser, which sees each shape of line once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from irpass.ir import ops
from irpass.ir.types import SCALARS
from irpass.text.errors import ErrorLog
from irpass.text.lines import Shape, split_line, starts_of, strip_line
from irpass.text.shapes import LineShape, ShapeReader

_WORD_BEFORE = re.compile(r"[A-Za-z0-9_$.]*$")
_WORD = re.compile(r"[A-Za-z0-9_$.]+")
_MAX_SHAPES = 20_000  # then start again: a text with endless shapes must not fill the memory

# What a terminal is called in "expected ..."; the others are called by their text.
_NAMES = {
    "VALUE": "a value (%name)",
    "SYMBOL": "a name (@name)",
    "INT": "an integer",
    "FLOAT": "a number",
    "STRING": "a string",
    "WORD": "true, false, nil, inf or nan",
    "LABEL": "a block label",
    "LABEL_DEF": "a block label",
    "SCALAR": "a type",
    "PREFIX": "a type",
    "ATTRIBUTE": "an attribute (pure, nocapture, nofree, noreturn)",
    "DERIVED": "uninit or zero",
    "SIZED": "align, limit or count",
    "FLAG": "stack, scan or uninit",
    "UNINIT": "uninit",
    "LPAR": "'('", "RPAR": "')'", "LSQB": "'['", "RSQB": "']'", "LBRACE": "'{'", "RBRACE": "'}'",
    "COMMA": "','", "COLON": "':'", "EQUAL": "'='", "DOT": "'.'", "__ANON_0": "'->'",
    "_NL": "the end of the line", "$END": "the end of the line",
}  # fmt: skip
_MNEMONICS = {f"_{name.upper().replace('.', '_')}" for name in ops.BY_NAME}
_MNEMONICS |= {"BINARY", "UNARY", "MEASURE", "PAIR", "END"}
_DECLARATIONS = ("_TYPE", "_EXTERN", "_FUNC")
_FLAG_WORDS = ("align", "limit", "count", "stack", "scan", "uninit", "zero")


class ReadLine(NamedTuple):
    """A line that was understood: its shape and what varies in it."""

    shape: LineShape
    varying: list[str]


class LineReader:
    """Reads lines; what cannot be read goes to the log."""

    def __init__(self, log: ErrorLog, memo: bool) -> None:
        self._log = log
        self._memo = memo
        self._shapes: dict[Shape, LineShape] = {}

    def read(self, number: int) -> ReadLine | None:
        """Line `number`, from 1, of the log's text; None for a blank line or one with an error, which is logged."""
        text = strip_line(self._log.lines[number - 1])
        if not text:
            return None
        split = split_line(text)
        shape = self._shapes.get(split.shape)
        if shape is None:
            shape = self._parse(text, number)
            if shape is None:
                return None
            if self._memo:
                if len(self._shapes) >= _MAX_SHAPES:
                    self._shapes.clear()
                self._shapes[split.shape] = shape
        return ReadLine(shape, split.varying)

    def _parse(self, text: str, number: int) -> LineShape | None:
        from lark.exceptions import UnexpectedCharacters, UnexpectedToken

        from irpass.text.grammar import lark_parser

        try:
            tree = lark_parser().parse(text, start="line")
        except (UnexpectedCharacters, UnexpectedToken) as error:
            at = error.pos_in_stream or 0
            if isinstance(error, UnexpectedToken) and error.token.type == "$END":
                at = len(text)
            accepts = error.interactive_parser.accepts()  # type: ignore[no-untyped-call]  # untyped in lark
            self._unexpected(text, number, at, accepts)
        else:
            return ShapeReader(starts_of(text)).read(tree)
        return None

    def _unexpected(self, text: str, number: int, at: int, allowed: Iterable[str]) -> None:
        line = self._log.lines[number - 1]
        indent = line.find(text)
        before = _WORD_BEFORE.search(text[:at])
        start = before.start() if before and at < len(text) and _WORD.match(text, at) else at
        word = match.group() if (match := _WORD.match(text, start)) else text[start : start + 1]
        expected = sorted(allowed)
        notes = self._notes(word, expected)
        if text[start : start + 1] == '"':
            notes = ["a string ends with a quote on the same line"]
        what = f"unexpected {word!r}" if word else "the line ends too early"
        if word and not word.isprintable():
            what = f"unexpected character U+{ord(word[0]):04X}"
        self._log.add("syntax", what, number, indent + start + 1, max(1, len(word)), notes)

    def _notes(self, word: str, expected: list[str]) -> list[str]:
        if "LABEL_DEF" in expected or any(t in _MNEMONICS for t in expected):
            names = [*ops.BY_NAME, *(("type", "func", "extern") if "_FUNC" in expected else ())]
            wanted = (
                "expected an instruction, a label, a declaration or }"
                if "_FUNC" in expected
                else ("expected an instruction")
            )
            return [wanted, *self._log.guess(word, names)]
        words = [_NAMES.get(t) or t.lstrip("_").lower() for t in expected]
        notes = ["expected " + _either(list(dict.fromkeys(words)))] if words else []
        if "SCALAR" in expected:
            notes += self._log.guess(word, list(SCALARS))
        elif "FLAG" in expected or "DERIVED" in expected or "UNINIT" in expected:
            notes += self._log.guess(word, _FLAG_WORDS)
        elif "ATTRIBUTE" in expected:
            notes += self._log.guess(word, ("pure", "nocapture", "nofree", "noreturn"))
        return notes


def _either(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
