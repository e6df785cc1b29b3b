"""Where slices and pointers may flow in a module: what may be freed, what leaves its function, what aliases what.

A node is a value, or a place that many values share: the memory that holds one reference type, the results of one
function, the world outside, and `FREED`, where `free` takes its operand. Edges are copies. What points into an object
is one with what points to its start. Linear in instructions; calls are not told apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from irpass.ir import ops
from irpass.ir.core import Func, Instr, Literal, Module, Operand, Value
from irpass.ir.types import PointerType, SliceType, StructType, Type, is_reference

Node = Value | tuple[str, object]
FREED: Final = ("freed", None)
WORLD: Final = ("world", None)
_KEEPS_ORIGIN = (ops.SLICE, ops.ELEM, ops.FIELD, ops.APPEND, ops.EXTEND)


class Flow:
    """The copies of references in `module`."""

    def __init__(self, module: Module) -> None:
        self._module = module
        self._inside: dict[Type, tuple[Type, ...]] = {}
        self._next: dict[Node, list[Node]] = {}
        self._previous: dict[Node, list[Node]] = {}
        self._frees: dict[Node, Instr] = {}  # what a `free` or a call outside takes, and where
        for func in module.funcs:
            for instr in func.instrs():
                self._instr(func, instr)
        self._doomed = self._freed_by()

    def freed_by(self, value: Value) -> Instr | None:
        """A `free`, or a call of an extern that may free, that may be given what `value` points to."""
        return self._doomed.get(value)

    def aliases(self, value: Value) -> list[Node]:
        """Every node that may come to hold a reference into what `value` points to; `value` first."""
        seen: dict[Node, None] = {value: None}
        stack: list[Node] = [value]
        while stack:
            for node in self._next.get(stack.pop(), ()):
                if node not in seen:
                    seen[node] = None
                    stack.append(node)
        return list(seen)

    def leaves(self, aliases: Iterable[Node], func: Func) -> bool:
        """Whether one of these is memory, the world, or a result of `func`: what outlives its call."""
        return any(
            n is WORLD or n == ("result", func.name) or n[0] == "memory" for n in aliases if isinstance(n, tuple)
        )

    # ---- edges

    def _edge(self, source: Operand | Node, target: Node) -> None:
        if isinstance(source, Literal) or (isinstance(source, Value) and not self._holds(source.type)):
            return
        self._next.setdefault(source, []).append(target)
        self._previous.setdefault(target, []).append(source)

    def _instr(self, func: Func, i: Instr) -> None:
        op, result = i.op, i.result
        if result is not None and self._holds(result.type):
            if op in _KEEPS_ORIGIN:
                self._edge(i.operands[0], result)
            elif op is ops.SELECT:
                self._edge(i.operands[1], result)
                self._edge(i.operands[2], result)
            elif op is ops.LOAD:
                self._from_memory(result.type, result)
        if op is ops.APPEND or op is ops.STORE:
            self._into_memory(i.operands[-1])
        elif op is ops.FREE:
            self._end(i.operands[0], i)
        elif op is ops.RET and i.operands:
            self._edge(i.operands[0], ("result", func.name))
        elif op is ops.CALL:
            self._call(i)
        for target in i.targets:
            for arg, param in zip(target.args, target.block.params, strict=False):
                self._edge(arg, param)

    def _into_memory(self, source: Operand | Node, t: Type | None = None) -> None:
        t = source.type if isinstance(source, Value | Literal) else t
        for inner in self._references(t) if t is not None else ():
            self._edge(source, ("memory", inner))

    def _from_memory(self, t: Type, target: Node) -> None:
        for inner in self._references(t):
            self._edge(("memory", inner), target)

    def _end(self, source: Operand | Node, by: Instr) -> None:
        if not isinstance(source, Literal):
            self._frees.setdefault(source, by)

    def _call(self, i: Instr) -> None:
        callee = self._module.func(i.imm) if isinstance(i.imm, str) else None
        assert callee is not None
        if not callee.is_extern:
            for arg, param in zip(i.operands, callee.params, strict=True):
                self._edge(arg, param)
            if i.result is not None:
                self._edge(("result", callee.name), i.result)
            return
        if i.result is not None and self._holds(i.result.type):
            self._edge(WORLD, i.result)
            for arg in i.operands:
                self._edge(arg, i.result)
        if "pure" in callee.attrs:
            return
        inner = dict.fromkeys(t for arg in i.operands for t in self._reachable(arg.type))
        for t in inner:  # it may read what its arguments lead to, keep it, and put there what it kept
            self._edge(("memory", t), WORLD)
            self._edge(WORLD, ("memory", t))
        if "nocapture" not in callee.attrs:
            for arg in i.operands:
                self._edge(arg, WORLD)
        if "nofree" not in callee.attrs:
            self._end(WORLD, i)
            for node in [*i.operands, *(("memory", t) for t in inner)]:
                self._end(node, i)

    # ---- types

    def _holds(self, t: Type) -> bool:
        return bool(self._references(t))

    def _references(self, t: Type) -> tuple[Type, ...]:
        """The reference types of the parts of a `t`."""
        if is_reference(t):
            return (t,)
        if not isinstance(t, StructType):
            return ()
        found = self._inside.get(t)
        if found is None:
            found = self._inside[t] = tuple(self._parts([t], follow=False))
        return found

    def _reachable(self, t: Type) -> tuple[Type, ...]:
        """The reference types of all memory that a `t` leads to."""
        return tuple(self._parts([t.elem], follow=True)) if isinstance(t, SliceType | PointerType) else ()

    def _parts(self, todo: list[Type], follow: bool) -> dict[Type, None]:
        found: dict[Type, None] = {}
        seen = set(todo)
        while todo:
            t = todo.pop()
            inner: Sequence[Type] = ()
            if isinstance(t, SliceType | PointerType):
                found[t] = None
                inner = (t.elem,) if follow else ()
            elif isinstance(t, StructType):
                struct = self._module.struct(t.symbol)
                inner = struct.fields if struct is not None else ()
            for part in inner:
                if part not in seen:
                    seen.add(part)
                    todo.append(part)
        return found

    # ---- frees

    def _freed_by(self) -> dict[Node, Instr]:
        """For each node that may hold what is freed, one instruction that may free it."""
        found = dict(self._frees)
        stack = list(found)
        while stack:
            node = stack.pop()
            for source in self._previous.get(node, ()):
                if source not in found:
                    found[source] = found[node]
                    stack.append(source)
        return found
