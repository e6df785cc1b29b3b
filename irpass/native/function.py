"""Lowering of one function: its blocks in order, block parameters as phis."""

from __future__ import annotations

from collections.abc import Callable

from irpass.ir import ops
from irpass.ir.core import Block, Func, Instr, Target
from irpass.ir.types import ScalarType
from irpass.native import access_ops, alloc_ops, call_ops, scalar_ops, slice_ops
from irpass.native.arena import end_frame
from irpass.native.blocks import reachable_blocks
from irpass.native.context import Context
from irpass.native.layout import scalar_constant, scalar_type
from irpass.native.writer import FunctionWriter, Parts

Handler = Callable[[FunctionWriter, Instr], None]


def lower_function(context: Context, func: Func) -> str:
    """The LLVM text that defines `func`."""
    return _Function(context, func).text()


class _Function:
    def __init__(self, context: Context, func: Func) -> None:
        self.w = FunctionWriter(context, func)
        self.func = func
        debug = context.debug
        self.subprogram = debug.subprogram(func) if debug is not None else None
        self.debug = f" !dbg !{self.subprogram}" if self.subprogram is not None else ""
        self.order = reachable_blocks(func)
        self.labels = {block: f"b{i}" for i, block in enumerate(self.order)}
        self.phis: dict[Block, list[tuple[str, str]]] = {}  # name and type of each part of each parameter
        self.incoming: dict[Block, list[tuple[Parts, str]]] = {block: [] for block in self.order}

    def text(self) -> str:
        w, func = self.w, self.func
        arguments = []
        for i, param in enumerate(func.params):
            row = w.components(param.type)
            names = tuple([f"%a{i}.{k}" for k in range(len(row))])
            w.define(param, names)
            arguments += [
                f"{c.register} range(i64 0, {-1 << 63}) {name}" if c.is_length else f"{c.register} {name}"
                for c, name in zip(row, names, strict=True)
            ]
        if w.context.depths.counts(func):
            arguments.append(f"i64 {call_ops.DEPTH}")
        # Blocks that return come last: what they give back with the frame is known once all others are lowered.
        bodies = {block: self._block(block) for block in sorted(self.order, key=_returns)}
        lines = [
            f"define internal fastcc {w.shapes.result(func.result)} {call_ops.symbol(func)}"
            f"({', '.join(arguments)}) #0{self.debug} {{",
            "entry:", *w.prologue, f"  br label %{self.labels[func.entry]}",
        ]  # fmt: skip
        for block in self.order:
            lines += [f"{self.labels[block]}:", *self._phi_lines(block), *bodies[block]]
        return "\n".join([*lines, *w.cold, "}", ""])

    def _block(self, block: Block) -> list[str]:
        w = self.w
        w.lines, w.label = [], self.labels[block]
        self.phis[block] = []
        for i, param in enumerate(block.params):
            row = [(f"%{w.label}.{i}.{k}", c.register) for k, c in enumerate(w.components(param.type))]
            self.phis[block] += row
            w.define(param, tuple([name for name, _ in row]))
        for instr in block.instrs:
            self._locate(instr)
            terminate = _TERMINATORS.get(instr.op)
            if terminate is not None:
                terminate(self, instr)
            else:
                HANDLERS[instr.op](w, instr)
        return w.lines

    def _phi_lines(self, block: Block) -> list[str]:
        lines = []
        for i, (name, llvm_type) in enumerate(self.phis[block]):
            cases = ", ".join(f"[ {parts[i]}, %{label} ]" for parts, label in self.incoming[block])
            lines.append(f"  {name} = phi {llvm_type} {cases}")
        return lines

    def _locate(self, instr: Instr) -> None:
        debug = self.w.context.debug
        if debug is not None and self.subprogram is not None:
            self.w.location = f", !dbg !{debug.location(self.subprogram, instr.loc)}"

    # -- terminators

    def edge(self, target: Target, label: str) -> None:
        """Note that `label` goes to the target's block with the target's arguments."""
        parts = tuple([part for arg in target.args for part in self.w.parts(arg)])
        self.incoming[target.block].append((parts, label))

    def edges(self, instr: Instr) -> tuple[list[str], list[tuple[str, Target]]]:
        """The label to go to for each target, and the blocks between that pass the arguments of a further edge to one
        block: a phi has one value for each block before it."""
        labels, between, seen = [], [], set[Block]()
        for target in instr.targets:
            if target.args and target.block in seen:
                middle = self.w.fresh("edge")
                between.append((middle, target))
                labels.append(middle)
            else:
                labels.append(self.labels[target.block])
                self.edge(target, self.w.label)
            seen.add(target.block)
        return labels, between

    def pass_between(self, between: list[tuple[str, Target]]) -> None:
        for label, target in between:
            self.w.start(label)
            self.edge(target, label)
            self.w.branch(self.labels[target.block])

    def br(self, instr: Instr) -> None:
        (target,) = instr.targets
        self.edge(target, self.w.label)
        self.w.branch(self.labels[target.block])

    def br_if(self, instr: Instr) -> None:
        condition = self.w.one(instr.operands[0])
        (yes, no), between = self.edges(instr)
        self.w.do(f"br i1 {condition}, label %{yes}, label %{no}")
        self.pass_between(between)

    def switch(self, instr: Instr) -> None:
        t = instr.operands[0].type
        assert isinstance(t, ScalarType) and isinstance(instr.imm, tuple)
        (default, *others), between = self.edges(instr)
        name, subject = scalar_type(t), self.w.one(instr.operands[0])
        cases = " ".join(
            f"{name} {scalar_constant(t, case)}, label %{label}" for case, label in zip(instr.imm, others, strict=True)
        )
        self.w.do(f"switch {name} {subject}, label %{default} [{cases}]")
        self.pass_between(between)

    def ret(self, instr: Instr) -> None:
        w = self.w
        end_frame(w)
        t = self.func.result
        parts = w.parts(instr.operands[0]) if instr.operands else ()
        if t is None or not parts:
            w.do("ret void")
        else:
            w.do(f"ret {w.shapes.result(t)} {call_ops.pack(w, t, parts)}")

    def trap(self, instr: Instr) -> None:
        assert isinstance(instr.imm, bytes)
        self.w.trap(instr, instr.imm.decode("utf-8", "surrogateescape"))


def _returns(block: Block) -> bool:
    last = block.terminator
    return last is not None and last.op is ops.RET


_TERMINATORS: dict[ops.Op, Callable[[_Function, Instr], None]] = {
    ops.BR: _Function.br,
    ops.BR_IF: _Function.br_if,
    ops.SWITCH: _Function.switch,
    ops.RET: _Function.ret,
    ops.TRAP: _Function.trap,
}
HANDLERS: dict[ops.Op, Handler] = {
    ops.CONST: scalar_ops.const,
    **dict.fromkeys(ops.ARITHMETIC, scalar_ops.arithmetic),
    **dict.fromkeys(ops.COMPARISONS, scalar_ops.compare),
    ops.NEG: scalar_ops.negate,
    ops.NOT: scalar_ops.invert,
    ops.SELECT: scalar_ops.select,
    ops.CONV: scalar_ops.convert,
    ops.EXTENT: scalar_ops.extent,
    ops.MAKE: alloc_ops.make,
    ops.NEW: alloc_ops.new,
    ops.FREE: alloc_ops.free,
    ops.SHARED_ALLOC: alloc_ops.shared_alloc,
    ops.DERIVE: alloc_ops.derive,
    ops.SHARED_RELEASE: alloc_ops.release,
    ops.SHARED_FREE: alloc_ops.free_members,
    **dict.fromkeys((ops.LEN, ops.CAP), slice_ops.measure),
    ops.SLICE: slice_ops.reslice,
    ops.APPEND: slice_ops.append,
    ops.EXTEND: slice_ops.extend,
    ops.COPY: slice_ops.copy,
    ops.CLEAR: slice_ops.clear,
    ops.PRINT: slice_ops.printing,
    ops.LOAD: access_ops.load,
    ops.STORE: access_ops.store,
    ops.ELEM: access_ops.elem,
    ops.FIELD: access_ops.field,
    ops.CALL: call_ops.call,
}
