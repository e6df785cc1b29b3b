"""The instructions of two functions side by side: rules C03 to C09 of the package.

What has an effect or may trap is paired in order, the rest compared by value number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from irpass.check.aliases import Aliases
from irpass.check.loads import LoadMoves
from irpass.check.model import Arena, Event, Kind, Member, Pairing
from irpass.check.numbers import is_free_to_move, literal_of
from irpass.check.refusal import Refusal, describe
from irpass.ir import ops
from irpass.ir.core import ArenaSpec, Block, Instr, Value
from irpass.ir.types import PointerType, SliceType, Type

_SITES = (ops.MAKE, ops.NEW)
_ENDS = (ops.SHARED_RELEASE, ops.SHARED_FREE)


@dataclass(slots=True)
class _End:
    """A `shared.release` or `shared.free` that is next in AFTER, the members that it names, and those of them that
    BEFORE frees yet; `looked_at` is how far in BEFORE that was asked."""

    instr: Instr
    named: set[Member]
    missing: set[Member]
    looked_at: int = -1


class Walk:
    """Walks blocks in an order that has definitions before uses; fills the pairing, raises Refusals."""

    def __init__(self, pairing: Pairing, aliases: Aliases) -> None:
        self._pairing = pairing
        self._numbers = pairing.numbers
        self._pures = pairing.pures
        self._moves = LoadMoves(pairing, aliases)
        self._arenas: dict[Value, Arena] = {}
        self._members: dict[int, tuple[Member, bool]] = {}  # number -> what it points into; whether to its start
        # Of the block at hand:
        self._events: list[Event] = []
        self._early: dict[tuple[object, ...], list[tuple[int, Instr]]] = {}  # loads of AFTER that came too soon
        self._freed: set[Member] = set()  # by frees that AFTER does not have
        self._next_end: _End | None = None
        self._rest: tuple[list[Instr], int] = [], 0  # BEFORE, and how far it was walked

    def params(self, before: Sequence[Value], after: Sequence[Value]) -> None:
        for old, new in zip(before, after, strict=True):
            self._numbers.before[old] = self._numbers.after[new] = self._numbers.fresh(new.type)

    def block(self, old: Block, new: Block) -> None:
        self.params(old.params, new.params)
        self._events, self._early, self._freed = [], {}, set()
        self._moves.enter_block()
        i = j = 0
        while True:
            i = self._skip_pure(old.instrs, i, is_before=True)
            j = self._skip_pure(new.instrs, j, is_before=False)
            b = old.instrs[i] if i < len(old.instrs) else None
            a = new.instrs[j] if j < len(new.instrs) else None
            if b is None and a is None:
                break
            self._rest = old.instrs, i
            takes_old, takes_new = self._step(b, a, j)
            if not takes_old and not takes_new:
                raise self._mismatch(old.instrs[i:], new.instrs[j:])
            i += takes_old
            j += takes_new
        for waiting in self._early.values():
            for _, load in waiting:
                raise Refusal("C03", "this load is not in the block before", load, old)
        if self._events:
            self._pairing.events[new] = self._events

    def _skip_pure(self, instrs: list[Instr], at: int, is_before: bool) -> int:
        """Number the pure instructions from `at` on; gives the place of the next other one."""
        numbers = self._numbers
        side, found = (numbers.before, self._pures.before) if is_before else (numbers.after, self._pures.after)
        while at < len(instrs) and is_free_to_move(instrs[at]):
            instr = instrs[at]
            number = numbers.pure(instr, numbers.operands(side, instr.operands))
            if instr.result is not None:
                side[instr.result] = number
            found.append((number, instr))
            at += 1
        return at

    def _step(self, b: Instr | None, a: Instr | None, at: int) -> tuple[bool, bool]:
        """Deal with the next instructions of both sides; says of which one it took. Neither: they do not correspond."""
        if b is not None and a is not None:
            if b.op in _SITES and a.op is ops.DERIVE and a.operands[0] in self._arenas:
                self._member(b, a, at)
                return True, True
            if b.op is a.op and self._difference(b, a) is None:
                self._pair(b, a, at)
                return True, True
        if b is not None and b.op is ops.FREE and not self._ends_earlier_frees(b, a):
            taken = self._free(b, a, at)
            if taken != (False, False):
                return taken
        if a is not None and a.op is ops.SHARED_ALLOC:
            self._arena(a, at)
            return False, True
        if b is not None and b.op is ops.LOAD and self._claim(b, at):
            return True, False
        if a is not None and a.op in _ENDS and a.operands[0] in self._arenas:
            members = self._named(a)
            self._add(Kind.END, at, self._arenas[_value(a.operands[0])], members, a)
            self._moves.note(a, at)
            return False, True
        if a is not None and b is not None and a.op is ops.LOAD:
            key = self._load_key(a, is_before=False)
            self._early.setdefault(key, []).append((at, a))
            self._define(None, a, self._moves.number(a, key, at))
            return False, True
        return False, False

    # ---- pairs

    def _difference(self, b: Instr, a: Instr) -> Refusal | None:
        """How two instructions with the same operation differ; None where they do not."""
        name = a.op.name
        if b.type is not a.type or b.imm != a.imm or b.flag != a.flag:
            return Refusal("C04", f"this {name} is not the one of before", a, b)
        numbers = self._numbers
        old, new = numbers.operands(numbers.before, b.inputs()), numbers.operands(numbers.after, a.inputs())
        for k, (x, y) in enumerate(zip(old, new, strict=False), 1):
            if x != y:
                return Refusal("C04", f"operand {k} of this {name} is another value than before", a, b)
        if len(old) != len(new):
            return Refusal("C04", f"this {name} has {len(new)} operands, and had {len(old)}", a, b)
        if b.loc != a.loc:
            return Refusal("C05", f"this {name} has another loc than before", a, b)
        return None

    def _pair(self, b: Instr, a: Instr, at: int) -> None:
        """Note that the instructions do the same: their results are one value."""
        numbers = self._numbers
        known = self._moves.number(a, self._load_key(a, is_before=False), at) if a.op is ops.LOAD else None
        number = self._define(b, a, known)
        self._moves.note(a, at)
        if a.op is ops.DERIVE or a.flag == "uninit":
            self._moves.note_unwritten(a)
        if number is None:
            return
        if a.op is ops.MAKE:
            sizes = numbers.operands(numbers.after, a.operands)
            numbers.lengths[number], numbers.caps[number] = sizes[0], sizes[-1]
        elif a.op is ops.SLICE:
            low, high = (numbers.operand(numbers.after, o) for o in a.operands[1:3])
            start, end = numbers.literal_value(low), numbers.literal_value(high)
            if start == 0:
                numbers.lengths[number] = high
            elif start is not None and end is not None and start <= end:
                numbers.lengths[number] = numbers.size(end - start)
        if a.op in (ops.SLICE, ops.ELEM, ops.FIELD):
            base = self._members.get(self._numbers.operand(self._numbers.after, a.operands[0]))
            if base is not None:
                first = a.imm if a.op is ops.FIELD else literal_of(a.operands[1])
                self._members[number] = base[0], base[1] and first == 0

    def _define(self, b: Instr | None, a: Instr, known: int | None = None) -> int | None:
        """Give the results one number, a new one where none is `known`."""
        results = [i.result for i in (a, b) if i is not None and i.result is not None]
        if not results:
            return None
        number = known if known is not None else self._numbers.fresh(results[0].type)
        if a.result is not None:
            self._numbers.after[a.result] = number
        if b is not None and b.result is not None:
            self._numbers.before[b.result] = number
        return number

    def _load_key(self, load: Instr, is_before: bool) -> tuple[object, ...]:
        side = self._numbers.before if is_before else self._numbers.after
        return load.imm, *self._numbers.operands(side, load.operands)

    def _claim(self, b: Instr, now: int) -> bool:
        """Pair a load of BEFORE, which AFTER had at place `now`, with one of AFTER that came earlier: the first of the
        same loc. Loads of one place that read the same have one number, so that it is no matter which."""
        waiting = self._early.get(self._load_key(b, is_before=True), [])
        found = next((i for i, (_, load) in enumerate(waiting) if load.loc == b.loc), None)
        if found is None:
            return False
        place, a = waiting.pop(found)
        reason = self._moves.obstacle(a, place, now)
        if reason is not None:
            raise Refusal("C07", f"the load may not stand here: {reason}", a, b)
        self._moves.note(a, place)
        if a.result is not None and b.result is not None:
            self._numbers.before[b.result] = self._numbers.after[a.result]
        elif b.result is not None:
            self._numbers.before[b.result] = self._numbers.fresh(b.result.type)
        return True

    # ---- what folding writes

    def _add(
        self, kind: Kind, at: int, arena: Arena, members: list[Member], new: Instr, old: Instr | None = None
    ) -> None:
        self._events.append(Event(kind, at, arena, members, new, old))

    def _arena(self, a: Instr, at: int) -> None:
        assert isinstance(a.imm, ArenaSpec)
        arena = Arena(a, a.imm, self._numbers.operand(self._numbers.after, a.operands[0]))
        self._pairing.arenas.append(arena)
        if a.result is not None:
            self._arenas[a.result] = arena
        self._add(Kind.ALLOC, at, arena, [], a)

    def _member(self, b: Instr, a: Instr, at: int) -> None:
        numbers, arena = self._numbers, self._arenas[_value(a.operands[0])]
        wanted = b.type if b.op is ops.MAKE or b.type is None else PointerType(b.type)
        if a.type is not wanted:
            raise Refusal("C08", f"this gives {a.type}, where {wanted} was made", a, b)
        if b.loc != a.loc:
            raise Refusal("C05", "this derive has another loc than its site", a, b)
        offset, *new = numbers.operands(numbers.after, a.operands[1:])
        old = numbers.operands(numbers.before, b.operands)
        if old and old[0] != new[0]:
            raise Refusal("C09", "the length is not that of the site", a, b)
        if old and old[-1] != new[-1]:
            raise Refusal("C09", "the cap is not that of the site", a, b)
        elem = _pointee(a.type)
        cap = new[-1] if new else numbers.size(1)
        size = numbers.extent(numbers.layouts.of(elem).size_bytes, cap)
        member = Member(b, a, arena, at, elem, offset, size, cap)
        arena.members.append(member)
        self._add(Kind.DERIVE, at, arena, [member], a, b)
        if b.flag == "uninit":
            self._moves.note_unwritten(a)
        self._moves.note(a, at)
        number = self._define(b, a)
        if number is not None:
            self._members[number] = member, True
            if new:
                numbers.lengths[number], numbers.caps[number] = new[0], new[-1]

    def _free(self, b: Instr, a: Instr | None, at: int) -> tuple[bool, bool]:
        """A free of BEFORE: of a member, it is a release here, or is made up for later."""
        number = self._numbers.operand(self._numbers.before, b.operands[0])
        found = self._members.get(number)
        if found is None or a is None:
            return False, False
        member, is_start = found
        arena = self._arenas.get(_value(a.operands[0])) if a.op is ops.SHARED_RELEASE else None
        if arena is member.arena and self._numbers.operand(self._numbers.after, a.operands[1]) == number:
            if b.loc != a.loc:
                raise Refusal("C05", "this release has another loc than the free", a, b)
            self._add(Kind.RELEASE, at, member.arena, [member], a, b)
            self._moves.note(a, at)
            return True, True
        if not is_start:
            raise Refusal("C24", f"the free may not be of the start of {member}: its release must stand here", a, b)
        self._freed.add(member)
        if self._next_end is not None:
            self._next_end.missing.discard(member)
        self._add(Kind.FREE, at, member.arena, [member], a, b)
        self._moves.note_free(member.derive, b, at)
        return True, False

    def _ends_earlier_frees(self, b: Instr, a: Instr | None) -> bool:
        """Whether `a` makes up for frees of BEFORE that came before the free `b`: then it is dealt with first."""
        if a is None or a.op not in _ENDS or a.operands[0] not in self._arenas:
            return False
        if self._next_end is None or self._next_end.instr is not a:
            named = self._named(a)
            self._next_end = _End(a, set(named), {m for m in named if m not in self._freed})
        end, instrs = self._next_end, self._rest[0]
        if self._member_of(b) in end.named:
            return False
        if end.missing and end.looked_at < self._rest[1]:
            end.looked_at = self._rest[1]
            while end.looked_at < len(instrs):
                instr = instrs[end.looked_at]
                if instr.op is ops.FREE and self._member_of(instr) in end.missing:
                    break
                if instr.op is not ops.FREE and not is_free_to_move(instr):
                    end.missing.clear()  # what is missing was freed in other blocks
                    break
                end.looked_at += 1
        return not end.missing

    def _member_of(self, free: Instr) -> Member | None:
        operand = free.operands[0]
        number = self._numbers.before.get(operand) if isinstance(operand, Value) else None
        found = self._members.get(number) if number is not None else None
        return found[0] if found is not None else None

    def _named(self, a: Instr) -> list[Member]:
        """The members that a `shared.release` or `shared.free` ends."""
        arena, members = self._arenas[_value(a.operands[0])], []
        for operand in a.operands[1:]:
            found = self._members.get(self._numbers.operand(self._numbers.after, operand))
            if found is None or found[0].arena is not arena or not found[1]:
                name = f"%{operand.name}" if isinstance(operand, Value) else "nil"
                raise Refusal("C21", f"{name} is not known to be a member of this arena", a)
            members.append(found[0])
        return members

    # ---- refusals

    def _mismatch(self, old: Sequence[Instr], new: Sequence[Instr]) -> Refusal:
        """What to say of two instructions that do not correspond."""
        b, a = (old[0] if old else None), (new[0] if new else None)
        waiting = [load for loads in self._early.values() for _, load in loads]
        if b is not None and waiting and b.op is ops.LOAD:
            same = self._early.get(self._load_key(b, is_before=True)) or [(0, waiting[0])]
            return self._difference(b, same[0][1]) or Refusal("C03", "this load has moved", same[0][1], b)
        if b is None or a is None:
            return Refusal("C03", "this is not in the block before" if b is None else "the block ends early", a, b)
        if b.op is a.op:
            difference = self._difference(b, a)
            if difference is not None:
                return difference
        if b.op is ops.FREE:
            return Refusal("C22", f"this free of before is missing before this {a.op.name}", a, b)
        if a.op is ops.DERIVE:
            return Refusal("C03", f"this derive stands where before has {describe(b)}, which is no site", a, b)
        following = [i for i in new[1:_NEAR] if not is_free_to_move(i)]
        if following and following[0].op is b.op:
            return Refusal("C03", f"this {a.op.name} is not in the program before", a, b)
        return Refusal("C03", f"this {a.op.name} stands where before has {describe(b)}", a, b)


_NEAR = 16  # how far a refusal looks for words that fit


def _value(operand: object) -> Value:
    assert isinstance(operand, Value)
    return operand


def _pointee(t: Type | None) -> Type:
    assert isinstance(t, SliceType | PointerType)
    return t.elem
