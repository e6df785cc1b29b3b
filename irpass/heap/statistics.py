"""What a heap did: counters that it keeps up, and the report that it makes of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import NamedTuple


@dataclass(slots=True)
class Tally:
    """Requests that were granted to one site or class, in payload bytes; `held_bytes` of live blocks, all included."""

    calls: int = 0
    bytes_requested: int = 0
    frees: int = 0
    live_blocks: int = 0
    live_bytes: int = 0
    held_bytes: int = 0
    peak_live_bytes: int = 0

    def add(self, size_bytes: int, held_bytes: int) -> None:
        self.calls += 1
        self.bytes_requested += size_bytes
        self.live_blocks += 1
        self.live_bytes += size_bytes
        self.held_bytes += held_bytes
        self.peak_live_bytes = max(self.peak_live_bytes, self.live_bytes)

    def remove(self, size_bytes: int, held_bytes: int) -> None:
        self.frees += 1
        self.live_blocks -= 1
        self.live_bytes -= size_bytes
        self.held_bytes -= held_bytes


@dataclass(slots=True)
class Collections:
    """What collections did together, in blocks."""

    count: int = 0
    marked: int = 0
    swept: int = 0

    def add(self, marked: int, swept: int) -> None:
        self.count += 1
        self.marked += marked
        self.swept += swept


class Usage(NamedTuple):
    """Bytes at one moment: held from the machine, in blocks that are out (headers and rounding with them), asked for.

    Internal fragmentation is the part of the blocks that nobody asked for, external the part of what is held that is
    in no block; both from 0 to 1.
    """

    held_bytes: int = 0
    block_bytes: int = 0
    live_bytes: int = 0

    @property
    def internal(self) -> float:
        return 1 - self.live_bytes / self.block_bytes if self.block_bytes else 0.0

    @property
    def external(self) -> float:
        return 1 - self.block_bytes / self.held_bytes if self.held_bytes else 0.0

    def to_json(self) -> dict[str, object]:
        return {
            **self._asdict(),
            "internal_fragmentation": round(self.internal, 4),
            "external_fragmentation": round(self.external, 4),
        }


@dataclass(frozen=True)
class HeapReport:
    """A heap's statistics. Equal where the heaps did the same.

    A request that a collector asks again, because the first time there was no room, is one of the `calls` and one of
    the `denied`, and `granted` or not.

    `hits` counts granted requests by where their bytes came from; `at_peak` is when the most payload was live.
    """

    name: str
    calls: int
    granted: int
    denied: int
    injected: int
    frees: int
    bytes_requested: int
    peak_live_bytes: int
    peak_held_bytes: int
    zeroed_bytes: int
    hits: Mapping[str, int]
    now: Usage
    at_peak: Usage
    arenas: Mapping[str, int]
    system: Mapping[str, int]
    caches: Mapping[str, int]
    quarantined_blocks: int
    locks: Mapping[int, int]
    lock_handoffs: int
    remote_frees: int
    collections: Collections
    classes: Mapping[str, Tally]
    sites: Mapping[str, Tally]

    def to_json(self) -> dict[str, object]:
        """The report as an object for JSON; threads are words there."""
        plain: dict[str, object] = asdict(self)
        plain["now"], plain["at_peak"] = self.now.to_json(), self.at_peak.to_json()
        plain["locks"] = {str(thread): count for thread, count in self.locks.items()}
        return plain

    def text(self) -> str:
        """The report for people: totals, then a row for each class and each site."""
        lines = [
            f"model {self.name}: calls {self.calls}, denied {self.denied}, frees {self.frees}, "
            f"zeroed {self.zeroed_bytes} bytes",
            f"hits: {_pairs(self.hits)}",
            f"held: peak {self.peak_held_bytes} bytes; {_usage('at the live peak', self.at_peak)}",
            f"held: {_usage('at the end', self.now)}",
            *([f"arenas: {_pairs(self.arenas)}"] if self.arenas else []),
            f"system: {_pairs(self.system)}",
        ]
        if self.caches:
            lines.append(f"caches: {_pairs(self.caches)}, remote frees {self.remote_frees}")
        if self.locks:
            by_thread = ", ".join(f"thread {thread} {count}" for thread, count in sorted(self.locks.items()))
            lines.append(f"lock: {by_thread}; handoffs {self.lock_handoffs}")
        if self.collections.count:
            lines.append(f"collections: {_pairs(asdict(self.collections))}")
        lines += _table("class", self.classes)
        lines += _table("site", self.sites)
        return "\n".join(lines)


_COLUMNS = ("calls", "bytes_requested", "frees", "live_blocks", "live_bytes", "held_bytes", "peak_live_bytes")


def _pairs(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in counts.items())


def _usage(when: str, usage: Usage) -> str:
    return (
        f"{when} {usage.held_bytes} for {usage.live_bytes} live, "
        f"fragmentation {usage.internal:.1%} internal, {usage.external:.1%} external"
    )


def _table(what: str, rows: Mapping[str, Tally]) -> list[str]:
    cells = [[what, *(column.replace("_", " ") for column in _COLUMNS)]]
    cells += [[name or "-", *(str(getattr(tally, column)) for column in _COLUMNS)] for name, tally in rows.items()]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [
        "  ".join([row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))])
        for row in cells
    ] * bool(rows)
