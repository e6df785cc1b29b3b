"""Misuse of a heap: which fault it is, of whose block, and that the heap goes on as if it had not been."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest

from irpass.heap.faults import HeapFault
from irpass.heap.model import ModelHeap
from irpass.heap.spec_reader import read_heap_spec

ARENAS = "[managed]\nmax_class_bytes = 256\n"
GUARD = ARENAS + "[guard]\nredzone_bytes = 16\nquarantine_blocks = 2\n"


def heap_with_block(text: str, size_bytes: int = 40) -> tuple[ModelHeap, int]:
    """A heap, and a block on it that is of the site @f:%a; the heap is at @g:%b."""
    heap = ModelHeap(read_heap_spec(text))
    heap.site = "@f:%a"
    address = heap.allocate(size_bytes, 8, False)
    assert address is not None
    heap.site = "@g:%b"
    return heap, address


def fault_of(heap: ModelHeap, call: Callable[[], object]) -> HeapFault:
    """The fault of a call, which has changed nothing."""
    before = heap.report(), [block.address for block in heap.blocks()]
    with pytest.raises(HeapFault) as found:
        call()
    assert (heap.report(), [block.address for block in heap.blocks()]) == before
    assert found.value.at == "@g:%b"
    return found.value


@pytest.mark.parametrize("text", ["", ARENAS, GUARD])
def test_a_second_free_is_a_double_free_of_the_same_site(text: str) -> None:
    heap, address = heap_with_block(text)
    heap.free(address)
    fault = fault_of(heap, lambda: heap.free(address))
    assert (fault.kind, fault.address, fault.site) == ("double free", address, "@f:%a")
    assert str(fault) == f"double free at {address:#x} of the block from @f:%a, in @g:%b"


def test_a_double_free_is_known_until_the_bytes_go_out_again() -> None:
    heap, address = heap_with_block(ARENAS)
    heap.free(address)
    assert heap.allocate(40, 8, False) == address
    heap.free(address)
    assert fault_of(heap, lambda: heap.free(address)).site == "@g:%b"


@pytest.mark.parametrize("by", [-1, 1, 8, 39, 1 << 20])
@pytest.mark.parametrize("text", ["", ARENAS, GUARD])
def test_a_free_within_or_beside_a_block_is_a_bad_free(text: str, by: int) -> None:
    heap, address = heap_with_block(text)
    fault = fault_of(heap, lambda: heap.free(address + by))
    assert fault.kind == "bad free" and fault.site == ("@f:%a" if by < 40 and (by > 0 or text != ARENAS) else "")


def test_realloc_of_what_is_no_block_faults_as_free_does() -> None:
    heap, address = heap_with_block(ARENAS)
    assert fault_of(heap, lambda: heap.realloc(address + 8, 4)).kind == "bad free"
    heap.free(address)
    assert fault_of(heap, lambda: heap.realloc(address, 4)).kind == "double free"


@pytest.mark.parametrize(
    ("first", "size_bytes", "kind"),
    [(0, 40, None), (39, 1, None), (0, 41, "over-run"), (40, 1, "over-run"), (55, 4, "over-run"), (-1, 1, "under-run"),
     (-16, 4, "under-run"), (-1, 42, "under-run"), (1 << 22, 1, "bad access")],
)  # fmt: skip
def test_an_access_is_within_the_payload_or_is_a_fault(first: int, size_bytes: int, kind: str | None) -> None:
    heap, address = heap_with_block(GUARD)
    if kind is None:
        heap.check_access(address + first, size_bytes)
        return
    fault = fault_of(heap, lambda: heap.check_access(address + first, size_bytes))
    assert (fault.kind, fault.site) == (kind, "" if kind == "bad access" else "@f:%a")


def test_an_access_after_the_free_is_a_fault_while_the_block_waits() -> None:
    heap, address = heap_with_block(GUARD)
    heap.free(address)
    assert fault_of(heap, lambda: heap.check_access(address, 8)).kind == "use after free"
    heap.free(heap.allocate(40, 8, False) or 0)
    assert heap.report().quarantined_blocks == 2
    heap.free(heap.allocate(40, 8, False) or 0)
    assert heap.report().quarantined_blocks == 2
    assert heap.allocate(40, 8, False) == address, "the block that waited the longest goes out again"
    heap.check_access(address, 8)


@pytest.mark.parametrize(("by", "size_bytes", "kind"), [(40, 1, "over-run"), (-4, 4, "under-run"), (36, 8, "over-run")])
def test_a_write_to_a_red_zone_comes_out_at_free_and_at_a_check(by: int, size_bytes: int, kind: str) -> None:
    heap, address = heap_with_block(GUARD)
    heap.check()
    heap.write(address, 40)
    heap.check()
    heap.write(address + by, size_bytes)
    for call in (heap.check, lambda: heap.free(address), lambda: heap.realloc(address, 80)):
        fault = fault_of(heap, call)
        assert (fault.kind, fault.address, fault.site) == (kind, address, "@f:%a")


def test_a_write_to_a_freed_block_comes_out_at_a_check() -> None:
    heap, address = heap_with_block(GUARD)
    heap.free(address)
    heap.write(address + 8, 8)
    fault = fault_of(heap, heap.check)
    assert (fault.kind, fault.site) == ("use after free", "@f:%a")


def test_without_a_guard_a_write_past_the_end_goes_unnoticed() -> None:
    heap, address = heap_with_block(ARENAS)
    heap.write(address + 40, 100)
    heap.check()
    heap.free(address)


def test_red_zones_keep_the_alignment_and_the_payload_apart() -> None:
    heap = ModelHeap(read_heap_spec(GUARD))
    blocks = [heap.allocate(size, align, False) or 0 for size in (0, 1, 40, 300) for align in (1, 64, 256)]
    aligns = [1, 64, 256] * 4
    assert all(address % align == 0 for address, align in zip(blocks, aligns, strict=True))
    assert [heap.usable_bytes(address) for address in blocks] == [0, 0, 0, 1, 1, 1, 40, 40, 40, 300, 300, 300]
    ends = sorted((b.address - 16, b.end + 16) for b in heap.blocks())
    assert all(end <= start for (_, end), (start, _) in pairwise(ends))


def test_leaks_are_told_by_site() -> None:
    heap, address = heap_with_block(ARENAS)
    second = heap.allocate(8, 8, False)
    assert [(f.kind, f.address, f.site) for f in heap.leaks()] == [
        ("leak", address, "@f:%a"),
        ("leak", second, "@g:%b"),
    ]
    heap.free(address)
    assert [f.site for f in heap.leaks()] == ["@g:%b"]


def test_a_pop_that_finds_a_damaged_block_ends_none() -> None:
    heap = ModelHeap(read_heap_spec(GUARD))
    heap.site = "@g:%b"
    mark = heap.mark()
    first, second = heap.push(8), heap.push(8)
    assert first is not None and second is not None
    heap.write(first + 8)
    assert fault_of(heap, lambda: heap.pop(mark)).kind == "over-run"
