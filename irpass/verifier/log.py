"""Breaches and their places: in the text, or by name where there is no text."""

from __future__ import annotations

import re
from typing import NamedTuple

from irpass.diagnostics import Diagnostic, Span
from irpass.ir.core import Block, Func, Instr, Module, Struct

PASS_BUG = "a program that builds or edits modules did this, not the text: edit through irpass.ir.edit"
_CODE_OF_LINE = re.compile(r'((?:[^"/]|"(?:[^"\\]|\\.)*"|/(?!/))*)')  # up to the comment


class Finding(NamedTuple):
    """A breach without its place."""

    code: str
    message: str
    notes: tuple[str, ...]


def breach(code: str, message: str, *notes: str) -> Finding:
    """A finding with those of the notes that say something."""
    return Finding(code, message, tuple(n for n in notes if n))


class Log:
    """Collects breaches; finds their places in the text, or names them where there is no text."""

    def __init__(self, module: Module) -> None:
        self._module = module
        self._lines: list[str] | None = None
        self._found: list[tuple[tuple[int, int, int, int], Diagnostic]] = []
        self._decls = {id(d): n for n, d in enumerate(module.decls.values())}
        self._blocks: dict[int, int] = {}
        self._instrs: dict[int, int] = {}
        self._numbered: set[int] = set()

    def decl(self, decl: Struct | Func, finding: Finding) -> None:
        kind = "type" if isinstance(decl, Struct) else "function"
        self._add((self._decls.get(id(decl), 0), -1, -1), finding, decl.line, f"in {kind} @{decl.name}", None)

    def block(self, func: Func, block: Block, finding: Finding) -> None:
        self._number(func)
        order = (self._decls.get(id(func), 0), self._blocks.get(id(block), 0), -1)
        self._add(order, finding, block.line, f"in @{func.name}, block {block.name}", None)

    def instr(self, func: Func, block: Block, instr: Instr, finding: Finding) -> None:
        self._number(func)
        at = self._instrs.get(id(instr), 0)
        order = (self._decls.get(id(func), 0), self._blocks.get(id(block), 0), at)
        name = f"%{instr.result.name} = {instr.op.name}" if instr.result is not None else instr.op.name
        where = f"in @{func.name}, block {block.name}, instruction {at + 1}: {name} ..."
        self._add(order, finding, instr.line, where, instr)

    def sorted(self) -> list[Diagnostic]:
        return [d for _, d in sorted(self._found, key=lambda pair: pair[0])]

    def _number(self, func: Func) -> None:
        """Number the blocks and instructions of a function that has a breach, once."""
        if id(func) in self._numbered:
            return
        self._numbered.add(id(func))
        for b, block in enumerate(func.blocks):
            self._blocks[id(block)] = b
            for i, instr in enumerate(block.instrs):
                self._instrs[id(instr)] = i

    def _add(self, order: tuple[int, int, int], finding: Finding, line: int, where: str, instr: Instr | None) -> None:
        code, message, notes = finding
        if instr is not None and instr.loc is not None:
            notes = (*notes, f"from {instr.loc}")
        span, excerpt = self._place(line)
        if span is None:
            notes = (*notes, where)
        found = Diagnostic(code, message, self._module.file, span, excerpt, notes)
        self._found.append(((*order, len(self._found)), found))

    def _place(self, line: int) -> tuple[Span | None, str]:
        if line < 1:
            return None, ""
        if self._lines is None:
            self._lines = self._module.source.split("\n")
        if line > len(self._lines) or not self._module.source:
            return Span(line, 1), ""
        text = self._lines[line - 1].rstrip("\r")
        code = _CODE_OF_LINE.match(text)
        written = (code.group(1) if code is not None else text).rstrip()
        indent = len(written) - len(written.lstrip())
        return Span(line, indent + 1, max(1, len(written) - indent)), text
