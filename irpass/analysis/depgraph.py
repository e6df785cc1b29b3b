"""What must stay in order within a block: the edges of its dependency graph, as integers.

Every order of a block's instructions that keeps these edges, the terminator last, does the same. Kinds of edges:

- ``data``: the target reads the result of the source;
- ``memory``: both may touch the same bytes, and one of them writes (or frees) them;
- ``trap``: both may trap, and which one does so first can be seen;
- ``effect``: one of them shows something outside, or ends the block, and the other does so too or may trap.

The edges are as few as a chain needs: a read depends on the last write, a write on the reads since then, and a trap
or effect on the one before it; the rest follows. So they are linear in the operands of the block.

`irpass.graphs` draws them, and gives them as networkx graphs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from irpass.analysis.effects import Summaries, is_observable, may_trap
from irpass.analysis.locations import Locations, locations
from irpass.ir.core import Block, Instr, Value
from irpass.ir.layout import Layouts

EdgeKind = Literal["data", "memory", "trap", "effect"]
EDGE_KINDS: tuple[EdgeKind, ...] = ("data", "memory", "trap", "effect")


class Edge(NamedTuple):
    """`target` comes after `source`; both are positions in the block.

    `detail` says which operands of the target a data edge feeds (``0,1``), and what two touches of memory are:
    ``write-read``, ``read-write``, ``write-write`` or several of them; empty for the other kinds.
    """

    source: int
    target: int
    kind: EdgeKind
    detail: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class BlockDependencies:
    """The edges of one block, those of one target together, targets rising. Valid while `ir_epoch` stands."""

    block: Block
    edges: list[Edge]

    def sources(self) -> list[list[int]]:
        """For each position the positions that it depends on, rising, each once."""
        found: list[dict[int, None]] = [{} for _ in self.block.instrs]
        for edge in self.edges:
            found[edge.target][edge.source] = None
        return [sorted(f) for f in found]


class Dependencies:
    """Makes the dependencies of the blocks of one function, sharing what it knows of its memory."""

    def __init__(self, where: Locations, layouts: Layouts, callees: Summaries | None = None) -> None:
        self._locations = where
        self._layouts = layouts
        self._callees = callees

    def of(self, block: Block) -> BlockDependencies:
        """The dependencies within `block`. Linear in operands, but for a fixed factor for each call."""
        position = {instr: i for i, instr in enumerate(block.instrs)}
        memory = _Memory()
        edges: list[Edge] = []
        last, last_shows = -1, False  # the last that may trap or shows something
        for i, instr in enumerate(block.instrs):
            edges += _data_edges(i, instr, position)
            edges += memory.step(i, *self._locations.access(instr))
            shows = is_observable(instr, self._callees)
            traps = may_trap(instr, self._layouts)
            if shows or traps or instr.op.is_terminator:
                leaves = instr.op.is_terminator and not traps
                if last >= 0:
                    edges.append(Edge(last, i, "effect" if shows or last_shows or leaves else "trap"))
                last, last_shows = i, shows
        return BlockDependencies(block, edges)


def dependencies(block: Block, callees: Summaries | None = None) -> BlockDependencies:
    """The dependencies within one block. For many blocks of a function, share a `Dependencies`."""
    return Dependencies(locations(block.func, callees), Layouts(block.func.module), callees).of(block)


def _data_edges(i: int, instr: Instr, position: dict[Instr, int]) -> list[Edge]:
    read: dict[int, list[str]] = {}
    for n, operand in enumerate(instr.inputs()):
        made_by = operand.definition if isinstance(operand, Value) else None
        source = position.get(made_by, i) if made_by is not None else i
        if source < i:
            read.setdefault(source, []).append(str(n))
    return [Edge(source, i, "data", ",".join(read[source])) for source in sorted(read)]


class _Memory:
    """For each location its last write, and the reads since then."""

    def __init__(self) -> None:
        self._write: dict[int, int] = {}
        self._reads: dict[int, list[int]] = {}

    def step(self, i: int, reads: tuple[int, ...], writes: tuple[int, ...]) -> list[Edge]:
        """The edges to instruction `i`, which touches these locations."""
        found: dict[int, dict[str, None]] = {}
        for location in reads:
            if location in self._write:
                found.setdefault(self._write[location], {})["write-read"] = None
        for location in writes:
            since = self._reads.pop(location, ())
            for read in since:
                found.setdefault(read, {})["read-write"] = None
            if not since and location in self._write:
                found.setdefault(self._write[location], {})["write-write"] = None
            self._write[location] = i
        written = frozenset(writes)
        for location in reads:
            if location not in written:
                self._reads.setdefault(location, []).append(i)
        return [Edge(source, i, "memory", " ".join(found[source])) for source in sorted(found)]
