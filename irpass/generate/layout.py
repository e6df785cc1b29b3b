"""Sizes and alignments that elements, blocks and views may have, and which memory holds pointers."""

from __future__ import annotations

from irpass.generate.spec import WORD_BYTES, Base, Element
from irpass.toml.fields import Fields
from irpass.toml.source import Path

MAX_LOG2 = 32
MAX_BLOCK_BYTES = 1 << 40
MIN_BLOCK_BYTES = 16  # smaller blocks cost more in bookkeeping than they hold
PLACE_BYTES = 8  # a byte of state for each place where a block can start is then an eighth of the memory at most
MAX_ALIGN_BYTES = 4096


def natural_align_bytes(size_bytes: int) -> int:
    """The alignment of what has that size, where nothing else is said: no more than a word's."""
    return min(WORD_BYTES, _low_bit(size_bytes))


def _low_bit(number: int) -> int:
    return number & -number


def check_element(fields: Fields, path: Path, element: Element) -> bool:
    """Whether there can be arrays of the element that the table at `path` declares."""
    size_bytes, align_bytes = element.size_bytes, element.align_bytes
    if size_bytes % align_bytes:
        fields.wrong_value(
            "bad-layout",
            (*path, "align_bytes" if "align_bytes" in fields.at(path) else "size_bytes"),
            f"a type of {size_bytes} bytes cannot be aligned to {align_bytes}: the size is no multiple of it",
        )
        return False
    if element.is_pointerful and (size_bytes % WORD_BYTES or align_bytes < WORD_BYTES):
        fields.wrong_value(
            "bad-layout", (*path, "pointers"), f"a type with pointers is made of whole words of {WORD_BYTES} bytes"
        )
        return False
    return True


def check_blocks(fields: Fields, path: Path, base: Base) -> None:
    """Diagnostics for sizes that the blocks of `base`, declared at `path`, cannot have."""
    element, low = base.element, base.min_log2
    if base.block_bytes(base.max_log2) > MAX_BLOCK_BYTES:
        fields.wrong_value(
            "bad-classes",
            (*path, "max_log2"),
            f"a block of 2**{base.max_log2} elements of {element.size_bytes} bytes is over 1 TiB",
        )
    smallest_bytes = base.block_bytes(low)
    if smallest_bytes < MIN_BLOCK_BYTES:
        needed = low + (MIN_BLOCK_BYTES // smallest_bytes).bit_length() - 1
        fields.wrong_value(
            "bad-classes",
            (*path, "min_log2"),
            f"the smallest block has {smallest_bytes} bytes, less than {MIN_BLOCK_BYTES}",
            f"use min_log2 = {needed + ((element.size_bytes << needed) < MIN_BLOCK_BYTES)}",
        )
    elif smallest_bytes % PLACE_BYTES:
        fields.wrong_value(
            "bad-classes",
            (*path, "min_log2"),
            f"the smallest block has {smallest_bytes} bytes, which is no multiple of {PLACE_BYTES}",
            f"use min_log2 = {(PLACE_BYTES // _low_bit(element.size_bytes)).bit_length() - 1}",
        )
    if base.align_bytes < element.align_bytes:
        fields.wrong_value(
            "bad-align",
            (*path, "align_bytes"),
            f"'{element.name}' itself needs an alignment of {element.align_bytes}",
        )
    elif smallest_bytes % base.align_bytes:
        fields.wrong_value(
            "bad-align",
            (*path, "align_bytes"),
            f"blocks of {smallest_bytes} bytes, one after the other, are not all aligned to {base.align_bytes}",
            f"use min_log2 = {(base.align_bytes // _low_bit(element.size_bytes)).bit_length() - 1} or more",
        )


def check_view(fields: Fields, path: Path, element: Element, base: Base) -> None:
    """A diagnostic where blocks of `base` cannot be read as elements of the derived allocator at `path`."""
    where = (*path, "elem")
    of = base.element
    if of.size_bytes % element.size_bytes:
        fields.wrong_value(
            "bad-size",
            where,
            f"'{element.name}' has {element.size_bytes} bytes, which do not divide the {of.size_bytes} of "
            f"'{of.name}' in '{base.name}'",
        )
    elif element.align_bytes > base.align_bytes:
        fields.wrong_value(
            "bad-align",
            where,
            f"'{element.name}' needs an alignment of {element.align_bytes}, '{base.name}' has {base.align_bytes}",
        )
    elif element.is_pointerful != of.is_pointerful:
        one, other = ("holds pointers", "does not") if element.is_pointerful else ("holds no pointers", "does")
        fields.wrong_value(
            "bad-pointers", where, f"'{element.name}' {one} and base '{base.name}' {other}: they never share blocks"
        )
    elif "some" in (element.pointers, of.pointers) and element != of:
        fields.wrong_value(
            "bad-pointers",
            where,
            f"'{element.name}' and '{of.name}' need not hold pointers in the same words",
            "views of pointers need pointers = 'all' on both sides",
        )
