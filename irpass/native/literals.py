"""Which slices and pointers of bytes may reach a literal's, which are read-only: only stores through those ask.

Values flow along names, block parameters, calls and returns. Memory and the host are one place: what goes in there may
come out anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, final

from irpass.ir import ops
from irpass.ir.core import Func, Instr, Literal, Operand, Value
from irpass.ir.types import BYTES, U8, PointerType

_BYTE_POINTER: Final = PointerType(U8)
_MEMORY: Final = "memory and the host"
_LITERALS: Final = "literals"

Place = Value | Func | str  # a function stands for what it returns
Flow = tuple[Place, Place]


@final
class LiteralValues:
    """The values of `funcs` that literals flow into."""

    def __init__(self, funcs: Sequence[Func]) -> None:
        flows: dict[Place, list[Place]] = {}
        for func in funcs:
            for instr in func.instrs():
                for source, target in _flows(instr):
                    flows.setdefault(source, []).append(target)
        self._found: set[Place] = {_LITERALS}
        work: list[Place] = [_LITERALS]
        while work:
            new = [target for target in flows.get(work.pop(), ()) if target not in self._found]
            self._found.update(new)
            work += new

    def may_hold(self, operand: Operand) -> bool:
        return _source(operand) in self._found


def _source(operand: Operand) -> Place | None:
    if isinstance(operand, Literal):
        return _LITERALS if isinstance(operand.value, bytes) else None
    return operand


def _flows(instr: Instr) -> Iterator[Flow]:
    """Where the bytes that `instr` is given may be reached from after it."""
    for operand, target in _moves(instr):
        source = _source(operand) if not isinstance(operand, str | Func) else operand
        t = operand.type if isinstance(operand, Value | Literal) else None
        if source is not None and (t is None or t is BYTES or t is _BYTE_POINTER):
            yield source, target


def _moves(instr: Instr) -> Iterator[tuple[Operand | Func | str, Place]]:
    op, operands, result = instr.op, instr.operands, instr.result
    for target in instr.targets:
        yield from zip(target.args, target.block.params, strict=True)
    if op is ops.STORE or (op is ops.APPEND and operands[0].type is not BYTES):
        yield operands[-1], _MEMORY
    elif op is ops.RET and operands and instr.block is not None:
        yield operands[0], instr.block.func
    elif op is ops.CALL:
        yield from _call(instr)
    if result is None:
        return
    if op is ops.CONST and isinstance(instr.imm, bytes):
        yield _LITERALS, result
    elif op in (ops.SLICE, ops.APPEND, ops.EXTEND, ops.ELEM):
        yield operands[0], result
    elif op is ops.SELECT:
        yield operands[1], result
        yield operands[2], result
    elif op is ops.LOAD and (result.type is BYTES or result.type is _BYTE_POINTER):
        yield _MEMORY, result


def _call(instr: Instr) -> Iterator[tuple[Operand | Func | str, Place]]:
    assert instr.block is not None and isinstance(instr.imm, str)
    callee = instr.block.func.module.func(instr.imm)
    assert callee is not None
    for operand, param in zip(instr.operands, callee.params, strict=True):
        yield operand, _MEMORY if callee.is_extern else param
    if instr.result is not None:
        yield _MEMORY if callee.is_extern else callee, instr.result
