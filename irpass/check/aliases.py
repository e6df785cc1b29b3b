"""What may point to the same memory, who may free it, and what outlives a call: questions about a whole module.

The references of a function fall into classes: two of one class may point to the same object, and all that is stored in
the objects of a class is of one class too, its `inside` (`classes`, `summaries`). Where a reference comes from one
allocation by `slice`, `elem` and `field` alone, it points there and nowhere else, whatever its class.
"""

from __future__ import annotations

from irpass.check.classes import Graph, Node, find, reach
from irpass.check.summaries import Summaries
from irpass.ir import ops
from irpass.ir.core import Block, Func, Instr, Literal, Module, Operand, Value

_ENDS = (ops.FREE, ops.SHARED_RELEASE, ops.SHARED_FREE)
_TOUCH_FIRST = (ops.LOAD, ops.STORE, ops.CLEAR, ops.APPEND)  # memory, through operand 1
_TOUCH_ANY = (ops.PRINT, ops.EXTEND, ops.COPY, ops.CALL)  # or let another do it
_COMPARES = (ops.EQ, ops.NE)
_OUTSIDE = "outside"  # in keys: every class that callers or the world outside may know

# A place that memory may be of: an allocation; a class, or all that is known outside, and whether that is of references
# that may be of any allocation there. Equal keys meet.
Key = tuple[Instr | Node | str, bool]


class Aliases:
    """Answers about the values of `module`, which must stay as it is."""

    def __init__(self, module: Module) -> None:
        self._module = module
        self._found = Summaries(module)

    def origin(self, operand: Operand) -> Instr | None:
        """The one allocation that a reference points into; None where it is not known."""
        return self._found.origins.get(operand) if isinstance(operand, Value) else None

    def freed_by(self, value: Value) -> Instr | None:
        """A `free`, or a call of an extern that may free, that may end what `value` points to."""
        site = value.definition
        assert site is not None
        return next(iter(self._found.freed.get(site, ())), None) or find(self._node(value)).freed

    def ends(self, site: Instr) -> list[Instr] | None:
        """What may end the allocation, all of it in its function; None where it may be ended by other names too."""
        assert site.result is not None
        if find(self._node(site.result)).freed is not None:
            return None
        named = [u for alias in self._found.exact[site] for u in alias.uses if u.op in _ENDS]
        return [*named, *self._found.freed.get(site, ())]

    def may_alias(self, a: Value, b: Value) -> bool:
        """Whether two references of one function may point into the same allocation."""
        first, second = self.origin(a), self.origin(b)
        if first is not None and second is not None:
            return first is second
        return find(self._node(a)) is find(self._node(b)) or (self._is_foreign(a) and self._is_foreign(b))

    def read_keys(self, value: Value) -> list[Key]:
        """What a write must have a key in common with, of `write_keys` or `call_keys`, to be of what `value` points to:
        the two have one exactly where they may alias."""
        scopes, site = self._scopes(value), self.origin(value)
        if site is not None:
            return [(site, True), *((s, True) for s in scopes)]
        return [(s, is_loose) for s in scopes for is_loose in (False, True)]

    def write_keys(self, value: Value) -> list[Key]:
        """Of a write through `value`; `read_keys` says what it may be of."""
        scopes, site = self._scopes(value), self.origin(value)
        if site is not None:
            return [(site, True), *((s, False) for s in scopes)]
        return [(s, True) for s in scopes]

    def call_keys(self, call: Instr) -> list[Key]:
        """Of what a call may write to, in the function that it stands in."""
        assert call.block is not None
        graph = self._found.graphs[call.block.func.name]
        callee = self._module.func(call.imm) if isinstance(call.imm, str) else None
        keys: list[Key] = []
        if callee is not None and callee.is_extern:
            if is_pure_call(call):
                return []
            given = [a for a in call.operands if isinstance(a, Value) and a in graph.nodes]
            inner = [n for a in given if (n := find(graph.nodes[a]).inside) is not None]
            for a in given:
                keys += self.write_keys(a)
            return [*keys, *((n, True) for n in reach(inner)), (_OUTSIDE, True)]
        name, clones = graph.calls[call]
        summary, outside = self._found.summaries[name], _outside(graph)
        for k, clone in enumerate(clones):
            if not summary.marks[k].written:
                continue
            args = [a for r, a in zip(summary.roots, call.operands, strict=False) if r == k]
            if summary.is_just(k) and args and isinstance(args[0], Value):
                keys += self.write_keys(args[0])
            else:
                keys.append((find(clone), True))
                if find(clone) in outside:
                    keys.append((_OUTSIDE, True))
        return [*keys, (_OUTSIDE, True)] if summary.writes_outside else keys

    def outlives(self, value: Value) -> bool:
        """Whether what `value` points to may be reached after its function has returned."""
        node = find(self._node(value))
        return node.captured or any(find(n) is node for n in self._graph(value).shared)

    def touching(self, value: Value) -> dict[Instr, bool]:
        """The instructions of its function that may read or write what `value`, the result of a site, points to, or
        compare its address; of each, whether it does so only by names that are surely for that site."""
        graph, node, site = self._graph(value), find(self._node(value)), value.definition
        assert site is not None
        self._index(graph, _func(value))
        found: dict[Instr, bool] = {}
        others, calls = graph.loose.get(node, []), graph.reaching.get(node, [])
        if self._is_foreign(value):
            others, calls = [v for n in _outside(graph) for v in graph.loose.get(n, ())], graph.impure
        found.update(dict.fromkeys(calls, False))
        for alias in self._found.exact.get(site, ()):
            found.update(dict.fromkeys((u for u in alias.uses if _touches(u, alias)), True))
        for alias in others:
            found.update(dict.fromkeys((u for u in alias.uses if _touches(u, alias)), False))
        return found

    def _is_foreign(self, value: Value) -> bool:
        """Whether callers or the world outside may know it: two such classes may be one to them."""
        return find(self._node(value)) in _outside(self._graph(value))

    def _scopes(self, value: Value) -> list[Node | str]:
        node = find(self._node(value))
        return [node, _OUTSIDE] if self._is_foreign(value) else [node]

    def _graph(self, value: Value) -> Graph:
        return self._found.graphs[_func(value).name]

    def _node(self, value: Value) -> Node:
        return self._graph(value).nodes[value]

    def _index(self, graph: Graph, func: Func) -> None:
        if graph.is_indexed:
            return
        graph.is_indexed = True
        for value, node in graph.nodes.items():
            if self.origin(value) is None and value not in self._found.given:
                graph.loose.setdefault(find(node), []).append(value)
        for instr in func.instrs():
            if instr.op is ops.CALL:
                if not is_pure_call(instr):
                    graph.impure.append(instr)
                args = [(find(graph.nodes[a]), a) for a in instr.operands if isinstance(a, Value) and a in graph.nodes]
                given = [n.inside if self.origin(a) is not None else n for n, a in args]
                for n in reach(n for n in given if n is not None):
                    graph.reaching.setdefault(n, []).append(instr)


def is_pure_call(call: Instr) -> bool:
    """Whether `call` calls an extern that is `pure`."""
    assert call.block is not None
    callee = call.block.func.module.func(call.imm) if isinstance(call.imm, str) else None
    return callee is not None and "pure" in callee.attrs


def _outside(graph: Graph) -> dict[Node, None]:
    """The classes that callers or the world outside may know, in order."""
    if graph.outside is None:
        marked = (n for n in reach(graph.nodes.values()) if n.captured or n.foreign)
        graph.outside = dict.fromkeys([*reach(graph.roots[:-1]), *marked])
    return graph.outside


def _touches(instr: Instr, value: Value) -> bool:
    """Whether the instruction reads or writes memory through `value`, lets another do it, or compares its address."""
    if instr.op in _TOUCH_ANY:
        return any(o is value for o in instr.operands)
    if instr.op in _COMPARES:  # nil equals no memory
        return not any(isinstance(o, Literal) for o in instr.operands)
    return instr.op in _TOUCH_FIRST and instr.operands[0] is value


def _func(value: Value) -> Func:
    owner = value.owner
    if isinstance(owner, Instr):
        assert owner.block is not None
        return owner.block.func
    return owner.func if isinstance(owner, Block) else owner
