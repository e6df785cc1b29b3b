"""The compiler as one call: the text of a Go file in, a module of the IR out."""

from __future__ import annotations

from collections.abc import Sequence

import irpass as ip
from samples.minigo.check import Program
from samples.minigo.diagnostics import Errors, GoError
from samples.minigo.program import lower
from samples.minigo.syntax import Pos


def compile_text(text: str, name: str = "main.go") -> ip.Module:
    """The module of a program; `name` is that of its file, for diagnostics and places.

    Raises: GoError with all errors that were found.
    """
    errors = Errors()
    program = Program(errors)
    try:
        main = program.main(text, name)
        return lower(program, main)
    except RecursionError:  # the tree is walked by recursion, and a person writes no expression as deep as that
        errors.add("syntax", "this file is nested too deeply", Pos(name, 1, 1))
        errors.raise_any()
        raise


def arguments(module: ip.Module, args: Sequence[str]) -> list[str]:
    """What `@main` takes for the arguments of a command line."""
    return ["\0".join(args)] if module.func("main").params else []


__all__ = ["GoError", "arguments", "compile_text"]
