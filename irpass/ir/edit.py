"""The only writer of uses and edges. Every function here bumps the epochs, so that cached analyses notice.

Passes ask first and edit last. Removal and insertion of many instructions go by whole blocks, so that a pass over a
block of n instructions stays linear.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from irpass.ir import ops
from irpass.ir.core import Block, Func, Immediate, Instr, Literal, Operand, Target, Value
from irpass.ir.types import SCALARS, Type

TEXT_NEEDS_TYPE = frozenset({ops.CONV, ops.SWITCH, ops.NEG, ops.NOT, ops.LEN, ops.CAP, ops.FIELD, ops.FREE})


def add_uses(instr: Instr) -> None:
    """Count the operands of an instruction that was just made."""
    for operand in instr.operands:
        if isinstance(operand, Value):
            operand.uses[instr] = operand.uses.get(instr, 0) + 1
    for target in instr.targets:
        for operand in target.args:
            if isinstance(operand, Value):
                operand.uses[instr] = operand.uses.get(instr, 0) + 1


def drop_uses(instr: Instr) -> None:
    """Stop counting the operands of an instruction that goes."""
    for operand in instr.inputs():
        if isinstance(operand, Value):
            operand.uses.pop(instr, None)


def touch(func: Func, edges: bool = False) -> None:
    """Say that `func` has changed; with `edges`, its blocks or edges too."""
    func.ir_epoch += 1
    if edges:
        func.cfg_epoch += 1


def append(block: Block, instr: Instr, result_type: Type | None = None, name: str = "") -> Instr:
    """Put `instr` at the end of `block`; with a `result_type` it defines a value of that name (made unique)."""
    place(block, instr, result_type, name)
    block.instrs.append(instr)
    touch(block.func, edges=instr.op.is_terminator)
    return instr


def place(block: Block, instr: Instr, result_type: Type | None = None, name: str = "") -> Instr:
    """Tie `instr` to `block` without inserting it: `set_instrs` does that for many at once."""
    instr.block = block
    if result_type is not None:
        instr.result = Value(result_type, block.func.fresh_name(name), instr)
    add_uses(instr)
    return instr


def set_instrs(block: Block, instrs: Sequence[Instr]) -> None:
    """Make `instrs` the whole of `block`: those of the old list that are not among them are gone for good."""
    kept = set(map(id, instrs))
    for old in block.instrs:
        if id(old) not in kept:
            drop_uses(old)
            if old.result is not None:
                block.func.names.discard(old.result.name)
            old.block = None
    edges = block.terminator is not (instrs[-1] if instrs else None)
    for instr in instrs:
        instr.block = block
    block.instrs = list(instrs)
    touch(block.func, edges=edges)


def remove(instrs: Iterable[Instr]) -> None:
    """Take these instructions out of their blocks; nobody may use their results any more."""
    gone: dict[Block, set[int]] = {}
    for instr in instrs:
        if instr.block is not None:
            gone.setdefault(instr.block, set()).add(id(instr))
    for block, ids in gone.items():
        set_instrs(block, [i for i in block.instrs if id(i) not in ids])


def replace_operand(instr: Instr, old: Value, new: Operand) -> None:
    """Let `instr` read `new` wherever it reads `old`."""
    count = old.uses.pop(instr, 0)
    instr.operands[:] = [new if operand is old else operand for operand in instr.operands]
    for target in instr.targets:
        target.args[:] = [new if operand is old else operand for operand in target.args]
    if isinstance(new, Value) and count:
        new.uses[instr] = new.uses.get(instr, 0) + count
    if instr.block is not None:
        touch(instr.block.func)


def substitute(instr: Instr, new: Mapping[Value, Operand]) -> None:
    """Let `instr` read `new[v]` wherever it reads a value `v` of that map: all at once, however many operands it has.

    Literals go wherever the map says: ask `accepts_literal` before.
    """
    drop_uses(instr)
    instr.operands = [new.get(o, o) if isinstance(o, Value) else o for o in instr.operands]
    for target in instr.targets:
        target.args = [new.get(o, o) if isinstance(o, Value) else o for o in target.args]
    add_uses(instr)
    if instr.block is not None:
        touch(instr.block.func)


def substitute_all(new: dict[Value, Operand]) -> None:
    """Let every reader of the values in `new` read what they map to, through chains of them; each reader is read once.

    Literals go wherever the map says: ask `accepts_literal` before. Ways through chains are shortened in `new`.
    """
    readers = dict.fromkeys(user for value in new for user in value.uses)
    for value in new:
        end_of(value, new)
    for reader in readers:
        substitute(reader, new)


def end_of(value: Operand, new: dict[Value, Operand]) -> Operand:
    """What `value` stands for, through chains in `new`, which get shorter for the next one who asks."""
    end = value
    while isinstance(end, Value) and end in new:
        end = new[end]
    while isinstance(value, Value) and value in new and new[value] is not end:
        new[value], value = end, new[value]
    return end


def replace_uses(old: Value, new: Operand) -> int:
    """Let every reader of `old` read `new`, and say how many readers still read `old`.

    A literal goes only where its type still follows from the rest of the instruction (see `accepts_literal`), so that
    the program can be printed; the others keep reading `old`.
    """
    left = 0
    for user in list(old.uses):
        if isinstance(new, Literal) and not accepts_literal(user, old, new):
            left += 1
            continue
        replace_operand(user, old, new)
    return left


def accepts_literal(user: Instr, old: Value, new: Literal) -> bool:
    """Whether `user` can be written with the literal `new` wherever it reads `old`."""
    if new.type not in _WRITABLE and new.value is not None and not isinstance(new.value, bytes):
        return False
    if user.op in TEXT_NEEDS_TYPE:
        return not any(operand is old for operand in user.operands)
    if user.op is ops.PRINT:
        return isinstance(new.value, bool | bytes)
    if user.op in _TYPED_BY_EACH_OTHER:
        peers = user.operands[1:] if user.op is ops.SELECT else user.operands
        return any(isinstance(o, Value) and o is not old for o in peers) or not any(o is old for o in peers)
    if user.op in _TYPED_BY_BASE:
        return user.operands[0] is not old
    return user.op not in (ops.SHARED_RELEASE, ops.SHARED_FREE)


_WRITABLE = frozenset(SCALARS.values())
_TYPED_BY_EACH_OTHER = ops.ARITHMETIC | ops.COMPARISONS | {ops.SELECT}
_TYPED_BY_BASE = frozenset({ops.ELEM, ops.SLICE, ops.APPEND, ops.EXTEND, ops.COPY, ops.CLEAR, ops.LOAD, ops.STORE})


def become(instr: Instr, op: ops.Op, operands: list[Operand], type: Type | None = None, imm: Immediate = None) -> None:
    """Turn `instr` into another operation with the same result, in place: its readers notice nothing."""
    drop_uses(instr)
    instr.op, instr.operands, instr.type, instr.imm, instr.flag = op, operands, type, imm, None
    add_uses(instr)
    if instr.block is not None:
        touch(instr.block.func)


def set_targets(terminator: Instr, op: ops.Op, operands: list[Operand], targets: tuple[Target, ...],
                imm: Immediate = None) -> None:  # fmt: skip
    """Turn a terminator into another one: the edges of its block change with it."""
    drop_uses(terminator)
    terminator.op, terminator.operands, terminator.targets, terminator.imm = op, operands, targets, imm
    add_uses(terminator)
    if terminator.block is not None:
        touch(terminator.block.func, edges=True)


def add_block(func: Func, name: str = "b", line: int = 0) -> Block:
    """A new, empty block at the end of `func`; its label is made unique."""
    block = Block(func.fresh_label(name), func, line)
    func.blocks.append(block)
    touch(func, edges=True)
    return block


def add_param(block: Block, type: Type, name: str = "") -> Value:
    """A new last parameter of `block`; the terminators that name the block must be given an argument for it."""
    value = Value(type, block.func.fresh_name(name), block)
    block.params.append(value)
    touch(block.func)
    return value


def remove_params(block: Block, positions: Iterable[int], sources: Iterable[Instr]) -> None:
    """Take parameters that nobody uses out of `block`, and their arguments out of the terminators in `sources`."""
    remove_all_params(block.func, {block: set(positions)}, sources)


def remove_all_params(func: Func, gone: Mapping[Block, Collection[int]], sources: Iterable[Instr]) -> None:
    """Take the parameters at these positions out of each block, and their arguments out of `sources`, the terminators.

    Each source is looked at once, however many of its targets lose parameters.
    """
    for source in dict.fromkeys(sources):
        if any(target.block in gone for target in source.targets):
            drop_uses(source)
            for target in source.targets:
                positions = gone.get(target.block, ())
                target.args = [a for i, a in enumerate(target.args) if i not in positions]
            add_uses(source)
    for block, positions in gone.items():
        for i in positions:
            func.names.discard(block.params[i].name)
        block.params[:] = [p for i, p in enumerate(block.params) if i not in positions]
    touch(func, edges=True)


def result_to_param(instr: Instr, block: Block) -> None:
    """Make the result of `instr` the last parameter of `block`: its readers notice nothing."""
    assert instr.result is not None
    instr.result.owner = block
    block.params.append(instr.result)
    instr.result = None
    touch(block.func, edges=True)


def take_result(instr: Instr, old: Instr) -> None:
    """Let `instr`, which has no result yet, define the value that `old` defined: its readers notice nothing."""
    assert old.result is not None
    instr.result, old.result = old.result, None
    instr.result.owner = instr


def new_block(func: Func, name: str = "b", line: int = 0) -> Block:
    """A new, empty block that is not among the blocks of `func` yet: `set_blocks` puts many in their places at once."""
    return Block(func.fresh_label(name), func, line)


def set_blocks(func: Func, contents: Sequence[tuple[Block, list[Instr]]]) -> None:
    """Make these blocks, in this order and with these instructions, the whole of `func`.

    Splits, merges and splices in one step over the function: instructions may move between blocks; those in no list
    are gone for good, and so are blocks that are not listed.
    """
    kept = {id(i) for _, instrs in contents for i in instrs}
    blocks = {id(b) for b, _ in contents}
    for block in func.blocks:
        for instr in block.instrs:
            if id(instr) not in kept:
                drop_uses(instr)
                if instr.result is not None:
                    func.names.discard(instr.result.name)
                instr.block = None
        if id(block) not in blocks:
            func.names.discard("^" + block.name)
            for param in block.params:
                func.names.discard(param.name)
            block.instrs = []
    for block, instrs in contents:
        for instr in instrs:
            instr.block = block
        block.instrs = instrs
    func.blocks[:] = [b for b, _ in contents]
    touch(func, edges=True)


def remove_blocks(func: Func, blocks: Iterable[Block]) -> None:
    """Take whole blocks out; nothing that stays may name them or use what they define."""
    gone = {id(b): b for b in blocks}
    for block in gone.values():
        set_instrs(block, [])
        for param in block.params:
            func.names.discard(param.name)
        func.names.discard("^" + block.name)
    func.blocks[:] = [b for b in func.blocks if id(b) not in gone]
    touch(func, edges=True)
