"""The C target: a header and a source, C11 with POSIX threads.

POSIX threads and not C11's `<threads.h>`: macOS has none, and ThreadSanitizer does not see its mutexes.
"""

from __future__ import annotations

from typing import Any

from irpass.generate.render import fill_placeholders, render
from irpass.generate.spec import Base, CapPolicy, Derived, ObjectBase, Spec, Strings

LARGEST_PLACE_LOG2 = 6  # a chunk's blocks start after its head, which is a multiple of 64 bytes


def c_files(spec: Spec, stem: str) -> dict[str, str]:
    """The header and the source, by file name."""
    context = _context(spec)
    header_name = f"{stem}.h"
    return {
        header_name: render("header.h.j2", **context, header_name=header_name),
        f"{stem}.c": render("source.c.j2", **context, header_name=header_name, source_file=f"{stem}.c"),
    }


def c_single_file(spec: Spec) -> str:
    """The header and the source as one text, for standard output."""
    context = _context(spec)
    name = f"{spec.name}.c"
    header = render("header.h.j2", **context, header_name=name)
    return header + "\n" + render("source.c.j2", **context, header_name="", source_file=name)


def _context(spec: Spec) -> dict[str, Any]:
    allocators: list[dict[str, Any]] = []
    classes: list[dict[str, Any]] = []
    first_classes: dict[str, int] = {}
    every_base: tuple[Base | ObjectBase, ...] = (*spec.bases, *spec.objects)
    every_view: tuple[Base | Derived | Strings, ...] = (*spec.bases, *spec.derived, *spec.strings)
    for base in every_base:
        first_classes[base.name] = len(classes)
        place_log2 = _place_log2(base) if isinstance(base, Base) else 0
        allocators.append({"name": base.name, "first_class": len(classes), "place_log2": place_log2})
        classes += _classes(spec, base)
    return {
        "p": spec.name,
        "P": spec.name.upper(),
        "source_name": spec.source_name,
        "includes": spec.includes,
        "statistics": spec.statistics,
        "allocators": allocators,
        "classes": classes,
        "class_count": len(classes),
        "max_align": max([16, *(base.align_bytes for base in spec.bases)]),
        "bases": [_base(base, first_classes[base.name]) for base in spec.bases],
        "views": [_view(view, first_classes) for view in every_view],
        "objects": [_object(base, first_classes[base.name]) for base in spec.objects],
    }


def _classes(spec: Spec, base: Base | ObjectBase) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for log2 in range(base.min_log2, base.max_log2 + 1):
        block_bytes = base.block_bytes(log2) if isinstance(base, Base) else 0
        rows.append(
            _class_row(base, log2, max(1, min(spec.cache_blocks, spec.cache_bytes // max(1, block_bytes))), block_bytes)
        )
    return [*rows, _class_row(base, 63, 1, 0)]


def _class_row(base: Base | ObjectBase, log2: int, batch: int, block_bytes: int) -> dict[str, Any]:
    return {
        "allocator": base.name,
        "log2": log2,
        "batch": batch,
        "align_bytes": base.align_bytes if isinstance(base, Base) else 1,
        "block_bytes": block_bytes,
        "is_cleared": "true" if isinstance(base, Base) and base.zeroing == "on-free" else "false",
    }


def _base(base: Base, first_class: int) -> dict[str, Any]:
    return {
        "name": base.name,
        "c_type": base.element.spelling["c"],
        "elem_bytes": base.element.size_bytes,
        "min_log2": base.min_log2,
        "max_log2": base.max_log2,
        "align_bytes": base.align_bytes,
        "place_log2": _place_log2(base),
        "zeroing": base.zeroing,
        "class_shift": f"{'+' if first_class >= base.min_log2 else '-'} {abs(first_class - base.min_log2)}",
        "large_class": first_class + base.class_count,
    }


def _place_log2(base: Base) -> int:
    """The log2 of the largest power of two that divides the size of every block, and so where each can start."""
    smallest_bytes = base.block_bytes(base.min_log2)
    return min((smallest_bytes & -smallest_bytes).bit_length() - 1, LARGEST_PLACE_LOG2)


def _view(view: Base | Derived | Strings, first_classes: dict[str, int]) -> dict[str, Any]:
    base = view if isinstance(view, Base) else view.base
    is_string = isinstance(view, Strings)
    c_type = "char" if isinstance(view, Strings) else view.element.spelling["c"]
    elem_bytes = 1 if isinstance(view, Strings) else view.element.size_bytes
    return {
        "name": view.name,
        "title": _title(view),
        "len_words": _alloc_comment(base, view.cap),
        "c_type": c_type,
        "c_decl": _declarator(c_type + " *"),
        "elem_bytes": elem_bytes,
        "base": base.name,
        "base_bytes": base.element.size_bytes,
        "align_bytes": base.align_bytes,
        "zeroing": base.zeroing,
        "is_derived": isinstance(view, Derived),
        "is_string": is_string,
        "is_exact": view.cap == "exact",
        "times": "" if elem_bytes == 1 else f" * {elem_bytes}",
        "plus": " + 1" if is_string else "",
        "minus": " - 1" if is_string else "",
        "len_bytes": _bytes_of("(size_t)len", elem_bytes, is_string),
        "cap_bytes": _bytes_of("view.cap", elem_bytes, is_string),
        "elems_of_len": _elems_of("(size_t)len", base.element.size_bytes // elem_bytes, is_string),
        "elems_of_cap": _elems_of("view.cap", base.element.size_bytes // elem_bytes, is_string),
        "cap_of_class": _cap_of_class(base.element.size_bytes // elem_bytes, is_string),
        "min_log2": base.min_log2,
        "max_log2": base.max_log2,
        "large_class": first_classes[base.name] + base.class_count,
    }


def _title(view: Base | Derived | Strings) -> str:
    if isinstance(view, Strings):
        return f"strings in blocks of {view.base.name}, ptr[len] is always 0, cap {view.cap} and without the terminator"
    if isinstance(view, Derived):
        return f"{view.element.spelling['c']} in blocks of {view.base.name}, cap {view.cap}"
    return f"{view.element.spelling['c']}, cap {view.cap}"


def _alloc_comment(base: Base, cap: CapPolicy) -> str:
    contents = "whatever the block had" if base.zeroing == "none" else "zero"
    return f"A view of `len` elements, {contents}; its cap is {'`len`' if cap == 'exact' else 'the whole block'}."


def _bytes_of(count: str, elem_bytes: int, is_string: bool) -> str:
    if is_string:
        return f"{count} + 1"
    return count if elem_bytes == 1 else f"{count} * {elem_bytes}"


def _elems_of(count: str, ratio: int, is_string: bool) -> str:
    """The elements of the base for `count` elements of the view, `ratio` of which are one of the base."""
    more = ratio - 1 + is_string
    total = f"{count} + {more}" if more else count
    return total if ratio == 1 else f"({total}) / {ratio}"


def _cap_of_class(ratio: int, is_string: bool) -> str:
    cap = f"(size_t){ratio} << log2"
    return f"({cap}) - 1" if is_string else cap


def _object(base: ObjectBase, first_class: int) -> dict[str, Any]:
    code = base.code["c"]
    return {
        "name": base.name,
        "min_log2": base.min_log2,
        "max_log2": base.max_log2,
        "first_class": first_class,
        "large_class": first_class + base.class_count,
        "code": code,
        "decl": _declarator(code.type),
        "make": fill_placeholders(code.make, n="made_capacity"),
        "clear_code": fill_placeholders(code.clear, x="one"),
        "capacity": fill_placeholders(code.capacity, x="one"),
        "destroy": fill_placeholders(code.destroy, x="one"),
        "resize": fill_placeholders(code.resize, x="one", n="wanted"),
        "copy_code": fill_placeholders(code.copy, **{"to": "larger", "from": "one"}),
    }


def _declarator(c_type: str) -> str:
    """The type so that a name can follow: `struct value *` and `uint64_t `."""
    text = c_type.replace("* *", "**")
    return text if text.endswith("*") else text + " "
