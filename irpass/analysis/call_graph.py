"""The call graph: callees before callers, and who may come back into itself."""

from __future__ import annotations

from irpass.analysis.components import strongly_connected
from irpass.ir import ops
from irpass.ir.core import Func, Instr, Module


def callee_name(call: Instr) -> str:
    """The name of the function that a `call` calls."""
    assert isinstance(call.imm, str)
    return call.imm


def pure_callee(call: Instr) -> Func | None:
    """The `extern pure` function that `call` calls; None where it calls another."""
    assert call.block is not None
    callee = call.block.func.module.func(callee_name(call))
    return callee if callee is not None and "pure" in callee.attrs else None


def is_pure_call(call: Instr) -> bool:
    """Whether `call` calls an extern that is `pure`."""
    return pure_callee(call) is not None


def call_components(module: Module) -> list[list[str]]:
    """The functions with bodies by strongly connected components of the call graph, callees before callers."""
    funcs = module.funcs
    number = {func.name: i for i, func in enumerate(funcs)}
    callees: list[list[int]] = []
    for func in funcs:
        called = dict.fromkeys(callee_name(i) for block in func.blocks for i in block.instrs if i.op is ops.CALL)
        callees.append([number[name] for name in called if name in number])
    return [[funcs[i].name for i in component] for component in strongly_connected(callees)]


def is_recursive(module: Module, components: list[list[str]]) -> set[str]:
    """The functions that may come back into themselves through calls that the module shows."""
    found: set[str] = set()
    for names in components:
        if len(names) > 1:
            found.update(names)
        else:
            func = module.func(names[0])
            if func is not None and any(i.op is ops.CALL and i.imm == func.name for i in func.instrs()):
                found.add(func.name)
    return found
