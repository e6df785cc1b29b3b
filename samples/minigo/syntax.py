"""The syntax tree: what the parser makes, the checker annotates and the lowering reads.

The checker fills in the fields below each comment `checked:`; types are written as expressions.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from samples.minigo.constants import Constant
    from samples.minigo.entities import Entity, Func, Loop, Var
    from samples.minigo.types import Type


class Pos(NamedTuple):
    """Where a node begins in its file, counted from 1, and how many characters a caret marks."""

    file: str
    line: int
    column: int
    length: int = 1


NOWHERE = Pos("", 0, 0)  # of what is in no text, and in no diagnostic


@dataclass(eq=False)
class Node:
    pos: Pos


# ---- expressions


@dataclass(eq=False)
class Expr(Node):
    # checked:
    type: Type = field(init=False, repr=False)
    const: Constant | None = field(init=False, default=None)


@dataclass(eq=False)
class Name(Expr):
    name: str
    # checked:
    entity: Entity | None = field(init=False, default=None)


@dataclass(eq=False)
class Literal(Expr):
    """A number, a rune or a text; `value` is the constant."""

    value: Constant
    kind: str  # int, float, rune or string


@dataclass(eq=False)
class Composite(Expr):
    """`T{...}`; `written` is None for an inner literal that leaves its type out."""

    written: Expr | None
    elements: list[tuple[Expr | None, Expr]]
    # checked: where each value goes, a field's number or an index
    places: list[int] = field(init=False, default_factory=list)


@dataclass(eq=False)
class Selector(Expr):
    base: Expr
    name: str
    name_pos: Pos
    # checked: a member of a package, or a method, or else a field
    entity: Entity | None = field(init=False, default=None)
    number: int = field(init=False, default=-1)


@dataclass(eq=False)
class Index(Expr):
    base: Expr
    index: Expr


@dataclass(eq=False)
class SliceExpr(Expr):
    base: Expr
    lo: Expr | None
    hi: Expr | None
    max: Expr | None


@dataclass(eq=False)
class Call(Expr):
    callee: Expr
    args: list[Expr]
    spread: bool = False
    # checked: what is called: a function, or the word for a conversion or a builtin
    func: Func | None = field(init=False, default=None)
    builtin: str = field(init=False, default="")


@dataclass(eq=False)
class Unary(Expr):
    op: str
    operand: Expr


@dataclass(eq=False)
class Binary(Expr):
    op: str
    left: Expr
    right: Expr


@dataclass(eq=False)
class SliceType(Expr):
    elem: Expr


@dataclass(eq=False)
class ArrayType(Expr):
    """`length` is None for `[...]T`."""

    length: Expr | None
    elem: Expr


@dataclass(eq=False)
class StructType(Expr):
    fields: list[tuple[list[Name], Expr]]


# ---- statements


@dataclass(eq=False)
class Stmt(Node):
    pass


@dataclass(eq=False)
class Block(Stmt):
    body: list[Stmt]
    end: Pos


@dataclass(eq=False)
class VarDecl(Stmt):
    names: list[Name]
    written: Expr | None
    values: list[Expr]
    # checked:
    vars: list[Var] = field(init=False, default_factory=list)


@dataclass(eq=False)
class ConstDecl(Stmt):
    names: list[Name]
    written: Expr | None
    values: list[Expr]
    iota: int = 0


@dataclass(eq=False)
class TypeDecl(Stmt):
    name: Name
    written: Expr


@dataclass(eq=False)
class Group(Stmt):
    """The declarations of one `var (...)`, `const (...)` or `type (...)`."""

    decls: list[Stmt]


@dataclass(eq=False)
class Define(Stmt):
    """`a, b := ...`"""

    left: list[Expr]
    right: list[Expr]
    # checked: the variable of each name, None for `_`; which of them are new
    vars: list[Var | None] = field(init=False, default_factory=list)
    new: list[bool] = field(init=False, default_factory=list)


@dataclass(eq=False)
class Assign(Stmt):
    left: list[Expr]
    right: list[Expr]


@dataclass(eq=False)
class OpAssign(Stmt):
    """`x op= y`, and `x++` as `x += 1`."""

    op: str
    left: Expr
    right: Expr


@dataclass(eq=False)
class ExprStmt(Stmt):
    expr: Expr


@dataclass(eq=False)
class If(Stmt):
    init: Stmt | None
    cond: Expr
    then: Block
    other: Stmt | None


@dataclass(eq=False)
class For(Stmt):
    init: Stmt | None
    cond: Expr | None
    post: Stmt | None
    body: Block
    # checked:
    loop: Loop = field(init=False)
    vars: list[Var] = field(init=False, default_factory=list)
    has_break: bool = field(init=False, default=False)


@dataclass(eq=False)
class Range(Stmt):
    """`for key, value := range over`; both may be left out."""

    key: Expr | None
    value: Expr | None
    define: bool
    over: Expr
    body: Block
    # checked: the variables that it defines
    loop: Loop = field(init=False)
    vars: list[Var | None] = field(init=False, default_factory=list)


@dataclass(eq=False)
class Clause(Node):
    """`values` is None for `default`."""

    values: list[Expr] | None
    body: Block


@dataclass(eq=False)
class Switch(Stmt):
    init: Stmt | None
    tag: Expr | None
    clauses: list[Clause]
    # checked:
    has_break: bool = field(init=False, default=False)


@dataclass(eq=False)
class Return(Stmt):
    values: list[Expr]


@dataclass(eq=False)
class Jump(Stmt):
    """`break` or `continue`, with a label or without."""

    word: str
    label: Name | None
    # checked: the loop or switch
    target: Stmt | None = field(init=False, default=None)


@dataclass(eq=False)
class Labeled(Stmt):
    name: Name
    stmt: Stmt


# ---- declarations


@dataclass(eq=False)
class Param(Node):
    """One parameter or result; without a name where it has none."""

    name: Name | None
    written: Expr


@dataclass(eq=False)
class FuncDecl(Node):
    """`body` is None for what the compiler provides, in the library."""

    name: Name
    receiver: Param | None
    params: list[Param]
    results: list[Param]
    body: Block | None


@dataclass(eq=False)
class Import(Node):
    path: str


@dataclass(eq=False)
class File:
    """A package of one file."""

    name: str
    package: str
    imports: list[Import]
    decls: list[Stmt]
    funcs: list[FuncDecl]
