"""The model: a `Module` of structs and functions, a `Func` of blocks, a `Block` of instructions.

Strict SSA with block parameters. Values and instructions compare by identity. Uses and edges are written by
`irpass.ir.edit` alone; everything else reads. A literal stands in an operand's place (`add %i, 1`) as a `Literal`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, final

from irpass.diagnostics import Loc
from irpass.ir.types import Type

if TYPE_CHECKING:
    from irpass.ir.ops import Op

Scalar = int | float | bool | bytes | None  # what a literal holds; bytes for []u8 text, None for nil


@final
class Literal:
    """A typed literal: an `int` in the range of its type, a `float`, a `bool`, `bytes` for text, or `None` for nil.

    Compares by type and exact value: 0.0 and -0.0 differ, nan equals nan.
    """

    __slots__ = ("type", "value")

    def __init__(self, type: Type, value: Scalar) -> None:
        self.type: Final = type
        self.value: Final = value

    def key(self) -> tuple[object, ...]:
        value = struct.pack("<d", self.value) if isinstance(self.value, float) else self.value
        return self.type, value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Literal) and self.key() == other.key()

    def __hash__(self) -> int:
        return hash(self.key())

    def __repr__(self) -> str:
        return f"Literal({self.type}, {self.value!r})"


@final
class Value:
    """A value with a name: the result of an instruction, or a parameter of a block or function.

    `owner` is what defines it. `uses` counts, for each instruction that reads it, how often it does.
    """

    __slots__ = ("name", "owner", "type", "uses")

    def __init__(self, type: Type, name: str, owner: Instr | Block | Func) -> None:
        self.type = type
        self.name = name
        self.owner = owner
        self.uses: dict[Instr, int] = {}

    @property
    def definition(self) -> Instr | None:
        """The instruction that defines the value; None for a parameter."""
        return self.owner if isinstance(self.owner, Instr) else None

    def __repr__(self) -> str:
        return f"%{self.name}"


Operand = Value | Literal


@final
class Target:
    """Where a terminator may go, with what it passes to the block's parameters."""

    __slots__ = ("args", "block")

    def __init__(self, block: Block, args: list[Operand]) -> None:
        self.block = block
        self.args = args


@dataclass(frozen=True, slots=True)
class ArenaSpec:
    """What follows the bytes of a `shared.alloc`: sizes in bytes, `limit` None where there is none."""

    align_bytes: int = 8
    limit_bytes: int | None = None
    count: int = 1
    stack: bool = False
    scan: bool = False
    uninit: bool = False


Immediate = int | float | bool | bytes | str | tuple[int, ...] | ArenaSpec | None


@final
class Instr:
    """One instruction.

    `type` is the type word of `const conv make new extent derive`; `imm` is what is neither type nor operand: the
    value of a `const`, a field's number, the callee of a `call`, the cases of a `switch`, the message of a `trap`, the
    `ArenaSpec` of a `shared.alloc`. `flag` is the last word, `uninit` or `zero`. `line` is the line of the IR text, 0
    where there is none.
    """

    __slots__ = ("block", "flag", "imm", "line", "loc", "op", "operands", "result", "targets", "type")

    def __init__(
        self,
        op: Op,
        operands: list[Operand],
        type: Type | None = None,
        imm: Immediate = None,
        flag: str | None = None,
        targets: tuple[Target, ...] = (),
        loc: Loc | None = None,
        line: int = 0,
    ) -> None:
        self.op = op
        self.operands = operands
        self.type = type
        self.imm = imm
        self.flag = flag
        self.targets = targets
        self.loc = loc
        self.line = line
        self.result: Value | None = None
        self.block: Block | None = None

    def inputs(self) -> Iterator[Operand]:
        """Every operand, those passed to target blocks included."""
        yield from self.operands
        for target in self.targets:
            yield from target.args

    def __repr__(self) -> str:
        from irpass.text.printer import instr_text  # only for people at a debugger

        return f"<{instr_text(self)}>"


@final
class Block:
    """A straight run of instructions; the last is its terminator."""

    __slots__ = ("func", "instrs", "line", "name", "params")

    def __init__(self, name: str, func: Func, line: int = 0) -> None:
        self.name = name
        self.func = func
        self.params: list[Value] = []
        self.instrs: list[Instr] = []
        self.line = line

    @property
    def terminator(self) -> Instr | None:
        last = self.instrs[-1] if self.instrs else None
        return last if last is not None and last.op.is_terminator else None

    def successors(self) -> list[Block]:
        """The blocks that the terminator names, in its order, repeated where it repeats them."""
        last = self.terminator
        return [t.block for t in last.targets] if last is not None else []

    def __repr__(self) -> str:
        return f"<block {self.name}>"


@final
class Func:
    """A function; an `extern` one has no blocks, and `attrs` from `pure nocapture nofree noreturn`.

    `ir_epoch` changes with every edit, `cfg_epoch` with every edit of blocks or edges: a cached analysis is valid while
    the epoch that it was computed at stands.
    """

    __slots__ = (
        "_next_suffix", "attrs", "blocks", "cfg_epoch", "ir_epoch", "is_extern", "line",
        "module", "name", "names", "params", "result",
    )  # fmt: skip

    def __init__(
        self,
        name: str,
        module: Module,
        result: Type | None = None,
        is_extern: bool = False,
        attrs: tuple[str, ...] = (),
        line: int = 0,
    ) -> None:
        self.name = name
        self.module = module
        self.params: list[Value] = []
        self.result = result
        self.blocks: list[Block] = []
        self.is_extern = is_extern
        self.attrs = attrs
        self.line = line
        self.ir_epoch = 0
        self.cfg_epoch = 0
        self.names: set[str] = set()  # value names and, behind "^", block labels that are taken
        self._next_suffix: dict[str, int] = {}

    @property
    def entry(self) -> Block:
        return self.blocks[0]

    def instrs(self) -> Iterator[Instr]:
        """Every instruction, block by block in text order."""
        for block in self.blocks:
            yield from block.instrs

    def values(self) -> Iterator[Value]:
        """Every value in the order of the text: the function's parameters, then each block's and its results."""
        yield from self.params
        for block in self.blocks:
            yield from block.params
            for instr in block.instrs:
                if instr.result is not None:
                    yield instr.result

    def fresh_name(self, hint: str = "") -> str:
        """A value name that nothing in the function has: `hint` itself if it is free, else `hint$N`; taken at once."""
        return self._fresh(hint, "")

    def fresh_label(self, hint: str = "b") -> str:
        """A block label that nothing in the function has; taken at once."""
        return self._fresh(hint, "^")

    def _fresh(self, hint: str, space: str) -> str:
        hint = (
            hint.split("$")[0] if hint.rpartition("$")[2].isdigit() else hint
        )  # %a$1 copied again is %a$2, not %a$1$1
        name = hint
        if not hint or space + hint in self.names:
            stem = hint + "$" if hint else ""
            n = self._next_suffix.get(space + stem, 0 if not stem else 1)
            while f"{space}{stem}{n}" in self.names:
                n += 1
            self._next_suffix[space + stem] = n + 1
            name = f"{stem}{n}"
        self.names.add(space + name)
        return name

    def __repr__(self) -> str:
        return f"<func @{self.name}>"


@final
class Struct:
    """A declared struct: `type @name = { fields }`."""

    __slots__ = ("fields", "line", "name")

    def __init__(self, name: str, fields: tuple[Type, ...], line: int = 0) -> None:
        self.name = name
        self.fields = fields
        self.line = line


@final
class Module:
    """Declarations in their order, types and functions in one namespace. `source` is the text it was read from."""

    __slots__ = ("decls", "file", "source")

    def __init__(self, file: str = "<module>", source: str = "") -> None:
        self.decls: dict[str, Struct | Func] = {}
        self.file = file
        self.source = source

    @property
    def funcs(self) -> list[Func]:
        """Functions with bodies, in order."""
        return [d for d in self.decls.values() if isinstance(d, Func) and not d.is_extern]

    @property
    def structs(self) -> list[Struct]:
        return [d for d in self.decls.values() if isinstance(d, Struct)]

    def func(self, name: str) -> Func | None:
        """The function of that name, extern or not; None where there is none."""
        found = self.decls.get(name)
        return found if isinstance(found, Func) else None

    def struct(self, name: str) -> Struct | None:
        found = self.decls.get(name)
        return found if isinstance(found, Struct) else None
