"""What is known of an operand, or of an instruction, from definitions alone: no analysis, no search.

Needs: SSA. Every answer is O(1) and true wherever the operand may be read.
"""

from __future__ import annotations

from collections.abc import Callable

from irpass.ir import ops
from irpass.ir.constants import integer, literal
from irpass.ir.core import Instr, Literal, Operand, Value
from irpass.ir.layout import MAX_BYTES, LayoutError, Layouts
from irpass.ir.types import I64, ScalarType, SliceType, Type, is_float

_NEVER_NIL = frozenset({ops.MAKE, ops.NEW, ops.DERIVE, ops.ELEM, ops.FIELD})


def definition(o: Operand) -> Instr | None:
    """The instruction that defines the operand; None for a literal or a parameter."""
    if type(o) is Value:
        owner = o.owner
        return owner if type(owner) is Instr else None
    return None


def text(o: Operand) -> bytes | None:
    """The bytes of the constant text that the operand is; None where it is none."""
    found = literal(o)
    return found.value if found is not None and isinstance(found.value, bytes) else None


def is_nil(o: Operand) -> bool:
    """Whether the operand is the constant nil."""
    found = literal(o)
    return found is not None and found.value is None


def is_never_nil(o: Operand) -> bool:
    """Whether what defines the operand cannot give nil."""
    d = definition(o)
    return d is not None and d.op in _NEVER_NIL


def same(a: Operand, b: Operand) -> bool:
    """Whether both are the same value, or equal constants of one type."""
    if a is b:
        return True
    x = literal(a)
    return x is not None and x == literal(b)


def length(s: Operand) -> Operand | None:
    """The operand that holds `len s`, where the definition of `s` names it."""
    return _measure(s, 1)


def capacity(s: Operand) -> Operand | None:
    """The operand that holds `cap s`, where the definition of `s` names it."""
    return _measure(s, 2)


def _measure(s: Operand, which: int) -> Operand | None:
    if is_nil(s):
        return Literal(I64, 0)
    data = text(s)
    if data is not None:
        return Literal(I64, len(data))
    d = definition(s)
    if d is None:
        return None
    if d.op is ops.MAKE:
        return d.operands[min(which, len(d.operands)) - 1]
    if d.op is ops.DERIVE:
        return d.operands[min(which + 1, len(d.operands) - 1)]
    if d.op is ops.SLICE:
        return _slice_measure(d, which)
    return None


def _slice_measure(d: Instr, which: int) -> Operand | None:
    low = integer(d.operands[1])
    if low is None or (which == 2 and len(d.operands) == 3):
        return None
    high = d.operands[which + 1]
    if low == 0:
        return high
    end = integer(high)
    return Literal(I64, end - low) if end is not None and end >= low >= 0 else None


def size_bytes(t: Type | None, layouts: Layouts) -> int | None:
    """The size of a `t`; None where the module does not declare it."""
    if t is None:
        return None
    try:
        return layouts.of(t).size_bytes
    except LayoutError:
        return None


def extent_bytes(elem: Type | None, cap: int, layouts: Layouts) -> int | None:
    """What `extent elem, cap` gives: 0 where a `make` of that cap would trap. None where the size is not known."""
    size = size_bytes(elem, layouts)
    if size is None:
        return None
    return cap * size if cap >= 0 and cap * size <= MAX_BYTES else 0


def cannot_trap(i: Instr, layouts: Layouts) -> bool:
    """Whether `i` surely does not trap, but for `out of memory`, which may come or stay away.

    Says no for what reads, writes or ends memory: that takes more than a definition to see.
    """
    if not i.op.traps:
        return True
    rule = _TRAP_FREE.get(i.op)
    return rule is not None and rule(i, layouts)


def _divides_by_nonzero(i: Instr, layouts: Layouts) -> bool:
    return bool(integer(i.operands[1])) or is_float(i.operands[1].type)


def _shifts_forward(i: Instr, layouts: Layouts) -> bool:
    amount = i.operands[1]
    assert isinstance(amount.type, ScalarType)
    return not amount.type.signed or (integer(amount) or -1) > 0 or integer(amount) == 0


def _length_fits(i: Instr, layouts: Layouts) -> bool:
    first = 0 if i.op is ops.MAKE else 2
    sizes = [integer(o) for o in i.operands[first:]]
    size = size_bytes(i.type.elem, layouts) if isinstance(i.type, SliceType) else 0
    if size is None or any(n is None or n < 0 or n * size > MAX_BYTES for n in sizes):
        return False
    return sorted(n or 0 for n in sizes) == sizes


def _slices_inside(i: Instr, layouts: Layouts) -> bool:
    base, *bounds = i.operands
    if len(bounds) == 2 and integer(bounds[0]) == 0 and is_length(bounds[1], base):
        return True
    cap = capacity(base)
    known = [integer(o) for o in [*bounds, *([cap] if cap is not None else [])]]
    if all(n == 0 for n in known[: len(bounds)]):
        return True
    return cap is not None and None not in known and sorted([0, *(n or 0 for n in known)]) == [0, *known]


def is_length(o: Operand, s: Operand) -> bool:
    """Whether `o` is `len s`."""
    d = definition(o)
    if d is not None and d.op is ops.LEN and d.operands[0] is s:
        return True
    known = length(s)
    return known is not None and same(o, known)


def _elem_inside(i: Instr, layouts: Layouts) -> bool:
    count = length(i.operands[0])
    at, known = integer(i.operands[1]), integer(count) if count is not None else None
    return at is not None and known is not None and 0 <= at < known


_TRAP_FREE: dict[ops.Op, Callable[[Instr, Layouts], bool]] = {
    ops.DIV: _divides_by_nonzero,
    ops.REM: _divides_by_nonzero,
    ops.SHL: _shifts_forward,
    ops.SHR: _shifts_forward,
    ops.MAKE: _length_fits,
    ops.NEW: lambda i, layouts: True,
    ops.DERIVE: _length_fits,
    ops.SHARED_ALLOC: lambda i, layouts: True,
    ops.SLICE: _slices_inside,
    ops.ELEM: _elem_inside,
    ops.FIELD: lambda i, layouts: is_never_nil(i.operands[0]),
}
