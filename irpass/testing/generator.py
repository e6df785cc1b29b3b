"""Random programs: valid, ending, and made of what folding is about.

    module = random_program(7)
    for args in random_inputs(module, 7):
        print(ip.run(module, *args, externs=Host(module).externs, max_steps=10_000))

One seed gives one program, in every process. A program has a `main` and a few helpers that allocate, free, store, give
back what they got, or call themselves. Each has habits of its own (swarm testing), so that some lack what others have
in plenty; half of them take no risks, and so mostly run to their ends.

Source: Groce, Zhang, Eide, Chen and Regehr, "Swarm testing", 2012.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from irpass.diagnostics import Loc
from irpass.ir.builder import Builder
from irpass.ir.core import Func, Instr, Module
from irpass.ir.types import BOOL, BYTES, I64, PointerType, ScalarType, SliceType, StructType, Type
from irpass.testing.control import Body
from irpass.testing.program import Callee, Options, Program
from irpass.testing.scope import Allocation, Ref

_WEIGHTS = {
    "allocate": 6.0, "burst": 3.0, "access": 6.0, "arithmetic": 3.0, "compare": 0.7, "print": 1.5, "reslice": 1.5,
    "grow": 1.2, "bulk": 0.8, "point": 1.0, "put": 1.8, "get": 1.5, "select": 0.8, "free": 1.5, "call": 2.0,
    "branch": 1.6, "switch": 0.4, "loop": 1.2, "guard": 0.7, "free_on_paths": 0.8, "bail": 0.4,
    "loaded": 1.2, "turns": 0.8, "stash": 0.8, "text": 0.5,
}  # fmt: skip
_SLICES = (SliceType(I64), SliceType(I64), BYTES, SliceType(SliceType(I64)))
_EXTERN_ATTRIBUTES = (("pure",), ("nocapture", "nofree"), ("nocapture", "nofree"), ("nofree",), ("nocapture",), ())
_DEFAULT = Options()


def random_program(seed: int, options: Options = _DEFAULT) -> Module:
    """The program of that seed."""
    rng = random.Random(seed)
    program = _new_program(rng, options)
    for _ in range(program.below(options.helpers + 1)):
        _helper(program)
    _main(program)
    _finish(program)
    return program.builder.module


def random_inputs(module: Module, seed: int, count: int = 2, entry: str = "main") -> list[list[object]]:
    """Arguments for `count` runs of the entry function; one empty list where it takes none."""
    func = module.func(entry)
    assert func is not None
    if not func.params:
        return [[]]
    rng = random.Random(seed)
    return [[_argument(p.type, rng) for p in func.params] for _ in range(count)]


def _argument(t: Type, rng: random.Random) -> object:
    if isinstance(t, ScalarType):
        if t is BOOL:
            return rng.random() < 0.5
        if t.kind == "float":
            return rng.choice((0.0, 1.5, -2.0))
        value = (
            rng.randrange(14) if rng.random() < 0.85 else rng.choice((-1, 100, 700, 4096, 5000, 1 << 45, t.lo, t.hi))
        )
        return max(t.lo, min(t.hi, value))
    if isinstance(t, SliceType) and isinstance(t.elem, ScalarType) and rng.random() < 0.9:
        return [_argument(t.elem, rng) for _ in range(rng.randrange(1, 7))]
    return None


def _new_program(rng: random.Random, options: Options) -> Program:
    habits = {name: weight * rng.choice((0.0, 0.5, 1.0, 1.0, 2.0)) for name, weight in _WEIGHTS.items()}
    for always in ("allocate", "access"):
        habits[always] = max(habits[always], _WEIGHTS[always] / 2)
    habits["runtime"] = rng.choice((0.0, 0.6, 1.0, 1.6))
    habits["uninit"] = rng.choice((0.0, 0.05, 0.1, 0.4))
    habits["near"] = rng.choice((0.0, 0.02, 0.05, 0.3))
    risk = options.risk if rng.random() < options.risky else 0.0
    program = Program(rng, options, Builder(), risk, habits)
    for _ in range(rng.choice((0, 1, 1, 2))):
        _struct(program)
    if options.externs and rng.random() < 0.35:
        for _ in range(rng.choice((1, 2))):
            _extern(program)
    return program


def _struct(program: Program) -> None:
    number = len(program.structs)
    own = StructType(f"s{number}")
    fields: list[Type] = []
    for _ in range(program.below(4) + (not program.chance(0.05))):
        roll = program.rng.random()
        if roll < 0.1:
            fields.append(PointerType(own))
        elif roll < 0.2 and program.structs:
            fields.append(program.pick(list(program.structs)))
        elif roll < 0.45:
            fields.append(SliceType(program.scalar_type()))
        else:
            fields.append(program.scalar_type())
    program.builder.struct(own.symbol, fields)
    program.structs[own] = tuple(fields)


def _extern(program: Program) -> None:
    number = len(program.builder.module.decls)
    if program.chance(0.3):  # a host that keeps what it gets, and gives it back
        t = program.pick(_SLICES)
        keep = program.builder.extern(f"keep{number}", [t], None, ("nofree",))
        last = program.builder.extern(f"last{number}", [], t, program.pick(((), ("nofree",))))
        program.callees += [Callee(keep), Callee(last), Callee(last)]
        return
    params = [program.pick((I64, SliceType(I64), SliceType(I64), BYTES)) for _ in range(1 + program.below(2))]
    result = program.pick((I64, I64, SliceType(I64), None))
    attributes = program.pick(_EXTERN_ATTRIBUTES)
    if result is None and "pure" in attributes:
        result = I64
    if program.chance(0.04):
        result, attributes = None, ("noreturn",)
    func = program.builder.extern(f"host{number}", params, result, attributes)
    program.callees.append(Callee(func))


# ---- functions


def _begin(program: Program, name: str, params: list[tuple[str, Type]], result: Type | None) -> tuple[Func, Body]:
    func = program.builder.func(name, params, result)
    body = Body(program, result)
    for param in func.params:
        if isinstance(param.type, ScalarType):
            body.scope.add_scalar(param)
        elif not isinstance(param.type, StructType):
            outside = Allocation(body.scope.region, may_free=False)
            body.scope.add_ref(Ref(param, (outside,), 0, True))
    return func, body


def _helper(program: Program) -> None:
    kind = program.pick((_plain, _plain, _making, _freeing, _storing, _writing, _giving, _recursive, _mutual))
    kind(program, f"f{len(program.callees)}_{kind.__name__.strip('_')}")


def _plain(program: Program, name: str) -> None:
    """A function of any kind."""
    params: list[tuple[str, Type]] = [("n", I64)]
    if program.chance(0.6):
        params.append(("a", program.pick(_SLICES)))
    result = program.pick((None, I64, SliceType(I64)))
    func, body = _begin(program, name, params, result)
    body.statements(2 + program.below(6))
    _leave(body)
    program.callees.append(Callee(func))


def _making(program: Program, name: str) -> None:
    """A function that gives new memory."""
    t = program.pick(_SLICES)
    func, body = _begin(program, name, [("n", I64)], t)
    if program.chance(0.5):
        body.statements(1 + program.below(3))
    made = body.allocate(t.elem)
    while made.type is not t:
        made = body.allocate(t.elem)
    if program.chance(0.5):
        body.burst()
    program.builder.ret(made.value)
    program.callees.append(Callee(func))


def _freeing(program: Program, name: str) -> None:
    """A function that frees what it gets, perhaps not always."""
    t = program.pick(_SLICES)
    func, body = _begin(program, name, [("n", I64), ("a", t)], None)
    b = program.builder
    if program.chance(0.4):
        body.statements(1 + program.below(3))
    gone = func.params[1]
    if program.chance(0.5):
        b.free(gone)
    else:
        drop, done = b.block("drop"), b.block("done")
        b.br_if(body.condition(), drop, done)
        with b.at(drop):
            b.free(gone)
            b.br(done)
        b.at(done)
    b.ret()
    program.callees.append(Callee(func, frozenset({1})))


def _storing(program: Program, name: str) -> None:
    """A function that keeps what it gets in memory of its caller."""
    inner = SliceType(I64)
    func, body = _begin(program, name, [("a", SliceType(inner)), ("b", inner)], I64)
    b = program.builder
    a, held = func.params
    count = b.len(a)
    store, done = b.block("store"), b.block("done")
    b.br_if(b.gt(count, 0), store, done)
    with b.at(store):
        b.store(a, held, index=0)
        b.br(done)
    b.at(done)
    if program.chance(0.4):
        body.statements(1 + program.below(4))
    b.ret(count)
    program.callees.append(Callee(func))


def _writing(program: Program, name: str) -> None:
    """A function that writes what it gets."""
    t = program.pick((SliceType(I64), PointerType(I64)))
    func, body = _begin(program, name, [("a", t), ("n", I64)], None)
    b = program.builder
    a, value = func.params
    write, done = b.block("write"), b.block("done")
    b.br_if(b.gt(b.len(a), 0) if isinstance(t, SliceType) else b.ne(a, None), write, done)
    with b.at(write):
        b.store(a, value, index=0 if isinstance(t, SliceType) else None)
        b.br(done)
    b.at(done)
    if program.chance(0.3):
        body.burst()
    b.ret()
    program.callees.append(Callee(func))


def _giving(program: Program, name: str) -> None:
    """A function that gives back one of what it got, or a part."""
    t = program.pick(_SLICES)
    func, body = _begin(program, name, [("a", t), ("b", t), ("c", BOOL)], t)
    b = program.builder
    first, second, flag = func.params
    if program.chance(0.3):
        body.statements(1 + program.below(3))
    gives = program.below(2)
    if program.chance(0.5):
        b.ret(func.params[gives])
    elif program.chance(0.5):
        b.ret(b.slice(func.params[gives], 0, b.len(func.params[gives])))
    else:
        b.ret(b.select(flag, first, second))
        gives = 0
    program.callees.append(Callee(func, gives=gives))


def _recursive(program: Program, name: str) -> None:
    """A function that calls itself so many times as its first parameter says."""
    _recursion(program, [name])


def _mutual(program: Program, name: str) -> None:
    """Two functions that call each other."""
    _recursion(program, [name, name + "_too"])


def _recursion(program: Program, names: list[str]) -> None:
    b = program.builder
    t = program.pick(_SLICES)
    result = program.pick((None, I64, t))
    begun = []
    for name in names:
        func, body = _begin(program, name, [("depth", I64), ("a", t)], result)
        begun.append((func, body, b.here))
    callees = [Callee(func, depth=0) for func, _, _ in begun]
    for i, (func, body, entry) in enumerate(begun):
        b.at(entry)
        done, more = b.block("done"), b.block("more")
        b.br_if(b.le(func.params[0], 0), done, more)
        b.at(done)
        body.give() if program.chance(0.1) else _return(body)
        b.at(more)
        less = b.sub(func.params[0], 1)
        body.statements(1 + program.below(4))
        for _ in range(program.pick((1, 1, 2))):
            held = body.scope.of_type(t)
            inner = b.call(callees[(i + 1) % len(callees)].func, less, program.pick(held).value if held else None)
            if inner is not None:
                body.add_result(inner, callees[i], [None, None])
            body.statements(1 + program.below(3))
        _leave(body)
    program.callees.append(callees[0])


def _main(program: Program) -> None:
    kinds: tuple[Type, ...] = (I64, I64, I64, BOOL, SliceType(I64), BYTES)
    params = [(f"x{i}", program.pick(kinds)) for i in range(program.below(4))]
    result = program.pick((None, I64, I64, BOOL, SliceType(I64), BYTES))
    _, body = _begin(program, "main", params, result)
    size = program.options.size
    body.statements(size // 2 + program.below(size))
    _show(body)
    _leave(body)


def _leave(body: Body) -> None:
    """Free some of what is left, and return."""
    if body.chance(0.4 * body.program.habits["free"]):
        for ref in body.scope.refs:
            if body.may_end(ref) and body.chance(0.7):
                body.end(ref)
                if body.chance(0.15):
                    body.print_scalars()
    _return(body)


def _return(body: Body) -> None:
    if body.result is None:
        body.b.ret()
    else:
        body.b.ret(body.default(body.result))


def _show(body: Body) -> None:
    """Print something of what is still there, so that it was not for nothing."""
    scope, b = body.scope, body.b
    numbers = [v for values in scope.scalars.values() for v in values[-4:]]
    if numbers:
        b.print(*numbers)
    slices = scope.slices(live=False)[-5:]
    if slices:
        b.print(*[b.len(r.value) for r in slices], b.cap(slices[-1].value))
    for ref in [r for r in scope.refs if r.is_live and r.is_written and r.least_len][-4:]:
        t = ref.type
        assert isinstance(t, SliceType | PointerType)
        if isinstance(t.elem, ScalarType):
            b.print(b.load(ref.value, ref.least_len - 1 if isinstance(t, SliceType) else None))


def _finish(program: Program) -> None:
    """Give instructions their places, and take the names of some results that nobody uses."""
    share = program.pick((0.0, 0.9, 1.0)) if program.options.locs else 0.0
    for number, instr in enumerate(_instrs(program.builder.module), 1):
        if program.chance(share):
            instr.loc = Loc("main.go", number, 1 + number % 7)
        if instr.result is not None and not instr.result.uses and program.chance(0.05):
            assert instr.block is not None
            instr.block.func.names.discard(instr.result.name)
            instr.result = None


def _instrs(module: Module) -> Iterator[Instr]:
    for func in module.funcs:
        yield from func.instrs()
