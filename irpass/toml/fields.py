"""Typed fields of a TOML text, and the diagnostics for those that are missing, unknown or of the wrong type."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping
from typing import Any, TypeVar

from irpass.diagnostics import Diagnostic
from irpass.toml.source import Path, TomlSource

T = TypeVar("T")


class Fields:
    """Reads values by path; what is wrong is added to `errors`, and the value is then None."""

    def __init__(self, source: TomlSource) -> None:
        self.source = source
        self.errors: list[Diagnostic] = []

    def wrong_value(self, code: str, path: Path, message: str, *notes: str) -> None:
        self.errors.append(self.source.diagnostic(code, message, self.source.value_span(path), *notes))

    def wrong_key(self, code: str, path: Path, message: str, *notes: str) -> None:
        self.errors.append(self.source.diagnostic(code, message, self.source.key_span(path), *notes))

    def get(self, path: Path, key: str, kind: type[T], default: T | None = None) -> T | None:
        """The value of `key` in the table at `path`; None, after a diagnostic, where there is none to use."""
        table = self.at(path)
        where = (*path, key)
        if key not in table:
            if default is None:
                self.wrong_key("missing-key", where, f"'{key}' is missing", f"expected {key} = {_EXAMPLE[kind]}")
            return default
        value = table[key]
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            self.wrong_value("wrong-type", where, f"'{key}' must be {_KIND[kind]}, not {_kind_of(value)}")
            return None
        return value

    def at(self, path: Path) -> Mapping[str, Any]:
        value: Any = self.source.values
        for part in path:
            value = value[part]
        assert isinstance(value, dict)
        return value

    def integer(self, path: Path, key: str, low: int, high: int, default: int | None = None) -> int | None:
        value = self.get(path, key, int, default)
        if value is not None and not low <= value <= high:
            self.wrong_value("out-of-range", (*path, key), f"'{key}' must be {low} to {high}, not {value}")
            return None
        return value

    def number(self, path: Path, key: str, low: float, high: float, default: float | None = None) -> float | None:
        """A number with or without a fraction."""
        kind = int if type(self.at(path).get(key)) is int else float
        value = self.get(path, key, kind, default)
        if value is not None and not low <= value <= high:  # also where it is nan
            self.wrong_value("out-of-range", (*path, key), f"'{key}' must be {low:g} to {high:g}, not {value}")
            return None
        return value

    def power_of_two(self, path: Path, key: str, high: int, default: int | None = None) -> int | None:
        value = self.integer(path, key, 1, high, default)
        if value is not None and value & (value - 1):
            self.wrong_value("out-of-range", (*path, key), f"'{key}' must be a power of two, not {value}")
            return None
        return value

    def choice(self, path: Path, key: str, choices: Collection[str], default: str | None = None) -> str | None:
        value = self.get(path, key, str, default)
        if value is not None and value not in choices:
            self.wrong_value(
                "unknown-value", (*path, key), f"unknown {key} '{value}'", *suggest(value, choices), _one_of(choices)
            )
            return None
        return value

    def known_keys(self, path: Path, known: Collection[str]) -> None:
        for key in self.at(path):
            if key not in known:
                self.wrong_key(
                    "unknown-key", (*path, key), f"unknown key '{key}'", *suggest(key, known), _one_of(known)
                )

    def tables(self, key: str) -> list[Path]:
        """The paths of the tables `[[key]]`."""
        value = self.source.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self.wrong_key("wrong-type", (key,), f"'{key}' must be an array of tables", f"write [[{key}]]")
            return []
        return [(key, i) for i in range(len(value))]


_KIND: Mapping[type, str] = {
    int: "an integer",
    str: "a string",
    float: "a number",
    bool: "true or false",
    dict: "a table",
    list: "a list",
}
_EXAMPLE: Mapping[type, str] = {
    int: "NUMBER",
    float: "NUMBER",
    str: '"TEXT"',
    bool: "true",
    dict: "{ ... }",
    list: "[ ... ]",
}


def _kind_of(value: object) -> str:
    kinds = (bool, int, float, str, dict, list)  # bool first: it is an int
    return next((_KIND[kind] for kind in kinds if isinstance(value, kind)), f"a {type(value).__name__}")


def suggest(word: str, known: Collection[str]) -> list[str]:
    """A note with the known word that is most like `word`, or none."""
    return [f"did you mean '{match}'?" for match in difflib.get_close_matches(word, list(known), n=1)]


def _one_of(words: Collection[str]) -> str:
    return "expected one of " + ", ".join(words)
