"""Literals between text and value: numbers, words and strings."""

from __future__ import annotations

import math
import re

from irpass.ir.core import Scalar
from irpass.ir.semantics import float_text
from irpass.ir.types import Type

WORDS: dict[str, Scalar] = {
    "true": True,
    "false": False,
    "nil": None,
    "inf": math.inf,
    "-inf": -math.inf,
    "nan": math.nan,
}
_ESCAPES = {"n": b"\n", "t": b"\t", '"': b'"', "\\": b"\\"}
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|.)", re.DOTALL)
_PLAIN = re.compile(r"[ !#-\[\]-~]*")


class LiteralError(ValueError):
    """The text is no literal; says why."""


def parse_number(text: str) -> int | float:
    """The number that the text of an INT or FLOAT terminal stands for.

    Raises: LiteralError where an underscore stands without digits around it, or a float has no finite value.
    """
    digits = text.lstrip("-").lower()
    if digits.endswith("_") or "__" in digits or digits.startswith("0x_"):
        raise LiteralError(f"{text}: underscores stand between digits")
    digits = digits.replace("_", "")
    sign = -1 if text.startswith("-") else 1
    is_hex = digits.startswith("0x")
    if not is_hex and ("." in digits or "e" in digits):
        value = sign * float(digits)
        if math.isinf(value):
            raise LiteralError(f"{text} is past the largest float: write {'-' * (sign < 0)}inf")
        return value
    if len(digits) > 400:  # longer than any integer or float: not worth converting
        raise LiteralError(f"a number of {len(digits)} digits fits no type")
    return sign * int(digits, 16 if is_hex else 10)


def parse_string(text: str) -> bytes:
    r"""The bytes of a quoted string: UTF-8, with the escapes `\n \t \" \\ \xNN`.

    Raises: LiteralError for another escape.
    """
    body = text[1:-1]
    if "\\" not in body:
        return body.encode()
    out, at = [], 0
    for match in _ESCAPE.finditer(body):
        out.append(body[at : match.start()].encode())
        escape, at = match.group(1), match.end()
        if escape in _ESCAPES:
            out.append(_ESCAPES[escape])
        elif len(escape) == 3:
            out.append(bytes([int(escape[1:], 16)]))
        else:
            raise LiteralError(f'unknown escape \\{escape}: the escapes are \\n \\t \\" \\\\ \\xNN')
    out.append(body[at:].encode())
    return b"".join(out)


def string_text(data: bytes) -> str:
    """`data` as a quoted string, characters that can be shown as themselves."""
    text = data.decode("utf-8", "surrogateescape")
    if _PLAIN.fullmatch(text):
        return f'"{text}"'
    return '"' + "".join(_char_text(c) for c in text) + '"'


def _char_text(c: str) -> str:
    if c in '"\\':
        return "\\" + c
    if c == "\n":
        return "\\n"
    if c == "\t":
        return "\\t"
    if c.isprintable():
        return c
    return "".join(f"\\x{byte:02x}" for byte in c.encode("utf-8", "surrogateescape"))


def scalar_text(t: Type, value: Scalar) -> str:
    """A literal's value as text in the language."""
    if value is None:
        return "nil"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        return string_text(value)
    return str(value) if isinstance(value, int) else float_text(value, t)
