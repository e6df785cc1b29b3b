"""The checker of packages: declarations in any order, imports, and what is missing or not used."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from samples.minigo import syntax as s, types as t
from samples.minigo.check_stmt import StmtChecker
from samples.minigo.diagnostics import Errors
from samples.minigo.entities import (
    Builtin,
    Const,
    Entity,
    Func,
    Initial,
    Nil,
    Package,
    PackageName,
    Pending,
    Scope,
    TypeName,
    Var,
)
from samples.minigo.parser import parse_file
from samples.minigo.termination import ends

LIBRARY = Path(__file__).with_name("lib")
_BUILTINS = ("append", "cap", "clear", "copy", "len", "make", "max", "min", "new", "panic")
_INTERNAL = {"runtime", "decimal"}  # packages of the library that are not for programs
_IN_PACKAGES = {  # what the compiler itself knows of the library, beside what is in `lib`
    "fmt": ("Print", "Printf", "Println", "Sprint", "Sprintf", "Sprintln", "Errorf"),
    "errors": ("New",),
}


def _universe() -> Scope:
    names: dict[str, Entity] = {name: TypeName(name, type) for name, type in t.PREDECLARED.items()}
    names |= {name: Builtin(name) for name in _BUILTINS}
    names |= {word: Const(word, t.UNTYPED_BOOL, word == "true") for word in ("true", "false")}
    return Scope(None, {**names, "nil": Nil()})


@cache
def _library_file(path: Path) -> s.File:
    """A file of the library, read once in a process: each check annotates it anew."""
    errors = Errors()
    file = parse_file(path.read_text(encoding="utf-8"), path.name, errors)
    errors.raise_any()
    return file


class Program(StmtChecker):
    """A checked program: `main` and the packages of the library that it needs."""

    def __init__(self, errors: Errors) -> None:
        self.universe = _universe()
        super().__init__(errors, self.universe)
        self.packages: dict[str, Package] = {}
        self.bodies: dict[Func, None] = {}  # whose bodies are checked, or will be
        self._waiting: list[Func] = []
        self.targets = []
        self.used_labels = set()

    # ---- packages

    def main(self, text: str, name: str) -> Package:
        """Check a program. Raises: GoError with all that is wrong in it."""
        file = parse_file(text, name, self.errors)
        self.errors.raise_any()  # what is missing from the tree would be missing everywhere
        package = self.packages["main"] = Package("main", Scope(self.universe))
        self.declare_package(file, package)
        for func in package.funcs:
            self.request(func)
        self.check_waiting()
        main = package.scope.names.get("main")
        if not isinstance(main, Func):
            self.errors.add("main", "function main is missing", s.Pos(name, 1, 1))
        elif main.params or main.results:
            self.errors.add("main", "func main takes and gives nothing", main.decl.name.pos)
        if file.package not in ("main", ""):
            self.errors.add("main", f"the package is {file.package}, minigo compiles package main", s.Pos(name, 1, 1))
        for import_ in package.scope.outer.names.values() if package.scope.outer is not None else ():
            if isinstance(import_, PackageName) and not import_.used:
                self.errors.add("unused", f'"{import_.package.name}" imported and not used', import_.pos)
        self.errors.raise_any()
        return package

    def library(self, name: str) -> Package | None:
        """A package of the library, None where minigo does not have it."""
        if name not in self.packages:
            path = LIBRARY / f"{name}.go"
            if not name.isidentifier() or not path.exists():
                return None
            package = self.packages[name] = Package(name, Scope(self.universe), is_library=True)
            with self.inside(package):
                self.declare_package(_library_file(path), package)
            for word in _IN_PACKAGES.get(name, ()):
                package.scope.names[word] = Builtin(f"{name}.{word}")
        return self.packages[name]

    def library_func(self, package: str, name: str) -> Func:
        """A function of the library that the compiler itself calls."""
        home = self.library(package)
        assert home is not None
        func = self.find_in(home, name)
        assert isinstance(func, Func)
        self.request(func)
        self.check_waiting()
        self.errors.raise_any()
        return func

    def all_packages(self) -> list[Package]:
        return [*self.packages.values()]

    def arguments(self) -> Var:
        """`os.Args`."""
        args = self.packages["os"].scope.names["Args"]
        assert isinstance(args, Var)
        return args

    @contextmanager
    def inside(self, package: Package) -> Iterator[None]:
        """Check what is of `package`, at its top."""
        before = self.scope, self.package, self.loops, self.iota, self.func
        self.scope, self.package, self.loops, self.iota = package.scope, package, [], None
        try:
            yield
        finally:
            self.scope, self.package, self.loops, self.iota, self.func = before

    def declare_package(self, file: s.File, package: Package) -> None:
        imports = Scope(self.universe)
        package.scope.outer = imports
        for import_ in file.imports:
            hidden = import_.path in _INTERNAL and not package.is_library
            found = self.library(import_.path) if not hidden else None
            if found is None:
                known = ", ".join(sorted({path.stem for path in LIBRARY.glob("*.go")} - _INTERNAL))
                self.errors.add(
                    "import", f"minigo does not have the package {import_.path}", import_.pos, f"it has {known}"
                )
            else:
                imports.names[import_.path] = PackageName(found, import_.pos)
        with self.inside(package):
            self._declare_all(file, package)

    def _declare_all(self, file: s.File, package: Package) -> None:
        pending: list[Pending] = []
        methods: list[s.FuncDecl] = []
        for decl in [
            inner for group in file.decls for inner in (group.decls if isinstance(group, s.Group) else [group])
        ]:
            assert isinstance(decl, s.VarDecl | s.ConstDecl | s.TypeDecl)
            names = [decl.name] if isinstance(decl, s.TypeDecl) else decl.names
            for name in names:
                pending.append(Pending(name.name, decl, package))
                self.declare(name, pending[-1])
        for func in file.funcs:
            if func.receiver is not None:
                methods.append(func)
            elif func.name.name == "init":
                self.errors.add("unsupported", "minigo does not know init functions", func.name.pos)
            else:
                pending.append(Pending(func.name.name, func, package))
                self.declare(func.name, pending[-1])
        for func in methods:
            self._method_decl(func, package)
        for one in pending:
            if package.scope.names.get(one.name) is one or (one.name == "_" and isinstance(one.decl, s.VarDecl)):
                self.settled(one)
        for type in package.types:
            self._check_size(type)

    # ---- declarations

    def settled(self, entity: Entity | None) -> Entity | None:
        if not isinstance(entity, Pending):
            return entity
        decl = entity.decl
        name = decl.name if isinstance(decl, s.TypeDecl | s.FuncDecl) else decl.names[0]
        if entity.is_open:
            self.errors.add("cycle", f"{entity.name} is declared by way of itself", name.pos)
            return Var(entity.name, t.INVALID, name.pos)
        entity.is_open = True
        package = entity.package
        with self.inside(package):
            if isinstance(decl, s.FuncDecl):
                package.scope.names[name.name] = self._func(decl, package, None)
            elif isinstance(decl, s.VarDecl):
                self._globals(decl, package)
            elif isinstance(decl, s.ConstDecl):
                self._global_consts(decl, package)
            else:
                del package.scope.names[name.name]
                self.stmt(decl)
        return package.scope.names.get(entity.name)

    def _global_consts(self, decl: s.ConstDecl, package: Package) -> None:
        outer = self.scope
        self.scope = Scope(outer)  # while it is found, its names are those of outside: pending, and so a cycle
        self.func = Func("", "", _NO_DECL, package)
        self.stmt(decl)
        package.scope.names |= self.scope.names
        self.scope = outer

    def _globals(self, decl: s.VarDecl, package: Package) -> None:
        self.func = Func("", "", _NO_DECL, package)
        decl.vars = []
        for name, type in zip(decl.names, self.initial_types(decl), strict=True):
            var = Var(name.name, type, name.pos, is_global=True, used=True, package=package.name)
            package.scope.names[name.name] = var
            decl.vars.append(var)
        package.initial.append(Initial(decl, self.func))

    def _func(self, decl: s.FuncDecl, package: Package, receiver: t.Named | None) -> Func:
        name = decl.name.name
        prefix = f"{package.name}." if package.is_library else ""
        symbol = f"{prefix}{receiver.name}.{name}" if receiver is not None else f"{prefix}{name}"
        func = Func(
            name, symbol if symbol.isascii() else symbol.encode("ascii", "xmlcharrefreplace").decode(), decl, package
        )
        self.func = func
        for param in decl.params:
            func.params.append(self._param(param))
        for param in decl.results:
            var = self._param(param)
            func.results.append(var.type)
            if param.name is not None:
                func.named_results.append(var)
        if decl.body is None and not package.is_library:
            self.errors.add("syntax", f"the body of {name} is missing", decl.name.pos)
        package.funcs.append(func)
        return func

    def _param(self, param: s.Param) -> Var:
        name = param.name if param.name is not None else s.Name(param.pos, "_")
        return Var(name.name, self.type_of(param.written), name.pos, used=True)

    def _method_decl(self, decl: s.FuncDecl, package: Package) -> None:
        assert decl.receiver is not None
        written = decl.receiver.written
        type = self.type_of(written)
        base = type.elem if isinstance(type, t.Pointer) else type
        if not isinstance(base, t.Named):
            if type != t.INVALID:
                self.errors.add("type", f"a method is of a type that the file declares, not {type}", written.pos)
            return
        name = decl.name
        func = self._func(decl, package, base)
        func.receiver = self._param(decl.receiver)
        struct = t.struct_of(base)
        if name.name in base.methods or (struct is not None and name.name in dict(struct.fields)):
            self.errors.add("redeclared", f"{base} has a field or method {name.name} already", name.pos)
        base.methods[name.name] = func

    def _check_size(self, type: t.Named) -> None:
        """An error where a type holds itself."""
        seen: dict[t.Type, None] = {}
        stack = [type.made_of]
        while stack:
            inner = stack.pop()
            if inner is type:
                self.errors.add("cycle", f"{type} holds itself", type.pos, "a pointer or a slice may lead back to it")
                type.made_of = t.INVALID
                return
            if inner in seen:
                continue
            seen[inner] = None
            if isinstance(inner.under, t.Struct):
                stack += [field for _, field in inner.under.fields]
            elif isinstance(inner.under, t.Array):
                stack.append(inner.under.elem)

    # ---- bodies

    def request(self, func: Func) -> None:
        if func not in self.bodies:
            self.bodies[func] = None
            self._waiting.append(func)

    def check_waiting(self) -> None:
        while self._waiting:
            self._body(self._waiting.pop())

    def _body(self, func: Func) -> None:
        body = func.decl.body
        if body is None:
            return
        with self.inside(func.package):
            self.func, self.targets, self.used_labels = func, [], set()
            with self.inner_scope():
                receiver = [func.receiver] if func.receiver is not None else []
                for var in [*receiver, *func.params, *func.named_results]:
                    self.declare(s.Name(var.pos, var.name), var)
                self.statements(body.body)  # in the scope of the parameters
        if func.results and not ends(body):
            self.errors.add("return", f"missing return at the end of {func.name}", body.end)


_NO_DECL = s.FuncDecl(s.NOWHERE, s.Name(s.NOWHERE, ""), None, [], [], None)
