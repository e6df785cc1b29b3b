"""Constants: exact numbers, as Go's compiler computes with them, and what types hold them."""

from __future__ import annotations

import operator
import struct
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from samples.minigo.types import Basic, Type, bounds, kind

Constant = int | Fraction | bool | bytes
MAX_BITS = 512  # of an untyped integer; Go's compiler has the same limit


class ConstantError(Exception):
    """Why an expression of constants has no value."""


_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


def binary(op: str, a: Constant, b: Constant, is_int: bool) -> Constant:
    """`a op b`, exactly; `is_int` says that `/` divides integers.

    Raises: ConstantError where it has no value.
    """
    if op in _COMPARE:
        return _COMPARE[op](a, b)
    if isinstance(a, bytes) and isinstance(b, bytes):
        return a + b
    if op == "&&":
        return bool(a) and bool(b)
    if op == "||":
        return bool(a) or bool(b)
    assert not isinstance(a, bytes) and not isinstance(b, bytes)
    if op in "+-*":
        result = a + b if op == "+" else a - b if op == "-" else a * b
    elif op in "/%":
        if b == 0:
            raise ConstantError("division by zero")
        result = _divide(op, a, b) if is_int else Fraction(a) / Fraction(b)
    else:
        result = _bits(op, int(a), int(b))
    if isinstance(result, int) and result.bit_length() > MAX_BITS:
        raise ConstantError("the constant is too large")
    return result


def _divide(op: str, a: int | Fraction, b: int | Fraction) -> int:
    quotient = abs(int(a)) // abs(int(b))
    if (a < 0) != (b < 0):
        quotient = -quotient
    return quotient if op == "/" else int(a) - quotient * int(b)


def _bits(op: str, a: int, b: int) -> int:
    if op in ("<<", ">>"):
        if b < 0:
            raise ConstantError("negative shift")
        if b > 1074:
            raise ConstantError("the shift is too large")
        return a << b if op == "<<" else a >> b
    return {"&": a & b, "|": a | b, "^": a ^ b, "&^": a & ~b}[op]


def unary(op: str, a: Constant, type: Type) -> Constant:
    """`op a`; `^` of an unsigned type flips the bits that it has."""
    assert not isinstance(a, bytes)
    if op == "!":
        return not a
    if op == "^":
        under = type.under
        unsigned = isinstance(under, Basic) and not under.untyped and not under.signed
        return int(a) ^ bounds(type)[1] if unsigned else ~int(a)
    return -a if op == "-" else a


def represent(value: Constant, type: Type) -> Constant | None:
    """The constant as one of `type`, rounded if it is a float; None where the type does not hold it."""
    wanted = kind(type)
    under = type.under
    assert isinstance(under, Basic)
    if isinstance(value, bool):
        return value if wanted == "bool" else None
    if isinstance(value, bytes):
        return value if wanted == "string" else None
    if wanted == "int":
        if value != int(value):
            return None
        value = int(value)
        if under.untyped:
            return value
        least, most = bounds(type)
        return value if least <= value <= most else None
    if wanted == "float":
        return Fraction(value) if under.untyped else _rounded(Fraction(value), under.bits)
    return None


def _rounded(value: Fraction, bits: int) -> Fraction | None:
    try:
        near = value.numerator / value.denominator
        return Fraction(struct.unpack("<f", struct.pack("<f", near))[0] if bits == 32 else near)
    except OverflowError:
        return None


def text(value: Constant) -> str:
    """The constant as a diagnostic shows it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, bytes):
        return '"' + value.decode("utf-8", "backslashreplace") + '"'
    if isinstance(value, Fraction) and value.denominator == 1:
        value = value.numerator
    if isinstance(value, int):
        return str(value) if abs(value) < 10**40 else f"{Fraction(value):.6g}"
    try:
        return f"{float(value):g}"
    except OverflowError:
        return "a large number"
