"""Sizes, alignments and field offsets, as C lays them out on a 64-bit machine."""

from __future__ import annotations

from typing import NamedTuple

from irpass.ir.core import Module
from irpass.ir.types import PointerType, ScalarType, SliceType, StructType, Type

MAX_BYTES = 1 << 47  # no allocation is larger: the address space that a program can have


class Layout(NamedTuple):
    """Size and alignment in bytes, whether a slice or pointer is inside, and a struct's field offsets."""

    size_bytes: int
    align_bytes: int
    is_scan: bool
    offsets_bytes: tuple[int, ...] = ()


class LayoutError(Exception):
    """A struct that is not declared, or that contains itself."""


_SLICE = Layout(24, 8, True)
_POINTER = Layout(8, 8, True)


class Layouts:
    """The layouts of one module's types, each computed once."""

    def __init__(self, module: Module) -> None:
        self._module = module
        self._structs: dict[str, Layout] = {}

    def of(self, t: Type) -> Layout:
        """The layout of `t`.

        Raises: LayoutError where a struct in it is not declared or contains itself.
        """
        if isinstance(t, ScalarType):
            return Layout(t.size_bytes, t.size_bytes, False)
        if isinstance(t, SliceType):
            return _SLICE
        if isinstance(t, PointerType):
            return _POINTER
        if isinstance(t, StructType):
            found = self._structs.get(t.symbol)
            return found if found is not None else self._layout_struct(t.symbol)
        raise LayoutError(f"{t} has no layout")

    def _layout_struct(self, symbol: str) -> Layout:
        # A loop, not recursion: structs may nest 100,000 deep. Each is left where its fields had been looked at.
        stack, open_names = [(symbol, iter(self._fields(symbol)))], {symbol}
        while stack:
            name, fields = stack[-1]
            inner = next(
                (f.symbol for f in fields if isinstance(f, StructType) and f.symbol not in self._structs), None
            )
            if inner is None:
                self._structs[name] = _pack_fields([self.of(f) for f in self._fields(name)])
                open_names.discard(name)
                stack.pop()
            elif inner in open_names:
                raise LayoutError(f"type @{inner} contains itself")
            else:
                stack.append((inner, iter(self._fields(inner))))
                open_names.add(inner)
        return self._structs[symbol]

    def _fields(self, symbol: str) -> tuple[Type, ...]:
        struct = self._module.struct(symbol)
        if struct is None:
            raise LayoutError(f"type @{symbol} is not declared")
        return struct.fields


def _pack_fields(fields: list[Layout]) -> Layout:
    at, align, scan, offsets = 0, 1, False, []
    for field in fields:
        at = round_up(at, field.align_bytes)
        offsets.append(at)
        at += field.size_bytes
        align = max(align, field.align_bytes)
        scan = scan or field.is_scan
    return Layout(round_up(at, align), align, scan, tuple(offsets))


def round_up(n: int, align: int) -> int:
    """The least multiple of `align` that is not under `n`."""
    return -(-n // align) * align
