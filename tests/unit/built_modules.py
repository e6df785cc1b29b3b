"""Random modules, built through the builder: every operation, every type of literal, blocks in any order."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypedDict, TypeVar

from hypothesis import strategies as st

from irpass.ir.builder import Builder
from irpass.ir.core import Block, Func, Module, Scalar, Value
from irpass.ir.insertion import LocLike, OperandLike, TargetLike
from irpass.ir.semantics import round_f32
from irpass.ir.types import (
    ARENA,
    BOOL,
    BYTES,
    F32,
    F64,
    I64,
    SCALARS,
    PointerType,
    ScalarType,
    SliceType,
    StructType,
    Type,
)

T = TypeVar("T")
NUMBERS = [t for t in SCALARS.values() if t is not BOOL]
INTEGERS = [t for t in NUMBERS if t.kind == "int"]
PAIR = StructType("pair")
TYPES: list[Type] = [
    *SCALARS.values(), BYTES, SliceType(F32), SliceType(PAIR), PointerType(PAIR), PointerType(I64),
    SliceType(PointerType(SliceType(BOOL))),
]  # fmt: skip
FIELDS: list[Type] = [I64, F32, BYTES, PointerType(PAIR)]
LOCS: st.SearchStrategy[LocLike] = st.none() | st.tuples(
    st.sampled_from(["main.go", 'a "b".go', "ü.c"]), st.integers(0, 10**6), st.integers(0, 300)
)


def integers(t: ScalarType) -> st.SearchStrategy[int]:
    """The values of an integer type."""
    return st.integers(t.lo, t.hi)


def scalars(t: Type) -> st.SearchStrategy[Scalar]:
    """Values that a literal of type `t` may hold."""
    if t is BOOL:
        return st.booleans()
    if isinstance(t, ScalarType) and t.kind == "int":
        return integers(t)
    if isinstance(t, ScalarType):
        finite = st.floats(allow_nan=False, width=32 if t is F32 else 64)
        return st.one_of(finite, st.just(math.nan), st.sampled_from([0.0, -0.0, math.inf, -math.inf, 0.1]).map(
            round_f32 if t is F32 else float))  # fmt: skip
    return st.binary(max_size=8) if t is BYTES else st.none()


class _Placed(TypedDict):
    """What every instruction may be given."""

    loc: LocLike


class _Named(_Placed):
    """What every instruction with a result may be given."""

    name: str


class _Function:
    """Fills one function: values of the entry block and of the parameters may be used everywhere."""

    def __init__(self, draw: st.DrawFn, b: Builder, func: Func, callees: list[Func]) -> None:
        self.draw, self.b, self.func, self.callees = draw, b, func, callees
        self.everywhere = list(func.params)
        self.here: list[Value] = []

    def pick(self, *choices: T) -> T:
        return self.draw(st.sampled_from(choices))

    def value(self, t: Type) -> Value:
        """A value of type `t`, made if there is none."""
        found = [v for v in self.everywhere + self.here if v.type is t]
        if found:
            return self.pick(*found)
        made = self.b.const(t, self.draw(scalars(t))) if t is not PAIR else self.b.load(self.value(PointerType(PAIR)))
        self.here.append(made)
        return made

    def operand(self, t: Type) -> OperandLike:
        """A value or a literal of type `t`."""
        if self.draw(st.booleans()) and t is not PAIR:
            return self.draw(scalars(t))
        return self.value(t)

    def pair(self, t: Type) -> tuple[OperandLike, OperandLike]:
        """Two operands, of which one at least is a value."""
        a, b = self.value(t), self.operand(t)
        return (a, b) if self.draw(st.booleans()) else (b, a)

    def instr(self) -> None:
        b, numeric, integer = self.b, self.pick(*NUMBERS), self.pick(*INTEGERS)
        slice_type = self.pick(*[t for t in TYPES if isinstance(t, SliceType)])
        anything = self.pick(*TYPES)
        word: _Placed = {"loc": self.draw(LOCS)}
        named: _Named = {**word, "name": self.draw(st.sampled_from(["", "x", "add", "x$1", "0", "br"]))}
        ways: list[Callable[[], object]] = [
            lambda: b.const(anything, self.draw(scalars(anything)), **named),
            lambda: self.pick(b.add, b.sub, b.mul, b.div)(*self.pair(numeric), **named),
            lambda: self.pick(b.rem, b.and_, b.or_, b.xor, b.shl, b.shr)(*self.pair(integer), **named),
            lambda: self.pick(b.lt, b.le, b.gt, b.ge, b.eq, b.ne)(*self.pair(numeric), **named),
            lambda: b.eq(self.value(slice_type), None, **named),
            lambda: b.ne(*self.pair(PointerType(PAIR)), **named),
            lambda: b.neg(self.value(numeric), **named),
            lambda: b.not_(self.value(self.pick(BOOL, integer)), **named),
            lambda: b.select(self.operand(BOOL), *self.pair(anything), **named),
            lambda: b.conv(numeric, self.value(self.pick(*NUMBERS)), **named),
            lambda: b.make(anything, self.operand(I64), self.pick(None, 9, self.value(I64)), uninit=True, **named),
            lambda: b.make(PAIR, self.operand(I64), **named),
            lambda: b.new(self.pick(PAIR, anything), uninit=self.draw(st.booleans()), **named),
            lambda: self.pick(b.len, b.cap)(self.value(slice_type), **named),
            lambda: b.slice(self.value(slice_type), 0, self.operand(I64), self.pick(None, 3), **named),
            lambda: b.append(self.value(slice_type), self.operand(slice_type.elem), **named),
            lambda: b.extend(self.value(slice_type), self.operand(slice_type), **named),
            lambda: b.copy(*self.pair(slice_type), **named),
            lambda: b.clear(self.value(slice_type), **word),
            lambda: b.load(self.value(slice_type), self.operand(I64), **named),
            lambda: b.load(self.value(PointerType(PAIR)), field=self.draw(st.integers(0, 3)), **named),
            lambda: b.store(self.value(slice_type), self.operand(slice_type.elem), index=self.operand(I64), **word),
            lambda: b.store(self.value(PointerType(PAIR)), self.operand(BYTES), field=2, **word),
            lambda: b.store(self.value(PointerType(I64)), self.operand(I64), **word),
            lambda: b.elem(self.value(slice_type), self.operand(I64), **named),
            lambda: b.field(self.value(PointerType(PAIR)), self.draw(st.integers(0, 3)), **named),
            lambda: b.free(self.pick(None, self.value(slice_type)), **word),
            lambda: self.call(named),
            lambda: b.print(self.operand(BOOL), self.operand(BYTES), self.value(numeric), **word),
            lambda: b.extent(anything, self.operand(I64), **named),
            lambda: self.arena(named),
        ]
        made = self.pick(*ways)()
        if isinstance(made, Value) and made.type is not ARENA:
            self.here.append(made)

    def call(self, named: _Named) -> Value | None:
        callee = self.pick(*self.callees)
        return self.b.call(callee, *[self.operand(p.type) for p in callee.params], **named)

    def arena(self, named: _Named) -> Value:
        b = self.b
        m = b.shared_alloc(
            self.operand(I64), align=self.pick(8, 64), limit=self.pick(None, 0, 4096), count=self.pick(1, 2),
            stack=self.draw(st.booleans()), scan=self.draw(st.booleans()), uninit=self.draw(st.booleans()), **named,
        )  # fmt: skip
        s = b.derive(BYTES, m, 3, self.operand(I64), self.pick(None, 7), zero=True)
        p = b.derive(PointerType(PAIR), m, self.value(I64), uninit=True)
        b.shared_release(m, s)
        b.shared_free(m, s, p)
        self.here += [s, p]
        return m

    def target(self, block: Block) -> TargetLike:
        args = [self.operand(p.type) for p in block.params]
        is_pair = bool(args) or self.draw(st.booleans())
        return (block, *args) if is_pair else block

    def end(self, blocks: list[Block]) -> None:
        b = self.b
        word: _Placed = {"loc": self.draw(LOCS)}
        kind = self.pick("ret", "trap", *(["br", "br_if", "switch"] if blocks else []))
        if kind == "ret":
            result = self.func.result
            b.ret(*([self.operand(result)] if result is not None else []), **word)
        elif kind == "trap":
            b.trap(self.draw(st.binary(max_size=5)), **word)
        elif kind == "br":
            block = self.pick(*blocks)
            b.br(block, *[self.operand(p.type) for p in block.params], **word)
        elif kind == "br_if":
            b.br_if(self.operand(BOOL), self.target(self.pick(*blocks)), self.target(self.pick(*blocks)), **word)
        else:
            t = self.pick(*INTEGERS)
            on = self.value(t)
            cases = self.draw(st.lists(integers(t), max_size=3, unique=True))
            b.switch(on, self.target(self.pick(*blocks)), {c: self.target(self.pick(*blocks)) for c in cases}, **word)


@st.composite
def modules(draw: st.DrawFn) -> Module:
    """A module that keeps every rule of the verifier."""
    b = Builder()
    b.struct("pair", FIELDS)
    callees = [
        b.extern("host.call", [BYTES, F64], I64, draw(st.lists(st.sampled_from(["pure", "nofree"]), unique=True)))
    ]
    callees.append(b.extern("quiet"))
    types = st.lists(st.sampled_from(TYPES), max_size=3)
    for name in draw(st.sampled_from([["main"], ["f.1", "main"]])):
        params = [(f"{name[0]}{i}", t) for i, t in enumerate(draw(types))]
        func = b.func(name, params, draw(st.none() | st.sampled_from(TYPES)))
        callees.append(func)
        labels = draw(st.lists(st.sampled_from(["loop", "add", "br", "true", "loc", "b.1"]), max_size=3))
        blocks = [b.block(label, [(f"p{n}.{i}".replace(".", "$"), t) for i, t in enumerate(draw(types))])
                  for n, label in enumerate(labels)]  # fmt: skip
        filler = _Function(draw, b, func, callees)
        for block in [func.entry, *blocks]:
            b.at(block)
            filler.here = list(block.params)
            for _ in range(draw(st.integers(0, 5))):
                filler.instr()
            filler.end(blocks)
            if block is func.entry:
                filler.everywhere += filler.here
    return b.module
