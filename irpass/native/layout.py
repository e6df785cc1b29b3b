"""How values lie in registers and in memory: each is a row of components, a scalar or pointer each.

A slice is three components, a struct those of its fields in a row. So slices and structs travel in registers, and
LLVM sees scalars only.
"""

from __future__ import annotations

import struct
from typing import Final, NamedTuple

from irpass.ir.core import Module, Scalar
from irpass.ir.layout import Layout, Layouts
from irpass.ir.types import BOOL, PointerType, ScalarType, SliceType, StructType, Type


class Component(NamedTuple):
    """One scalar of a value: LLVM's type in a register and in memory, and where it stands in the value.

    `is_length` says that it is the length or cap of a slice: never negative.
    """

    register: str
    memory: str
    offset_bytes: int
    align_bytes: int
    is_length: bool = False


Components = tuple[Component, ...]

_POINTER: Final = (Component("ptr", "ptr", 0, 8),)
_SLICE: Final = (*_POINTER, Component("i64", "i64", 8, 8, True), Component("i64", "i64", 16, 8, True))


class Shapes:
    """The components and layouts of one module's types, each found once."""

    def __init__(self, module: Module) -> None:
        self._module = module
        self._layouts = Layouts(module)
        self._found: dict[Type, Components] = {}

    def layout(self, t: Type) -> Layout:
        return self._layouts.of(t)

    def components(self, t: Type) -> Components:
        """What a `t` consists of. A loop, not recursion: structs may nest 100,000 deep."""
        found = self._found.get(t)
        if found is not None:
            return found
        row: list[Component] = []
        work = [(t, 0)]
        while work:
            inner, at = work.pop()
            if isinstance(inner, StructType):
                declared = self._module.struct(inner.symbol)
                assert declared is not None
                places = [at + offset for offset in self.layout(inner).offsets_bytes]
                work += reversed(list(zip(declared.fields, places, strict=True)))
            else:
                row += [c._replace(offset_bytes=at + c.offset_bytes) for c in _plain(inner)]
        self._found[t] = tuple(row)
        return self._found[t]

    def registers(self, t: Type) -> list[str]:
        """LLVM's types of a `t` in registers."""
        return [c.register for c in self.components(t)]

    def result(self, t: Type | None) -> str:
        """LLVM's type for what a function returns."""
        row = self.registers(t) if t is not None else []
        if len(row) == 1:
            return row[0]
        return f"{{ {', '.join(row)} }}" if row else "void"


def _plain(t: Type) -> Components:
    if isinstance(t, SliceType):
        return _SLICE
    if isinstance(t, PointerType):
        return _POINTER
    assert isinstance(t, ScalarType)
    if t is BOOL:
        return (Component("i1", "i8", 0, 1),)
    name = scalar_type(t)
    return (Component(name, name, 0, t.size_bytes),)


def scalar_type(t: ScalarType) -> str:
    """LLVM's type for a scalar in a register."""
    if t.kind == "float":
        return "float" if t.bits == 32 else "double"
    return f"i{t.bits}"


def scalar_constant(t: ScalarType, value: Scalar) -> str:
    """A literal in LLVM's text: integers as signed, floats by their bits."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if t.kind == "float":
        assert isinstance(value, int | float)
        number = float(value)
        bits = 0x7FF8 << 48 if number != number else struct.unpack("<Q", struct.pack("<d", number))[0]
        return f"0x{bits:016X}"
    assert isinstance(value, int)
    return str(value - (1 << t.bits) if value >> (t.bits - 1) == 1 and value > 0 else value)
