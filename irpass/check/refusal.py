"""What the checker says when it cannot justify something."""

from __future__ import annotations

from irpass.diagnostics import Diagnostic, Span
from irpass.ir.core import Block, Func, Instr, Module, Struct

Place = Instr | Block | Func | Struct


class Refusal(Exception):  # noqa: N818 - not an error of the program that runs: the checker's answer
    """Raised at the first thing that cannot be justified; `new` is its place in AFTER, `old` the one in BEFORE."""

    def __init__(self, code: str, message: str, new: Place | None, old: Place | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.new = new
        self.old = old

    def diagnostic(self, before: Module, after: Module) -> Diagnostic:
        line = self.new.line if self.new is not None else 0
        excerpt = _line(after, line)
        column = len(excerpt) - len(excerpt.lstrip()) + 1
        span = Span(line, column, max(1, len(excerpt.strip()))) if line else None
        message = self.message
        if span is None and self.new is not None:
            message += f" (at {describe(self.new)})"
        notes = [_where(self.new)] if self.new is not None else []
        if self.old is not None:
            text = _line(before, self.old.line).strip() or describe(self.old)
            notes.append(f"before: {before.file}:{self.old.line}: {text}" if self.old.line else f"before: {text}")
        return Diagnostic(self.code, message, after.file, span, excerpt, tuple(n for n in notes if n))


def describe(place: Place) -> str:
    """A short name for what stands at `place`."""
    if isinstance(place, Instr):
        return f"%{place.result.name} = {place.op.name}" if place.result is not None else place.op.name
    return f"block {place.name}" if isinstance(place, Block) else f"@{place.name}"


def _where(place: Place) -> str:
    block = place.block if isinstance(place, Instr) else place if isinstance(place, Block) else None
    return f"in @{block.func.name}, block {block.name}" if block is not None else ""


def _line(module: Module, number: int) -> str:
    lines = module.source.split("\n", number) if number else []
    return lines[number - 1].rstrip("\r") if 0 < number <= len(lines) else ""
