"""A host for any module: what its extern functions do where nobody else provides them.

What an extern gives and writes follows from its signature, its arguments and the calls before it, and keeps what its
attributes promise. So two runs of programs with one meaning see one host, and `calls` holds what the host saw.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Any

from irpass.interp.host import SliceView
from irpass.interp.outcome import TrapError
from irpass.ir.core import Func, Module
from irpass.ir.semantics import wrapper
from irpass.ir.types import BOOL, ScalarType, SliceType, StructType, Type, is_reference

NO_RETURN = "host exit"
_MAX_KEPT = 8


class Host:
    """One run's host: `externs` for `run`, and `calls`, a line for each call of an extern that is not pure."""

    def __init__(self, module: Module) -> None:
        self.calls: list[str] = []
        self._kept: list[tuple[Type, Any]] = []
        externs = [d for d in module.decls.values() if isinstance(d, Func) and d.is_extern]
        externs = [f for f in externs if not isinstance(f.result, StructType)]  # nobody makes structs but the program
        self.externs: dict[str, Callable[..., object]] = {f.name: self._extern(f) for f in externs}

    def _extern(self, func: Func) -> Callable[..., object]:
        def call(*args: object) -> object:
            return self._call(func, args)

        return call

    def _call(self, func: Func, args: tuple[object, ...]) -> object:
        is_pure = "pure" in func.attrs
        seen = f"{func.name} {' '.join([_show(a, is_pure) for a in args])}"
        if not is_pure:
            self.calls.append(seen)
            seen += f" {len(self.calls)}"
        digest = zlib.crc32(seen.encode())
        if not is_pure:
            for arg in args:
                _write(arg, digest)
        if "noreturn" in func.attrs:
            raise TrapError(NO_RETURN)
        held = [(p.type, a) for p, a in zip(func.params, args, strict=True) if is_reference(p.type) and a is not None]
        captures = not is_pure and "nocapture" not in func.attrs
        if captures:
            self._kept = (self._kept + held)[-_MAX_KEPT:]
        if func.result is None:
            return None
        if isinstance(func.result, ScalarType):
            return _scalar(func.result, digest)
        known = self._kept if captures else held if is_pure else []
        given = [a for t, a in known if t is func.result]
        if given and digest % 4:
            return given[digest % len(given)]
        return _fresh(func.result, digest) if not is_pure else None  # two pure calls may become one


def _show(arg: object, is_pure: bool) -> str:
    """What a host can tell of an argument: scalars, slices of scalars, and nil from all else."""
    if isinstance(arg, SliceView):
        try:
            return repr(list(arg)) if isinstance(arg.type.elem, ScalarType) else f"[{len(arg)}]"
        except TrapError:
            if not is_pure:
                raise
            return "[?]"  # it looks at memory that is freed or unwritten, but promised to return
    return repr(arg) if arg is None or isinstance(arg, bool | int | float) else "&"


def _write(arg: object, digest: int) -> None:
    if isinstance(arg, SliceView) and isinstance(arg.type.elem, ScalarType) and len(arg) and digest % 3 == 0:
        arg[digest % len(arg)] = _scalar(arg.type.elem, digest)


def _scalar(t: ScalarType, digest: int) -> bool | int | float:
    if t is BOOL:
        return digest % 2 == 1
    small = digest % 19 - 3
    return float(small) if t.kind == "float" else wrapper(t)(small)


def _fresh(t: Type, digest: int) -> object:
    """Memory of the host's own where it can make such, else nil."""
    if isinstance(t, SliceType) and isinstance(t.elem, ScalarType) and digest % 3:
        return [_scalar(t.elem, digest)] * (digest % 5)
    return None
