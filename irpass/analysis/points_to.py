"""Which references may name the same allocation, who may hold it after us, and who may free it.

Unification-based points-to (Steensgaard 1996), made polymorphic in calls by bottom-up summaries over the call graph's
strongly connected components, as in Lattner and Adve's data structure analysis (2007): near linear in the program. Each
reference belongs to a *class* of references that may name the same object; a class has one class of contents, what is
stored in its objects. Flow does not count: what holds for one point of a function is assumed for all.

A last pass from callers to callees tells each class what callers may do with what they get or hand in.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator

from irpass.analysis.alias_classes import (
    CAPTURED,
    FOREIGN,
    FREED,
    FREED_BY_CALL,
    FREED_OWN,
    KEPT,
    OUTER,
    SPREADS,
    WRITTEN,
    AliasClass,
    Summary,
    as_seen_by_caller,
    contents_of,
    find,
    reachable,
    reaches,
    tell,
    unify,
)
from irpass.analysis.call_graph import call_components, callee_name, is_recursive
from irpass.ir import ops
from irpass.ir.core import Func, Instr, Module, Operand, Value
from irpass.ir.layout import LayoutError, Layouts
from irpass.ir.types import PointerType, SliceType, Type

_FREES = (ops.FREE, ops.SHARED_RELEASE, ops.SHARED_FREE)
_MAKES = (ops.MAKE, ops.NEW, ops.DERIVE)
_MAX_ROUNDS = 6  # of settling the summaries of a recursion: flags and classes settle in two or three
_LARGEST_SUMMARY = 64  # classes; a larger one is merged into one class: precision goes, cost stays linear


class PointsTo:
    """The analysis of a whole module. It is as old as the module was when it was made: ask first, edit last."""

    def __init__(self, module: Module) -> None:
        self._module = module
        self._layouts = Layouts(module)
        self._classes: dict[Value, AliasClass] = {}
        self._results: dict[str, AliasClass] = {}
        self._summaries: dict[str, Summary] = {}
        self._calls: dict[
            Instr, list[AliasClass]
        ] = {}  # a call -> what stands here for each class of the callee's summary
        self._group: frozenset[str] = frozenset()
        components = call_components(module)
        recursive = is_recursive(module, components)
        for names in components:
            funcs = [f for f in map(module.func, names) if f is not None]
            if names[0] not in recursive or not self._settle(funcs):
                self._group = frozenset(names)
                self._summaries.update(self._analyze(funcs))
                self._group = frozenset()
        self._tell_callees(components, recursive)
        self._spread(self._classes.values())
        self.frees: dict[object, list[Instr]] = {}  # the instructions of the module that free, by class
        # Something that is freed, here or by a callee, may have come from outside: whatever was kept there may be it.
        self.may_free_foreign = any(self._may_free_foreign(*called) for called in self._calls.items())
        self.frees_captured: Instr | None = None  # a call of an extern that may free what another has kept
        for func in module.funcs:
            for instr in func.instrs():
                if instr.op in _FREES:
                    self._note_free(instr)
                elif instr.op is ops.CALL and self.frees_captured is None and self._may_free_captured(instr):
                    self.frees_captured = instr

    def _settle(self, funcs: list[Func]) -> bool:
        """Analyze functions that call one another until their summaries stand, each call by its callee's own.

        False where that takes too long: they are then to share their classes, which is coarser and always ends.
        """
        self._summaries.update({f.name: self._nothing(f) for f in funcs})
        for _ in range(_MAX_ROUNDS):
            found = self._analyze(funcs)
            stands = all(found[f.name].says_the_same(self._summaries[f.name]) for f in funcs)
            self._summaries.update(found)
            if stands:
                return True
        return False

    def _analyze(self, funcs: list[Func]) -> dict[str, Summary]:
        for func in funcs:
            self._declare(func)
        for func in funcs:
            for instr in func.instrs():
                self._flow(func, instr)
        for func in funcs:
            self._spread(self._func_classes(func.name))
        return {f.name: self._summarize(f) for f in funcs}

    def _nothing(self, func: Func) -> Summary:
        """The summary of a function that does nothing: where settling starts."""
        self._declare(func)
        return self._summarize(func)

    def _note_free(self, instr: Instr) -> None:
        for operand in instr.operands:
            if isinstance(operand, Value) and operand in self._classes:
                c = find(self._classes[operand])
                self.frees.setdefault(c, []).append(instr)
                self.may_free_foreign |= bool(c.flags & FOREIGN) and not _is_own(operand)

    def _may_free_foreign(self, call: Instr, here: list[AliasClass]) -> bool:
        """Whether a call may free something that is not just an allocation of its function, named by its site."""
        summary = self._summaries[callee_name(call)]
        for k, flags in enumerate(summary.flags):
            if flags & (FREED | FREED_BY_CALL) and find(here[k]).flags & FOREIGN:
                given = [o for index, o in zip(summary.params, call.operands, strict=True) if index == k]
                if k in summary.contents or len(given) != 1 or not _is_own(given[0]):
                    return True
        return False

    def _may_free_captured(self, call: Instr) -> bool:
        callee = self._module.func(callee_name(call))
        return callee is not None and callee.is_extern and not {"pure", "nofree"} & set(callee.attrs)

    # ---- questions

    def may_alias(self, a: Value, b: Value) -> bool:
        """Whether the two references of one function may name the same object."""
        return find(self._classes[a]) is find(self._classes[b])

    def flags(self, value: Value) -> int:
        """The flags of the class of a reference: `FREED` and so on."""
        return find(self._classes[value]).flags

    def class_of(self, value: Value) -> object:
        """A token of the class of a reference: two are equal exactly when the classes are one."""
        return find(self._classes[value])

    def knows(self, value: Value) -> bool:
        """Whether `value` holds references, and so has a class."""
        return value in self._classes

    def classes_within(self, value: Value) -> Iterator[object]:
        """Tokens of the classes of what is stored in what `value` names, and in that, and so on."""
        contents = find(self._classes[value]).contents
        return iter(()) if contents is None else reachable(contents)

    def reaches(self, value: Value, classes: Container[object]) -> bool:
        """Whether `value`, or what is stored in what it names and so on, is of one of these classes."""
        return any(c in classes for c in reachable(self._classes[value]))

    def call_does(self, call: Instr, value: Value, flag: int) -> bool:
        """Whether this call may do to the object of `value` what `flag` says, such as `FREED_BY_CALL`."""
        wanted = find(self._classes[value])
        summary = self._summaries.get(callee_name(call))
        here = self._calls.get(call)
        if summary is None or here is None:
            return self._extern_does(call, wanted, flag)
        return any(as_seen_by_caller(s) & flag and find(c) is wanted for s, c in zip(summary.flags, here, strict=True))

    def _extern_does(self, call: Instr, wanted: AliasClass, flag: int) -> bool:
        callee = self._module.func(callee_name(call))
        if callee is None or not callee.is_extern:
            return bool(wanted.flags & flag)  # within a recursion: whatever any of them does
        if flag & WRITTEN:
            return "pure" not in callee.attrs and bool(wanted.flags & (CAPTURED | FOREIGN | WRITTEN))
        return bool(wanted.flags & flag) and any(
            isinstance(o, Value) and o in self._classes and reaches(self._classes[o], wanted) for o in call.operands
        )

    # ---- flow within a function

    def _holds_references(self, t: Type) -> bool:
        if isinstance(t, SliceType | PointerType):
            return True
        try:
            return self._layouts.of(t).is_scan
        except LayoutError:
            return False

    def _declare(self, func: Func) -> None:
        for param in func.params:
            if self._holds_references(param.type):
                self._classes[param] = AliasClass(OUTER)
        if func.result is not None and self._holds_references(func.result):
            self._results[func.name] = AliasClass(OUTER)
        for block in func.blocks:
            for param in block.params:
                if self._holds_references(param.type):
                    self._classes[param] = AliasClass()
            for instr in block.instrs:
                result = instr.result
                if result is not None and self._holds_references(result.type):
                    self._classes[result] = AliasClass()

    def _of(self, operand: Operand) -> AliasClass | None:
        return self._classes.get(operand) if isinstance(operand, Value) else None

    def _same(self, a: AliasClass | None, b: AliasClass | None) -> None:
        if a is not None and b is not None:
            unify(a, b)

    def _write(self, place: Operand) -> None:
        c = self._of(place)
        if c is not None:
            find(c).flags |= WRITTEN

    def _put(self, place: Operand, stored: Operand) -> None:
        """`stored` goes into the object of `place`."""
        self._write(place)
        into, what = self._of(place), self._of(stored)
        if into is not None and what is not None:
            unify(contents_of(into), what)

    def _flow(self, func: Func, i: Instr) -> None:
        for target in i.targets:
            for param, arg in zip(target.block.params, target.args, strict=True):
                self._same(self._of(param), self._of(arg))
        op, operands = i.op, i.operands
        result = self._of(i.result) if i.result is not None else None
        if op is ops.LOAD:
            base = self._of(operands[0])
            if result is not None and base is not None:
                unify(contents_of(base), result)
        elif op is ops.STORE:
            self._put(operands[0], operands[-1])
        elif op in (ops.SLICE, ops.ELEM, ops.FIELD):
            self._same(result, self._of(operands[0]))
        elif op is ops.SELECT:
            self._same(result, self._of(operands[1]))
            self._same(result, self._of(operands[2]))
        elif op is ops.APPEND:
            self._same(result, self._of(operands[0]))
            self._put(operands[0], operands[1])
        elif op in (ops.EXTEND, ops.COPY):
            if op is ops.EXTEND:
                self._same(result, self._of(operands[0]))
            self._copy(operands[0], operands[1])
        elif op is ops.CLEAR:
            self._write(operands[0])
        elif op in _FREES:
            for operand in operands:
                c = self._of(operand)
                if c is not None:
                    find(c).flags |= FREED_OWN if _is_own(operand) else FREED
        elif op is ops.RET and operands:
            self._same(self._results.get(func.name), self._of(operands[0]))
        elif op is ops.CALL:
            self._call(i, result)

    def _copy(self, to: Operand, source: Operand) -> None:
        self._write(to)
        into, out = self._of(to), self._of(source)
        if into is None or out is None or not isinstance(to, Value) or not isinstance(to.type, SliceType):
            return
        if self._holds_references(to.type.elem):
            unify(contents_of(into), contents_of(out))

    # ---- calls

    def _call(self, call: Instr, result: AliasClass | None) -> None:
        name = callee_name(call)
        callee = self._module.func(name)
        args = [self._of(o) for o in call.operands]
        if callee is None:
            return
        if callee.is_extern:
            self._call_extern(callee, [a for a in args if a is not None], result)
        elif name in self._group:
            self._calls.pop(call, None)
            for param, arg in zip(callee.params, args, strict=True):
                self._same(self._of(param), arg)
            self._same(self._results.get(name), result)
        else:
            summary = self._summaries[name]
            here = [AliasClass(as_seen_by_caller(flags)) for flags in summary.flags]
            for c, inner in zip(here, summary.contents, strict=True):
                if inner >= 0:
                    c.contents = here[inner]
            for index, arg in zip(summary.params, args, strict=True):
                if index >= 0 and arg is not None:
                    unify(here[index], arg)
            if summary.result >= 0 and result is not None:
                unify(here[summary.result], result)
            self._calls[call] = here

    def _call_extern(self, callee: Func, args: list[AliasClass], result: AliasClass | None) -> None:
        pure = "pure" in callee.attrs
        flags = 0 if pure else WRITTEN
        if not pure and "nofree" not in callee.attrs:
            flags |= FREED_BY_CALL
        if not pure and "nocapture" not in callee.attrs:
            flags |= CAPTURED | KEPT | FOREIGN  # what it stores into the objects that it got may be anything
        for arg in args:
            for c in reachable(arg):
                c.flags |= flags
            if flags & FOREIGN:
                contents_of(arg)
        if result is not None:
            find(result).flags |= FOREIGN | CAPTURED
            for arg in args:
                unify(result, arg)  # it may give back what it got, or a part of it
                unify(contents_of(result), result)

    # ---- summaries

    def _summarize(self, func: Func) -> Summary:
        index: dict[AliasClass, int] = {}
        order: list[AliasClass] = []

        def number(c: AliasClass | None) -> int:
            if c is None:
                return -1
            c = find(c)
            if c not in index:
                index[c] = len(order)
                order.append(c)
            return index[c]

        params = [number(self._of(p)) for p in func.params]
        result = number(self._results.get(func.name))
        at = 0
        while at < len(order):
            number(order[at].contents)
            at += 1
            if len(order) > _LARGEST_SUMMARY:
                for c in order[1:]:
                    unify(order[0], c)
                unify(contents_of(order[0]), order[0])
                return self._summarize(func)  # now of one class: this happens once
        contents = [index[find(c.contents)] if c.contents is not None else -1 for c in order]
        return Summary(params, result, [c.flags for c in order], contents, order)

    def _tell_callees(self, components: list[list[str]], recursive: set[str]) -> None:
        """From callers to callees: what a caller may free, the callee's own classes must know."""
        calls: dict[str, list[tuple[Summary, list[AliasClass]]]] = {}
        for call, here in self._calls.items():
            assert call.block is not None
            calls.setdefault(call.block.func.name, []).append((self._summaries[callee_name(call)], here))
        for names in reversed(components):
            own = [c for name in names for c in self._func_classes(name)]
            told = True
            while told:  # once, but for a recursion: there what a caller is told it may have to tell itself
                self._spread(own)
                news = [tell(s, here) for name in names for s, here in calls.get(name, ())]
                told = any(news) and names[0] in recursive

    def _func_classes(self, name: str) -> Iterator[AliasClass]:
        func = self._module.func(name)
        if func is None:
            return
        for value in func.values():
            if value in self._classes:
                yield self._classes[value]

    def _spread(self, classes: Iterable[AliasClass]) -> None:
        """What holds of an object's holders holds of what is stored in it."""
        done: dict[AliasClass, int] = {}
        for start in classes:
            c = find(start)
            while done.get(c) != c.flags:
                done[c] = c.flags
                if c.contents is None:
                    break
                inner = find(c.contents)
                inner.flags |= c.flags & SPREADS | (KEPT if c.flags & FOREIGN else 0)
                c = inner


def _is_own(operand: Operand) -> bool:
    """Whether `operand` is the very name of an allocation of its function."""
    return isinstance(operand, Value) and operand.definition is not None and operand.definition.op in _MAKES
