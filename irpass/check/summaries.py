"""Classes for the references of each function of a module, callees first; then callers tell callees what they free.

A call takes over what the callee's summary says of its parameters and result, with classes of its own for each call
(Lattner and Adve). What externs keep is captured, what they give is foreign: something foreign may be anything that was
captured, and nothing else that the module made.
"""

from __future__ import annotations

from collections import deque

from irpass.check.classes import Graph, Marks, Node, Summary, find, inside, reach, unify
from irpass.ir import ops
from irpass.ir.core import Func, Instr, Literal, Module, Operand, Value
from irpass.ir.layout import Layouts
from irpass.ir.types import ARENA, PointerType, SliceType, Type, is_reference

_SITES = (ops.MAKE, ops.NEW, ops.DERIVE)
_PARTS = (ops.SLICE, ops.ELEM, ops.FIELD)
_WRITES = (ops.STORE, ops.CLEAR, ops.APPEND, ops.EXTEND, ops.COPY)
_LARGEST = 64  # classes of a summary: a larger one, or one that does not settle even when flat, becomes one class
_ROUNDS = 8  # after which a recursion along a list is known: each one goes a step further, so what is in it is as it is
_MOST_ROUNDS = 32


class Summaries:
    """The classes of all functions of `module`.

    `origins` gives the one allocation that a reference comes from by `slice`, `elem` and `field` alone, `exact` all
    references that come so from one allocation, `freed` what frees an allocation through one of them. `given` are the
    references that come so, or by growing, from a parameter: to no site's allocation since.
    """

    def __init__(self, module: Module) -> None:
        self.graphs: dict[str, Graph] = {}
        self.summaries: dict[str, Summary] = {}
        self.origins: dict[Value, Instr] = {}
        self.exact: dict[Instr, list[Value]] = {}
        self.freed: dict[Instr, dict[Instr, None]] = {}
        self.given: set[Value] = set()
        self._module = module
        self._layouts = Layouts(module)
        self._frees_captured: Instr | None = None  # what may free anything that was captured
        for func in module.funcs:
            self.given.update(func.params)
            for instr in func.instrs():
                self._note_origin(instr)
            self._note_given(func)
        order, callers = _callees_first(module)
        self._summarize(order, callers)
        for func in module.funcs:
            self._note_given(func)
        self._free_captured()
        self._tell_callees(order)

    def _note_origin(self, i: Instr) -> None:
        if i.result is None:
            return
        if i.op in _SITES:
            self.origins[i.result] = i
            self.exact[i] = [i.result]
        elif i.op in _PARTS:
            origin = self._origin(i.operands[0])
            if origin is not None:
                self.origins[i.result] = origin
                self.exact[origin].append(i.result)

    def _note_given(self, func: Func) -> None:
        """Note what comes from parameters; from callees too, once there are summaries to say what they give back."""
        for i in func.instrs():
            if i.op in (*_PARTS, ops.APPEND, ops.EXTEND):  # what was given, or a buffer of its own
                is_given = i.operands[0] in self.given
            else:
                is_given = i.op is ops.CALL and self._gives_back(i)
            if is_given and i.result is not None:
                self.given.add(i.result)

    def _gives_back(self, call: Instr) -> bool:
        """Whether a callee can give back nothing but what it was given, and was given that of a parameter's."""
        summary = self.summaries.get(call.imm) if isinstance(call.imm, str) else None
        if summary is None:
            return False
        k = summary.roots[-1]
        if k in summary.insides or summary.marks[k].foreign:
            return False
        same = [o for r, o in zip(summary.roots, call.operands, strict=False) if r == k]
        return bool(same) and all(o in self.given for o in same)

    def _origin(self, operand: Operand) -> Instr | None:
        return self.origins.get(operand) if isinstance(operand, Value) else None

    # ---- bottom-up

    def _summarize(self, order: list[Func], callers: dict[str, list[Func]]) -> None:
        rounds = dict.fromkeys((f.name for f in order), 0)
        queue, waiting = deque(order), {f.name for f in order}
        while queue:
            func = queue.popleft()
            waiting.discard(func.name)
            rounds[func.name] += 1
            graph = self.graphs[func.name] = self._analyze(func)
            if rounds[func.name] > _ROUNDS:
                for root in graph.roots:
                    _flatten(root)
            if len(reach(graph.roots)) > _LARGEST or rounds[func.name] > _MOST_ROUNDS:
                for root in graph.roots[1:]:
                    unify(graph.roots[0], root)
                unify(graph.roots[0], inside(graph.roots[0]))
            _spread(graph)
            graph.shared = reach(graph.roots)
            index = {n: k for k, n in enumerate(graph.shared)}
            summary = Summary(
                tuple(index[find(r)] for r in graph.roots),
                tuple(index[find(n.inside)] if n.inside is not None else -1 for n in graph.shared),
                tuple(Marks(n.freed is not None, n.written, n.captured, n.foreign) for n in graph.shared),
                graph.writes_outside,
            )
            if self.summaries.get(func.name) != summary:
                self.summaries[func.name] = summary
                for caller in callers[func.name]:
                    if caller.name not in waiting:
                        waiting.add(caller.name)
                        queue.append(caller)

    def _analyze(self, func: Func) -> Graph:
        graph, result = Graph(), Node()
        graph.roots = [*(self._at(graph, p) for p in func.params), result]
        for instr in func.instrs():
            self._instr(graph, instr, result)
        return graph

    def _at(self, graph: Graph, operand: Operand) -> Node:
        """The class of an operand; a class of its own for what holds no reference."""
        if isinstance(operand, Literal) or not self._holds(operand.type):
            return Node()
        found = graph.nodes.get(operand)
        if found is None:
            found = graph.nodes[operand] = Node()
        return found

    def _instr(self, graph: Graph, i: Instr, result: Node) -> None:
        op = i.op
        for target in i.targets:
            for arg, param in zip(target.args, target.block.params, strict=False):
                if self._holds(param.type):
                    unify(self._at(graph, arg), self._at(graph, param))
        if i.result is not None and self._holds(i.result.type):
            mine = self._at(graph, i.result)
            if op is ops.LOAD:
                unify(mine, inside(self._at(graph, i.operands[0])))
            elif op in _PARTS or op is ops.APPEND or op is ops.EXTEND:
                unify(mine, self._at(graph, i.operands[0]))
            elif op is ops.SELECT:
                unify(mine, self._at(graph, i.operands[1]))
                unify(mine, self._at(graph, i.operands[2]))
        if op is ops.STORE or op is ops.APPEND:
            if self._holds(i.operands[-1].type):
                unify(inside(self._at(graph, i.operands[0])), self._at(graph, i.operands[-1]))
        elif op is ops.COPY or op is ops.EXTEND:
            if self._holds(element(i.operands[0].type)):
                unify(inside(self._at(graph, i.operands[0])), inside(self._at(graph, i.operands[1])))
        elif op is ops.RET and i.operands:
            unify(result, self._at(graph, i.operands[0]))
        if op in _WRITES and self._origin(i.operands[0]) is None:
            find(self._at(graph, i.operands[0])).written = True
        if op is ops.FREE:
            self._free(graph, i.operands[0], i)
        elif op is ops.CALL:
            callee = self._module.func(i.imm) if isinstance(i.imm, str) else None
            assert callee is not None
            if callee.is_extern:
                self._call_outside(graph, i, callee)
            else:
                self._call(graph, i, callee)

    def _call(self, graph: Graph, i: Instr, callee: Func) -> None:
        """Put classes of this call for those of the callee's summary."""
        summary = self.summaries.get(callee.name)
        if summary is None:  # of a recursion: nothing is known yet, and this function will be looked at again
            return
        roots = summary.roots
        clones = [Node() for _ in summary.insides]
        for clone, k, marks in zip(clones, summary.insides, summary.marks, strict=True):
            clone.inside = clones[k] if k >= 0 else None
            clone.freed = i if marks.freed else None
            clone.written, clone.captured, clone.foreign = marks[1:]
        graph.calls[i] = callee.name, clones
        graph.writes_outside |= summary.writes_outside
        for k, arg in zip(roots, i.operands, strict=False):
            if clones[k].freed is not None and summary.is_just(k):
                clones[k].freed = None  # just what is given here is freed, whatever else is of its class
                self._free(graph, arg, i)
        for k, arg in zip(roots, i.operands, strict=False):
            unify(clones[k], self._at(graph, arg))
        if i.result is not None:
            unify(clones[roots[-1]], self._at(graph, i.result))

    def _free(self, graph: Graph, operand: Operand, by: Instr) -> None:
        """Note that what the operand points to is freed: that one allocation, or any of its class."""
        origin = self._origin(operand)
        if origin is not None:
            self.freed.setdefault(origin, {})[by] = None
        else:
            node = find(self._at(graph, operand))
            node.freed = node.freed or by

    def _call_outside(self, graph: Graph, i: Instr, callee: Func) -> None:
        args = [self._at(graph, a) for a in i.operands if self._holds(a.type)]
        gives = i.result is not None and self._holds(i.result.type)
        if gives and i.result is not None:
            find(self._at(graph, i.result)).foreign = True
        if gives or not {"pure", "nocapture"}.intersection(callee.attrs):  # what it gives may be what it was given
            for arg in args:
                find(arg).captured = True
        if "pure" in callee.attrs:
            return
        graph.writes_outside = True
        for arg in args:
            find(arg).written = True
        for a in i.operands:
            if self._holds(element(a.type)):  # it may keep, and change, what its arguments lead to
                node = inside(self._at(graph, a))
                node.captured = node.foreign = True
        if "nofree" not in callee.attrs:
            for a in i.operands:
                self._free(graph, a, i)
            self._frees_captured = self._frees_captured or i

    # ---- all at once

    def _free_captured(self) -> None:
        """Where something foreign is freed, so may be all that was captured, in whatever function."""
        graphs = list(self.graphs.values())
        freed = (n.freed for graph in graphs for n in _all(graph) if n.foreign and n.freed is not None)
        by = self._frees_captured or next(freed, None)
        for node in (n for graph in graphs for n in _all(graph) if n.captured):
            node.freed = node.freed or by

    # ---- top-down

    def _tell_callees(self, order: list[Func]) -> None:
        """What a caller frees of what a callee shares with it, may be freed for the callee too."""
        queue, waiting = deque(reversed(order)), {f.name for f in order}
        while queue:
            func = queue.popleft()
            waiting.discard(func.name)
            for name, clones in self.graphs[func.name].calls.values():
                for clone, shared in zip(clones, self.graphs[name].shared, strict=True):
                    by, theirs = find(clone).freed, find(shared)
                    if by is not None and theirs.freed is None:
                        theirs.freed = by
                        callee = self._module.func(name)
                        if callee is not None and name not in waiting:
                            waiting.add(name)
                            queue.append(callee)

    # ---- types

    def _holds(self, t: Type) -> bool:
        return is_reference(t) or (t is not ARENA and self._layouts.of(t).is_scan)


def element(t: Type) -> Type:
    """What a reference leads to; other types as they are."""
    return t.elem if isinstance(t, SliceType | PointerType) else t


def _all(graph: Graph) -> list[Node]:
    return reach([*graph.nodes.values(), *graph.roots])


def _flatten(root: Node) -> None:
    """Make what an object holds, and what that holds, one class with it."""
    node = find(root)
    while node.inside is not None and find(node.inside) is not node:
        unify(node, node.inside)
        node = find(node)


def _spread(graph: Graph) -> None:
    """What is in an object that the world outside may know, it may know too, and may have put there."""
    for node in _all(graph):
        inner = node.inside if node.captured or node.foreign else None
        while inner is not None and not (find(inner).captured and find(inner).foreign):
            inner = find(inner)
            inner.captured = inner.foreign = True
            inner = inner.inside
    graph.writes_outside |= any(n.written and n.foreign for n in _all(graph))


def _callees_first(module: Module) -> tuple[list[Func], dict[str, list[Func]]]:
    """The functions with bodies, callees before callers but for recursion; and who calls each."""
    callees: dict[str, list[str]] = {}
    callers: dict[str, list[Func]] = {f.name: [] for f in module.funcs}
    for func in module.funcs:
        called = dict.fromkeys(i.imm for i in func.instrs() if i.op is ops.CALL and isinstance(i.imm, str))
        callees[func.name] = [name for name in called if name in callers]
        for name in callees[func.name]:
            callers[name].append(func)
    order: list[Func] = []
    seen: set[str] = set()
    for func in module.funcs:
        stack = [(func.name, iter(callees[func.name]))] if func.name not in seen else []
        seen.add(func.name)
        while stack:
            name, rest = stack[-1]
            following = next((c for c in rest if c not in seen), None)
            if following is not None:
                seen.add(following)
                stack.append((following, iter(callees[following])))
                continue
            stack.pop()
            done = module.func(name)
            assert done is not None
            order.append(done)
    return order, callers
