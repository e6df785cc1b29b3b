"""What each scalar operation computes: the one meaning that folder, interpreter and lowering share.

Integers are Python ints in the range of their type, floats are Python floats (rounded to single precision for `f32`),
bools are bools. `binary`, `unary`, `compare` and `convert` give functions specialised to a type; those of `div`, `rem`,
`shl` and `shr` raise `ArithmeticTrapError`.
"""

from __future__ import annotations

import math
import operator
import struct
from collections.abc import Callable
from functools import cache

from irpass.ir import ops
from irpass.ir.core import Literal, Scalar
from irpass.ir.types import BOOL, BYTES, F32, ScalarType, Type, is_float, is_integer, is_reference

Binary = Callable[..., int | float | bool]
Unary = Callable[..., int | float | bool]


class ArithmeticTrapError(Exception):
    """The operation traps; `kind` is the word for it."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


_PACK_F32 = struct.Struct("<f")


def round_f32(x: float) -> float:
    """`x` rounded to the nearest single-precision float, ties to even; past the range, an infinity."""
    try:
        return float(_PACK_F32.unpack(_PACK_F32.pack(x))[0])
    except OverflowError:
        return math.copysign(math.inf, x)


@cache
def wrapper(t: ScalarType) -> Callable[[int], int]:
    """The function that wraps any integer into the range of the integer type `t`."""
    mask, half, full = (1 << t.bits) - 1, 1 << (t.bits - 1), 1 << t.bits
    if not t.signed:
        return lambda x: x & mask

    def wrap(x: int) -> int:
        x &= mask
        return x - full if x >= half else x

    return wrap


@cache
def binary(op: ops.Op, t: Type) -> Binary:
    """The function of two operands of type `t` that `op`, one of `ops.ARITHMETIC`, computes."""
    assert isinstance(t, ScalarType)
    if t.kind == "float":
        return _float_binary(op, t)
    wrap = wrapper(t)
    if op is ops.ADD:
        return lambda a, b: wrap(a + b)
    if op is ops.SUB:
        return lambda a, b: wrap(a - b)
    if op is ops.MUL:
        return lambda a, b: wrap(a * b)
    if op in _BITWISE:
        return _BITWISE[op]
    if op in (ops.SHL, ops.SHR):
        return _shift(op, t)
    return _divide(op, t)


_BITWISE: dict[ops.Op, Binary] = {ops.AND: operator.and_, ops.OR: operator.or_, ops.XOR: operator.xor}


def _divide(op: ops.Op, t: ScalarType) -> Binary:
    wrap = wrapper(t)

    def div(a: int, b: int) -> int:  # truncates toward zero, where Python's // rounds down
        if b == 0:
            raise ArithmeticTrapError(ops.DIV_ZERO)
        q = abs(a) // abs(b)
        return wrap(-q if (a < 0) != (b < 0) else q)

    def rem(a: int, b: int) -> int:  # takes the sign of the dividend
        if b == 0:
            raise ArithmeticTrapError(ops.DIV_ZERO)
        r = abs(a) % abs(b)
        return -r if a < 0 else r

    return div if op is ops.DIV else rem


def _shift(op: ops.Op, t: ScalarType) -> Binary:
    wrap, bits = wrapper(t), t.bits

    def shl(a: int, n: int) -> int:
        if n < 0:
            raise ArithmeticTrapError(ops.NEG_SHIFT)
        return wrap(a << n) if n < bits else 0

    def shr(a: int, n: int) -> int:
        if n < 0:
            raise ArithmeticTrapError(ops.NEG_SHIFT)
        return a >> min(n, bits)

    return shl if op is ops.SHL else shr


def _float_divide(a: float, b: float) -> float:
    if b != 0 or math.isnan(b):
        return a / b
    if a == 0 or math.isnan(a):
        return math.nan
    return math.copysign(math.inf, a) * math.copysign(1.0, b)


def _float_binary(op: ops.Op, t: ScalarType) -> Binary:
    exact: Callable[[float, float], float] = {
        ops.ADD: operator.add,
        ops.SUB: operator.sub,
        ops.MUL: operator.mul,
        ops.DIV: _float_divide,
    }[op]
    if t is F32:  # one double operation, rounded, is correctly rounded: 53 >= 2 * 24 + 2
        return lambda a, b: round_f32(exact(a, b))
    return exact


@cache
def unary(op: ops.Op, t: Type) -> Unary:
    """The function that `neg` or `not` computes on type `t`."""
    if t is BOOL:
        return operator.not_
    if op is ops.NEG and is_float(t):
        return operator.neg
    assert isinstance(t, ScalarType)
    wrap = wrapper(t)
    return (lambda a: wrap(-a)) if op is ops.NEG else (lambda a: wrap(~a))


COMPARE: dict[ops.Op, Callable[..., bool]] = {
    ops.EQ: operator.eq,
    ops.NE: operator.ne,
    ops.LT: operator.lt,
    ops.LE: operator.le,
    ops.GT: operator.gt,
    ops.GE: operator.ge,
}


@cache
def convert(source: Type, t: Type) -> Unary:
    """The function that `conv t` computes on type `source`."""
    assert isinstance(t, ScalarType) and isinstance(source, ScalarType)
    if t.kind == "float":
        if source.kind == "int":
            return _int_to_f32 if t is F32 else float
        return round_f32 if t is F32 else float
    if source.kind == "int":
        return wrapper(t)
    return lambda x: _saturate(x, t)


def _int_to_f32(x: int) -> float:
    """`x` rounded once: rounding to double first may land on a tie that was none."""
    if abs(x) <= 1 << 53:
        return round_f32(float(x))
    shift = abs(x).bit_length() - 26  # keep 26 bits, the last one sticky: enough to round to 24 correctly
    kept = abs(x) >> shift
    kept |= (abs(x) & ((1 << shift) - 1)) != 0
    return round_f32(math.copysign(math.ldexp(float(kept), shift), x))


def _saturate(x: float, t: ScalarType) -> int:
    if math.isnan(x):
        return 0
    if math.isinf(x):
        return t.hi if x > 0 else t.lo
    return max(t.lo, min(t.hi, math.trunc(x)))


def zero(t: Type) -> Scalar:
    """What a zeroed `t` holds; None stands for a nil slice or pointer."""
    if isinstance(t, ScalarType):
        return False if t is BOOL else 0.0 if t.kind == "float" else 0
    return None


def fit(t: Type, value: Scalar) -> Literal | None:
    """`value` as a literal of type `t`: an int may stand for a float; None where it does not fit.

    A finite number past the largest f32 does not fit f32, as one past the largest f64 fits nothing.
    """
    if isinstance(value, bool):
        return Literal(t, value) if t is BOOL else None
    if isinstance(value, int):
        if is_integer(t):
            assert isinstance(t, ScalarType)
            return Literal(t, value) if t.lo <= value <= t.hi else None
        if is_float(t):
            return _fit_float(t, value)
        return None
    if isinstance(value, float):
        return _fit_float(t, value) if is_float(t) else None
    if isinstance(value, bytes):
        return Literal(t, value) if t is BYTES else None
    return Literal(t, None) if is_reference(t) else None


def _fit_float(t: Type, value: int | float) -> Literal | None:
    try:
        if t is not F32:
            return Literal(t, float(value))
        rounded = _int_to_f32(value) if isinstance(value, int) else round_f32(value)
        return Literal(t, rounded) if math.isfinite(rounded) or not math.isfinite(value) else None
    except OverflowError:  # an integer past the largest double
        return None


def float_text(x: float, t: Type | None = None) -> str:
    """The shortest text that reads back as `x` in its type (f64 where not given), as `print` writes it."""
    if math.isnan(x):
        return "nan"
    if math.isinf(x):
        return "inf" if x > 0 else "-inf"
    return _f32_text(x) if t is F32 else repr(x)


def _f32_text(x: float) -> str:
    for digits in range(1, 10):
        text = f"{x:.{digits}g}"
        if round_f32(float(text)) == x:
            return repr(float(text))
    return repr(x)
