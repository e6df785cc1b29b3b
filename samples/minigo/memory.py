"""Places that hold values, and how values come into them and out of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import irpass as ip
from samples.minigo import types as t
from samples.minigo.constants import Constant
from samples.minigo.entities import Var
from samples.minigo.function import FunctionBuilder, Operand
from samples.minigo.layout import first_leaf, flat_elem, flat_length, leaf_count, leaves
from samples.minigo.syntax import NOWHERE


@dataclass(frozen=True)
class Local:
    """A variable, or the leaves of it from `start` on."""

    var: Var
    start: int
    type: t.Type


@dataclass(frozen=True)
class Target:
    """What a pointer points to."""

    pointer: Operand
    type: t.Type


@dataclass(frozen=True)
class Field:
    """A field of the struct that a pointer points to."""

    pointer: Operand
    number: int
    type: t.Type


@dataclass(frozen=True)
class Element:
    """An element of a slice."""

    slice: Operand
    index: Operand
    type: t.Type


@dataclass(frozen=True)
class Storage:
    """An array, by its elements."""

    slice: Operand
    type: t.Type


Place = Local | Target | Field | Element | Storage
Leaves = list[Operand]


class Memory(FunctionBuilder):
    # ---- constants, zeros, copies

    def literal(self, value: Constant | None, type: ip.Type) -> ip.Literal:
        """A constant, nil if it is None."""
        if value is None or isinstance(value, bytes | bool):
            return ip.Literal(type, value)
        return ip.Literal(type, float(value) if type in (ip.F32, ip.F64) else int(value))

    def zero(self, type: t.Type, name: str = "") -> Leaves:
        """The leaves of a value that nothing was stored into."""
        return [self._zero_leaf(leaf, name) for leaf in leaves(type)]

    def _zero_leaf(self, leaf: t.Type, name: str) -> Operand:
        if isinstance(leaf.under, t.Array):
            return self.new_array(leaf.under, name)
        kind = t.kind(leaf)
        zero: Constant | None = False if kind == "bool" else 0 if kind in ("int", "float") else None
        return self.literal(zero, self.layout.ir(leaf))

    def new_array(self, array: t.Array, name: str = "") -> ip.Value:
        made = self.b.make(self.layout.ir(flat_elem(array)), flat_length(array), name=name)
        self.fill(made, self.literal(0, ip.I64), self.literal(flat_length(array), ip.I64), flat_elem(array))
        return made

    def fill(self, slice: Operand, start: Operand, end: Operand, elem: t.Type) -> None:
        """Put arrays into fresh elements, where their type holds any."""
        if t.holds_arrays(elem):
            self.each(start, end, lambda i: self.set_fresh(Element(slice, i, elem), self.zero(elem)))

    def copied(self, values: Leaves, type: t.Type) -> Leaves:
        """The value, with arrays of its own."""
        return [
            self._copied_array(value, leaf.under) if isinstance(leaf.under, t.Array) else value
            for value, leaf in zip(values, leaves(type), strict=True)
        ]

    def _copied_array(self, array: Operand, type: t.Array) -> Operand:
        elem, length = flat_elem(type), flat_length(type)
        made = self.b.make(self.layout.ir(elem), length)
        self.copy_elements(made, array, elem, self.literal(length, ip.I64), fresh=True)
        return made

    def copy_elements(self, to: Operand, source: Operand, elem: t.Type, count: Operand, *, fresh: bool = False) -> None:
        if not t.holds_arrays(elem):
            self.b.copy(to, source)
            return

        def copy_one(i: Operand) -> None:
            values = self.load(Element(source, i, elem))
            if fresh:
                self.set_fresh(Element(to, i, elem), self.copied(values, elem))
            else:
                self.store(Element(to, i, elem), values)

        self.each(self.literal(0, ip.I64), count, copy_one)

    def each(self, start: Operand, end: Operand, body: Callable[[Operand], None], *carried: Var) -> None:
        """Build a loop over the numbers from `start` up to `end`; `carried` are the variables that it changes."""
        counter = Var("i", t.INT, NOWHERE)
        self.env[counter] = (start,)
        head, inside, done = self.label("each"), self.label("each.body"), self.label("each.done", *carried)
        self.place_loop(head, [counter, *carried])
        (i,) = self.env[counter]
        self.branch(self.b.lt(self.typed(i), end), inside, done)
        self.place(inside)
        body(i)
        self.env[counter] = (self.b.add(self.typed(i), 1),)
        self.jump(head)
        self.place(done)
        self.env.pop(counter, None)

    # ---- places

    def field_of(self, place: Place, number: int) -> Place:
        """A field of the struct at a place."""
        struct = place.type.under
        assert isinstance(struct, t.Struct)
        type = struct.fields[number][1]
        if isinstance(place, Local):
            return Local(place.var, place.start + first_leaf(struct, number), type)
        return Field(self.address(place), number, type)

    def address(self, place: Place) -> Operand:
        """The pointer to a place in memory; of an array, that is its elements."""
        if isinstance(place.type.under, t.Array):
            return self.load(place)[0]
        if isinstance(place, Target):
            return place.pointer
        if isinstance(place, Field):
            return self.b.field(self.typed(place.pointer), place.number)
        assert isinstance(place, Element)
        return self.b.elem(self.typed(place.slice), place.index)

    def load(self, place: Place, name: str = "") -> Leaves:
        """The leaves of the value at a place; its arrays are those of the place."""
        if isinstance(place, Local):
            return list(self.env[place.var][place.start : place.start + leaf_count(place.type)])
        if isinstance(place, Storage):
            return [place.slice]
        if isinstance(place.type.under, t.Struct):
            pointer = Target(self.address(place), place.type)
            return [leaf for i in range(len(place.type.under.fields)) for leaf in self.load(self.field_of(pointer, i))]
        if isinstance(place, Target):
            return [self.b.load(self.typed(place.pointer), name=name)]
        if isinstance(place, Field):
            return [self.b.load(self.typed(place.pointer), field=place.number, name=name)]
        return [self.b.load(self.typed(place.slice), place.index, name=name)]

    def store(self, place: Place, values: Sequence[Operand]) -> None:
        """Assign to a place: arrays are copied into those that it has."""
        if isinstance(place, Local):
            self._assign(place, values)
        elif isinstance(place.type.under, t.Array):
            array = place.type.under
            to = self.load(place)[0]
            self.copy_elements(to, values[0], flat_elem(array), self.literal(flat_length(array), ip.I64))
        else:
            self._put(place, values, self.store)

    def _assign(self, place: Local, values: Sequence[Operand]) -> None:
        held = list(self.env[place.var])
        for i, (value, leaf) in enumerate(zip(values, leaves(place.type), strict=True), place.start):
            if isinstance(leaf.under, t.Array):
                self.store(Storage(held[i], leaf), [value])
            else:
                held[i] = value
        self.env[place.var] = tuple(held)

    def set_fresh(self, place: Place, values: Sequence[Operand]) -> None:
        """Store into memory that nothing was stored into: the place takes the very arrays."""
        self._put(place, values, self.set_fresh)

    def _put(self, place: Place, values: Sequence[Operand], put: Callable[[Place, Sequence[Operand]], None]) -> None:
        if isinstance(place.type.under, t.Struct):
            pointer = Target(self.address(place), place.type)
            at = 0
            for i, (_, type) in enumerate(place.type.under.fields):
                count = leaf_count(type)
                put(self.field_of(pointer, i), values[at : at + count])
                at += count
        elif isinstance(place, Target):
            self.b.store(self.typed(place.pointer), values[0])
        elif isinstance(place, Field):
            self.b.store(self.typed(place.pointer), values[0], field=place.number)
        elif isinstance(place, Element):
            self.b.store(self.typed(place.slice), values[0], index=place.index)

    def allocate(self, type: t.Type, values: Leaves | None = None, name: str = "") -> ip.Value:
        """A pointer to a fresh value: `values`, which it takes over, or zeros."""
        pointer = self.b.new(self.layout.ir(type), name=name)
        if values is not None:
            self.set_fresh(Target(pointer, type), values)
        elif t.holds_arrays(type):
            self.set_fresh(Target(pointer, type), self.zero(type))
        return pointer

    def declare(self, var: Var, values: Leaves | None, name: str = "") -> None:
        """Give a new variable its value, which it takes over; zeros if it is None."""
        if var.in_memory:
            self.env[var] = (self.allocate(var.type, values, name or var.name),)
        else:
            self.env[var] = tuple(self.zero(var.type, var.name) if values is None else values)
