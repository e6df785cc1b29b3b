"""The Go target: one file, laid out as gofmt would, with a cache that each goroutine has for itself.

Go has no thread-locals, so the cache is an argument; `sync.Pool` in its place would drop blocks at each collection, and
could not say which block an offset view is in.
"""

from __future__ import annotations

from typing import Any

from irpass.generate.render import fill_placeholders, render
from irpass.generate.spec import Base, Derived, ObjectBase, Spec, Strings

CHUNK_BYTES = 1 << 18


def go_file(spec: Spec) -> str:
    """The text of the Go file."""
    first_classes: dict[str, int] = {}
    classes: list[dict[str, Any]] = []
    for base in spec.bases:
        first_classes[base.name] = len(classes)
        classes += [_class_row(spec, base, log2) for log2 in range(base.min_log2, base.max_log2 + 1)]
    for number, row in enumerate(classes):
        row["index"] = number
    every_base: tuple[Base | ObjectBase, ...] = (*spec.bases, *spec.objects)
    every_view: tuple[Base | Derived | Strings, ...] = (*spec.bases, *spec.derived, *spec.strings)
    return render(
        "allocators.go.j2",
        package=spec.name,
        source_name=spec.source_name,
        imports=sorted(spec.imports),
        allocators=[{"name": base.name, "go_name": camel(base.name)} for base in every_base],
        class_count=len(classes),
        classes=classes,
        object_batch=spec.cache_blocks,
        bases=[_base(base, first_classes[base.name]) for base in spec.bases],
        views=[_view(view) for view in every_view],
        objects=[_object(base) for base in spec.objects],
    )


def camel(name: str) -> str:
    """The exported Go name: `sparse_set` is SparseSet."""
    return "".join(word.capitalize() for word in name.split("_"))


def _class_row(spec: Spec, base: Base, log2: int) -> dict[str, Any]:
    block_bytes = base.block_bytes(log2)
    return {
        "go_name": camel(base.name),
        "go_type": base.element.spelling["go"],
        "batch": max(1, min(spec.cache_blocks, spec.cache_bytes // block_bytes)),
        "chunk_blocks": max(1, CHUNK_BYTES // block_bytes),
        "log2": log2,
        "align_bytes": base.align_bytes,
    }


def _base(base: Base, first_class: int) -> dict[str, Any]:
    shift = first_class - base.min_log2
    return {
        "name": base.name,
        "go_name": camel(base.name),
        "go_type": base.element.spelling["go"],
        "elem_bytes": base.element.size_bytes,
        "min_log2": base.min_log2,
        "max_log2": base.max_log2,
        "align_bytes": base.align_bytes,
        "zeroing": base.zeroing,
        "class_shift": f"+ {shift}" if shift >= 0 else f"- {-shift}",
    }


def _view(view: Base | Derived | Strings) -> dict[str, Any]:
    base = view if isinstance(view, Base) else view.base
    elem_bytes = 1 if isinstance(view, Strings) else view.element.size_bytes
    base_bytes = base.element.size_bytes
    return {
        "go_name": camel(view.name),
        "go_base": camel(base.name),
        "go_type": "byte" if isinstance(view, Strings) else view.element.spelling["go"],
        "elem_bytes": elem_bytes,
        "zeroing": base.zeroing,
        "contents": "with whatever the block had" if base.zeroing == "none" else "zero",
        "is_derived": isinstance(view, Derived),
        "is_string": isinstance(view, Strings),
        "is_exact": view.cap == "exact",
        "elems_of_size": _elems_of_size(elem_bytes, base_bytes, isinstance(view, Strings)),
        "len_of_block": "blockLen" if elem_bytes == base_bytes else f"blockLen*{base_bytes // elem_bytes}",
    }


def _elems_of_size(elem_bytes: int, base_bytes: int, is_string: bool) -> str:
    if elem_bytes != base_bytes:
        return f"(size+{base_bytes - 1})/{base_bytes}"
    return "size" if is_string else "uintptr(n)"


def _object(base: ObjectBase) -> dict[str, Any]:
    code = base.code["go"]
    name = camel(base.name)
    return {
        "name": base.name,
        "go_name": name,
        "go_field": f"pooled{name}",
        "min_log2": base.min_log2,
        "max_log2": base.max_log2,
        "class_count": base.class_count,
        "code": code,
        "make": fill_placeholders(code.make, n="capacity"),
        "make_large": fill_placeholders(code.make, n="n"),
        "clear_code": fill_placeholders(code.clear, x="x"),
        "capacity": fill_placeholders(code.capacity, x="x"),
        "resize": fill_placeholders(code.resize, x="x", n="n"),
        "copy_code": fill_placeholders(code.copy, **{"to": "larger", "from": "x"}),
    }
