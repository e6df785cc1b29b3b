"""Random statements that allocate memory and use it."""

from __future__ import annotations

from irpass.ir.core import Value
from irpass.ir.insertion import OperandLike
from irpass.ir.layout import MAX_BYTES
from irpass.ir.types import (
    BYTES,
    I64,
    PointerType,
    ScalarType,
    SliceType,
    StructType,
    Type,
)
from irpass.testing.numbers import BAD, Numbers
from irpass.testing.program import Program
from irpass.testing.scope import Allocation, Ref, Stored

_NEAR = (1024, 1016, 1032, 512, 768, 32768, 32760, 32776, 32752, 16384, 16376, 16392, 8192, 24576, 30720)


class MemoryUse(Numbers):
    """Statements that allocate, load and store.

    An index or length is good unless the program takes a risk.
    """

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self.table |= {
            "allocate": self.allocate,
            "access": self.access,
            "bulk": self.bulk,
            "text": self.text,
        }

    def length(self, size_bytes: int) -> tuple[OperandLike, int]:
        """A length for elements of that size, and what it is at least."""
        roll = self.program.rng.random()
        if self.chance(self.program.risk / 2):
            near = MAX_BYTES // max(1, size_bytes) + self.below(3) - 1
            return (self.pick((*BAD, near, near)) if roll < 0.6 else self.integer()), 0
        habit = self.program.habits["runtime"]
        if roll < 0.3 * habit:
            value = self.small()
            if not isinstance(value, int):
                return value, 0
        elif roll < 0.42 * habit:
            return self.arithmetic_length(), 1
        elif roll < 0.48 * habit and (found := self.scope.slices(live=False)):
            return self.scope.add_scalar(self.pick((self.b.len, self.b.cap))(self.pick(found).value)), 0
        elif roll < 0.49 * habit:
            return self.integer(), 0
        elif roll < 0.53 * habit:  # good as a rule, and too much for a group now and then
            return self.scope.add_scalar(self.b.mul(self.named(I64), self.pick((50, 300, 2000)))), 0
        elif self.program.large and self.chance(self.program.habits["near"]):
            self.program.large -= 1
            count = max(1, self.pick(_NEAR) // max(1, size_bytes) - self.below(2))
            return count, count
        count = self.below(9) if roll < 0.97 else self.below(200)
        return count, count

    def arithmetic_length(self) -> Value:
        masked = self.b.and_(self.named(I64), self.pick((1, 3, 7, 15)))
        return self.scope.add_scalar(self.b.add(masked, 1 + self.below(3)), is_small=True)

    def size_of(self, t: Type) -> int:
        """About the size of a type in bytes."""
        if isinstance(t, ScalarType):
            return t.size_bytes
        if isinstance(t, StructType):
            return sum([self.size_of(f) for f in self.program.structs[t]])
        return 24 if isinstance(t, SliceType) else 8

    def allocate(self, elem: Type | None = None) -> Ref:
        """A `make` or `new`."""
        t = elem if elem is not None else self.program.elem_type()
        uninit = self.chance(self.program.habits["uninit"])
        allocation = Allocation(self.scope.region, is_unwritten=uninit)
        if self.chance(0.45 if isinstance(t, StructType) else 0.12):
            value = self.b.new(t, uninit=uninit, name="p")
            return self.scope.add_ref(Ref(value, (allocation,), 1))
        length, least = self.length(self.size_of(t))
        cap: OperandLike = None
        if self.chance(0.15):
            if isinstance(length, int):
                cap = min(I64.hi, max(0, length + (self.pick((-1, 1 << 45)) if self.risks() else self.below(8))))
            elif isinstance(length, Value):
                cap = self.scope.add_scalar(self.b.add(length, self.below(5)))
        value = self.b.make(t, length, cap, uninit=uninit, name="s")
        return self.scope.add_ref(Ref(value, (allocation,), least))

    def text(self) -> None:
        """Static bytes: a slice that nobody may write or free. Or a nil pointer."""
        if self.chance(0.5):
            t = PointerType(self.program.elem_type())
            self.scope.add_ref(Ref(self.b.const(t, None, name="nil"), ()))
            return
        text = self.pick(("", "a", "hello", "0123456789"))
        fixed = Allocation(self.scope.region, may_free=False, is_read_only=True)
        self.scope.add_ref(Ref(self.b.const(BYTES, text, name="text"), (fixed,), len(text)))

    def new_ref(self, t: Type, count: int | None = None) -> Value:
        """A new allocation that is a value of type `t`, a slice or pointer."""
        if isinstance(t, SliceType):
            count = self.below(6) if count is None else count
            value = self.b.make(t.elem, count, name="s")
            self.scope.add_ref(Ref(value, (Allocation(self.scope.region),), count))
        else:
            assert isinstance(t, PointerType)
            value = self.b.new(t.elem, name="p")
            self.scope.add_ref(Ref(value, (Allocation(self.scope.region),), 1))
        return value

    def index(self, ref: Ref) -> OperandLike:
        """An index that is good, unless a risk is taken."""
        if self.risks():
            return self.pick((-1, ref.least_len, 1 << 40, self.integer()))
        at = self.below(ref.least_len)
        if ref.least_len > 1 and self.chance(0.3):
            mask = (1 << (ref.least_len.bit_length() - 1)) - 1
            return self.scope.add_scalar(self.b.and_(self.named(I64), mask), is_small=mask < 64)
        return at

    def readable(self) -> list[Ref]:
        if self.program.risk and self.chance(0.12):
            refs = self.scope.refs
            nils = [r for r in self.scope.pointers(live=False) if not r.least_len]
            kinds = (nils, [r for r in refs if not r.is_live], [r for r in refs if r.is_live and not r.is_written])
            return self.pick([k for k in kinds if k] or [refs])
        return [r for r in self.scope.refs if r.least_len and r.is_live and r.is_written]

    def writable(self) -> list[Ref]:
        if self.risks():
            return self.scope.refs
        return [r for r in self.scope.refs if r.least_len and r.is_live and r.is_writable]

    def access(self) -> None:
        """Load or store a scalar, or see how long a slice is."""
        if self.chance(0.2):
            found = self.scope.slices(live=False)
            if found:
                self.scope.add_scalar(self.pick((self.b.len, self.b.cap))(self.pick(found).value))
                return
        is_load = self.chance(0.5)
        refs = self.readable() if is_load else self.writable()
        if not refs:
            return
        ref = self.pick(refs[-6:]) if self.chance(0.6) else self.pick(refs)
        t = ref.type
        assert isinstance(t, SliceType | PointerType)
        slot: int | None = None
        kind: Type = t.elem
        place: OperandLike = None
        if isinstance(t, SliceType):
            place = self.index(ref)
        elif isinstance(t.elem, StructType):
            fields = self.program.structs[t.elem]
            scalars = [i for i, f in enumerate(fields) if isinstance(f, ScalarType)]
            if not scalars:
                return
            slot = self.pick(scalars)
            kind = fields[slot]
        if isinstance(kind, StructType):
            self.copy_struct(ref, place, kind)
        elif isinstance(kind, ScalarType):
            if is_load:
                self.scope.add_scalar(self.b.load(ref.value, place, field=slot))
            else:
                self.b.store(ref.value, self.scalar(kind), index=place, field=slot)

    def copy_struct(self, ref: Ref, index: OperandLike, t: StructType) -> None:
        """Load a whole struct out of a slice, and store it into another place for such."""
        whole = self.b.load(ref.value, index)
        targets = [r for r in self.writable() if r.type in (PointerType(t), SliceType(t))]
        if targets:
            target = self.pick(targets)
            at = self.index(target) if isinstance(target.type, SliceType) else None
            self.b.store(target.value, whole, index=at)

    def bulk(self) -> None:
        """`copy` or `clear`."""
        slices = self.scope.slices(live=not self.risks())
        if not slices:
            return
        target = self.pick(slices)
        if not target.is_writable and not self.risks():
            return
        if self.chance(0.5):
            self.b.clear(target.value)
            if target.is_start:
                for allocation in target.allocations:
                    allocation.is_unwritten = False
            return
        source = self.pick([r for r in slices if r.type is target.type])
        if source.is_written or not target.is_written:
            self.scope.add_scalar(self.b.copy(target.value, source.value))
            self.copy_stored(source, target)

    def copy_stored(self, source: Ref, target: Ref) -> None:
        """What was known to lie in `source` lies in `target` too."""
        for stored in [s for s in self.scope.stored if s.place is source]:
            if stored.slot is not None and stored.slot < target.least_len:
                self.scope.stored.append(Stored(target, stored.slot, stored.held))
