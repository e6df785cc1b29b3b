"""Buffers as a CSV file: `id,lower,upper,size`, with `alignment` and `offset` where wanted; `upper` is exclusive."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

from irpass.diagnostics import Diagnostic, IrpassError, Span
from irpass.packing.model import Buffer

COLUMNS = ("id", "lower", "upper", "size")
OPTIONAL_COLUMNS = ("alignment", "offset")
_LARGEST = (1 << 63) - 1
_INTEGER = re.compile(r"[+-]?[0-9]+")
_MOST_ERRORS = 50  # of a file that is something else altogether, more would only scroll the first away


class TableError(IrpassError):
    """The file is not a table of buffers: what is wrong with it, by line."""


@dataclass(frozen=True, slots=True)
class Table:
    """Buffers by row, their ids, and where they stand in the file; a buffer's `offset` is what its row says."""

    file: str
    ids: tuple[str, ...]
    buffers: tuple[Buffer, ...]
    lines: tuple[int, ...]
    texts: tuple[str, ...]

    def diagnostic(self, index: int, message: str, code: str, notes: Sequence[str] = ()) -> Diagnostic:
        """An error about the row of one buffer."""
        text = self.texts[index]
        return Diagnostic(code, message, self.file, Span(self.lines[index], 1, len(text)), text, tuple(notes))


def read_table(data: bytes, file: str) -> Table:
    """The buffers of a CSV file.

    Raises: TableError with every fault found: no or unknown columns, what is not an integer or does not fit 64 bits,
    negative sizes, lives that end before they begin, ids that occur twice, offsets off their alignment, sizes that
    sum past 2^63.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - (data.rfind(b"\n", 0, error.start) + 1) + 1
        raise TableError([Diagnostic("csv-text", "this is not UTF-8 text", file, Span(line, column))]) from None
    return _Reader(text, file).read()


class _Reader:
    def __init__(self, text: str, file: str) -> None:
        self.file = file
        self.lines = text.split("\n")
        self.errors: list[Diagnostic] = []

    def read(self) -> Table:
        rows = [(number, line.rstrip("\r")) for number, line in enumerate(self.lines, 1) if line.strip()]
        if not rows:
            note = f"the first line names the columns: {','.join(COLUMNS)}"
            raise TableError(
                [Diagnostic("csv-columns", "there is no table here", self.file, Span(1, 1), notes=(note,))]
            )
        number, line = rows[0]
        names = [cell.strip().lower() for cell in self._cells(number, line)]
        self._check_columns(number, line, names)
        self._raise()
        buffers, ids, numbers, texts = [], [], [], []
        first_line: dict[str, int] = {}
        total = 0
        for number, line in rows[1:]:
            if len(self.errors) >= _MOST_ERRORS:
                break
            cells = self._cells(number, line)
            if len(cells) != len(names):
                self._error(number, line, -1, "csv-row", f"{len(names)} cells were expected, but here are {len(cells)}")
                continue
            row = {name: (k, cells[k].strip()) for k, name in enumerate(names)}
            buffer = self._buffer(number, line, row)
            column, name = row["id"]
            if name in first_line:
                note = f"it is on line {first_line[name]} too"
                self._error(number, line, column, "csv-id", f"the id {name} occurs twice", note)
            first_line.setdefault(name, number)
            if buffer is None:
                continue
            total = max(total, buffer.offset or 0) + buffer.size + buffer.alignment - 1
            if total > _LARGEST:
                self._error(number, line, row["size"][0], "csv-sum", "up to here, the sizes sum past 2^63 - 1")
                break
            buffers.append(buffer)
            ids.append(name)
            numbers.append(number)
            texts.append(line)
        self._raise()
        return Table(self.file, tuple(ids), tuple(buffers), tuple(numbers), tuple(texts))

    def _cells(self, number: int, line: str) -> list[str]:
        try:
            return next(csv.reader([line], strict=True))
        except csv.Error as error:
            self._error(number, line, -1, "csv-row", f"this is no row of CSV: {error}")
            return []

    def _check_columns(self, number: int, line: str, names: list[str]) -> None:
        known = (*COLUMNS, *OPTIONAL_COLUMNS)
        note = f"columns are {', '.join(COLUMNS)}, and if wanted {' and '.join(OPTIONAL_COLUMNS)}"
        for k, name in enumerate(names):
            if name not in known:
                self._error(number, line, k, "csv-columns", f"unknown column {name!r}", note)
            elif name in names[:k]:
                self._error(number, line, k, "csv-columns", f"the column {name} occurs twice", note)
        missing = [name for name in COLUMNS if name not in names]
        if missing and not self.errors:
            self._error(number, line, -1, "csv-columns", f"there is no column {' and no column '.join(missing)}", note)

    def _buffer(self, number: int, line: str, row: dict[str, tuple[int, str]]) -> Buffer | None:
        values: dict[str, int] = {}
        for name, (column, cell) in row.items():
            if name == "id" or (name in OPTIONAL_COLUMNS and not cell):
                continue
            value = self._integer(number, line, column, name, cell)
            if value is not None:
                values[name] = value
        wanted = [name for name, (_, cell) in row.items() if name != "id" and (cell or name in COLUMNS)]
        if any(name not in values for name in wanted):
            return None
        lower, upper, size = values["lower"], values["upper"], values["size"]
        alignment, offset = values.get("alignment", 1), values.get("offset")
        before = len(self.errors)
        if size < 0:
            self._error(number, line, row["size"][0], "csv-size", f"the size {size} is negative")
        if upper < lower:
            note = "a buffer lives from lower to before upper"
            self._error(number, line, row["upper"][0], "csv-life", f"upper {upper} is before lower {lower}", note)
        if alignment < 1:
            self._error(number, line, row["alignment"][0], "csv-alignment", f"the alignment {alignment} is below 1")
        elif offset is not None and (offset < 0 or offset % alignment):
            message = f"the offset {offset} is not a multiple of {alignment} at or above 0"
            self._error(number, line, row["offset"][0], "csv-offset", message)
        if len(self.errors) > before:
            return None
        return Buffer(size, lower, upper, alignment, offset)

    def _integer(self, number: int, line: str, column: int, name: str, cell: str) -> int | None:
        if not _INTEGER.fullmatch(cell):
            shown = repr(cell) if cell else "nothing"
            self._error(number, line, column, "csv-integer", f"{name} is an integer, but here is {shown}")
            return None
        if len(cell.lstrip("+-0")) > 19 or abs(int(cell)) > _LARGEST:
            self._error(number, line, column, "csv-integer", f"{name} does not fit 64 bits")
            return None
        return int(cell)

    def _error(self, number: int, line: str, column: int, code: str, message: str, *notes: str) -> None:
        span = Span(number, 1, len(line))
        if column >= 0 and '"' not in line:  # within quotes, commas are no borders
            cells = line.split(",")
            start = sum(len(cell) + 1 for cell in cells[:column])
            bare = cells[column].strip()
            lead = len(cells[column]) - len(cells[column].lstrip()) if bare else 0
            span = Span(number, start + lead + 1, max(1, len(bare)))
        self.errors.append(Diagnostic(code, message, self.file, span, line, notes))

    def _raise(self) -> None:
        if self.errors:
            raise TableError(self.errors)


def write_table(ids: Sequence[str], buffers: Sequence[Buffer], offsets: Sequence[int]) -> str:
    """The buffers with their offsets as CSV text, in the form that `read_table` reads."""
    has_alignment = any(b.alignment > 1 for b in buffers)
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([*COLUMNS, *(["alignment"] if has_alignment else []), "offset"])
    for name, b, offset in zip(ids, buffers, offsets, strict=True):
        writer.writerow([name, b.first, b.last, b.size, *([b.alignment] if has_alignment else []), offset])
    return stream.getvalue()
