"""Random functions: those that allocate, free, store, write or give back what they got, or call themselves; `main`."""

from __future__ import annotations

from irpass.ir.core import Func
from irpass.ir.types import BOOL, BYTES, I64, PointerType, ScalarType, SliceType, StructType, Type
from irpass.testing.control import Body
from irpass.testing.program import SLICES, Callee, Program
from irpass.testing.scope import Allocation, Ref


def add_helper(program: Program) -> None:
    """One more function that those after it may call, of a kind by chance."""
    kind = program.pick((_plain, _plain, _making, _freeing, _storing, _writing, _giving, _recursive, _mutual))
    kind(program, f"f{len(program.callees)}_{kind.__name__.strip('_')}")


def add_main(program: Program) -> None:
    """The function that runs begin with."""
    kinds: tuple[Type, ...] = (I64, I64, I64, BOOL, SliceType(I64), BYTES)
    params = [(f"x{i}", program.pick(kinds)) for i in range(program.below(4))]
    result = program.pick((None, I64, I64, BOOL, SliceType(I64), BYTES))
    _, body = _begin(program, "main", params, result)
    size = program.options.size
    body.statements(size // 2 + program.below(size))
    _show(body)
    _leave(body)


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


def _plain(program: Program, name: str) -> None:
    """A function of any kind."""
    params: list[tuple[str, Type]] = [("n", I64)]
    if program.chance(0.6):
        params.append(("a", program.pick(SLICES)))
    result = program.pick((None, I64, SliceType(I64)))
    func, body = _begin(program, name, params, result)
    body.statements(2 + program.below(6))
    _leave(body)
    program.callees.append(Callee(func))


def _making(program: Program, name: str) -> None:
    """A function that gives new memory."""
    t = program.pick(SLICES)
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
    t = program.pick(SLICES)
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
    t = program.pick(SLICES)
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
    t = program.pick(SLICES)
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
