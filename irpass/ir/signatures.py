"""How each operation is typed: the one place that parser, builder and verifier ask.

`signature(module, instr-like parts)` takes the types of the operands, None standing for a literal that has no type of
its own yet, and gives the types that the operands must have and the type of the result. A required type of None means
"any". What the terminators pass to blocks is checked by the verifier, which knows the blocks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from irpass.ir import ops
from irpass.ir.core import Func, Immediate, Module, Struct
from irpass.ir.ops import Op
from irpass.ir.types import (
    ARENA,
    BOOL,
    BYTES,
    I64,
    PointerType,
    ScalarType,
    SliceType,
    StructType,
    Type,
    is_integer,
    is_numeric,
    is_reference,
)

Types = Sequence[Type | None]


class Signature(NamedTuple):
    """The types that the operands must have (None: any), and the result's (None: there is none)."""

    operands: Types
    result: Type | None


class SignatureError(Exception):
    """No signature fits: `operand` is the index of the operand at fault, None where it is the whole instruction."""

    def __init__(self, message: str, operand: int | None = None, note: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.operand = operand
        self.note = note


class Parts(NamedTuple):
    """What a signature may depend on: as in `Instr`, with the operands' types in place of the operands."""

    module: Module
    op: Op
    operands: Types
    type: Type | None = None
    imm: Immediate = None
    func: Func | None = None


_USE_CONST = "name it first: %x = const i64, 1"


def signature(parts: Parts) -> Signature:
    """The signature that fits `parts`.

    Raises: SignatureError where none does.
    """
    return _RULES[parts.op](parts)


def _count(p: Parts, least: int, most: int | None = None) -> None:
    most = least if most is None else most
    if not least <= len(p.operands) <= most:
        wanted = f"{least}" if least == most else f"{least} to {most}"
        raise SignatureError(f"{p.op.name} takes {wanted} operand{'s' * (wanted != '1')}, not {len(p.operands)}")


def _known(p: Parts, *positions: int) -> Type:
    """The type of the first of these operands that has one."""
    for i in positions:
        found = p.operands[i]
        if found is not None:
            return found
    raise SignatureError(f"no type follows for the literals of this {p.op.name}", positions[0], _USE_CONST)


def _word(p: Parts) -> Type:
    if p.type is None:
        raise SignatureError(f"{p.op.name} needs a type")
    return p.type


def _slice(p: Parts, i: int = 0) -> SliceType:
    t = p.operands[i]
    if isinstance(t, SliceType):
        return t
    raise SignatureError(f"{p.op.name} needs a slice, not {_name(t)}", i)


def _name(t: Type | None) -> str:
    return "a literal" if t is None else str(t)


def _const(p: Parts) -> Signature:
    _count(p, 0)
    return Signature((), _word(p))


def _binary(p: Parts) -> Signature:
    _count(p, 2)
    t = _known(p, 0, 1)
    if not (is_numeric(t) if p.op in (ops.ADD, ops.SUB, ops.MUL, ops.DIV) else is_integer(t)):
        kind = "integers or floats" if p.op in (ops.ADD, ops.SUB, ops.MUL, ops.DIV) else "integers"
        raise SignatureError(f"{p.op.name} works on {kind}, not {t}", 0)
    return Signature((t, t), t)


def _neg(p: Parts) -> Signature:
    _count(p, 1)
    t = _known(p, 0)
    if not is_numeric(t):
        raise SignatureError(f"neg works on integers or floats, not {t}", 0)
    return Signature((t,), t)


def _not(p: Parts) -> Signature:
    _count(p, 1)
    t = _known(p, 0)
    if t is not BOOL and not is_integer(t):
        raise SignatureError(f"not works on bool or integers, not {t}", 0)
    return Signature((t,), t)


def _compare(p: Parts) -> Signature:
    _count(p, 2)
    t = _known(p, 0, 1)
    ordered = p.op not in (ops.EQ, ops.NE)
    if ordered and not is_numeric(t):
        raise SignatureError(f"{p.op.name} compares integers or floats, not {t}", 0, "only eq and ne compare these")
    if not isinstance(t, ScalarType) and not is_reference(t):
        raise SignatureError(f"{p.op.name} cannot compare {t}", 0)
    return Signature((t, t), BOOL)


def _select(p: Parts) -> Signature:
    _count(p, 3)
    t = _known(p, 1, 2)
    return Signature((BOOL, t, t), t)


def _conv(p: Parts) -> Signature:
    _count(p, 1)
    t, source = _word(p), _known(p, 0)
    if not is_numeric(t):
        raise SignatureError(f"conv gives integers or floats, not {t}")
    if not is_numeric(source):
        raise SignatureError(f"conv takes integers or floats, not {source}", 0)
    return Signature((source,), t)


def _make(p: Parts) -> Signature:
    _count(p, 1, 2)
    t = _word(p)
    if not isinstance(t, SliceType):
        raise SignatureError(f"make gives slices, not {t}", note=f"for one value: new {t}")
    return Signature((I64,) * len(p.operands), t)


def _new(p: Parts) -> Signature:
    _count(p, 0)
    return Signature((), PointerType(_word(p)))


def _measure(p: Parts) -> Signature:
    _count(p, 1)
    return Signature((_slice(p),), I64)


def _reslice(p: Parts) -> Signature:
    _count(p, 3, 4)
    t = _slice(p)
    return Signature((t, *(I64,) * (len(p.operands) - 1)), t)


def _append(p: Parts) -> Signature:
    _count(p, 2)
    t = _slice(p)
    return Signature((t, t.elem), t)


def _extend(p: Parts) -> Signature:
    _count(p, 2)
    t = _slice(p)
    return Signature((t, t), t)


def _copy(p: Parts) -> Signature:
    _count(p, 2)
    t = _slice(p, 0 if p.operands[0] is not None else 1)
    return Signature((t, t), I64)


def _clear(p: Parts) -> Signature:
    _count(p, 1)
    return Signature((_slice(p),), None)


def _place(p: Parts, count: int) -> tuple[list[Type | None], Type]:
    """The required types of a place's operands, and the type of what is there; `count` operands name the place."""
    base = p.operands[0]
    if isinstance(base, SliceType) and p.imm is None:
        if count != 2:
            raise SignatureError(f"{p.op.name} from a slice needs an index: {p.op.name} %s[%i]", 0)
        return [base, I64], base.elem
    if isinstance(base, PointerType):
        if count != 1:
            raise SignatureError(f"{p.op.name} through a pointer takes no index", 0, "elem is for slices")
        return [base], base.elem if p.imm is None else _field_type(p, base)
    raise SignatureError(f"{p.op.name} needs a slice with an index, or a pointer, not {_name(base)}", 0)


def _field_type(p: Parts, pointer: PointerType) -> Type:
    struct = p.module.struct(pointer.elem.symbol) if isinstance(pointer.elem, StructType) else None
    if struct is None:
        raise SignatureError(f"{pointer} has no fields", 0, "fields are of declared structs")
    if not isinstance(p.imm, int) or not 0 <= p.imm < len(struct.fields):
        raise SignatureError(f"@{struct.name} has fields 0 to {len(struct.fields) - 1}, not {p.imm!r}", 0)
    return struct.fields[p.imm]


def _load(p: Parts) -> Signature:
    _count(p, 1, 2)
    required, t = _place(p, len(p.operands))
    return Signature(required, t)


def _store(p: Parts) -> Signature:
    _count(p, 2, 3)
    required, t = _place(p, len(p.operands) - 1)
    return Signature([*required, t], None)


def _elem(p: Parts) -> Signature:
    _count(p, 2)
    t = _slice(p)
    return Signature((t, I64), PointerType(t.elem))


def _field(p: Parts) -> Signature:
    _count(p, 1)
    base = p.operands[0]
    if not isinstance(base, PointerType):
        raise SignatureError(f"field needs a pointer, not {_name(base)}", 0)
    return Signature((base,), PointerType(_field_type(p, base)))


def _free(p: Parts) -> Signature:
    _count(p, 1)
    t = p.operands[0]
    if t is not None and not is_reference(t):
        raise SignatureError(f"free takes a slice or a pointer, not {t}", 0)
    return Signature((BYTES if t is None else t,), None)  # `free nil` has some type: any will do


def _call(p: Parts) -> Signature:
    name = p.imm if isinstance(p.imm, str) else ""
    callee = p.module.decls.get(name)
    if callee is None or isinstance(callee, Struct):
        what = "is a type, not a function" if callee is not None else "is not declared"
        raise SignatureError(f"@{name} {what}")
    if len(p.operands) != len(callee.params):
        raise SignatureError(f"@{callee.name} takes {len(callee.params)} arguments, not {len(p.operands)}")
    return Signature([q.type for q in callee.params], callee.result)


def _print(p: Parts) -> Signature:
    for i, t in enumerate(p.operands):
        if t is None:
            raise SignatureError("no type follows for a literal of this print", i, _USE_CONST)
        if not isinstance(t, ScalarType) and t is not BYTES:
            raise SignatureError(f"print cannot print {t}", i, "numbers, bools and []u8 can be printed")
    return Signature(p.operands, None)


def _br(p: Parts) -> Signature:
    _count(p, 0)
    return Signature((), None)


def _br_if(p: Parts) -> Signature:
    _count(p, 1)
    return Signature((BOOL,), None)


def _switch(p: Parts) -> Signature:
    _count(p, 1)
    t = _known(p, 0)
    if not is_integer(t):
        raise SignatureError(f"switch is on integers, not {t}", 0)
    return Signature((t,), None)


def _ret(p: Parts) -> Signature:
    wanted = p.func.result if p.func is not None else None
    if wanted is None and p.operands:
        raise SignatureError("this function returns nothing", 0, "give it a result: func @f() -> i64 {")
    if wanted is not None and not p.operands:
        raise SignatureError(f"this function returns {wanted}")
    return Signature((wanted,) if wanted is not None else (), None)


def _trap(p: Parts) -> Signature:
    _count(p, 0)
    return Signature((), None)


def _extent(p: Parts) -> Signature:
    _count(p, 1)
    _word(p)
    return Signature((I64,), I64)


def _shared_alloc(p: Parts) -> Signature:
    _count(p, 1)
    return Signature((I64,), ARENA)


def _derive(p: Parts) -> Signature:
    t = _word(p)
    if isinstance(t, SliceType):
        _count(p, 3, 4)
    elif isinstance(t, PointerType):
        _count(p, 2)
    else:
        raise SignatureError(f"derive gives slices and pointers, not {t}")
    return Signature((ARENA, *(I64,) * (len(p.operands) - 1)), t)


def _end_members(p: Parts) -> Signature:
    if p.op is ops.SHARED_RELEASE:
        _count(p, 2)
    elif not p.operands:
        raise SignatureError("shared.free needs an arena and its members")
    for i, t in enumerate(p.operands[1:], 1):
        if not is_reference(t):
            raise SignatureError(f"{p.op.name} ends slices and pointers, not {_name(t)}", i)
    return Signature((ARENA, *p.operands[1:]), None)


_RULES: dict[Op, Callable[[Parts], Signature]] = {
    ops.CONST: _const,
    **dict.fromkeys((ops.ADD, ops.SUB, ops.MUL, ops.DIV, ops.REM, ops.AND, ops.OR, ops.XOR, ops.SHL, ops.SHR), _binary),
    ops.NEG: _neg,
    ops.NOT: _not,
    **dict.fromkeys((ops.EQ, ops.NE, ops.LT, ops.LE, ops.GT, ops.GE), _compare),
    ops.SELECT: _select,
    ops.CONV: _conv,
    ops.MAKE: _make,
    ops.NEW: _new,
    ops.LEN: _measure,
    ops.CAP: _measure,
    ops.SLICE: _reslice,
    ops.APPEND: _append,
    ops.EXTEND: _extend,
    ops.COPY: _copy,
    ops.CLEAR: _clear,
    ops.LOAD: _load,
    ops.STORE: _store,
    ops.ELEM: _elem,
    ops.FIELD: _field,
    ops.FREE: _free,
    ops.CALL: _call,
    ops.PRINT: _print,
    ops.BR: _br,
    ops.BR_IF: _br_if,
    ops.SWITCH: _switch,
    ops.RET: _ret,
    ops.TRAP: _trap,
    ops.EXTENT: _extent,
    ops.SHARED_ALLOC: _shared_alloc,
    ops.DERIVE: _derive,
    ops.SHARED_RELEASE: _end_members,
    ops.SHARED_FREE: _end_members,
}
