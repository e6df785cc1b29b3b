"""How Go's types look in the IR.

A value of a struct type is the list of its *leaves*: the values of its fields, and of theirs. Each leaf is one value of
the IR: a number, a bool, a pointer, a slice. A string and an error are a `[]u8` (an error that is nil is nil), an array
is a slice that nobody else holds; an array of arrays is one slice of all their elements, row by row. A pointer to an
array is that slice. In memory a struct is a struct, with a slice for each array in it.
"""

from __future__ import annotations

from collections.abc import Iterator

import irpass as ip
from samples.minigo import types as t

_INTS = {
    (8, True): ip.I8, (16, True): ip.I16, (32, True): ip.I32, (64, True): ip.I64,
    (8, False): ip.U8, (16, False): ip.U16, (32, False): ip.U32, (64, False): ip.U64,
}  # fmt: skip


def ascii_name(name: str) -> str:
    """A Go name as the IR spells it: letters beyond ASCII by their numbers."""
    return "".join(c if c.isascii() else f"$u{ord(c):x}" for c in name)


class Layout:
    def __init__(self, builder: ip.Builder, taken: frozenset[str]) -> None:
        self.b = builder
        self._taken = taken  # names of functions
        self._structs: dict[t.Type, ip.StructType] = {}

    def ir(self, type: t.Type) -> ip.Type:
        """The type of one value in memory, and of a leaf outside of it."""
        under = type.under
        if isinstance(under, t.Basic):
            if under.kind == "int":
                return _INTS[under.bits, under.signed]
            if under.kind == "float":
                return ip.F32 if under.bits == 32 else ip.F64
            return ip.BOOL if under.kind == "bool" else ip.BYTES
        if isinstance(under, t.Pointer):
            if isinstance(under.elem.under, t.Array):
                return self.ir(under.elem)
            return ip.PointerType(self.ir(under.elem))
        if isinstance(under, t.Slice):
            return ip.SliceType(self.ir(under.elem))
        if isinstance(under, t.Array):
            return ip.SliceType(self.ir(flat_elem(under)))
        assert isinstance(under, t.Struct)
        return self._struct(type, under)

    def _struct(self, type: t.Type, struct: t.Struct) -> ip.StructType:
        if type not in self._structs:
            wish = ascii_name(type.name) if isinstance(type, t.Named) else "struct"
            name, number = wish, 1
            while name in self._taken or name in self.b.module.decls:
                number += 1
                name = f"{wish}.{number}"
            self.b.struct(name, [])
            self._structs[type] = ip.StructType(name)  # first of all, so that it may point to itself
            fields = tuple([self.ir(field) for _, field in struct.fields])
            self.b.module.decls[name] = ip.Struct(name, fields)
        return self._structs[type]

    def leaf_types(self, type: t.Type) -> list[ip.Type]:
        return [self.ir(leaf) for leaf in leaves(type)]


def leaves(type: t.Type) -> Iterator[t.Type]:
    """The types of a value's leaves."""
    under = type.under
    if isinstance(under, t.Struct):
        for _, field in under.fields:
            yield from leaves(field)
    elif isinstance(under, t.Tuple):
        for one in under.types:
            yield from leaves(one)
    else:
        yield type


def leaf_count(type: t.Type) -> int:
    return sum(1 for _ in leaves(type))


def first_leaf(struct: t.Struct, number: int) -> int:
    """Where the leaves of a field begin among those of its struct."""
    return sum(leaf_count(field) for _, field in struct.fields[:number])


def flat_elem(array: t.Array) -> t.Type:
    """What an array of arrays of arrays is made of."""
    elem = array.elem
    while isinstance(elem.under, t.Array):
        elem = elem.under.elem
    return elem


def flat_length(array: t.Array) -> int:
    length, elem = array.length, array.elem.under
    while isinstance(elem, t.Array):
        length, elem = length * elem.length, elem.elem.under
    return length
