"""Copies of modules: what a pass is about to change, kept as it was."""

from __future__ import annotations

from irpass.ir import edit
from irpass.ir.core import Block, Func, Instr, Literal, Module, Operand, Struct, Target, Value


def copy_module(module: Module) -> Module:
    """A module that is equal to `module` in text, lines and places, and has no object that can be edited in common."""
    copy = Module(module.file, module.source)
    for name, decl in module.decls.items():
        if isinstance(decl, Struct):
            copy.decls[name] = Struct(decl.name, decl.fields, decl.line)
        else:
            copy.decls[name] = _copy_func(decl, copy)
    return copy


def _copy_func(func: Func, module: Module) -> Func:
    copy = Func(func.name, module, func.result, func.is_extern, func.attrs, func.line)
    copy.names = set(func.names)
    values: dict[Value, Value] = {}
    blocks: dict[Block, Block] = {}

    def define(old: Value, owner: Instr | Block | Func) -> Value:
        values[old] = new = Value(old.type, old.name, owner)
        return new

    copy.params += [define(p, copy) for p in func.params]
    for block in func.blocks:
        blocks[block] = new_block = Block(block.name, copy, block.line)
        new_block.params += [define(p, new_block) for p in block.params]
    for block in func.blocks:  # first all results: a block may use what a later one, in text order, defines
        for instr in block.instrs:
            new = Instr(instr.op, [], instr.type, instr.imm, instr.flag, (), instr.loc, instr.line)
            if instr.result is not None:
                new.result = define(instr.result, new)
            new.block = blocks[block]
            blocks[block].instrs.append(new)

    def used(operand: Operand) -> Operand:
        return operand if isinstance(operand, Literal) else values[operand]

    for block in func.blocks:
        for old, new in zip(block.instrs, blocks[block].instrs, strict=True):
            new.operands = [used(o) for o in old.operands]
            new.targets = tuple([Target(blocks[t.block], [used(a) for a in t.args]) for t in old.targets])
            edit.add_uses(new)
    copy.blocks += blocks.values()
    return copy
