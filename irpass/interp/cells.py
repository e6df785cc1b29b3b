"""What a region of memory holds: one cell for each scalar, slice or pointer in it, structs flattened.

Cells are a plain list where possible. What may not be touched, or is too big to hold, answers to the same subscripts,
so that an access asks nothing before it: `FREED` and `ReadOnlyCells` trap, `SparseCells` holds only what was written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final, Protocol, final

from irpass.interp.outcome import TrapError
from irpass.interp.shapes import Shape
from irpass.ir import ops

MAX_DENSE_CELLS = 1 << 20


class Cells(Protocol):
    """Cells by number, or many at once by a range without a step. What a cell holds depends on its type."""

    def __getitem__(self, key: Any, /) -> Any: ...

    def __setitem__(self, key: Any, value: Any, /) -> None: ...


@final
class _Unwritten:
    """What a cell holds before it is written. Copies carry it along; reading it as a scalar traps."""

    def __repr__(self) -> str:
        return "UNWRITTEN"


UNWRITTEN: Final = _Unwritten()


@final
class _FreedCells:
    def __getitem__(self, key: object, /) -> Any:
        raise TrapError(ops.USE_AFTER_FREE)

    def __setitem__(self, key: object, value: object, /) -> None:
        raise TrapError(ops.USE_AFTER_FREE)


FREED: Final = _FreedCells()


@final
class ReadOnlyCells(bytes):
    """The bytes of a literal."""

    def __setitem__(self, key: object, value: object, /) -> None:
        raise TrapError(ops.READ_ONLY)


@final
class SparseCells:
    """As many cells as one likes: those never written take no room. A range of them is again sparse.

    `phase` is the place of the first cell within the value of `shape` that it belongs to.
    """

    __slots__ = ("_fill", "_written", "phase", "shape", "size")

    def __init__(self, size: int, shape: Shape, fill: _Unwritten | None = None, phase: int = 0) -> None:
        self.size = size
        self.shape = shape
        self.phase = phase
        self._fill = fill
        self._written: dict[int, Any] = {}

    def __getitem__(self, key: Any, /) -> Any:
        if isinstance(key, slice):
            part = SparseCells(key.stop - key.start, self.shape, self._fill, self._phase_at(key.start))
            part._written = {cell - key.start: self._written[cell] for cell in self.written(key.start, key.stop)}
            return part
        if key in self._written:
            return self._written[key]
        return self._fill if self._fill is not None else self.shape.leaf(self._phase_at(key)).zero

    def __setitem__(self, key: Any, value: Any, /) -> None:
        if not isinstance(key, slice):
            self._written[key] = value
        elif isinstance(value, SparseCells) and value._is_like(self, key.start):
            for cell in self.written(key.start, key.stop):
                del self._written[cell]
            self._written.update({key.start + cell: held for cell, held in value._written.items()})
        else:
            self._written.update(enumerate(value, key.start))

    def _phase_at(self, cell: int) -> int:
        return (self.phase + cell) % self.shape.width

    def _is_like(self, other: SparseCells, start: int) -> bool:
        return (self.shape, self._fill, self.phase) == (other.shape, other._fill, other._phase_at(start))

    def written(self, start: int, stop: int) -> list[int]:
        """The cells of a range that have been written."""
        cells: Iterable[int] = self._written if stop - start > len(self._written) else range(start, stop)
        return [cell for cell in cells if start <= cell < stop and cell in self._written]

    def __iter__(self) -> Iterator[Any]:
        return (self[cell] for cell in range(self.size))

    def __len__(self) -> int:
        return self.size


def fresh_cells(shape: Shape, count: int) -> Cells:
    """Zeroed cells for `count` elements of that shape."""
    size = shape.width * count
    if size > MAX_DENSE_CELLS:
        return SparseCells(size, shape)
    return [shape.zeros[0]] * size if shape.width == 1 else list(shape.zeros) * (count if size else 0)


def unwritten_cells(shape: Shape, count: int) -> Cells:
    """Cells for `count` elements, none of them written."""
    size = shape.width * count
    if size > MAX_DENSE_CELLS:
        return SparseCells(size, shape, UNWRITTEN)
    return [UNWRITTEN] * size
