"""The trace of a heap: what was asked of it, one JSON object a line.

Blocks go by the number of the request that they answered, so that a trace can be replayed where addresses differ.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import ClassVar, Literal

Denial = Literal["limit", "injected"]


@dataclass(frozen=True, slots=True)
class Allocate:
    """A request, and the address that answered it; None where it was denied, and why."""

    event: ClassVar = "allocate"
    id: int
    size_bytes: int
    align_bytes: int
    scan: bool
    zeroed: bool
    stack: bool
    site: str
    thread: int
    address: int | None
    denied: Denial | None = None


@dataclass(frozen=True, slots=True)
class Reallocate:
    """A request for block `old` to have another size. Where it is granted, the block is `id` from then on."""

    event: ClassVar = "reallocate"
    id: int
    old: int
    size_bytes: int
    site: str
    thread: int
    address: int | None
    denied: Denial | None = None


@dataclass(frozen=True, slots=True)
class Free:
    """Block `id` came back."""

    event: ClassVar = "free"
    id: int
    site: str
    thread: int


@dataclass(frozen=True, slots=True)
class Collect:
    """A collection. The blocks that it swept are freed by events of their own."""

    event: ClassVar = "collect"
    marked: int
    swept: int


@dataclass(frozen=True, slots=True)
class Trim:
    """All that the heap had at hand went back."""

    event: ClassVar = "trim"


@dataclass(frozen=True, slots=True)
class EndThread:
    """A thread ended, and gave its cache back."""

    event: ClassVar = "end-thread"
    thread: int


Event = Allocate | Reallocate | Free | Collect | Trim | EndThread
EVENTS: tuple[type[Event], ...] = (Allocate, Reallocate, Free, Collect, Trim, EndThread)


def event_line(event: Event) -> str:
    """The event as a line of a trace, with its line end."""
    return json.dumps({"event": event.event, **asdict(event)}, separators=(",", ":")) + "\n"
