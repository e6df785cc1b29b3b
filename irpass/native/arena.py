"""Shared allocations. An arena never leaves its function, so that all that is known of it stays in registers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from irpass.ir import ops
from irpass.ir.core import ArenaSpec, Instr, Operand, Value
from irpass.ir.layout import MAX_BYTES, Layout
from irpass.ir.types import I64
from irpass.native.ends import always_ends
from irpass.native.requests import allocate, count, free_operand
from irpass.native.stack import MAX_ENDED_ARENA_BYTES, MAX_FRAME_ARENA_BYTES
from irpass.native.writer import FunctionWriter

# The interpreter's words for what only a program that was folded wrongly can meet.
OUT_OF_ARENA: Final = "derive out of arena"
MISALIGNED: Final = "misaligned derive"


@dataclass(frozen=True, slots=True)
class Arena:
    """`address` is null for the nil arena. `left` is the variable that counts releases, where they are counted; `held`
    the one that says how many bytes of the frame the heap's counters know of, -1 for none; `frame` the space in the
    frame where the arena is if it is small."""

    spec: ArenaSpec
    address: str
    size: str
    may_be_nil: bool
    is_in_frame: bool = False
    left: str | None = None
    held: str | None = None
    frame: str | None = None

    @classmethod
    def allocate(cls, w: FunctionWriter, instr: Instr) -> Arena:
        spec, size = instr.imm, w.one(instr.operands[0])
        assert isinstance(spec, ArenaSpec)
        left = None
        if spec.count > 1:
            left = w.alloca("i64")
            w.do(f"store i64 {spec.count}, ptr {left}")
        limit = spec.limit_bytes
        if size.isdigit() and limit is not None and int(size) > limit:
            return cls(spec, "null", size, True)
        if size.isdigit() or limit is None:
            if not size.isdigit() or int(size) > MAX_BYTES:
                w.trap_if(w.value(f"icmp ugt i64 {size}, {MAX_BYTES}"), instr, ops.LEN_RANGE)
            return cls._placed(w, instr, spec, size, left)
        before = w.label
        is_over = w.value(f"icmp sgt i64 {size}, {limit}")
        within, ready = w.fresh("within"), w.fresh("ready")
        w.do(f"br i1 {is_over}, label %{ready}, label %{within}")
        w.start(within)
        w.trap_if(w.value(f"icmp ugt i64 {size}, {MAX_BYTES}"), instr, ops.LEN_RANGE)
        found = cls._placed(w, instr, spec, size, left)
        last = w.label
        w.branch(ready)
        w.start(ready)
        (address,) = w.merge([(("null",), before), ((found.address,), last)], ["ptr"])
        return cls(spec, address, size, True, found.is_in_frame, left, found.held, found.frame)

    @classmethod
    def _placed(cls, w: FunctionWriter, instr: Instr, spec: ArenaSpec, size: str, left: str | None) -> Arena:
        if not spec.stack:
            if not _may_lie_in_frame(w, instr, size):
                return cls(spec, _from_heap(w, instr, spec, size), size, False, False, left)
            room_bytes = int(size) if size.isdigit() else spec.limit_bytes
            if room_bytes is None or room_bytes > MAX_ENDED_ARENA_BYTES:
                return cls._small_in_frame(w, instr, spec, size, left)
            address, held = _frame_space(w, instr, spec, size, room_bytes)
            return cls(spec, address, size, False, True, left, held)
        assert instr.block is not None
        if size.isdigit() and int(size) <= MAX_FRAME_ARENA_BYTES and not w.is_in_cycle(instr.block):
            address, held = _frame_space(w, instr, spec, size, int(size))
            return cls(spec, address, size, False, True, left, held)
        flags = f"i1 {_word(spec.scan)}, i1 {_word(not spec.uninit)}"
        listed = w.frame_list()
        address = w.value(
            f"call noalias ptr @rt.frame.allocate(ptr {listed}, i64 {size}, i64 {spec.align_bytes}, {flags})"
        )
        w.trap_if(w.value(f"icmp eq ptr {address}, null"), instr, ops.OUT_OF_MEMORY)
        return cls(spec, address, size, False, False, left)

    @classmethod
    def _small_in_frame(cls, w: FunctionWriter, instr: Instr, spec: ArenaSpec, size: str, left: str | None) -> Arena:
        """One of a size that nothing bounds: in the frame where it fits there, else from the heap."""
        large, small = w.split(w.value(f"icmp ugt i64 {size}, {MAX_ENDED_ARENA_BYTES}"), rarely=True)
        ready = w.fresh("ready")
        w.start(large)
        from_heap, heap_last = _from_heap(w, instr, spec, size), w.label
        w.branch(ready)
        w.start(small)
        in_frame, held = _frame_space(w, instr, spec, size, MAX_ENDED_ARENA_BYTES)
        frame_last = w.label
        w.branch(ready)
        w.start(ready)
        (address,) = w.merge([((from_heap,), heap_last), ((in_frame,), frame_last)], ["ptr"])
        return cls(spec, address, size, False, False, left, held, in_frame)

    # -- members

    def member(self, w: FunctionWriter, instr: Instr, layout: Layout, offset: str, cap: str) -> str:
        """The address of the member of `cap` elements at `offset`."""
        size = w.byte_count(cap, layout.size_bytes)
        if self.address == "null":
            return self._own(w, instr, layout, size)
        if not self.may_be_nil:
            return self._inside(w, instr, layout, offset, cap, size)
        is_nil = w.value(f"icmp eq ptr {self.address}, null")
        own, inside = w.split(is_nil, rarely=True)
        ready = w.fresh("ready")
        w.start(own)
        own_address, own_last = self._own(w, instr, layout, size), w.label
        w.branch(ready)
        w.start(inside)
        address, last = self._inside(w, instr, layout, offset, cap, size), w.label
        w.branch(ready)
        w.start(ready)
        (merged,) = w.merge([((own_address,), own_last), ((address,), last)], ["ptr"])
        return merged

    def _own(self, w: FunctionWriter, instr: Instr, layout: Layout, size: str) -> str:
        count(w, "fallbacks")
        return allocate(w, instr, size, layout.is_scan, instr.flag == "uninit")

    def _inside(self, w: FunctionWriter, instr: Instr, layout: Layout, offset: str, cap: str, size: str) -> str:
        if not w.sums.fits(offset, cap, layout.size_bytes, self.size):
            w.trap_if(w.value(f"icmp ugt i64 {offset}, {self.size}"), instr, OUT_OF_ARENA)
            room = w.value(f"sub i64 {self.size}, {offset}")
            w.trap_if(w.value(f"icmp ugt i64 {size}, {room}"), instr, OUT_OF_ARENA)
        if self.spec.align_bytes % layout.align_bytes:
            w.trap_if("true", instr, MISALIGNED)
        elif not w.sums.is_aligned(offset, layout.align_bytes):
            low = w.value(f"and i64 {offset}, {layout.align_bytes - 1}")
            w.trap_if(w.value(f"icmp ne i64 {low}, 0"), instr, MISALIGNED)
        count(w, "derives")
        address = w.offset(self.address, offset)
        if instr.flag == "zero":
            w.do(f"call void @llvm.memset.p0.i64(ptr {address}, i8 0, i64 {size}, i1 false)")
        return address

    # -- release

    def release(self, w: FunctionWriter, what: Operand) -> None:
        """End one member; with the last of a counted arena, the arena."""
        done = w.fresh("done")
        if self.may_be_nil:
            own, inside = w.split(w.value(f"icmp eq ptr {self.address}, null"), rarely=True)
            w.start(own)
            free_operand(w, what)
            w.branch(done)
            w.start(inside)
        is_member = isinstance(what, Value) and what.definition is not None and what.definition.op is ops.DERIVE
        if not is_member:  # nil is none, and is not counted
            nil, member = w.split(w.value(f"icmp eq ptr {w.parts(what)[0]}, null"))
            w.start(nil)
            w.branch(done)
            w.start(member)
        if self.left is not None:
            left = w.value(f"load i64, ptr {self.left}")
            fewer = w.value(f"sub i64 {left}, 1")
            w.do(f"store i64 {fewer}, ptr {self.left}")
            last, more = w.split(w.value(f"icmp eq i64 {fewer}, 0"))
            w.start(more)
            w.branch(done)
            w.start(last)
        self._give_back(w)
        w.branch(done)
        w.start(done)

    def free(self, w: FunctionWriter, members: list[Operand]) -> None:
        """End the members that are left, and the arena."""
        if not self.may_be_nil:
            self._give_back(w)
            return
        own, inside = w.split(w.value(f"icmp eq ptr {self.address}, null"), rarely=True)
        done = w.fresh("done")
        w.start(own)
        for what in members:
            free_operand(w, what)
        w.branch(done)
        w.start(inside)
        self._give_back(w)
        w.branch(done)
        w.start(done)

    def _give_back(self, w: FunctionWriter) -> None:
        if self.is_in_frame:
            self._leave_frame(w)
        elif self.frame is not None:
            small, large = w.split(w.value(f"icmp eq ptr {self.address}, {self.frame}"))
            given = w.fresh("given")
            w.start(small)
            self._leave_frame(w)
            w.branch(given)
            w.start(large)
            w.do(f"call void @heap.free(ptr {self.address}, i64 {self.size})")
            w.branch(given)
            w.start(given)
        elif self.spec.stack:
            w.do(f"call void @rt.frame.free(ptr {w.frame_list()}, ptr {self.address})")
        else:
            w.do(f"call void @heap.free(ptr {self.address}, i64 {self.size})")

    def _leave_frame(self, w: FunctionWriter) -> None:
        if self.held is not None:
            held = w.value(f"load i64, ptr {self.held}")
            w.do(f"call void @rt.frame.leave(i64 {held})")
            w.do(f"store i64 -1, ptr {self.held}")


def _from_heap(w: FunctionWriter, instr: Instr, spec: ArenaSpec, size: str) -> str:
    return allocate(w, instr, size, spec.scan, spec.uninit, spec.align_bytes)


def _may_lie_in_frame(w: FunctionWriter, instr: Instr, size: str) -> bool:
    """Whether an arena that is freed may lie in the frame until then: one at a time is alive."""
    is_small = not size.isdigit() or int(size) <= MAX_ENDED_ARENA_BYTES
    return is_small and w.context.depths.is_bounded(w.func) and always_ends(instr)


def _frame_space(
    w: FunctionWriter, instr: Instr, spec: ArenaSpec, size: str, room_bytes: int
) -> tuple[str, str | None]:
    """Space in the frame for at most `room_bytes`, and the variable that tells the counters' part in it."""
    held = None
    if w.context.options.counters:
        held = w.counted_frame_space()
        entered = w.value(f"call i1 @rt.frame.enter(i64 {size})")
        w.trap_if(w.value(f"xor i1 {entered}, true"), instr, ops.OUT_OF_MEMORY)
        w.do(f"store i64 {size}, ptr {held}")
    align_bytes = max(spec.align_bytes, I64.size_bytes)
    address = w.alloca(f"[{max(1, room_bytes)} x i8]", align_bytes)
    if not spec.uninit and size != "0":
        w.do(f"call void @llvm.memset.p0.i64(ptr align {align_bytes} {address}, i8 0, i64 {size}, i1 false)")
    return address, held


def end_frame(w: FunctionWriter) -> None:
    """Give back what stack arenas hold beside the frame itself, before a `ret`."""
    for held in w.held_variables:
        w.do(f"call void @rt.frame.leave(i64 {w.value(f'load i64, ptr {held}')})")
    if w.listed is not None:
        w.do(f"call void @rt.frame.end(ptr {w.listed})")


def _word(flag: bool) -> str:
    return "true" if flag else "false"
