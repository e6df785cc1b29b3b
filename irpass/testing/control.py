"""Random structured control flow: branches that join, loops that end, frees on one path, early ends.

Since code is structured, what is in sight dominates; since loops count up to a bound, programs end.
"""

from __future__ import annotations

from itertools import accumulate

from irpass.ir.core import Block, Value
from irpass.ir.insertion import OperandLike
from irpass.ir.types import I64, ScalarType, SliceType, Type
from irpass.testing.ends import Ends
from irpass.testing.program import Program
from irpass.testing.scope import Allocation, Ref, merged

_MAX_NESTING = 3


class Body(Ends):
    """Statements with control flow among them, in a function that returns `result`."""

    def __init__(self, program: Program, result: Type | None) -> None:
        super().__init__(program)
        self.result = result
        self.nesting = 0
        self._numbers = 0
        self.table |= {
            "branch": self.branch,
            "switch": self.switch,
            "loop": self.loop,
            "guard": self.guarded_access,
            "free_on_paths": self.free_on_paths,
            "bail": self.bail,
        }
        self._names = list(self.table)
        self._weights = list(accumulate([program.habits[name] for name in self._names]))

    def statements(self, count: int) -> None:
        """About `count` statements; control flow counts for a few."""
        for name in self.program.rng.choices(self._names, cum_weights=self._weights, k=count):
            self.table[name]()

    def _inner(self, most: int) -> int:
        return 1 + self.below(most if self.nesting < 2 else 2)

    # ---- branches

    def branch(self) -> None:
        """Two ways that join again, with what they bring along."""
        if self.nesting >= _MAX_NESTING:
            return
        join, types = self._join()
        condition = self.condition()
        then = self.b.block("then")
        other = self.b.block("else") if types or self.chance(0.5) else join
        self.b.br_if(condition, then, other)
        bails = self.pick((then, other)) if self.chance(0.08) else None
        brought = [self._arm(arm, join, types, arm is bails) for arm in (then, other) if arm is not join]
        self._joined(join, brought)

    def switch(self) -> None:
        if self.nesting >= _MAX_NESTING:
            return
        join, types = self._join()
        arms = [self.b.block("case") for _ in range(2 + self.below(2))]
        on = self.named(I64)
        self.b.switch(on, arms[0], {i + self.below(2) * 5: arm for i, arm in enumerate(arms[1:])})
        self._joined(join, [self._arm(arm, join, types, False) for arm in arms])

    def _join(self) -> tuple[Block, list[Type]]:
        types: list[Type] = [I64] if self.chance(0.3) else []
        live = [r for r in self.scope.refs if r.is_live]
        if live and self.chance(0.5):
            types.append(self.pick(live).type)
        return self.b.block("join", [(self._fresh("j"), t) for t in types]), types

    def _fresh(self, hint: str) -> str:
        """A name for a block's parameter that no value of the function has."""
        self._numbers += 1
        return f"{hint}_{self._numbers}"

    def _arm(self, arm: Block, join: Block, types: list[Type], bails: bool) -> list[OperandLike | Ref]:
        """Fill one way, and go on at `join`; gives what it passes."""
        self.b.at(arm)
        mark = self.scope.enter()
        self.nesting += 1
        self.statements(self._inner(4))
        brought: list[OperandLike | Ref] = []
        if bails:
            self.give()
        else:
            for t in types:
                found = self.scope.of_type(t)
                brought.append(self.integer() if isinstance(t, ScalarType) else self.pick(found) if found else None)
            self.b.br(join, *[x.value if isinstance(x, Ref) else x for x in brought])
        self.nesting -= 1
        self.scope.leave(mark)
        return brought

    def _joined(self, join: Block, brought: list[list[OperandLike | Ref]]) -> None:
        """Go on at `join`, where its parameters are in sight."""
        self.b.at(join)
        ways = [b for b in brought if b]
        for i, param in enumerate(join.params):
            if isinstance(param.type, ScalarType):
                self.scope.add_scalar(param)
                continue
            refs = [r for r in (way[i] for way in ways) if isinstance(r, Ref)]
            ref = refs[0] if refs else Ref(param, (Allocation(self.scope.region, may_free=False),))
            for other in refs[1:]:
                ref = merged(param, ref, other)
            least = ref.least_len if len(refs) == len(ways) else 0
            self.scope.add_ref(Ref(param, ref.allocations, least, ref.is_start and bool(refs)))

    def guarded_access(self) -> None:
        """Accesses of a slice whose length only the run knows, where it is not empty."""
        found = [r for r in self.scope.slices() if not r.least_len]
        if not found or self.nesting >= _MAX_NESTING:
            return
        ref = self.pick(found)
        length = self.scope.add_scalar(self.b.len(ref.value))
        filled = self.scope.add_scalar(self.b.gt(length, 0))
        then, join = self.b.block("filled"), self.b.block("join")
        self.b.br_if(filled, then, join)
        self.b.at(then)
        mark = self.scope.enter()
        self.nesting += 1
        self.scope.add_ref(Ref(ref.value, ref.allocations, 1, ref.is_start))
        self.access()
        self.statements(self._inner(3))
        self.nesting -= 1
        self.scope.leave(mark)
        self.b.br(join)
        self.b.at(join)

    def free_on_paths(self) -> None:
        """Frees that one way through a branch makes, or both, perhaps not of the same."""
        found = [r for r in self.scope.refs if self.may_end(r)]
        if not found or self.nesting >= _MAX_NESTING:
            return
        chosen = [r for r in found if self.chance(0.6)] or found[:1]
        then, other, join = self.b.block("drop"), self.b.block("else"), self.b.block("join")
        self.b.br_if(self.condition(), then, other)
        is_even = self.chance(0.5)
        for arm in (then, other):
            self.b.at(arm)
            freed: set[int] = set()
            for ref in chosen:
                names = set(map(id, ref.allocations))
                if not names & freed and (is_even or self.chance(0.5)):
                    freed |= names
                    self.b.free(ref.value)
            self.b.br(join)
        self.b.at(join)
        for ref in chosen:
            for allocation in ref.allocations:
                allocation.ended = True

    def bail(self) -> None:
        """A way that leaves the function, or the program, taken in few runs."""
        if self.nesting >= _MAX_NESTING:
            return
        rare = self.b.eq(self.named(I64), 17 + self.below(9)) if self.chance(0.8) else self.condition()
        then, on = self.b.block("bail"), self.b.block("on")
        self.b.br_if(rare, then, on)
        self.b.at(then)
        mark = self.scope.enter()
        if self.chance(0.4):
            self.table[self.pick(("print", "free", "allocate"))]()
        self.give()
        self.scope.leave(mark)
        self.b.at(on)

    def give(self) -> None:
        """Leave the function."""
        if self.chance(0.25):
            self.b.trap(self.pick(("gave up", "no luck", "")))
        elif self.result is None:
            self.b.ret()
        else:
            self.b.ret(self.default(self.result))

    # ---- loops

    def loop(self) -> None:
        """A loop that counts up to a small bound, and may carry a number and a slice from turn to turn."""
        if self.nesting >= _MAX_NESTING or self.scope.region.loops >= 2:
            return
        bound: OperandLike = 1 + self.below(3)
        if self.chance(0.3):
            bound = self.b.and_(self.named(I64), 3)
        elif self.chance(0.04):
            bound = 1 << 30
        live = [r for r in self.scope.slices() if r.is_written]
        carried = self.pick(live) if live and self.chance(0.35) else None
        params: list[tuple[str, Type]] = [(self._fresh("i"), I64)]
        start: list[OperandLike] = [0]
        if carried is not None:
            params.append((self._fresh("c"), carried.type))
            start.append(carried.value)
        if self.chance(0.4):
            params.append((self._fresh("t"), I64))
            start.append(self.integer())
        head = self.b.block("loop", params)
        body, after = self.b.block("body"), self.b.block("after")
        self.b.br(head, *start)
        self.b.at(head)
        counter = head.params[0]
        more = self.b.lt(counter, bound)
        self.b.br_if(more, body, after)
        self.b.at(body)
        mark = self.scope.enter(is_loop=True)
        self.nesting += 1
        self.scope.add_scalar(counter, is_small=True)
        for param in head.params[1:]:
            if isinstance(param.type, SliceType) and carried is not None:
                self.scope.add_ref(self._carried(param, carried))
            else:
                self.scope.add_scalar(param)
        self.statements(self._inner(5))
        following: list[OperandLike] = [self.b.add(counter, 1), *map(self._next, head.params[1:])]
        self.b.br(head, *following)
        self.nesting -= 1
        self.scope.leave(mark)
        self.b.at(after)
        for param in head.params:
            if isinstance(param.type, SliceType) and carried is not None:
                self.scope.add_ref(self._carried(param, carried))
            else:
                self.scope.add_scalar(param)

    def _carried(self, param: Value, start: Ref) -> Ref:
        later = Allocation(self.scope.region, may_free=False)
        return Ref(param, (*start.allocations, later), 0, False)

    def _next(self, param: Value) -> OperandLike:
        """What the next turn gets for a parameter of the loop."""
        t = param.type
        if isinstance(t, SliceType):
            found = self.scope.of_type(t)
            if found and self.chance(0.6):
                return self.pick(found).value
            value = self.operand(t.elem)
            return self.b.append(param, value) if isinstance(value, Value | int | float) and found else param
        return self.b.add(param, self.integer()) if self.chance(0.7) else self.integer()
