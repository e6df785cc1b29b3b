"""A TOML text with the place of each of its keys and values, so that a mistake in a spec is shown where it stands.

`tomllib` decides what the text means and whether it is TOML at all; it keeps no places. A second, lax grammar then
reads the text that is known to be valid and gives the places: lark is here anyway, and neither tomllib nor tomlkit
offers them.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from lark import Lark, Token, Tree

from irpass.diagnostics import Diagnostic, ParseError, Span

Path = tuple[str | int, ...]
"""The way to a value: table names, keys, and numbers in arrays, as in `("base", 0, "name")`."""

# Lax on purpose: it only ever reads what tomllib has accepted.
_GRAMMAR = r"""
start: (_NL | table | array_table | entry)*
table: "[" key "]"
array_table: "[[" key "]]"
entry: key "=" value
key: _part ("." _part)*
_part: BARE | STRING
?value: STRING | SCALAR | array | inline
array: "[" _NL* (value _NL* ("," _NL* value _NL*)* ("," _NL*)?)? "]"
inline: "{" _NL* (entry _NL* ("," _NL* entry _NL*)* ("," _NL*)?)? "}"
BARE: /[A-Za-z0-9_-]+/
STRING.2: /"{3}(?:[^\\]|\\[\s\S])*?"{3,5}|'{3}[\s\S]*?'{3,5}|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'/
SCALAR: /[^\s,\]}#"'\[{][^,\]}#\n]*/
_NL: /\r?\n/
%ignore /[ \t]+/
%ignore /#[^\n]*/
"""

_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_MAX_DEPTH = 8  # no key of a spec lies deeper; what does is reported by its parent


@dataclass(frozen=True)
class TomlSource:
    """The values of a TOML text and where they stand."""

    file: str
    lines: tuple[str, ...]
    values: Mapping[str, Any]
    keys: Mapping[Path, Span]
    places: Mapping[Path, Span]

    def key_span(self, path: Path) -> Span | None:
        """The place of the key or table header at `path`, or of the nearest table around it."""
        return _nearest(self.keys, path)

    def value_span(self, path: Path) -> Span | None:
        """The place of the value at `path`; of the key where the value has none of its own."""
        return self.places.get(path) or self.key_span(path)

    def diagnostic(self, code: str, message: str, span: Span | None, *notes: str) -> Diagnostic:
        """A diagnostic about this text, with the line that `span` is in."""
        excerpt = self.lines[span.line - 1] if span is not None and span.line <= len(self.lines) else ""
        return Diagnostic(code, message, self.file, span, excerpt, notes)


def read_toml(text: str, file: str) -> TomlSource:
    """The values of `text` and their places.

    Raises: ParseError, at the line and column where the text stops being TOML.
    """
    lines = tuple(line.removesuffix("\r") for line in text.split("\n"))
    try:
        values = tomllib.loads(text)
    except RecursionError:
        raise ParseError([Diagnostic("toml", "arrays or tables are nested too deeply", file)]) from None
    except ValueError as error:  # TOMLDecodeError is one; an integer of thousands of digits raises a plain ValueError
        raise ParseError([_syntax_error(str(error), file, lines)]) from None
    keys: dict[Path, Span] = {}
    places: dict[Path, Span] = {}
    table: Path = ()
    array_lengths: dict[Path, int] = {}
    # tomllib reads "\r\n" as "\n"; a tree made of the text itself keeps lines and columns as an editor counts them.
    for node in _parser().parse(text).children:
        assert isinstance(node, Tree)
        if node.data == "entry":
            _add_entry(node, table, keys, places)
            continue
        key = node.children[0]
        assert isinstance(key, Tree)
        table = _table_path(_key_parts(key), node.data == "array_table", array_lengths)
        keys[table] = _key_span(key)
    return TomlSource(file, lines, values, keys, places)


@lru_cache(maxsize=1)
def _parser() -> Lark:
    return Lark(_GRAMMAR, parser="lalr")


def _nearest(spans: Mapping[Path, Span], path: Path) -> Span | None:
    for length in range(len(path), 0, -1):
        if path[:length] in spans:
            return spans[path[:length]]
    return None


def _syntax_error(message: str, file: str, lines: tuple[str, ...]) -> Diagnostic:
    match = _PLACE.search(message)
    if match is None:
        return Diagnostic("toml", f"this is not TOML: {message}", file)
    if match[1] is None:
        span = Span(len(lines), len(lines[-1]) + 1)
    else:
        span = Span(int(match[1]), int(match[2]))
    excerpt = lines[span.line - 1] if span.line <= len(lines) else ""
    return Diagnostic("toml", f"this is not TOML: {message[: match.start()]}", file, span, excerpt)


def _key_parts(key: Tree[Token]) -> tuple[str, ...]:
    return tuple(_unquoted(part) for part in key.children if isinstance(part, Token))


def _unquoted(part: Token) -> str:
    if part.type != "STRING":
        return str(part)
    (name,) = tomllib.loads(f"{part} = 0")
    return name


def _key_span(key: Tree[Token]) -> Span:
    first, last = key.children[0], key.children[-1]
    assert isinstance(first, Token) and isinstance(last, Token)
    return Span(first.line or 1, first.column or 1, max(1, (last.end_pos or 0) - (first.start_pos or 0)))


def _table_path(parts: tuple[str, ...], is_array: bool, array_lengths: dict[Path, int]) -> Path:
    """The path that a header names: `[base.c]` is in the last `[[base]]` so far."""
    path: Path = ()
    for i, part in enumerate(parts):
        path = (*path, part)
        if is_array and i == len(parts) - 1:
            array_lengths[path] = array_lengths.get(path, 0) + 1
        if path in array_lengths:
            path = (*path, array_lengths[path] - 1)
    return path


def _add_entry(entry: Tree[Token], table: Path, keys: dict[Path, Span], places: dict[Path, Span]) -> None:
    """Adds the places of one `key = value`, and of what is inside the value."""
    work: list[tuple[Path, Tree[Token] | Token]] = [(table, entry)]
    while work:
        path, node = work.pop()
        if len(path) > _MAX_DEPTH:
            continue
        if isinstance(node, Token):
            text = str(node).split("\n", 1)[0].rstrip()
            places[path] = Span(node.line or 1, node.column or 1, max(1, len(text)))
        elif node.data == "entry":
            key, value = node.children
            assert isinstance(key, Tree)
            for part in _key_parts(key):
                path = (*path, part)
                keys.setdefault(path, _key_span(key))
            work.append((path, value))
        elif node.data == "inline":
            work += [(path, child) for child in node.children]
        else:
            work += [((*path, i), child) for i, child in enumerate(node.children)]
