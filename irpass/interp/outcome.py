"""What a run did: what it returned and printed, the trap that ended it, steps and heap counters; and when one outcome
refines another."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from irpass.diagnostics import Loc
from irpass.heap.simple import HeapStats
from irpass.ir import ops
from irpass.ir.semantics import float_text
from irpass.ir.types import Type

Returned = int | float | bool | bytes | list[int] | list[float] | list[bool] | None


class TrapError(Exception):
    """Raised where an instruction traps; `kind` is the word for it. It never leaves the interpreter."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Trap:
    """Why and where a program ended early: `line` is of the IR text, 0 where there is none."""

    kind: str
    func: str
    block: str
    line: int = 0
    loc: Loc | None = None

    def to_json(self) -> dict[str, object]:
        return {
            "kind": self.kind,
            "function": self.func,
            "block": self.block,
            "line": self.line,
            "loc": str(self.loc) if self.loc is not None else None,
        }


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a program did.

    `returned` is a number or bool; `bytes` for a `[]u8` and a list for another slice of scalars, as they are at the
    end; None for every other type, a nil slice, and no result. An unwritten element reads as 0. `printed` holds one
    string for each `print`; bytes that are no UTF-8 are in it as surrogate escapes. `steps` counts the instructions
    executed, the one that trapped included; None for native code, which does not count them.
    """

    returned: Returned
    printed: list[str]
    trap: Trap | None
    steps: int | None
    heap: HeapStats = field(default_factory=HeapStats)
    result_type: Type | None = None

    @property
    def is_cut_short(self) -> bool:
        """Whether it ended by a limit, which programs that do the same may reach at different places, or not at all."""
        return self.trap is not None and self.trap.kind in (ops.OUT_OF_MEMORY, ops.STEP_LIMIT)

    def to_json(self) -> dict[str, object]:
        """The object that `irpass run --json` prints; floats that JSON lacks are the strings nan, inf and -inf."""
        returned: object = None
        if isinstance(self.returned, float):
            text = float_text(self.returned, self.result_type)
            returned = float(text) if math.isfinite(self.returned) else text
        elif isinstance(self.returned, int):
            returned = self.returned
        return {
            "returned": returned,
            "printed": self.printed,
            "trap": self.trap.to_json() if self.trap is not None else None,
            "steps": self.steps,
            "heap": {counter: getattr(self.heap, counter) for counter in _COUNTERS},
        }


_COUNTERS = (
    "calls", "bytes_requested", "peak_bytes", "live_bytes", "derives", "fallbacks", "frees", "collections",
)  # fmt: skip


def refines(before: Outcome, after: Outcome, *, same_blocks: bool = True, spare_bytes: int | None = None) -> str | None:
    """None where whoever expects `before` may be given `after`; else the first difference, in words.

    A run that `out of memory` or `step limit` cut short must have printed what the other one printed that far. With
    `spare_bytes`, the sum of the limits of the groups that can be live at once, `after` may need no more than that
    over the peak of `before`. `same_blocks=False` is for passes that move code between functions and blocks: of a
    trap's place only its `loc` is compared then. Lines of IR text are never compared, because the two texts differ.
    """
    cut_before, cut_after = before.is_cut_short, after.is_cut_short
    for i, (old, new) in enumerate(zip(before.printed, after.printed, strict=False)):
        if old != new:
            return f"line {i + 1} printed: {old!r} before, {new!r} after"
    if len(before.printed) > len(after.printed) and not cut_after:
        return f"printed {len(before.printed)} lines before, {len(after.printed)} after{_because(after)}"
    if len(after.printed) > len(before.printed) and not cut_before:
        return f"printed {len(before.printed)} lines before, {len(after.printed)} after{_because(before)}"
    if cut_before:
        return None
    memory = _memory_difference(before, after, spare_bytes)
    if memory is not None or cut_after:
        return memory
    return _trap_difference(before.trap, after.trap, same_blocks) or _returned_difference(before, after)


def _because(outcome: Outcome) -> str:
    return f", which trapped: {outcome.trap.kind}" if outcome.trap is not None else ""


def _memory_difference(before: Outcome, after: Outcome, spare_bytes: int | None) -> str | None:
    if spare_bytes is None:
        return None
    allowed = before.heap.peak_bytes + spare_bytes
    needed = max(after.heap.peak_bytes, after.heap.denied_bytes)
    return f"memory: {needed} bytes needed after, where {allowed} are allowed" if needed > allowed else None


def _trap_difference(before: Trap | None, after: Trap | None, same_blocks: bool) -> str | None:
    if before is None or after is None:
        if before is after:
            return None
        return f"trap: {before.kind if before else 'none'} before, {after.kind if after else 'none'} after"
    if before.kind != after.kind:
        return f"trap: {before.kind} before, {after.kind} after"
    if before.loc != after.loc:
        return f"place of {before.kind}: {before.loc} before, {after.loc} after"
    if same_blocks and (before.func, before.block) != (after.func, after.block):
        return (
            f"place of {before.kind}: @{before.func}, block {before.block} before, "
            f"@{after.func}, block {after.block} after"
        )
    return None


def _returned_difference(before: Outcome, after: Outcome) -> str | None:
    old, new = repr(before.returned), repr(after.returned)  # repr tells 0.0 from -0.0 and 1 from True, and nan is nan
    return f"returned: {old} before, {new} after" if old != new else None
