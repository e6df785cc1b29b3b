"""What the functions of one module share while they are lowered."""

from __future__ import annotations

from typing import final

from irpass.ir.core import Func, Module, Operand
from irpass.native.debug_info import DebugInfo
from irpass.native.depth import CallDepths
from irpass.native.layout import Shapes
from irpass.native.literals import LiteralValues
from irpass.native.options import LoweringOptions
from irpass.native.quoting import array
from irpass.native.sites import Sites
from irpass.native.stack import MAX_STACK_BYTES, needed_bytes


@final
class Context:
    """One module on its way to LLVM, with the `entry` that it will be run from."""

    def __init__(self, module: Module, entry: Func, options: LoweringOptions) -> None:
        self.module = module
        self.entry = entry
        self.options = options
        self.shapes = Shapes(module)
        self.sites = Sites()
        self.debug = DebugInfo() if options.debug_info else None
        self.depths = CallDepths(entry, options.max_depth)
        self.stack_bytes = min(needed_bytes(self.depths, self.shapes), MAX_STACK_BYTES)
        self.checks_stack = self.stack_bytes == MAX_STACK_BYTES  # deeper calls may be allowed than the stack has room
        self._literal_values = LiteralValues(self.depths.funcs)
        self.externs: dict[Func, int] = {}  # those that are called, by number
        self._literals: dict[bytes, int] = {}
        self._literal_bytes = bytearray()

    def literal(self, data: bytes) -> str:
        """The address of a literal's bytes. All stand in one constant, so that a range tells them from other memory;
        equal ones are one, and an empty one has a byte of its own, because pointers to them can be compared."""
        at = self._literals.get(data)
        if at is None:
            at = self._literals[data] = len(self._literal_bytes)
            self._literal_bytes += data or b"\0"
        return f"getelementptr (i8, ptr @irpass.literals, i64 {at})"

    def literal_section(self) -> str:
        data = bytes(self._literal_bytes) or b"\0"
        return (
            f"@irpass.literals = dso_local constant [{len(data)} x i8] {array(data)}\n"
            f"@irpass.literals.size = dso_local constant i64 {len(self._literal_bytes)}\n"
        )

    def may_be_literal(self, operand: Operand) -> bool:
        """Whether a slice or pointer of bytes may reach those of a literal."""
        return self._literal_values.may_hold(operand)

    def extern_number(self, func: Func) -> int:
        return self.externs.setdefault(func, len(self.externs))
