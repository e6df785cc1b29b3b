"""A checked program to a module: its functions as they are needed, variables of packages, several results, `main`.

What the IR has no place for travels in `@go.state`, a struct that `@main` makes and that is passed to every function
that needs it: the variables of packages, and all results of a function but the first, which it stores there and its
caller loads at once.
"""

from __future__ import annotations

import irpass as ip
from samples.minigo import types as t
from samples.minigo.check import Program
from samples.minigo.entities import Func, Initial, Package, Var
from samples.minigo.function import Operand
from samples.minigo.layout import Layout, ascii_name, leaf_count
from samples.minigo.lower_stmt import StmtLowering
from samples.minigo.memory import Field, Leaves, Place

_STATE = "go.state"


class ModuleBuilder:
    """What the functions of a module share."""

    def __init__(self, program: Program, main: Package) -> None:
        self.program = program
        self.main = main
        self.b = ip.Builder()
        self.layout = Layout(self.b, frozenset(ascii_name(func.symbol) for func in main.funcs))
        self.declared: dict[Func, ip.Func] = {}
        self.waiting: list[Func] = []
        self.slots: dict[object, int] = {}  # fields of the state, by variable or by type and number of a result
        self._needs: dict[Func, bool] = {}

    # ---- the state

    def slot(self, key: object, type: ip.Type) -> int:
        """The field of the state that holds something, made when first asked for."""
        if key not in self.slots:
            self.slots[key] = len(self.slots)
            old = self.b.module.decls[_STATE]
            assert isinstance(old, ip.Struct)
            self.b.module.decls[_STATE] = ip.Struct(_STATE, (*old.fields, type))
        return self.slots[key]

    def declare_state(self) -> None:
        if _STATE not in self.b.module.decls:
            self.b.struct(_STATE, [])

    def needs_state(self, func: Func) -> bool:
        """Whether the function, or one that it calls, uses variables of packages or gives several values."""
        if func not in self._needs:
            self._needs[func] = any(self._uses_state(one) for one in reached_from(func))
        return self._needs[func]

    def _uses_state(self, func: Func) -> bool:
        if func.globals or sum(leaf_count(type) for type in func.results) > 1:
            return True
        return self.program.partial_lines and func.prints

    def initials(self) -> list[Initial]:
        """The variables of packages that the program needs, each after those that its values mention."""
        main = self.main.scope.names["main"]
        assert isinstance(main, Func)
        reached = reached_from(main, *(initial.mentions for initial in self.main.initial))
        used = {var: None for func in reached for var in func.globals}
        home = {var: one for p in self.program.all_packages() for one in p.initial for var in one.decl.vars}
        wanted = [home[var] for var in used if var in home and var.package != "main"] + self.main.initial
        order: dict[Initial, None] = {}
        stack = [(one, False) for one in reversed(wanted)]
        entered: dict[Initial, None] = {}
        while stack:
            one, is_done = stack.pop()
            if is_done:
                order[one] = None
            elif one not in entered:
                entered[one] = None
                stack.append((one, True))
                mentioned = {var: None for func in reached_from(one.mentions) for var in func.globals}
                stack += [(home[var], False) for var in reversed(mentioned) if var in home]
        return [one for one in order if all(var.package != "os" for var in one.decl.vars)]

    # ---- functions

    def ir_func(self, func: Func) -> ip.Func:
        """The function in the IR; it is declared, and will be built."""
        if func not in self.declared:
            here = self.b.here if self.declared else None
            params: list[tuple[str, ip.Type]] = []
            if self.needs_state(func):
                self.declare_state()
                params.append(("state", ip.PointerType(ip.StructType(_STATE))))
            receiver = [func.receiver] if func.receiver is not None else []
            for var in [*receiver, *func.params]:
                params += _named(var, self.layout.leaf_types(var.type), {name for name, _ in params})
            results = [leaf for type in func.results for leaf in self.layout.leaf_types(type)]
            self.declared[func] = self.b.func(ascii_name(func.symbol), params, results[0] if results else None)
            self.waiting.append(func)
            if here is not None:
                self.b.at(here)
        return self.declared[func]


def _named(var: Var, types: list[ip.Type], taken: set[str]) -> list[tuple[str, ip.Type]]:
    """Names for the leaves of a parameter."""
    wish = ascii_name(var.name) if var.name != "_" else "unused"
    named: list[tuple[str, ip.Type]] = []
    for type in types:
        name, number = wish, 0
        while name in taken:
            number += 1
            name = f"{wish}${number}"
        taken.add(name)
        named.append((name, type))
    return named


class FuncLowering(StmtLowering):
    """Builds one function of the program."""

    def __init__(self, module: ModuleBuilder, func: Func, ir_func: ip.Func) -> None:
        super().__init__(module.b, module.layout, ir_func)
        self.module = module
        self.func = func
        self.ways = {}
        self.prints_partial_lines = module.program.partial_lines and not func.package.is_library

    def build(self) -> None:
        self.b.at(self.ir_func.blocks[0])
        params = list(self.ir_func.params)
        if self.module.needs_state(self.func):
            self.state = params.pop(0)
        receiver = [self.func.receiver] if self.func.receiver is not None else []
        self.here(self.func.decl)
        for var in [*receiver, *self.func.params]:
            count = leaf_count(var.type)
            self.declare(var, list(params[:count]))
            params = params[count:]
        self.body()

    def body(self) -> None:
        for var in self.func.named_results:
            self.declare(var, None)
        assert self.func.decl.body is not None
        self.stmt(self.func.decl.body)
        if self.reachable:
            self.at(ip.Loc(*self.func.decl.body.end[:3]))
            self.leave([])
        self.finish()

    # ---- what the layers below ask for

    def global_place(self, var: Var) -> Place:
        return Field(self.state, self.module.slot(var, self.layout.ir(var.type)), var.type)

    def call_library(self, package: str, name: str, *args: Operand) -> Operand:
        func = self.module.program.library_func(package, name)
        result = self.invoke(func, list(args))
        return result[0] if result else ip.Literal(ip.BOOL, False)

    def invoke(self, func: Func, args: Leaves, name: str = "") -> Leaves:
        callee = self.module.ir_func(func)
        if self.module.needs_state(func):
            args = [self.state, *args]
        first = self.b.call(callee, *args, name=name)
        if first is None:
            return []
        return [first, *(self.b.load(self.state, field=slot) for slot in self._result_slots(func))]

    def _result_slots(self, func: Func) -> list[int]:
        """The fields of the state for all leaves of the results but the first."""
        types = [leaf for type in func.results for leaf in self.layout.leaf_types(type)][1:]
        counts: dict[ip.Type, int] = {}
        slots: list[int] = []
        for type in types:
            counts[type] = counts.get(type, 0) + 1
            slots.append(self.module.slot((type, counts[type]), type))
        return slots

    def leave(self, values: Leaves) -> None:
        for slot, value in zip(self._result_slots(self.func), values[1:], strict=True):
            self.b.store(self.state, value, field=slot)
        self.b.ret(*values[:1])
        self.end()

    def grow_function(self, elem: ip.Type) -> str:
        return _grow_function(self.b, elem)


class MainLowering(FuncLowering):
    """Builds `@main`: the state, the variables of packages, then what Go's main does."""

    def build(self) -> None:
        self.b.at(self.ir_func.blocks[0])
        self.here(self.func.decl)
        module = self.module
        initials = module.initials()
        if module.needs_state(self.func) or any(module.needs_state(one.mentions) or one.decl.vars for one in initials):
            module.declare_state()
            self.state = self.b.new(ip.StructType(_STATE), name="state")
        if self.ir_func.params:
            args = self.call_library("os", "split", self.ir_func.params[0])
            self.set_fresh(self.global_place(module.program.arguments()), [args])
        for initial in initials:
            self._initialise(initial)
        self.body()

    def _initialise(self, initial: Initial) -> None:
        decl = initial.decl
        self.here(decl)
        if not decl.values:
            for var in decl.vars:
                if t.holds_arrays(var.type):
                    self.set_fresh(self.global_place(var), self.zero(var.type))
            return
        for var, values in zip(decl.vars, self.right_sides(decl.values, [v.name for v in decl.vars]), strict=True):
            if var.name != "_":
                self.set_fresh(self.global_place(var), values)

    def leave(self, values: Leaves) -> None:
        if self.prints_partial_lines:
            self.call_library("fmt", "flush")
        self.b.ret()
        self.end()


def lower(program: Program, main: Package) -> ip.Module:
    """The module of a checked program."""
    module = ModuleBuilder(program, main)
    entry = main.scope.names["main"]
    assert isinstance(entry, Func)
    reached = reached_from(entry, *(initial.mentions for initial in main.initial))
    takes_args = any(var.package == "os" for func in reached for var in func.globals)
    ir_main = module.b.func("main", [("args", ip.BYTES)] if takes_args else [])
    module.declared[entry] = ir_main
    MainLowering(module, entry, ir_main).build()
    while module.waiting:
        func = module.waiting.pop()
        FuncLowering(module, func, module.declared[func]).build()
    return module.b.module


def reached_from(*funcs: Func) -> dict[Func, None]:
    """The functions, and all that they call."""
    reached = dict.fromkeys(funcs)
    stack = list(funcs)
    while stack:
        for callee in stack.pop().calls:
            if callee not in reached:
                reached[callee] = None
                stack.append(callee)
    return reached


def _grow_function(b: ip.Builder, elem: ip.Type) -> str:
    """`f(s, n)`: the slice with n elements more, which the caller is to write."""
    name = "go.grow." + str(elem).replace("[]", "slice.").replace("*", "pointer.").replace("@", "")
    if name in b.module.decls:
        return name
    slice_type = ip.SliceType(elem)
    with b.at(b.here):
        b.loc(None)
        func = b.func(name, [("s", slice_type), ("n", ip.I64)], slice_type)
        s, n = func.params
        wanted = b.add(b.len(s), n, name="wanted")
        room, full = b.block("room"), b.block("full")
        b.br_if(b.le(wanted, b.cap(s)), room, full)
        b.at(room)
        b.ret(b.slice(s, 0, wanted))
        b.at(full)
        more = b.make(elem, n, name="more")
        grown = b.extend(s, more, name="grown")
        b.free(more)
        b.ret(grown)
    return name
