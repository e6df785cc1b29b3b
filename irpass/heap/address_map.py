"""What each address of a heap is used for at one moment."""

from __future__ import annotations

from typing import Literal, NamedTuple

from irpass.heap.model import ModelHeap

Use = Literal["live", "overhead", "cached", "quarantined", "block", "free"]
"""Payload; what comes with it; in a thread's cache; freed and waiting; free within an arena; in no arena."""


class Part(NamedTuple):
    """Addresses from `lo` to before `hi`, all with one use."""

    lo: int
    hi: int
    use: Use


def address_map(heap: ModelHeap) -> list[Part]:
    """The parts of the system tier's range in order of address, without gaps; stacks are elsewhere."""
    placement = heap.placement
    owned = [
        Part(block.lo, block.hi, "overhead" if block.is_live else "quarantined")
        for block in (*heap.blocks(), *placement.quarantined)
        if block.tier != "stack"
    ]
    managed = placement.managed
    if managed is not None:
        cached = placement.caches.addresses() if placement.caches is not None else []
        owned += [Part(at, at + managed.arena_of(at).pool.key.block_bytes, "cached") for at in cached]
    free = [Part(lo, hi, "free") for lo, hi in placement.free_ranges()]
    payloads = {block.lo: (block.address, block.end) for block in heap.blocks()}
    parts: list[Part] = []
    at = placement.system.base
    for part in sorted([*owned, *free]):
        if at < part.lo:
            parts.append(Part(at, part.lo, "block"))
        payload = payloads.get(part.lo) if part.use == "overhead" else None
        cuts = [part.lo, part.hi] if payload is None else [part.lo, *payload, part.hi]
        uses: list[Use] = [part.use] if payload is None else ["overhead", "live", "overhead"]
        parts += [Part(lo, hi, use) for lo, hi, use in zip(cuts, cuts[1:], uses, strict=False) if lo < hi]
        at = part.hi
    end = placement.system.base + placement.system.held_bytes
    return [*parts, Part(at, end, "block")] if at < end else parts
