"""Remarks: what a pass did, what it did not do and why, and what it found, at the user's own place.

After LLVM's optimization remarks: *passed*, *missed* and *analysis*, each with a stable `name` and fields that a
program can read, in text, JSON (one object a line) and YAML (one document a remark).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from irpass.diagnostics import Loc
from irpass.ir.core import Func, Instr

RemarkKind = Literal["passed", "missed", "analysis"]
Field = int | str | bool | list[int] | list[str]
KINDS: tuple[RemarkKind, ...] = ("passed", "missed", "analysis")
FORMATS = ("text", "json", "yaml")


@dataclass(frozen=True, slots=True)
class Remark:
    """One remark. `name` is a stable word for what happened or why not; `line` is that of the IR text, 0 if none."""

    kind: RemarkKind
    pass_name: str
    name: str
    func: str
    message: str
    file: str = "<module>"
    line: int = 0
    loc: Loc | None = None
    fields: Mapping[str, Field] = field(default_factory=dict)

    def text(self) -> str:
        """`place: kind: message [pass:name]`, the place being the user's own where there is one."""
        place = str(self.loc) if self.loc is not None else f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.kind}: @{self.func}: {self.message} [{self.pass_name}:{self.name}]"

    def record(self) -> dict[str, object]:
        """The remark as plain data, keys always in the same order."""
        return {
            "kind": self.kind,
            "pass": self.pass_name,
            "name": self.name,
            "function": self.func,
            "message": self.message,
            "file": self.file,
            "line": self.line,
            "loc": str(self.loc) if self.loc is not None else None,
            **self.fields,
        }


def remark_at(
    kind: RemarkKind, pass_name: str, name: str, where: Instr | Func, message: str, **fields: Field
) -> Remark:
    """A remark about an instruction or a whole function."""
    func = where
    if isinstance(where, Instr):
        assert where.block is not None
        func = where.block.func
    assert isinstance(func, Func)
    loc = where.loc if isinstance(where, Instr) else None
    return Remark(kind, pass_name, name, func.name, message, func.module.file, where.line, loc, fields)


def format_remarks(remarks: Iterable[Remark], form: str = "text") -> str:
    """The remarks in one of `FORMATS`, each ending its line or document.

    Raises: ValueError for an unknown format.
    """
    if form == "text":
        return "".join(r.text() + "\n" for r in remarks)
    if form == "json":
        return "".join(json.dumps(r.record(), ensure_ascii=False) + "\n" for r in remarks)
    if form == "yaml":
        return "".join(_yaml(r) for r in remarks)
    raise ValueError(f"unknown remarks format {form!r}: one of {', '.join(FORMATS)}")


def _yaml(remark: Remark) -> str:
    # JSON's scalars and lists are YAML's too, so that nothing needs a YAML library to be quoted rightly.
    lines = [f"{key}: {json.dumps(value)}" for key, value in remark.record().items() if key != "kind"]
    return f"--- !{remark.kind.capitalize()}\n" + "\n".join(lines) + "\n...\n"
