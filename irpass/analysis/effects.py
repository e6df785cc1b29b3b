"""What an instruction may do: trap, read, write, free, allocate, show something; and what calling a function may.

Asked of one instruction, from its own row of the table of operations and its literals; nothing else is searched.
`out of memory` does not count as a trap here: a program cannot rely on it to come or to stay away. A call may always
trap (`stack overflow`); what the callee adds to that is in its `Summary`.
"""

from __future__ import annotations

from dataclasses import dataclass

from irpass.analysis.call_graph import call_components, callee_name, is_recursive
from irpass.ir import ops
from irpass.ir.constants import integer, literal
from irpass.ir.core import Func, Instr, Literal, Module, Operand
from irpass.ir.layout import MAX_BYTES, LayoutError, Layouts
from irpass.ir.ops import Effects
from irpass.ir.types import ScalarType, SliceType, Type, is_integer, is_reference

_ANYTHING = Effects.READS | Effects.WRITES | Effects.ALLOCATES | Effects.FREES | Effects.PRINTS | Effects.CALLS
_MAY_BE_DROPPED = Effects.READS | Effects.ALLOCATES
_DIVIDES = frozenset({ops.DIV, ops.REM})
_SHIFTS = frozenset({ops.SHL, ops.SHR})


@dataclass(frozen=True, slots=True)
class Summary:
    """What calling a function may do, all that it calls included.

    `effects` holds `CALLS` only where code outside the module may run. `may_trap` leaves out `stack overflow` and
    `out of memory`; `may_not_return` says that a loop, a recursion or code outside may go on for ever or leave;
    `is_recursive`, that the calls that the module shows may come back to the function.
    """

    effects: Effects
    may_trap: bool
    may_not_return: bool
    is_recursive: bool = False


class Summaries:
    """The summaries of a module's functions. They are as old as the module was when they were made."""

    def __init__(self, module: Module) -> None:
        layouts = Layouts(module)
        declared = [d for d in module.decls.values() if isinstance(d, Func) and d.is_extern]
        self._of = {func.name: extern_summary(func) for func in declared}
        components = call_components(module)
        recursive = is_recursive(module, components)
        for names in components:
            found = Summary(Effects.NONE, False, False, names[0] in recursive)
            for name in names:
                func = module.func(name)
                if func is not None:
                    found = self._add(found, func, frozenset(names), layouts)
            self._of.update(dict.fromkeys(names, found))  # each of them may run all of them

    def of(self, name: str) -> Summary:
        """The summary of the function of that name; of one that is not declared, the worst."""
        return self._of.get(name, _WORST)

    def of_call(self, call: Instr) -> Summary:
        """The summary of what `call` calls."""
        return self.of(callee_name(call))

    def _add(self, found: Summary, func: Func, own: frozenset[str], layouts: Layouts) -> Summary:
        effects, traps, stays = found.effects, found.may_trap, found.may_not_return or found.is_recursive
        position = {block: i for i, block in enumerate(func.blocks)}
        for i, block in enumerate(func.blocks):
            for instr in block.instrs:
                if instr.op is ops.CALL:
                    if callee_name(instr) not in own:
                        callee = self.of_call(instr)
                        effects |= callee.effects
                        traps |= callee.may_trap
                        stays |= callee.may_not_return
                else:
                    effects |= instr.op.effects
                    traps = traps or may_trap(instr, layouts)
            # Without a branch to this block or one before it in the text, nothing can go round.
            stays = stays or any(position.get(s, -1) <= i for s in block.successors())
        return Summary(effects & ~Effects.ENDS_BLOCK, traps, stays, found.is_recursive)


_WORST = Summary(_ANYTHING, True, True, True)


def extern_summary(func: Func) -> Summary:
    """What the attributes of an `extern` function leave possible. Not provided by the host, each of them traps.

    `pure` functions read memory at most, and come back.
    """
    if "pure" in func.attrs:
        return Summary(Effects.READS, True, "noreturn" in func.attrs)
    return Summary(_ANYTHING & ~Effects.FREES if "nofree" in func.attrs else _ANYTHING, True, True)


def summaries(module: Module) -> Summaries:
    """The summaries of all functions of `module`, callees first. Linear in instructions."""
    return Summaries(module)


def effects_of(instr: Instr, callees: Summaries | None = None) -> Effects:
    """What running `instr` may do; a call without `callees` may do anything."""
    if instr.op is not ops.CALL:
        return instr.op.effects
    return callees.of_call(instr).effects if callees is not None else _ANYTHING


def reads(instr: Instr, callees: Summaries | None = None) -> bool:
    """Whether `instr` may read memory."""
    return Effects.READS in effects_of(instr, callees)


def writes(instr: Instr, callees: Summaries | None = None) -> bool:
    """Whether `instr` may write memory that was there before it."""
    return Effects.WRITES in effects_of(instr, callees)


def frees(instr: Instr, callees: Summaries | None = None) -> bool:
    """Whether `instr` may end an allocation."""
    return Effects.FREES in effects_of(instr, callees)


def allocates(instr: Instr, callees: Summaries | None = None) -> bool:
    """Whether `instr` may ask for fresh storage."""
    return Effects.ALLOCATES in effects_of(instr, callees)


def calls(instr: Instr) -> bool:
    """Whether `instr` runs another function."""
    return instr.op is ops.CALL


def is_observable(instr: Instr, callees: Summaries | None = None) -> bool:
    """Whether `instr` may show something outside the program: print, or run code from outside the module.

    A trap shows too: see `may_trap`.
    """
    return bool(effects_of(instr, callees) & (Effects.PRINTS | Effects.CALLS))


def is_removable(instr: Instr, layouts: Layouts | None = None) -> bool:
    """Whether nobody notices if `instr` does not run, as long as its result is not used."""
    if instr.op.is_terminator or instr.op.effects & ~_MAY_BE_DROPPED:
        return False
    return not may_trap(instr, layouts)


def is_hoistable(instr: Instr) -> bool:
    """Whether `instr` may run earlier, or although it would not have run, without anyone noticing.

    The operations that the table says it of, and `div`, `rem`, `shl`, `shr` where their literals rule out the trap.
    """
    if instr.op.hoistable:
        return True
    return (instr.op in _DIVIDES or instr.op in _SHIFTS) and not may_trap(instr)


def may_trap(instr: Instr, layouts: Layouts | None = None) -> bool:
    """Whether `instr` may trap, `out of memory` aside. Without `layouts`, sizes of structs are not known."""
    op = instr.op
    if op is ops.TRAP:
        return True
    if not op.traps or op in (ops.NEW, ops.SHARED_ALLOC):
        return False
    if op in _DIVIDES:
        return is_integer(instr.operands[1].type) and not integer(instr.operands[1])
    if op in _SHIFTS:
        return _is_signed(instr) and _is_negative_or_unknown(instr.operands[1])
    if op is ops.MAKE:
        return not _sizes_are_good(instr.type, instr.operands, layouts)
    if op is ops.DERIVE:
        return isinstance(instr.type, SliceType) and not _sizes_are_good(instr.type, instr.operands[2:], layouts)
    if op is ops.FREE:
        return not (isinstance(instr.operands[0], Literal) and instr.operands[0].value is None)
    if op is ops.PRINT:
        return any(is_reference(o.type) and literal(o) is None for o in instr.operands)
    return True


def _is_signed(instr: Instr) -> bool:
    t = instr.operands[1].type
    return isinstance(t, ScalarType) and t.signed


def _is_negative_or_unknown(operand: Operand) -> bool:
    amount = integer(operand)
    return amount is None or amount < 0


def _sizes_are_good(t: Type | None, sizes: list[Operand], layouts: Layouts | None) -> bool:
    """Whether a `make` of `t` with this length (and cap) never traps."""
    known = [n for n in map(integer, sizes) if n is not None]
    if not isinstance(t, SliceType) or len(known) != len(sizes) or not known:
        return False
    element_bytes = _size_bytes(t.elem, layouts)
    return element_bytes is not None and 0 <= known[0] <= known[-1] and known[-1] * element_bytes <= MAX_BYTES


def _size_bytes(t: Type, layouts: Layouts | None) -> int | None:
    if isinstance(t, ScalarType):
        return t.size_bytes
    if is_reference(t):
        return 24 if isinstance(t, SliceType) else 8
    try:
        return layouts.of(t).size_bytes if layouts is not None else None
    except LayoutError:
        return None
