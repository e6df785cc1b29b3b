"""Random statements: each adds instructions, and what is in sight afterwards.

A statement is good unless the program takes a risk: then an index may be out of range, a reference freed, a length bad.
"""

from __future__ import annotations

from collections.abc import Callable

from irpass.ir.builder import Builder, OperandLike
from irpass.ir.core import Value
from irpass.ir.ops import MAKE, NEW
from irpass.ir.types import (
    BOOL,
    BYTES,
    I64,
    PointerType,
    ScalarType,
    SliceType,
    StructType,
    Type,
    is_float,
    is_reference,
)
from irpass.testing.program import Callee, Program
from irpass.testing.scope import Allocation, Ref, Scope, Stored

_MAX_SIZE = 1 << 47  # bytes: no slice is larger
_BAD = (-1, -7, -(1 << 63), (1 << 63) - 1, 1 << 62, 1 << 48)
_NEAR = (1024, 1016, 1032, 512, 768, 32768, 32760, 32776, 32752, 16384, 16376, 16392, 8192, 24576, 30720)


class Statements:
    """Writes into the block that the builder is at; `scope` is what can be used there."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.b: Builder = program.builder
        self.scope = Scope()
        self.chance, self.pick, self.below, self.risks = program.chance, program.pick, program.below, program.risks
        table: dict[str, Callable[[], object]] = {
            "allocate": self.allocate,
            "burst": self.burst,
            "access": self.access,
            "arithmetic": self.arithmetic,
            "compare": self.compare,
            "print": self.print_scalars,
            "reslice": self.reslice,
            "grow": self.grow,
            "bulk": self.bulk,
            "point": self.point,
            "put": self.put_reference,
            "get": self.get_reference,
            "select": self.select,
            "free": self.free,
            "loaded": self.loaded_length,
            "turns": lambda: self.end_in_turn(self.some_to_end()),
            "call": self.call,
        }
        self.table = table

    # ---- scalars

    def small(self) -> OperandLike:
        """An i64 between 0 and 64."""
        if self.scope.small and self.chance(0.6):
            return self.pick(self.scope.small)
        return self.below(13)

    def integer(self) -> OperandLike:
        """Any i64 in sight, or a literal."""
        known = self.scope.scalars.get(I64)
        if known and self.chance(0.7):
            return self.pick(known)
        return self.below(20) if self.chance(0.9) else self.pick(_BAD)

    def scalar(self, t: Type) -> OperandLike:
        """An operand of a scalar type."""
        known = self.scope.scalars.get(t)
        if known and self.chance(0.75):
            return self.pick(known)
        return self.literal(t)

    def literal(self, t: Type) -> bool | int | float:
        assert isinstance(t, ScalarType)
        if t is BOOL:
            return self.chance(0.5)
        return self.below(9) / 2 if t.kind == "float" else self.below(100)

    def condition(self) -> Value:
        """A bool that is not the same in every run, as far as one can tell."""
        known = self.scope.scalars.get(BOOL)
        if known and self.chance(0.4):
            return self.pick(known)
        return self.compare()

    def named(self, t: Type) -> Value:
        """A value of a scalar type, where a literal cannot stand."""
        known = self.scope.scalars.get(t)
        if known and self.chance(0.9):
            return self.pick(known)
        literal = self.literal(t)
        return self.scope.add_scalar(self.b.const(t, literal), t is I64)

    def arithmetic(self) -> Value:
        roll = self.program.rng.random()
        if roll < 0.3:  # a number that stays small, as a length should be
            mask = self.pick((1, 3, 7, 15))
            masked = self.b.and_(self.named(I64), mask)
            value = self.b.add(masked, self.below(4) + 1) if self.chance(0.7) else masked
            return self.scope.add_scalar(value, is_small=True)
        if roll < 0.42:
            t, source = self.program.scalar_type(), self.program.scalar_type()
            if t is not BOOL and source is not BOOL:
                return self.scope.add_scalar(self.b.conv(t, self.named(source)))
        t = I64 if roll < 0.8 else self.program.scalar_type()
        if t is BOOL:
            return self.scope.add_scalar(self.b.not_(self.named(BOOL)))
        left, right = self.named(t), self.scalar(t)
        if is_float(t):
            return self.scope.add_scalar(self.pick((self.b.add, self.b.sub, self.b.mul, self.b.div))(left, right))
        if self.chance(0.2):
            divide = self.pick((self.b.div, self.b.rem, self.b.shl, self.b.shr))
            return self.scope.add_scalar(divide(left, right if self.risks() else self.below(5) + 1))
        b = self.b
        return self.scope.add_scalar(self.pick((b.add, b.sub, b.mul, b.and_, b.or_, b.xor))(left, right))

    def compare(self) -> Value:
        b = self.b
        if self.scope.refs and self.chance(0.2):
            ref = self.pick(self.scope.refs)
            same = [r for r in self.scope.of_type(ref.type, live=False) if isinstance(ref.type, PointerType)]
            other = self.pick(same).value if same and self.chance(0.7) else None
            return self.scope.add_scalar(self.pick((b.eq, b.ne))(ref.value, other))
        t = I64 if self.chance(0.8) else self.program.scalar_type()
        choices = (b.eq, b.ne) if t is BOOL else (b.lt, b.le, b.gt, b.ge, b.eq, b.ne)
        return self.scope.add_scalar(self.pick(choices)(self.named(t), self.scalar(t)))

    def print_scalars(self) -> None:
        operands: list[OperandLike] = []
        for _ in range(1 + self.below(3)):
            kinds = [t for t, values in self.scope.scalars.items() if values]
            if kinds and self.chance(0.9):
                operands.append(self.pick(self.scope.scalars[self.pick(kinds)]))
            else:
                operands.append(self.pick(("x", "y\n", "")))
        texts = [r for r in self.scope.of_type(BYTES) if r.is_written]
        if texts and self.chance(0.2):
            operands.append(self.pick(texts).value)
        self.b.print(*operands)

    # ---- allocations

    def length(self, size_bytes: int) -> tuple[OperandLike, int]:
        """A length for elements of that size, and what it is at least."""
        roll = self.program.rng.random()
        if self.chance(self.program.risk / 2):
            near = _MAX_SIZE // max(1, size_bytes) + self.below(3) - 1
            return (self.pick((*_BAD, near, near)) if roll < 0.6 else self.integer()), 0
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
            between = self.pick(("store", "store", "print", "access", "call", "free", "arithmetic"))
            if between == "store":
                self.b.store(other, self.small(), index=at)
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

    # ---- accesses

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
            found = [r for r in self.scope.refs if r.least_len]
            return [r for r in found if not r.is_written or not r.is_live] or found
        return [r for r in self.scope.refs if r.least_len and r.is_live and r.is_written]

    def writable(self) -> list[Ref]:
        risks = self.risks()
        return [r for r in self.scope.refs if r.least_len and (risks or r.is_live)]

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
        if self.chance(0.5):
            self.b.clear(target.value)
            if target.is_start:
                for allocation in target.allocations:
                    allocation.is_unwritten = False
            return
        source = self.pick([r for r in slices if r.type is target.type])
        if source.is_written or not target.is_written:
            self.scope.add_scalar(self.b.copy(target.value, source.value))

    # ---- aliases

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
        if self.chance(0.25):
            other = self.pick([r for r in slices if r.type is ref.type])
            value, least = self.b.extend(ref.value, other.value, name="grown"), ref.least_len + other.least_len
        else:
            operand = self.operand(ref.type.elem)
            if isinstance(operand, NotFound):
                return
            value, least = self.b.append(ref.value, operand, name="grown"), ref.least_len + 1
        moved = Allocation(self.scope.region)  # or in place: then a free of the result frees what it grew from
        self.scope.add_ref(Ref(value, (*ref.allocations, moved), least, ref.is_start))

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

    # ---- ends and calls

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
                gone = self.pick(names)
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

    def call(self, callee: Callee | None = None) -> None:
        if not self.program.callees:
            return
        chosen = callee if callee is not None else self.pick(self.program.callees)
        args: list[OperandLike] = []
        refs: list[Ref | None] = []
        for i, param in enumerate(chosen.func.params):
            ref: Ref | None = None
            if i == chosen.depth:
                args.append(self.below(4) if not self.risks() else self.integer())
            elif isinstance(param.type, ScalarType):
                args.append(self.small() if param.type is I64 and not self.risks() else self.scalar(param.type))
            elif is_reference(param.type):
                found = self.scope.of_type(param.type)
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
                own = Allocation(self.scope.region, may_free=not callee.func.is_extern or self.chance(0.2))
                self.scope.add_ref(Ref(result, (own,), 0, True))

    def default(self, t: Type) -> OperandLike:
        """An operand of any type that a function may return."""
        found = self.operand(t)
        assert not isinstance(found, NotFound)
        return found


class NotFound:
    """There is no operand of the type that was asked for."""


NOT_FOUND = NotFound()


def merged(value: Value, one: Ref, other: Ref) -> Ref:
    """What is known of a reference that is one of two."""
    least = min(one.least_len, other.least_len)
    both = tuple(dict.fromkeys((*one.allocations, *other.allocations)))
    return Ref(value, both, least, one.is_start and other.is_start)
