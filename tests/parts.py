"""Parts of a module that a test knows to be there: where one is not, the test fails."""

from __future__ import annotations

from collections.abc import Sequence

from irpass.cli.run import parse_argument
from irpass.ir.core import Block, Func, Instr, Module, Value


def func_of(module: Module, name: str = "f") -> Func:
    """The function of that name."""
    func = module.func(name)
    assert func is not None, f"no function @{name}"
    return func


def end_of(block: Block) -> Instr:
    """The terminator of the block."""
    end = block.terminator
    assert end is not None, f"{block} has no terminator"
    return end


def result_of(instr: Instr) -> Value:
    """The value that the instruction defines."""
    assert instr.result is not None, f"{instr} has no result"
    return instr.result


def main_args(module: Module, words: Sequence[str]) -> list[object]:
    """The arguments of `@main` that words of a command line mean."""
    params = func_of(module, "main").params
    return [parse_argument(p.type, word, p.name) for p, word in zip(params, words, strict=True)]
