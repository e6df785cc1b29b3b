"""What a paused program has in memory, and why: for each object a shortest path from a root.

    run(module, on_end=lambda inspection: print(*inspection.why_alive("@make:%node"), sep="\\n"))

A path reads `@main:%list -> [3] -> .1`: what register %list of @main refers to has in element 3 a reference to what has
the object in field 1. Fields count through all structs: `[3].1.0` is field 0 of the struct in field 1 of element 3.
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple, final

from irpass.heap.collector import HeapObject
from irpass.interp.shapes import Shape
from irpass.interp.tracing import Root, TracedArena, TracedMemory, TracedRegion

_SHOWN_HOPS = 8  # at each end of a long path


class Step(NamedTuple):
    """How an object is reached: from a root, or through a place in another object (None: a member is in its arena)."""

    root: Root | None
    holder: HeapObject | None
    cell: int | None


@final
class Inspection:
    """Objects that a program has, while it waits. To be asked again after it has gone on; nothing is kept."""

    def __init__(self, memory: TracedMemory) -> None:
        self._memory = memory

    def objects(self, site: str | None = None) -> list[TracedRegion | TracedArena]:
        """All that the program can reach, nearest to a root first; or what comes from one site: `@f:%a`."""
        reached = [held for held in self._reached() if isinstance(held, TracedRegion | TracedArena)]
        return [held for held in reached if site is None or held.site.text == site]

    def why_alive(self, site: str, most: int | None = None) -> list[str]:
        """A line with one path for each object of that site that the program can reach, for the `most` nearest."""
        steps = self._reached()
        found = [held for held in steps if isinstance(held, TracedRegion | TracedArena) and held.site.text == site]
        return [_path_text(steps, held) for held in found[:most]]

    def path_to(self, held: HeapObject) -> str | None:
        """One of the shortest paths to an object; None where the program cannot reach it."""
        steps = self._reached()
        return _path_text(steps, held) if held in steps else None

    def unreachable(self, site: str | None = None) -> list[HeapObject]:
        """What has not come back but cannot be reached any more, oldest first; or what of it comes from one site."""
        reached = self._reached()
        return [
            held
            for held in self._memory.objects()
            if isinstance(held, TracedRegion | TracedArena)
            and held not in reached
            and (site is None or held.site.text == site)
        ]

    def _reached(self) -> dict[HeapObject, Step]:
        """How each object is reached first, breadth first."""
        steps: dict[HeapObject, Step] = {}
        work: deque[HeapObject] = deque()
        for root, found in self._memory.root_places():
            if found is not None and found not in steps:
                steps[found] = Step(root, None, root.cell)
                work.append(found)
        while work:
            holder = work.popleft()
            for cell, found in self._memory.reference_places(holder):
                if found is not None and found not in steps:
                    steps[found] = Step(None, holder, cell)
                    work.append(found)
        return steps


def _path_text(steps: dict[HeapObject, Step], held: HeapObject) -> str:
    hops: list[str] = []
    at: HeapObject | None = held
    while at is not None:
        step = steps[at]
        if step.root is not None:
            hops.append(_root_text(step.root))
        elif isinstance(step.holder, TracedRegion):
            hops.append(_place_text(step.holder, step.cell))
        at = step.holder
    hops.reverse()
    if len(hops) > 2 * _SHOWN_HOPS:
        hops[_SHOWN_HOPS:-_SHOWN_HOPS] = [f"{len(hops) - 2 * _SHOWN_HOPS} more"]
    return " -> ".join(hops)


def _root_text(root: Root) -> str:
    if root.layout is None:
        return "the host"
    thread = f"thread {root.thread}: " if root.thread else ""
    place = f"%{root.value.name}" if root.value is not None else "a stack arena"
    cell = ""
    if root.value is not None and root.cell is not None:
        cell = _fields_text(root.layout.shape(root.value.type), root.cell)
    return f"{thread}@{root.layout.func.name}:{place}{cell}"


def _place_text(holder: TracedRegion, cell: int | None) -> str:
    """A place within an object."""
    if cell is None:
        return "its arena"
    element, rest = divmod(cell, holder.shape.width)
    fields = _fields_text(holder.shape, rest)
    return f"[{element}]{fields}" if holder.site.is_array else fields or "*"


def _fields_text(shape: Shape, cell: int) -> str:
    """`.1.0`: the fields that lead to a cell of one value, none where it is not a struct."""
    names: list[str] = []
    while shape.is_struct:
        i, cell = shape.field_at(cell)
        names.append(f".{i}")
        shape = shape.fields[i]
    return "".join(names)
