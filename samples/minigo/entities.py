"""What names stand for, and the scopes that they are found in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from samples.minigo import syntax as s
from samples.minigo.constants import Constant
from samples.minigo.types import Named, Tuple, Type


@dataclass(eq=False)
class Var:
    """A variable. `in_memory` says that its address is taken, `loops` how many loops are around its declaration."""

    name: str
    type: Type
    pos: s.Pos
    is_global: bool = False
    loops: int = 0
    used: bool = False
    in_memory: bool = False
    package: str = ""


@dataclass(eq=False)
class Const:
    name: str
    type: Type
    value: Constant


@dataclass(eq=False)
class TypeName:
    name: str
    type: Type


@dataclass(eq=False)
class Builtin:
    name: str


@dataclass(eq=False)
class Nil:
    pass


@dataclass(eq=False)
class PackageName:
    """An import; `used` is for the error that Go makes of one that is not."""

    package: Package
    pos: s.Pos
    used: bool = False


@dataclass(eq=False)
class Func:
    """A function or method; `symbol` is its name in the IR. `calls` and `globals` are what its body mentions."""

    name: str
    symbol: str
    decl: s.FuncDecl
    package: Package
    params: list[Var] = field(default_factory=list)
    results: list[Type] = field(default_factory=list)
    named_results: list[Var] = field(default_factory=list)
    receiver: Var | None = None
    calls: dict[Func, None] = field(default_factory=dict)
    globals: dict[Var, None] = field(default_factory=dict)
    prints: bool = False

    @property
    def result(self) -> Type:
        return self.results[0] if len(self.results) == 1 else Tuple(tuple(self.results))


@dataclass(eq=False)
class Pending:
    """A declaration of a package that has not been looked into: they come in any order."""

    name: str
    decl: s.VarDecl | s.ConstDecl | s.TypeDecl | s.FuncDecl
    package: Package
    is_open: bool = False  # it is being looked into: to come back here is a cycle


Entity = Var | Const | TypeName | Builtin | Nil | PackageName | Func | Pending


@dataclass(eq=False)
class Loop:
    """A loop, and the variables from outside that are assigned in it."""

    assigned: dict[Var, None] = field(default_factory=dict)


@dataclass(eq=False)
class Scope:
    """Names of one block, within those of `outer`."""

    outer: Scope | None = None
    names: dict[str, Entity] = field(default_factory=dict)

    def find(self, name: str) -> Entity | None:
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.outer
        return None

    def all_names(self) -> Iterator[str]:
        scope: Scope | None = self
        while scope is not None:
            yield from scope.names
            scope = scope.outer


@dataclass(eq=False)
class Package:
    """What a file declares. `initial` are its variables with their initial values, in the order of the text."""

    name: str
    scope: Scope
    is_library: bool = False
    funcs: list[Func] = field(default_factory=list)
    types: list[Named] = field(default_factory=list)
    initial: list[Initial] = field(default_factory=list)


@dataclass(eq=False)
class Initial:
    """A `var` of a package; `mentions` has the functions and variables in its values."""

    decl: s.VarDecl
    mentions: Func
