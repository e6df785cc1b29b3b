"""Lowering of constants, arithmetic, comparison, `select`, `conv` and `extent`."""

from __future__ import annotations

from irpass.ir import ops
from irpass.ir.core import ArenaSpec, Instr, Literal
from irpass.ir.layout import MAX_BYTES
from irpass.ir.types import I64, ScalarType
from irpass.native.layout import scalar_type
from irpass.native.writer import FunctionWriter


def const(w: FunctionWriter, instr: Instr) -> None:
    assert instr.type is not None and not isinstance(instr.imm, str | tuple | ArenaSpec)
    w.define(instr.result, w.parts(Literal(instr.type, instr.imm)))


_INTEGER = {ops.ADD: "add", ops.SUB: "sub", ops.MUL: "mul", ops.AND: "and", ops.OR: "or", ops.XOR: "xor"}
_FLOAT = {ops.ADD: "fadd", ops.SUB: "fsub", ops.MUL: "fmul", ops.DIV: "fdiv"}


def arithmetic(w: FunctionWriter, instr: Instr) -> None:
    t = instr.operands[0].type
    assert isinstance(t, ScalarType)
    a, b = (w.one(operand) for operand in instr.operands)
    if t.kind == "float":
        w.define_one(instr, f"{_FLOAT[instr.op]} {scalar_type(t)} {a}, {b}")
    elif instr.op in _INTEGER:
        result = w.value(f"{_INTEGER[instr.op]} {scalar_type(t)} {a}, {b}")
        w.define(instr.result, (result,))
        if instr.op is ops.ADD and t is I64:
            w.sums.note_add(result, a, b)
    elif instr.op in (ops.SHL, ops.SHR):
        _shift(w, instr, t, a, b)
    else:
        _divide(w, instr, t, a, b)


def _divide(w: FunctionWriter, instr: Instr, t: ScalarType, a: str, b: str) -> None:
    name, is_div = scalar_type(t), instr.op is ops.DIV
    w.trap_if(w.value(f"icmp eq {name} {b}, 0"), instr, ops.DIV_ZERO)
    if not t.signed:
        w.define_one(instr, f"{'udiv' if is_div else 'urem'} {name} {a}, {b}")
        return
    # The least value by -1 is undefined in LLVM and a signal on x86: divide by 1 there, and negate.
    by_minus_one = w.value(f"icmp eq {name} {b}, -1")
    safe = w.value(f"select i1 {by_minus_one}, {name} 1, {name} {b}")
    result = w.value(f"{'sdiv' if is_div else 'srem'} {name} {a}, {safe}")
    negated = w.value(f"sub {name} 0, {a}") if is_div else "0"
    w.define_one(instr, f"select i1 {by_minus_one}, {name} {negated}, {name} {result}")


def _shift(w: FunctionWriter, instr: Instr, t: ScalarType, a: str, n: str) -> None:
    name = scalar_type(t)
    if t.signed:
        w.trap_if(w.value(f"icmp slt {name} {n}, 0"), instr, ops.NEG_SHIFT)
    if instr.op is ops.SHR and t.signed:
        most = w.value(f"call {name} @llvm.umin.{name}({name} {n}, {name} {t.bits - 1})")
        w.define_one(instr, f"ashr {name} {a}, {most}")
        return
    is_inside = w.value(f"icmp ult {name} {n}, {t.bits}")
    masked = w.value(f"and {name} {n}, {t.bits - 1}")
    shifted = w.value(f"{'shl' if instr.op is ops.SHL else 'lshr'} {name} {a}, {masked}")
    w.define_one(instr, f"select i1 {is_inside}, {name} {shifted}, {name} 0")


def negate(w: FunctionWriter, instr: Instr) -> None:
    t, a = instr.operands[0].type, w.one(instr.operands[0])
    assert isinstance(t, ScalarType)
    name = scalar_type(t)
    w.define_one(instr, f"fneg {name} {a}" if t.kind == "float" else f"sub {name} 0, {a}")


def invert(w: FunctionWriter, instr: Instr) -> None:
    t, a = instr.operands[0].type, w.one(instr.operands[0])
    assert isinstance(t, ScalarType)
    w.define_one(instr, f"xor {scalar_type(t)} {a}, {'true' if t.kind == 'bool' else '-1'}")


_FLOAT_COMPARE = {ops.EQ: "oeq", ops.NE: "une", ops.LT: "olt", ops.LE: "ole", ops.GT: "ogt", ops.GE: "oge"}
_INTEGER_COMPARE = {ops.EQ: "eq", ops.NE: "ne", ops.LT: "lt", ops.LE: "le", ops.GT: "gt", ops.GE: "ge"}


def compare(w: FunctionWriter, instr: Instr) -> None:
    t = instr.operands[0].type
    a, b = (w.parts(operand)[0] for operand in instr.operands)  # of a slice, its pointer says whether it is nil
    if not isinstance(t, ScalarType):
        w.define_one(instr, f"icmp {_INTEGER_COMPARE[instr.op]} ptr {a}, {b}")
        return
    if t.kind == "float":
        w.define_one(instr, f"fcmp {_FLOAT_COMPARE[instr.op]} {scalar_type(t)} {a}, {b}")
        return
    word = _INTEGER_COMPARE[instr.op]
    if word not in ("eq", "ne"):
        word = ("s" if t.signed else "u") + word
    w.define_one(instr, f"icmp {word} {scalar_type(t)} {a}, {b}")


def select(w: FunctionWriter, instr: Instr) -> None:
    condition, *sides = instr.operands
    c, (a, b) = w.one(condition), (w.parts(side) for side in sides)
    names = [component.register for component in w.components(sides[0].type)]
    rows = zip(names, a, b, strict=True)
    w.define(instr.result, tuple([w.value(f"select i1 {c}, {name} {x}, {name} {y}") for name, x, y in rows]))


def convert(w: FunctionWriter, instr: Instr) -> None:
    source, t, a = instr.operands[0].type, instr.type, w.one(instr.operands[0])
    assert isinstance(source, ScalarType) and isinstance(t, ScalarType)
    old, new = scalar_type(source), scalar_type(t)
    if source.kind == "float" and t.kind == "int":
        word = "fptosi" if t.signed else "fptoui"
        w.define_one(instr, f"call {new} @llvm.{word}.sat.{new}.f{source.bits}({old} {a})")
    elif source.kind == "int" and t.kind == "float":
        w.define_one(instr, f"{'sitofp' if source.signed else 'uitofp'} {old} {a} to {new}")
    elif source.bits == t.bits:
        w.define(instr.result, (a,))
    elif source.kind == "float":
        w.define_one(instr, f"{'fpext' if t.bits > source.bits else 'fptrunc'} {old} {a} to {new}")
    else:
        word = "trunc" if t.bits < source.bits else "sext" if source.signed else "zext"
        w.define_one(instr, f"{word} {old} {a} to {new}")


def extent(w: FunctionWriter, instr: Instr) -> None:
    assert instr.type is not None
    size_bytes, cap = w.shapes.layout(instr.type).size_bytes, w.one(instr.operands[0])
    if size_bytes == 0:
        w.define(instr.result, ("0",))
        return
    fits = w.value(f"icmp ule i64 {cap}, {MAX_BYTES // size_bytes}")
    product = w.value(f"mul i64 {cap}, {size_bytes}")
    result = w.value(f"select i1 {fits}, i64 {product}, i64 0")
    w.define(instr.result, (result,))
    w.sums.note_extent(result, cap, size_bytes)
