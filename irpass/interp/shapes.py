"""How values of a type lie in cells: a scalar, slice or pointer takes one, a struct those of its fields in a row."""

from __future__ import annotations

import struct
from bisect import bisect_right
from functools import cached_property
from typing import Any

from irpass.ir.core import Module
from irpass.ir.layout import Layouts
from irpass.ir.semantics import zero
from irpass.ir.types import BOOL, F32, ScalarType, SliceType, StructType, Type, is_reference


class Shape:
    """The cells of one type: `width` of them.

    `fields` are the shapes of a struct's fields, `starts` the cells and `offsets_bytes` the bytes that they start at.
    For one cell, `zero` is what it holds when cleared.
    """

    def __init__(self, t: Type, size_bytes: int, align_bytes: int, is_scan: bool) -> None:
        self.type = t
        self.size_bytes = size_bytes
        self.align_bytes = align_bytes
        self.is_scan = is_scan
        self.is_struct = isinstance(t, StructType)
        self.width = 0 if self.is_struct else 1
        self.fields: list[Shape] = []
        self.starts: list[int] = []
        self.offsets_bytes: tuple[int, ...] = ()
        self.zero: Any = None

    def leaf_at(self, cell: int) -> tuple[Shape, int]:
        """The one-cell shape at `cell`, and its offset in bytes."""
        shape, offset_bytes = self, 0
        while shape.is_struct:
            i, cell = shape.field_at(cell)
            offset_bytes += shape.offsets_bytes[i]
            shape = shape.fields[i]
        return shape, offset_bytes

    def field_at(self, cell: int) -> tuple[int, int]:
        """The field of a struct that has `cell`, and which of the field's cells that is."""
        i = bisect_right(self.starts, cell) - 1  # the last that starts here: fields of no width come before it
        return i, cell - self.starts[i]

    def leaf(self, cell: int) -> Shape:
        return self.leaf_at(cell)[0]

    @cached_property
    def zeros(self) -> tuple[Any, ...]:
        """What the cells of one cleared value hold."""
        return tuple([self.leaf(cell).zero for cell in range(self.width)])

    @cached_property
    def reference_cells(self) -> tuple[int, ...]:
        """The cells of one value that hold slices or pointers."""
        if not self.is_scan:
            return ()
        return tuple([cell for cell in range(self.width) if is_reference(self.leaf(cell).type)])

    @cached_property
    def leaf_spans_bytes(self) -> tuple[tuple[int, int], ...]:
        """For each cell of a value, its first byte and the one past its last."""
        found = [self.leaf_at(cell) for cell in range(self.width)]
        return tuple([(offset, offset + leaf.size_bytes) for leaf, offset in found])


class Shapes:
    """The shapes of one module's types, each found once. `nil_slice` is what a cleared slice holds."""

    def __init__(self, module: Module, nil_slice: object) -> None:
        self._module = module
        self._layouts = Layouts(module)
        self._nil_slice = nil_slice
        self._found: dict[Type, Shape] = {}

    def of(self, t: Type) -> Shape:
        """The shape of `t`. A loop, not recursion: structs may nest 100,000 deep."""
        found = self._found.get(t)
        if found is not None:
            return found
        work = [t]
        while work:
            inner = work[-1]
            fields = self._fields(inner) if inner not in self._found else ()
            missing = [f for f in fields if f not in self._found]
            if missing:
                work += missing
                continue
            work.pop()
            if inner not in self._found:
                self._found[inner] = self._build(inner, fields)
        return self._found[t]

    def _fields(self, t: Type) -> tuple[Type, ...]:
        declared = self._module.struct(t.symbol) if isinstance(t, StructType) else None
        return declared.fields if declared is not None else ()

    def _build(self, t: Type, fields: tuple[Type, ...]) -> Shape:
        layout = self._layouts.of(t)
        shape = Shape(t, layout.size_bytes, layout.align_bytes, layout.is_scan)
        for field in fields:
            shape.fields.append(self._found[field])
            shape.starts.append(shape.width)
            shape.width += self._found[field].width
        shape.offsets_bytes = layout.offsets_bytes
        if not shape.is_struct:
            shape.zero = self._nil_slice if isinstance(t, SliceType) else zero(t)
        return shape


_PATTERN = 0xA5


def garbage(t: ScalarType) -> int | float | bool:
    """What bytes of a fixed pattern say, read as a `t`: the same in every run, and never zero."""
    if t is BOOL:
        return True
    data = bytes([_PATTERN]) * t.size_bytes
    if t.kind == "float":
        return float(struct.unpack("<f" if t is F32 else "<d", data)[0])
    return int.from_bytes(data, "little", signed=t.signed)
