"""The checker of statements."""

from __future__ import annotations

from samples.minigo import syntax as s, types as t
from samples.minigo.check_base import fits
from samples.minigo.check_call import CallChecker
from samples.minigo.constants import Constant, text
from samples.minigo.entities import Const, Loop, TypeName, Var


class StmtChecker(CallChecker):
    targets: list[tuple[s.Stmt, str]]  # the loops and switches around, with their labels
    label: str = ""  # of the statement that comes next
    used_labels: set[str]

    def block(self, node: s.Block) -> None:
        with self.inner_scope():
            self.statements(node.body)

    def statements(self, body: list[s.Stmt]) -> None:
        for stmt in body:
            self.stmt(stmt)

    def stmt(self, node: s.Stmt | None) -> None:
        if node is not None:
            getattr(self, f"_do_{type(node).__name__.lower()}")(node)

    # ---- declarations

    def _do_group(self, node: s.Group) -> None:
        self.statements(node.decls)

    def _do_vardecl(self, node: s.VarDecl) -> None:
        types = self.initial_types(node)
        node.vars = [self.local(name, type) for name, type in zip(node.names, types, strict=True)]

    def initial_types(self, node: s.VarDecl) -> list[t.Type]:
        """The types of the variables of a `var`, their values checked."""
        written = self.type_of(node.written) if node.written is not None else None
        if not node.values and written is not None:
            return [written] * len(node.names)
        types = self.values(node.values, [written] * len(node.names), node.pos, "an assignment")
        return [written if written is not None else type for type in types]

    def values(self, right: list[s.Expr], wanted: list[t.Type | None], pos: s.Pos, what: str) -> list[t.Type]:
        """The types of `right`, one for each wanted (None where any will do)."""
        if len(right) == 1 and len(wanted) > 1:
            self.expr(right[0])
            given = right[0].type
            if isinstance(given, t.Tuple) and len(given.types) == len(wanted):
                for one, type in zip(given.types, wanted, strict=True):
                    if type is not None and not fits(one, type):
                        self.errors.add("type", f"cannot use a value of type {one} as {type} value in {what}", pos)
                return list(given.types)
            if given != t.INVALID:
                count = len(given.types) if isinstance(given, t.Tuple) else 1
                self._mismatch(len(wanted), count, pos)
            return [type or t.INVALID for type in wanted]
        types: list[t.Type] = []
        for i, node in enumerate(right):
            self.value(node)
            type = wanted[i] if i < len(wanted) else None
            if type is not None:
                self.assignable(node, type, what)
            else:
                self.finish(node)
            types.append(node.type)
        if len(right) != len(wanted):
            self._mismatch(len(wanted), len(right), pos)
        return (types + [type or t.INVALID for type in wanted[len(types) :]])[: len(wanted)]

    def _mismatch(self, left: int, right: int, pos: s.Pos) -> None:
        self.errors.add("assign", f"assignment mismatch: {_count(left, 'variable')} but {_count(right, 'value')}", pos)

    def _do_constdecl(self, node: s.ConstDecl) -> None:
        self.iota = node.iota
        written = self.type_of(node.written) if node.written is not None else None
        if len(node.names) != len(node.values):
            self._mismatch(len(node.names), len(node.values), node.pos)
        constants: list[tuple[s.Name, t.Type, Constant]] = []
        for name, value in zip(node.names, node.values, strict=False):
            self.value(value)
            if value.const is None and value.type != t.INVALID:
                self.errors.add("constant", f"the value of {name.name} is not constant", value.pos)
            if written is not None:
                self.assignable(value, written, "a constant")
            failed = value.const is None or value.type == t.INVALID
            constants.append((name, t.INVALID if failed else value.type, 0 if value.const is None else value.const))
        self.iota = None
        for name, type, constant in constants:
            self.declare(name, Const(name.name, type, constant))
        for name in node.names[len(constants) :]:
            self.declare(name, Const(name.name, t.INVALID, 0))

    def _do_typedecl(self, node: s.TypeDecl) -> None:
        named = t.Named(node.name.name, t.INVALID, node.name.pos)
        self.declare(node.name, TypeName(node.name.name, named))
        named.made_of = self.type_of(node.written).under
        self.package.types.append(named)

    # ---- assignments

    def _do_define(self, node: s.Define) -> None:
        names = [name if isinstance(name, s.Name) else None for name in node.left]
        wanted: list[t.Type | None] = []
        node.new = []
        for place, name in zip(node.left, names, strict=True):
            if name is None:
                self.errors.add("assign", "only names stand before :=", place.pos)
            old = self.scope.names.get(name.name) if name is not None else None
            node.new.append(name is not None and name.name != "_" and not isinstance(old, Var))
            wanted.append(old.type if isinstance(old, Var) else None)
        if not any(node.new) and None not in names:
            self.errors.add("assign", "no new variables before :=", node.pos, "= assigns to those that exist")
        types = self.values(node.right, wanted, node.pos, "an assignment")
        node.vars = []
        for name, type, new in zip(names, types, node.new, strict=True):
            if name is None or name.name == "_":
                node.vars.append(None)
            elif new:
                node.vars.append(self.local(name, type))
            else:
                old = self.scope.names[name.name]
                assert isinstance(old, Var)
                name.entity, name.type = old, old.type
                self.mark_assigned(name)
                node.vars.append(old)

    def place(self, node: s.Expr) -> t.Type | None:
        """The type of what stands left of `=`; None for `_`."""
        if isinstance(node, s.Name):
            if node.name == "_":
                return None
            entity = self.find(node.name)
            was_used = isinstance(entity, Var) and entity.used
            type = self.value(node)
            if isinstance(entity, Var):
                entity.used = was_used  # to assign to a variable is not to use it
        else:
            type = self.value(node)
        if type != t.INVALID and not self.is_addressable(node):
            message = "cannot assign to this"
            if isinstance(node, s.Index) and t.kind(node.base.type) == "string":
                message = "cannot assign to a byte of a string"
            self.errors.add("assign", message, node.pos)
            return t.INVALID
        self.mark_assigned(node)
        return type

    def _do_assign(self, node: s.Assign) -> None:
        wanted = [self.place(place) for place in node.left]
        self.values(node.right, wanted, node.pos, "an assignment")

    def _do_opassign(self, node: s.OpAssign) -> None:
        operation = s.Binary(node.pos, node.op, node.left, node.right)
        type = self.value(operation)
        if type != t.INVALID:
            self.assignable(operation, node.left.type, "an assignment")
            if not self.is_addressable(node.left):
                self.errors.add("assign", "cannot assign to this", node.left.pos)
        self.mark_assigned(node.left)

    def _do_exprstmt(self, node: s.ExprStmt) -> None:
        self.expr(node.expr)
        pure = isinstance(node.expr, s.Call) and node.expr.builtin in _PURE
        if (not isinstance(node.expr, s.Call) or pure) and node.expr.type != t.INVALID:
            self.errors.add("unused", "the value of this expression is not used", node.expr.pos)

    # ---- control flow

    def _do_block(self, node: s.Block) -> None:
        self.block(node)

    def condition(self, node: s.Expr, what: str) -> None:
        self.value(node)
        if node.type != t.INVALID and t.kind(node.type) != "bool":
            self.errors.add("type", f"the condition of {what} is a bool, not a value of type {node.type}", node.pos)
        else:
            self.finish(node)

    def _do_if(self, node: s.If) -> None:
        with self.inner_scope():
            self.stmt(node.init)
            self.condition(node.cond, "an if")
            self.block(node.then)
            self.stmt(node.other)

    def _do_for(self, node: s.For) -> None:
        label, self.label = self.label, ""
        with self.inner_scope():
            self.stmt(node.init)
            if isinstance(node.init, s.Define):
                node.vars = [var for var in node.init.vars if var is not None]
            node.loop = Loop()
            self.loops.append(node.loop)
            if node.cond is not None:
                self.condition(node.cond, "a for")
            self.targets.append((node, label))
            self.block(node.body)
            self.targets.pop()
            self.stmt(node.post)
            self.loops.pop()

    def _do_range(self, node: s.Range) -> None:
        label, self.label = self.label, ""
        over = self.value(node.over)
        if t.is_untyped(over):
            over = self.finish(node.over)
        key, value = self._range_types(over, node)
        with self.inner_scope():
            node.loop = Loop()
            self.loops.append(node.loop)
            node.vars = []
            for place, type in ((node.key, key), (node.value, value)):
                if place is None:
                    continue
                if not node.define:
                    wanted = self.place(place)
                    if wanted is not None and not fits(type, wanted) and t.INVALID not in (type, wanted):
                        self.errors.add("type", f"cannot use a {type} of range as {wanted}", place.pos)
                elif isinstance(place, s.Name):
                    node.vars.append(self.local(place, type) if place.name != "_" else None)
                else:
                    self.errors.add("assign", "only names stand before :=", place.pos)
            self.targets.append((node, label))
            self.block(node.body)
            self.targets.pop()
            self.loops.pop()

    def _range_types(self, over: t.Type, node: s.Range) -> tuple[t.Type, t.Type]:
        array = t.array_of(over)
        if array is not None:
            return t.INT, array.elem
        if isinstance(over.under, t.Slice):
            return t.INT, over.under.elem
        if t.kind(over) == "string":
            return t.INT, t.INT32
        if t.kind(over) == "int":
            if node.value is not None:
                self.errors.add("assign", "range over an integer gives one value", node.value.pos)
            return over, t.INVALID
        if over != t.INVALID:
            self.errors.add("type", f"cannot range over a value of type {over}", node.over.pos)
        return t.INVALID, t.INVALID

    def _do_switch(self, node: s.Switch) -> None:
        label, self.label = self.label, ""
        with self.inner_scope():
            self.stmt(node.init)
            if node.tag is not None:
                self.value(node.tag)
                self.finish(node.tag)
            self.targets.append((node, label))
            seen: dict[Constant, None] = {}
            defaults = 0
            for clause in node.clauses:
                defaults += clause.values is None
                if defaults > 1 and clause.values is None:
                    self.errors.add("redeclared", "this switch has a default already", clause.pos)
                for value in clause.values or ():
                    self._case(node, value, seen)
                self.block(clause.body)
            self.targets.pop()

    def _case(self, node: s.Switch, value: s.Expr, seen: dict[Constant, None]) -> None:
        if node.tag is None:
            self.condition(value, "a case")
            return
        self.value(value)
        if t.INVALID in (value.type, node.tag.type):
            return
        self.assignable(value, node.tag.type, "a case")
        if not t.is_comparable(node.tag.type):
            self.errors.add("type", f"minigo does not compare values of type {node.tag.type}", node.tag.pos)
        if value.const is not None:
            if value.const in seen:
                self.errors.add("redeclared", f"duplicate case {text(value.const)}", value.pos)
            seen[value.const] = None

    def _do_labeled(self, node: s.Labeled) -> None:
        inner = node.stmt
        if not isinstance(inner, s.For | s.Range | s.Switch):
            self.errors.add("unsupported", "minigo knows labels of loops and switches only", node.name.pos)
        self.label = node.name.name
        self.stmt(inner)
        self.label = ""
        if node.name.name not in self.used_labels:
            self.errors.add("unused", f"label {node.name.name} defined and not used", node.name.pos)

    def _do_jump(self, node: s.Jump) -> None:
        for target, label in reversed(self.targets):
            if node.label is not None:
                if label != node.label.name:
                    continue
                self.used_labels.add(label)
                if node.word == "continue" and isinstance(target, s.Switch):
                    self.errors.add("jump", f"{label} is no label of a loop", node.label.pos)
                    return
            elif node.word == "continue" and isinstance(target, s.Switch):
                continue
            node.target = target
            if node.word == "break" and isinstance(target, s.For | s.Switch):
                target.has_break = True
            return
        if node.label is not None:
            self.errors.add("jump", f"no loop around is labeled {node.label.name}", node.label.pos)
        else:
            self.errors.add("jump", f"{node.word} stands outside of a loop", node.pos)

    def _do_return(self, node: s.Return) -> None:
        results = self.func.results
        if not node.values:
            if results and not self.func.named_results:
                self.errors.add(
                    "return", f"not enough values to return: {_count(len(results), 'is', 'are')} wanted", node.pos
                )
            for var in self.func.named_results:
                if self.scope.find(var.name) is not var:
                    self.errors.add("return", f"the result {var.name} is hidden by another {var.name}", node.pos)
            return
        if len(node.values) == 1 and len(results) > 1:
            self.expr(node.values[0])
            given = node.values[0].type
            if isinstance(given, t.Tuple) and len(given.types) == len(results):
                if not all(fits(a, b) for a, b in zip(given.types, results, strict=True)):
                    wanted = t.Tuple(tuple(results))
                    self.errors.add("type", f"cannot return {given} as {wanted}", node.values[0].pos)
                return
        for value, type in zip(node.values, results, strict=False):
            self.value(value)
            self.assignable(value, type, "a return")
        for value in node.values[len(results) :]:
            self.value(value)
        if len(node.values) != len(results):
            many = "too many" if len(node.values) > len(results) else "not enough"
            self.errors.add("return", f"{many} values to return: {_count(len(results), 'is', 'are')} wanted", node.pos)


_PURE = ("len", "cap", "make", "new", "append", "min", "max", "conversion", "fmt.Sprintf", "fmt.Sprint", "errors.New")


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
