"""Statements to IR."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass

import irpass as ip
from samples.minigo import syntax as s, types as t
from samples.minigo.entities import Func, Var
from samples.minigo.function import Label, Operand
from samples.minigo.layout import leaf_count
from samples.minigo.lower_fmt import FmtLowering
from samples.minigo.memory import Leaves, Local, Place, Target


@dataclass
class Ways:
    """Where `break` and `continue` lead."""

    after: Label
    again: Label | None = None


class StmtLowering(FmtLowering):
    func: Func
    ways: dict[s.Stmt, Ways]

    # what `program.py` provides
    @abstractmethod
    def leave(self, values: Leaves) -> None:
        """Return from the function."""

    def stmt(self, node: s.Stmt | None) -> None:
        if node is not None and self.reachable:
            self.here(node)
            getattr(self, f"_do_{type(node).__name__.lower()}")(node)

    def statements(self, body: list[s.Stmt]) -> None:
        for stmt in body:
            self.stmt(stmt)

    # ---- declarations and assignments

    def _do_group(self, node: s.Group) -> None:
        self.statements(node.decls)

    def _do_constdecl(self, node: s.ConstDecl) -> None:
        pass

    def _do_typedecl(self, node: s.TypeDecl) -> None:
        pass

    def _do_vardecl(self, node: s.VarDecl) -> None:
        if not node.values:
            for var in node.vars:
                self.declare(var, None)
            return
        for var, values in zip(node.vars, self.right_sides(node.values, [v.name for v in node.vars]), strict=True):
            self.declare(var, values)

    def right_sides(self, right: list[s.Expr], names: list[str]) -> list[Leaves]:
        """The value for each of the left sides."""
        if len(right) == 1 and isinstance(right[0].type, t.Tuple):
            values = self.expr(right[0])
            split: list[Leaves] = []
            for type in right[0].type.types:
                split.append(values[: leaf_count(type)])
                values = values[leaf_count(type) :]
            return split
        return [self.owned(node, "" if name == "_" else name) for node, name in zip(right, names, strict=True)]

    def _do_define(self, node: s.Define) -> None:
        names = [name.name if isinstance(name, s.Name) else "" for name in node.left]
        values = self.right_sides(node.right, names)
        self.here(node)
        for var, new, leaves in zip(node.vars, node.new, values, strict=True):
            if var is not None and new:
                self.declare(var, leaves)
            elif var is not None:
                self.store(self._place_of_var(var), leaves)

    def _place_of_var(self, var: Var) -> Place:
        return Target(self.env[var][0], var.type) if var.in_memory else Local(var, 0, var.type)

    def _do_assign(self, node: s.Assign) -> None:
        places = [None if _is_blank(left) else self.place_of(left) for left in node.left]
        names = [left.name if isinstance(left, s.Name) else "" for left in node.left]
        if len(node.left) == len(node.right) == 1:
            values = [self.expr(node.right[0], names[0] if names[0] != "_" else "")]  # stored with a copy of arrays
        else:
            values = self.right_sides(node.right, names)
        for place, leaves, left in zip(places, values, node.left, strict=True):
            if place is not None:
                self.here(left)
                self.store(place, leaves)

    def _do_opassign(self, node: s.OpAssign) -> None:
        place = self.place_of(node.left)
        name = node.left.name if isinstance(node.left, s.Name) else ""
        self.here(node.left)
        old = self.load(place)[0]
        right = self.value(node.right)
        self.here(node)
        if t.kind(node.left.type) == "string":
            new = self.joined([old, right], name)
        else:
            new = self.arithmetic(node.op, old, right, name)
        self.store(place, [new])

    def _do_exprstmt(self, node: s.ExprStmt) -> None:
        self.expr(node.expr)

    # ---- control flow

    def _do_block(self, node: s.Block) -> None:
        self.statements(node.body)

    def _do_labeled(self, node: s.Labeled) -> None:
        self.stmt(node.stmt)

    def _do_if(self, node: s.If) -> None:
        self.stmt(node.init)
        then, done = self.label("then"), self.label("done")
        other = self.label("else") if node.other is not None else done
        self.condition(node.cond, then, other)
        self.place(then)
        self.stmt(node.then)
        self.jump(done)
        if node.other is not None:
            self.place(other)
            self.stmt(node.other)
            self.jump(done)
        self.place(done)

    def _do_for(self, node: s.For) -> None:
        after = self.label("done")  # what `init` declares is not visible there
        self.stmt(node.init)
        head, body, again = self.label("for"), self.label("body"), self.label("next")
        moved = [var for var in node.vars if var.in_memory]
        assigned = [var for var in node.loop.assigned if var in self.env and not var.in_memory]
        self.place_loop(head, [*assigned, *moved])
        if node.cond is not None:
            self.here(node.cond)
            self.condition(node.cond, body, after)
        else:
            self.jump(body)
        self.place(body)
        self.ways[node] = Ways(after, again)
        self.stmt(node.body)
        self.jump(again)
        self.place(again)
        for var in moved if self.reachable else ():  # each round has its own variable
            self.declare(var, self.copied(self.load(Target(self.env[var][0], var.type)), var.type))
        self.stmt(node.post)
        self.jump(head)
        self.place(after)

    def _do_range(self, node: s.Range) -> None:
        over = node.over.type
        array = t.array_of(over)
        by_value = isinstance(over.under, t.Array) and node.value is not None
        value = self.owned(node.over)[0] if by_value else self._whole(node.over)
        self.here(node)
        end: Operand
        if t.kind(over) == "int":
            end = value
        else:
            end = ip.Literal(ip.I64, array.length) if array is not None else self.b.len(self.typed(value))
        counter = Var("i", t.INT if t.kind(over) != "int" else over, node.pos)
        after = self.label("done")
        self.env[counter] = (ip.Literal(self.layout.ir(counter.type), 0),)
        head, body = self.label("for"), self.label("body")
        assigned = [var for var in node.loop.assigned if var in self.env and not var.in_memory]
        self.place_loop(head, [counter, *assigned])
        i = self.typed(self.env[counter][0])
        self.branch(self.b.lt(i, end), body, after)
        self.place(body)
        step: Operand = ip.Literal(i.type, 1)
        if t.kind(over) == "string":
            step = self._rune(node, value, i)
        else:
            self._set(node, 0, [i])
            if node.value is not None and not _is_blank(node.value):
                self._set(node, 1, self.load(self.element(value, over, i)))
        following = Var("step", t.INT, node.pos)
        self.env[following] = (step,)
        again = self.label("next")
        self.ways[node] = Ways(after, again)
        self.stmt(node.body)
        self.jump(again)
        self.place(again)
        if self.reachable:
            self.here(node)
            self.env[counter] = (self.b.add(i, self.env.pop(following)[0]),)
        self.jump(head)
        self.place(after)
        self.env.pop(counter, None)

    def _whole(self, node: s.Expr) -> Operand:
        if isinstance(node.type.under, t.Array):
            return self.load(self.place_of(node))[0] if self.is_place(node) else self.value(node)
        return self.value(node)

    def _rune(self, node: s.Range, text: Operand, i: ip.Value) -> Operand:
        """Set the variables of a range over a string; gives how many bytes the rune takes."""
        self._set(node, 0, [i])
        packed = self.call_library("runtime", "decode", text, i)
        if node.value is not None:
            self._set(node, 1, [self.b.conv(ip.I32, self.b.and_(self.typed(packed), 0xFFFFFFFF))])
        return self.b.shr(self.typed(packed), 32)

    def _set(self, node: s.Range, which: int, values: Leaves) -> None:
        """Give the key or the value of a range what this round has for it."""
        place = (node.key, node.value)[which]
        if place is None or _is_blank(place):
            return
        if node.define:
            var = node.vars[which]
            assert var is not None
            self.declare(var, self.copied(values, var.type) if t.holds_arrays(var.type) else values)
        else:
            self.store(self.place_of(place), values)

    def _do_switch(self, node: s.Switch) -> None:
        after = self.label("done")
        self.stmt(node.init)
        tag = self.expr(node.tag, "tag") if node.tag is not None else None
        self.ways[node] = Ways(after)
        bodies = [self.label("default" if clause.values is None else "case") for clause in node.clauses]
        default = after
        cases: list[tuple[Label, s.Expr]] = []
        for clause, body in zip(node.clauses, bodies, strict=True):
            if clause.values is None:
                default = body
            cases += [(body, value) for value in clause.values or ()]
        for n, (body, value) in enumerate(cases):
            following = self.label("test") if n < len(cases) - 1 else default
            self.here(value)
            if tag is None or node.tag is None:
                self.condition(value, body, following)
            else:
                same = self.compare("==", tag, self.expr(value), node.tag.type)
                self.branch(same, body, following)
            if following is not default:
                self.place(following)
        if not cases:
            self.jump(default)
        for clause, body in zip(node.clauses, bodies, strict=True):
            self.place(body)
            self.stmt(clause.body)
            self.jump(after)
        self.place(after)

    def _do_jump(self, node: s.Jump) -> None:
        assert node.target is not None
        ways = self.ways[node.target]
        label = ways.after if node.word == "break" else ways.again
        assert label is not None
        self.jump(label)

    def _do_return(self, node: s.Return) -> None:
        values: Leaves = []
        if not node.values:
            for var in self.func.named_results:
                values += self.load(self._place_of_var(var))
        elif len(node.values) == 1:
            values = self.owned(node.values[0])
        else:
            for value in node.values:
                values += self.owned(value)
        self.here(node)
        self.leave(values)


def _is_blank(node: s.Expr) -> bool:
    return isinstance(node, s.Name) and node.name == "_"
