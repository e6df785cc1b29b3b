"""The C source that makes a program of a compiled module: declarations for executable.c, and that file."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from irpass.ir.core import Module
from irpass.ir.types import BYTES, ScalarType, SliceType, Type
from irpass.native.lower import Lowered
from irpass.native.quoting import c_string
from irpass.text.traps import trap_diagnostic

_PRELUDE: Final = """\
enum { BOOL, SIGNED, UNSIGNED, FLOAT, OTHER };
/* `kind` and `bits` are of a scalar, or of the elements of a slice. */
struct param { const char *name, *type; int kind, bits, is_slice, is_text; long offset_bytes; };
"""


def main_source(lowered: Lowered, module: Module, program: str, scans_stacks: bool) -> str:
    """The source for a program whose own messages begin with the name `program`; `scans_stacks` as of `Allocator`."""
    context, entry = lowered.context, lowered.context.entry
    params = [
        _param(f"%{param.name}", param.type, offset_bytes)
        for param, offset_bytes in zip(entry.params, lowered.offsets, strict=True)
    ]
    result_bytes = context.shapes.layout(entry.result).size_bytes if entry.result is not None else 0
    signature = ", ".join(f"%{p.name}: {p.type}" for p in entry.params)
    names = {
        "PROGRAM": _text(program),
        "ENTRY": _text(entry.name),
        "SIGNATURE": _text(f"func @{entry.name}({signature})"),
        "PARAM_COUNT": str(len(params)),
        "ARGUMENTS_BYTES": str(max(1, lowered.arguments_bytes)),
        "RESULT_BYTES": str(max(24, result_bytes)),
        "HAS_RESULT": str(int(entry.result is not None)),
        "STACK_BYTES": f"{context.stack_bytes}LL",
        "SCANS_STACKS": str(int(scans_stacks)),
        "COUNTERS": str(int(context.options.counters)),
        "HEAP_LIMIT_BYTES": f"{min(context.options.heap_limit_bytes, (1 << 63) - 1)}LL",
    }
    lines = [f"#define {name} {value}" for name, value in names.items()]
    lines.append(f"static const struct param PARAMS[] = {{{', '.join([*params, '{0}'])}}};")
    lines.append(f"static const struct param RESULT = {_param('', entry.result, 0) if entry.result else '{0}'};")
    lines.append("static const char *const SITES[] = {")
    source = module.source.split("\n")
    for trap in context.sites:
        said = trap_diagnostic(module, trap.kind, (trap.func, trap.block), trap.line, trap.loc, source)
        lines.append(f"    {_text(said.render() + chr(10))},")
    lines += ["    0};", ""]
    return _PRELUDE + "\n".join(lines) + (Path(__file__).parent / "executable.c").read_text(encoding="utf-8")


def _param(name: str, t: Type, offset_bytes: int) -> str:
    is_slice = isinstance(t, SliceType) and isinstance(t.elem, ScalarType)
    scalar = t.elem if isinstance(t, SliceType) else t
    kind, bits = "OTHER", 8
    if isinstance(scalar, ScalarType):
        kind = {"bool": "BOOL", "float": "FLOAT"}.get(scalar.kind, "SIGNED" if scalar.signed else "UNSIGNED")
        bits = max(8, scalar.bits)
    flags = f"{int(is_slice)}, {int(t is BYTES)}"
    return f"{{{_text(name)}, {_text(str(t))}, {kind}, {bits}, {flags}, {offset_bytes}}}"


def _text(text: str) -> str:
    return c_string(text.encode("utf-8", "surrogateescape"))
