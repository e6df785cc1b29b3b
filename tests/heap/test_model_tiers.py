"""What specs make of a heap: free lists, arenas that come and go, caches and the lock, padding, zeroing, stacks."""

from __future__ import annotations

import pytest

from irpass.diagnostics import UsageError
from irpass.heap.model import ModelHeap
from irpass.heap.spec_reader import read_heap_spec
from irpass.heap.trace import Event, Trim
from tests.heap.specs import WatchedBytes

ARENAS = "align_bytes = 8\n[managed]\nmin_class_bytes = 16\nmax_class_bytes = 64\narena_bytes = 256\n"


def heap_of(text: str) -> ModelHeap:
    return ModelHeap(read_heap_spec(text))


def take(heap: ModelHeap, size_bytes: int, count: int = 1) -> list[int]:
    found = [heap.allocate(size_bytes, 1, False) for _ in range(count)]
    assert None not in found
    return [address for address in found if address is not None]


@pytest.mark.parametrize(("policy", "expected"), [("most-recent", [2, 0, 1]), ("longest-idle", [1, 0, 2])])
def test_a_free_list_gives_by_its_policy(policy: str, expected: list[int]) -> None:
    heap = heap_of(ARENAS + f'free_list = "{policy}"\n')
    blocks = take(heap, 16, 4)
    for index in (1, 0, 2):
        heap.free(blocks[index])
    assert take(heap, 10, 3) == [blocks[index] for index in expected]


def test_memory_that_was_never_out_waits_until_no_freed_block_fits() -> None:
    heap = heap_of(ARENAS)
    first, second = take(heap, 16, 2)
    heap.free(first)
    assert take(heap, 16, 2) == [first, second + 16]


def test_an_arena_comes_when_blocks_run_out_and_goes_when_none_is_out() -> None:
    heap = heap_of(ARENAS)
    blocks = take(heap, 64, 9)
    assert heap.report().arenas == {"made": 3, "given_back": 0, "in_use": 3, "kept": 0, "free_blocks": 3}
    for block in blocks[4:8]:
        heap.free(block)
    assert heap.report().arenas == {"made": 3, "given_back": 1, "in_use": 2, "kept": 0, "free_blocks": 3}


def test_kept_arenas_serve_the_next_class() -> None:
    heap = heap_of(ARENAS + "keep_arenas = 1\npreallocate_arenas = 1\n")
    assert heap.report().arenas["made"] == heap.report().arenas["kept"] == 1
    (block,) = take(heap, 64)
    heap.free(block)
    assert take(heap, 16) == [block]
    assert heap.report().arenas == {"made": 1, "given_back": 0, "in_use": 1, "kept": 0, "free_blocks": 15}


def test_blocks_with_pointers_are_apart_unless_the_spec_mixes_them() -> None:
    for text, arenas in ((ARENAS, 2), (ARENAS + "separate_pointers = false\n", 1)):
        heap = heap_of(text)
        heap.allocate(16, 8, True)
        heap.allocate(16, 8, False)
        assert heap.report().arenas["in_use"] == arenas


def test_blocks_in_a_row_leave_what_they_pass_over_to_small_requests() -> None:
    heap = heap_of(ARENAS + "run_blocks = 4\n")
    a, b, c, d = take(heap, 64, 4)
    heap.free(a)
    heap.free(c)
    (run,) = take(heap, 100)  # two blocks of 64: not a and c, which are apart
    assert heap.report().arenas["in_use"] == 2 and heap.report().classes["64 x 2"].live_blocks == 1
    heap.free(run)
    heap.free(b)
    assert take(heap, 150) == [a]  # now three in a row are free
    assert heap.blocks()[1].address == d and heap.report().hits["system"] == 0


def test_a_request_over_the_largest_class_is_the_system_tiers() -> None:
    heap = heap_of(ARENAS)
    take(heap, 65)
    assert heap.report().hits == {"cache": 0, "managed": 0, "system": 1, "stack": 0, "in place": 0}


CACHED = ARENAS + "[cache]\ncapacity_blocks = 4\nfill_blocks = 3\nflush_blocks = 2\n"


def test_a_cache_is_filled_and_flushed_in_batches_under_one_lock_each() -> None:
    heap = heap_of(CACHED)
    blocks = take(heap, 16, 4)  # fills with 3, has 2 hits, fills again
    assert heap.report().caches == {
        "hits": 2, "fills": 2, "filled_blocks": 6, "flushes": 0, "flushed_blocks": 0, "blocks": 2
    }  # fmt: skip
    assert heap.report().locks == {0: 2}
    for block in blocks:
        heap.free(block)
    caches = heap.report().caches
    assert (caches["flushes"], caches["flushed_blocks"], caches["blocks"]) == (1, 2, 4)
    assert heap.report().locks == {0: 3}


def test_a_cache_gives_its_newest_block_and_flushes_its_oldest() -> None:
    heap = heap_of(CACHED)
    blocks = take(heap, 16, 6)
    assert blocks == [blocks[0] + 16 * at for at in range(6)], "a batch goes out in the order of the tier"
    for block in blocks[:5]:
        heap.free(block)
    heap.thread = 1
    assert sorted(take(heap, 16, 2)) == blocks[:2], "what was flushed is there for others"
    heap.thread = 0
    assert take(heap, 16, 3) == [blocks[4], blocks[3], blocks[2]]


def test_without_a_cache_each_call_takes_the_lock() -> None:
    heap = heap_of(ARENAS)
    blocks = take(heap, 16, 4)
    for block in blocks:
        heap.free(block)
    assert heap.report().locks == {0: 8} and heap.report().lock_handoffs == 0


@pytest.mark.parametrize(("text", "locks", "handoffs"), [(ARENAS, 40, 39), (CACHED, 1, 1)])
def test_threads_that_take_turns_hand_the_lock_over_unless_caches_are_between(
    text: str, locks: int, handoffs: int
) -> None:
    heap = heap_of(text)
    for turn in range(40):
        heap.thread = turn % 2
        (block,) = take(heap, 16)
        heap.free(block)
    assert heap.report().locks == {0: locks, 1: locks} and heap.report().lock_handoffs == handoffs


def test_a_block_that_another_thread_frees_goes_into_that_threads_cache() -> None:
    heap = heap_of(CACHED)
    (block,) = take(heap, 16)
    heap.thread = 1
    heap.free(block)
    assert heap.report().remote_frees == 1
    assert take(heap, 16) == [block] and heap.report().caches["hits"] == 1


def test_a_thread_that_ends_leaves_nothing_in_its_caches() -> None:
    heap = heap_of(CACHED)
    (block,) = take(heap, 16)
    heap.free(block)
    heap.end_thread(1)
    assert heap.report().caches["blocks"] == 3
    heap.end_thread(0)
    assert heap.report().caches["blocks"] == 0 and heap.report().arenas["in_use"] == 0


def test_what_caches_and_quarantine_have_goes_back_before_a_request_is_denied() -> None:
    text = CACHED + "[system]\ngrow_bytes = 256\nheader_bytes = 0\n[guard]\nredzone_bytes = 8\nquarantine_blocks = 9\n"
    heap = heap_of("held_limit_bytes = 256\n" + text)
    (block,) = take(heap, 16)
    heap.free(block)
    assert heap.usage.held_bytes == 256
    assert heap.allocate(200, 8, False) is not None
    assert heap.report().arenas["in_use"] == 0


def test_padded_blocks_share_no_cache_line() -> None:
    heap = heap_of("pad_to_cache_line = true\ncache_line_bytes = 64\n" + ARENAS)
    blocks = take(heap, 1, 3) + take(heap, 200, 3)
    lines = [set(range(b // 64, (b + heap.usable_bytes(b) - 1) // 64 + 1)) for b in blocks]
    assert sum(map(len, lines)) == len(set().union(*lines))


@pytest.mark.parametrize(
    ("zeroing", "malloc_is_zero", "calloc_is_zero", "cleared"),
    [("on-request", False, True, 32), ("on-free", True, True, 96), ("none", False, False, 0)],
)
def test_zeroing(zeroing: str, malloc_is_zero: bool, calloc_is_zero: bool, cleared: int) -> None:
    memory = WatchedBytes()
    heap = ModelHeap(read_heap_spec(f'zeroing = "{zeroing}"\n' + ARENAS + "keep_arenas = 1\n"), contents=memory)

    def is_recycled_as_zeros(address: int | None) -> bool:
        assert address is not None
        is_zero = memory.get(address, 32) == bytes(32)
        assert heap.is_zero(address, 32) == is_zero
        heap.write(address, 32)
        memory.set(address, b"x" * 32)
        heap.free(address)
        return is_zero

    assert is_recycled_as_zeros(heap.malloc(20)), "what the machine gives is zero"
    assert is_recycled_as_zeros(heap.malloc(20)) == malloc_is_zero
    assert is_recycled_as_zeros(heap.calloc(5, 4)) == calloc_is_zero
    assert heap.report().zeroed_bytes == cleared


def test_realloc_stays_where_the_class_stays_and_keeps_the_contents_where_it_moves() -> None:
    memory = WatchedBytes()
    heap = ModelHeap(read_heap_spec(ARENAS), contents=memory)
    block = heap.malloc(20)
    assert block is not None and heap.realloc(block, 32) == block
    memory.set(block, b"0123456789" * 3)
    moved = heap.realloc(block, 100)
    assert moved not in (None, block) and memory.get(moved or 0, 30) == b"0123456789" * 3
    shrunk = heap.realloc(moved, 16)
    assert shrunk is not None and memory.get(shrunk, 16) == b"0123456789012345"
    assert (heap.stats.calls, heap.stats.frees, heap.stats.live_bytes) == (4, 3, 16)
    assert heap.report().hits["in place"] == 1


def test_the_system_tier_grows_and_shrinks_a_block_in_place() -> None:
    heap = heap_of("")
    block = heap.malloc(100)
    assert heap.realloc(block, 5000) == block and heap.realloc(block, 10) == block
    assert heap.usage.block_bytes == 32


def test_a_realloc_without_room_leaves_the_block() -> None:
    heap = heap_of("limit_bytes = 100")
    block = heap.malloc(60)
    assert block is not None and heap.realloc(block, 101) is None
    assert heap.stats.live_bytes == 60 and heap.stats.denied_bytes == 101
    assert heap.realloc(block, 100) is not None, "both never count at once"


def test_realloc_of_nothing_is_malloc_and_calloc_refuses_a_product_too_large_for_memory() -> None:
    heap = heap_of("")
    assert heap.realloc(None, 8) is not None
    assert heap.calloc(1 << 32, 1 << 32) is None
    assert heap.calloc(0, 1 << 62) is not None
    with pytest.raises(UsageError, match="-1 elements"):
        heap.calloc(-1, 8)
    with pytest.raises(UsageError, match="-8 bytes"):
        heap.malloc(-8)
    with pytest.raises(UsageError, match="power of two"):
        heap.allocate(8, 24, False)


def test_stacks_end_in_the_opposite_order_and_belong_to_threads() -> None:
    heap = heap_of("stack_bytes = 256")
    bottom = heap.push(16)
    mark = heap.mark()
    middle, top = heap.push(16), heap.push(16)
    assert bottom is not None and middle is not None and top is not None and bottom < middle < top
    heap.free(middle)  # its bytes wait for the top
    assert heap.push(16) not in (middle, None)
    heap.pop(mark)
    assert heap.push(16) == middle
    heap.thread = 1
    other = heap.push(200)
    assert other is not None and abs(other - bottom) >= 256
    mark = heap.mark()
    assert heap.push(100) is not None and heap.push(8) is not None
    assert heap.report().hits == {"cache": 0, "managed": 0, "system": 1, "stack": 7, "in place": 0}
    heap.pop(mark)
    assert heap.report().classes["system"].live_blocks == 0, "what had no room on the stack ends with the rest"


def test_a_reallocated_block_leaves_the_stack() -> None:
    heap = heap_of("")
    mark = heap.mark()
    block = heap.push(16)
    moved = heap.realloc(block, 16)
    heap.pop(mark)
    assert moved != block and [b.address for b in heap.blocks()] == [moved]
    assert heap.push(16) == block


def test_the_limit_is_on_payload_as_on_the_simple_heap() -> None:
    heap = heap_of("limit_bytes = 100\n" + ARENAS)
    assert heap.allocate(60, 8, False) is not None and heap.allocate(40, 8, False) is not None
    assert heap.allocate(1, 1, False) is None and heap.stats.denied_bytes == 101
    assert heap.allocate(0, 1, False) is not None


def test_a_chosen_request_fails_once() -> None:
    heap = ModelHeap(read_heap_spec(""), fail_at=2)
    assert [heap.malloc(8) is None for _ in range(4)] == [False, True, False, False]
    assert (heap.report().denied, heap.report().injected) == (1, 1)


def test_a_trim_is_an_event() -> None:
    events: list[Event] = []
    ModelHeap(read_heap_spec(""), on_event=events.append).trim()
    assert events == [Trim()]


def test_usage_at_the_peak_is_that_of_the_first_time() -> None:
    heap = heap_of("[system]\ngrow_bytes = 1\nheader_bytes = 0\ntrim_bytes = 9999\n")
    heap.free(heap.malloc(64) or 0)
    take(heap, 1)
    take(heap, 63)
    assert heap.report().at_peak == (64, 64, 64) and heap.usage == (72, 72, 64)


def test_fragmentation_is_what_blocks_and_arenas_have_over() -> None:
    heap = heap_of(ARENAS + "[system]\ngrow_bytes = 1\n")
    take(heap, 48)
    usage = heap.usage
    assert usage == (256, 64, 48)
    assert usage.internal == 0.25 and usage.external == 0.75
    assert heap.report().to_json()["now"] == {
        "held_bytes": 256, "block_bytes": 64, "live_bytes": 48,
        "internal_fragmentation": 0.25, "external_fragmentation": 0.75,
    }  # fmt: skip
