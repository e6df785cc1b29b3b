"""Strings in the texts that are written here: LLVM's and C's."""

from __future__ import annotations


def quoted(text: str) -> str:
    """`text` as a quoted string of LLVM."""
    return f'"{_escaped(text.encode("utf-8", "surrogateescape"))}"'


def array(data: bytes) -> str:
    """`data` as an array constant of LLVM."""
    return f'c"{_escaped(data)}"'


def _escaped(data: bytes) -> str:
    return "".join(chr(b) if 32 <= b < 127 and b not in b'"\\' else f"\\{b:02X}" for b in data)


def c_string(data: bytes) -> str:
    """`data` as a string of C; `?` by number, because two of them start a trigraph."""
    return '"' + "".join(chr(b) if 32 <= b < 127 and b not in b'"\\?' else f"\\{b:03o}" for b in data) + '"'
