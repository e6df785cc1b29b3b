"""What all parts of the checker share: where it is, and how types and constants fit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches

from samples.minigo import constants, syntax as s, types as t
from samples.minigo.diagnostics import Errors
from samples.minigo.entities import Entity, Func, Loop, Package, Scope, Var


class Checking:
    """The place that is being checked: its package, scope, function, and the loops around it."""

    def __init__(self, errors: Errors, universe: Scope) -> None:
        self.errors = errors
        self.scope = universe
        self.package = Package("", universe)
        self.func = Func("", "", s.FuncDecl(s.NOWHERE, s.Name(s.NOWHERE, ""), None, [], [], None), self.package)
        self.loops: list[Loop] = []
        self.iota: int | None = None

    @contextmanager
    def inner_scope(self) -> Iterator[Scope]:
        before = self.scope
        self.scope = Scope(before)
        try:
            yield self.scope
        finally:
            for entity in self.scope.names.values():
                if isinstance(entity, Var) and not entity.used and entity.type != t.INVALID:
                    self.errors.add("unused", f"declared and not used: {entity.name}", entity.pos)
            self.scope = before

    def find(self, name: str) -> Entity | None:
        """What a name stands for here."""
        return self.settled(self.scope.find(name))

    def find_in(self, package: Package, name: str) -> Entity | None:
        return self.settled(package.scope.names.get(name))

    def settled(self, entity: Entity | None) -> Entity | None:
        """What a name stands for, where that may not have been looked into yet."""
        return entity

    def declare(self, name: s.Name, entity: Entity) -> None:
        if name.name == "_":
            return
        if name.name in self.scope.names:
            self.errors.add("redeclared", f"{name.name} is declared twice in this block", name.pos)
        else:
            self.scope.names[name.name] = entity
        name.entity = entity

    def local(self, name: s.Name, type: t.Type) -> Var:
        """A new variable of the function, in the scope."""
        var = Var(name.name, type, name.pos, loops=len(self.loops))
        self.declare(name, var)
        return var

    def undefined(self, name: str, pos: s.Pos) -> None:
        near = get_close_matches(name, list(self.scope.all_names()), 1)
        self.errors.add("undefined", f"undefined: {name}", pos, *(f"did you mean {n}?" for n in near))

    def mark_assigned(self, target: s.Expr) -> None:
        """Tell the loops around that a variable of outside changes in them."""
        var = self.root(target)
        if var is not None:
            for loop in self.loops[var.loops :]:
                loop.assigned[var] = None

    def root(self, place: s.Expr) -> Var | None:
        """The local variable that holds a place, None for one in memory: behind a pointer, in a slice or an array."""
        while isinstance(place, s.Selector) and not isinstance(place.base.type.under, t.Pointer):
            if place.entity is not None:
                return None
            place = place.base
        if isinstance(place, s.Name) and isinstance(place.entity, Var) and not place.entity.is_global:
            return place.entity
        return None

    def take_address(self, place: s.Expr) -> None:
        """A variable whose address is taken lives in memory; an array does in any case."""
        var = self.root(place)
        if var is not None and not isinstance(place.type.under, t.Array):
            var.in_memory = True

    # ---- how values fit types

    def convert(self, node: s.Expr, type: t.Type, what: str) -> bool:
        """Give an untyped expression a type; `what` is what it is needed for. False after an error."""
        if t.INVALID in (node.type, type):
            return False
        if not t.is_untyped(node.type):
            return True
        if node.type == t.NIL:
            fits = t.can_be_nil(type)
        elif node.const is not None:
            return self._convert_constant(node, type, what)
        else:
            fits = t.kind(node.type) == t.kind(type) or (node.type != t.UNTYPED_BOOL and t.is_number(type))
            if fits and isinstance(node, s.Binary) and node.op in ("<<", ">>") and t.kind(type) == "float":
                self.errors.add("type", f"shifted operand must be an integer, not {type}", node.pos)
                return False
        if not fits:
            self.errors.add("type", f"cannot use {described(node)} as {type} value in {what}", node.pos)
            return False
        if isinstance(node, s.Binary) and node.type != t.UNTYPED_BOOL:
            self.convert(node.left, type, what)
            if node.op not in ("<<", ">>"):
                self.convert(node.right, type, what)
        elif isinstance(node, s.Unary) and node.type != t.UNTYPED_BOOL:
            self.convert(node.operand, type, what)
        node.type = type
        return True

    def _convert_constant(self, node: s.Expr, type: t.Type, what: str) -> bool:
        assert node.const is not None
        if not isinstance(type.under, t.Basic) or type == t.ERROR:
            self.errors.add("type", f"cannot use {described(node)} as {type} value in {what}", node.pos)
            return False
        value = constants.represent(node.const, type)
        if value is None:
            shown = constants.text(node.const)
            if t.kind(node.type) in ("int", "float") and t.kind(type) == "int":
                whole = node.const == int(node.const)
                note = f"{type} holds {t.bounds(type)[0]} to {t.bounds(type)[1]}" if whole else "it is no whole number"
                self.errors.add("constant", f"constant {shown} does not fit {type}", node.pos, note)
            elif t.is_number(node.type) and t.is_number(type):
                self.errors.add("constant", f"constant {shown} does not fit {type}", node.pos)
            else:
                self.errors.add("type", f"cannot use {described(node)} as {type} value in {what}", node.pos)
            return False
        node.const, node.type = value, type
        return True

    def finish(self, node: s.Expr) -> t.Type:
        """Give an untyped expression the type that it has by itself."""
        if node.type == t.NIL:
            self.errors.add("type", "nil has no type by itself", node.pos)
            node.type = t.INVALID
        elif t.is_untyped(node.type) and not self.convert(node, t.DEFAULTS[node.type], "this place"):
            node.type = t.INVALID
        return node.type

    def assignable(self, node: s.Expr, type: t.Type, what: str) -> None:
        """An error unless the expression may be stored as `type`."""
        if t.INVALID in (node.type, type):
            return
        if t.is_untyped(node.type):
            self.convert(node, type, what)
        elif not fits(node.type, type):
            self.errors.add("type", f"cannot use {described(node)} as {type} value in {what}", node.pos)


def fits(given: t.Type, wanted: t.Type) -> bool:
    if given == wanted:
        return True
    composed = not isinstance(given.under, t.Basic)
    one_unnamed = not (isinstance(given, t.Named) and isinstance(wanted, t.Named))
    return composed and one_unnamed and given.under == wanted.under


def described(node: s.Expr) -> str:
    """An expression with its type, as diagnostics show it."""
    if node.const is not None:
        return f"{constants.text(node.const)} ({node.type} constant)"
    return "nil" if node.type == t.NIL else f"a value of type {node.type}"
