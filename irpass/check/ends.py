"""What becomes of the frees of members: rules C21 to C27 of the package.

On each way through the function a member is live, then *pending* (BEFORE has freed it, AFTER has not ended it yet),
then ended. Which of these it may be at each block follows from a forward data flow over bit sets; an arena whose events
are all in one block is judged there, without it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from irpass.check.aliases import Aliases, is_pure_call
from irpass.check.members import may_be_nil
from irpass.check.model import Arena, Event, Kind, Member, Pairing
from irpass.check.refusal import Refusal
from irpass.ir import ops
from irpass.ir.core import Block, Instr, Value

_ENDING = (Kind.FREE, Kind.RELEASE, Kind.END)
_ALLOCATES = (ops.MAKE, ops.NEW, ops.APPEND, ops.EXTEND, ops.SHARED_ALLOC)


@dataclass(slots=True)
class State:
    """What members, by their bits, may be. The bit of an arena is among the ended ones when it may have ended."""

    live: int = 0
    pending: int = 0
    ended: int = 0

    def set(self, bits: int, *, live: int = 0, pending: int = 0, ended: int = 0) -> None:
        self.live = self.live & ~bits | live
        self.pending = self.pending & ~bits | pending
        self.ended = self.ended & ~bits | ended

    def join(self, other: State) -> bool:
        """Add what `other` may be; says whether that was news."""
        old = self.live, self.pending, self.ended
        self.live |= other.live
        self.pending |= other.pending
        self.ended |= other.ended
        return old != (self.live, self.pending, self.ended)


@dataclass(slots=True)
class Space:
    """Bits for some arenas and their members, in order; and those of members with something special."""

    bits: dict[Arena | Member, int] = field(default_factory=dict)
    nil: int = 0  # their arena may be nil

    def add(self, item: Arena | Member) -> int:
        bit = self.bits[item] = 1 << len(self.bits)
        return bit

    def all(self, arena: Arena) -> int:
        return self.bits[arena] | self.of(arena.members)

    def of(self, members: Sequence[Member]) -> int:
        found = 0
        for m in members:
            found |= self.bits[m]
        return found

    def first(self, bits: int) -> Member:
        return next(m for m, bit in self.bits.items() if bit & bits and isinstance(m, Member))


def check_ends(pairing: Pairing, aliases: Aliases) -> None:
    """Judge the ends of all members.

    Raises: Refusal.
    """
    found: dict[Arena, list[Event]] = {}
    for block in pairing.graph.blocks:
        for event in pairing.events.get(block, ()):
            found.setdefault(event.arena, []).append(event)
    ending = {a: events for a, events in found.items() if any(e.kind in _ENDING for e in events)}
    if ending:
        for arena, events in ending.items():
            _check_count(arena, events)
        _Ends(pairing, aliases, ending).check()


def _check_count(arena: Arena, events: list[Event]) -> None:
    released = {m: e for e in events if e.new.op is ops.SHARED_RELEASE and e.kind is not Kind.FREE for m in e.members}
    count, members = arena.spec.count, len(arena.members)
    never = len(released) < members and count > len(released)
    if released and count != members and not never:
        message = f"the arena comes back after {count} of the releases of its {members} members"
        raise Refusal("C26", message, arena.instr, next(iter(released.values())).old)


class _Ends:
    def __init__(self, pairing: Pairing, aliases: Aliases, ending: dict[Arena, list[Event]]) -> None:
        self._pairing = pairing
        self._everywhere = Space()
        self._here: dict[Block, Space] = {}
        self._space: dict[Arena, Space] = {}
        self._touching: dict[Instr, list[Member]] = {}  # the members, freed later than before, that it may touch
        for arena, events in ending.items():
            blocks = {e.new.block for e in events}
            home = self._here.setdefault(arena.block, Space()) if len(blocks) == 1 else self._everywhere
            self._space[arena] = home
            home.add(arena)
            delayed = {m for e in events if e.kind is Kind.FREE for m in e.members}
            is_nil = bool(delayed) and may_be_nil(pairing, arena)
            for member in arena.members:
                bit = home.add(member)
                if member in delayed:
                    home.nil |= bit if is_nil else 0
                    self._note_touches(aliases, member)

    def _note_touches(self, aliases: Aliases, member: Member) -> None:
        touching = aliases.touching(member.value) if member.value is not None else {}
        for use, is_sure in touching.items():
            if use.op not in ops.COMPARISONS and (is_sure or not self._is_of_older(use, member)):
                self._touching.setdefault(use, []).append(member)

    def _is_of_older(self, use: Instr, member: Member) -> bool:
        """Whether an instruction behind the member's own, in its block, goes through references that were there before.

        They are for none of the members that are pending then: one of an earlier round of a loop must have ended.
        """
        if use.op is ops.CALL:  # what is called may find newer ones in what it is given
            return False
        if use.block is not member.block:
            return False
        places = self._pairing.places
        definitions = [o.definition for o in use.operands if isinstance(o, Value)]
        are_older = all(d is None or d.block is not use.block or places[d] < member.at for d in definitions)
        return are_older and places[use] > member.at

    def check(self) -> None:
        blocks = self._pairing.graph.blocks
        states = self._solve(blocks) if self._everywhere.bits else [State() for _ in blocks]
        for block, state in zip(blocks, states, strict=True):
            here = self._here.get(block)
            if here is not None or self._everywhere.bits:
                self._check_block(block, [(self._everywhere, state), (here or Space(), State())])

    # ---- data flow

    def _solve(self, blocks: list[Block]) -> list[State]:
        """What the members may be at the start of each block."""
        effects = [self._effect(block) for block in blocks]
        states = [State() for _ in blocks]
        successors, changed = self._pairing.graph.successors, True
        while changed:  # as often as loops nest, and once more
            changed = False
            for i, (changes, becomes) in enumerate(effects):
                out = State(states[i].live, states[i].pending, states[i].ended)
                out.set(changes, live=becomes.live, pending=becomes.pending, ended=becomes.ended)
                for s in successors[i]:
                    changed |= states[s].join(out) and s <= i
        return states

    def _effect(self, block: Block) -> tuple[int, State]:
        """The bits that a block changes, and to what."""
        changes, becomes = 0, State()
        for event in self._pairing.events.get(block, ()):
            if self._space.get(event.arena) is self._everywhere:
                changes |= _apply(event, self._everywhere, becomes)
        return changes, becomes

    # ---- judgement

    def _check_block(self, block: Block, spaces: list[tuple[Space, State]]) -> None:
        at = 0
        for event in self._pairing.events.get(block, ()):
            home = self._space.get(event.arena)
            for space, state in spaces:
                if space is home:
                    self._check_delay(block, at, event.at, spaces)
                    at = event.at
                    _check_event(event, space, state)
                    _apply(event, space, state)
        self._check_delay(block, at, len(block.instrs), spaces)
        last = block.instrs[-1]
        (everywhere, state), (here, ending) = spaces
        if last.op is ops.RET and state.pending:
            raise _lost(everywhere.first(state.pending), last)
        if last.op is not ops.TRAP and ending.pending:
            raise _lost(here.first(ending.pending), last)

    def _check_delay(self, block: Block, first: int, end: int, spaces: list[tuple[Space, State]]) -> None:
        """What stands at places `first` to `end` must not notice that pending members are still there."""
        if not any(state.pending for _, state in spaces):
            return
        for instr in block.instrs[first:end]:
            touched = self._touching.get(instr, ())
            for space, state in spaces:
                for m in touched:
                    if space.bits.get(m, 0) & state.pending:
                        message = f"{m} was freed before this {instr.op.name}, which may touch it"
                        raise Refusal("C24", message, instr, m.site)
                if state.pending & space.nil and self._may_allocate(instr):
                    m = space.first(state.pending & space.nil)
                    message = f"{m} was freed before this {instr.op.name}, which may allocate; its arena may be nil"
                    raise Refusal("C27", message, instr, m.site)

    def _may_allocate(self, instr: Instr) -> bool:
        if instr.op is ops.DERIVE:
            return True
        return instr.op in _ALLOCATES or (instr.op is ops.CALL and not is_pure_call(instr))


def _apply(event: Event, space: Space, state: State) -> int:
    """Change the state as the event does; gives the bits that it says something of."""
    if event.kind is Kind.ALLOC:
        bits = space.all(event.arena)
        state.set(bits)
        return bits
    bits = space.of(event.members)
    if event.kind is Kind.DERIVE:
        state.set(bits, live=bits)
    elif event.kind is Kind.FREE:
        state.set(bits, pending=bits)
    else:
        if event.new.op is ops.SHARED_FREE:
            bits |= space.bits[event.arena]
        state.set(bits, ended=bits)
    return bits


def _check_event(event: Event, space: Space, state: State) -> None:
    new, old, kind = event.new, event.old, event.kind
    if kind is Kind.ALLOC and state.pending & space.all(event.arena):
        raise _lost(space.first(state.pending & space.all(event.arena)), new)
    if kind is Kind.DERIVE and state.ended & space.bits[event.arena]:
        raise Refusal("C25", f"{event.members[0]} is derived from an arena that may have ended", new, old)
    for m in event.members if kind in (Kind.FREE, Kind.RELEASE) else ():
        again = state.pending if kind is Kind.RELEASE else state.pending | state.ended
        if again & space.bits[m]:
            raise Refusal("C23", f"{m} may have been freed already, and this free no longer traps", new, old)
    if kind is Kind.END:
        _check_end(event, space, state)


def _check_end(event: Event, space: Space, state: State) -> None:
    new, named = event.new, 0
    for m in event.members:
        bit = space.bits[m]
        if bit & (state.ended | named):
            raise Refusal("C23", f"{m} may have been ended already", new, m.site)
        if bit & state.live or not bit & state.pending:
            raise Refusal("C21", f"{m} may not have been freed yet", new, m.site)
        named |= bit
    if new.op is ops.SHARED_FREE:
        arena = space.bits[event.arena]
        left = (state.live | state.pending) & space.all(event.arena) & ~named
        if left:
            m = space.first(left)
            raise Refusal("C25", f"{m} is left in the arena, and not named", new, m.site)
        if state.ended & arena or not named:
            raise Refusal("C25", "the arena may have ended already", new)


def _lost(m: Member, at: Instr) -> Refusal:
    return Refusal("C22", f"{m} was freed, and is not ended before this {at.op.name}", at, m.site)
