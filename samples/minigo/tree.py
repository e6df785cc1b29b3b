"""From lark's tree to the nodes of `syntax.py`: one method for each rule of `go.lark`."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from lark import Token, Transformer_NonRecursive, v_args
from lark.tree import Meta

from samples.minigo import syntax as s
from samples.minigo.diagnostics import Errors
from samples.minigo.tokens import LiteralError, int_value, rune_value, string_value

Children = list[Any]


@v_args(meta=True)
class TreeBuilder(Transformer_NonRecursive[Token, Any]):
    """Does not recurse, however deep the tree is."""

    def __init__(self, file: str, errors: Errors) -> None:
        super().__init__(visit_tokens=False)
        self.file = file
        self.errors = errors

    def pos(self, meta: Meta | Token) -> s.Pos:
        line, column = meta.line or 1, meta.column or 1
        one_line = meta.end_line == line and meta.end_column is not None
        return s.Pos(self.file, line, column, (meta.end_column or 0) - column if one_line else 1)

    def name_of(self, token: Token) -> s.Name:
        return s.Name(self.pos(token), str(token))

    # ---- declarations

    def item(self, meta: Meta, children: Children) -> Any:
        return children[0]

    def package(self, meta: Meta, children: Children) -> str:
        return str(children[0])

    def imports(self, meta: Meta, children: Children) -> list[s.Import]:
        return children

    def import_spec(self, meta: Meta, children: Children) -> s.Import:
        return s.Import(self.pos(meta), string_value(children[0]).decode())

    def func(self, meta: Meta, children: Children) -> s.FuncDecl:
        receiver = children.pop(0) if isinstance(children[0], s.Param) else None
        name, params, *rest = children
        body = rest.pop() if rest and isinstance(rest[-1], s.Block) else None
        return s.FuncDecl(self.pos(meta), self.name_of(name), receiver, params, rest[0] if rest else [], body)

    def receiver(self, meta: Meta, children: Children) -> s.Param:
        return self.params(meta, children)[0]

    def params(self, meta: Meta, children: Children) -> list[s.Param]:
        """`a, b int` is read as a lone `a` and `b int`: lone names before one with a type share it."""
        if not any(param.name for param in children):
            return children
        written = None
        for param in reversed(children):
            if param.name is not None:
                written = param.written
            elif isinstance(param.written, s.Name) and written is not None:
                param.name, param.written = param.written, written
            else:
                self.errors.add("syntax", "a parameter without a name beside one with a name", param.pos)
        return children

    def result(self, meta: Meta, children: Children) -> list[s.Param]:
        return children[0] if isinstance(children[0], list) else [s.Param(children[0].pos, None, children[0])]

    def named_param(self, meta: Meta, children: Children) -> s.Param:
        return s.Param(self.pos(meta), self.name_of(children[0]), children[1])

    def lone_param(self, meta: Meta, children: Children) -> s.Param:
        return s.Param(self.pos(meta), None, children[0])

    def vars(self, meta: Meta, children: Children) -> s.Stmt:
        return s.Group(self.pos(meta), children)

    types = vars

    def var_spec(self, meta: Meta, children: Children) -> s.VarDecl:
        return s.VarDecl(self.pos(meta), children[0], children[1], children[2] or [])

    def var_untyped(self, meta: Meta, children: Children) -> s.VarDecl:
        return s.VarDecl(self.pos(meta), children[0], None, children[1])

    def consts(self, meta: Meta, children: Children) -> s.Group:
        """Where values are left out, those of the line before are repeated, with the next iota."""
        written, values = None, list[s.Expr]()
        for iota, decl in enumerate(children):
            decl.iota = iota
            if decl.values:
                written, values = decl.written, decl.values
            else:
                decl.written, decl.values = written, values
        return s.Group(self.pos(meta), children)

    def const_spec(self, meta: Meta, children: Children) -> s.ConstDecl:
        return s.ConstDecl(self.pos(meta), *children)

    def const_repeated(self, meta: Meta, children: Children) -> s.ConstDecl:
        return s.ConstDecl(self.pos(meta), children[0], None, [])

    def type_spec(self, meta: Meta, children: Children) -> s.TypeDecl:
        return s.TypeDecl(self.pos(meta), self.name_of(children[0]), children[1])

    def names(self, meta: Meta, children: Children) -> list[s.Name]:
        return [self.name_of(token) for token in children]

    # ---- types

    def star(self, meta: Meta, children: Children) -> s.Unary:
        return s.Unary(self.pos(meta), "*", children[0])

    def slice_type(self, meta: Meta, children: Children) -> s.SliceType:
        return s.SliceType(self.pos(meta), children[0])

    def array_type(self, meta: Meta, children: Children) -> s.ArrayType:
        return s.ArrayType(self.pos(meta), *children)

    def counted_type(self, meta: Meta, children: Children) -> s.ArrayType:
        return s.ArrayType(self.pos(meta), None, children[-1])

    def struct_type(self, meta: Meta, children: Children) -> s.StructType:
        return s.StructType(self.pos(meta), children)

    def fields(self, meta: Meta, children: Children) -> tuple[list[s.Name], s.Expr]:
        return children[0], children[1]

    # ---- statements

    def block(self, meta: Meta, children: Children) -> s.Block:
        end = s.Pos(self.file, meta.end_line or 1, max(1, (meta.end_column or 2) - 1))
        return s.Block(self.pos(meta), children[-1], end)

    def statements(self, meta: Meta, children: Children) -> list[s.Stmt]:
        return [child for child in children if child is not None]

    def expr_statement(self, meta: Meta, children: Children) -> s.ExprStmt:
        return s.ExprStmt(self.pos(meta), children[0])

    def define(self, meta: Meta, children: Children) -> s.Define:
        return s.Define(self.pos(meta), children[0], children[1])

    def assign(self, meta: Meta, children: Children) -> s.Assign:
        return s.Assign(self.pos(meta), children[0], children[1])

    def op_assign(self, meta: Meta, children: Children) -> s.OpAssign:
        left, op, right = children
        return s.OpAssign(self.pos(op), str(op)[:-1], left, right)

    def step(self, meta: Meta, children: Children) -> s.OpAssign:
        place = self.pos(children[1])
        return s.OpAssign(place, str(children[1])[:-1], children[0], s.Literal(place, 1, "int"))

    def return_(self, meta: Meta, children: Children) -> s.Return:
        return s.Return(self.pos(meta), children[0] if children else [])

    def break_(self, meta: Meta, children: Children) -> s.Jump:
        return s.Jump(self.pos(meta), "break", self.name_of(children[0]) if children else None)

    def continue_(self, meta: Meta, children: Children) -> s.Jump:
        return s.Jump(self.pos(meta), "continue", self.name_of(children[0]) if children else None)

    def labeled(self, meta: Meta, children: Children) -> s.Labeled:
        return s.Labeled(self.pos(meta), self.name_of(children[0]), children[1])

    def if_statement(self, meta: Meta, children: Children) -> s.If:
        return s.If(self.pos(meta), *children)

    def for_ever(self, meta: Meta, children: Children) -> s.For:
        return s.For(self.pos(meta), None, None, None, children[0])

    def for_while(self, meta: Meta, children: Children) -> s.For:
        return s.For(self.pos(meta), None, children[0], None, children[1])

    def for_clause(self, meta: Meta, children: Children) -> s.For:
        return s.For(self.pos(meta), *children)

    def for_range(self, meta: Meta, children: Children) -> s.Range:
        left, op, over, body = children
        if len(left) > 2:
            self.errors.add("syntax", "range gives at most two values", left[2].pos)
        value = left[1] if len(left) > 1 else None
        return s.Range(self.pos(meta), left[0], value, str(op).startswith(":"), over, body)

    def for_only(self, meta: Meta, children: Children) -> s.Range:
        return s.Range(self.pos(meta), None, None, False, *children)

    def switch_statement(self, meta: Meta, children: Children) -> s.Switch:
        init, tag, *rest = children
        return s.Switch(self.pos(meta), init, tag, [c for c in rest if isinstance(c, s.Clause)])

    def case(self, meta: Meta, children: Children) -> s.Clause:
        return s.Clause(self.pos(meta), children[0], s.Block(self.pos(meta), children[1], self.pos(meta)))

    def default(self, meta: Meta, children: Children) -> s.Clause:
        return s.Clause(self.pos(meta), None, s.Block(self.pos(meta), children[0], self.pos(meta)))

    # ---- expressions

    def exprs(self, meta: Meta, children: Children) -> list[s.Expr]:
        return children

    def binary(self, meta: Meta, children: Children) -> s.Binary:
        left, op, right = children
        return s.Binary(self.pos(op), str(op), left, right)

    def unary(self, meta: Meta, children: Children) -> s.Unary:
        return s.Unary(self.pos(meta), str(children[0]), children[1])

    def selector(self, meta: Meta, children: Children) -> s.Selector:
        return s.Selector(self.pos(meta), children[0], str(children[1]), self.pos(children[1]))

    def index(self, meta: Meta, children: Children) -> s.Index:
        return s.Index(self.pos(meta), *children)

    def slice(self, meta: Meta, children: Children) -> s.SliceExpr:
        base, lo, hi = children
        return s.SliceExpr(self.pos(meta), base, lo, hi, None)

    def full_slice(self, meta: Meta, children: Children) -> s.SliceExpr:
        return s.SliceExpr(self.pos(meta), *children)

    def call(self, meta: Meta, children: Children) -> s.Call:
        callee, *args = children
        spread = bool(args) and isinstance(args[-1], Token)
        return s.Call(self.pos(meta), callee, args[:-1] if spread else args, spread)

    def name(self, meta: Meta, children: Children) -> s.Name:
        return self.name_of(children[0])

    def paren(self, meta: Meta, children: Children) -> Any:
        return children[0]

    def literal(self, meta: Meta, children: Children) -> Any:
        written, elements = children
        if isinstance(written, Token):
            written = self.name_of(written)
        elements.written, elements.pos = written, self.pos(meta)
        return elements

    def elements(self, meta: Meta, children: Children) -> s.Composite:
        return s.Composite(self.pos(meta), None, children)

    def element(self, meta: Meta, children: Children) -> tuple[s.Expr | None, s.Expr]:
        return None, children[0]

    def keyed(self, meta: Meta, children: Children) -> tuple[s.Expr | None, s.Expr]:
        return children[0], children[1]

    def int(self, meta: Meta, children: Children) -> s.Literal:
        return self._literal(children[0], "int", int_value)

    def float(self, meta: Meta, children: Children) -> s.Literal:
        return self._literal(children[0], "float", lambda text: Fraction(text.replace("_", "")))

    def char(self, meta: Meta, children: Children) -> s.Literal:
        return self._literal(children[0], "rune", rune_value)

    def string(self, meta: Meta, children: Children) -> s.Literal:
        return self._literal(children[0], "string", string_value)

    def _literal(self, token: Token, kind: str, value: Any) -> s.Literal:
        try:
            return s.Literal(self.pos(token), value(str(token)), kind)
        except LiteralError as error:
            self.errors.add("literal", str(error), self.pos(token))
            return s.Literal(self.pos(token), b"" if kind == "string" else 0, kind)
