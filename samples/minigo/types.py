"""Go's types. All but named ones compare by what they are made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from samples.minigo.entities import Func
    from samples.minigo.syntax import Pos


class Type:
    """`under` is the type itself, or what a named type is made of."""

    @property
    def under(self) -> Type:
        return self


@dataclass(frozen=True)
class Basic(Type):
    """`kind` is int, float, bool, string, error, nil or invalid; `bits` and `signed` are for numbers."""

    name: str
    kind: str
    bits: int = 0
    signed: bool = False
    untyped: bool = False

    def __str__(self) -> str:
        return self.name


@dataclass(eq=False)
class Named(Type):
    """A type that a program declares. Compares by identity."""

    name: str
    made_of: Type
    pos: Pos
    methods: dict[str, Func] = field(default_factory=dict)

    @property
    def under(self) -> Type:
        return self.made_of

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Pointer(Type):
    elem: Type

    def __str__(self) -> str:
        return f"*{self.elem}"


@dataclass(frozen=True)
class Slice(Type):
    elem: Type

    def __str__(self) -> str:
        return f"[]{self.elem}"


@dataclass(frozen=True)
class Array(Type):
    length: int
    elem: Type

    def __str__(self) -> str:
        return f"[{self.length}]{self.elem}"


@dataclass(frozen=True)
class Struct(Type):
    fields: tuple[tuple[str, Type], ...]

    def __str__(self) -> str:
        return f"struct{{{'; '.join(f'{name} {type}' for name, type in self.fields)}}}"


@dataclass(frozen=True)
class Tuple(Type):
    """What a function with no or several results gives."""

    types: tuple[Type, ...]
    NONE: ClassVar[Tuple]

    def __str__(self) -> str:
        return f"({', '.join(map(str, self.types))})"


Tuple.NONE = Tuple(())

BOOL, STRING = Basic("bool", "bool"), Basic("string", "string")
INT, INT32, INT64, UINT8 = (
    Basic("int", "int", 64, True), Basic("int32", "int", 32, True),
    Basic("int64", "int", 64, True), Basic("uint8", "int", 8),
)  # fmt: skip
FLOAT32, FLOAT64 = Basic("float32", "float", 32, True), Basic("float64", "float", 64, True)
ERROR = Basic("error", "error")
NIL = Basic("untyped nil", "nil", untyped=True)
INVALID = Basic("invalid type", "invalid")  # of what has an error already, so that nothing follows from it

UNTYPED_INT = Basic("untyped int", "int", untyped=True)
UNTYPED_RUNE = Basic("untyped rune", "int", untyped=True)
UNTYPED_FLOAT = Basic("untyped float", "float", untyped=True)
UNTYPED_BOOL = Basic("untyped bool", "bool", untyped=True)
UNTYPED_STRING = Basic("untyped string", "string", untyped=True)
DEFAULTS: dict[Type, Basic] = {
    UNTYPED_INT: INT, UNTYPED_RUNE: INT32, UNTYPED_FLOAT: FLOAT64, UNTYPED_BOOL: BOOL, UNTYPED_STRING: STRING,
}  # fmt: skip
OF_LITERAL = {"int": UNTYPED_INT, "float": UNTYPED_FLOAT, "rune": UNTYPED_RUNE, "string": UNTYPED_STRING}

PREDECLARED = {
    "bool": BOOL, "string": STRING, "error": ERROR, "byte": UINT8, "rune": INT32,
    "int": INT, "int8": Basic("int8", "int", 8, True), "int16": Basic("int16", "int", 16, True),
    "int32": INT32, "int64": INT64, "uint": Basic("uint", "int", 64), "uint8": UINT8,
    "uint16": Basic("uint16", "int", 16), "uint32": Basic("uint32", "int", 32), "uint64": Basic("uint64", "int", 64),
    "float32": FLOAT32, "float64": FLOAT64,
}  # fmt: skip


def kind(type: Type) -> str:
    """int, float, bool, string, error, nil or invalid; "" for all that is composed."""
    under = type.under
    return under.kind if isinstance(under, Basic) else ""


def is_number(type: Type) -> bool:
    return kind(type) in ("int", "float")


def is_untyped(type: Type) -> bool:
    return isinstance(type, Basic) and type.untyped


def bounds(type: Type) -> tuple[int, int]:
    """The least and the largest number that an integer type holds."""
    under = type.under
    assert isinstance(under, Basic)
    if under.signed:
        return -(1 << under.bits - 1), (1 << under.bits - 1) - 1
    return 0, (1 << under.bits) - 1


def struct_of(type: Type) -> Struct | None:
    """The struct that a type is, or points to."""
    under = type.under
    if isinstance(under, Pointer):
        under = under.elem.under
    return under if isinstance(under, Struct) else None


def array_of(type: Type) -> Array | None:
    """The array that a type is, or points to."""
    under = type.under
    if isinstance(under, Pointer):
        under = under.elem.under
    return under if isinstance(under, Array) else None


def is_bytes(type: Type) -> bool:
    under = type.under
    return isinstance(under, Slice) and under.elem.under == UINT8


def is_runes(type: Type) -> bool:
    under = type.under
    return isinstance(under, Slice) and under.elem.under == INT32


def is_comparable(type: Type) -> bool:
    """Whether `==` compares two of it; slices compare with nil only."""
    under = type.under
    if isinstance(under, Struct):
        return all(is_comparable(t) for _, t in under.fields)
    return not isinstance(under, Slice | Array | Tuple) and kind(type) != "error"


def can_be_nil(type: Type) -> bool:
    return isinstance(type.under, Pointer | Slice) or kind(type) == "error"


def holds_arrays(type: Type) -> bool:
    """Whether a value of the type is an array, or has one in it: fresh memory needs arrays put into it."""
    under = type.under
    return isinstance(under, Array) or (isinstance(under, Struct) and any(holds_arrays(t) for _, t in under.fields))
