"""The table of operations: one row each, with what parser, verifier, analyses, passes and engines need to know.

`Effects` says what an operation may do to the world; `traps` lists the words it may trap with; `hoistable` means that
it may run earlier, or although it would not have run, without anyone seeing it. How operands and results are typed is
in `irpass.ir.signatures`; what scalar operations compute is in `irpass.ir.semantics`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Flag, auto
from typing import Final

# The word for each trap.
LEN_RANGE, CAP_RANGE = "len out of range", "cap out of range"
INDEX_RANGE, SLICE_RANGE = "index out of range", "slice bounds out of range"
NIL, DIV_ZERO, NEG_SHIFT = "nil dereference", "division by zero", "negative shift"
USE_AFTER_FREE, DOUBLE_FREE, BAD_FREE = "use after free", "double free", "bad free"
UNINIT_READ, READ_ONLY = "uninitialized read", "read-only memory"
STACK_OVERFLOW, OUT_OF_MEMORY, STEP_LIMIT = "stack overflow", "out of memory", "step limit"
UNDEFINED_EXTERN = "undefined extern"


class Effects(Flag):
    """What running the operation may do, beside giving its result."""

    NONE = 0
    READS = auto()  # memory
    WRITES = auto()  # memory
    ALLOCATES = auto()  # fresh storage: not observable but by `out of memory`
    FREES = auto()  # ends storage
    PRINTS = auto()
    CALLS = auto()  # does whatever the callee does
    ENDS_BLOCK = auto()


@dataclass(frozen=True, eq=False, slots=True)
class Op:
    """A row of the table; compares by identity.

    `shape` is how its operands print, for the printer: see `irpass.text.printer`.
    """

    name: str
    shape: str = "list"
    effects: Effects = Effects.NONE
    traps: tuple[str, ...] = ()
    hoistable: bool = False
    commutative: bool = False
    is_terminator: bool = False

    @property
    def is_pure(self) -> bool:
        """No effect; it may still trap."""
        return self.effects is Effects.NONE

    def __reduce__(self) -> str:
        return self.name.upper().replace(".", "_")

    def __repr__(self) -> str:
        return f"<op {self.name}>"


_R, _W, _A, _F = Effects.READS, Effects.WRITES, Effects.ALLOCATES, Effects.FREES
_END = Effects.ENDS_BLOCK
_MEMORY_TRAPS = (NIL, INDEX_RANGE, USE_AFTER_FREE)

CONST: Final = Op("const", "const", hoistable=True)

ADD: Final = Op("add", hoistable=True, commutative=True)
SUB: Final = Op("sub", hoistable=True)
MUL: Final = Op("mul", hoistable=True, commutative=True)
DIV: Final = Op("div", traps=(DIV_ZERO,))
REM: Final = Op("rem", traps=(DIV_ZERO,))
AND: Final = Op("and", hoistable=True, commutative=True)
OR: Final = Op("or", hoistable=True, commutative=True)
XOR: Final = Op("xor", hoistable=True, commutative=True)
SHL: Final = Op("shl", traps=(NEG_SHIFT,))
SHR: Final = Op("shr", traps=(NEG_SHIFT,))
NEG: Final = Op("neg", hoistable=True)
NOT: Final = Op("not", hoistable=True)

EQ: Final = Op("eq", hoistable=True, commutative=True)
NE: Final = Op("ne", hoistable=True, commutative=True)
LT: Final = Op("lt", hoistable=True)
LE: Final = Op("le", hoistable=True)
GT: Final = Op("gt", hoistable=True)
GE: Final = Op("ge", hoistable=True)

SELECT: Final = Op("select", hoistable=True)
CONV: Final = Op("conv", "typed", hoistable=True)

MAKE: Final = Op("make", "typed", _A, (LEN_RANGE, CAP_RANGE, OUT_OF_MEMORY))
NEW: Final = Op("new", "typed", _A, (OUT_OF_MEMORY,))

LEN: Final = Op("len", hoistable=True)
CAP: Final = Op("cap", hoistable=True)
SLICE: Final = Op("slice", traps=(SLICE_RANGE,))
APPEND: Final = Op("append", effects=_R | _W | _A, traps=(USE_AFTER_FREE, READ_ONLY, OUT_OF_MEMORY))
EXTEND: Final = Op("extend", effects=_R | _W | _A, traps=(USE_AFTER_FREE, READ_ONLY, OUT_OF_MEMORY))
COPY: Final = Op("copy", effects=_R | _W, traps=(USE_AFTER_FREE, READ_ONLY))
CLEAR: Final = Op("clear", effects=_W, traps=(USE_AFTER_FREE, READ_ONLY))

LOAD: Final = Op("load", "place", _R, (*_MEMORY_TRAPS, UNINIT_READ))
STORE: Final = Op("store", "place", _W, (*_MEMORY_TRAPS, READ_ONLY))
ELEM: Final = Op("elem", traps=(INDEX_RANGE,))
FIELD: Final = Op("field", "field", traps=(NIL,))

FREE: Final = Op("free", effects=_F, traps=(BAD_FREE, DOUBLE_FREE))

CALL: Final = Op("call", "call", Effects.CALLS, (STACK_OVERFLOW, UNDEFINED_EXTERN))
PRINT: Final = Op("print", effects=_R | Effects.PRINTS, traps=(USE_AFTER_FREE, UNINIT_READ))

BR: Final = Op("br", "branch", _END, is_terminator=True)
BR_IF: Final = Op("br_if", "branch", _END, is_terminator=True)
SWITCH: Final = Op("switch", "branch", _END, is_terminator=True)
RET: Final = Op("ret", effects=_END, is_terminator=True)
TRAP: Final = Op("trap", "trap", _END, is_terminator=True)

EXTENT: Final = Op("extent", "typed", hoistable=True)
SHARED_ALLOC: Final = Op("shared.alloc", "arena", _A, (OUT_OF_MEMORY,))
DERIVE: Final = Op("derive", "typed", _A | _W, (LEN_RANGE, CAP_RANGE, OUT_OF_MEMORY))
SHARED_RELEASE: Final = Op("shared.release", effects=_F, traps=(BAD_FREE, DOUBLE_FREE))
SHARED_FREE: Final = Op("shared.free", effects=_F, traps=(BAD_FREE, DOUBLE_FREE))

ALL: Final = (
    CONST, ADD, SUB, MUL, DIV, REM, AND, OR, XOR, SHL, SHR, NEG, NOT, EQ, NE, LT, LE, GT, GE, SELECT, CONV, MAKE, NEW,
    LEN, CAP, SLICE, APPEND, EXTEND, COPY, CLEAR, LOAD, STORE, ELEM, FIELD, FREE, CALL, PRINT, BR, BR_IF, SWITCH, RET,
    TRAP, EXTENT, SHARED_ALLOC, DERIVE, SHARED_RELEASE, SHARED_FREE,
)  # fmt: skip
BY_NAME: Final = {op.name: op for op in ALL}

ARITHMETIC: Final = frozenset({ADD, SUB, MUL, DIV, REM, AND, OR, XOR, SHL, SHR})
COMPARISONS: Final = frozenset({EQ, NE, LT, LE, GT, GE})
