"""Ways to make a program smaller. Each asks an oracle about one opportunity after the other, and takes those it may.

A reduction keeps the module well formed where that is easy, and otherwise leaves it to the reducer to throw the
candidate away. What it does need not keep the program's meaning.

Source: the delta passes of llvm-reduce.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Protocol

from irpass.analysis.cfg import cfg
from irpass.ir import edit, ops
from irpass.ir.core import ArenaSpec, Func, Instr, Literal, Module, Operand, Value
from irpass.ir.semantics import zero
from irpass.ir.types import ScalarType, Type, is_reference

ENTRY = "main"


class Oracle(Protocol):
    """Says, once for each opportunity, whether it may be taken."""

    def __call__(self) -> bool: ...


Reduction = Callable[[Module, Oracle], None]


def drop_functions(module: Module, may: Oracle) -> None:
    """Functions and externs go; calls of them give a default."""
    gone = [f for f in _functions(module) if f.name != ENTRY and may()]
    names = {f.name for f in gone}
    for func in _functions(module):
        if func.name not in names:
            calls = [i for i in func.instrs() if i.op is ops.CALL and i.imm in names]
            _remove(calls)
    for name in names:
        del module.decls[name]


def drop_structs(module: Module, may: Oracle) -> None:
    """Struct declarations go; the verifier says whether anything needed them."""
    for struct in module.structs:
        if may():
            del module.decls[struct.name]


def shorten_branches(module: Module, may: Oracle) -> None:
    """A branch goes one way only, and what cannot be reached goes."""
    for func in module.funcs:
        for block in list(func.blocks):
            last = block.terminator
            if last is None or last.op not in (ops.BR_IF, ops.SWITCH):
                continue
            for i in range(len(last.targets)):
                if len(last.targets) > 1 and may():
                    edit.set_targets(last, ops.BR, [], (last.targets[i],))
                    break
        _tidy(func)


def drop_cases(module: Module, may: Oracle) -> None:
    """Cases of a `switch` go."""
    for instr in _instrs(module):
        if instr.op is ops.SWITCH and isinstance(instr.imm, tuple):
            kept = [i for i in range(len(instr.imm)) if not may()]
            if len(kept) < len(instr.imm):
                targets = (instr.targets[0], *[instr.targets[i + 1] for i in kept])
                edit.set_targets(instr, ops.SWITCH, instr.operands, targets, tuple([instr.imm[i] for i in kept]))


def end_early(module: Module, may: Oracle) -> None:
    """A block returns a default, whatever came after it."""
    for func in module.funcs:
        for block in list(func.blocks):
            last = block.terminator
            if last is None or last.op is ops.RET or not may():
                continue
            result = _default(func.result) if func.result is not None else None
            if func.result is None or result is not None:
                edit.set_targets(last, ops.RET, [] if result is None else [result], ())
        _tidy(func)


def merge_blocks(module: Module, may: Oracle) -> None:
    """A block that only one `br` leads to becomes part of the block before it."""
    for func in module.funcs:
        entered = Counter(s for block in func.blocks for s in block.successors())
        contents = {block: block.instrs for block in func.blocks}
        new: dict[Value, Operand] = {}
        for block in func.blocks:
            while block in contents and contents[block][-1].op is ops.BR:
                target = contents[block][-1].targets[0]
                after = target.block
                if after is block or after is func.entry or entered[after] > 1 or after not in contents or not may():
                    break
                new.update(zip(after.params, target.args, strict=True))
                contents[block] = [*contents[block][:-1], *contents.pop(after)]
        edit.substitute_all(new)
        edit.set_blocks(func, list(contents.items()))


def drop_instructions(module: Module, may: Oracle) -> None:
    """Instructions go, the last first; who used a result gets a default."""
    for func in reversed(module.funcs):
        for block in reversed(func.blocks):
            _remove([i for i in reversed(block.instrs) if not i.op.is_terminator and may()])


def forward_operands(module: Module, may: Oracle) -> None:
    """An instruction goes, and its operand of the same type stands for its result."""
    gone: list[Instr] = []
    new: dict[Value, Operand] = {}
    for instr in _instrs(module):
        if instr.result is None:
            continue
        same = [o for o in instr.operands if isinstance(o, Value) and o.type is instr.result.type]
        if same and may():
            new[instr.result] = same[0]
            gone.append(instr)
    edit.substitute_all(new)
    edit.remove(gone)


def reuse_values(module: Module, may: Oracle) -> None:
    """A slice or pointer stands for a later one of its type in the same block."""
    for func in module.funcs:
        for block in func.blocks:
            first: dict[Type, Value] = {}
            for instr in list(block.instrs):
                for operand in dict.fromkeys(instr.inputs()):
                    if not isinstance(operand, Value) or not is_reference(operand.type):
                        continue
                    other = first.setdefault(operand.type, operand)
                    if other is not operand and may():
                        edit.replace_operand(instr, operand, other)


def drop_parameters(module: Module, may: Oracle) -> None:
    """Parameters of blocks, and of functions but the entry, go; who used one gets a default."""
    calls = _calls(module)
    for func in _functions(module):
        for block in func.blocks[1:]:
            gone = [i for i in range(len(block.params)) if _may_default(block.params[i]) and may()]
            for i in gone:
                _give_default(block.params[i], func)
            if gone:
                edit.remove_params(block, gone, [b.terminator for b in func.blocks if b.terminator is not None])
        if func.name != ENTRY:
            for i in reversed(range(len(func.params))):
                if (func.is_extern or _may_default(func.params[i])) and may():
                    _drop_parameter(func, i, calls.get(func.name, []))


def drop_results(module: Module, may: Oracle) -> None:
    """Functions give nothing; who used a result gets a default."""
    calls_of = _calls(module)
    for func in _functions(module):
        calls = calls_of.get(func.name, [])
        results = [i.result for i in calls if i.result is not None]
        if func.result is None or not all(_may_default(r) for r in results) or not may():
            continue
        for call in calls:
            if call.result is not None and call.block is not None:
                _give_default(call.result, call.block.func)
                call.block.func.names.discard(call.result.name)
                call.result = None
        func.result = None
        for instr in list(func.instrs()):
            if instr.op is ops.RET:
                edit.set_targets(instr, ops.RET, [], ())


def literals_for_operands(module: Module, may: Oracle) -> None:
    """A literal stands for an operand: 0, false or nil, where the text can show it."""
    for instr in _instrs(module):
        for operand in list(dict.fromkeys(o for o in instr.inputs() if isinstance(o, Value))):
            literal = _default(operand.type)
            if literal is not None and edit.accepts_literal(instr, operand, literal) and may():
                edit.replace_operand(instr, operand, literal)


def smaller_literals(module: Module, may: Oracle) -> None:
    """Numbers become 0, 1, half, or one less."""
    for instr in _instrs(module):
        for i, operand in enumerate(instr.operands):
            for smaller in _smaller(operand):
                if may():
                    instr.operands[i] = smaller
                    break
        for target in instr.targets:
            for i, operand in enumerate(target.args):
                for smaller in _smaller(operand):
                    if may():
                        target.args[i] = smaller
                        break
        if instr.op is ops.CONST and instr.type is not None and isinstance(instr.imm, int | float):
            for smaller in _smaller(Literal(instr.type, instr.imm)):
                if may():
                    instr.imm = smaller.value
                    break


def inline_constants(module: Module, may: Oracle) -> None:
    """The literal of a `const` stands where its value did."""
    for instr in list(_instrs(module)):
        if instr.op is ops.CONST and instr.result is not None and instr.type is not None and may():
            assert not isinstance(instr.imm, tuple | ArenaSpec | str)
            if not edit.replace_uses(instr.result, Literal(instr.type, instr.imm)):
                edit.remove([instr])


def drop_optional_operands(module: Module, may: Oracle) -> None:
    """The cap of a `make`, the max of a `slice`, and what a `print` prints, but for one operand."""
    for instr in _instrs(module):
        extra = {ops.MAKE: 1, ops.SLICE: 3, ops.PRINT: 0}.get(instr.op)
        if extra is not None and len(instr.operands) > max(1, extra):
            kept = instr.operands[:extra] + [o for o in instr.operands[extra:] if not may()]
            if kept and len(kept) < len(instr.operands):
                _set_operands(instr, kept)


def drop_decoration(module: Module, may: Oracle) -> None:
    """Places, `uninit`, messages of traps, and attributes of externs go."""
    for func in _functions(module):
        if func.attrs and may():
            func.attrs = ()
    for instr in _instrs(module):
        if instr.loc is not None and may():
            instr.loc = None
        if instr.flag is not None and may():
            instr.flag = None
        if instr.op is ops.TRAP and instr.imm and may():
            instr.imm = b""


def simpler_types(module: Module, may: Oracle) -> None:
    """The last fields of structs go."""
    for struct in module.structs:
        while len(struct.fields) > 1 and may():
            struct.fields = struct.fields[:-1]


ALL: tuple[Reduction, ...] = (
    drop_functions, shorten_branches, end_early, drop_instructions, drop_cases, merge_blocks, drop_structs,
    drop_results, drop_parameters, forward_operands, reuse_values, inline_constants, literals_for_operands,
    drop_optional_operands, drop_decoration, simpler_types, smaller_literals,
)  # fmt: skip


# ---- the parts that they share


def _functions(module: Module) -> list[Func]:
    return [d for d in module.decls.values() if isinstance(d, Func)]


def _instrs(module: Module) -> Iterator[Instr]:
    for func in module.funcs:
        for block in func.blocks:
            yield from list(block.instrs)


def _calls(module: Module) -> dict[str, list[Instr]]:
    """The calls of each function."""
    found: dict[str, list[Instr]] = {}
    for instr in _instrs(module):
        if instr.op is ops.CALL and isinstance(instr.imm, str):
            found.setdefault(instr.imm, []).append(instr)
    return found


def _default(t: Type) -> Literal | None:
    """The zero of a type as a literal; None for what has no literal."""
    if isinstance(t, ScalarType) or is_reference(t):
        return Literal(t, zero(t))
    return None


def _may_default(value: Value) -> bool:
    return not value.uses or _default(value.type) is not None


def _remove(instrs: list[Instr]) -> None:
    """Take instructions out; those whose results are used become constants, or stay where there is no constant."""
    gone = []
    for instr in instrs:
        result = instr.result
        if result is None or not result.uses:
            gone.append(instr)
            edit.drop_uses(instr)  # so that what it alone used may go as well
            continue
        literal = _default(result.type)
        if literal is None:
            continue
        if edit.replace_uses(result, literal):
            instr.targets = ()
            edit.become(instr, ops.CONST, [], result.type, literal.value)
        else:
            gone.append(instr)
            edit.drop_uses(instr)
    edit.remove(gone)


def _give_default(param: Value, func: Func) -> None:
    """Let the readers of a value that goes read a default."""
    literal = _default(param.type)
    if literal is not None and param.uses and edit.replace_uses(param, literal):
        const = edit.place(func.entry, Instr(ops.CONST, [], param.type, literal.value), param.type, param.name)
        edit.set_instrs(func.entry, [const, *func.entry.instrs])
        assert const.result is not None
        edit.replace_uses(param, const.result)


def _drop_parameter(func: Func, i: int, calls: list[Instr]) -> None:
    if not func.is_extern:
        _give_default(func.params[i], func)
        func.names.discard(func.params[i].name)
    del func.params[i]
    for call in calls:
        _set_operands(call, [o for k, o in enumerate(call.operands) if k != i])


def _set_operands(instr: Instr, operands: list[Operand]) -> None:
    edit.drop_uses(instr)
    instr.operands = operands
    edit.add_uses(instr)


def _tidy(func: Func) -> None:
    """Take out the blocks that cannot be reached."""
    graph = cfg(func)
    edit.remove_blocks(func, [b for b in func.blocks if not graph.is_reachable(b)])


def _smaller(operand: Operand) -> Iterator[Literal]:
    """Simpler literals to try for one, the simplest first."""
    if not isinstance(operand, Literal) or operand.value is None:
        return
    value, t = operand.value, operand.type
    if isinstance(value, bytes):
        if value:
            yield Literal(t, b"")
    elif isinstance(value, bool):
        if value:
            yield Literal(t, False)
    elif isinstance(value, float):
        if value != 0.0:
            yield Literal(t, 0.0)
    else:
        for smaller in dict.fromkeys((0, 1, 8, int(value / 2), value - 1 if value > 0 else value + 1)):
            if abs(smaller) < abs(value):
                yield Literal(t, smaller)
