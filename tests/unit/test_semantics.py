"""What scalar operations compute, against the machine: C integers by ctypes, floats by struct, exact fractions."""

from __future__ import annotations

import ctypes
import math
import struct
from fractions import Fraction

import pytest
from hypothesis import given, strategies as st

from irpass.ir import ops
from irpass.ir.core import Literal
from irpass.ir.semantics import (
    COMPARE,
    ArithmeticTrapError,
    binary,
    convert,
    fit,
    float_text,
    round_f32,
    unary,
    wrapper,
    zero,
)
from irpass.ir.types import (
    ARENA,
    BOOL,
    BYTES,
    F32,
    F64,
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
    PointerType,
    ScalarType,
    SliceType,
    StructType,
    Type,
)

INTEGERS = (I8, I16, I32, I64, U8, U16, U32, U64)
C_TYPES = {
    I8: ctypes.c_int8, I16: ctypes.c_int16, I32: ctypes.c_int32, I64: ctypes.c_int64,
    U8: ctypes.c_uint8, U16: ctypes.c_uint16, U32: ctypes.c_uint32, U64: ctypes.c_uint64,
}  # fmt: skip


def integers(t: ScalarType) -> st.SearchStrategy[int]:
    edges = st.sampled_from(
        [n for n in (t.lo, t.lo + 1, -1, 0, 1, t.bits, t.bits - 1, t.hi - 1, t.hi) if t.lo <= n <= t.hi]
    )
    return edges | st.integers(t.lo, t.hi)


typed_pairs = st.sampled_from(INTEGERS).flatmap(lambda t: st.tuples(st.just(t), integers(t), integers(t)))
floats = st.floats(width=64)
floats32 = st.floats(width=32)


def bits(x: float) -> bytes:
    """The bytes of a double; every nan is the same."""
    return b"nan" if math.isnan(x) else struct.pack("<d", x)


@given(typed_pairs)
def test_integers_wrap_as_c_does(case: tuple[ScalarType, int, int]) -> None:
    t, a, b = case
    c = C_TYPES[t]
    assert binary(ops.ADD, t)(a, b) == c(a + b).value
    assert binary(ops.SUB, t)(a, b) == c(a - b).value
    assert binary(ops.MUL, t)(a, b) == c(a * b).value
    assert binary(ops.AND, t)(a, b) == c(a & b).value
    assert binary(ops.OR, t)(a, b) == c(a | b).value
    assert binary(ops.XOR, t)(a, b) == c(a ^ b).value
    assert unary(ops.NEG, t)(a) == c(-a).value
    assert unary(ops.NOT, t)(a) == c(~a).value


@given(typed_pairs)
def test_division_truncates_toward_zero(case: tuple[ScalarType, int, int]) -> None:
    t, a, b = case
    div, rem = binary(ops.DIV, t), binary(ops.REM, t)
    if b == 0:
        for function in (div, rem):
            with pytest.raises(ArithmeticTrapError, match="division by zero"):
                function(a, b)
        return
    quotient = math.trunc(Fraction(a, b))
    assert div(a, b) == C_TYPES[t](quotient).value
    assert rem(a, b) == a - quotient * b
    assert t.lo <= rem(a, b) <= t.hi


@given(typed_pairs)
def test_shifts_by_the_width_or_more_shift_everything_out(case: tuple[ScalarType, int, int]) -> None:
    t, a, n = case
    if n < 0:
        for op in (ops.SHL, ops.SHR):
            with pytest.raises(ArithmeticTrapError, match="negative shift"):
                binary(op, t)(a, n)
        return
    assert binary(ops.SHL, t)(a, n) == (C_TYPES[t](a << n).value if n < 200 else 0)
    assert binary(ops.SHR, t)(a, n) == math.floor(Fraction(a, 1 << min(n, 200)))


@pytest.mark.parametrize(
    ("op", "t", "a", "b", "result"),
    [
        (ops.DIV, I64, -7, 2, -3),
        (ops.DIV, I8, -128, -1, -128),
        (ops.REM, I8, -128, -1, 0),
        (ops.REM, I64, -7, 2, -1),
        (ops.REM, I64, 7, -2, 1),
        (ops.DIV, I64, (1 << 63) - 1, 3, 3074457345618258602),  # exact, where a detour by floats is not
        (ops.SHL, I64, 1, 63, -(1 << 63)),
        (ops.SHL, U8, 255, 8, 0),
        (ops.SHR, I8, -1, 100, -1),
        (ops.SHR, I8, -128, 7, -1),
        (ops.SHR, U8, 128, 7, 1),
        (ops.SHL, U64, 1, (1 << 64) - 1, 0),
        (ops.MUL, I32, 65536, 65536, 0),
        (ops.ADD, U8, 255, 1, 0),
        (ops.SUB, U8, 0, 1, 255),
    ],
)
def test_integer_table(op: ops.Op, t: ScalarType, a: int, b: int, result: int) -> None:
    assert binary(op, t)(a, b) == result


@given(floats, floats)
def test_doubles_are_those_of_the_machine(a: float, b: float) -> None:
    assert bits(binary(ops.ADD, F64)(a, b)) == bits(a + b)
    assert bits(binary(ops.SUB, F64)(a, b)) == bits(a - b)
    assert bits(binary(ops.MUL, F64)(a, b)) == bits(a * b)
    if b != 0:
        assert bits(binary(ops.DIV, F64)(a, b)) == bits(a / b)
    assert bits(unary(ops.NEG, F64)(a)) == bits(-a)


@pytest.mark.parametrize("t", [F32, F64])
def test_float_division_by_zero(t: ScalarType) -> None:
    div = binary(ops.DIV, t)
    inf = math.inf
    assert [div(a, b) for a in (1.0, -1.0, inf, -inf) for b in (0.0, -0.0)] == [
        inf,
        -inf,
        -inf,
        inf,
        inf,
        -inf,
        -inf,
        inf,
    ]
    assert all(math.isnan(div(a, b)) for a in (0.0, -0.0, math.nan) for b in (0.0, -0.0))


def rounded_exactly(x: Fraction) -> float:
    """The nearest single to an exact number, ties to even: the slow way, by bits."""
    if x == 0:
        return 0.0
    sign, x = (-1, -x) if x < 0 else (1, x)
    exponent = max(-126, math.floor(math.log2(x)) - 1)  # log2 may be one off: correct it below
    while x >= Fraction(2) ** (exponent + 1):
        exponent += 1
    scale = Fraction(2) ** (exponent - 23)
    n = round(x / scale)  # Python's round of a Fraction takes ties to even
    value = n * scale
    return sign * (math.inf if value >= Fraction(2) ** 128 else float(value))


@given(floats32, floats32)
def test_singles_round_once_after_each_operation(a: float, b: float) -> None:
    if not (math.isfinite(a) and math.isfinite(b)):
        return
    exact = {ops.ADD: Fraction(a) + Fraction(b), ops.SUB: Fraction(a) - Fraction(b), ops.MUL: Fraction(a) * Fraction(b)}
    if b:
        exact[ops.DIV] = Fraction(a) / Fraction(b)
    for op, x in exact.items():
        assert binary(op, F32)(a, b) == rounded_exactly(x)


@given(floats)
def test_rounding_to_single_is_nearest_even(x: float) -> None:
    if math.isfinite(x):
        assert round_f32(x) == rounded_exactly(Fraction(x))
    else:
        assert bits(round_f32(x)) == bits(x)


@given(st.integers(-(1 << 63), (1 << 64) - 1) | st.integers(24, 63).flatmap(
    lambda n: st.integers(-3, 3).map(lambda d: (1 << n) + (1 << (n - 24)) + d)))  # fmt: skip
def test_integers_round_once_on_their_way_to_a_float(n: int) -> None:
    t = I64 if n <= I64.hi else U64
    assert convert(t, F32)(n) == rounded_exactly(Fraction(n))
    assert convert(t, F64)(n) == float(n)


def test_an_integer_that_two_roundings_would_get_wrong() -> None:
    n = (1 << 60) + (1 << 36) + 1  # a double rounds it to a tie of singles
    assert round_f32(float(n)) == float(1 << 60)
    assert convert(I64, F32)(n) == float((1 << 60) + (1 << 37))


@given(st.sampled_from(INTEGERS), floats)
def test_floats_truncate_and_saturate(t: ScalarType, x: float) -> None:
    got = convert(F64, t)(x)
    if math.isnan(x):
        assert got == 0
    elif x <= t.lo:
        assert got == t.lo
    elif x >= t.hi:
        assert got == t.hi
    else:
        assert got == int(x)


@given(st.sampled_from(INTEGERS), typed_pairs)
def test_integers_truncate_or_extend_by_the_sources_sign(t: ScalarType, case: tuple[ScalarType, int, int]) -> None:
    source, a, _ = case
    assert convert(source, t)(a) == C_TYPES[t](a).value
    assert wrapper(t)(a) == C_TYPES[t](a).value


@given(floats)
def test_floats_to_floats(x: float) -> None:
    assert bits(convert(F64, F32)(x)) == bits(round_f32(x))
    assert bits(convert(F64, F64)(x)) == bits(x)
    assert bits(convert(F32, F64)(round_f32(x))) == bits(round_f32(x))


def test_comparisons_with_nan_are_false_but_for_ne() -> None:
    assert [op.name for op, compare in COMPARE.items() if compare(math.nan, math.nan)] == ["ne"]
    assert COMPARE[ops.EQ](0.0, -0.0)


def test_not_of_bool_is_bool() -> None:
    assert [unary(ops.NOT, BOOL)(x) for x in (True, False)] == [False, True]


@given(floats)
def test_the_text_of_a_double_reads_back(x: float) -> None:
    assert bits(float(float_text(x))) == bits(x)


@given(floats32)
def test_the_text_of_a_single_is_the_shortest_that_reads_back(x: float) -> None:
    text = float_text(x, F32)
    assert bits(round_f32(float(text))) == bits(x)
    if math.isfinite(x) and x:
        digits = len(text.lstrip("-").split("e")[0].replace(".", "").strip("0"))
        assert digits <= 9
        assert digits == 1 or round_f32(float(f"{x:.{digits - 1}g}")) != x  # one digit less is another number


@pytest.mark.parametrize(
    ("x", "t", "text"),
    [
        (1.0, F64, "1.0"), (1.5, F64, "1.5"), (1e30, F64, "1e+30"), (0.1, F64, "0.1"), (1e16, F64, "1e+16"),
        (1e15, F64, "1000000000000000.0"), (1e-4, F64, "0.0001"), (1e-5, F64, "1e-05"), (-0.0, F64, "-0.0"),
        (math.nan, F64, "nan"), (math.inf, F64, "inf"), (-math.inf, F32, "-inf"),
        (round_f32(0.1), F32, "0.1"), (round_f32(1e10), F32, "10000000000.0"), (16777216.0, F32, "16777216.0"),
        (1.401298464324817e-45, F32, "1e-45"), (3.4028234663852886e38, F32, "3.4028235e+38"), (0.0, F32, "0.0"),
    ],
)  # fmt: skip
def test_float_text_table(x: float, t: ScalarType, text: str) -> None:
    assert float_text(x, t) == text


@pytest.mark.parametrize(
    ("t", "value", "fitted"),
    [
        (U8, 255, 255), (U8, 256, None), (U8, -1, None), (I64, -(1 << 63), -(1 << 63)), (I64, 1 << 63, None),
        (I64, True, None), (I64, 1.0, None), (BOOL, True, True), (BOOL, 1, None), (BOOL, 0.0, None),
        (F64, 1, 1.0), (F64, (1 << 53) + 1, float(1 << 53)), (F64, 10**400, None), (F64, True, None),
        (F64, math.inf, math.inf), (F32, math.inf, math.inf), (F32, 0.1, 0.10000000149011612), (F32, 1e39, None),
        (F32, -1e39, None), (F32, 10**39, None), (F32, 10**400, None), (F32, 16777217, 16777216.0),
        (BYTES, b"ab", b"ab"), (SliceType(I8), b"ab", None), (I64, b"a", None), (ARENA, b"", None),
    ],
)  # fmt: skip
def test_what_fits_a_type(t: Type, value: int | float | bytes, fitted: int | float | bytes | None) -> None:
    found = fit(t, value)
    assert found == (Literal(t, fitted) if fitted is not None else None)
    assert found is None or type(found.value) is type(fitted)


@pytest.mark.parametrize(
    ("t", "fits"),
    [(BYTES, True), (PointerType(I64), True), (I64, False), (BOOL, False), (ARENA, False), (StructType("s"), False)],
)
def test_nil_fits_slices_and_pointers(t: Type, fits: bool) -> None:
    assert (fit(t, None) is not None) is fits


def test_literals_compare_by_exact_value() -> None:
    assert Literal(F64, 0.0) != Literal(F64, -0.0)
    assert Literal(F64, math.nan) == Literal(F64, math.nan)
    assert Literal(I64, 1) != Literal(I32, 1)
    assert hash(Literal(F64, math.nan)) == hash(Literal(F64, math.nan))


def test_zeroes() -> None:
    assert [zero(t) for t in (BOOL, I64, F32, BYTES, PointerType(I64))] == [False, 0, 0.0, None, None]
    assert type(zero(BOOL)) is bool
    assert type(zero(F64)) is float
