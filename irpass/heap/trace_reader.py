"""Reads a trace: its events, or what is wrong with it, line by line."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any, Final

from irpass.diagnostics import Diagnostic, ParseError, Span
from irpass.heap.trace import EVENTS, Allocate, Event, Free, Reallocate
from irpass.ir.layout import MAX_BYTES

_MAX_ERRORS: Final = 20
_MAX_NUMBER: Final = 1 << 62
_KINDS: Mapping[str, type[Event]] = {kind.event: kind for kind in EVENTS}


def _is_number(value: object, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _is_power(value: object) -> bool:
    return isinstance(value, int) and _is_number(value, 1, 1 << 32) and not value & (value - 1)


# what each key holds, in words and as a test
_WHOLE = ("a number", lambda v: _is_number(v, 0, _MAX_NUMBER))
_FLAG = ("true or false", lambda v: isinstance(v, bool))
_VALUES: Mapping[str, tuple[str, Callable[[object], bool]]] = {
    "id": ("a number from 1", lambda v: _is_number(v, 1, _MAX_NUMBER)),
    "old": ("a number from 1", lambda v: _is_number(v, 1, _MAX_NUMBER)),
    "size_bytes": _WHOLE,
    "align_bytes": ("a power of two", _is_power),
    "scan": _FLAG,
    "zeroed": _FLAG,
    "stack": _FLAG,
    "site": ("a string", lambda v: isinstance(v, str)),
    "thread": (f"a number to {MAX_BYTES}", lambda v: _is_number(v, 0, MAX_BYTES)),
    "address": ("a number or null", lambda v: v is None or _is_number(v, 0, _MAX_NUMBER)),
    "denied": ('"limit", "injected" or null', lambda v: v in (None, "limit", "injected")),
    "marked": _WHOLE,
    "swept": _WHOLE,
}


def read_trace(text: str, file: str = "<trace>") -> list[Event]:
    """The events of a trace, in order.

    Raises: ParseError with the mistakes found, the first of them at least.
    """
    return _Reader(file).read(text)


class _Reader:
    def __init__(self, file: str) -> None:
        self._file = file
        self._errors: list[Diagnostic] = []
        self._line = 0
        self._excerpt = ""
        self._last_id = 0
        self._live: set[int] = set()

    def read(self, text: str) -> list[Event]:
        events: list[Event] = []
        for self._line, self._excerpt in enumerate(text.split("\n"), 1):
            if not self._excerpt.strip():
                continue
            event = self._event()
            if event is not None:
                self._follow(event)
                events.append(event)
            if len(self._errors) >= _MAX_ERRORS:
                break
        if self._errors:
            raise ParseError(self._errors)
        return events

    def _wrong(self, message: str, *notes: str, column: int | None = None) -> None:
        length = max(1, len(self._excerpt.rstrip())) if column is None else 1
        span = Span(self._line, column or 1, length)
        self._errors.append(Diagnostic("trace", message, self._file, span, self._excerpt.rstrip("\r"), notes))

    def _event(self) -> Event | None:
        """The event of the line; None, after a diagnostic, where it has none."""
        try:
            value: Any = json.loads(self._excerpt)
        except json.JSONDecodeError as error:
            self._wrong(f"this is not JSON: {error.msg}", column=error.colno)
            return None
        except (ValueError, RecursionError):
            self._wrong("a number is too long, or lists are nested too deeply")
            return None
        kind = _KINDS.get(name) if isinstance(value, dict) and isinstance(name := value.get("event"), str) else None
        if kind is None:
            self._wrong("this is no event", 'expected {"event": ...} with one of ' + ", ".join(_KINDS))
            return None
        before = len(self._errors)
        names = [field.name for field in fields(kind)]
        for name in names:
            what, is_right = _VALUES[name]
            if name not in value:
                self._wrong(f"'{name}' is missing", f"expected {what}")
            elif not is_right(value[name]):
                self._wrong(f"'{name}' must be {what}")
        for name in value:
            if name != "event" and name not in names:
                self._wrong(f"'{kind.event}' has no '{name}'", f"it has {', '.join(names)}")
        return kind(*(value[name] for name in names)) if len(self._errors) == before else None

    def _follow(self, event: Event) -> None:
        """Check that the event speaks of blocks that are live."""
        if isinstance(event, Allocate | Reallocate):
            if event.id <= self._last_id:
                self._wrong(f"request {event.id} does not come after request {self._last_id}")
            if (event.address is None) != (event.denied is not None):
                self._wrong("a request has an address, or a reason why it was denied")
            self._last_id = max(self._last_id, event.id)
        if isinstance(event, Reallocate):
            self._require_live(event.old)
            if event.denied is None:
                self._live.discard(event.old)
        if isinstance(event, Free):
            self._require_live(event.id)
            self._live.discard(event.id)
        elif isinstance(event, Allocate | Reallocate) and event.denied is None:
            self._live.add(event.id)

    def _require_live(self, number: int) -> None:
        if number not in self._live:
            was = "is not live here" if 0 < number <= self._last_id else "was never allocated"
            self._wrong(f"block {number} {was}")
