"""What may point to the same memory, who may free it, and what outlives a call: of a whole module.

The references of a function fall into classes: two of one class may point to the same object, and all that is stored in
the objects of a class is of one class too, its `inside`. A call takes over what the callee's summary says of its
parameters and result, with classes of its own for each call (Steensgaard's unification; Lattner and Adve's summaries).
Then callers tell callees what they free. Where a reference comes from one allocation by `slice`, `elem` and `field`
alone, it points there and nowhere else, whatever its class.
"""

from __future__ import annotations

from collections import deque

from irpass.check.classes import Graph, Node, Summary, find, inside, reach, unify
from irpass.ir import ops
from irpass.ir.core import Block, Func, Instr, Literal, Module, Operand, Value
from irpass.ir.layout import Layouts
from irpass.ir.types import ARENA, PointerType, SliceType, Type, is_reference

_SITES = (ops.MAKE, ops.NEW, ops.DERIVE)
_ENDS = (ops.FREE, ops.SHARED_RELEASE, ops.SHARED_FREE)
_PARTS = (ops.SLICE, ops.ELEM, ops.FIELD)
_TOUCH_FIRST = (ops.LOAD, ops.STORE, ops.CLEAR, ops.APPEND)  # memory, through operand 1
_TOUCH_ANY = (ops.PRINT, ops.EXTEND, ops.COPY, ops.CALL)  # or let another do it
_WRITES = (ops.STORE, ops.CLEAR, ops.APPEND, ops.EXTEND, ops.COPY)
_COMPARES = (ops.EQ, ops.NE)
_OUTSIDE = "outside"  # in keys: every class that callers or the world outside may know
_LARGEST = 64  # classes of a summary: a larger one, or one that does not settle, becomes one class
_ROUNDS = 8

# A place that memory may be of: an allocation; a class, or all that is known outside, and whether that is of references
# that may be of any allocation there. Equal keys meet.
Key = tuple[Instr | Node | str, bool]


class Aliases:
    """Answers about the values of `module`, which must stay as it is."""

    def __init__(self, module: Module) -> None:
        self._module = module
        self._layouts = Layouts(module)
        self._graphs: dict[str, Graph] = {}
        self._summaries: dict[str, Summary] = {}
        self._origins: dict[Value, Instr | None] = {}
        self._exact: dict[Instr, list[Value]] = {}  # the references that come from one allocation
        self._freed: dict[Instr, dict[Instr, None]] = {}  # by allocation, what frees it by a name of its own
        for func in module.funcs:
            for instr in func.instrs():
                self._note_origin(instr)
        order, callers = _callees_first(module)
        self._summarize(order, callers)
        self._tell_callees(order)

    # ---- questions

    def origin(self, operand: Operand) -> Instr | None:
        """The one allocation that a reference points into; None where it is not known."""
        return self._origins.get(operand) if isinstance(operand, Value) else None

    def freed_by(self, value: Value) -> Instr | None:
        """A `free`, or a call of an extern that may free, that may end what `value` points to."""
        site = value.definition
        assert site is not None
        return next(iter(self._freed.get(site, ())), None) or find(self._node(value)).freed

    def ends(self, site: Instr) -> list[Instr] | None:
        """What may end the allocation, all of it in its function; None where it may be ended by other names too."""
        assert site.result is not None
        if find(self._node(site.result)).freed is not None:
            return None
        named = [u for alias in self._exact[site] for u in alias.uses if u.op in _ENDS]
        return [*named, *self._freed.get(site, ())]

    def may_alias(self, a: Value, b: Value) -> bool:
        """Whether two references of one function may point into the same allocation."""
        first, second = self.origin(a), self.origin(b)
        if first is not None and second is not None:
            return first is second
        return find(self._node(a)) is find(self._node(b)) or (self._is_foreign(a) and self._is_foreign(b))

    def read_keys(self, value: Value) -> list[Key]:
        """What a write must have a key in common with, of `write_keys` or `call_keys`, to be of what `value` points to:
        the two have one exactly where they may alias."""
        scopes, site = self._scopes(value), self._origins.get(value)
        if site is not None:
            return [(site, True), *((s, True) for s in scopes)]
        return [(s, is_loose) for s in scopes for is_loose in (False, True)]

    def write_keys(self, value: Value) -> list[Key]:
        """Of a write through `value`; `read_keys` says what it may be of."""
        scopes, site = self._scopes(value), self._origins.get(value)
        if site is not None:
            return [(site, True), *((s, False) for s in scopes)]
        return [(s, True) for s in scopes]

    def call_keys(self, call: Instr) -> list[Key]:
        """Of what a call may write to, in the function that it stands in."""
        assert call.block is not None
        graph = self._graphs[call.block.func.name]
        callee = self._module.func(call.imm) if isinstance(call.imm, str) else None
        keys: list[Key] = []
        if callee is not None and callee.is_extern:
            if self._is_pure(call):
                return []
            given = [a for a in call.operands if isinstance(a, Value) and a in graph.nodes]
            inner = [n for a in given if (n := find(graph.nodes[a]).inside) is not None]
            for a in given:
                keys += self.write_keys(a)
            return [*keys, *((n, True) for n in reach(inner)), (_OUTSIDE, True)]
        name, clones = graph.calls[call]
        summary, shared = self._summaries[name], {find(n) for n in graph.shared}
        for k, clone in enumerate(clones):
            if not summary.written[k]:
                continue
            args = [a for r, a in zip(summary.roots, call.operands, strict=False) if r == k]
            if summary.is_just(k) and args and isinstance(args[0], Value):
                keys += self.write_keys(args[0])
            else:
                keys.append((find(clone), True))
                if find(clone) in shared:
                    keys.append((_OUTSIDE, True))
        return keys

    def outlives(self, value: Value) -> bool:
        """Whether what `value` points to may be reached after its function has returned."""
        node = find(self._node(value))
        return any(find(n) is node for n in self._graph(value).shared)

    def touching(self, value: Value) -> dict[Instr, bool]:
        """The instructions of its function that may read or write what `value`, the result of a site, points to, or
        compare its address; of each, whether it does so only by names that are surely for that site."""
        graph, node, site = self._graph(value), find(self._node(value)), value.definition
        assert site is not None
        self._index(graph, _func(value))
        found: dict[Instr, bool] = {}
        others = list(graph.loose.get(node, ()))
        if self._is_foreign(value):
            others += [v for n in graph.shared for v in graph.loose.get(find(n), ())]
            others_call = [c for n in graph.shared for c in graph.reaching.get(find(n), ())]
            found.update(dict.fromkeys(others_call, False))
        for alias in self._exact.get(site, ()):
            found.update(dict.fromkeys((u for u in alias.uses if _touches(u, alias)), True))
        for alias in others:
            found.update(dict.fromkeys((u for u in alias.uses if _touches(u, alias)), False))
        found.update(dict.fromkeys(graph.reaching.get(node, ()), False))
        return found

    def _is_foreign(self, value: Value) -> bool:
        """Whether callers or the world outside may know it: two such classes may be one to them."""
        graph = self._graph(value)
        if graph.foreign is None:
            graph.foreign = frozenset(reach([*graph.roots[:-2], graph.roots[-1]]))
        return find(self._node(value)) in graph.foreign

    def _scopes(self, value: Value) -> list[Node | str]:
        node = find(self._node(value))
        return [node, _OUTSIDE] if self._is_foreign(value) else [node]

    def _graph(self, value: Value) -> Graph:
        return self._graphs[_func(value).name]

    def _node(self, value: Value) -> Node:
        return self._graph(value).nodes[value]

    def _index(self, graph: Graph, func: Func) -> None:
        if graph.is_indexed:
            return
        graph.is_indexed = True
        for value, node in graph.nodes.items():
            if self._origins.get(value) is None:
                graph.loose.setdefault(find(node), []).append(value)
        world = graph.roots[-1]
        for instr in func.instrs():
            if instr.op is ops.CALL and not self._is_pure(instr):
                args = [graph.nodes[a] for a in instr.operands if isinstance(a, Value) and a in graph.nodes]
                known = [
                    self.origin(a) is not None for a in instr.operands if isinstance(a, Value) and a in graph.nodes
                ]
                given = [find(n).inside if k else n for n, k in zip(args, known, strict=True)]
                for n in reach([*(n for n in given if n is not None), world]):
                    graph.reaching.setdefault(n, []).append(instr)

    # ---- bottom-up

    def _note_origin(self, i: Instr) -> None:
        if i.result is None:
            return
        if i.op in _SITES:
            self._origins[i.result] = i
            self._exact[i] = [i.result]
        elif i.op in _PARTS:
            origin = self._origins.get(i.operands[0]) if isinstance(i.operands[0], Value) else None
            if origin is not None:
                self._origins[i.result] = origin
                self._exact[origin].append(i.result)

    def _summarize(self, order: list[Func], callers: dict[str, list[Func]]) -> None:
        rounds = dict.fromkeys((f.name for f in order), 0)
        queue, waiting = deque(order), {f.name for f in order}
        while queue:
            func = queue.popleft()
            waiting.discard(func.name)
            rounds[func.name] += 1
            graph = self._graphs[func.name] = self._analyze(func)
            if len(reach(graph.roots)) > _LARGEST or rounds[func.name] > _ROUNDS:
                for root in graph.roots[1:]:
                    unify(graph.roots[0], root)
                unify(graph.roots[0], inside(graph.roots[0]))
            graph.shared = reach(graph.roots)
            index = {n: k for k, n in enumerate(graph.shared)}
            summary = Summary(
                tuple(index[find(r)] for r in graph.roots),
                tuple(index[find(n.inside)] if n.inside is not None else -1 for n in graph.shared),
                tuple(n.freed is not None for n in graph.shared),
                tuple(n.written for n in graph.shared),
            )
            if self._summaries.get(func.name) != summary:
                self._summaries[func.name] = summary
                for caller in callers[func.name]:
                    if caller.name not in waiting:
                        waiting.add(caller.name)
                        queue.append(caller)

    def _analyze(self, func: Func) -> Graph:
        graph = Graph()
        params = [self._at(graph, p) for p in func.params]
        result, world = Node(), Node()
        world.inside = world
        graph.roots = [*params, result, world]
        for instr in func.instrs():
            self._instr(graph, instr, result, world)
        return graph

    def _at(self, graph: Graph, operand: Operand) -> Node:
        """The class of an operand; a class of its own for what holds no reference."""
        if isinstance(operand, Literal) or not self._holds(operand.type):
            return Node()
        found = graph.nodes.get(operand)
        if found is None:
            found = graph.nodes[operand] = Node()
        return found

    def _instr(self, graph: Graph, i: Instr, result: Node, world: Node) -> None:
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
            if self._holds(_element(i.operands[0].type)):
                unify(inside(self._at(graph, i.operands[0])), inside(self._at(graph, i.operands[1])))
        elif op is ops.RET and i.operands:
            unify(result, self._at(graph, i.operands[0]))
        if op in _WRITES and self.origin(i.operands[0]) is None:
            find(self._at(graph, i.operands[0])).written = True
        if op is ops.FREE:
            self._free(graph, i.operands[0], i)
        elif op is ops.CALL:
            callee = self._module.func(i.imm) if isinstance(i.imm, str) else None
            assert callee is not None
            if callee.is_extern:
                self._call_outside(graph, i, callee, world)
            else:
                self._call(graph, i, callee, world)

    def _call(self, graph: Graph, i: Instr, callee: Func, world: Node) -> None:
        """Put classes of this call for those of the callee's summary."""
        summary = self._summaries.get(callee.name)
        if summary is None:  # of a recursion: nothing is known yet, and this function will be looked at again
            return
        roots = summary.roots
        clones = [Node() for _ in summary.insides]
        for clone, k, is_freed, is_written in zip(clones, *summary[1:], strict=True):
            clone.inside = clones[k] if k >= 0 else None
            clone.freed = i if is_freed else None
            clone.written = is_written
        graph.calls[i] = callee.name, clones
        for k, arg in zip(roots, i.operands, strict=False):
            if clones[k].freed is not None and summary.is_just(k):
                clones[k].freed = None  # just what is given here is freed, whatever else is of its class
                self._free(graph, arg, i)
        for k, arg in zip(roots, i.operands, strict=False):
            unify(clones[k], self._at(graph, arg))
        if i.result is not None:
            unify(clones[roots[-2]], self._at(graph, i.result))
        unify(clones[roots[-1]], world)

    def _free(self, graph: Graph, operand: Operand, by: Instr) -> None:
        """Note that what the operand points to is freed: that one allocation, or any of its class."""
        origin = self.origin(operand)
        if origin is not None:
            self._freed.setdefault(origin, {})[by] = None
        else:
            node = find(self._at(graph, operand))
            node.freed = node.freed or by

    def _call_outside(self, graph: Graph, i: Instr, callee: Func, world: Node) -> None:
        args = [self._at(graph, a) for a in i.operands if self._holds(a.type)]
        if i.result is not None and self._holds(i.result.type):
            unify(self._at(graph, i.result), world)
            for arg in args:
                unify(arg, world)
        if "pure" in callee.attrs:
            return
        for a in i.operands:
            if self._holds(_element(a.type)):  # it may keep, and change, what its arguments lead to
                unify(inside(self._at(graph, a)), world)
        for arg in args if "nocapture" not in callee.attrs else ():
            unify(arg, world)
        if "nofree" not in callee.attrs:
            for a in i.operands:
                self._free(graph, a, i)
                if self._holds(_element(a.type)):
                    inside(self._at(graph, a)).freed = i
            find(world).freed = i

    # ---- top-down

    def _tell_callees(self, order: list[Func]) -> None:
        """What a caller frees of what a callee shares with it, may be freed for the callee too."""
        queue, waiting = deque(reversed(order)), {f.name for f in order}
        while queue:
            func = queue.popleft()
            waiting.discard(func.name)
            for name, clones in self._graphs[func.name].calls.values():
                for clone, shared in zip(clones, self._graphs[name].shared, strict=True):
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

    def _is_pure(self, call: Instr) -> bool:
        callee = self._module.func(call.imm) if isinstance(call.imm, str) else None
        return callee is not None and "pure" in callee.attrs


def _touches(instr: Instr, value: Value) -> bool:
    """Whether the instruction reads or writes memory through `value`, lets another do it, or compares its address."""
    if instr.op in _TOUCH_ANY:
        return any(o is value for o in instr.operands)
    if instr.op in _COMPARES:  # nil equals no memory
        return not any(isinstance(o, Literal) for o in instr.operands)
    return instr.op in _TOUCH_FIRST and instr.operands[0] is value


def _element(t: Type) -> Type:
    return t.elem if isinstance(t, SliceType | PointerType) else t


def _func(value: Value) -> Func:
    owner = value.owner
    if isinstance(owner, Instr):
        assert owner.block is not None
        return owner.block.func
    return owner.func if isinstance(owner, Block) else owner


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
