"""The registers of one function, and what the builders of handlers share.

A frame is a list of registers: the parameters first, each block's parameters in a row, results, then the literals,
which a copy of the `template` holds from the start. A handler is an instruction with its registers' numbers bound in.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from irpass.interp.memory import NIL, Memory
from irpass.interp.shapes import Shape
from irpass.ir.core import Func, Instr, Literal, Operand, Scalar, Value
from irpass.ir.types import ARENA, SliceType, Type

Regs = list[Any]  # what a register holds follows from its value's type, which the verifier has checked
Handler = Callable[[Regs], None]
Emit = Callable[[str], None]
Watch = Callable[["FrameLayout", Instr, Handler], Handler]


class FrameLayout:
    """Numbers the registers of `func`; `emit` takes the lines that it prints, and `watch` gives the handler that is to
    run in place of an instruction's own, for who wants to see what happens."""

    def __init__(self, func: Func, memory: Memory, emit: Emit, watch: Watch | None = None) -> None:
        self.func = func
        self.memory = memory
        self.emit = emit
        self.watch = watch
        self.template: Regs = []
        self._numbers: dict[Value, int] = {}
        self._literals: dict[Literal, int] = {}
        for param in func.params:
            self._number(param)
        for block in func.blocks:
            for param in block.params:
                self._number(param)
        self._unnamed: int | None = None
        self._stack_arenas: int | None = None

    def _new(self, held: object = None) -> int:
        self.template.append(held)
        return len(self.template) - 1

    def _number(self, value: Value) -> int:
        number = self._numbers.get(value)
        if number is None:
            number = self._numbers[value] = self._new()
        return number

    def reg(self, operand: Operand) -> int:
        """The register that holds `operand`."""
        if isinstance(operand, Value):
            return self._number(operand)
        number = self._literals.get(operand)
        if number is None:
            number = self._literals[operand] = self._new(self.constant(operand.type, operand.value))
        return number

    def regs(self, operands: list[Operand]) -> list[int]:
        return [self.reg(operand) for operand in operands]

    def out(self, instr: Instr) -> int:
        """The register for the result of `instr`; one that nobody reads where the result has no name."""
        if instr.result is not None:
            return self._number(instr.result)
        if self._unnamed is None:
            self._unnamed = self._new()
        return self._unnamed

    def stack_arenas(self) -> int:
        """The register that holds the list of the frame's stack arenas, None before the first."""
        if self._stack_arenas is None:
            self._stack_arenas = self._new()
        return self._stack_arenas

    @property
    def stack_arenas_register(self) -> int | None:
        """As `stack_arenas`; None where the function has none."""
        return self._stack_arenas

    @cached_property
    def places(self) -> dict[Instr, int]:
        """Where in its block each instruction is."""
        return {instr: at for block in self.func.blocks for at, instr in enumerate(block.instrs)}

    @cached_property
    def reference_registers(self) -> list[tuple[int, Value]]:
        """The registers whose values may refer to memory, and the values. To be asked when all are numbered."""
        found = [(number, value) for value, number in self._numbers.items()]
        return [(number, value) for number, value in found if value.type is ARENA or self.shape(value.type).is_scan]

    def constant(self, t: Type, value: Scalar) -> object:
        """What a register holds for a literal."""
        if isinstance(value, bytes):
            return self.memory.text(value)
        return NIL if value is None and isinstance(t, SliceType) else value

    def shape(self, t: Type | None) -> Shape:
        assert t is not None
        return self.memory.shapes.of(t)


def slice_shape(layout: FrameLayout, instr: Instr) -> Shape:
    """The shape of the elements of the slice that is the first operand of `instr`."""
    t = instr.operands[0].type
    assert isinstance(t, SliceType)
    return layout.shape(t.elem)
