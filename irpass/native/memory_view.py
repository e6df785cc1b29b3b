"""Native memory as the host sees it: `NativeCells` stand behind the interpreter's slices and pointers, so that
`irpass.interp.host` serves both engines."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, final

from irpass.interp.cells import Cells
from irpass.interp.memory import NIL, Pointer, Region, Slice
from irpass.interp.outcome import TrapError
from irpass.interp.shapes import Shape, Shapes
from irpass.ir import ops
from irpass.ir.types import BOOL, ScalarType, SliceType, Type

_FLOATS = {32: ctypes.c_float, 64: ctypes.c_double}
_SIGNED = {8: ctypes.c_int8, 16: ctypes.c_int16, 32: ctypes.c_int32, 64: ctypes.c_int64}
_UNSIGNED = {8: ctypes.c_uint8, 16: ctypes.c_uint16, 32: ctypes.c_uint32, 64: ctypes.c_uint64}
_OWN_MEMORY = Path("/proc/self/mem")  # reading there fails where reading memory itself would be a signal; Linux only
_PAGE_BYTES = 4096


def _ctype(t: ScalarType) -> Any:
    if t is BOOL:
        return ctypes.c_uint8
    return (_FLOATS if t.kind == "float" else _SIGNED if t.signed else _UNSIGNED)[t.bits]


@final
class NativeMemory:
    """What of the process's memory one run shares with its host: reads and writes values, and keeps what the host
    made. `literals` is the range of addresses that may not be written."""

    def __init__(self, shapes: Shapes, literals: range) -> None:
        self.shapes = shapes
        self.literals = literals
        self._kept: list[Any] = []
        self._own_memory = _OWN_MEMORY if os.access(_OWN_MEMORY, os.R_OK) else None

    def keep(self, size_bytes: int) -> int:
        """The address of zeroed memory of the host's own."""
        buffer = (ctypes.c_uint64 * (size_bytes // 8 + 2))()
        self._kept.append(buffer)
        return ctypes.addressof(buffer)

    def is_readable(self, t: Type | None, value: Any) -> bool:
        """Whether the elements of a slice are still there: a program may return one that it has freed."""
        if not isinstance(t, SliceType) or value is NIL or not self._own_memory:
            return True
        size_bytes, at = value.length * self.shapes.of(t.elem).size_bytes, value.region.cells.address
        with self._own_memory.open("rb", buffering=0) as memory:
            try:
                pages = (*range(at, at + size_bytes, _PAGE_BYTES), at + size_bytes - 1) if size_bytes else ()
                return all(len(os.pread(memory.fileno(), 1, page)) == 1 for page in pages)
            except OSError:
                return False

    def read(self, t: Type, address: int) -> Any:
        """The value of type `t` there, as the interpreter holds it."""
        shape = self.shapes.of(t)
        if shape.is_struct:
            return tuple([self._read_leaf(leaf, address + at) for leaf, at in _leaves(shape)])
        return self._read_leaf(shape, address)

    def write(self, t: Type, address: int, value: Any) -> None:
        shape = self.shapes.of(t)
        if shape.is_struct:
            for (leaf, at), held in zip(_leaves(shape), value, strict=True):
                self._write_leaf(leaf, address + at, held)
        else:
            self._write_leaf(shape, address, value)

    def _read_leaf(self, shape: Shape, address: int) -> Any:
        t = shape.type
        if isinstance(t, ScalarType):
            held = _ctype(t).from_address(address).value
            return held != 0 if t is BOOL else held
        start = ctypes.c_uint64.from_address(address).value
        if not isinstance(t, SliceType):
            return Pointer(Region(NativeCells(self, start, shape)), 0) if start else None
        length, cap = (ctypes.c_int64.from_address(address + at).value for at in (8, 16))
        return Slice(Region(NativeCells(self, start, self.shapes.of(t.elem))), 0, length, cap) if start else NIL

    def _write_leaf(self, shape: Shape, address: int, value: Any) -> None:
        t = shape.type
        if isinstance(t, ScalarType):
            _ctype(t).from_address(address).value = value
            return
        if not isinstance(t, SliceType):
            ctypes.c_uint64.from_address(address).value = self._start(value.region.cells, shape) if value else 0
            return
        parts = (
            (0, 0, 0)
            if value is NIL
            else (self._start(value.region.cells, self.shapes.of(t.elem)), value.length, value.cap)
        )
        for i, part in enumerate(parts):
            ctypes.c_int64.from_address(address + 8 * i).value = part

    def _start(self, cells: Cells, shape: Shape) -> int:
        """The address of what the program knows already, or of a copy of the host's own elements."""
        if isinstance(cells, NativeCells):
            return cells.address
        address = self.keep(shape.size_bytes * len(cells))  # type: ignore[arg-type]  # the host gives lists
        copied = NativeCells(self, address, shape)
        for i, held in enumerate(cells):  # type: ignore[arg-type,var-annotated]  # lists, as above
            copied[i] = held
        return address


@final
class NativeCells(Sequence[Any]):
    """The cells of elements of one shape that stand at `address`: see `irpass.interp.cells`."""

    def __init__(self, memory: NativeMemory, address: int, shape: Shape) -> None:
        self.address = address
        self._memory = memory
        self._shape = shape

    def _place(self, cell: int) -> tuple[Shape, int]:
        element, leaf_cell = divmod(cell, self._shape.width)
        leaf, at = self._shape.leaf_at(leaf_cell)
        return leaf, self.address + element * self._shape.size_bytes + at

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, slice):
            return [self[cell] for cell in range(key.start, key.stop)]
        return self._memory._read_leaf(*self._place(key))

    def __setitem__(self, key: Any, value: Any) -> None:
        if self.address in self._memory.literals:
            raise TrapError(ops.READ_ONLY)
        if isinstance(key, slice):
            for cell, held in zip(range(key.start, key.stop), value, strict=True):
                self._memory._write_leaf(*self._place(cell), held)
        else:
            self._memory._write_leaf(*self._place(key), value)

    def __len__(self) -> int:
        raise TypeError("native memory does not know its end")


def _leaves(shape: Shape) -> list[tuple[Shape, int]]:
    return [shape.leaf_at(cell) for cell in range(shape.width)]
