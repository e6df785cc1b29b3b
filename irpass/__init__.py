"""irpass: many small allocations into one shared allocation and derived slices.

    import irpass as ip

    module = ip.parse(text)
    report = ip.optimize(module)
    print(ip.print_module(module), report.remarks)

Names are imported when first used, so that `import irpass` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from irpass.api import optimize as optimize, parse as parse, run as run, verify as verify
    from irpass.diagnostics import (
        BuildError as BuildError,
        Diagnostic as Diagnostic,
        IrpassError as IrpassError,
        Loc as Loc,
        ParseError as ParseError,
        Span as Span,
        UsageError as UsageError,
        VerifyError as VerifyError,
    )
    from irpass.interp.outcome import Outcome as Outcome, Trap as Trap, refines as refines
    from irpass.ir.builder import Builder as Builder
    from irpass.ir.core import (
        Block as Block,
        Func as Func,
        Instr as Instr,
        Literal as Literal,
        Module as Module,
        Struct as Struct,
        Value as Value,
    )
    from irpass.ir.types import (
        ARENA as ARENA,
        BOOL as BOOL,
        BYTES as BYTES,
        F32 as F32,
        F64 as F64,
        I8 as I8,
        I16 as I16,
        I32 as I32,
        I64 as I64,
        U8 as U8,
        U16 as U16,
        U32 as U32,
        U64 as U64,
        PointerType as PointerType,
        SliceType as SliceType,
        StructType as StructType,
        Type as Type,
        parse_type as parse_type,
    )
    from irpass.passes.base import Context as Context, FunctionPass as FunctionPass, Pass as Pass
    from irpass.passes.pipeline import Report as Report
    from irpass.remarks import Remark as Remark
    from irpass.text.printer import print_func as print_func, print_module as print_module

_HOMES = {
    "irpass.api": ("optimize", "parse", "run", "verify"),
    "irpass.diagnostics": (
        "BuildError", "Diagnostic", "IrpassError", "Loc", "ParseError", "Span", "UsageError", "VerifyError",
    ),
    "irpass.interp.outcome": ("Outcome", "Trap", "refines"),
    "irpass.ir.builder": ("Builder",),
    "irpass.ir.core": ("Block", "Func", "Instr", "Literal", "Module", "Struct", "Value"),
    "irpass.ir.types": (
        "ARENA", "BOOL", "BYTES", "F32", "F64", "I8", "I16", "I32", "I64", "U8", "U16", "U32", "U64",
        "PointerType", "SliceType", "StructType", "Type", "parse_type",
    ),
    "irpass.passes.base": ("Context", "FunctionPass", "Pass"),
    "irpass.passes.pipeline": ("Report",),
    "irpass.remarks": ("Remark",),
    "irpass.text.printer": ("print_func", "print_module"),
}  # fmt: skip
_HOME = {name: module for module, names in _HOMES.items() for name in names}

__all__ = ["__version__", *_HOME]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'irpass' has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_HOME[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
