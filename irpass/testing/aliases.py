"""Random statements that give memory another name: parts, pointers into it, what it grows into, loads."""

from __future__ import annotations

from irpass.ir.insertion import OperandLike
from irpass.ir.types import (
    PointerType,
    ScalarType,
    SliceType,
    StructType,
    Type,
    is_reference,
)
from irpass.testing.memory_use import MemoryUse
from irpass.testing.program import Program
from irpass.testing.scope import Allocation, Ref, Stored, merged


class NotFound:
    """There is no operand of the type that was asked for."""


NOT_FOUND = NotFound()


class Aliases(MemoryUse):
    """Statements that give memory another name."""

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self.table |= {
            "reslice": self.reslice,
            "grow": self.grow,
            "point": self.point,
            "select": self.select,
            "put": self.put_reference,
            "get": self.get_reference,
        }

    def reslice(self) -> None:
        slices = self.scope.slices()
        if not slices:
            return
        ref = self.pick(slices)
        if self.risks():
            lo, hi = self.integer(), self.integer()
            self.scope.add_ref(Ref(self.b.slice(ref.value, lo, hi), ref.allocations, 0, False))
            return
        low = self.below(ref.least_len + 1) if self.chance(0.6) else 0
        high = low + self.below(ref.least_len - low + 1)
        top = high if self.chance(0.25) else None
        value = self.b.slice(ref.value, low, high, top, name="part")
        self.scope.add_ref(Ref(value, ref.allocations, high - low, ref.is_start and low == 0))

    def grow(self) -> None:
        """`append` or `extend`: the result may be where the old slice was, or elsewhere."""
        slices = [r for r in self.scope.slices() if r.is_written]
        if not slices:
            return
        ref = self.pick(slices)
        assert isinstance(ref.type, SliceType)
        held: Ref | None = None
        if self.chance(0.25):
            other = self.pick([r for r in slices if r.type is ref.type])
            value, least = self.b.extend(ref.value, other.value, name="grown"), ref.least_len + other.least_len
        else:
            found = self.scope.of_type(ref.type.elem)
            held = self.pick(found) if found else None
            operand = held.value if held is not None else self.operand(ref.type.elem)
            if isinstance(operand, NotFound):
                return
            value, least = self.b.append(ref.value, operand, name="grown"), ref.least_len + 1
        moved = Allocation(self.scope.region)  # or in place: then a free of the result frees what it grew from
        grown = self.scope.add_ref(Ref(value, (*ref.allocations, moved), least, ref.is_start))
        self.copy_stored(ref, grown)
        if held is not None:
            self.scope.stored.append(Stored(grown, ref.least_len, held))

    def point(self) -> None:
        """`elem` or `field`: a pointer into the middle of something."""
        refs = self.writable()
        if not refs:
            return
        ref = self.pick(refs)
        t = ref.type
        if isinstance(t, SliceType):
            at = self.index(ref)
            value = self.b.elem(ref.value, at, name="at")
            self.scope.add_ref(Ref(value, ref.allocations, 1, ref.is_start and at == 0))
        elif isinstance(t, PointerType) and isinstance(t.elem, StructType) and self.program.structs[t.elem]:
            number = self.below(len(self.program.structs[t.elem]))
            value = self.b.field(ref.value, number, name="at")
            self.scope.add_ref(Ref(value, ref.allocations, 1, ref.is_start and number == 0))

    def select(self) -> None:
        """One of two references, or of two numbers."""
        refs = [r for r in self.scope.refs if r.is_live]
        condition = self.condition()
        if refs and self.chance(0.7):
            one = self.pick(refs)
            other = self.pick([r for r in refs if r.type is one.type])
            value = self.b.select(condition, one.value, other.value, name="either")
            self.scope.add_ref(merged(value, one, other))
            return
        t = self.program.scalar_type()
        self.scope.add_scalar(self.b.select(condition, self.named(t), self.scalar(t)))

    def operand(self, t: Type) -> OperandLike | NotFound:
        """An operand of any type, if there is one."""
        if isinstance(t, ScalarType):
            return self.scalar(t)
        refs = self.scope.of_type(t)
        if refs and self.chance(0.9):
            return self.pick(refs).value
        return None if is_reference(t) else NOT_FOUND

    def put_reference(self) -> None:
        """Store a slice or pointer into memory."""
        places = [(r, slot, t) for r in self.writable() for slot, t in self.reference_slots(r)]
        if not places:
            return
        ref, slot, t = self.pick(places)
        held = self.scope.of_type(t)
        if not held:
            return
        what = self.pick(held)
        if isinstance(ref.type, SliceType):
            self.b.store(ref.value, what.value, index=slot)
        else:
            self.b.store(ref.value, what.value, field=slot)
        self.scope.stored.append(Stored(ref, slot, what))

    def reference_slots(self, ref: Ref) -> list[tuple[int | None, Type]]:
        """A place in what `ref` names that holds a slice or pointer: index or field, and the type."""
        t = ref.type
        assert isinstance(t, SliceType | PointerType)
        if isinstance(t, SliceType):
            return [(self.below(ref.least_len), t.elem)] if is_reference(t.elem) else []
        if isinstance(t.elem, StructType):
            return [(i, f) for i, f in enumerate(self.program.structs[t.elem]) if is_reference(f)]
        return [(None, t.elem)] if is_reference(t.elem) else []

    def get_reference(self) -> None:
        """Load a slice or pointer that was stored: another name for it."""
        if self.scope.stored and self.chance(0.85):
            stored = self.pick(self.scope.stored)
            place, slot, held = stored.place, stored.slot, stored.held
            if not place.is_live and not self.risks():
                return
            index = slot if isinstance(place.type, SliceType) else None
            number = slot if isinstance(place.type, PointerType) else None
            value = self.b.load(place.value, index, field=number, name="got")
            self.scope.add_ref(Ref(value, held.allocations, held.least_len, held.is_start))
            return
        places = [(r, slot) for r in self.readable() for slot, _ in self.reference_slots(r)]
        if places:
            ref, slot = self.pick(places)
            is_slice = isinstance(ref.type, SliceType)
            value = self.b.load(ref.value, slot if is_slice else None, field=None if is_slice else slot, name="got")
            self.scope.add_ref(Ref(value, (Allocation(self.scope.region, may_free=False),), 0, False))
