"""The types of the language. Each type exists once, so that equal types are the same object.

Interning makes comparison and hashing cheap, and free of recursion however deeply a type is nested.
Sizes and alignments depend on the structs that a module declares: see `irpass.ir.layout`.
"""

from __future__ import annotations

from typing import ClassVar, Final, Literal, Self, final

Kind = Literal["bool", "int", "float"]


class Type:
    """Any type. `str(type)` is its text in the language."""

    __slots__ = ()

    def __str__(self) -> str:
        prefix: list[str] = []
        inner: Type = self
        while isinstance(inner, SliceType | PointerType):  # a loop: nesting is as deep as the input likes
            prefix.append("[]" if isinstance(inner, SliceType) else "*")
            inner = inner.elem
        return "".join(prefix) + inner.name()

    def name(self) -> str:
        """The text of a type that has no element type."""
        raise TypeError(type(self))

    def __repr__(self) -> str:
        return f"<{self}>"

    def __reduce__(self) -> tuple[object, ...]:
        return parse_type, (str(self),)


@final
class ScalarType(Type):
    """`bool`, an integer or a float: `bits` wide, `lo`..`hi` inclusive for integers."""

    __slots__ = ("_name", "bits", "hi", "kind", "lo", "signed", "size_bytes")

    def __init__(self, name: str, kind: Kind, bits: int, signed: bool) -> None:
        self._name: Final = name
        self.kind: Final = kind
        self.bits: Final = bits
        self.signed: Final = signed
        self.size_bytes: Final = max(1, bits // 8)
        self.lo: Final = -(1 << (bits - 1)) if signed else 0
        self.hi: Final = (1 << (bits - 1)) - 1 if signed else (1 << bits) - 1

    def name(self) -> str:
        return self._name


class _Reference(Type):
    """A type around another one: made once for each element type."""

    __slots__ = ("elem",)
    elem: Type
    _all: ClassVar[dict[Type, Self]]

    def __init_subclass__(cls) -> None:
        cls._all = {}

    def __new__(cls, elem: Type) -> Self:
        found = cls._all.get(elem)
        if found is None:
            found = cls._all[elem] = object.__new__(cls)
            found.elem = elem
        return found


@final
class SliceType(_Reference):
    """`[]T`: pointer, length and cap, 24 bytes."""

    __slots__ = ()


@final
class PointerType(_Reference):
    """`*T`, 8 bytes."""

    __slots__ = ()


@final
class StructType(Type):
    """`@name`: the struct that the module declares by that name."""

    __slots__ = ("symbol",)
    symbol: str
    _all: ClassVar[dict[str, StructType]] = {}

    def __new__(cls, symbol: str) -> StructType:
        found = cls._all.get(symbol)
        if found is None:
            found = cls._all[symbol] = object.__new__(cls)
            found.symbol = symbol
        return found

    def name(self) -> str:
        return "@" + self.symbol


@final
class ArenaType(Type):
    """`arena`, the result of `shared.alloc`: never stored, passed or returned."""

    __slots__ = ()

    def name(self) -> str:
        return "arena"


BOOL: Final = ScalarType("bool", "bool", 1, signed=False)
I8, I16, I32, I64 = (ScalarType(f"i{n}", "int", n, signed=True) for n in (8, 16, 32, 64))
U8, U16, U32, U64 = (ScalarType(f"u{n}", "int", n, signed=False) for n in (8, 16, 32, 64))
F32, F64 = (ScalarType(f"f{n}", "float", n, signed=True) for n in (32, 64))
ARENA: Final = ArenaType()
SCALARS: Final = {str(t): t for t in (BOOL, I8, I16, I32, I64, U8, U16, U32, U64, F32, F64)}
BYTES: Final = SliceType(U8)


def is_integer(t: Type | None) -> bool:
    """True for integers of every width, bool not among them."""
    return isinstance(t, ScalarType) and t.kind == "int"


def is_float(t: Type | None) -> bool:
    """True for f32 and f64."""
    return isinstance(t, ScalarType) and t.kind == "float"


def is_numeric(t: Type | None) -> bool:
    """True for integers and floats."""
    return isinstance(t, ScalarType) and t.kind != "bool"


def is_reference(t: Type | None) -> bool:
    """True for slices and pointers: what may be nil, may alias, and may be freed."""
    return isinstance(t, SliceType | PointerType)


def parse_type(text: str) -> Type:
    """The type that `text` spells.

    Raises: ValueError where it spells none.
    """
    at, wraps = 0, []
    while True:
        if text.startswith("[]", at):
            wraps.append(True)
            at += 2
        elif text.startswith("*", at):
            wraps.append(False)
            at += 1
        else:
            break
    rest = text[at:]
    result: Type
    if rest.startswith("@") and len(rest) > 1:
        result = StructType(rest[1:])
    elif rest == "arena":
        result = ARENA
    elif rest in SCALARS:
        result = SCALARS[rest]
    else:
        raise ValueError(f"not a type: {text!r}")
    for is_slice in reversed(wraps):
        result = SliceType(result) if is_slice else PointerType(result)
    return result
