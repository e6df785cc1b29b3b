"""Text to module. Every error that can be found in one run is reported: a bad line does not hide the next.

First the declarations of the whole text, then the lines of each function, then their instructions.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator
from contextlib import contextmanager

from irpass.diagnostics import ParseError
from irpass.ir import edit
from irpass.ir.core import Block, Func, Module, Struct, Value
from irpass.text.body import Body, BodyBuilder, RawLine
from irpass.text.errors import ErrorLog
from irpass.text.lines import starts_of, strip_line
from irpass.text.reader import LineReader
from irpass.text.shapes import EndShape, HeadShape, Hole, InstrShape, LabelShape, ParamShape, build_type

_DECLARATION = re.compile(r"[ \t]*(?:type|extern|func)\b(?![ \t]*[:(])")
_END = re.compile(r"[ \t]*\}")
_RESULT = re.compile(r"[ \t]*%([A-Za-z0-9_$]+)[ \t]*=")
_HEAD_NAME = re.compile(r"[ \t]*(?:extern[ \t]+)?(?:type|func)[ \t]*@([A-Za-z0-9_$.]+)")


def parse(text: str | bytes, file: str = "<string>", *, memo: bool = True) -> Module:
    """The module that `text` describes; `file` is what diagnostics call it. The module is not verified yet.

    `memo=False` gives every line to the LALR parser: the slow twin that tests hold the quick way against.

    Raises: ParseError with every error found.
    """
    with _paused_collector():
        return _parse(text, file, memo)


@contextmanager
def _paused_collector() -> Iterator[None]:
    """A parse makes many objects and no garbage: the cyclic collector would look at all of them again and again."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _parse(text: str | bytes, file: str, memo: bool) -> Module:
    log = ErrorLog(file)
    if isinstance(text, bytes):
        text = log.decode(text)
    log.lines = text.split("\n")
    module = Module(file, text)
    parser = _Parser(module, log, LineReader(log, memo))
    for func, first, last in parser.declarations():
        parser.body(func, first, last)
    if log.diagnostics:
        raise ParseError(log.sorted())
    return module


class _Parser:
    def __init__(self, module: Module, log: ErrorLog, reader: LineReader) -> None:
        self._module = module
        self._log = log
        self._reader = reader
        self._unknown: set[str] = set()  # declared by a line that could not be read: not to be reported as missing

    def declarations(self) -> list[tuple[Func, int, int]]:
        """Declare every type and function; gives each body's function, first and last line."""
        bodies: list[tuple[Func, int, int]] = []
        opened: tuple[Func, int, int] | None = None  # the function, its head's line, its first line
        stray = False
        for number, line in enumerate(self._log.lines, 1):
            if _DECLARATION.match(line):
                if opened is not None:
                    self._log.add("syntax", "a declaration inside a function", number,
                                  notes=[f"expected '}}' to end the function of line {opened[1]}"])  # fmt: skip
                    bodies.append((opened[0], opened[2], number - 1))
                func = self._declare(number)
                opened, stray = (func, number, number + 1) if func is not None else None, False
            elif opened is not None:
                if _END.match(line) and strip_line(line) == "}":
                    bodies.append((opened[0], opened[2], number - 1))
                    opened = None
            elif not stray and strip_line(line):
                stray = True  # once: what follows belongs to the same mistake
                if self._reader.read(number) is not None:
                    self._log.add("syntax", "this stands outside of any function", number,
                                  notes=["expected type, extern or func"])  # fmt: skip
        if opened is not None:
            self._log.add("syntax", "the function has no end", opened[1], notes=["expected '}' on a line of its own"])
            bodies.append((opened[0], opened[2], len(self._log.lines)))
        return bodies

    def _declare(self, number: int) -> Func | None:
        read = self._reader.read(number)
        line = self._log.lines[number - 1]
        if read is None or not isinstance(read.shape, HeadShape):
            found = _HEAD_NAME.match(line)
            if found:
                self._unknown.add(found.group(1))
            if not re.match(r"[ \t]*func\b", line):
                return None
            return Func(found.group(1) if found else "", self._module, line=number)  # its lines are read all the same
        shape, varying = read.shape, read.varying
        name = _text(shape.name, varying)
        previous = self._module.decls.get(name)
        decl: Struct | Func
        if shape.keyword == "type":
            decl = Struct(name, tuple(build_type(t, varying) for t in shape.types), number)
        else:
            decl = Func(name, self._module, line=number)
            decl.is_extern = shape.keyword == "extern"
            decl.result = build_type(shape.result, varying) if shape.result is not None else None
            decl.attrs = tuple(dict.fromkeys(shape.attrs))
            for i, t in enumerate(shape.types):
                decl.params.append(Value(build_type(t, varying), str(i), decl))
            decl.params += self._params(shape.params, varying, decl, number)
        if previous is not None:
            self._log.add("redefined", f"@{name} is declared twice", number, *self._place(number, shape.name),
                          [f"first at line {previous.line}; types and functions share one namespace"])  # fmt: skip
        else:
            self._module.decls[name] = decl
        return decl if isinstance(decl, Func) and not decl.is_extern else None

    def _params(
        self, shapes: tuple[ParamShape, ...], varying: list[str], owner: Func | Block, number: int
    ) -> list[Value]:
        func = owner if isinstance(owner, Func) else owner.func
        params = []
        for shape in shapes:
            name = _text(shape.name, varying)
            if name in func.names:
                self._log.add("redefined", f"%{name} is defined twice", number, *self._place(number, shape.name))
            func.names.add(name)
            params.append(Value(build_type(shape.type, varying), name, owner))
        return params

    def _place(self, number: int, hole: Hole) -> tuple[int, int]:
        """Column and length of what varies at `hole`, with the sign before it; zeros where it does not vary."""
        line = self._log.lines[number - 1]
        text = strip_line(line)
        if not isinstance(hole, int):
            return 0, 1
        start = starts_of(text)[hole]
        signed = start > 0 and text[start - 1] in "%@"
        end = re.compile(r'-?[A-Za-z0-9_$.]+|"(?:[^"\\]|\\.)*"|.').match(text, start)
        length = len(end.group()) if end is not None else 1
        return line.find(text) + start + 1 - signed, length + signed

    def body(self, func: Func, first: int, last: int) -> None:
        """Read the lines `first`..`last` into blocks of `func`."""
        body = Body(func)
        raw: list[RawLine] | None = None
        blocks: dict[str, Block] = {}
        for param in func.params:
            body.values[param.name] = param
        for number in range(first, last + 1):
            read = self._reader.read(number)
            if read is None:
                found = _RESULT.match(self._log.lines[number - 1])
                if found and strip_line(self._log.lines[number - 1]):
                    body.poisoned.add(found.group(1))
                continue
            shape, varying = read
            if isinstance(shape, LabelShape):
                block = self._label(func, shape, varying, number, blocks)
                for param in block.params:
                    body.values[param.name] = param
                raw = []
                body.blocks.append((block, raw))
            elif isinstance(shape, InstrShape):
                if raw is None:
                    self._log.add("syntax", "an instruction before the first label", number,
                                  notes=["a function's first block needs a label: entry:"])  # fmt: skip
                    raw = []
                    body.blocks.append((Block("", func, number), raw))
                raw.append(RawLine(shape, varying, number))
                if shape.result is not None:
                    self._define(body, _text(shape.result, varying), shape.result, number)
            elif isinstance(shape, EndShape):
                self._log.add("syntax", "unexpected '}'", number)
            else:
                self._log.add("syntax", "a declaration inside a function", number)
        if not body.blocks:
            self._log.add("syntax", "the function has no blocks", func.line, notes=["expected a label: entry:"])
        body.labels = blocks
        BodyBuilder(body, self._log, self._place, self._unknown).build()
        edit.touch(func, edges=True)

    def _label(self, func: Func, shape: LabelShape, varying: list[str], number: int, blocks: dict[str, Block]) -> Block:
        name = _text(shape.name, varying)
        block = Block(name, func, number)
        if name in blocks:
            notes = [f"first at line {blocks[name].line}"]
            self._log.add(
                "redefined", f"block {name} is defined twice", number, *self._place(number, shape.name), notes
            )
        else:
            blocks[name] = block
            func.names.add("^" + name)
        func.blocks.append(block)
        block.params = self._params(shape.params, varying, block, number)
        return block

    def _define(self, body: Body, name: str, hole: Hole, number: int) -> None:
        if name in body.func.names:
            self._log.add("redefined", f"%{name} is defined twice", number, *self._place(number, hole),
                          notes=["each name is defined once in a function"])  # fmt: skip
        body.func.names.add(name)


def _text(hole: Hole, varying: list[str]) -> str:
    return varying[hole] if isinstance(hole, int) else hole
