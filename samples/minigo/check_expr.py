"""The checker of expressions: what type each has, and its value where it is a constant."""

from __future__ import annotations

from samples.minigo import syntax as s, types as t
from samples.minigo.check_base import described
from samples.minigo.check_operators import OperatorChecker
from samples.minigo.entities import Builtin, Const, Func, Nil, PackageName, TypeName, Var

_MAX_ARRAY = 1 << 24  # elements


class ExprChecker(OperatorChecker):
    # ---- types

    def type_of(self, written: s.Expr) -> t.Type:
        """The type that is written, INVALID after an error."""
        found = self.type_if_any(written)
        if found is None:
            name = written.name if isinstance(written, s.Name) else "this"
            if isinstance(written, s.Name) and self.find(name) is None:
                self.undefined(name, written.pos)
            else:
                self.errors.add("type", f"{name} is not a type", written.pos)
        return found if found is not None else t.INVALID

    def type_if_any(self, node: s.Expr) -> t.Type | None:
        """The type that an expression writes, None if it is none."""
        if isinstance(node, s.Name):
            entity = self.find(node.name)
            return entity.type if isinstance(entity, TypeName) else None
        if isinstance(node, s.Unary) and node.op == "*":
            elem = self.type_if_any(node.operand)
            return t.Pointer(elem) if elem is not None else None
        if isinstance(node, s.SliceType):
            return t.Slice(self.type_of(node.elem))
        if isinstance(node, s.ArrayType):
            return t.Array(self.array_length(node), self.type_of(node.elem))
        if isinstance(node, s.StructType):
            fields = [(name, self.type_of(written)) for names, written in node.fields for name in names]
            seen: set[str] = set()
            for name, _ in fields:
                if name.name in seen:
                    self.errors.add("redeclared", f"{name.name} is declared twice in this struct", name.pos)
                seen.add(name.name)
            return t.Struct(tuple((name.name, type) for name, type in fields))
        return None

    def array_length(self, node: s.ArrayType) -> int:
        if node.length is None:
            self.errors.add("type", "[...] stands only before the elements of an array", node.pos)
            return 0
        self.value(node.length)
        if node.length.const is None:
            if node.length.type != t.INVALID:
                self.errors.add("type", "the length of an array is a constant", node.length.pos)
            return 0
        if not self.convert(node.length, t.INT, "the length of an array"):
            return 0
        length = node.length.const
        assert isinstance(length, int)
        if not 0 <= length <= _MAX_ARRAY:
            note = f"minigo's arrays have at most {_MAX_ARRAY}; a slice may have more"
            self.errors.add("type", f"an array cannot have {length} elements", node.length.pos, note)
            return 0
        return length

    # ---- values

    def value(self, node: s.Expr, wanted: t.Type | None = None) -> t.Type:
        """The type of an expression that gives one value; `wanted` is for an inner literal without a type."""
        self.expr(node, wanted)
        if isinstance(node.type, t.Tuple):
            many = f"gives {len(node.type.types)} values" if node.type.types else "gives no value"
            self.errors.add("type", f"this call {many}, one is needed", node.pos)
            node.type = t.INVALID
        return node.type

    def expr(self, node: s.Expr, wanted: t.Type | None = None) -> None:
        node.const = None
        method = getattr(self, f"_{type(node).__name__.lower()}", None)
        if method is None:
            self.errors.add("type", "this is a type, not a value", node.pos)
            node.type = t.INVALID
        elif isinstance(node, s.Composite):
            node.type = self._composite(node, wanted)
        else:
            node.type = method(node)

    def _literal(self, node: s.Literal) -> t.Type:
        node.const = node.value
        return t.OF_LITERAL[node.kind]

    def _name(self, node: s.Name) -> t.Type:
        if node.name == "_":
            self.errors.add("undefined", "_ has no value", node.pos)
            return t.INVALID
        if node.name == "iota" and self.iota is not None:
            node.const = self.iota
            return t.UNTYPED_INT
        entity = self.find(node.name)
        node.entity = entity
        if entity is None:
            self.undefined(node.name, node.pos)
            return t.INVALID
        return self._of_entity(node, node.name)

    def _of_entity(self, node: s.Name | s.Selector, name: str) -> t.Type:
        entity = node.entity
        if isinstance(entity, Var):
            entity.used = True
            if entity.is_global:
                self.func.globals[entity] = None
            return entity.type
        if isinstance(entity, Const):
            node.const = entity.value
            return entity.type
        if isinstance(entity, Nil):
            return t.NIL
        if isinstance(entity, Func | Builtin):
            note = "minigo does not know functions as values"
            self.errors.add("unsupported", f"{name} is a function, not a value", node.pos, note)
        elif isinstance(entity, PackageName):
            entity.used = True
            self.errors.add("type", f"the package {name} stands before a dot only", node.pos)
        else:
            self.errors.add("type", f"{name} is a type, not a value", node.pos)
        return t.INVALID

    def package_of(self, node: s.Expr) -> PackageName | None:
        entity = self.find(node.name) if isinstance(node, s.Name) else None
        return entity if isinstance(entity, PackageName) else None

    def member(self, node: s.Selector, package: PackageName) -> bool:
        """Find what `package.name` is; False after an error."""
        package.used = True
        node.entity = self.find_in(package.package, node.name)
        if node.entity is None or not node.name[0].isupper():
            known = sorted(n for n in package.package.scope.names if n[0].isupper())
            full = f"{package.package.name}.{node.name}"
            self.errors.add("undefined", f"undefined: {full}", node.name_pos, f"minigo knows {', '.join(known)}")
            return False
        return True

    def _selector(self, node: s.Selector) -> t.Type:
        package = self.package_of(node.base)
        if package is not None:
            return self._of_entity(node, node.name) if self.member(node, package) else t.INVALID
        base = self.value(node.base)
        struct = t.struct_of(base)
        if struct is not None:
            for i, (name, type) in enumerate(struct.fields):
                if name == node.name:
                    node.number = i
                    return type
        if self.method_of(base, node.name) is not None:
            self.errors.add("unsupported", "minigo does not know methods as values", node.name_pos)
        elif base != t.INVALID:
            self.errors.add("undefined", f"{base} has no field or method {node.name}", node.name_pos)
        return t.INVALID

    def method_of(self, base: t.Type, name: str) -> Func | None:
        if isinstance(base, t.Pointer):
            base = base.elem
        return base.methods.get(name) if isinstance(base, t.Named) else None

    def _index(self, node: s.Index) -> t.Type:
        base = self.value(node.base)
        self.value(node.index)
        array = t.array_of(base)
        length = array.length if array is not None else None
        if node.base.const is not None and isinstance(node.base.const, bytes):
            length = len(node.base.const)
            self.finish(node.base)
        self.check_index(node.index, length, inclusive=False)
        if array is not None:
            return array.elem
        if isinstance(base.under, t.Slice):
            return base.under.elem
        if t.kind(base) == "string":
            return t.UINT8
        if base != t.INVALID:
            self.errors.add("type", f"{described(node.base)} cannot be indexed", node.base.pos)
        return t.INVALID

    def check_index(self, index: s.Expr, length: int | None, *, inclusive: bool) -> None:
        """Of an index or bound: that it is an integer, and a constant one inside of an array."""
        if index.type == t.INVALID:
            return
        if t.is_untyped(index.type) and not self.convert(index, t.INT, "an index"):
            return
        if t.kind(index.type) != "int":
            self.errors.add("type", f"an index is an integer, not {described(index)}", index.pos)
        elif isinstance(index.const, int):
            if index.const < 0:
                self.errors.add("constant", f"the index {index.const} is negative", index.pos)
            elif length is not None and index.const >= length + inclusive:
                self.errors.add("constant", f"index {index.const} is out of range for {length} elements", index.pos)

    def _sliceexpr(self, node: s.SliceExpr) -> t.Type:
        base = self.value(node.base)
        array = t.array_of(base)
        length = array.length if array is not None else None
        for bound in (node.lo, node.hi, node.max):
            if bound is not None:
                self.value(bound)
                self.check_index(bound, length, inclusive=True)
        if t.kind(base) == "string":
            if node.max is not None:
                self.errors.add("type", "a string is sliced with two bounds", node.max.pos)
            if t.is_untyped(base):
                self.finish(node.base)
            return node.base.type
        if array is not None:
            if isinstance(base.under, t.Array) and not self.is_addressable(node.base):
                self.errors.add("type", "only an array that is stored somewhere can be sliced", node.base.pos)
            return t.Slice(array.elem)
        if not isinstance(base.under, t.Slice) and base != t.INVALID:
            self.errors.add("type", f"{described(node.base)} cannot be sliced", node.base.pos)
            return t.INVALID
        return base

    def is_addressable(self, node: s.Expr) -> bool:
        if isinstance(node, s.Selector):
            if node.entity is not None:
                return isinstance(node.entity, Var)
            return isinstance(node.base.type.under, t.Pointer) or self.is_addressable(node.base)
        if isinstance(node, s.Index):
            in_array = isinstance(node.base.type.under, t.Array)
            return self.is_addressable(node.base) if in_array else t.kind(node.base.type) != "string"
        if isinstance(node, s.Unary):
            return node.op == "*"
        return isinstance(node, s.Name) and isinstance(node.entity, Var)

    # ---- literals with elements

    def _composite(self, node: s.Composite, wanted: t.Type | None) -> t.Type:
        if node.written is None:
            if wanted is None:
                self.errors.add("type", "the type of this literal is missing", node.pos)
                return t.INVALID
            type = wanted
        elif isinstance(node.written, s.ArrayType) and node.written.length is None:
            elem = self.type_of(node.written.elem)
            type = t.Array(self._elements(node, elem, None), elem)
        else:
            type = self.type_of(node.written)
        made = type.under.elem.under if node.written is None and isinstance(type.under, t.Pointer) else type.under
        if isinstance(made, t.Struct):
            self._fields(node, made)
        elif isinstance(made, t.Slice):
            self._elements(node, made.elem, None)
        elif isinstance(made, t.Array):
            if node.written is None or not (isinstance(node.written, s.ArrayType) and node.written.length is None):
                self._elements(node, made.elem, made.length)
        elif type != t.INVALID:
            self.errors.add("type", f"{type} has no literals with elements", node.pos)
        return type

    def _fields(self, node: s.Composite, struct: t.Struct) -> None:
        node.places = []
        names = [name for name, _ in struct.fields]
        for i, (key, value) in enumerate(node.elements):
            number = i
            if key is not None:
                if not isinstance(key, s.Name) or key.name not in names:
                    name = key.name if isinstance(key, s.Name) else "this"
                    self.errors.add("undefined", f"{name} is no field of the struct", key.pos)
                    self.value(value)
                    continue
                number = names.index(key.name)
                if number in node.places:
                    self.errors.add("redeclared", f"the field {key.name} is given twice", key.pos)
            elif number >= len(names):
                self.errors.add("type", f"too many values: the struct has {len(names)} fields", value.pos)
                return
            node.places.append(number)
            self.value(value, struct.fields[number][1])
            self.assignable(value, struct.fields[number][1], "a struct literal")
        keys = [key is not None for key, _ in node.elements]
        if any(keys) and not all(keys):
            self.errors.add("type", "either all fields are named or none", node.pos)
        elif keys and not any(keys) and len(keys) < len(names):
            self.errors.add("type", f"too few values: the struct has {len(names)} fields", node.pos)

    def _elements(self, node: s.Composite, elem: t.Type, length: int | None) -> int:
        """Check the elements of a slice or array, and give how many it needs."""
        node.places = []
        place = most = 0
        for key, value in node.elements:
            if key is not None:
                self.value(key)
                self.check_index(key, length, inclusive=False)
                place = key.const if isinstance(key.const, int) else place
                if key.const is None:
                    self.errors.add("type", "an index in a literal is a constant", key.pos)
            elif length is not None and place >= length:
                self.errors.add("constant", f"index {place} is out of range for {length} elements", value.pos)
            node.places.append(place)
            self.value(value, elem)
            self.assignable(value, elem, "a literal")
            place += 1
            most = max(most, place)
        return most
