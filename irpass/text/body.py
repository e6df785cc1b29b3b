"""The lines of one function to its instructions: names to values, words to types, literals to their types.

A name may be used above its definition (dominance is the verifier's business). Where that happens, the types of all
values are found first: each line waits for the names that it needs, so that the work stays linear.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import NamedTuple

from irpass.diagnostics import Loc
from irpass.ir import edit, ops
from irpass.ir.core import ArenaSpec, Block, Func, Immediate, Instr, Literal, Operand, Scalar, Target, Value
from irpass.ir.semantics import fit
from irpass.ir.signatures import Parts, Signature, SignatureError, signature
from irpass.ir.types import BOOL, BYTES, I64, ScalarType, Type, is_integer
from irpass.text.errors import ErrorLog
from irpass.text.literals import WORDS, LiteralError, parse_number, parse_string
from irpass.text.shapes import Arg, Hole, InstrShape, TargetShape, build_type


class RawLine(NamedTuple):
    """An instruction's line before its names are looked up."""

    shape: InstrShape
    varying: list[str]
    number: int


@dataclass
class Body:
    """What the lines of a function gave: its blocks with their lines, and the names known so far."""

    func: Func
    values: dict[str, Value] = field(default_factory=dict)
    poisoned: set[str] = field(default_factory=set)  # their lines have errors: their uses are no further errors
    blocks: list[tuple[Block, list[RawLine]]] = field(default_factory=list)
    labels: dict[str, Block] = field(default_factory=dict)


_MOST_WAITED_FOR = 4  # no instruction whose result's type depends on its operands has more of them


class _SkipError(Exception):
    """The line cannot be built; why is reported, or follows from an error that is."""


class _WaitsError(Exception):
    """The line needs a name whose type is not known yet."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


Place = Callable[[int, Hole], tuple[int, int]]
Typed = tuple[list[Operand], Signature, Type | None, Immediate]


class BodyBuilder:
    """Builds the instructions of `body`; `place` finds the column of what varies in a line, `unknown` are the names of
    declarations that could not be read."""

    def __init__(self, body: Body, log: ErrorLog, place: Place, unknown: Collection[str]) -> None:
        self._body = body
        self._log = log
        self._place = place
        self._unknown = unknown
        self._func = body.func
        self._defined: set[str] = body.func.names
        self._early: dict[str, Value] = {}  # values whose types were found before their lines were built
        self._literals: dict[tuple[Type, str], Literal] = {}
        self._signatures: dict[object, Signature] = {}

    def build(self) -> None:
        """Append the instructions to their blocks, in order."""
        body, mark = self._body, len(self._log.diagnostics)
        params = dict(body.values)
        try:
            self._append_all(may_wait=True)
        except _WaitsError:
            for param in params.values():
                param.uses.clear()
            for block, _ in body.blocks:
                block.instrs.clear()
            body.values = params
            self._find_types()
            del self._log.diagnostics[mark:]  # what was found so far is found again below, once each
            self._append_all(may_wait=False)

    def _append_all(self, may_wait: bool) -> None:
        values = self._body.values
        for block, raws in self._body.blocks:
            out = block.instrs
            for raw in raws:
                try:
                    instr, result = self._instr(raw)
                except _WaitsError as wait:
                    if may_wait:
                        raise
                    self._report(raw, "type", f"the type of %{wait.name} follows only from itself")
                    self._poison(raw)
                    continue
                except _SkipError:
                    self._poison(raw)
                    continue
                instr.block = block
                hole = raw.shape.result
                if hole is not None and result is not None:
                    name = raw.varying[hole] if isinstance(hole, int) else hole
                    value = self._early.pop(name, None) or Value(result, name, instr)
                    value.owner = instr
                    instr.result = values[name] = value
                edit.add_uses(instr)
                out.append(instr)

    def _find_types(self) -> None:
        """Give every named result its type, whatever the order of the lines: each waits for the names it needs."""
        body = self._body
        waiting: dict[str, list[RawLine]] = {}
        for _, raws in body.blocks:
            work = raws[::-1]
            while work:
                raw = work.pop()
                hole = raw.shape.result
                if hole is None:
                    continue
                name = raw.varying[hole] if isinstance(hole, int) else hole
                if name in self._early:
                    continue  # it waited for several names
                try:
                    result = self._typed(raw)[1].result
                except _WaitsError:
                    result, missing = self._result_so_far(raw)
                    if result is None:
                        for unknown in missing[:_MOST_WAITED_FOR]:
                            waiting.setdefault(unknown, []).append(raw)
                        continue
                except _SkipError:
                    self._poison(raw)
                    result = None
                if result is not None and name not in body.values:
                    body.values[name] = self._early[name] = Value(result, name, self._func)
                work += waiting.pop(name, ())[::-1]

    def _result_so_far(self, raw: RawLine) -> tuple[Type | None, list[str]]:
        """The result's type where it follows without the operands that are not known yet (`%x = add %x, %n` has one),
        and the names of those."""
        shape, varying, _ = raw
        word = build_type(shape.type, varying) if shape.type is not None else None
        imm = self._immediate(raw, word) if shape.imm else None
        types: list[Type | None] = []
        missing: list[str] = []
        for arg in shape.args:
            name = varying[arg.hole] if isinstance(arg.hole, int) else arg.hole
            value = self._body.values.get(name) if arg.kind == "value" else None
            types.append(value.type if value is not None else None)
            if arg.kind == "value" and value is None:
                missing.append(name)
        try:
            return signature(Parts(self._func.module, shape.op, types, word, imm, self._func)).result, missing
        except SignatureError:
            return None, missing

    # ---- one line

    def _instr(self, raw: RawLine) -> tuple[Instr, Type | None]:
        shape, number = raw.shape, raw.number
        operands, sig, type_word, imm = self._typed(raw)
        targets = tuple([self._target(raw, t) for t in shape.targets]) if shape.targets else ()
        loc = self._loc(raw) if shape.loc is not None else None
        instr = Instr(shape.op, operands, type_word, imm, shape.flag, targets, loc, number)
        if shape.result is not None and sig.result is None:
            message = f"{shape.op.name} gives no result" if shape.op is not ops.CALL else f"@{imm!s} returns nothing"
            self._report(raw, "type", message, Arg("value", shape.result), ["leave out the name and the ="])
            raise _SkipError
        return instr, sig.result

    def _typed(self, raw: RawLine) -> Typed:
        """The operands, the signature, the type word and the immediate of a line."""
        shape, varying, _ = raw
        type_word = build_type(shape.type, varying) if shape.type is not None else None
        imm = self._immediate(raw, type_word) if shape.imm or shape.op in (ops.SHARED_ALLOC, ops.SWITCH) else None
        if shape.plain is not None:
            values = self._body.values
            try:
                operands: list[Operand] = [values[varying[h]] for h in shape.plain]
            except KeyError:
                for arg in shape.args:
                    self._value(raw, arg)
                raise _SkipError from None
            return operands, self._signature(raw, [o.type for o in operands], type_word, imm), type_word, imm
        found = [self._operand(raw, arg) for arg in shape.args]
        types = [o.type if isinstance(o, Value | Literal) else None for o in found]
        sig = self._signature(raw, types, type_word, imm)
        operands = []
        for arg, o, wanted in zip(shape.args, found, sig.operands, strict=True):
            operands.append(o if isinstance(o, Value | Literal) else self._literal(raw, arg, wanted, o))
        return operands, sig, type_word, imm

    def _signature(self, raw: RawLine, types: list[Type | None], word: Type | None, imm: Immediate) -> Signature:
        op = raw.shape.op
        if op is ops.CONST and not isinstance(imm, str | tuple | ArenaSpec):
            assert word is not None
            return Signature((), word)
        key = (op, word, imm, *types)
        sig = self._signatures.get(key)
        if sig is None:
            try:
                sig = signature(Parts(self._func.module, op, types, word, imm, self._func))
            except SignatureError as error:
                if op is ops.CALL and imm in self._unknown:
                    raise _SkipError from None
                at = raw.shape.args[error.operand] if error.operand is not None else None
                notes = [error.note] if error.note else []
                if op is ops.CALL and isinstance(imm, str) and self._func.module.func(imm) is None:
                    at, notes = raw.shape.imm[0], self._log.guess(imm, list(self._func.module.decls), "@")
                self._report(raw, "type", error.message, at, notes)
                raise _SkipError from None
            self._signatures[key] = sig
        return sig

    def _operand(self, raw: RawLine, arg: Arg) -> Value | Literal | Scalar:
        """The operand: a value, a literal that needs no context, or the scalar of one that does."""
        if arg.kind == "value":
            return self._value(raw, arg)
        scalar = self._scalar(raw, arg)
        if isinstance(scalar, bool):
            return Literal(BOOL, scalar)
        return Literal(BYTES, scalar) if isinstance(scalar, bytes) else scalar

    def _value(self, raw: RawLine, arg: Arg) -> Value:
        name = raw.varying[arg.hole] if isinstance(arg.hole, int) else arg.hole
        value = self._body.values.get(name)
        if value is None:
            if name in self._body.poisoned:
                raise _SkipError
            if name in self._defined:
                raise _WaitsError(name)
            names = [n for n in self._defined if n[0] != "^"] if len(self._defined) < 4000 else []
            self._report(raw, "name", f"unknown value %{name}", arg, self._log.guess(name, sorted(names), "%"))
            raise _SkipError
        return value

    def _scalar(self, raw: RawLine, arg: Arg) -> Scalar:
        text = raw.varying[arg.hole] if isinstance(arg.hole, int) else arg.hole
        try:
            if arg.kind == "word":
                return WORDS[text]
            return parse_string(text) if arg.kind == "string" else parse_number(text)
        except LiteralError as error:
            self._report(raw, "literal", str(error), arg)
            raise _SkipError from None

    def _literal(self, raw: RawLine, arg: Arg, wanted: Type | None, scalar: Scalar) -> Literal:
        text = raw.varying[arg.hole] if isinstance(arg.hole, int) else arg.hole
        if wanted is None:
            self._report(raw, "literal", f"no type follows for {text}", arg, ["name it first: %x = const i64, 1"])
            raise _SkipError
        found = self._literals.get((wanted, text))
        if found is None:
            fitting = fit(wanted, scalar)
            if fitting is None:
                notes = []
                if is_integer(wanted) and isinstance(wanted, ScalarType):
                    notes = [f"{wanted} holds {wanted.lo} to {wanted.hi}"]
                self._report(raw, "literal", f"{text} does not fit {wanted}", arg, notes)
                raise _SkipError
            found = self._literals[wanted, text] = fitting
        return found

    def _target(self, raw: RawLine, shape: TargetShape) -> Target:
        name = raw.varying[shape.label] if isinstance(shape.label, int) else shape.label
        block = self._body.labels.get(name)
        if block is None:
            notes = self._log.guess(name, list(self._body.labels) if len(self._body.labels) < 4000 else [])
            self._report(raw, "name", f"unknown block {name}", Arg("label", shape.label), notes)
            raise _SkipError
        if len(block.params) != len(shape.args):
            message = f"block {name} takes {len(block.params)} arguments, not {len(shape.args)}"
            self._report(raw, "type", message, Arg("label", shape.label), [f"block {name} is at line {block.line}"])
            raise _SkipError
        args: list[Operand] = []
        for arg, param in zip(shape.args, block.params, strict=True):
            found = self._operand(raw, arg)
            args.append(found if isinstance(found, Value | Literal) else self._literal(raw, arg, param.type, found))
        return Target(block, args)

    def _immediate(self, raw: RawLine, type_word: Type | None) -> Immediate:
        shape = raw.shape
        if shape.op is ops.SHARED_ALLOC:
            return self._arena(raw)
        if shape.op is ops.CALL:
            hole = shape.imm[0].hole
            return raw.varying[hole] if isinstance(hole, int) else hole
        if shape.op is ops.CONST:
            assert type_word is not None
            scalar = self._scalar(raw, shape.imm[0])
            return self._literal(raw, shape.imm[0], type_word, scalar).value
        if shape.op is ops.SWITCH:
            return self._cases(raw)
        scalar = self._scalar(raw, shape.imm[0])
        return scalar if isinstance(scalar, int | bytes) else None

    def _cases(self, raw: RawLine) -> tuple[int, ...]:
        subject = raw.shape.args[0]
        wanted = self._value(raw, subject).type if subject.kind == "value" else I64
        cases = []
        for arg in raw.shape.imm:
            scalar = self._scalar(raw, arg)
            value = self._literal(raw, arg, wanted, scalar).value if is_integer(wanted) else scalar
            assert isinstance(value, int)
            cases.append(value)
        return tuple(cases)

    def _arena(self, raw: RawLine) -> ArenaSpec:
        sizes: dict[str, int] = {}
        flags = []
        for word, hole in raw.shape.options:
            if word in sizes or word in flags:
                self._report(raw, "syntax", f"{word} is given twice")
                raise _SkipError
            if hole == "":
                flags.append(word)
            else:
                number = self._scalar(raw, Arg("number", hole))
                sizes[word] = number if isinstance(number, int) else 0
        return ArenaSpec(
            sizes.get("align", 8), sizes.get("limit"), sizes.get("count", 1),
            "stack" in flags, "scan" in flags, "uninit" in flags,
        )  # fmt: skip

    def _loc(self, raw: RawLine) -> Loc:
        assert raw.shape.loc is not None
        file, line, column = raw.shape.loc
        name = self._scalar(raw, Arg("string", file))
        numbers = [self._scalar(raw, Arg("number", hole)) for hole in (line, column)]
        assert isinstance(name, bytes)
        line_number, column_number = (n if isinstance(n, int) else 0 for n in numbers)
        if line_number < 0 or column_number < 0:
            at = Arg("number", line if line_number < 0 else column)
            self._report(raw, "literal", "lines and columns are not negative", at)
            raise _SkipError
        return Loc(name.decode("utf-8", "replace"), line_number, column_number)

    # ---- errors

    def _poison(self, raw: RawLine) -> None:
        hole = raw.shape.result
        if hole is not None:
            self._body.poisoned.add(raw.varying[hole] if isinstance(hole, int) else hole)

    def _report(
        self, raw: RawLine, code: str, message: str, arg: Arg | None = None, notes: Collection[str] = ()
    ) -> None:
        column, length = self._place(raw.number, arg.hole) if arg is not None else (0, 1)
        self._log.add(code, message, raw.number, column, length, notes)
