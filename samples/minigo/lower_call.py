"""Calls to IR: of functions and methods, conversions, and what Go has built in."""

from __future__ import annotations

from abc import abstractmethod

import irpass as ip
from samples.minigo import syntax as s, types as t
from samples.minigo.entities import Func
from samples.minigo.function import Operand
from samples.minigo.lower_expr import ExprLowering
from samples.minigo.memory import Element, Leaves, Target


class CallLowering(ExprLowering):
    # what `program.py` provides
    @abstractmethod
    def invoke(self, func: Func, args: Leaves, name: str = "") -> Leaves:
        """Call a function of the program; gives the leaves of what it returns."""

    @abstractmethod
    def grow_function(self, elem: ip.Type) -> str:
        """The name of a function of a slice of these and a number n: it gives the slice with n elements more."""

    # what `lower_fmt.py` provides
    @abstractmethod
    def call_fmt(self, node: s.Call, name: str) -> Leaves:
        """Call a function of package `fmt`."""

    def call(self, node: s.Call, name: str = "") -> Leaves:
        if node.builtin.startswith("fmt."):
            return self.call_fmt(node, name)
        if node.builtin:
            made: Leaves = getattr(self, f"_call_{node.builtin.lower().replace('.', '_')}")(node, name)
            return made
        func = node.func
        assert func is not None
        args = self._receiver(node, func) if func.receiver is not None else []
        for arg in node.args:
            args += self.owned(arg)
        self.here(node)
        if func.decl.body is None:
            provided: Leaves = getattr(self, f"_provided_{func.name.lower()}")(args, name)
            return provided
        return self.invoke(func, args, name)

    def _receiver(self, node: s.Call, func: Func) -> Leaves:
        assert func.receiver is not None and isinstance(node.callee, s.Selector)
        base = node.callee.base
        given, wanted = base.type, func.receiver.type
        if isinstance(wanted, t.Pointer) and not isinstance(given, t.Pointer):
            return [self.address(self.place_of(base))]
        if isinstance(given, t.Pointer) and not isinstance(wanted, t.Pointer):
            pointer = self.value(base)
            self.here(node)
            return self.copied(
                [pointer] if isinstance(wanted.under, t.Array) else self.load(Target(pointer, wanted)), wanted
            )
        return self.owned(base)

    # ---- bodies that the library leaves to the compiler

    def _provided_view(self, args: Leaves, name: str) -> Leaves:
        """The bytes themselves as a string, not a copy of them."""
        bytes_ = self.typed(args[0])
        length = self.b.len(bytes_)
        return [self.b.slice(bytes_, 0, length, length, name=name)]

    def _provided_printline(self, args: Leaves, name: str) -> Leaves:
        self.b.print(args[0])
        return []

    # ---- conversions

    def _call_conversion(self, node: s.Call, name: str) -> Leaves:
        arg = node.args[0]
        given, type = arg.type, node.type
        values = self.expr(arg, name)
        self.here(node)
        if t.is_number(given) and t.is_number(type):
            wanted = self.layout.ir(type)
            return values if values[0].type is wanted else [self.b.conv(wanted, self.typed(values[0]), name=name)]
        if t.kind(type) == "string":
            if t.kind(given) == "int":
                code = self.convert_number(values[0], ip.I64)
                return [self.call_library("runtime", "encode", code)]
            if t.is_bytes(given):
                return [self.copy_of(values[0], name)]
            if t.is_runes(given):
                return [self.call_library("runtime", "fromRunes", values[0])]
        if t.kind(given) == "string":
            if t.is_bytes(type):
                return [self.copy_of(values[0], name)]
            if t.is_runes(type):
                return [self.call_library("runtime", "toRunes", values[0])]
        return self.copied(values, type) if t.holds_arrays(type) else values

    # ---- built in

    def _call_len(self, node: s.Call, name: str) -> Leaves:
        value = self.typed(self.value(node.args[0]))
        return [self.b.len(value, name=name)]

    def _call_cap(self, node: s.Call, name: str) -> Leaves:
        value = self.typed(self.value(node.args[0]))
        return [self.b.cap(value, name=name)]

    def _call_make(self, node: s.Call, name: str) -> Leaves:
        type = node.type.under
        assert isinstance(type, t.Slice)
        sizes = [self.index(size) for size in node.args[1:]]
        self.here(node)
        made = self.b.make(self.layout.ir(type.elem), *sizes, name=name)
        if t.holds_arrays(type.elem):
            whole = self.b.slice(made, 0, sizes[-1]) if len(sizes) > 1 else made
            self.fill(whole, self.literal(0, ip.I64), sizes[-1], type.elem)
        return [made]

    def _call_new(self, node: s.Call, name: str) -> Leaves:
        assert isinstance(node.type, t.Pointer)
        self.here(node)
        if isinstance(node.type.elem.under, t.Array):
            return [self.new_array(node.type.elem.under, name)]
        return [self.allocate(node.type.elem, name=name)]

    def _call_append(self, node: s.Call, name: str) -> Leaves:
        type = node.type.under
        assert isinstance(type, t.Slice)
        slice = self.typed(self.value(node.args[0]))
        values = [self.owned(arg) for arg in node.args[1:]]
        self.here(node)
        if not values:
            return [slice]
        if node.spread:
            return [self.b.extend(slice, values[0][0], name=name)]
        if len(values) == 1 and not isinstance(type.elem.under, t.Struct):
            return [self.b.append(slice, values[0][0], name=name)]
        length = self.b.len(slice)
        grown = self.b.call(self.grow_function(self.layout.ir(type.elem)), slice, len(values), name=name)
        assert grown is not None
        for i, leaves in enumerate(values):
            index = self.b.add(length, i) if i else length
            self.set_fresh(Element(grown, index, type.elem), leaves)
        return [grown]

    def _call_copy(self, node: s.Call, name: str) -> Leaves:
        to, source = self.value(node.args[0]), self.value(node.args[1])
        self.here(node)
        return [self.b.copy(self.typed(to), source, name=name)]

    def _call_clear(self, node: s.Call, name: str) -> Leaves:
        slice = self.typed(self.value(node.args[0]))
        type = node.args[0].type.under
        assert isinstance(type, t.Slice)
        self.here(node)
        if t.holds_arrays(type.elem):
            zero = self.literal(0, ip.I64)
            self.each(
                zero, self.b.len(slice), lambda i: self.set_fresh(Element(slice, i, type.elem), self.zero(type.elem))
            )
        else:
            self.b.clear(slice)
        return []

    def _call_min(self, node: s.Call, name: str) -> Leaves:
        values = [self.value(arg) for arg in node.args]
        self.here(node)
        best = values[0]
        for value in values[1:]:
            best = self._better(node, best, value)
        return [best]

    _call_max = _call_min

    def _better(self, node: s.Call, a: Operand, b: Operand) -> Operand:
        if t.kind(node.type) == "float":
            wide = [self.convert_number(self.typed(x), ip.F64) for x in (a, b)]
            best = self.call_library("runtime", f"{node.builtin}Float", *wide)
            return self.convert_number(best, self.layout.ir(node.type))
        op = "<" if node.builtin == "min" else ">"
        first = self.compare(op, [self.typed(b)], [a], node.type)
        return self.b.select(self.typed(first), self.typed(b), a)

    def _call_panic(self, node: s.Call, name: str) -> Leaves:
        message = node.args[0].const
        assert isinstance(message, bytes)
        self.here(node)
        self.b.trap(b"panic: " + message)
        self.end()
        return []

    def _call_error(self, node: s.Call, name: str) -> Leaves:
        """The text of an error; of nil, the trap that Go has."""
        assert isinstance(node.callee, s.Selector)
        error = self.typed(self.value(node.callee.base))
        some, none = self.label("error"), self.label("nil")
        self.here(node)
        self.branch(self.b.eq(error, None), none, some)
        self.place(none)
        self.b.trap("nil dereference")
        self.end()
        self.place(some)
        return [error]

    def _call_errors_new(self, node: s.Call, name: str) -> Leaves:
        text = self.value(node.args[0], name)
        return [text]
