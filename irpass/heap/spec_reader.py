"""Reads a heap's spec from TOML: every mistake that it has, each with its line and column."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar, get_args

from irpass.diagnostics import ParseError
from irpass.heap.spec import (
    CacheSpec,
    Classes,
    CollectorMode,
    CollectorSpec,
    Fit,
    FreeList,
    GuardSpec,
    HeapSpec,
    Leaks,
    ManagedSpec,
    SystemSpec,
    Zeroing,
)
from irpass.ir.layout import MAX_BYTES
from irpass.toml.fields import Fields
from irpass.toml.source import Path, TomlSource, read_toml

MAX_ALIGN_BYTES = 4096
MAX_ARENA_BYTES = 1 << 24
MAX_ARENA_BLOCKS = 1 << 16
MAX_BLOCKS = 1 << 16
MAX_RESERVE_BYTES = 1 << 40

KEYS: Mapping[str, tuple[str, ...]] = {
    "": ("name", "align_bytes", "cache_line_bytes", "pad_to_cache_line", "zeroing", "limit_bytes", "held_limit_bytes",
         "stack_bytes", "system", "managed", "cache", "guard", "collector"),
    "system": ("fit", "header_bytes", "grow_bytes", "trim_bytes", "preallocate_bytes"),
    "managed": ("min_class_bytes", "max_class_bytes", "classes", "ratio", "arena_bytes", "free_list", "run_blocks",
                "preallocate_arenas", "keep_arenas", "separate_pointers"),
    "cache": ("capacity_blocks", "fill_blocks", "flush_blocks"),
    "guard": ("redzone_bytes", "quarantine_blocks", "leaks"),
    "collector": ("mode", "threshold_bytes", "every", "step"),
}  # fmt: skip
"""The keys of each table; those of the spec itself are under the empty name."""

W = TypeVar("W")


def read_heap_spec(text: str, file: str = "<spec>") -> HeapSpec:
    """The spec that the TOML `text` is.

    Raises: ParseError with every mistake found, in order of place.
    """
    return _Reader(read_toml(text, file)).spec()


class _Reader(Fields):
    """Keys that are not there have the defaults of the spec's own fields; None stands for a value that is wrong."""

    def __init__(self, source: TomlSource) -> None:
        super().__init__(source)
        self.tables_there = {name for name in KEYS if name and self.is_table(name)}

    def is_table(self, name: str) -> bool:
        return name in self.source.values and self.get((), name, dict) is not None

    def size(self, path: Path, key: str, low: int, high: int, default: int) -> int:
        value = self.integer(path, key, low, high, default)
        return default if value is None else value

    def power(self, path: Path, key: str, high: int, default: int) -> int:
        value = self.power_of_two(path, key, high, default)
        return default if value is None else value

    def word(self, path: Path, key: str, words: tuple[W, ...], default: W) -> W:
        found = self.choice(path, key, [str(word) for word in words], str(default))
        return next((word for word in words if word == found), default)

    def optional(self, path: Path, key: str, low: int, high: int) -> int | None:
        return self.integer(path, key, low, high) if key in self.at(path) else None

    def spec(self) -> HeapSpec:
        for table in sorted(self.tables_there):
            self.known_keys((table,), KEYS[table])
        self.known_keys((), KEYS[""])
        plain = HeapSpec()
        name = self.get((), "name", str, plain.name)
        if name is not None and not (name and name.isprintable()):
            self.wrong_value("bad-name", ("name",), "'name' must be one line, and not empty")
        align_bytes = self.power((), "align_bytes", MAX_ALIGN_BYTES, plain.align_bytes)
        line_bytes = self.power((), "cache_line_bytes", MAX_ALIGN_BYTES, plain.cache_line_bytes)
        is_padded = self.get((), "pad_to_cache_line", bool, False) or False
        spec = HeapSpec(
            name=name or plain.name,
            align_bytes=align_bytes,
            cache_line_bytes=line_bytes,
            is_padded=is_padded,
            zeroing=self.word((), "zeroing", get_args(Zeroing), plain.zeroing),
            limit_bytes=self.optional((), "limit_bytes", 0, MAX_BYTES),
            held_limit_bytes=self.size((), "held_limit_bytes", 0, plain.held_limit_bytes, plain.held_limit_bytes),
            stack_bytes=self.size((), "stack_bytes", 0, MAX_RESERVE_BYTES, plain.stack_bytes),
            system=self.system(),
            managed=self.managed(max(align_bytes, line_bytes) if is_padded else align_bytes),
            cache=self.cache(),
            guard=self.guard(),
            collector=self.collector(),
        )
        if self.errors:
            raise ParseError(sorted(self.errors, key=lambda d: d.span or (0, 0, 0)))
        return spec

    def system(self) -> SystemSpec:
        plain, path = SystemSpec(), ("system",)
        if "system" not in self.tables_there:
            return plain
        return SystemSpec(
            fit=self.word(path, "fit", get_args(Fit), plain.fit),
            header_bytes=self.size(path, "header_bytes", 0, 256, plain.header_bytes),
            grow_bytes=self.size(path, "grow_bytes", 1, MAX_RESERVE_BYTES, plain.grow_bytes),
            trim_bytes=self.size(path, "trim_bytes", 0, MAX_RESERVE_BYTES, plain.trim_bytes),
            preallocate_bytes=self.size(path, "preallocate_bytes", 0, MAX_RESERVE_BYTES, plain.preallocate_bytes),
        )

    def managed(self, align_bytes: int) -> ManagedSpec | None:
        plain, path = ManagedSpec(), ("managed",)
        if "managed" not in self.tables_there:
            return None
        arena_bytes = self.power(path, "arena_bytes", MAX_ARENA_BYTES, plain.arena_bytes)
        low = self.size(path, "min_class_bytes", 1, MAX_ARENA_BYTES, plain.min_class_bytes)
        high = self.size(path, "max_class_bytes", 1, MAX_ARENA_BYTES, max(low, min(plain.max_class_bytes, arena_bytes)))
        classes = self.word(path, "classes", get_args(Classes), plain.classes)
        ratio = self.ratio(path, classes, plain.ratio)
        preallocate = self.size(path, "preallocate_arenas", 0, MAX_BLOCKS, 0)
        keep = self.size(path, "keep_arenas", 0, MAX_BLOCKS, preallocate)
        if low > high:
            self.wrong_value("bad-classes", (*path, "max_class_bytes"), f"the largest class, {high}, is below {low}")
        elif high > arena_bytes:
            where = "max_class_bytes" if "max_class_bytes" in self.at(path) else "min_class_bytes"
            message = f"a block of {high} bytes does not fit into an arena of {arena_bytes}"
            self.wrong_value("bad-classes", (*path, where), message)
        elif arena_bytes < align_bytes:
            message = f"an arena of {arena_bytes} bytes cannot be aligned to {align_bytes}"
            self.wrong_value("bad-arena", (*path, "arena_bytes"), message)
        elif arena_bytes // max(low, align_bytes) > MAX_ARENA_BLOCKS:
            message = f"an arena of {arena_bytes} bytes has more than {MAX_ARENA_BLOCKS} blocks of {low} bytes"
            self.wrong_value("bad-arena", (*path, "arena_bytes"), message)
        if keep < preallocate:
            message = f"{preallocate} arenas are there from the start, so at least as many are kept"
            self.wrong_value("out-of-range", (*path, "keep_arenas"), message)
        return ManagedSpec(
            min_class_bytes=low,
            max_class_bytes=high,
            classes=classes,
            ratio=ratio,
            arena_bytes=arena_bytes,
            free_list=self.word(path, "free_list", get_args(FreeList), plain.free_list),
            run_blocks=self.size(path, "run_blocks", 1, MAX_ARENA_BLOCKS, plain.run_blocks),
            preallocate_arenas=preallocate,
            keep_arenas=keep,
            is_separate=self.get(path, "separate_pointers", bool, True) is not False,
        )

    def ratio(self, path: Path, classes: Classes, default: float) -> float:
        if classes == "power-of-two":
            if "ratio" in self.at(path):
                note = 'write classes = "geometric"'
                self.wrong_key("unused-key", (*path, "ratio"), "classes that are powers of two have no 'ratio'", note)
            return default
        return self.number(path, "ratio", 1.01, 16.0) or default

    def cache(self) -> CacheSpec | None:
        plain, path = CacheSpec(), ("cache",)
        if "cache" not in self.tables_there:
            return None
        if "managed" not in self.source.values:
            self.wrong_key("no-tier", path, "caches hold blocks of the managed tier", "add a [managed] table")
        capacity = self.size(path, "capacity_blocks", 1, MAX_BLOCKS, plain.capacity_blocks)
        batches = {}
        for key, default in (("fill_blocks", plain.fill_blocks), ("flush_blocks", plain.flush_blocks)):
            batches[key] = self.size(path, key, 1, MAX_BLOCKS, min(capacity, default))
            if batches[key] > capacity:
                message = f"a cache of {capacity} blocks cannot {key.partition('_')[0]} {batches[key]} at once"
                self.wrong_value("out-of-range", (*path, key), message)
        return CacheSpec(capacity, **batches)

    def guard(self) -> GuardSpec | None:
        plain, path = GuardSpec(), ("guard",)
        if "guard" not in self.tables_there:
            return None
        return GuardSpec(
            redzone_bytes=self.size(path, "redzone_bytes", 1, MAX_ALIGN_BYTES, plain.redzone_bytes),
            quarantine_blocks=self.size(path, "quarantine_blocks", 0, MAX_BLOCKS, plain.quarantine_blocks),
            leaks=self.word(path, "leaks", get_args(Leaks), plain.leaks),
        )

    def collector(self) -> CollectorSpec:
        plain, path = CollectorSpec(), ("collector",)
        if "collector" not in self.tables_there:
            return plain
        return CollectorSpec(
            mode=self.word(path, "mode", get_args(CollectorMode), plain.mode),
            threshold_bytes=self.optional(path, "threshold_bytes", 1, MAX_BYTES),
            every=self.optional(path, "every", 1, MAX_BYTES),
            step=self.size(path, "step", 1, MAX_BYTES, plain.step),
        )
