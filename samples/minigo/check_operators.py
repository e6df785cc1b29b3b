"""The checker of operators: what they are for, and their values where all operands are constants."""

from __future__ import annotations

from abc import ABC, abstractmethod

from samples.minigo import constants, syntax as s, types as t
from samples.minigo.check_base import Checking, described
from samples.minigo.entities import Nil

_COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")
_KINDS = {
    "+": ("int", "float", "string"), "-": ("int", "float"), "*": ("int", "float"), "/": ("int", "float"),
    "%": ("int",), "&": ("int",), "|": ("int",), "^": ("int",), "&^": ("int",), "&&": ("bool",), "||": ("bool",),
}  # fmt: skip


class OperatorChecker(Checking, ABC):
    # what `check_expr.py` provides
    @abstractmethod
    def value(self, node: s.Expr, wanted: t.Type | None = None) -> t.Type:
        """The type of an expression that gives one value; `wanted` is for an inner literal without a type."""

    @abstractmethod
    def is_addressable(self, node: s.Expr) -> bool:
        """Whether `&` may be put in front of it."""

    def _unary(self, node: s.Unary) -> t.Type:
        if node.op == "&":
            return self._address(node)
        type = self.value(node.operand)
        if type == t.INVALID:
            return type
        if node.op == "*":
            if isinstance(type.under, t.Pointer):
                return type.under.elem
            self.errors.add("type", f"{described(node.operand)} is no pointer", node.pos)
            return t.INVALID
        wanted = {"!": ("bool",), "^": ("int",)}.get(node.op, ("int", "float"))
        if t.kind(type) not in wanted:
            self.errors.add("type", f"operator {node.op} is not for {described(node.operand)}", node.pos)
            return t.INVALID
        if node.operand.const is not None:
            node.const = constants.unary(node.op, node.operand.const, type)
            return self._fitting(node, type)
        return type

    def _address(self, node: s.Unary) -> t.Type:
        operand = node.operand
        type = self.value(operand)
        if type == t.INVALID:
            return type
        if not isinstance(operand, s.Composite):
            if not self.is_addressable(operand):
                self.errors.add("type", "this has no address", node.pos, "only what is stored somewhere has one")
                return t.INVALID
            self.take_address(operand)
        return t.Pointer(type)

    def _binary(self, node: s.Binary) -> t.Type:
        left, right = self.value(node.left), self.value(node.right)
        if t.INVALID in (left, right):
            return t.INVALID
        if node.op in ("<<", ">>"):
            return self._shift(node)
        if not self._match(node):
            return t.INVALID
        type = node.left.type
        if node.op in _COMPARISONS:
            if not self._comparable(node, type):
                return t.INVALID
        elif t.kind(type) not in _KINDS[node.op]:
            self.errors.add("type", f"operator {node.op} is not for {described(node.left)}", node.pos)
            return t.INVALID
        a, b = node.left.const, node.right.const
        is_int = t.kind(type) == "int"
        if is_int and node.op in "/%" and b == 0:
            self.errors.add("constant", "division by zero", node.right.pos)
            return t.INVALID
        if a is not None and b is not None:
            try:
                node.const = constants.binary(node.op, a, b, is_int)
            except constants.ConstantError as error:
                self.errors.add("constant", str(error), node.pos)
                return t.INVALID
        if node.op in _COMPARISONS:
            for side in (node.left, node.right) if node.const is None else ():
                if t.is_untyped(side.type):
                    self.finish(side)
            return t.UNTYPED_BOOL
        return self._fitting(node, type)

    def _match(self, node: s.Binary) -> bool:
        """Give both operands one type."""
        left, right = node.left, node.right
        if t.is_untyped(left.type) and t.is_untyped(right.type):
            ranks = [t.UNTYPED_INT, t.UNTYPED_RUNE, t.UNTYPED_FLOAT]
            if left.type in ranks and right.type in ranks:
                type = max(left.type, right.type, key=ranks.index)
                for side in (left, right):
                    if side.const is not None:
                        side.type = type
                    elif side.type != type:
                        self.convert(side, t.DEFAULTS[type], "an operation")
                if left.const is None or right.const is None:
                    left.type = right.type = type
                return True
            if left.type == right.type and left.type != t.NIL:
                return True
        elif t.is_untyped(left.type):
            if t.kind(left.type) in (t.kind(right.type), "nil") or (t.is_number(left.type) and t.is_number(right.type)):
                return self.convert(left, right.type, "an operation")
        elif t.is_untyped(right.type):
            if t.kind(right.type) in (t.kind(left.type), "nil") or (t.is_number(left.type) and t.is_number(right.type)):
                return self.convert(right, left.type, "an operation")
        elif left.type == right.type:
            return True
        notes = ["convert one of them"] if t.is_number(left.type) and t.is_number(right.type) else []
        self.errors.add("type", f"mismatched types {left.type} and {right.type}", node.pos, *notes)
        return False

    def _comparable(self, node: s.Binary, type: t.Type) -> bool:
        with_nil = any(isinstance(side, s.Name) and isinstance(side.entity, Nil) for side in (node.left, node.right))
        if node.op in ("==", "!="):
            fits = t.is_comparable(type) or with_nil
        else:
            fits = t.kind(type) in ("int", "float", "string")
        if fits and isinstance(type.under, t.Pointer) and isinstance(type.under.elem.under, t.Array) and not with_nil:
            fits = False
        if not fits:
            rest = " but with nil" if t.can_be_nil(type) and node.op in ("==", "!=") else f" with {node.op}"
            self.errors.add("type", f"minigo does not compare values of type {type}{rest}", node.pos)
        return fits

    def _shift(self, node: s.Binary) -> t.Type:
        left, right = node.left, node.right
        if t.is_untyped(right.type) and not self.convert(right, t.INT, "a shift"):
            return t.INVALID
        if t.kind(right.type) != "int":
            self.errors.add("type", f"a shift is by an integer, not {described(right)}", right.pos)
            return t.INVALID
        if isinstance(right.const, int) and right.const < 0:
            self.errors.add("constant", f"negative shift by {right.const}", right.pos)
            return t.INVALID
        if left.type == t.UNTYPED_FLOAT and left.const is not None and left.const == int(left.const):
            left.type, left.const = t.UNTYPED_INT, int(left.const)
        if t.kind(left.type) != "int":
            self.errors.add("type", f"operator {node.op} is not for {described(left)}", node.pos)
            return t.INVALID
        if left.const is not None and right.const is not None:
            try:
                node.const = constants.binary(node.op, left.const, right.const, True)
            except constants.ConstantError as error:
                self.errors.add("constant", str(error), node.pos)
                return t.INVALID
            return self._fitting(node, left.type)
        return left.type

    def _fitting(self, node: s.Expr, type: t.Type) -> t.Type:
        """An error if a constant does not fit the type that it was computed in."""
        if node.const is None or t.is_untyped(type):
            return type
        value = constants.represent(node.const, type)
        if value is None:
            self.errors.add("constant", f"constant {constants.text(node.const)} does not fit {type}", node.pos)
            return t.INVALID
        node.const = value
        return type
