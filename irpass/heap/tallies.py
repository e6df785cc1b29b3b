"""The counters of a running heap, by class and site, and the report that they make."""

from __future__ import annotations

from dataclasses import replace
from typing import final

from irpass.heap.blocks import Block
from irpass.heap.placement import Placement
from irpass.heap.simple import HeapStats
from irpass.heap.spec import HeapSpec
from irpass.heap.statistics import Collections, HeapReport, Tally, Usage

_ClassKey = tuple[int, int, bool]  # size of a block, how many in a row, pointers; a tier without classes has size 0


@final
class Tallies:
    """Adds up blocks as they begin and end."""

    def __init__(self, held_bytes: int) -> None:
        self.block_bytes = 0
        self.denied = {"limit": 0, "injected": 0}
        self.collections = Collections()
        self._classes: dict[_ClassKey, Tally] = {}
        self._sites: dict[str, Tally] = {}
        self._at_peak = Usage(held_bytes)
        self._peak_held_bytes = held_bytes
        self._remote_frees = 0

    def begin(self, block: Block, held_bytes: int, live_bytes: int) -> None:
        """Count a block; `live_bytes` are live with it."""
        span_bytes = block.hi - block.lo
        self.block_bytes += span_bytes
        self._classes.setdefault(_class_key(block), Tally()).add(block.size_bytes, span_bytes)
        self._sites.setdefault(block.site, Tally()).add(block.size_bytes, span_bytes)
        self._peak_held_bytes = max(self._peak_held_bytes, held_bytes)
        if live_bytes > self._at_peak.live_bytes:
            self._at_peak = Usage(held_bytes, self.block_bytes, live_bytes)

    def end(self, block: Block, thread: int) -> None:
        span_bytes = block.hi - block.lo
        self.block_bytes -= span_bytes
        self._classes[_class_key(block)].remove(block.size_bytes, span_bytes)
        self._sites[block.site].remove(block.size_bytes, span_bytes)
        self._remote_frees += block.thread != thread

    def report(self, spec: HeapSpec, stats: HeapStats, now: Usage, placement: Placement) -> HeapReport:
        """What the heap did so far."""
        denied = sum(self.denied.values())
        return HeapReport(
            name=spec.name,
            calls=stats.calls,
            granted=sum(placement.hits.values()),
            denied=denied,
            injected=self.denied["injected"],
            frees=stats.frees,
            bytes_requested=stats.bytes_requested,
            peak_live_bytes=stats.peak_bytes,
            peak_held_bytes=self._peak_held_bytes,
            zeroed_bytes=placement.cleared_bytes,
            hits=_hits(placement),
            now=now,
            at_peak=self._at_peak,
            arenas=_arenas(placement),
            system=_system(placement),
            caches=_caches(placement),
            quarantined_blocks=len(placement.quarantined),
            locks=dict(sorted(placement.lock.acquisitions.items())),
            lock_handoffs=placement.lock.handoffs,
            remote_frees=self._remote_frees,
            collections=replace(self.collections),
            classes={_class_name(key): replace(self._classes[key]) for key in sorted(self._classes)},
            sites={site: replace(self._sites[site]) for site in sorted(self._sites)},
        )


def _class_key(block: Block) -> _ClassKey:
    if block.key is not None:
        return (block.key.block_bytes, block.count, block.key.is_scan)
    return (0, 0, block.tier == "stack")


def _class_name(key: _ClassKey) -> str:
    block_bytes, count, is_scan = key
    if not block_bytes:
        return "stack" if is_scan else "system"
    return f"{block_bytes}" + (f" x {count}" if count > 1 else "") + (" scan" if is_scan else "")


def _hits(placement: Placement) -> dict[str, int]:
    """Granted requests by where the bytes came from; what a cache had is the cache's."""
    cached = placement.caches.hits if placement.caches is not None else 0
    hits = {"cache": cached, **placement.hits}
    hits["managed"] -= cached
    return hits


def _arenas(placement: Placement) -> dict[str, int]:
    managed = placement.managed
    if managed is None:
        return {}
    arenas = list(managed.arenas())
    return {
        "made": managed.arenas_made,
        "given_back": managed.arenas_given_back,
        "in_use": len(arenas),
        "kept": len(managed.kept_bases()),
        "free_blocks": sum(arena.count - arena.used for arena in arenas),
    }


def _system(placement: Placement) -> dict[str, int]:
    sizes = [hi - lo for lo, hi in placement.system.free_spans()]
    return {
        "held_bytes": placement.system.held_bytes,
        "stack_bytes": placement.stacks.held_bytes,
        "grown": placement.system.grown,
        "trimmed": placement.system.trimmed,
        "free_spans": len(sizes),
        "largest_free_bytes": max(sizes, default=0),
    }


def _caches(placement: Placement) -> dict[str, int]:
    caches = placement.caches
    if caches is None:
        return {}
    return {
        "hits": caches.hits,
        "fills": caches.fills,
        "filled_blocks": caches.filled_blocks,
        "flushes": caches.flushes,
        "flushed_blocks": caches.flushed_blocks,
        "blocks": sum(caches.block_counts().values()),
    }
