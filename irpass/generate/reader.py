"""Reads a spec from TOML: every mistake that it has, each with its line and column."""

from __future__ import annotations

import re
from typing import Any

from irpass.diagnostics import ParseError
from irpass.generate.layout import (
    MAX_ALIGN_BYTES,
    MAX_LOG2,
    check_blocks,
    check_element,
    check_view,
    natural_align_bytes,
)
from irpass.generate.names import is_name, is_prefix, is_reserved, split_verb
from irpass.generate.spec import (
    BUILTIN_ELEMENTS,
    TARGETS,
    Base,
    CapPolicy,
    Derived,
    Element,
    ObjectBase,
    Pointers,
    Spec,
    Statistics,
    Strings,
    Zeroing,
)
from irpass.generate.target_code import read_line, read_object_code
from irpass.toml.fields import Fields, suggest
from irpass.toml.source import Path, TomlSource, read_toml

MAX_ALLOCATORS = 256

_INCLUDE = re.compile(r"[A-Za-z0-9_./+-]+")


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
        if not is_name(name):
            self.wrong_value(
                "bad-name", where, f"'{name}' is no name for an allocator", "lower case words joined by single '_'"
            )
            return None
        if is_reserved(name):
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

    # --- the parts of a spec

    def spec(self) -> Spec:
        self.known_keys((), ("name", "cache", "c", "go", "statistics", "type", "base", "derived", "string"))
        name = self.get((), "name", str)
        if name is not None and not is_prefix(name):
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
            split = split_verb(declared)
            if split is not None and split[0] in self.declared:
                first, verb = split
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
        align_bytes = self.power_of_two(path, "align_bytes", MAX_ALIGN_BYTES, natural_align_bytes(size_bytes or 1))
        pointers = self.choice(path, "pointers", ("none", "all", "some"), "none")
        spelling = {target: read_line(self, path, target) for target in TARGETS if target in self.at(path)}
        if not spelling:
            self.wrong_key("missing-key", path, "the type has a name in no target", "write c = '...' or go = '...'")
        if size_bytes is None or align_bytes is None or pointers is None or name is None:
            return
        spelled: dict[str, str] = {target: text for target, text in spelling.items() if text is not None}
        element = Element(name, size_bytes, align_bytes, _pointers(pointers), spelled)
        if check_element(self, path, element):
            self.elements.setdefault(name, element)

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
            self.known_keys(path, ("name", "min_log2", "max_log2", *TARGETS))
            code = read_object_code(self, path)
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
        check_blocks(self, path, base)
        return base

    def read_derived(self, path: Path) -> Derived | None:
        self.known_keys(path, ("name", "elem", "base", "cap"))
        name, element, base = self.name(path), self.element(path), self.base_of(path)
        cap = self.choice(path, "cap", ("exact", "class"), "exact")
        if name is None or element is None or base is None or cap is None:
            return None
        check_view(self, path, element, base)
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


def _pointers(text: str) -> Pointers:
    return "none" if text == "none" else "all" if text == "all" else "some"


def _cap(text: str) -> CapPolicy:
    return "exact" if text == "exact" else "class"


def _statistics(text: str) -> Statistics:
    return "none" if text == "none" else "bytes" if text == "bytes" else "calls"


def _zeroing(text: str) -> Zeroing:
    return "on-alloc" if text == "on-alloc" else "on-free" if text == "on-free" else "none"
