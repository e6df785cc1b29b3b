"""The heap that one can look into: tiers, arenas, caches, guards and counters, over simulated addresses."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, final

from irpass.diagnostics import UsageError
from irpass.heap import faults
from irpass.heap.blocks import Block, BlockMap
from irpass.heap.faults import HeapFault
from irpass.heap.placement import Contents, NoContents, Placement
from irpass.heap.simple import HeapStats
from irpass.heap.spec import HeapSpec
from irpass.heap.stacks import Mark
from irpass.heap.statistics import HeapReport, Usage
from irpass.heap.tallies import Tallies
from irpass.heap.trace import Allocate, Collect, Denial, EndThread, Event, Free, Reallocate, Trim
from irpass.ir.layout import MAX_BYTES

MALLOC_ALIGN_BYTES = 16  # as C's malloc on a 64-bit machine


@final
class ModelHeap:
    """A heap as its spec says. What it gives are addresses, and its statistics count payload as the simple heap's do.

    `fail_at` is the number of a request that finds no room whatever the state, counted from 1. `on_event` gets each
    event of the trace, `contents` hears what happens to bytes.

    A call that misuses the heap raises `HeapFault` and changes nothing.
    """

    wants_context: ClassVar[bool] = True

    def __init__(
        self,
        spec: HeapSpec,
        *,
        fail_at: int | None = None,
        on_event: Callable[[Event], None] | None = None,
        contents: Contents | None = None,
    ) -> None:
        self.spec = spec
        self.stats = HeapStats()
        self.site = ""
        self.thread = 0
        self.on_stack = False
        self.fail_at = fail_at
        self._limit_bytes = MAX_BYTES if spec.limit_bytes is None else spec.limit_bytes
        self._on_event = on_event
        self._live: dict[int, Block] = {}
        self._known = BlockMap()
        self._placement = Placement(spec, contents if contents is not None else NoContents())
        self._requests = 0
        self._tallies = Tallies(self._placement.held_bytes)

    # --- what the interpreter calls

    def allocate(self, size_bytes: int, align_bytes: int, is_scan: bool) -> int | None:
        """The address of a block that is zeroed, unless the spec says that nobody's is; None where there is no room."""
        return self.request(size_bytes, align_bytes, is_scan=is_scan, is_zeroed=True, is_stack=self.on_stack)

    def free(self, handle: int) -> None:
        """Take back the block at an address.

        Raises: HeapFault for an address that is no live block's, and for a block whose red zone was written to.
        """
        block = self._owned(handle)
        self._event(Free, block.number, self.site, self.thread)
        self._end(block)

    def request(
        self, size_bytes: int, align_bytes: int, is_scan: bool = False, is_zeroed: bool = False, is_stack: bool = False
    ) -> int | None:
        """The address of a block, with all that can be asked for; None where there is no room.

        One for the stack comes from the other tiers where the stack is full.
        """
        if align_bytes < 1 or align_bytes & (align_bytes - 1):
            raise UsageError.of(f"an alignment is a power of two, not {align_bytes}")
        number, denied = self._asked(size_bytes, size_bytes)
        block = None
        if denied is None:
            if is_stack:
                block = self._placement.place_on_stack(size_bytes, align_bytes, self.thread)
            if block is None:
                block = self._placement.place(size_bytes, align_bytes, is_scan, self.thread)
            if block is None:
                denied = "limit"
                self._deny(size_bytes, denied)
        address = block.address if block is not None else None
        if self._on_event is not None:
            what = (size_bytes, align_bytes, is_scan, is_zeroed, is_stack, self.site, self.thread)
            self._on_event(Allocate(number, *what, address, denied))
        if block is not None:
            block.number, block.align_bytes, block.is_scan = number, align_bytes, is_scan
            if is_zeroed:
                self._placement.clear(block)
            self._begin(block, is_stack)
        return address

    # --- the interface of C

    def malloc(self, size_bytes: int) -> int | None:
        """The address of a block with whatever was there."""
        return self.request(size_bytes, MALLOC_ALIGN_BYTES)

    def calloc(self, count: int, size_bytes: int) -> int | None:
        """The address of a zeroed block for `count` elements; None too where the product is too large for memory."""
        if count < 0 or size_bytes < 0:
            raise UsageError.of(f"no block has {count} elements of {size_bytes} bytes")
        return self.request(count * size_bytes, MALLOC_ALIGN_BYTES, is_zeroed=True)

    def realloc(self, address: int | None, size_bytes: int) -> int | None:
        """The address of a block of another size that begins with the old one's contents, which is gone then.

        None where there is no room: the old block stays.
        """
        if address is None:
            return self.malloc(size_bytes)
        old = self._owned(address)
        number, denied = self._asked(size_bytes, size_bytes - old.size_bytes)
        new = self._resized(old, size_bytes) if denied is None else None
        if new is None:
            self._event(Reallocate, number, old.number, size_bytes, self.site, self.thread, None, denied or "limit")
            return None
        self._event(Reallocate, number, old.number, size_bytes, self.site, self.thread, new.address)
        new.number = number
        return new.address

    def usable_bytes(self, address: int) -> int:
        """How many bytes the block at an address can hold."""
        return self._placement.usable_end(self._owned(address)) - address

    # --- stacks

    def push(self, size_bytes: int, align_bytes: int = MALLOC_ALIGN_BYTES, is_zeroed: bool = False) -> int | None:
        """The address of a block on top of the thread's stack, or elsewhere where that is full.

        It ends with `pop`, or by itself with `free`. `realloc` moves it off the stack.
        """
        return self.request(size_bytes, align_bytes, is_zeroed=is_zeroed, is_stack=True)

    def mark(self) -> Mark:
        """The height of the thread's stack."""
        return self._placement.stacks.mark(self.thread)

    def pop(self, mark: Mark) -> None:
        """End the blocks above a mark, the last first.

        Raises: HeapFault where the stack has been below the mark since.
        """
        blocks = self._placement.stacks.above(mark)
        if blocks is None:
            raise HeapFault(faults.BAD_MARK, 0, "", self.site)
        for block in blocks:
            self._require_whole(block)
        for block in blocks:
            self.free(block.address)

    # --- threads, memory that is at hand, collections

    def end_thread(self, thread: int) -> None:
        """Give back what a thread's caches have."""
        self._event(EndThread, thread)
        if self._placement.caches is not None:
            self._placement.caches.flush(thread)

    def trim(self) -> None:
        """Give back all that is held for later."""
        self._event(Trim)
        self._placement.trim()

    def collected(self, marked: int, swept: int) -> None:
        """Note a collection, which freed what it swept by `free`."""
        self._event(Collect, marked, swept)
        self.stats.collections += 1
        self._tallies.collections.add(marked, swept)

    # --- looking

    def check_access(self, address: int, size_bytes: int = 1) -> None:
        """Nothing, where the bytes are all in one live block's payload.

        Raises: HeapFault otherwise. A block that ended is known until its bytes go out again.
        """
        block = self._known.find(address)
        if block is None:
            raise HeapFault(faults.BAD_ACCESS, address, "", self.site)
        if not block.is_live:
            raise HeapFault(faults.USE_AFTER_FREE, address, block.site, self.site)
        if address < block.address:
            raise HeapFault(faults.UNDER_RUN, address, block.site, self.site)
        if address + size_bytes > block.end:
            raise HeapFault(faults.OVER_RUN, max(address, block.end), block.site, self.site)

    def write(self, address: int, size_bytes: int = 1) -> None:
        """Write as hardware does, which asks nobody. With a guard, damage comes out at `free` and `check`."""
        end = address + size_bytes
        self._placement.written(address, end)
        if self.spec.guard is None:
            return
        for block in self._known.overlapping(address, end):
            if block.damage is None:
                if not block.is_live:
                    block.damage = faults.USE_AFTER_FREE
                elif address < block.address:
                    block.damage = faults.UNDER_RUN
                elif end > block.end:
                    block.damage = faults.OVER_RUN

    def check(self) -> None:
        """Nothing, where no guard has seen damage.

        Raises: HeapFault for the first damaged block, in order of address.
        """
        for block in self._known.all():
            self._require_whole(block)

    def is_zero(self, address: int, size_bytes: int) -> bool:
        """Whether these bytes were never in a block since they were last cleared."""
        return self._placement.is_zero(address, address + size_bytes)

    def blocks(self) -> list[Block]:
        """The live blocks in order of address."""
        return [block for block in self._known.all() if block.is_live]

    def block_at(self, address: int) -> Block | None:
        """The live block whose payload begins there."""
        return self._live.get(address)

    def leaks(self) -> list[HeapFault]:
        """A fault for each site with live blocks, at the first of them."""
        first: dict[str, Block] = {}
        for block in self._live.values():
            first.setdefault(block.site, block)
        return [HeapFault(faults.LEAK, b.address, site, self.site) for site, b in first.items()]

    @property
    def usage(self) -> Usage:
        return Usage(self._placement.held_bytes, self._tallies.block_bytes, self.stats.live_bytes)

    @property
    def placement(self) -> Placement:
        """The tiers, to look at."""
        return self._placement

    def report(self) -> HeapReport:
        return self._tallies.report(self.spec, self.stats, self.usage, self._placement)

    # --- how

    def _event(self, event: Callable[..., Event], *fields: object) -> None:
        if self._on_event is not None:
            self._on_event(event(*fields))

    def _owned(self, address: int) -> Block:
        """The live block at an address, unharmed."""
        block = self._live.get(address)
        if block is None:
            before = self._known.find(address)
            if before is not None and not before.is_live and before.address == address:
                raise HeapFault(faults.DOUBLE_FREE, address, before.site, self.site)
            raise HeapFault(faults.BAD_FREE, address, before.site if before is not None else "", self.site)
        self._require_whole(block)
        return block

    def _require_whole(self, block: Block) -> None:
        if block.damage is not None:
            raise HeapFault(block.damage, block.address, block.site, self.site)

    def _asked(self, size_bytes: int, growth_bytes: int) -> tuple[int, Denial | None]:
        """Count a request that adds so many bytes of payload: its number, and why it is denied."""
        if size_bytes < 0:
            raise UsageError.of(f"no block has {size_bytes} bytes")
        stats = self.stats
        stats.calls += 1
        stats.bytes_requested += size_bytes
        self._requests += 1  # not `calls`: whoever asks again after a collection takes the first time off them
        denied: Denial | None = None
        if stats.calls == self.fail_at:
            denied = "injected"
        elif size_bytes > MAX_BYTES or stats.live_bytes + growth_bytes > self._limit_bytes:
            denied = "limit"
        if denied is not None:
            self._deny(growth_bytes, denied)
        return self._requests, denied

    def _deny(self, growth_bytes: int, denied: Denial) -> None:
        self.stats.denied_bytes = self.stats.live_bytes + growth_bytes
        self._tallies.denied[denied] += 1

    def _begin(self, block: Block, is_stack: bool = False) -> None:
        block.site, block.thread = self.site, self.thread
        if is_stack:
            self._placement.stacks.push(block)
        self._live[block.address] = block
        self._known.add(block)
        self.stats.live_bytes += block.size_bytes
        if self.stats.live_bytes > self.stats.peak_bytes:
            self.stats.peak_bytes = self.stats.live_bytes
        self._tallies.begin(block, self._placement.held_bytes, self.stats.live_bytes)

    def _end(self, block: Block) -> None:
        self._forget(block)
        self._placement.release(block, self.thread)

    def _forget(self, block: Block) -> None:
        del self._live[block.address]
        block.is_live = False
        self.stats.frees += 1
        self.stats.live_bytes -= block.size_bytes
        self._tallies.end(block, self.thread)

    def _resized(self, old: Block, size_bytes: int) -> Block | None:
        """The block that stands for `old` with another size; None where there is no room, and `old` is as it was."""
        in_place = self._placement.resize(old, size_bytes)
        new = in_place or self._placement.place(size_bytes, old.align_bytes, old.is_scan, self.thread)
        if new is None:
            self._deny(size_bytes - old.size_bytes, "limit")
            return None
        new.align_bytes, new.is_scan = old.align_bytes, old.is_scan
        self._forget(old)
        if in_place is None:
            self._placement.copy(old, new)
        self._begin(new)
        if in_place is None:
            self._placement.release(old, self.thread)
        return new
