"""Random statements that end the life of memory, here or in a function that is called."""

from __future__ import annotations

from irpass.ir.core import Value
from irpass.ir.insertion import OperandLike
from irpass.ir.ops import MAKE, NEW
from irpass.ir.types import (
    BYTES,
    I64,
    PointerType,
    ScalarType,
    SliceType,
    Type,
    is_reference,
)
from irpass.testing.aliases import Aliases, NotFound
from irpass.testing.program import Callee, Program
from irpass.testing.scope import Allocation, Ref, Stored


class Ends(Aliases):
    """Statements that free, calls, which may do anything, and patterns of several statements."""

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self.table |= {
            "burst": self.burst,
            "loaded": self.loaded_length,
            "stash": self.stash,
            "free": self.free,
            "turns": lambda: self.end_in_turn(self.some_to_end()),
            "call": self.call,
        }

    def burst(self) -> None:
        """A few allocations close to one another, perhaps with something between."""
        elem = self.program.elem_type() if self.chance(0.4) else None
        made = []
        for _ in range(2 + self.below(4)):
            made.append(self.allocate(elem))
            if self.chance(0.35):
                self.pick((self.access, self.arithmetic, self.put_reference, self.print_scalars))()
        if self.chance(0.25 * self.program.habits["free"]):
            if self.chance(0.5):
                made.reverse()
            self.end_in_turn([r for r in made if self.chance(0.85)])

    def loaded_length(self) -> None:
        """A length that is loaded behind an allocation, from memory that may be written or freed in between."""
        boxes = [r for r in self.writable() if r.type in (SliceType(I64), PointerType(I64))]
        if boxes and self.chance(0.6):
            box = self.pick(boxes)
        else:
            self.new_ref(self.pick((SliceType(I64), PointerType(I64))), 1 + self.below(3))
            box = self.scope.refs[-1]
        at = self.below(box.least_len) if isinstance(box.type, SliceType) else None
        other = box.value
        if at is not None and self.chance(0.5):
            other = self.b.slice(box.value, 0, at + 1) if self.chance(0.6) else self.b.select(True, box.value, other)
        if self.chance(0.6):
            self.b.store(box.value, self.small(), index=at)
        self.allocate()
        for _ in range(self.below(3)):
            between = self.pick(("store", "store", "print", "access", "call", "call", "free", "arithmetic"))
            if between == "store":
                self.b.store(other, self.small(), index=at)
            elif between == "call":
                self.call(box)
            elif between != "free":
                self.table[between]()
            elif self.program.risk and self.chance(0.3):
                self.end(box)
        if not self.program.risk or self.chance(0.9):
            length = self.b.load(self.pick((box.value, other)), at)
        else:
            length = self.b.load(box.value, self.index(box) if at is not None else None)
        self.scope.add_scalar(length)
        if self.chance(0.6):
            length = self.scope.add_scalar(self.b.and_(length, 7), is_small=True)
        t = self.program.elem_type()
        made = Allocation(self.scope.region)
        self.scope.add_ref(Ref(self.b.make(t, length, name="s"), (made,), 0))

    def stash(self) -> None:
        """Put a slice somewhere, get it back, and do something with it under its new name."""
        t = self.pick((SliceType(I64), BYTES, SliceType(self.program.scalar_type())))
        box_type = self.pick((SliceType(t), PointerType(t)))
        found = [r for r in self.scope.of_type(t) if r.is_start]
        if not found:
            self.new_ref(t)
        held = self.pick(found) if found else self.scope.refs[-1]
        self.new_ref(box_type, 1 + self.below(2))
        box = self.scope.refs[-1]
        slot = self.below(box.least_len) if isinstance(box_type, SliceType) else None
        self.b.store(box.value, held.value, index=slot)
        self.scope.stored.append(Stored(box, slot, held))
        if self.chance(0.5):
            self.table[self.pick(("allocate", "burst", "bulk", "grow", "call"))]()
        if not box.is_live or not held.is_live:
            return
        if slot is not None and self.chance(0.4):
            box, slot = self.moved_box(box, slot, held)
        got = Ref(self.b.load(box.value, slot, name="got"), held.allocations, held.least_len, held.is_start)
        self.scope.add_ref(got)
        if self.may_end(got) and self.chance(0.6):
            self.end(got)

    def moved_box(self, box: Ref, slot: int, held: Ref) -> tuple[Ref, int]:
        """Another slice with `held` in it, and where: a copy of `box`, or what it grows into."""
        if self.chance(0.5):
            self.new_ref(box.type, box.least_len)
            target = self.scope.refs[-1]
            self.b.copy(target.value, box.value)
            return target, slot
        value = self.b.append(box.value, held.value, name="grown")
        grown = Ref(value, (*box.allocations, Allocation(self.scope.region)), box.least_len + 1, box.is_start)
        return self.scope.add_ref(grown), box.least_len

    def free(self) -> None:
        if self.risks():
            if self.scope.refs:
                self.end(self.pick(self.scope.refs))
            elif self.chance(0.3):
                self.b.free(None)
            return
        found = self.to_end()
        if found:
            self.end(self.pick(found))

    def to_end(self) -> list[Ref]:
        """What may be freed: now and then only what has a second name, or was loaded."""
        found = [r for r in self.scope.refs if self.may_end(r)]
        if self.chance(0.35):
            aliases = [r for r in found if r.value.definition is None or r.value.definition.op not in (MAKE, NEW)]
            return aliases or found
        return found

    def some_to_end(self) -> list[Ref]:
        found = self.to_end()
        return [self.pick(found) for _ in range(2 + self.below(2))] if found else []

    def end_in_turn(self, refs: list[Ref]) -> None:
        """Free one after the other, with something in between that may touch what is gone already."""
        for ref in refs:
            if not self.may_end(ref):
                continue
            self.end(ref)
            if self.chance(0.3):
                self.table[self.pick(("access", "print", "call", "get", "allocate"))]()
            elif self.program.risk and self.chance(0.35):
                names = [r for r in self.scope.refs if set(r.allocations) & set(ref.allocations)]
                gone = self.pick(names or [ref])  # what comes of nil is of no allocation
                if self.chance(0.3) or not gone.least_len:
                    self.end(gone)
                elif isinstance(gone.type, SliceType):
                    self.b.load(gone.value, self.below(gone.least_len))
                else:
                    self.b.load(gone.value)

    def may_end(self, ref: Ref) -> bool:
        """Whether a free of `ref` is good, and not in a deeper loop than the allocation."""
        loops = self.scope.region.loops
        return (
            ref.is_start
            and ref.is_live
            and all(a.may_free and a.region.loops >= loops for a in ref.allocations)
            and (ref.least_len > 0 or isinstance(ref.type, SliceType))
        )

    def end(self, ref: Ref) -> None:
        self.b.free(ref.value)
        for allocation in ref.allocations:
            allocation.ended = True

    def call(self, ref: Ref | None = None) -> None:
        """Call something; with a `ref`, something that takes such, if there is one."""
        callees = self.program.callees
        if ref is not None:
            callees = [c for c in callees if any(p.type is ref.type for p in c.func.params)]
        if callees:
            self.call_one(self.pick(callees), ref)

    def call_one(self, chosen: Callee, wanted: Ref | None) -> None:
        args: list[OperandLike] = []
        refs: list[Ref | None] = []
        for i, param in enumerate(chosen.func.params):
            ref: Ref | None = None
            if i == chosen.depth:
                args.append(self.below(4) if not self.risks() else self.integer())
            elif isinstance(param.type, ScalarType):
                args.append(self.small() if param.type is I64 and not self.risks() else self.scalar(param.type))
            elif is_reference(param.type):
                found = [wanted] if wanted is not None and wanted.type is param.type else self.scope.of_type(param.type)
                if i in chosen.frees and not self.risks():
                    found = [r for r in found if self.may_end(r)]
                if found and self.chance(0.95):
                    ref = self.pick(found)
                    args.append(ref.value)
                else:
                    args.append(self.new_ref(param.type))
                    ref = self.scope.refs[-1]
            else:
                return
            refs.append(ref)
        result = self.b.call(chosen.func, *args)
        for i in sorted(chosen.frees):
            freed = refs[i]
            for allocation in freed.allocations if freed is not None else ():
                allocation.ended = True
        if result is not None:
            self.add_result(result, chosen, refs)

    def add_result(self, result: Value, callee: Callee, refs: list[Ref | None]) -> None:
        if isinstance(result.type, ScalarType):
            self.scope.add_scalar(result)
        elif is_reference(result.type):
            alias = refs[callee.gives] if callee.gives is not None else None
            if alias is not None:
                self.scope.add_ref(Ref(result, alias.allocations, 0, alias.is_start))
            else:
                own = Allocation(self.scope.region, may_free=not callee.func.is_extern or self.chance(0.5))
                self.scope.add_ref(Ref(result, (own,), 0, True))

    def default(self, t: Type) -> OperandLike:
        """An operand of any type that a function may return."""
        found = self.operand(t)
        assert not isinstance(found, NotFound)
        return found
