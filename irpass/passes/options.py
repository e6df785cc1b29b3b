"""The options of passes: fields of a frozen dataclass, written `name{max-group=32KiB overlay=true}` in a pipeline."""

from __future__ import annotations

import dataclasses
import difflib
import re
from typing import Any, Literal, NamedTuple, get_args, get_origin, get_type_hints

from irpass.diagnostics import UsageError
from irpass.passes.base import Pass

_SIZE = re.compile(r"(-?[0-9][0-9_]*)(B|KiB|MiB|GiB)?")
_UNITS = {"": 1, "B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}


class Option(NamedTuple):
    """An option as documentation shows it."""

    name: str
    kind: str
    default: str
    help: str


def options_of(pass_class: type[Pass]) -> list[Option]:
    """The options of a pass, in order. A field's `metadata["help"]` is its one line of help."""
    hints = get_type_hints(pass_class)
    return [
        Option(_kebab(f.name), _kind(hints[f.name]), _show(f.default), str(f.metadata.get("help", "")))
        for f in dataclasses.fields(pass_class)
    ]


def make_pass(pass_class: type[Pass], texts: dict[str, str]) -> Pass:
    """The pass with its options set from text.

    Raises: UsageError for an unknown option or a value that does not fit its type.
    """
    hints = get_type_hints(pass_class)
    fields = {_kebab(f.name): f.name for f in dataclasses.fields(pass_class)}
    values: dict[str, Any] = {}
    for name, text in texts.items():
        if name not in fields:
            close = difflib.get_close_matches(name, fields, n=1)
            notes = [f"did you mean {close[0]}?"] if close else []
            notes.append(f"its options: {', '.join(fields) or 'none'}")
            raise UsageError.of(f"{pass_class.name} has no option {name!r}", *notes)
        try:
            values[fields[name]] = _parse(hints[fields[name]], text)
        except ValueError as error:
            raise UsageError.of(f"{pass_class.name}: option {name}: {error}") from None
    try:
        return pass_class(**values)
    except ValueError as error:  # a pass checks its own ranges
        raise UsageError.of(f"{pass_class.name}: {error}") from None


def _kebab(name: str) -> str:
    return name.replace("_", "-")


def _parse(hint: Any, text: str) -> object:
    if hint is bool:
        if text not in ("true", "false"):
            raise ValueError(f"{text!r} is neither true nor false")
        return text == "true"
    if hint is int or hint == int | None:
        match = _SIZE.fullmatch(text)
        if match is None:
            raise ValueError(f"{text!r} is no number; sizes may end in KiB, MiB or GiB")
        return int(match.group(1)) * _UNITS[match.group(2) or ""]
    if get_origin(hint) is Literal:
        if text not in get_args(hint):
            raise ValueError(f"{text!r} is not one of {', '.join(get_args(hint))}")
        return text
    if get_origin(hint) is tuple:
        return tuple(part for part in text.split("+") if part)
    return text


def _kind(hint: Any) -> str:
    if hint is bool:
        return "true/false"
    if hint is int or hint == int | None:
        return "number or size"
    if get_origin(hint) is Literal:
        return "/".join(get_args(hint))
    return "names joined by +" if get_origin(hint) is tuple else "text"


def _show(default: object) -> str:
    if isinstance(default, bool):
        return "true" if default else "false"
    if isinstance(default, int):
        if default >= 1 << 10 and default % (1 << 10) == 0:
            return f"{default >> 10}KiB"
        return str(default)
    if default is None or default == ():
        return "none"
    return str(default)
