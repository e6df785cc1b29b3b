"""Rule C06: pure instructions may move, but stay; new ones are constants, or feed sizes and offsets only."""

from __future__ import annotations

from collections.abc import Collection

from irpass.check.refusal import Refusal
from irpass.diagnostics import Loc
from irpass.ir import ops
from irpass.ir.core import Instr, Value


class PureInstrs:
    """The pure instructions of both functions, with their numbers, as the walk meets them."""

    def __init__(self) -> None:
        self.before: list[tuple[int, Instr]] = []
        self.after: list[tuple[int, Instr]] = []

    def check(self, sizing: Collection[Instr]) -> None:
        """Match them; `sizing` are the new `shared.alloc` and `derive`.

        Raises: Refusal (C05, C06).
        """
        feeds_sizes = self._feeding(sizing)
        found: dict[tuple[int, Loc | None], list[Instr]] = {}
        by_number: dict[int, Instr] = {}
        # What may be new is matched last.
        for number, instr in sorted(self.after, key=lambda p: (p[1] not in feeds_sizes, p[1].op is not ops.CONST)):
            found.setdefault((number, instr.loc), []).append(instr)
            by_number[number] = instr
        for number, instr in self.before:
            same = found.get((number, instr.loc))
            if same:
                same.pop()
            elif instr.op not in (ops.LEN, ops.CAP):  # of a make, they are its operands
                other = by_number.get(number)
                if other is not None and found.get((number, other.loc)):
                    raise Refusal("C05", f"this {other.op.name} has another loc than before", other, instr)
                raise Refusal("C06", f"this {instr.op.name} of before is missing", other, instr)
            elif number in by_number and by_number[number].op is instr.op and by_number[number].loc != instr.loc:
                raise Refusal("C05", f"this {instr.op.name} has another loc than before", by_number[number], instr)
        for left in found.values():
            for instr in left:
                if instr not in feeds_sizes and not (sizing and instr.op is ops.CONST):  # it may name a make's length
                    raise Refusal("C06", f"this {instr.op.name} is new, and is no part of a size or offset", instr)

    def _feeding(self, sizing: Collection[Instr]) -> set[Instr]:
        """The instructions of AFTER whose result goes into arena sizes and offsets, and nowhere else."""
        pure = {instr for _, instr in self.after}
        waiting: dict[Instr, int] = {}  # instruction -> uses that are not known to be of sizes
        found: set[Instr] = set()
        ready = list(sizing)
        while ready:
            instr = ready.pop()
            is_derive = instr.op is ops.DERIVE
            for operand in instr.operands[1:2] if is_derive else instr.operands:
                source = operand.definition if isinstance(operand, Value) else None
                if source is None or source not in pure or source.result is None:
                    continue
                left = waiting.get(source)
                waiting[source] = (sum(source.result.uses.values()) if left is None else left) - 1
                if waiting[source] == 0 and source not in found:
                    found.add(source)
                    ready.append(source)
        return found
