"""Functions to code that runs: each block becomes segments, straight runs of handlers that end where control may go.

A function is decoded when it is first called.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from operator import itemgetter
from typing import Any, NamedTuple, final

from irpass.interp import access_handlers, alloc_handlers, scalar_handlers, slice_handlers
from irpass.interp.frame import FrameLayout, Handler, Regs
from irpass.interp.outcome import TrapError
from irpass.ir import ops
from irpass.ir.core import Func, Instr, Target

Branch = Callable[[Regs], "Segment"]
Gather = Callable[[Regs], Any]  # the tuple of some registers


class CallSite(NamedTuple):
    """A call that ends a segment: its arguments, the register of the result, and where the caller goes on."""

    callee: Func
    arguments: Gather
    out: int
    after: Segment


@final
class Segment:
    """Handlers to run in order, and then: the call of `call`; or what `branch` gives is the next segment; or, with
    neither, the function returns what register `returned` holds, if there is one.

    `instrs` are the instructions in order, the one that ends the segment included; `count` says how many.
    """

    __slots__ = ("branch", "call", "count", "handlers", "instrs", "returned")

    def __init__(self) -> None:
        self.handlers: tuple[Handler, ...] = ()
        self.branch: Branch | None = None
        self.call: CallSite | None = None
        self.returned: int | None = None
        self.instrs: list[Instr] = []
        self.count = 0

    def ending(self) -> Segment:
        """The segment that does only what this one ends with."""
        last = Segment()
        last.branch, last.call, last.returned = self.branch, self.call, self.returned
        last.instrs, last.count = self.instrs[-1:], 1
        return last


class Code(NamedTuple):
    """A decoded function. Its frames start as copies of `template`; register `stack_arenas` lists a frame's own."""

    entry: Segment
    template: Regs
    param_count: int
    stack_arenas: int | None
    layout: FrameLayout


_MANY_INSTRS = 10_000


def decode(layout: FrameLayout) -> Code:
    """The code of the function that `layout` is for."""
    # Python's collector would look through the handlers made so far again and again, and none of them is garbage:
    # without it, a function of 100,000 blocks is decoded in a third of the time.
    is_large = gc.isenabled() and sum(len(block.instrs) for block in layout.func.blocks) > _MANY_INSTRS
    if is_large:
        gc.disable()
    try:
        return _decode(layout)
    finally:
        if is_large:
            gc.enable()


def _decode(layout: FrameLayout) -> Code:
    func, watch = layout.func, layout.watch
    first_of: dict[str, Segment] = {block.name: Segment() for block in func.blocks}
    for block in func.blocks:
        segment, handlers, start = first_of[block.name], [], 0
        for i, instr in enumerate(block.instrs):
            build = _HANDLERS.get(instr.op)
            if build is not None:
                handler = build(layout, instr)
                handlers.append(handler if watch is None else watch(layout, instr, handler))
                continue
            segment.handlers, segment.instrs = tuple(handlers), block.instrs[start : i + 1]
            segment.count = len(segment.instrs)
            handlers, start = [], i + 1
            if instr.op is ops.CALL:
                segment.call = _call(layout, instr)
                segment = segment.call.after
            elif instr.op is ops.RET:
                segment.returned = layout.reg(instr.operands[0]) if instr.operands else None
            else:
                segment.branch = _BRANCHES[instr.op](layout, instr, first_of)
    return Code(first_of[func.entry.name], layout.template, len(func.params), layout.stack_arenas_register, layout)


def gather(regs: list[int]) -> Gather:
    """What gives the tuple of these registers."""
    if len(regs) == 1:
        only = regs[0]
        return lambda held: (held[only],)
    return itemgetter(*regs) if regs else lambda held: ()


def _call(layout: FrameLayout, instr: Instr) -> CallSite:
    callee = layout.func.module.func(instr.imm) if isinstance(instr.imm, str) else None
    assert callee is not None
    return CallSite(callee, gather(layout.regs(instr.operands)), layout.out(instr), Segment())


def _edge(layout: FrameLayout, target: Target, first_of: dict[str, Segment]) -> Branch:
    """Pass the arguments, all at once, and go to the block."""
    segment, params = first_of[target.block.name], target.block.params
    if not params:
        return lambda regs: segment
    sources = layout.regs(target.args)
    first = layout.reg(params[0])
    if len(params) == 1:
        source = sources[0]

        def pass_one(regs: Regs) -> Segment:
            regs[first] = regs[source]
            return segment

        return pass_one
    last, arguments = first + len(params), gather(sources)

    def pass_all(regs: Regs) -> Segment:
        regs[first:last] = arguments(regs)
        return segment

    return pass_all


def _br(layout: FrameLayout, instr: Instr, first_of: dict[str, Segment]) -> Branch:
    return _edge(layout, instr.targets[0], first_of)


def _br_if(layout: FrameLayout, instr: Instr, first_of: dict[str, Segment]) -> Branch:
    condition = layout.reg(instr.operands[0])
    if not any(target.args for target in instr.targets):
        yes, no = (first_of[target.block.name] for target in instr.targets)
        return lambda regs: yes if regs[condition] else no
    go_yes, go_no = (_edge(layout, target, first_of) for target in instr.targets)
    return lambda regs: go_yes(regs) if regs[condition] else go_no(regs)


def _switch(layout: FrameLayout, instr: Instr, first_of: dict[str, Segment]) -> Branch:
    assert isinstance(instr.imm, tuple)
    subject = layout.reg(instr.operands[0])
    default, *others = (_edge(layout, target, first_of) for target in instr.targets)
    cases = dict(zip(instr.imm, others, strict=True))
    return lambda regs: cases.get(regs[subject], default)(regs)


def _trap(layout: FrameLayout, instr: Instr, first_of: dict[str, Segment]) -> Branch:
    assert isinstance(instr.imm, bytes)
    message = instr.imm.decode("utf-8", "surrogateescape")

    def branch(regs: Regs) -> Segment:
        raise TrapError(message)

    return branch


_BRANCHES: dict[ops.Op, Callable[[FrameLayout, Instr, dict[str, Segment]], Branch]] = {
    ops.BR: _br,
    ops.BR_IF: _br_if,
    ops.SWITCH: _switch,
    ops.TRAP: _trap,
}
_HANDLERS: dict[ops.Op, Callable[[FrameLayout, Instr], Handler]] = {
    ops.CONST: scalar_handlers.const,
    **dict.fromkeys(ops.ARITHMETIC, scalar_handlers.arithmetic),
    **dict.fromkeys((ops.NEG, ops.NOT, ops.CONV), scalar_handlers.one_operand),
    **dict.fromkeys(ops.COMPARISONS, scalar_handlers.comparison),
    ops.SELECT: scalar_handlers.select,
    ops.EXTENT: scalar_handlers.extent,
    **dict.fromkeys((ops.LEN, ops.CAP), slice_handlers.measure),
    ops.SLICE: slice_handlers.reslice,
    ops.APPEND: slice_handlers.growing,
    ops.EXTEND: slice_handlers.growing,
    ops.COPY: slice_handlers.copying,
    ops.CLEAR: slice_handlers.clearing,
    ops.PRINT: slice_handlers.printing,
    ops.LOAD: access_handlers.load,
    ops.STORE: access_handlers.store,
    ops.ELEM: access_handlers.elem,
    ops.FIELD: access_handlers.field,
    ops.MAKE: alloc_handlers.make,
    ops.NEW: alloc_handlers.new,
    ops.FREE: alloc_handlers.free,
    ops.SHARED_ALLOC: alloc_handlers.allocating_arena,
    ops.DERIVE: alloc_handlers.deriving,
    ops.SHARED_RELEASE: alloc_handlers.releasing,
    ops.SHARED_FREE: alloc_handlers.freeing_members,
}
