"""Reads a spec from TOML: every mistake that it has, each with its line and column."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from irpass.diagnostics import ParseError
from irpass.generate.spec import (
    BUILTIN_ELEMENTS,
    TARGETS,
    WORD_BYTES,
    Base,
    CapPolicy,
    Derived,
    Element,
    ObjectBase,
    ObjectCode,
    Pointers,
    Spec,
    Statistics,
    Strings,
    Zeroing,
)
from irpass.toml.fields import Fields, suggest
from irpass.toml.source import Path, TomlSource, read_toml

MAX_LOG2 = 32
MAX_BLOCK_BYTES = 1 << 40
MIN_BLOCK_BYTES = 16  # smaller blocks cost more in bookkeeping than they hold
PLACE_BYTES = 8  # a byte of state for each place where a block can start is then an eighth of the memory at most
MAX_ALIGN_BYTES = 4096
MAX_ALLOCATORS = 256

_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z][a-z0-9]*)*")
_INCLUDE = re.compile(r"[A-Za-z0-9_./+-]+")
_PLACEHOLDER = re.compile(r"\{(\w*)\}")
_OBJECT_KEYS: Mapping[str, tuple[bool, frozenset[str]]] = {  # key -> is it needed, its placeholders
    "type": (True, frozenset()),
    "make": (True, frozenset({"n"})),
    "clear": (True, frozenset({"x"})),
    "capacity": (True, frozenset({"x"})),
    "resize": (False, frozenset({"x", "n"})),
    "copy": (False, frozenset({"to", "from"})),
    "destroy": (False, frozenset({"x"})),
}
_GO_KEYWORD = re.compile(
    "break|case|chan|const|continue|default|defer|else|fallthrough|for|func|go|goto|if|import|interface|map|package|"
    "range|return|select|struct|switch|type|var|main"
)
# What the generated files declare for each allocator, and beside the allocators, under the same prefix.
_VERBS = frozenset({"alloc", "free", "resize", "grow", "copy", "append", "bytes", "take", "give"})
_RESERVED = re.compile(
    "error|stats|class|cache|total|chunk|last|thread|trim|report|on|ok|leaf|map|self|empty|allocator|"
    "bad_length|no_memory|not_ours|other_allocator|not_live|past_block|allocator_count|h|"
    "new_cache|stats_of|stats_print|set_report|last_error|err_.*"
)


def read_spec(text: str, file: str = "<spec>") -> Spec:
    """The spec that the TOML `text` is.

    Raises: ParseError with every mistake found, in order of place.
    """
    return _Reader(read_toml(text, file)).spec()


class _Reader(Fields):
    def __init__(self, source: TomlSource) -> None:
        super().__init__(source)
        self.elements: dict[str, Element] = dict(BUILTIN_ELEMENTS)
        self.bases: dict[str, Base] = {}
        self.objects: dict[str, ObjectBase] = {}
        self.broken_bases: set[str] = set()
        self.declared: dict[str, Path] = {}

    def name(self, path: Path) -> str | None:
        """The name of an allocator: new, and fit to be a part of names in every target."""
        name = self.get(path, "name", str)
        if name is None:
            return None
        where = (*path, "name")
        if not _NAME.fullmatch(name):
            self.wrong_value(
                "bad-name", where, f"'{name}' is no name for an allocator", "lower case words joined by single '_'"
            )
            return None
        if _RESERVED.fullmatch(name):
            self.wrong_value("bad-name", where, f"'{name}' is a name that the generated code has for itself")
            return None
        if name in self.declared:
            first = self.source.value_span((*self.declared[name], "name"))
            notes = [f"first on line {first.line}"] if first is not None else []
            self.wrong_value("duplicate-name", where, f"there is an allocator '{name}' already", *notes)
            return None
        self.declared[name] = path
        return name

    def element(self, path: Path) -> Element | None:
        name = self.get(path, "elem", str)
        if name is None:
            return None
        if name not in self.elements:
            self.wrong_value(
                "unknown-type",
                (*path, "elem"),
                f"unknown element type '{name}'",
                *suggest(name, self.elements),
                "declare other types with [[type]]",
            )
            return None
        return self.elements[name]

    def base_of(self, path: Path) -> Base | None:
        """The base that a derived allocator names; no second diagnostic for a base that is broken itself."""
        name = self.get(path, "base", str)
        if name is None or name in self.broken_bases:
            return None
        where = (*path, "base")
        if name in self.objects:
            self.wrong_value("bad-base", where, f"'{name}' pools objects, and has no memory to view")
            return None
        if name in self.declared and name not in self.bases:
            self.wrong_value("bad-base", where, f"'{name}' is a view itself", "name the base that it is a view of")
            return None
        if name not in self.bases:
            self.wrong_value("unknown-base", where, f"unknown base '{name}'", *suggest(name, self.bases))
            return None
        return self.bases[name]

    def code(self, path: Path, key: str) -> str | None:
        """One line of target code; control characters would let a string end the line that it is put in."""
        value = self.get(path, key, str)
        if value is None:
            return None
        if not value.strip() or not value.isprintable():
            self.wrong_value("bad-code", (*path, key), f"'{key}' must be one line of code, and not empty")
            return None
        return value

    # --- the parts of a spec

    def spec(self) -> Spec:
        self.known_keys((), ("name", "cache", "c", "go", "statistics", "type", "base", "derived", "string"))
        name = self.get((), "name", str)
        if name is not None and (not _NAME.fullmatch(name) or _GO_KEYWORD.fullmatch(name)):
            self.wrong_value("bad-name", ("name",), f"'{name}' cannot be the prefix and package name")
        statistics = self.choice((), "statistics", ("none", "calls", "bytes"), "calls")
        cache_blocks, cache_bytes = self.cache()
        includes = self.strings_in("c", "include", _INCLUDE)
        imports = self.strings_in("go", "import", _INCLUDE)
        for path in self.tables("type"):
            self.read_element(path)
        for path in self.tables("base"):
            self.read_base(path)
        derived = [d for path in self.tables("derived") if (d := self.read_derived(path)) is not None]
        strings = [s for path in self.tables("string") if (s := self.read_strings(path)) is not None]
        if not self.bases and not self.objects and not self.errors:
            self.errors.append(self.source.diagnostic("no-base", "the spec has no base allocator", None))
        for declared, path in self.declared.items():
            first, _, verb = declared.rpartition("_")
            if first in self.declared and verb in _VERBS:
                self.wrong_value("bad-name", (*path, "name"), f"'{declared}' is also what '{first}' calls its {verb}")
        if len(self.declared) > MAX_ALLOCATORS:
            self.errors.append(
                self.source.diagnostic("too-many", f"more than {MAX_ALLOCATORS} allocators in one spec", None)
            )
        if self.errors or name is None or statistics is None:
            raise ParseError(sorted(self.errors, key=lambda d: d.span or (0, 0, 0)))
        return Spec(
            name=name,
            bases=tuple(self.bases.values()),
            objects=tuple(self.objects.values()),
            derived=tuple(derived),
            strings=tuple(strings),
            cache_blocks=cache_blocks,
            cache_bytes=cache_bytes,
            statistics=_statistics(statistics),
            includes=includes,
            imports=imports,
            # It stands in comments of the generated code, which it must not end.
            source_name=re.sub(r"[^\w.<> -]", "_", re.split(r"[/\\]", self.source.file)[-1]),
        )

    def cache(self) -> tuple[int, int]:
        if self.get((), "cache", dict, {}) is None or "cache" not in self.source.values:
            return 64, 1 << 18
        path: Path = ("cache",)
        self.known_keys(path, ("blocks", "bytes"))
        blocks = self.integer(path, "blocks", 1, 1 << 12, 64)
        size_bytes = self.integer(path, "bytes", 0, 1 << 30, 1 << 18)
        return blocks or 64, size_bytes if size_bytes is not None else 1 << 18

    def strings_in(self, table: str, key: str, form: re.Pattern[str]) -> tuple[str, ...]:
        if self.get((), table, dict, {}) is None or table not in self.source.values:
            return ()
        self.known_keys((table,), (key,))
        values: list[Any] | None = self.get((table,), key, list, [])
        if values is None:
            return ()
        for i, value in enumerate(values):
            if not isinstance(value, str) or not form.fullmatch(value):
                self.wrong_value("wrong-type", (table, key, i), f"'{key}' must be a list of file or package names")
                return ()
        return tuple(values)

    def read_element(self, path: Path) -> None:
        self.known_keys(path, ("name", "size_bytes", "align_bytes", "pointers", *TARGETS))
        name = self.get(path, "name", str)
        if name is not None and not name.isprintable():
            self.wrong_value("bad-name", (*path, "name"), "the name of a type must be printable")
            name = None
        if name is not None and name in self.elements:
            self.wrong_value("duplicate-name", (*path, "name"), f"there is a type '{name}' already")
        size_bytes = self.integer(path, "size_bytes", 1, 1 << 20)
        align_bytes = self.power_of_two(
            path, "align_bytes", MAX_ALIGN_BYTES, min(WORD_BYTES, _low_bit(size_bytes or 1))
        )
        pointers = self.choice(path, "pointers", ("none", "all", "some"), "none")
        spelling = {target: self.code(path, target) for target in TARGETS if target in self.at(path)}
        if not spelling:
            self.wrong_key("missing-key", path, "the type has a name in no target", "write c = '...' or go = '...'")
        if size_bytes is None or align_bytes is None or pointers is None or name is None:
            return
        if size_bytes % align_bytes:
            self.wrong_value(
                "bad-layout",
                (*path, "align_bytes" if "align_bytes" in self.at(path) else "size_bytes"),
                f"a type of {size_bytes} bytes cannot be aligned to {align_bytes}: the size is no multiple of it",
            )
            return
        if pointers != "none" and (size_bytes % WORD_BYTES or align_bytes < WORD_BYTES):
            self.wrong_value(
                "bad-layout", (*path, "pointers"), f"a type with pointers is made of whole words of {WORD_BYTES} bytes"
            )
            return
        spelled: dict[str, str] = {target: text for target, text in spelling.items() if text is not None}
        self.elements.setdefault(name, Element(name, size_bytes, align_bytes, _pointers(pointers), spelled))

    def read_base(self, path: Path) -> None:
        table = self.at(path)
        errors_before = len(self.errors)
        name = self.name(path)
        low = self.integer(path, "min_log2", 0, MAX_LOG2)
        high = self.integer(path, "max_log2", 0, MAX_LOG2)
        if low is not None and high is not None and low > high:
            self.wrong_value("bad-classes", (*path, "max_log2"), f"max_log2 {high} is below min_log2 {low}")
        is_object = any(target in table for target in TARGETS)
        if is_object:
            code = self.object_code(path)
            if len(self.errors) == errors_before and name is not None and low is not None and high is not None:
                self.objects[name] = ObjectBase(name, low, high, code)
                return
        else:
            base = self.slice_base(path, name or "", low, high)
            if base is not None and len(self.errors) == errors_before:
                self.bases[base.name] = base
                return
        if isinstance(table.get("name"), str):
            self.broken_bases.add(table["name"])

    def object_code(self, path: Path) -> Mapping[str, ObjectCode]:
        self.known_keys(path, ("name", "min_log2", "max_log2", *TARGETS))
        code: dict[str, ObjectCode] = {}
        for target in TARGETS:
            if target not in self.at(path) or self.get(path, target, dict) is None:
                continue
            where = (*path, target)
            self.known_keys(where, _OBJECT_KEYS)
            fields: dict[str, str] = {}
            for key, (is_needed, placeholders) in _OBJECT_KEYS.items():
                # Without a collector, an object that finds no room in the pool must be destroyed.
                if not (is_needed or (key == "destroy" and target == "c")) and key not in self.at(where):
                    continue
                text = self.code(where, key)
                if text is None:
                    continue
                fields[key] = text
                found = set(_PLACEHOLDER.findall(text))
                for odd in sorted(found - placeholders):
                    self.wrong_value("bad-code", (*where, key), f"'{key}' has no placeholder {{{odd}}}")
                for lacking in sorted(placeholders - found):
                    self.wrong_value("bad-code", (*where, key), f"'{key}' must say where {{{lacking}}} goes")
            if all(key in fields for key, (is_needed, _) in _OBJECT_KEYS.items() if is_needed):
                code[target] = ObjectCode(**fields)
        return code

    def slice_base(self, path: Path, name: str, low: int | None, high: int | None) -> Base | None:
        self.known_keys(path, ("name", "elem", "min_log2", "max_log2", "cap", "zeroing", "align_bytes", "pointerful"))
        element = self.element(path)
        cap = self.choice(path, "cap", ("exact", "class"), "class")
        zeroing = self.choice(path, "zeroing", ("on-alloc", "on-free", "none"), "on-free")
        align_bytes = self.power_of_two(path, "align_bytes", MAX_ALIGN_BYTES, element.align_bytes if element else 1)
        pointerful = self.get(path, "pointerful", bool, element.is_pointerful if element else False)
        if element is None or cap is None or zeroing is None or align_bytes is None or low is None or high is None:
            return None
        if pointerful is not None and pointerful != element.is_pointerful:
            holds = "holds pointers" if element.is_pointerful else "holds no pointers"
            self.wrong_value(
                "bad-pointers",
                (*path, "pointerful"),
                f"pointerful = {str(pointerful).lower()}, but '{element.name}' {holds}",
            )
        if element.is_pointerful and zeroing != "on-free":
            self.wrong_value(
                "bad-zeroing",
                (*path, "zeroing"),
                f"zeroing = '{zeroing}' would leave pointers in free blocks, which keep alive what they point to",
                "a pointerful base is cleared on-free",
            )
        base = Base(name, element, low, high, _cap(cap), _zeroing(zeroing), align_bytes)
        if base.block_bytes(high) > MAX_BLOCK_BYTES:
            self.wrong_value(
                "bad-classes",
                (*path, "max_log2"),
                f"a block of 2**{high} elements of {element.size_bytes} bytes is over 1 TiB",
            )
        smallest_bytes = base.block_bytes(low)
        if smallest_bytes < MIN_BLOCK_BYTES:
            needed = low + (MIN_BLOCK_BYTES // smallest_bytes).bit_length() - 1
            self.wrong_value(
                "bad-classes",
                (*path, "min_log2"),
                f"the smallest block has {smallest_bytes} bytes, less than {MIN_BLOCK_BYTES}",
                f"use min_log2 = {needed + ((element.size_bytes << needed) < MIN_BLOCK_BYTES)}",
            )
        elif smallest_bytes % PLACE_BYTES:
            self.wrong_value(
                "bad-classes",
                (*path, "min_log2"),
                f"the smallest block has {smallest_bytes} bytes, which is no multiple of {PLACE_BYTES}",
                f"use min_log2 = {(PLACE_BYTES // _low_bit(element.size_bytes)).bit_length() - 1}",
            )
        if align_bytes < element.align_bytes:
            self.wrong_value(
                "bad-align",
                (*path, "align_bytes"),
                f"'{element.name}' itself needs an alignment of {element.align_bytes}",
            )
        elif smallest_bytes % align_bytes:
            self.wrong_value(
                "bad-align",
                (*path, "align_bytes"),
                f"blocks of {smallest_bytes} bytes, one after the other, are not all aligned to {align_bytes}",
                f"use min_log2 = {(align_bytes // _low_bit(element.size_bytes)).bit_length() - 1} or more",
            )
        return base

    def read_derived(self, path: Path) -> Derived | None:
        self.known_keys(path, ("name", "elem", "base", "cap"))
        name, element, base = self.name(path), self.element(path), self.base_of(path)
        cap = self.choice(path, "cap", ("exact", "class"), "exact")
        if name is None or element is None or base is None or cap is None:
            return None
        where = (*path, "elem")
        of = base.element
        if of.size_bytes % element.size_bytes:
            self.wrong_value(
                "bad-size",
                where,
                f"'{element.name}' has {element.size_bytes} bytes, which do not divide the {of.size_bytes} of "
                f"'{of.name}' in '{base.name}'",
            )
        elif element.align_bytes > base.align_bytes:
            self.wrong_value(
                "bad-align",
                where,
                f"'{element.name}' needs an alignment of {element.align_bytes}, '{base.name}' has {base.align_bytes}",
            )
        elif element.is_pointerful != of.is_pointerful:
            one, other = ("holds pointers", "does not") if element.is_pointerful else ("holds no pointers", "does")
            self.wrong_value(
                "bad-pointers", where, f"'{element.name}' {one} and base '{base.name}' {other}: they never share blocks"
            )
        elif "some" in (element.pointers, of.pointers) and element != of:
            self.wrong_value(
                "bad-pointers",
                where,
                f"'{element.name}' and '{of.name}' need not hold pointers in the same words",
                "views of pointers need pointers = 'all' on both sides",
            )
        return Derived(name, element, base, _cap(cap))

    def read_strings(self, path: Path) -> Strings | None:
        self.known_keys(path, ("name", "base", "cap"))
        name, base = self.name(path), self.base_of(path)
        cap = self.choice(path, "cap", ("exact", "class"), "exact")
        if name is None or base is None or cap is None:
            return None
        if base.element.is_pointerful:
            self.wrong_value("bad-pointers", (*path, "base"), f"'{base.name}' holds pointers, and a string is bytes")
        return Strings(name, base, _cap(cap))


def _low_bit(number: int) -> int:
    return number & -number


def _pointers(text: str) -> Pointers:
    return "none" if text == "none" else "all" if text == "all" else "some"


def _cap(text: str) -> CapPolicy:
    return "exact" if text == "exact" else "class"


def _statistics(text: str) -> Statistics:
    return "none" if text == "none" else "bytes" if text == "bytes" else "calls"


def _zeroing(text: str) -> Zeroing:
    return "on-alloc" if text == "on-alloc" else "on-free" if text == "on-free" else "none"
