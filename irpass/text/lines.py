"""Lines and their shapes.

Most lines of a program differ only in names and numbers. `split_line` takes a line apart into what varies and what
does not; the fixed part with the kinds of what varies is the line's *shape*. Lines of one shape have one parse tree, so
the LALR parser need see each shape but once: this makes parsing several times as fast (and an error is never cached).
"""

from __future__ import annotations

import re
from typing import NamedTuple

Shape = tuple[str, ...] | tuple[tuple[str, ...], tuple[str, ...]]

_TEXT = r'(?<=%)[A-Za-z0-9_$]+|(?<=@)[A-Za-z0-9_$.]+|"(?:[^"\\]|\\.)*"'
_DIGITS = r"0[xX][0-9a-fA-F_]+|[0-9][0-9_]*(?:\.[0-9]+(?:[eE][+-]?[0-9]+)?|[eE][+-]?[0-9]+)?"
_NUMBER = rf"(?<![\w.$%@])-?(?:{_DIGITS})(?![A-Za-z0-9_.$])"  # just what the grammar's INT and FLOAT match
_NAMES = re.compile(f"({_TEXT}|{_NUMBER})", re.ASCII)
# Where labels stand, words vary as well, but for those that a label's place gives another meaning.
_OTHER_WORDS = "br|br_if|switch|loc|true|false|nil|inf|nan"
_WORDS = re.compile(rf"({_TEXT}|{_NUMBER}|(?<![\w.$%@-])(?!(?:{_OTHER_WORDS})\b)[A-Za-z_][\w$.]*)", re.ASCII)
_LABEL = re.compile(rf"({_TEXT}|{_NUMBER}|^[A-Za-z_][\w$.]*(?=[ \t]*[(:]))", re.ASCII)
_MIXED = re.compile(r'"|[0-9][.eExX]')  # the line may hold several kinds of literals
_COMMENT = re.compile(r'((?:[^"/]|"(?:[^"\\]|\\.)*"|/(?!/))*)//')
_BLANKS = " \t"  # a carriage return is part of the line end, and stands nowhere else


class SplitLine(NamedTuple):
    """A line without its indentation and comment: its shape, what varies, and where that starts (when asked)."""

    shape: Shape
    varying: list[str]


def strip_line(line: str) -> str:
    """The line without its comment and the blanks around it."""
    line = line.removesuffix("\r")
    if "//" in line:
        match = _COMMENT.match(line)
        if match is not None:
            line = match.group(1)
    return line.strip(_BLANKS)


def comment_of(line: str) -> str:
    """The comment of the line with its slashes, empty where there is none."""
    match = _COMMENT.match(line) if "//" in line else None
    return line[match.end() - 2 :].rstrip(" \t\r") if match is not None else ""


def _pattern(text: str) -> re.Pattern[str]:
    if text.endswith(":"):
        return _LABEL
    return _WORDS if text.startswith(("br", "switch")) else _NAMES


def split_line(text: str) -> SplitLine:
    """The shape of a stripped line, and what varies in it, left to right."""
    pattern = _pattern(text)
    parts = pattern.split(text)
    fixed, varying = tuple(parts[::2]), parts[1::2]
    if pattern is _NAMES and _MIXED.search(text) is None:
        return SplitLine(fixed, varying)  # the sign before each place tells its kind
    return SplitLine((fixed, tuple([_kind(v) for v in varying])), varying)


def _kind(text: str) -> str:
    first = text[0]
    if first == '"' or first.isalpha() or first == "_":
        return '"' if first == '"' else "w"
    if text[:3].lstrip("-")[:2] in ("0x", "0X"):
        return "i"
    return "f" if "." in text or "e" in text or "E" in text else "i"


def starts_of(text: str) -> list[int]:
    """Where each varying part of a stripped line starts."""
    return [match.start() for match in _pattern(text).finditer(text)]
