"""Modules from Python: one method for each instruction, checked as it is made.

    b = Builder()
    f = b.func("sum", [("n", I64)], I64)        # at its entry block from here on
    loop, body, done = b.block("loop", [("i", I64), ("total", I64)]), b.block("body"), b.block("done")
    i, total = loop.params
    b.br(loop, 0, 0)
    b.at(loop)
    b.br_if(b.lt(i, f.params[0]), body, done)
    b.at(body)
    b.br(loop, b.add(i, 1), b.add(total, i, name="total"))
    b.at(done)
    b.ret(total)

Methods are called as the instructions are, with an underscore for Python's keywords (`and_`, `or_`, `not_`) and for
dots (`shared_alloc`). An operand is a `Value`, or a Python value where a literal may stand: an int, float or bool,
bytes or a str for text, None for nil; its type follows as in the text, and where none follows, `const` gives one. Every
method takes `loc=`, the place in the user's source, and those with a result `name=`, a wish (a number follows where the
name is taken).

What only the whole function shows, such as dominance or a block without a terminator, is for the verifier to find.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType

from irpass.diagnostics import BuildError, Loc
from irpass.ir import edit, names, ops
from irpass.ir.core import ArenaSpec, Block, Func, Immediate, Module, Scalar, Struct, Value
from irpass.ir.insertion import InsertionPoint, LocLike, OperandLike, TargetLike
from irpass.ir.semantics import fit
from irpass.ir.types import SliceType, StructType, Type

Params = Sequence[tuple[str, Type]]


class _Restore:
    """What `at` and `loc` give: in a `with`, it puts back the block and place that were before."""

    def __init__(self, builder: Builder, point: InsertionPoint) -> None:
        self._builder = builder
        self._point = point
        self._before = point.block, point.loc

    def __enter__(self) -> Builder:
        return self._builder

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._point.block, self._point.loc = self._before


class Builder:
    """Appends to `module`, at the end of one block at a time."""

    def __init__(self, module: Module | None = None) -> None:
        self.module = module if module is not None else Module()
        self._point = InsertionPoint(self.module)

    # ---- declarations and places

    def struct(self, name: str, fields: Sequence[Type]) -> StructType:
        """Declare `type @name = { fields }`; `StructType(name)` may be used before, so that it can point to itself."""
        self._declare(name, Struct(name, tuple(fields)))
        return StructType(name)

    def extern(
        self, name: str, params: Sequence[Type] = (), result: Type | None = None, attrs: Sequence[str] = ()
    ) -> Func:
        """Declare a function of the host; `attrs` are of `pure nocapture nofree noreturn`."""
        func = Func(name, self.module, result, is_extern=True, attrs=tuple(attrs))
        func.params += [Value(t, str(i), func) for i, t in enumerate(params)]
        self._declare(name, func)
        return func

    def func(self, name: str, params: Params = (), result: Type | None = None, *, entry: str = "entry") -> Func:
        """Declare a function, with an entry block, and go there. It can be called from now on, by itself too."""
        func = Func(name, self.module, result)
        func.params += self._params(params, func, func)
        self._declare(name, func)
        self._point.block = edit.add_block(func, names.check(entry, names.LABEL, "a label"))
        return func

    def block(self, name: str = "b", params: Params = (), *, func: Func | None = None) -> Block:
        """A new block of the function being built (or of `func`), to be filled later: `at` goes there."""
        owner = func if func is not None else self.here.func
        if owner.is_extern:
            raise BuildError.of(f"the extern function @{owner.name} has no blocks")
        block = edit.add_block(owner, names.check(name, names.LABEL, "a label"))
        block.params += self._params(params, owner, block)
        return block

    def at(self, block: Block) -> _Restore:
        """Append to `block` from now on; `with b.at(block):` comes back at its end."""
        restore = _Restore(self, self._point)
        self._point.block = block
        return restore

    def loc(self, file: str | None, line: int = 0, column: int = 0) -> _Restore:
        """Give this place to all that follows; `with b.loc("main.go", 3, 1):` to what is inside; None stops it."""
        restore = _Restore(self, self._point)
        self._point.loc = Loc(file, line, column) if file is not None else None
        return restore

    @property
    def here(self) -> Block:
        """The block that is being filled."""
        return self._point.here

    # ---- constants, arithmetic, comparisons

    def const(self, type: Type, value: Scalar | str, *, name: str = "", loc: LocLike = None) -> Value:
        """A literal with a name and the type given; text is `const(BYTES, "...")`."""
        literal = fit(type, value.encode() if isinstance(value, str) else value)
        if literal is None:
            raise BuildError.of(f"{value!r} does not fit {type}")
        return self._value(ops.CONST, [], name, loc, type, literal.value)

    def add(self, a: OperandLike, b: OperandLike, *, name: str = "", loc: LocLike = None) -> Value:
        """a + b; integers wrap."""
        return self._value(ops.ADD, [a, b], name, loc)

    def sub(self, a: OperandLike, b: OperandLike, *, name: str = "", loc: LocLike = None) -> Value:
        """a - b; integers wrap."""
        return self._value(ops.SUB, [a, b], name, loc)

    def mul(self, a: OperandLike, b: OperandLike, *, name: str = "", loc: LocLike = None) -> Value:
        """a * b; integers wrap."""
        return self._value(ops.MUL, [a, b], name, loc)

    def div(self, a: OperandLike, b: OperandLike, *, name: str = "", loc: LocLike = None) -> Value:
        """a / b; integers truncate toward zero, and trap where b is 0."""
        return self._value(ops.DIV, [a, b], name, loc)

    def rem(self, a: OperandLike, b: OperandLike, *, name: str = "", loc: LocLike = None) -> Value:
        """The remainder of `div`, with the sign of `a`; integers only."""
        return self._value(ops.REM, [a, b], name, loc)

    def and_(self, a: OperandLike, b: OperandLike, *, name: str = "", loc: LocLike = None) -> Value:
        """a & b, of integers."""
        return self._value(ops.AND, [a, b], name, loc)

    def or_(self, a: OperandLike, b: OperandLike, *, name: str = "", loc: LocLike = None) -> Value:
        """a | b, of integers."""
        return self._value(ops.OR, [a, b], name, loc)

    def xor(self, a: OperandLike, b: OperandLike, *, name: str = "", loc: LocLike = None) -> Value:
        """a ^ b, of integers."""
        return self._value(ops.XOR, [a, b], name, loc)

    def shl(self, a: OperandLike, b: OperandLike, *, name: str = "", loc: LocLike = None) -> Value:
        """a << b; 0 for b of the width or more, a trap for a negative b."""
        return self._value(ops.SHL, [a, b], name, loc)

    def shr(self, a: OperandLike, b: OperandLike, *, name: str = "", loc: LocLike = None) -> Value:
        """a >> b, by the sign of the type; a trap for a negative b."""
        return self._value(ops.SHR, [a, b], name, loc)

    def neg(self, a: OperandLike, *, name: str = "", loc: LocLike = None) -> Value:
        """-a; integers wrap."""
        return self._value(ops.NEG, [a], name, loc)

    def not_(self, a: OperandLike, *, name: str = "", loc: LocLike = None) -> Value:
        """The other bool, or the complement of an integer."""
        return self._value(ops.NOT, [a], name, loc)

    def eq(self, a: OperandLike, b: OperandLike, *, name: str = "", loc: LocLike = None) -> Value:
        """a == b; a slice is compared only with None."""
        return self._value(ops.EQ, [a, b], name, loc)

    def ne(self, a: OperandLike, b: OperandLike, *, name: str = "", loc: LocLike = None) -> Value:
        """a != b; a slice is compared only with None."""
        return self._value(ops.NE, [a, b], name, loc)

    def lt(self, a: OperandLike, b: OperandLike, *, name: str = "", loc: LocLike = None) -> Value:
        """a < b, of numbers."""
        return self._value(ops.LT, [a, b], name, loc)

    def le(self, a: OperandLike, b: OperandLike, *, name: str = "", loc: LocLike = None) -> Value:
        """a <= b, of numbers."""
        return self._value(ops.LE, [a, b], name, loc)

    def gt(self, a: OperandLike, b: OperandLike, *, name: str = "", loc: LocLike = None) -> Value:
        """a > b, of numbers."""
        return self._value(ops.GT, [a, b], name, loc)

    def ge(self, a: OperandLike, b: OperandLike, *, name: str = "", loc: LocLike = None) -> Value:
        """a >= b, of numbers."""
        return self._value(ops.GE, [a, b], name, loc)

    def select(
        self, condition: OperandLike, a: OperandLike, b: OperandLike, *, name: str = "", loc: LocLike = None
    ) -> Value:
        """`a` where the condition is true, else `b`; both are computed."""
        return self._value(ops.SELECT, [condition, a, b], name, loc)

    def conv(self, type: Type, a: OperandLike, *, name: str = "", loc: LocLike = None) -> Value:
        """The number `a` as `type`: integers wrap, floats saturate and round."""
        return self._value(ops.CONV, [a], name, loc, type)

    # ---- allocation, slices, memory

    def make(
        self,
        elem: Type,
        len: OperandLike,
        cap: OperandLike = None,
        *,
        uninit: bool = False,
        name: str = "",
        loc: LocLike = None,
    ) -> Value:
        """A slice of `len` zeroed elements of type `elem`: `make(I64, 10)` gives a `[]i64`."""
        sizes = [len] if cap is None else [len, cap]
        return self._value(ops.MAKE, sizes, name, loc, SliceType(elem), flag="uninit" if uninit else None)

    def new(self, type: Type, *, uninit: bool = False, name: str = "", loc: LocLike = None) -> Value:
        """A pointer to a zeroed `type`."""
        return self._value(ops.NEW, [], name, loc, type, flag="uninit" if uninit else None)

    def len(self, s: OperandLike, *, name: str = "", loc: LocLike = None) -> Value:
        """How many elements the slice has."""
        return self._value(ops.LEN, [s], name, loc)

    def cap(self, s: OperandLike, *, name: str = "", loc: LocLike = None) -> Value:
        """How many elements the slice may grow to in place."""
        return self._value(ops.CAP, [s], name, loc)

    def slice(
        self,
        s: OperandLike,
        lo: OperandLike,
        hi: OperandLike,
        max: OperandLike = None,
        *,
        name: str = "",
        loc: LocLike = None,
    ) -> Value:
        """The elements `lo` up to `hi`, with a cap up to `max` (without one, that of `s`)."""
        bounds = [lo, hi] if max is None else [lo, hi, max]
        return self._value(ops.SLICE, [s, *bounds], name, loc)

    def append(self, s: OperandLike, value: OperandLike, *, name: str = "", loc: LocLike = None) -> Value:
        """`s` and one element more, in place or in a new allocation."""
        return self._value(ops.APPEND, [s, value], name, loc)

    def extend(self, s: OperandLike, t: OperandLike, *, name: str = "", loc: LocLike = None) -> Value:
        """`s` and the elements of `t`, in place or in a new allocation."""
        return self._value(ops.EXTEND, [s, t], name, loc)

    def copy(self, dst: OperandLike, src: OperandLike, *, name: str = "", loc: LocLike = None) -> Value:
        """Copy as many elements as both have, as memmove does, and give their number."""
        return self._value(ops.COPY, [dst, src], name, loc)

    def clear(self, s: OperandLike, *, loc: LocLike = None) -> None:
        """Zero the elements of `s`."""
        self._point.append(ops.CLEAR, [s], "", loc)

    def load(
        self,
        place: OperandLike,
        index: OperandLike = None,
        *,
        field: int | None = None,
        name: str = "",
        loc: LocLike = None,
    ) -> Value:
        """What is at `place`: `load(s, i)` of a slice, `load(p)` of a pointer, `load(p, field=2)` of a struct."""
        operands = [place] if index is None else [place, index]
        return self._value(ops.LOAD, operands, name, loc, imm=field)

    def store(
        self,
        place: OperandLike,
        value: OperandLike,
        *,
        index: OperandLike = None,
        field: int | None = None,
        loc: LocLike = None,
    ) -> None:
        """Put `value` at `place`: `store(s, v, index=i)`, `store(p, v)`, `store(p, v, field=2)`."""
        operands = [place, value] if index is None else [place, index, value]
        self._point.append(ops.STORE, operands, "", loc, imm=field)

    def elem(self, s: OperandLike, index: OperandLike, *, name: str = "", loc: LocLike = None) -> Value:
        """A pointer to an element of a slice."""
        return self._value(ops.ELEM, [s, index], name, loc)

    def field(self, pointer: OperandLike, number: int, *, name: str = "", loc: LocLike = None) -> Value:
        """A pointer to a field, counted from 0, of the struct that `pointer` points to."""
        return self._value(ops.FIELD, [pointer], name, loc, imm=number)

    def free(self, reference: OperandLike, *, loc: LocLike = None) -> None:
        """End the allocation that the slice or pointer is the start of."""
        self._point.append(ops.FREE, [reference], "", loc)

    # ---- calls, output, terminators

    def call(self, callee: Func | str, *args: OperandLike, name: str = "", loc: LocLike = None) -> Value | None:
        """Call a function that is declared; gives its result, None where it has none."""
        symbol = callee if isinstance(callee, str) else callee.name
        return self._point.append(ops.CALL, args, name, loc, imm=symbol).result

    def print(self, *operands: OperandLike, loc: LocLike = None) -> None:
        """Write one line: numbers, bools, `[]u8` values and text."""
        self._point.append(ops.PRINT, operands, "", loc)

    def br(self, block: Block, *args: OperandLike, loc: LocLike = None) -> None:
        """Go on at `block`, with arguments for its parameters."""
        self._point.append(ops.BR, [], "", loc, targets=[(block, *args)])

    def br_if(self, condition: OperandLike, then: TargetLike, other: TargetLike, *, loc: LocLike = None) -> None:
        """Go to `then` where the condition is true, else to `other`: each a block, or `(block, argument, ...)`."""
        self._point.append(ops.BR_IF, [condition], "", loc, targets=[then, other])

    def switch(
        self, on: OperandLike, default: TargetLike, cases: Mapping[int, TargetLike], *, loc: LocLike = None
    ) -> None:
        """Go to the target of the case that equals `on`, else to `default`."""
        for case in cases:
            if isinstance(on, Value) and (isinstance(case, bool) or fit(on.type, case) is None):
                raise BuildError.of(f"case {case!r} does not fit {on.type}")
        self._point.append(ops.SWITCH, [on], "", loc, imm=tuple(cases), targets=[default, *cases.values()])

    def ret(self, *result: OperandLike, loc: LocLike = None) -> None:
        """Return, with a result where the function has one; `ret(None)` returns nil."""
        self._point.append(ops.RET, result, "", loc)

    def trap(self, message: str | bytes, *, loc: LocLike = None) -> None:
        """End the program with a message."""
        self._point.append(ops.TRAP, [], "", loc, imm=message.encode() if isinstance(message, str) else message)

    # ---- what folding writes

    def extent(self, elem: Type, cap: OperandLike, *, name: str = "", loc: LocLike = None) -> Value:
        """The bytes that `cap` elements take, 0 where `make` would trap."""
        return self._value(ops.EXTENT, [cap], name, loc, elem)

    def shared_alloc(
        self,
        size_bytes: OperandLike,
        *,
        align: int = 8,
        limit: int | None = None,
        count: int = 1,
        stack: bool = False,
        scan: bool = False,
        uninit: bool = False,
        name: str = "",
        loc: LocLike = None,
    ) -> Value:
        """An arena of so many bytes; `align` and `limit` in bytes."""
        spec = ArenaSpec(align, limit, count, stack, scan, uninit)
        return self._value(ops.SHARED_ALLOC, [size_bytes], name, loc, imm=spec)

    def derive(
        self,
        type: Type,
        arena: OperandLike,
        offset_bytes: OperandLike,
        len: OperandLike = None,
        cap: OperandLike = None,
        *,
        zero: bool = False,
        uninit: bool = False,
        name: str = "",
        loc: LocLike = None,
    ) -> Value:
        """The member of type `type`, a slice or pointer, at an offset in an arena."""
        if zero and uninit:
            raise BuildError.of("a derive is zero or uninit, not both")
        if len is None and cap is not None:
            raise BuildError.of("a derive with a cap has a len before it")
        operands = [arena, offset_bytes, *(o for o in (len, cap) if o is not None)]
        flag = "zero" if zero else "uninit" if uninit else None
        return self._value(ops.DERIVE, operands, name, loc, type, flag=flag)

    def shared_release(self, arena: OperandLike, member: OperandLike, *, loc: LocLike = None) -> None:
        """End one counted member."""
        self._point.append(ops.SHARED_RELEASE, [arena, member], "", loc)

    def shared_free(self, arena: OperandLike, *members: OperandLike, loc: LocLike = None) -> None:
        """End the members that are left."""
        self._point.append(ops.SHARED_FREE, [arena, *members], "", loc)

    # ---- what the methods share

    def _declare(self, name: str, decl: Struct | Func) -> None:
        names.check(name, names.SYMBOL, "a name")
        if name in self.module.decls:
            raise BuildError.of(f"@{name} is declared twice", "types and functions share one namespace")
        self.module.decls[name] = decl

    def _params(self, params: Params, func: Func, owner: Func | Block) -> list[Value]:
        values = []
        for name, type in params:
            if names.check(name, names.VALUE, "the name of a value") in func.names:
                raise BuildError.of(f"%{name} is defined twice in @{func.name}")
            func.names.add(name)
            values.append(Value(type, name, owner))
        return values

    def _value(
        self,
        op: ops.Op,
        operands: Sequence[OperandLike],
        name: str,
        loc: LocLike,
        type: Type | None = None,
        imm: Immediate = None,
        flag: str | None = None,
    ) -> Value:
        result = self._point.append(op, operands, name, loc, type, imm, flag).result
        assert result is not None
        return result
