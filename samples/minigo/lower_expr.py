"""Expressions to IR: each gives the leaves of its value."""

from __future__ import annotations

from abc import abstractmethod

import irpass as ip
from samples.minigo import syntax as s, types as t
from samples.minigo.entities import Var
from samples.minigo.function import Label, Operand
from samples.minigo.layout import first_leaf, flat_length, leaf_count
from samples.minigo.lower_operators import COMPARISONS, OperatorLowering
from samples.minigo.memory import Element, Field, Leaves, Local, Place, Storage, Target


class ExprLowering(OperatorLowering):
    state: Operand  # the pointer to the variables of packages, where the function has it

    # what `program.py` provides
    @abstractmethod
    def global_place(self, var: Var) -> Place:
        """Where a variable of a package is."""

    @abstractmethod
    def call(self, node: s.Call, name: str = "") -> Leaves:
        """Call what the node names; gives the leaves of what it returns."""

    def here(self, node: s.Node) -> None:
        """What is built from here on comes from this node."""
        self.at(ip.Loc(node.pos.file, node.pos.line, node.pos.column))

    def expr(self, node: s.Expr, name: str = "") -> Leaves:
        """The leaves of an expression's value; arrays among them may be those of a variable.

        `name` is a wish for the name of the value.
        """
        if node.const is not None:
            return [self.literal(node.const, self.layout.ir(node.type))]
        if isinstance(node, s.Name) and node.type == t.NIL:
            return [ip.Literal(ip.BYTES, None)]
        if isinstance(node, s.Call):
            return self.call(node, name)
        if isinstance(node, s.Composite):
            return self._composite(node, name)
        if isinstance(node, s.Binary):
            return [self._binary(node, name)]
        if isinstance(node, s.Unary) and node.op != "*":
            return [self._unary(node, name)]
        if isinstance(node, s.SliceExpr):
            return [self._slice(node, name)]
        if isinstance(node, s.Name) and not isinstance(node.entity, Var):  # nil, that was given a type
            return [self.literal(None, self.layout.ir(node.type))]
        if isinstance(node, s.Index) and t.kind(node.base.type) == "string":
            text = self.value(node.base)
            index = self.index(node.index)
            self.here(node)
            return [self.b.load(self.typed(text), index, name=name)]
        if self.is_place(node):
            place = self.place_of(node)
            self.here(node)
            return self.load(place, name)
        return self._part(node)

    def value(self, node: s.Expr, name: str = "") -> Operand:
        """The one leaf of an expression."""
        return self.expr(node, name)[0]

    def owned(self, node: s.Expr, name: str = "") -> Leaves:
        """The leaves of a value that somebody will keep: with arrays of its own."""
        values = self.expr(node, name)
        made_here = isinstance(node, s.Call | s.Composite)
        return values if made_here or not t.holds_arrays(node.type) else self.copied(values, node.type)

    def index(self, node: s.Expr) -> Operand:
        """An index or a size, as the IR wants it."""
        return self.convert_number(self.value(node), ip.I64)

    # ---- places

    def is_place(self, node: s.Expr) -> bool:
        """Whether the value stands somewhere: not in the result of a call, and not in a field of one."""
        while isinstance(node, s.Selector | s.Index):
            if isinstance(node, s.Selector) and node.entity is not None:
                return True
            if isinstance(node.base.type.under, t.Pointer | t.Slice):
                return True
            node = node.base
        return isinstance(node, s.Name) or (isinstance(node, s.Unary) and node.op == "*")

    def place_of(self, node: s.Expr) -> Place:
        """The place that an expression is, with what leads there evaluated."""
        if isinstance(node, s.Name | s.Selector) and isinstance(node.entity, Var):
            var = node.entity
            if var.is_global:
                return self.global_place(var)
            return Target(self.env[var][0], var.type) if var.in_memory else Local(var, 0, var.type)
        if isinstance(node, s.Unary):
            pointer = self.value(node.operand)
            array = node.type.under
            return Storage(pointer, node.type) if isinstance(array, t.Array) else Target(pointer, node.type)
        if isinstance(node, s.Selector):
            if isinstance(node.base.type.under, t.Pointer):
                pointer = self.value(node.base)
                self.here(node)
                return Field(pointer, node.number, node.type)
            place = self.place_of(node.base)
            self.here(node)
            return self.field_of(place, node.number)
        assert isinstance(node, s.Index)
        base = self.value(node.base) if not isinstance(node.base.type.under, t.Array) else self._array(node.base)
        index = self.index(node.index)
        self.here(node)
        return self.element(base, node.base.type, index)

    def _array(self, node: s.Expr) -> Operand:
        return self.load(self.place_of(node))[0] if self.is_place(node) else self.value(node)

    def element(self, base: Operand, type: t.Type, index: Operand) -> Place:
        """An element of a slice or array; of an array of arrays, a row."""
        array = t.array_of(type)
        if array is None:
            assert isinstance(type.under, t.Slice)
            return Element(base, index, type.under.elem)
        row = array.elem.under
        if not isinstance(row, t.Array):
            return Element(base, index, array.elem)
        width = self.literal(flat_length(row), ip.I64)
        known = index.value if isinstance(index, ip.Literal) else None
        if isinstance(known, int) and 0 <= known < array.length:
            start: Operand = self.literal(known * flat_length(row), ip.I64)
        else:
            # The product may wrap, so the index is checked first: as one of a text that has as many bytes.
            self.b.elem(self.b.const(ip.BYTES, bytes(array.length)), index)
            start = self.b.mul(self.typed(index), width)
        end = self.b.add(self.typed(start), width)
        return Storage(self.b.slice(self.typed(base), start, end, end), array.elem)

    def _part(self, node: s.Expr) -> Leaves:
        """A field or an element of a value that is stored nowhere, such as the result of a call."""
        if isinstance(node, s.Selector):
            struct = node.base.type.under
            assert isinstance(struct, t.Struct)
            start = first_leaf(struct, node.number)
            return self.expr(node.base)[start : start + leaf_count(node.type)]
        assert isinstance(node, s.Index)
        base, index = self.value(node.base), self.index(node.index)
        self.here(node)
        return self.load(self.element(base, node.base.type, index))

    def _slice(self, node: s.SliceExpr, name: str) -> Operand:
        text = t.kind(node.base.type) == "string"
        array = t.array_of(node.base.type)
        base = self._array(node.base) if isinstance(node.base.type.under, t.Array) else self.value(node.base)
        lo = self.index(node.lo) if node.lo is not None else self.literal(0, ip.I64)
        hi = self.index(node.hi) if node.hi is not None else None
        most = self.index(node.max) if node.max is not None else None
        self.here(node)
        base = self.typed(base)
        if array is not None and isinstance(array.elem.under, t.Array):
            return self._rows(base, array)
        if hi is None:
            hi = self.b.len(base)
        if text:
            most = hi  # a string's cap is its length
        return self.b.slice(base, lo, hi, most, name=name)

    def _rows(self, base: ip.Value, array: t.Array) -> Operand:
        """A slice of the rows of an array of arrays."""
        rows = self.b.make(self.layout.ir(array.elem), array.length)
        self.each(
            self.literal(0, ip.I64), self.literal(array.length, ip.I64),
            lambda i: self.b.store(rows, self.load(self.element(base, array, i))[0], index=i),
        )  # fmt: skip
        return rows

    # ---- literals with elements

    def _composite(self, node: s.Composite, name: str = "") -> Leaves:
        type = node.type
        if isinstance(type.under, t.Pointer):  # an inner literal for which &T is left out
            return [self._allocated(node, type.under.elem, name)]
        if isinstance(type.under, t.Struct):
            return self._fields(node, type.under)
        elem = type.under.elem if isinstance(type.under, t.Slice | t.Array) else t.INVALID
        values = [self.owned(value) for _, value in node.elements]
        self.here(node)
        if isinstance(type.under, t.Array):
            made = self.new_array(type.under, name)
        else:
            length = max(node.places, default=-1) + 1
            made = self.b.make(self.layout.ir(elem), length, name=name)
            if len(node.places) < length:
                self.fill(made, self.literal(0, ip.I64), self.literal(length, ip.I64), elem)
        for place, leaves_ in zip(node.places, values, strict=True):
            to = self.element(made, type, self.literal(place, ip.I64))
            if isinstance(to, Element):
                self.set_fresh(to, leaves_)
            else:
                self.store(to, leaves_)
        return [made]

    def _fields(self, node: s.Composite, struct: t.Struct) -> Leaves:
        given = {number: self.owned(value) for number, (_, value) in zip(node.places, node.elements, strict=True)}
        self.here(node)
        return [
            leaf for i, (_, type) in enumerate(struct.fields) for leaf in (given[i] if i in given else self.zero(type))
        ]

    def _allocated(self, node: s.Composite, type: t.Type, name: str) -> Operand:
        """`&T{...}`"""
        if not isinstance(type.under, t.Struct):
            if isinstance(type.under, t.Array):
                return self._composite(node, name)[0]
            return self.allocate(type, self._composite(node), name)
        given = [(number, self.owned(value)) for number, (_, value) in zip(node.places, node.elements, strict=True)]
        self.here(node)
        pointer = self.b.new(self.layout.ir(type), name=name)
        target = Target(pointer, type)
        for number, values in given:
            self.set_fresh(self.field_of(target, number), values)
        for number, (_, field) in enumerate(type.under.fields):
            if number not in node.places and t.holds_arrays(field):
                self.set_fresh(self.field_of(target, number), self.zero(field))
        return pointer

    # ---- operators

    def _unary(self, node: s.Unary, name: str) -> Operand:
        if node.op == "&":
            if isinstance(node.operand, s.Composite):
                return self._allocated(node.operand, node.operand.type, name)
            place = self.place_of(node.operand)
            self.here(node)
            return self.address(place)
        value = self.typed(self.value(node.operand))
        self.here(node)
        if node.op == "+":
            return value
        return self.b.neg(value, name=name) if node.op == "-" else self.b.not_(value, name=name)

    def _binary(self, node: s.Binary, name: str) -> Operand:
        if node.op in ("&&", "||"):
            return self._short_circuit(node)
        if node.op in COMPARISONS:
            return self._compare(node, name)
        if t.kind(node.type) == "string":
            return self._concat(node, name)
        left, right = self.value(node.left), self.value(node.right)
        self.here(node)
        return self.arithmetic(node.op, left, right, name)

    def _short_circuit(self, node: s.Binary) -> Operand:
        result = Var("and" if node.op == "&&" else "or", t.BOOL, node.pos)
        right, done = self.label("right"), self.label("done", result)
        left = self.value(node.left)
        self.env[result] = (ip.Literal(ip.BOOL, node.op == "||"),)
        if node.op == "&&":
            self.branch(left, right, done)
        else:
            self.branch(left, done, right)
        self.place(right)
        self.env[result] = (self.value(node.right),)
        self.jump(done)
        self.place(done)
        return self.env.pop(result)[0]

    def condition(self, node: s.Expr, then: Label, other: Label) -> None:
        """Branch on a bool, without making one of `&&`, `||` and `!`."""
        if isinstance(node, s.Binary) and node.op in ("&&", "||") and node.const is None:
            right = self.label("and" if node.op == "&&" else "or")
            if node.op == "&&":
                self.condition(node.left, right, other)
            else:
                self.condition(node.left, then, right)
            self.place(right)
            self.condition(node.right, then, other)
        elif isinstance(node, s.Unary) and node.op == "!" and node.const is None:
            self.condition(node.operand, other, then)
        elif node.const is not None:
            self.jump(then if node.const else other)
        else:
            value = self.value(node)
            self.branch(value, then, other)

    def _compare(self, node: s.Binary, name: str) -> Operand:
        left, right = self.expr(node.left), self.expr(node.right)
        self.here(node)
        return self.compare(node.op, left, right, node.left.type, node.right.type, name)

    # ---- texts

    def _concat(self, node: s.Binary, name: str) -> Operand:
        """All of `a + b + c` at once."""
        parts: list[s.Expr] = []
        rest: s.Expr = node
        while isinstance(rest, s.Binary) and rest.const is None:
            parts.append(rest.right)
            rest = rest.left
        parts.append(rest)
        values = [self.value(part) for part in reversed(parts)]
        self.here(node)
        return self.joined(values, name)
