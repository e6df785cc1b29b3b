"""Values between Python and a running program.

Scalars are Python's `int`, `float` and `bool`, held to the range of their type. A program is given a slice of scalars
as a list or another sequence, a `[]u8` also as `bytes` or `str`: the host's own memory, which counts for nothing and
which `free` calls a `bad free`. An extern gets a slice as a `SliceView` of the program's memory, to read and to write
(`bytes(view)`, `list(view)`, `view[0] = 1`); pointers and structs as objects that it can only give back. None is nil.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol, final, overload

from irpass.diagnostics import UsageError
from irpass.interp.cells import UNWRITTEN, ReadOnlyCells
from irpass.interp.memory import NIL, Pointer, Region, Slice
from irpass.interp.outcome import Returned, TrapError
from irpass.interp.shapes import Shape, Shapes
from irpass.ir import ops
from irpass.ir.core import Literal
from irpass.ir.semantics import fit, zero
from irpass.ir.types import BYTES, PointerType, ScalarType, SliceType, StructType, Type, is_reference


class Guard(Protocol):
    """Is told what passes between a program's memory and the host: values that may refer to memory."""

    def read(self, held: object) -> None:
        """The host has been given `held`."""

    def written(self, held: object) -> None:
        """The host has stored `held`."""


@final
class SliceView(Sequence[Any]):
    """A slice of the program's memory, while the program waits for the host. Elements are scalars, views again, or what
    an extern can only give back; an access that the program may not make traps at the call."""

    __slots__ = ("_guard", "_shape", "_shapes", "slice", "type")

    def __init__(self, t: SliceType, held: Slice, shapes: Shapes, guard: Guard | None = None) -> None:
        self.type = t
        self.slice = held
        self._shapes = shapes
        self._shape: Shape = shapes.of(t.elem)
        self._guard = guard if self._shape.is_scan else None

    def __len__(self) -> int:
        return self.slice.length

    @overload
    def __getitem__(self, index: int) -> Any: ...
    @overload
    def __getitem__(self, index: slice) -> list[Any]: ...
    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        at, width = self._at(index), self._shape.width
        held: Any
        if self._shape.is_struct:
            held = tuple(self.slice.region.cells[at : at + width]) if width else ()
        else:
            held = self.slice.region.cells[at]
            if held is UNWRITTEN:
                raise TrapError(ops.UNINIT_READ)
        return to_host(self.type.elem, held, self._shapes, self._guard)

    def __setitem__(self, index: int, value: object) -> None:
        at, width = self._at(index), self._shape.width
        held = from_host(self.type.elem, value, f"an element of {self.type}")
        if self._shape.is_struct:
            if width:
                self.slice.region.cells[at : at + width] = held
        else:
            self.slice.region.cells[at] = held
        if self._guard is not None:
            self._guard.written(held)

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))

    def _at(self, index: int) -> int:
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        return self.slice.start + index % len(self) * self._shape.width


def from_host(t: Type, value: object, what: str) -> object:
    """A Python value as one of type `t`; `what` names it in errors.

    Raises: UsageError where it does not fit.
    """
    if isinstance(t, ScalarType):
        return _scalar(t, value, what)
    if value is None and is_reference(t):
        return NIL if isinstance(t, SliceType) else None
    if isinstance(t, SliceType):
        if isinstance(value, SliceView) and value.type is t:
            return value.slice
        cells = _cells(t, value, what)
        return Slice(Region(cells), 0, len(cells), len(cells))
    if isinstance(t, PointerType) and isinstance(value, Pointer):
        return value
    if isinstance(t, StructType) and isinstance(value, tuple):
        return value
    raise UsageError.of(f"{what} takes {t}, not {value!r:.80}")


def _scalar(t: ScalarType, value: object, what: str) -> object:
    fitting: Literal | None = fit(t, value) if isinstance(value, bool | int | float) else None
    if fitting is None:
        note = f"{t} holds {t.lo} to {t.hi}" if t.kind == "int" else f"{t} holds {_KINDS[t.kind]}"
        raise UsageError.of(f"{what} takes {t}, which {value!r:.80} does not fit", note)
    return fitting.value


_KINDS = {"bool": "True or False", "float": "a number"}


def _cells(t: SliceType, value: object, what: str) -> list[object]:
    if t is BYTES and isinstance(value, str):
        value = value.encode("utf-8", "surrogateescape")
    if t is BYTES and isinstance(value, bytes | bytearray | memoryview):
        return list(bytes(value))
    if not isinstance(t.elem, ScalarType) or not isinstance(value, Sequence) or isinstance(value, str | bytes):
        raise UsageError.of(f"{what} takes {t}, not {value!r:.80}", "slices of scalars can be given")
    return [_scalar(t.elem, element, f"element {i} of {what}") for i, element in enumerate(value)]


def to_host(t: Type, value: Any, shapes: Shapes, guard: Guard | None = None) -> object:
    """What an extern gets for a value of type `t`."""
    if guard is not None:
        guard.read(value)
    if not isinstance(t, SliceType):
        return value
    return SliceView(t, value, shapes, guard) if value is not NIL else None


def result_to_host(t: Type | None, value: Any) -> Returned:
    """What the host gets for the result of the entry function; see `Outcome.returned`."""
    if isinstance(t, ScalarType):
        returned: Returned = value
        return returned
    if not isinstance(t, SliceType) or not isinstance(t.elem, ScalarType) or value is NIL:
        return None
    try:
        cells = value.region.cells[value.start : value.start + value.length] if value.length else []
    except TrapError:  # freed: nobody may look inside any more
        return None
    if isinstance(cells, ReadOnlyCells | bytes):
        return bytes(cells)
    unwritten = zero(t.elem)
    elements: list[Any] = [unwritten if cell is UNWRITTEN else cell for cell in cells]
    return bytes(elements) if t is BYTES else elements
