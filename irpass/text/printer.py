"""Modules as canonical text: the same module gives the same bytes, and reading them back gives the same module."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from irpass.ir import ops
from irpass.ir.core import ArenaSpec, Block, Func, Instr, Module, Operand, Struct, Target, Value
from irpass.text.literals import scalar_text, string_text


def print_module(module: Module) -> str:
    """The whole module as text, each declaration after the other in its order."""
    return "".join(line + "\n" for _, line in module_lines(module))


def module_lines(module: Module) -> Iterator[tuple[int, str]]:
    """The lines of the text, each with the line of the source that it came from (0 where there is none)."""
    previous: Struct | Func | None = None
    for decl in module.decls.values():
        if previous is not None and (_has_body(previous) or _has_body(decl) or type(previous) is not type(decl)):
            yield 0, ""
        if isinstance(decl, Struct):
            yield decl.line, struct_text(decl)
        else:
            yield from func_lines(decl)
        previous = decl


def _has_body(decl: Struct | Func) -> bool:
    return isinstance(decl, Func) and not decl.is_extern


def print_func(func: Func) -> str:
    """One function as text."""
    return "".join(line + "\n" for _, line in func_lines(func))


def func_lines(func: Func) -> Iterator[tuple[int, str]]:
    """The lines of one function, with their source lines."""
    result = f" -> {func.result}" if func.result is not None else ""
    if func.is_extern:
        attrs = "".join(" " + a for a in func.attrs)
        yield func.line, f"extern func @{func.name}({', '.join(str(p.type) for p in func.params)}){result}{attrs}"
        return
    params = ", ".join(f"%{p.name}: {p.type}" for p in func.params)
    yield func.line, f"func @{func.name}({params}){result} {{"
    for block in func.blocks:
        yield block.line, label_text(block)
        for instr in block.instrs:
            yield instr.line, "  " + instr_text(instr)
    yield 0, "}"


def struct_text(struct: Struct) -> str:
    """The line that declares a struct."""
    return (
        f"type @{struct.name} = {{ {', '.join(map(str, struct.fields))} }}"
        if struct.fields
        else (f"type @{struct.name} = {{}}")
    )


def label_text(block: Block) -> str:
    """The line that a block begins with."""
    if not block.params:
        return block.name + ":"
    return f"{block.name}({', '.join(f'%{p.name}: {p.type}' for p in block.params)}):"


def operand_text(operand: Operand) -> str:
    """An operand as an instruction shows it."""
    if isinstance(operand, Value):
        return "%" + operand.name
    return scalar_text(operand.type, operand.value)


def instr_text(i: Instr) -> str:
    """One instruction without indentation or line end."""
    text = _SHAPES[i.op.shape](i)
    if i.flag is not None:
        text += ", " + i.flag
    if i.loc is not None:
        text += f" loc({string_text(i.loc.file.encode())}:{i.loc.line}:{i.loc.column})"
    return f"%{i.result.name} = {text}" if i.result is not None else text


def _operands(operands: list[Operand]) -> str:
    return ", ".join([("%" + o.name) if isinstance(o, Value) else operand_text(o) for o in operands])


def _list(i: Instr) -> str:
    return f"{i.op.name} {_operands(i.operands)}" if i.operands else i.op.name


def _typed(i: Instr) -> str:
    return f"{i.op.name} {i.type}, {_operands(i.operands)}" if i.operands else f"{i.op.name} {i.type}"


def _const(i: Instr) -> str:
    assert i.type is not None and not isinstance(i.imm, str | tuple | ArenaSpec)
    return f"const {i.type}, {scalar_text(i.type, i.imm)}"


def _place(i: Instr) -> str:
    operands = [operand_text(o) for o in i.operands]
    values = [operands.pop()] if i.op is ops.STORE else []
    where = f"{operands[0]}.{i.imm:d}" if isinstance(i.imm, int) else operands[0]
    if len(operands) == 2:
        where += f"[{operands[1]}]"
    return f"{i.op.name} {', '.join([where, *values])}"


def _field(i: Instr) -> str:
    assert isinstance(i.imm, int)
    return f"field {operand_text(i.operands[0])}, {i.imm}"


def _call(i: Instr) -> str:
    assert isinstance(i.imm, str)
    return f"call @{i.imm}({_operands(i.operands)})"


def _target(target: Target) -> str:
    return f"{target.block.name}({_operands(target.args)})" if target.args else target.block.name


def _branch(i: Instr) -> str:
    targets = [_target(t) for t in i.targets]
    if i.op is ops.SWITCH:
        assert isinstance(i.imm, tuple)
        cases = ", ".join(f"{case}: {target}" for case, target in zip(i.imm, targets[1:], strict=True))
        return f"switch {_operands(i.operands)}, {targets[0]} [{cases}]"
    return f"{i.op.name} {', '.join([*map(operand_text, i.operands), *targets])}"


def _trap(i: Instr) -> str:
    assert isinstance(i.imm, bytes)
    return f"trap {string_text(i.imm)}"


def _arena(i: Instr) -> str:
    spec = i.imm
    assert isinstance(spec, ArenaSpec)
    parts = [f"shared.alloc {_operands(i.operands)}", f"align {spec.align_bytes}"]
    if spec.limit_bytes is not None:
        parts.append(f"limit {spec.limit_bytes}")
    if spec.count != 1:
        parts.append(f"count {spec.count}")
    parts += [word for word in ("stack", "scan", "uninit") if getattr(spec, word)]
    return ", ".join(parts)


_SHAPES: dict[str, Callable[[Instr], str]] = {
    "list": _list,
    "typed": _typed,
    "const": _const,
    "place": _place,
    "field": _field,
    "call": _call,
    "branch": _branch,
    "trap": _trap,
    "arena": _arena,
}
