"""The places where a program may trap: native code knows each by its number."""

from __future__ import annotations

from collections.abc import Iterator

from irpass.interp.outcome import Trap
from irpass.ir.core import Instr


class Sites:
    """The traps of one lowered module, numbered in order of lowering."""

    def __init__(self) -> None:
        self._traps: list[Trap] = []
        self._numbers: dict[tuple[int, str], int] = {}

    def number(self, instr: Instr, kind: str) -> int:
        """The number of the trap `kind` at `instr`."""
        key = (id(instr), kind)  # the module outlives the table, so no other instruction takes the id
        found = self._numbers.get(key)
        if found is None:
            block = instr.block
            assert block is not None
            found = self._numbers[key] = len(self._traps)
            self._traps.append(Trap(kind, block.func.name, block.name, instr.line, instr.loc))
        return found

    def __len__(self) -> int:
        return len(self._traps)

    def __getitem__(self, number: int) -> Trap:
        return self._traps[number]

    def __iter__(self) -> Iterator[Trap]:
        return iter(self._traps)
