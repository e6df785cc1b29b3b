"""What a spec says, checked: element types, base allocators, derived views, strings and objects.

Nothing here knows TOML or a target language. A `Spec` that exists is sound: `read_spec` gives no other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Target = Literal["c", "go"]
TARGETS: tuple[Target, ...] = ("c", "go")

Pointers = Literal["none", "all", "some"]
"""Where an element holds pointers: nowhere, in each word, or in some of its words."""

Zeroing = Literal["on-alloc", "on-free", "none"]
"""When a block is cleared. `none` is for contents that are always written before they are read."""

CapPolicy = Literal["exact", "class"]
"""The cap of a view: its length, or all that its block holds."""

Statistics = Literal["none", "calls", "bytes"]
"""What the generated code counts: nothing, calls, or also the bytes that they ask for."""

WORD_BYTES = 8


@dataclass(frozen=True)
class Element:
    """An element type: its name in the spec, its layout on a 64-bit target and its name in each target language."""

    name: str
    size_bytes: int
    align_bytes: int
    pointers: Pointers
    spelling: Mapping[str, str]

    @property
    def is_pointerful(self) -> bool:
        return self.pointers != "none"


def _scalar(name: str, size_bytes: int, c: str, go: str) -> Element:
    return Element(name, size_bytes, size_bytes, "none", {"c": c, "go": go})


BUILTIN_ELEMENTS: Mapping[str, Element] = {
    e.name: e
    for e in (
        _scalar("bool", 1, "bool", "bool"),
        _scalar("u8", 1, "uint8_t", "uint8"),
        _scalar("i8", 1, "int8_t", "int8"),
        _scalar("u16", 2, "uint16_t", "uint16"),
        _scalar("i16", 2, "int16_t", "int16"),
        _scalar("u32", 4, "uint32_t", "uint32"),
        _scalar("i32", 4, "int32_t", "int32"),
        _scalar("u64", 8, "uint64_t", "uint64"),
        _scalar("i64", 8, "int64_t", "int64"),
        _scalar("f32", 4, "float", "float32"),
        _scalar("f64", 8, "double", "float64"),
        Element("ptr", WORD_BYTES, WORD_BYTES, "all", {"c": "void *", "go": "unsafe.Pointer"}),
    )
}


@dataclass(frozen=True)
class ObjectCode:
    """How one target language handles an object that the allocator only pools.

    `make` has `{n}` for the wanted capacity; `clear` and `capacity` have `{x}` for the object, `resize` both; `copy`
    has `{to}` and `{from}`. Empty where the spec does not say.
    """

    type: str
    make: str
    clear: str
    capacity: str
    resize: str = ""
    copy: str = ""
    destroy: str = ""


@dataclass(frozen=True)
class Base:
    """A base allocator of slices: blocks of `element`, in classes of 2**min_log2 to 2**max_log2 elements."""

    name: str
    element: Element
    min_log2: int
    max_log2: int
    cap: CapPolicy
    zeroing: Zeroing
    align_bytes: int

    @property
    def class_count(self) -> int:
        return self.max_log2 - self.min_log2 + 1

    def block_bytes(self, log2: int) -> int:
        return self.element.size_bytes << log2


@dataclass(frozen=True)
class ObjectBase:
    """A base allocator of objects that the user's own code makes, clears and resizes."""

    name: str
    min_log2: int
    max_log2: int
    code: Mapping[str, ObjectCode]

    @property
    def class_count(self) -> int:
        return self.max_log2 - self.min_log2 + 1


@dataclass(frozen=True)
class Derived:
    """A typed view onto the blocks of a base."""

    name: str
    element: Element
    base: Base
    cap: CapPolicy


@dataclass(frozen=True)
class Strings:
    """An allocator of strings in the blocks of a pointer-free base."""

    name: str
    base: Base
    cap: CapPolicy


@dataclass(frozen=True)
class Spec:
    """A whole spec: what one generated file has."""

    name: str
    bases: tuple[Base, ...]
    objects: tuple[ObjectBase, ...] = ()
    derived: tuple[Derived, ...] = ()
    strings: tuple[Strings, ...] = ()
    cache_blocks: int = 64
    cache_bytes: int = 1 << 18
    statistics: Statistics = "calls"
    includes: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()
    source_name: str = field(default="spec.toml", compare=False)
