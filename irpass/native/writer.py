"""The LLVM text of one function while it is written: values, blocks, traps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, final

from irpass.diagnostics import UsageError
from irpass.ir.core import Block, Func, Instr, Literal, Operand, Value
from irpass.ir.types import ScalarType, SliceType, Type
from irpass.native.blocks import blocks_in_cycles
from irpass.native.context import Context
from irpass.native.layout import Components, scalar_constant
from irpass.native.sums import Sums

if TYPE_CHECKING:
    from irpass.native.arena import Arena

Parts = tuple[str, ...]  # the LLVM operands that a value consists of: see `layout`

MAX_PARTS: Final = 4096  # a struct of more scalars would take LLVM minutes
RARELY: Final = ", !prof !0"  # the metadata of branches that are hardly ever taken


@final
class FunctionWriter:
    """Lines of LLVM text, and which operands the values of `func` have become.

    `lines` is the body; `prologue` what runs once when the function is entered; `cold` the blocks that end in a trap.
    """

    def __init__(self, context: Context, func: Func) -> None:
        self.context = context
        self.shapes = context.shapes
        self.func = func
        self.lines: list[str] = []
        self.prologue: list[str] = []
        self.cold: list[str] = []
        self.label = ""  # of the LLVM block that is being written
        self.location = ""  # the debug location of what is written, with its comma
        self.sums = Sums()
        self.arenas: dict[Value, Arena] = {}
        self.listed: str | None = None
        self.held_variables: list[str] = []
        self._values: dict[Value, Parts] = {}
        self._in_cycles: set[Block] | None = None
        self._count = 0

    # -- names and lines

    def fresh(self, hint: str = "t") -> str:
        self._count += 1
        return f"{hint}{self._count}"

    def value(self, text: str) -> str:
        """Write an instruction with a result; gives its name."""
        name = "%" + self.fresh()
        self.lines.append(f"  {name} = {text}{self.location}")
        return name

    def do(self, text: str) -> None:
        self.lines.append(f"  {text}{self.location}")

    def start(self, label: str) -> None:
        """Begin the block `label`."""
        self.lines.append(f"{label}:")
        self.label = label

    def branch(self, label: str) -> None:
        self.do(f"br label %{label}")

    def alloca(self, llvm_type: str, align_bytes: int = 8) -> str:
        """A variable of the frame."""
        name = "%" + self.fresh("frame")
        self.prologue.append(f"  {name} = alloca {llvm_type}, align {align_bytes}")
        return name

    def frame_list(self) -> str:
        """The variable that lists the stack arenas which are not in the frame itself."""
        if self.listed is None:
            self.listed = self.alloca("ptr")
            self.prologue.append(f"  store ptr null, ptr {self.listed}")
        return self.listed

    def counted_frame_space(self) -> str:
        """A variable for the bytes of a stack arena that the heap's counters know of, -1 for none."""
        held = self.alloca("i64")
        self.prologue.append(f"  store i64 -1, ptr {held}")
        self.held_variables.append(held)
        return held

    def is_in_cycle(self, block: Block) -> bool:
        """Whether control may come to `block` again."""
        if self._in_cycles is None:
            self._in_cycles = blocks_in_cycles(self.func)
        return block in self._in_cycles

    # -- control

    def split(self, condition: str, rarely: bool = False) -> tuple[str, str]:
        """Branch on `condition`; gives the labels of yes and no, both still to be written."""
        yes, no = self.fresh("yes"), self.fresh("no")
        self.do(f"br i1 {condition}, label %{yes}, label %{no}{RARELY if rarely else ''}")
        return yes, no

    def trap_if(self, condition: str, instr: Instr, kind: str) -> None:
        """Trap with `kind` where `condition` holds, and go on where it does not."""
        if condition == "false":
            return
        trap, on = self.fresh("trap"), self.fresh("on")
        self.do(f"br i1 {condition}, label %{trap}, label %{on}{RARELY}")
        self.cold.append(f"{trap}:")
        self.cold += self._trap_lines(instr, kind)
        self.start(on)

    def trap(self, instr: Instr, kind: str) -> None:
        """End the block with a trap."""
        self.lines += self._trap_lines(instr, kind)

    def _trap_lines(self, instr: Instr, kind: str) -> list[str]:
        number = self.context.sites.number(instr, kind)
        return [f"  call void @rt.trap(i32 {number}) cold noreturn nounwind{self.location}", "  unreachable"]

    def merge(self, cases: Sequence[tuple[Parts, str]], types: Sequence[str]) -> Parts:
        """Phis of what each of the blocks gives, at the start of a block."""
        merged = []
        for i, llvm_type in enumerate(types):
            incoming = ", ".join(f"[ {parts[i]}, %{label} ]" for parts, label in cases)
            merged.append(self.value(f"phi {llvm_type} {incoming}"))
        return tuple(merged)

    # -- values

    def define(self, value: Value | None, parts: Parts) -> None:
        if value is not None:
            self._values[value] = parts

    def define_one(self, instr: Instr, text: str) -> None:
        """Write an instruction whose result is the scalar result of `instr`."""
        self.define(instr.result, (self.value(text),))

    def parts(self, operand: Operand) -> Parts:
        if isinstance(operand, Value):
            return self._values[operand]
        return self._literal(operand)

    def one(self, operand: Operand) -> str:
        """The operand of a scalar or pointer."""
        (only,) = self.parts(operand)
        return only

    def _literal(self, literal: Literal) -> Parts:
        t, value = literal.type, literal.value
        if isinstance(t, ScalarType):
            return (scalar_constant(t, value),)
        if isinstance(value, bytes):
            return (self.context.literal(value), str(len(value)), str(len(value)))
        return ("null", "0", "0") if isinstance(t, SliceType) else ("null",)

    # -- memory

    def components(self, t: Type) -> Components:
        found = self.shapes.components(t)
        if len(found) > MAX_PARTS:
            raise UsageError.of(f"{t} has {len(found)} scalars: native code moves structs of up to {MAX_PARTS}")
        return found

    def offset(self, address: str, offset_bytes: int | str) -> str:
        """The address so many bytes on, within the same allocation."""
        if offset_bytes in (0, "0"):
            return address
        return self.value(f"getelementptr inbounds i8, ptr {address}, i64 {offset_bytes}")

    def load(self, t: Type, address: str) -> Parts:
        loaded = []
        for c in self.components(t):
            at = self.offset(address, c.offset_bytes)
            note = ", !range !1" if c.is_length else ""
            held = self.value(f"load {c.memory}, ptr {at}, align {c.align_bytes}{note}")
            loaded.append(self.value(f"icmp ne i8 {held}, 0") if c.register == "i1" else held)
        return tuple(loaded)

    def store(self, t: Type, address: str, parts: Parts) -> None:
        for c, part in zip(self.components(t), parts, strict=True):
            at = self.offset(address, c.offset_bytes)
            held = self.value(f"zext i1 {part} to i8") if c.register == "i1" else part
            self.do(f"store {c.memory} {held}, ptr {at}, align {c.align_bytes}")

    def element(self, address: str, index: str, size_bytes: int) -> str:
        """The address of an element that exists, or of the one past the last."""
        if size_bytes == 0 or index == "0":
            return address
        if size_bytes == 1:
            return self.offset(address, index)
        at = self.value(f"mul nuw nsw i64 {index}, {size_bytes}")
        return self.offset(address, at)

    def byte_count(self, count: str, size_bytes: int) -> str:
        """The bytes of `count` elements, which are known to exist or to fit the address space."""
        if size_bytes == 1 or count == "0":
            return count
        if count.isdigit():
            return str(int(count) * size_bytes)
        return self.value(f"mul nuw nsw i64 {count}, {size_bytes}") if size_bytes else "0"
