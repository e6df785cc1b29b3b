"""The builder: what it builds reads like the calls, and what it refuses is said at the call."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable

import pytest

from irpass.diagnostics import BuildError, IrpassError, Loc
from irpass.ir import ops
from irpass.ir.builder import Builder
from irpass.ir.core import Literal, Value
from irpass.ir.types import BOOL, BYTES, F32, F64, I8, I64, U8, PointerType, SliceType, StructType
from irpass.text.parser import parse
from irpass.text.printer import print_module
from irpass.verifier import verify

SUM = """func @sum(%n: i64) -> i64 {
entry:
  br loop(0, 0)
loop(%i: i64, %total: i64):
  %more = lt %i, %n
  br_if %more, body, done
body:
  %i1 = add %i, 1
  %total$1 = add %total, %i
  br loop(%i1, %total$1)
done:
  ret %total
}
"""


def build_sum() -> Builder:
    b = Builder()
    f = b.func("sum", [("n", I64)], I64)
    loop, body, done = b.block("loop", [("i", I64), ("total", I64)]), b.block("body"), b.block("done")
    i, total = loop.params
    b.br(loop, 0, 0)
    b.at(loop)
    b.br_if(b.lt(i, f.params[0], name="more"), body, done)
    b.at(body)
    b.br(loop, b.add(i, 1, name="i1"), b.add(total, i, name="total"))
    b.at(done)
    b.ret(total)
    return b


def test_a_loop() -> None:
    b = build_sum()
    assert print_module(b.module) == SUM
    assert verify(b.module) == []
    assert print_module(parse(SUM)) == SUM


def test_every_instruction_has_a_method_of_its_name() -> None:
    written = {"and": "and_", "or": "or_", "not": "not_"}
    for op in ops.ALL:
        method = getattr(Builder, written.get(op.name, op.name.replace(".", "_")))
        assert inspect.getdoc(method), op.name
        assert "loc" in inspect.signature(method).parameters, op.name


ALL = """type @pair = { i64, f32 }

extern func @host([]u8, f64) -> i64 pure nofree
extern func @log([]u8)

func @f(%n: i64, %s: []i64, %p: *@pair, %x: f64, %c: bool, %u: u8) -> *@pair {
entry:
  %0 = const []u8, "text"
  %1 = const f32, 1.0
  %2 = sub 1, %n
  %3 = mul %x, 2.0
  %4 = div %n, -1
  %5 = rem %u, 255
  %6 = and %u, 1
  %7 = or %u, %u
  %8 = xor 3, %u
  %9 = shl %n, 1
  %10 = shr %n, 1
  %11 = neg %x
  %12 = not %c
  %13 = eq %s, nil
  %14 = ne %p, nil
  %15 = le %x, inf
  %16 = gt %n, 0
  %17 = ge %n, 0
  %18 = select true, %n, 5
  %19 = conv u8, %n
  %20 = make []i64, 10
  %21 = make []@pair, %n, 20, uninit
  %22 = new @pair
  %23 = new i64, uninit
  %24 = len %s
  %25 = cap %s
  %26 = slice %s, 0, %n
  %27 = slice %s, 0, %n, 5
  %28 = append %s, 7
  %29 = extend %s, nil
  %30 = copy nil, %s
  clear %s
  %31 = load %s[%n]
  %32 = load %p
  %33 = load %p.1
  store %s[0], 1
  store %p, %32
  store %p.1, 0.5
  %34 = elem %s, 0
  %35 = field %p, 1
  free %s
  free nil
  %36 = call @host("a\\n", 1.0)
  call @log(%0)
  print %n, "text", true, %0
  %37 = extent @pair, %n
  %38 = shared.alloc %37, align 16, limit 4096, count 2, stack, scan, uninit
  %39 = shared.alloc 64, align 8
  %40 = derive []i64, %39, 0, 2
  %41 = derive []i64, %39, 16, 1, 3, zero
  %42 = derive *@pair, %39, 40, uninit
  shared.release %38, %40
  shared.free %39, %41, %42
  switch %u, next(nil) [1: next(%p), 255: stop]
next(%q: *@pair):
  ret %q
stop:
  trap "stop"
}
"""


def test_every_form_of_every_instruction() -> None:
    b = Builder()
    pair = b.struct("pair", [I64, F32])
    host, log = b.extern("host", [BYTES, F64], I64, ["pure", "nofree"]), b.extern("log", [BYTES])
    params = [("n", I64), ("s", SliceType(I64)), ("p", PointerType(pair)), ("x", F64), ("c", BOOL), ("u", U8)]
    f = b.func("f", params, PointerType(pair))
    n, s, p, x, c, u = f.params
    text = b.const(BYTES, "text")
    b.const(F32, 1)
    b.sub(1, n)
    b.mul(x, 2)
    b.div(n, -1)
    b.rem(u, 255)
    b.and_(u, 1)
    b.or_(u, u)
    b.xor(3, u)
    b.shl(n, 1)
    b.shr(n, 1)
    b.neg(x)
    b.not_(c)
    b.eq(s, None)
    b.ne(p, None)
    b.le(x, math.inf)
    b.gt(n, 0)
    b.ge(n, 0)
    b.select(True, n, 5)
    b.conv(U8, n)
    b.make(I64, 10)
    b.make(pair, n, 20, uninit=True)
    b.new(pair)
    b.new(I64, uninit=True)
    b.len(s)
    b.cap(s)
    b.slice(s, 0, n)
    b.slice(s, 0, n, 5)
    b.append(s, 7)
    b.extend(s, None)
    b.copy(None, s)
    b.clear(s)
    b.load(s, n)
    whole = b.load(p)
    b.load(p, field=1)
    b.store(s, 1, index=0)
    b.store(p, whole)
    b.store(p, 0.5, field=1)
    b.elem(s, 0)
    b.field(p, 1)
    b.free(s)
    b.free(None)
    assert isinstance(b.call(host, "a\n", 1), Value)
    assert b.call("log", text) is None
    assert log.name == "log"
    b.print(n, "text", True, text)
    size = b.extent(pair, n)
    counted = b.shared_alloc(size, align=16, limit=4096, count=2, stack=True, scan=True, uninit=True)
    arena = b.shared_alloc(64)
    first = b.derive(SliceType(I64), arena, 0, 2)
    second = b.derive(SliceType(I64), arena, 16, 1, 3, zero=True)
    third = b.derive(PointerType(pair), arena, 40, uninit=True)
    b.shared_release(counted, first)
    b.shared_free(arena, second, third)
    following, stop = b.block("next", [("q", PointerType(pair))]), b.block("stop")
    b.switch(u, (following, None), {1: (following, p), 255: stop})
    b.at(following)
    b.ret(following.params[0])
    b.at(stop)
    b.trap("stop")
    assert print_module(b.module) == ALL
    assert verify(b.module) == []
    assert print_module(parse(ALL)) == ALL


def test_places_are_given_by_call_or_by_with() -> None:
    b = Builder()
    n = b.func("f", [("n", I64)]).params[0]
    b.neg(n)
    with b.loc("main.go", 3, 1):
        b.neg(n)
        with b.loc("main.go", 4):
            b.neg(n)
        b.neg(n, loc=("other.go", 1, 2))
        with b.loc(None):
            b.neg(n)
        b.neg(n)
    b.neg(n)
    b.loc("main.go", 9, 9)
    b.ret()
    found = [i.loc for i in b.here.instrs]
    inner, outer = Loc("main.go", 4, 0), Loc("main.go", 3, 1)
    assert found == [None, outer, inner, Loc("other.go", 1, 2), None, outer, None, Loc("main.go", 9, 9)]


def test_with_at_comes_back() -> None:
    b = Builder()
    b.func("f")
    side = b.block("side")
    entry = b.here
    with b.at(side):
        b.trap("no")
        assert b.here is side
    assert b.here is entry
    b.br(side)
    assert verify(b.module) == []


def test_functions_call_each_other_and_structs_point_to_themselves() -> None:
    b = Builder()
    node = b.struct("node", [I64, PointerType(StructType("node"))])
    even = b.func("even", [("n", I64)], BOOL)
    odd = b.func("odd", [("n", I64)], BOOL)
    b.ret(b.call(even, odd.params[0]))
    b.at(even.entry)
    b.ret(b.call("odd", even.params[0]))
    assert verify(b.module) == []
    assert "type @node = { i64, *@node }" in print_module(b.module)
    assert node is StructType("node")


def test_names_are_wishes_and_labels_too() -> None:
    b = Builder()
    f = b.func("f", [("x", I64)])
    assert [b.neg(f.params[0], name="x").name for _ in range(3)] == ["x$1", "x$2", "x$3"]
    assert [b.block("loop").name for _ in range(2)] == ["loop", "loop$1"]
    assert b.block().name == "b"


def test_building_goes_on_in_a_module_that_was_read() -> None:
    module = parse("extern func @e(i64) -> i64\n")
    b = Builder(module)
    f = b.func("f", [("n", I64)], I64)
    b.ret(b.call("e", f.params[0]))
    assert verify(module) == []


def test_literals_of_the_model_are_operands_too() -> None:
    b = Builder()
    n = b.func("f", [("n", I64)]).params[0]
    b.add(n, Literal(I64, 5), name="x")
    assert "%x = add %n, 5" in print_module(b.module)


def test_a_result_knows_its_type_at_once() -> None:
    b = Builder()
    b.func("f")
    s = b.make(SliceType(F32), 3)
    assert s.type is SliceType(SliceType(F32))
    assert b.load(s, 0).type is SliceType(F32)
    assert b.elem(s, 0).type is PointerType(SliceType(F32))
    assert b.lt(b.len(s), 3).type is BOOL


def in_function() -> tuple[Builder, Value, Value]:
    b = Builder()
    b.struct("pair", [I64, F64])
    f = b.func("f", [("n", I64), ("s", SliceType(I64))])
    return b, f.params[0], f.params[1]


REFUSED: list[tuple[str, Callable[[Builder, Value, Value], object]]] = [
    (
        "no type follows for the literals of this add [build]\nnote: name the literal: b.const",
        lambda b, n, s: b.add(1, 2),
    ),
    ("'x' does not fit i64", lambda b, n, s: b.const(I64, "x")),
    ("128 does not fit i8", lambda b, n, s: b.const(I8, 128)),
    ("1.5 does not fit i64, the type of operand 2 of add", lambda b, n, s: b.add(n, 1.5)),
    ("True does not fit i64", lambda b, n, s: b.add(n, True)),
    ("operand 2 of add is []i64, not i64", lambda b, n, s: b.add(n, s)),
    ("and works on integers, not f64", lambda b, n, s: b.and_(b.const(F64, 1), 1)),
    ("len needs a slice, not i64", lambda b, n, s: b.len(n)),
    ("load from a slice needs an index", lambda b, n, s: b.load(s)),
    ("@pair has fields 0 to 1, not 2", lambda b, n, s: b.field(b.new(StructType("pair")), 2)),
    ("no type follows for a literal of this print", lambda b, n, s: b.print(1)),
    ("print cannot print []i64", lambda b, n, s: b.print(s)),
    ("@gone is not declared", lambda b, n, s: b.call("gone")),
    ("@pair is a type, not a function", lambda b, n, s: b.call("pair")),
    ("@f takes 2 arguments, not 1", lambda b, n, s: b.call("f", 1)),
    ("'1' does not fit i64, the type of operand 1 of call", lambda b, n, s: b.call("f", "1", None)),
    ("this function returns nothing", lambda b, n, s: b.ret(1)),
    ("block b takes 1 arguments, not 0", lambda b, n, s: b.br(b.block("b", [("i", I64)]))),
    ("argument 1 of block b is []i64, not i64", lambda b, n, s: b.br(b.block("b", [("i", I64)]), s)),
    ("2.5 does not fit i64, the type of argument 1", lambda b, n, s: b.br(b.block("b", [("i", I64)]), 2.5)),
    ("case 1.5 does not fit i64", lambda b, n, s: b.switch(n, b.here, {1.5: b.here})),  # type: ignore[dict-item]  # the mistake itself
    ("case True does not fit i64", lambda b, n, s: b.switch(n, b.here, {True: b.here})),
    ("is no operand of add", lambda b, n, s: b.add(n, [1])),  # type: ignore[arg-type]  # the mistake itself
    ("is no operand of add", lambda b, n, s: b.add(n, I64)),  # type: ignore[arg-type]  # the mistake itself
    (
        "derive is zero or uninit, not both",
        lambda b, n, s: b.derive(BYTES, b.shared_alloc(8), 0, 1, zero=True, uninit=True),
    ),
    ("derive takes 3 to 4 operands, not 2", lambda b, n, s: b.derive(BYTES, b.shared_alloc(8), 0)),
    ("operand 1 of derive is i64, not arena", lambda b, n, s: b.derive(BYTES, n, 0, 1)),
    ("'a b' is not the name of a value", lambda b, n, s: b.neg(n, name="a b")),
    ("'1st' is not a label", lambda b, n, s: b.block("1st")),
    ("%n is defined twice in @f", lambda b, n, s: b.block("b", [("n", I64)])),
    ("@f is declared twice", lambda b, n, s: b.func("f")),
    ("@pair is declared twice", lambda b, n, s: b.struct("pair", [])),
    ("'a b' is not a name", lambda b, n, s: b.func("a b")),
    ("the extern function @e has no blocks", lambda b, n, s: b.block(func=b.extern("e"))),
]


@pytest.mark.parametrize(("message", "call"), REFUSED, ids=[m.split("[")[0][:40] for m, _ in REFUSED])
def test_a_wrong_call_is_refused(message: str, call: Callable[[Builder, Value, Value], object]) -> None:
    b, n, s = in_function()
    with pytest.raises(BuildError) as caught:
        call(b, n, s)
    assert message in str(caught.value)
    assert isinstance(caught.value, IrpassError)


def test_a_refused_call_leaves_no_trace() -> None:
    b, n, s = in_function()
    before, uses = print_module(b.module), dict(n.uses)
    with pytest.raises(BuildError):
        b.add(n, s, name="taken")
    with pytest.raises(BuildError):
        b.append(s, 1.5)
    assert (print_module(b.module), n.uses) == (before, uses)
    assert b.neg(n, name="taken").name == "taken"


def test_nothing_goes_behind_a_terminator() -> None:
    b, n, _ = in_function()
    b.ret()
    with pytest.raises(BuildError, match="block entry ends in ret"):
        b.neg(n)


def test_there_must_be_a_block_to_build_in() -> None:
    with pytest.raises(BuildError, match="there is no block to build in"):
        Builder().print("x")
    with pytest.raises(BuildError, match="there is no block to build in"):
        Builder().block("x")


def test_values_and_blocks_of_another_function_are_refused() -> None:
    b, n, _ = in_function()
    made, block = b.neg(n, name="made"), b.here
    b.func("g")
    with pytest.raises(BuildError, match="%n is of @f, not of @g"):
        b.neg(n)
    with pytest.raises(BuildError, match="%made is of @f, not of @g"):
        b.neg(made)
    with pytest.raises(BuildError, match="block entry is of @f, not of @g"):
        b.br(block)
