"""Compiles generated C and gives it to the tests as a library."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from pathlib import Path

import pytest

from irpass.generate import generate_files, read_spec

WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Wundef", "-Werror"]

needs_gcc = pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc is not installed")

# Each of the zeroing and cap policies, a size that is no power of two, blocks beside and over a chunk's size.
MODEL_SPEC = """
name = "m"
statistics = "bytes"
[cache]
blocks = 4

[[type]]
name = "triple"
size_bytes = 24
c = "struct { int64_t at[3]; }"

[[base]]
name = "words"
elem = "i64"
min_log2 = 1
max_log2 = 12

[[base]]
name = "raw"
elem = "u8"
min_log2 = 4
max_log2 = 20
zeroing = "none"
cap = "exact"

[[base]]
name = "triples"
elem = "triple"
min_log2 = 0
max_log2 = 5
zeroing = "on-alloc"
cap = "exact"

[[base]]
name = "nodes"
elem = "ptr"
min_log2 = 3
max_log2 = 8
pointerful = true
align_bytes = 64

[[derived]]
name = "bytes"
elem = "u8"
base = "words"

[[derived]]
name = "ints"
elem = "i32"
base = "words"
cap = "class"

[[string]]
name = "text"
base = "words"

[[string]]
name = "line"
base = "raw"
cap = "class"
""".replace('c = "struct { int64_t at[3]; }"', 'c = "m_triple_elem"')

MODEL_INCLUDE = '\n[c]\ninclude = ["elems.h"]\n'
ELEMS_H = "#include <stdint.h>\ntypedef struct { int64_t at[3]; } m_triple_elem;\n"


def write_c(directory: Path, toml: str) -> Path:
    """Writes the C files of a spec; the source's path."""
    spec = read_spec(toml)
    for name, text in generate_files(spec, "c").items():
        (directory / name).write_text(text, encoding="utf-8")
    return directory / f"{spec.name}.c"


def gcc(*arguments: str | Path) -> None:
    result = subprocess.run(["gcc", "-std=c11", *map(str, arguments)], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


def model_library(directory: Path) -> ctypes.CDLL:
    (directory / "elems.h").write_text(ELEMS_H, encoding="utf-8")
    # Tables come last in the TOML, `[c]` before the first array of tables would do as well.
    source = write_c(directory, MODEL_SPEC + MODEL_INCLUDE)
    library = directory / "libm.so"
    gcc("-O1", "-fPIC", "-shared", "-D_POSIX_C_SOURCE=200809L", *WARNINGS, source, "-o", library, "-lpthread")
    return ctypes.CDLL(str(library))


class View(ctypes.Structure):
    """A view as the generated C has it, of any type."""

    _fields_ = (("ptr", ctypes.c_void_p), ("len", ctypes.c_size_t), ("cap", ctypes.c_size_t))


class Stats(ctypes.Structure):
    _fields_ = tuple(
        (name, ctypes.c_uint64)
        for name in ("allocs", "frees", "live", "requested_bytes", "held_bytes", "failures", "refusals")
    )
