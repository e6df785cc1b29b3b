"""Where a builder puts instructions, and what it makes of Python values: each is checked as it is appended."""

from __future__ import annotations

from collections.abc import Sequence

from irpass.diagnostics import BuildError, Loc
from irpass.ir import edit, names, ops
from irpass.ir.core import Block, Immediate, Instr, Literal, Module, Operand, Scalar, Target, Value
from irpass.ir.semantics import fit
from irpass.ir.signatures import Parts, SignatureError, signature
from irpass.ir.types import BOOL, BYTES, Type

OperandLike = Value | Literal | int | float | bool | bytes | str | None
TargetLike = Block | tuple[Block, *tuple[OperandLike, ...]]
LocLike = Loc | tuple[str, int, int] | None


class InsertionPoint:
    """The end of the block that is being filled, and the place that instructions get which name none."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self.block: Block | None = None
        self.loc: Loc | None = None

    @property
    def here(self) -> Block:
        """The block; a BuildError where there is none yet."""
        if self.block is None:
            raise BuildError.of("there is no block to build in", "begin a function: b.func(...)")
        return self.block

    def append(
        self,
        op: ops.Op,
        operands: Sequence[OperandLike],
        name: str,
        loc: LocLike,
        type: Type | None = None,
        imm: Immediate = None,
        flag: str | None = None,
        targets: Sequence[TargetLike] = (),
    ) -> Instr:
        """A new instruction with these operands; `name` is a wish for its result's.

        Raises: BuildError where it breaks a rule that shows in it alone.
        """
        block = self.here
        last = block.terminator
        if last is not None:
            raise BuildError.of(f"block {block.name} ends in {last.op.name}", "go on in another block: b.at(block)")
        given = [self._given(o, op.name) for o in operands]
        types = [g.type if isinstance(g, Value) else _natural(g) for g in given]
        try:
            sig = signature(Parts(self.module, op, types, type, imm, block.func))
        except SignatureError as error:
            note = "name the literal: b.const(ip.I64, 1)" if "no type follows" in error.message else error.note
            raise BuildError.of(error.message, note) from None
        if len(sig.operands) != len(given):
            raise BuildError.of(f"{op.name} takes {len(sig.operands)} operands here, not {len(given)}")
        fitted: list[Operand] = []
        for i, (g, wanted) in enumerate(zip(given, sig.operands, strict=True), 1):
            fitted.append(_fitted(g, wanted, f"operand {i} of {op.name}"))
        if name:
            names.check(name, names.VALUE, "the name of a value")
        place = Loc(*loc) if loc is not None else self.loc
        instr = Instr(op, fitted, type, imm, flag, tuple([self._target(t) for t in targets]), place)
        return edit.append(block, instr, sig.result, name)

    def _given(self, operand: OperandLike, where: str) -> Value | Scalar:
        """A value of this function, or the scalar of a literal."""
        if isinstance(operand, Value):
            owner = operand.owner
            block = owner.block if isinstance(owner, Instr) else owner
            func = block.func if isinstance(block, Block) else block
            if func is not self.here.func:
                home = f"is of @{func.name}" if func is not None else "is no longer in any function"
                raise BuildError.of(f"%{operand.name} {home}, not of @{self.here.func.name}")
            return operand
        if isinstance(operand, Literal):
            return operand.value
        if isinstance(operand, str):
            return operand.encode()
        if operand is None or isinstance(operand, int | float | bytes):
            return operand
        raise BuildError.of(
            f"{operand!r} is no operand of {where}", "operands are values, or Python's own numbers and text"
        )

    def _target(self, target: TargetLike) -> Target:
        block, args = (target, ()) if isinstance(target, Block) else (target[0], target[1:])
        if block.func is not self.here.func:
            raise BuildError.of(f"block {block.name} is of @{block.func.name}, not of @{self.here.func.name}")
        if len(args) != len(block.params):
            raise BuildError.of(f"block {block.name} takes {len(block.params)} arguments, not {len(args)}")
        out: list[Operand] = []
        for i, (arg, param) in enumerate(zip(args, block.params, strict=True), 1):
            where = f"argument {i} of block {block.name}"
            out.append(_fitted(self._given(arg, where), param.type, where))
        return Target(block, out)


def _natural(value: Scalar) -> Type | None:
    """The type that a literal has without context."""
    return BOOL if isinstance(value, bool) else BYTES if isinstance(value, bytes) else None


def _fitted(given: Value | Scalar, wanted: Type | None, where: str) -> Operand:
    if isinstance(given, Value):
        if wanted is not None and given.type is not wanted:
            raise BuildError.of(f"{where} is {given.type}, not {wanted}")
        return given
    t = wanted if wanted is not None else _natural(given)
    literal = fit(t, given) if t is not None else None
    if literal is None:
        raise BuildError.of(f"{given!r} does not fit {t}, the type of {where}")
    return literal
