"""The compiler as one call: the text of a Go file in, a module of the IR out."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import irpass as ip
from samples.minigo.check import Program
from samples.minigo.diagnostics import Errors
from samples.minigo.program import lower
from samples.minigo.syntax import Pos

_DEPTH = 10_000  # calls: a sum of some thousand terms
SEPARATOR = "\x1f"  # between the arguments of a program, in the one text that `@main` takes


def compile_text(text: str, name: str = "main.go") -> ip.Module:
    """The module of a program; `name` is that of its file, for diagnostics and places.

    Raises: GoError with all errors that were found.
    """
    errors = Errors()
    program = Program(errors)
    limit = sys.getrecursionlimit()
    try:
        sys.setrecursionlimit(max(limit, _DEPTH))
        main = program.main(text, name)
        return lower(program, main)
    except RecursionError:  # the tree is walked by recursion, and a person writes no expression as deep as that
        errors.add("syntax", "this file is nested too deeply", Pos(name, 1, 1))
        errors.raise_any()
        raise
    finally:
        sys.setrecursionlimit(limit)


def arguments(module: ip.Module, args: Sequence[str]) -> list[str]:
    """What `@main` takes for the arguments of a command line: all in one text, if it looks at them."""
    main = module.func("main")
    return [SEPARATOR.join(args)] if main is not None and main.params else []


def build_executable(module: ip.Module, output: str | Path, *, opt_level: int = 2, allocator: str = "libc") -> None:
    """Write an executable that takes its arguments as a Go program does.

    Raises: UsageError where llvmlite, `cc` or the allocator is missing; IrpassError where `cc` fails.
    """
    from irpass.native.build import build  # needs the extra `native`

    main = module.func("main")
    link = [str(Path(__file__).with_name("main.c")), "-Wl,--wrap=main"] if main is not None and main.params else []
    build(module, output, opt_level=opt_level, allocator=allocator, link=link)
