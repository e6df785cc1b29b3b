"""What can be said of an instruction without knowing where it stands: V10 to V13, V16, V19, V20."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from irpass.ir import ops
from irpass.ir.core import ArenaSpec, Func, Immediate, Instr, Literal, Module
from irpass.ir.layout import MAX_BYTES
from irpass.ir.semantics import fit
from irpass.ir.signatures import Parts, SignatureError, signature
from irpass.ir.types import ARENA, BOOL, BYTES, I64, ScalarType, SliceType, Type, is_integer
from irpass.verifier.log import PASS_BUG, Finding, breach
from irpass.verifier.types import Types

_FLAGS: Final = {ops.MAKE: ("uninit",), ops.NEW: ("uninit",), ops.DERIVE: ("uninit", "zero")}
_TYPED = frozenset({ops.CONST, ops.CONV, ops.MAKE, ops.NEW, ops.EXTENT, ops.DERIVE})
TAKES_ARENA = frozenset({ops.DERIVE, ops.SHARED_RELEASE, ops.SHARED_FREE})
_IMMEDIATES: Final[dict[ops.Op, tuple[type, ...]]] = {
    ops.CALL: (str,),
    ops.TRAP: (bytes,),
    ops.SWITCH: (tuple,),
    ops.FIELD: (int,),
    ops.LOAD: (int, type(None)),
    ops.STORE: (int, type(None)),
    ops.SHARED_ALLOC: (ArenaSpec,),
    ops.CONST: (int, float, bool, bytes, type(None)),
}
_NO_IMMEDIATE = (type(None),)


class LiteralForm:
    """What matters about a literal operand beside its value; equal ones are one object, so that hashing is cheap.

    `natural` is the type that the parser gives the text without context, None where it waits for one.
    """

    __slots__ = ("finding", "is_nil", "natural", "type")

    def __init__(self, type: Type, natural: Type | None, is_nil: bool, finding: Finding | None) -> None:
        self.type = type
        self.natural = natural
        self.is_nil = is_nil
        self.finding = finding


Form = Type | LiteralForm  # an operand without its identity: the type of a value, or the form of a literal


class Forms:
    """What can be said of an instruction without its place, memoised: most instructions have few forms."""

    def __init__(self, module: Module, types: Types) -> None:
        self._module = module
        self._types = types
        self._literals: dict[int, tuple[Literal, LiteralForm]] = {}  # by id; the literal is held, so its id stays its
        self._interned: dict[tuple[object, ...], LiteralForm] = {}
        self.memo: dict[tuple[object, ...], tuple[Finding, ...]] = {}

    def of_literal(self, literal: Literal) -> LiteralForm:
        found = self._literals.get(id(literal))
        if found is None:
            t, value = literal.type, literal.value
            natural = BOOL if isinstance(value, bool) else BYTES if isinstance(value, bytes) else None
            parts = (t, natural, value is None, None if fits(t, value) else misfit(t, value))
            found = self._literals[id(literal)] = literal, self._interned.setdefault(parts, LiteralForm(*parts))
        return found[1]

    def findings(self, instr: Instr, forms: Sequence[Form], func: Func) -> tuple[Finding, ...]:
        """The breaches of an instruction whose operands have these forms; the value of a `const` is not looked at."""
        op, imm = instr.op, instr.imm
        if not isinstance(imm, _IMMEDIATES.get(op, _NO_IMMEDIATE)) or (isinstance(imm, bool) and op is not ops.CONST):
            return (breach("V23", f"{op.name} cannot have the immediate {imm!r}", PASS_BUG),)
        if (instr.type is not None) != (op in _TYPED):
            what = "has" if instr.type is not None else "lacks"
            return (breach("V23", f"{op.name} {what} a type word", PASS_BUG),)
        out = [f.finding for f in forms if isinstance(f, LiteralForm) and f.finding is not None]
        if instr.type is not None:
            out += self._types.findings(instr.type)
        out += _flag_findings(instr)
        out += self._signature_findings(instr, forms, func)
        if op not in TAKES_ARENA and any(f is ARENA for f in forms):
            note = "only derive, shared.release and shared.free name an arena"
            out.append(breach("V03", f"an arena is no operand of {op.name}", note))
        if isinstance(imm, ArenaSpec):
            out += _arena_findings(imm)
        elif op in ops.COMPARISONS:
            has_nil = any(isinstance(f, LiteralForm) and f.is_nil for f in forms)
            if not has_nil and any(isinstance(_type_of(f), SliceType) for f in forms):
                out.append(breach("V13", "a slice is compared only with nil", "compare lengths, or elements"))
        return tuple(out)

    def _signature_findings(self, instr: Instr, forms: Sequence[Form], func: Func) -> list[Finding]:
        op, imm = instr.op, instr.imm
        if op is ops.CALL and isinstance(imm, str) and self._module.func(imm) is None:
            is_type = imm in self._module.decls
            message = f"@{imm} is a type, not a function" if is_type else f"@{imm} is not declared"
            return [breach("V16", message, "" if is_type else f"declare it: extern func @{imm}()")]
        types = [_type_of(f) for f in forms]
        try:
            sig = signature(Parts(self._module, op, types, instr.type, imm, func))
        except SignatureError as error:
            return [breach("V10", error.message, error.note)]
        if len(sig.operands) != len(types):
            return [breach("V10", f"{op.name} takes {len(sig.operands)} operands here, not {len(types)}")]
        natural = [f.natural if isinstance(f, LiteralForm) else f for f in forms]
        if None in natural:
            try:
                signature(Parts(self._module, op, natural, instr.type, imm, func))
            except SignatureError as error:
                return [breach("V12", error.message, error.note or "name the literal first: %x = const ...")]
        out = []
        for i, (have, wanted) in enumerate(zip(types, sig.operands, strict=True), 1):
            if wanted is not None and have is not wanted:
                out.append(breach("V10", f"operand {i} of {op.name} is {have}, not {wanted}"))
        result = instr.result.type if instr.result is not None else None
        if result is not None and result is not sig.result:
            gives = f"{sig.result}" if sig.result is not None else "nothing"
            out.append(breach("V10", f"{op.name} gives {gives}, not {result}", PASS_BUG))
        return out


def _type_of(form: Form) -> Type:
    return form.type if isinstance(form, LiteralForm) else form


def fits(t: Type, value: Immediate) -> bool:
    """Whether `value` is just what a literal of type `t` holds."""
    if isinstance(value, int) and not isinstance(value, bool):
        return isinstance(t, ScalarType) and t.kind == "int" and t.lo <= value <= t.hi
    if isinstance(value, str | tuple | ArenaSpec):
        return False
    found = fit(t, value)
    return found is not None and (found.value == value or value != value)  # a nan fits, whatever its bits


def misfit(t: Type, value: Immediate) -> Finding:
    """The breach of a literal that its type does not hold."""
    note = f"{t} holds {t.lo} to {t.hi}" if isinstance(t, ScalarType) and is_integer(t) else ""
    return breach("V11", f"{value!r} does not fit {t}", note)


def _flag_findings(instr: Instr) -> Iterable[Finding]:
    if instr.flag is not None:
        legal = _FLAGS.get(instr.op, ())
        if instr.flag not in legal:
            note = f"the last word of a {instr.op.name} is {' or '.join(legal)}" if legal else ""
            yield breach("V19", f"{instr.op.name} cannot be {instr.flag!r}", note)


def _arena_findings(spec: ArenaSpec) -> Iterable[Finding]:
    if not 1 <= spec.align_bytes <= MAX_BYTES or spec.align_bytes & (spec.align_bytes - 1):
        yield breach("V20", f"align {spec.align_bytes} is no power of two", "alignments are 1, 2, 4, 8 and so on")
    if spec.limit_bytes is not None and not 0 <= spec.limit_bytes <= I64.hi:
        yield breach("V20", f"limit {spec.limit_bytes} is not from 0 to 2^63-1", "without a limit, leave the word out")
    if not 1 <= spec.count <= I64.hi:
        note = "count is the number of shared.release that end the arena"
        yield breach("V20", f"count {spec.count} is not from 1 to 2^63-1", note)
