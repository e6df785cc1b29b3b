"""Random calls of the generated C against a model: no two live blocks overlap, contents are kept, blocks read as zero
where that is promised, and the statistics are exact."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from tests.generate.c_library import Stats, View, model_library, needs_gcc


@dataclass(frozen=True)
class Kind:
    """What the spec says of one view."""

    name: str
    base: int  # number of the base in enum m_allocator
    elem_bytes: int
    base_bytes: int
    min_log2: int
    max_log2: int
    is_exact: bool
    is_zeroed: bool
    is_string: bool = False

    def elems(self, length: int) -> int:
        """Elements of the base for `length` elements of the view."""
        return -(-(length + self.is_string) * self.elem_bytes // self.base_bytes)

    def block_bytes(self, length: int) -> int:
        elems = self.elems(length)
        if elems > 1 << self.max_log2:
            return elems * self.base_bytes
        return self.base_bytes << max(self.min_log2, (elems - 1).bit_length() if elems else 0)

    def cap_of(self, room_bytes: int) -> int:
        return room_bytes // self.elem_bytes - self.is_string


KINDS = (
    Kind("words", 0, 8, 8, 1, 12, False, True),
    Kind("raw", 1, 1, 1, 4, 20, True, False),
    Kind("triples", 2, 24, 24, 0, 5, True, True),
    Kind("nodes", 3, 8, 8, 3, 8, False, True),
    Kind("bytes", 0, 1, 8, 1, 12, True, True),
    Kind("ints", 0, 4, 8, 1, 12, False, True),
    Kind("text", 0, 1, 8, 1, 12, True, True, True),
    Kind("line", 1, 1, 1, 4, 20, False, False, True),
)
STRINGS = tuple(kind for kind in KINDS if kind.is_string)
MAX_BYTES = 1 << 46
NOT_OURS, OTHER_ALLOCATOR, NOT_LIVE, PAST_BLOCK = 3, 4, 5, 6


@dataclass
class Live:
    """A live view and the block that it is in."""

    kind: Kind
    ptr: int
    length: int
    cap: int
    block: int
    block_bytes: int
    content: bytearray

    def view(self) -> View:
        return View(self.ptr, self.length, self.cap)


def append_cap(cap: int, needed: int) -> int:
    """Go's append without the rounding to its size classes."""
    if needed > 2 * cap:
        return needed
    if cap < 256:
        return 2 * cap
    while cap < needed:
        cap += (cap + 768) // 4
    return cap


def cap_for(live: Live, needed: int) -> int:
    return live.cap if needed <= live.cap else append_cap(live.cap, needed)


AT_THE_LIMITS = (4096, 4097, 32768, 32769, 1 << 19, 1 << 20, (1 << 20) + 1, 3 << 20)
IMPOSSIBLE_LENGTHS = st.one_of(
    st.integers(-(2**63), -1),
    st.integers(MAX_BYTES + 1, 2**63 - 1),
    st.sampled_from([-1, -2, -7, -8, -(2**63), -(2**63) + 7, 2**63 - 1, 2**61, 2**62 + 1, MAX_BYTES + 1]),
)
LENGTHS = st.one_of(st.integers(0, 40), st.integers(0, 700), st.sampled_from(AT_THE_LIMITS))

_library: list[Any] = []


class GeneratedC(RuleBasedStateMachine):
    views = Bundle("views")

    @initialize()
    def start(self) -> None:
        self.c = _library[0]
        self.live: dict[int, Live] = {}  # by address of the block
        self.leaked = [self.stats(base).live for base in range(4)]  # by an example that failed
        self.allocs = [self.stats(base).allocs for base in range(4)]
        self.frees = [self.stats(base).frees for base in range(4)]
        self.requested = [self.stats(base).requested_bytes for base in range(4)]

    def stats(self, base: int) -> Stats:
        stats = self.c.m_stats_of(base)
        assert isinstance(stats, Stats)
        return stats

    def call(self, kind: Kind, verb: str, *arguments: Any) -> Any:
        return getattr(self.c, f"m_{kind.name}_{verb}")(*arguments)

    def add(self, kind: Kind, view: View, asked: int, length: int, content: bytearray) -> Live:
        """Checks a view in a new block, made for `asked` elements."""
        block_bytes = kind.block_bytes(asked)
        room = kind.cap_of(block_bytes)
        assert view.len == length
        assert view.cap == (asked if kind.is_exact else room)
        live = Live(kind, view.ptr, length, view.cap, view.ptr, block_bytes, content)
        for other in self.live.values():
            assert live.block + block_bytes <= other.block or other.block + other.block_bytes <= live.block
        assert live.ptr % (64 if kind.name == "nodes" else 8) == 0
        self.live[live.block] = live
        self.allocs[kind.base] += 1
        self.requested[kind.base] += (asked + kind.is_string) * kind.elem_bytes
        return live

    def drop(self, live: Live) -> None:
        del self.live[live.block]
        self.frees[live.kind.base] += 1

    def refused(self, kind: Kind, view: View, error: int) -> None:
        refusals = self.stats(kind.base).refusals
        assert self.call(kind, "free", view) is False
        assert self.c.m_last_error() == error
        assert self.stats(kind.base).refusals == refusals + 1

    # --- rules

    @rule(target=views, kind=st.sampled_from(KINDS), length=LENGTHS)
    def alloc(self, kind: Kind, length: int) -> Any:
        view = self.call(kind, "alloc", length)
        assert view.ptr
        if length == 0 and kind.is_exact and not kind.is_string:
            assert (view.len, view.cap) == (0, 0)
            assert self.call(kind, "free", view) is True
            return multiple()
        content = ctypes.string_at(view.ptr, kind.block_bytes(length))
        if kind.is_zeroed:
            assert not any(content)  # the whole block, beyond the cap too
        used = length * kind.elem_bytes
        if kind.is_string:
            assert not any(content[: length + 1])
        return self.add(kind, view, length, length, bytearray(content[:used]))

    @rule(kind=st.sampled_from(KINDS), length=IMPOSSIBLE_LENGTHS)
    def impossible_length_fails(self, kind: Kind, length: int) -> None:
        failures = self.stats(kind.base).failures
        view = self.call(kind, "alloc", length)
        assert (view.ptr, view.len, view.cap) == (None, 0, 0)
        assert self.c.m_last_error() == 1
        assert self.stats(kind.base).failures == failures + 1

    @rule(live=views, seed=st.integers(1, 255))
    def write(self, live: Live, seed: int) -> None:
        if self.live.get(live.block) is not live or live.length == 0:
            return
        live.content = bytearray((seed + i) & 255 for i in range(min(64, live.length * live.kind.elem_bytes)))
        live.content += bytes([seed]) * (live.length * live.kind.elem_bytes - len(live.content))
        ctypes.memmove(live.ptr, bytes(live.content), len(live.content))

    @rule(live=consumes(views), cut=st.integers(0, 50), keep=st.integers(1, 50))
    def free(self, live: Live, cut: int, keep: int) -> None:
        """Frees a view, often moved forward or shortened; then a second free is refused."""
        if self.live.get(live.block) is not live:
            return
        kind, view = live.kind, live.view()
        cut = min(cut, live.cap - (not kind.is_string))
        if cut > 0:
            left = live.cap - cut
            view = View(live.ptr + cut * kind.elem_bytes, 0, left if kind.is_string else min(keep, left))
        assert self.call(kind, "free", view) is True
        self.drop(live)
        is_large = live.block_bytes > kind.base_bytes << kind.max_log2  # and so back with the system
        self.refused(kind, view, NOT_OURS if is_large else NOT_LIVE)

    @rule(live=views)
    def other_allocators_refuse(self, live: Live) -> None:
        if self.live.get(live.block) is not live or live.cap == 0:
            return
        for kind in KINDS:
            if kind.base != live.kind.base:
                self.refused(kind, View(live.ptr, 1, 1), OTHER_ALLOCATOR)

    @rule(live=views, beyond=st.integers(1, 100))
    def views_past_their_block_are_refused(self, live: Live, beyond: int) -> None:
        if self.live.get(live.block) is not live:
            return
        kind = live.kind
        room = (live.block + live.block_bytes - live.ptr) // kind.elem_bytes
        self.refused(kind, View(live.ptr, 1, room + beyond), PAST_BLOCK)
        if not kind.is_string:
            self.refused(kind, View(live.block + live.block_bytes, 0, 0), PAST_BLOCK)

    @rule(kind=st.sampled_from(KINDS), size_bytes=st.integers(8, 100))
    def foreign_memory_is_refused(self, kind: Kind, size_bytes: int) -> None:
        mine = ctypes.create_string_buffer(size_bytes)
        for ptr in (ctypes.addressof(mine), 8, 1 << 40, (1 << 64) - 8):
            self.refused(kind, View(ptr, 1, 1), NOT_OURS)

    @rule(target=views, live=consumes(views), length=LENGTHS)
    def resize(self, live: Live, length: int) -> Any:
        if self.live.get(live.block) is not live:
            return multiple()
        return self.reshape(live, self.call(live.kind, "resize", live.view(), length), length, length)

    @rule(target=views, live=consumes(views), extra=st.integers(0, 600))
    def grow(self, live: Live, extra: int) -> Any:
        if self.live.get(live.block) is not live:
            return multiple()
        needed = live.length + extra
        view = self.call(live.kind, "grow", live.view(), extra)
        return self.reshape(live, view, needed, cap_for(live, needed))

    @rule(target=views, kind=st.sampled_from(STRINGS), text=st.binary(min_size=1, max_size=99), turns=st.integers(0, 2))
    def copy(self, kind: Kind, text: bytes, turns: int) -> Live:
        """A copy of a text, to which some of itself is appended: it may move away with the string."""
        view = self.call(kind, "copy", text, len(text))
        assert ctypes.string_at(view.ptr, len(text) + 1) == text + b"\0"
        live = self.add(kind, view, len(text), len(text), bytearray(text))
        for turn in range(turns):
            live = self.append_to(live, ctypes.c_void_p(live.ptr + turn), bytes(live.content[turn:]))
        return live

    @rule(target=views, live=consumes(views), text=st.binary(max_size=300))
    def append(self, live: Live, text: bytes) -> Any:
        if self.live.get(live.block) is not live:
            return multiple()
        if not live.kind.is_string:
            return live
        return self.append_to(live, ctypes.cast(ctypes.c_char_p(text), ctypes.c_void_p), text)

    def append_to(self, live: Live, at: ctypes.c_void_p, text: bytes) -> Any:
        needed, cap = live.length + len(text), cap_for(live, live.length + len(text))
        view = self.call(live.kind, "append", live.view(), at, len(text))
        return self.reshape(live, view, needed, cap, text)

    def reshape(self, live: Live, view: View, length: int, cap: int, rear: bytes | None = None) -> Any:
        """Checks what became of a view that was to have `length` elements, in a new block for `cap` of them; the new
        ones are `rear`, or else zero where that is promised."""
        kind = live.kind
        assert view.ptr
        room = kind.cap_of(live.block + live.block_bytes - live.ptr)
        kept = live.content[: length * kind.elem_bytes]
        is_empty = length == 0 and kind.is_exact and not kind.is_string
        if length <= room and not is_empty and (room > 0 or not kind.is_string):
            assert view.ptr == live.ptr and view.len == length
            assert view.cap == (min(cap, room) if kind.is_exact else room)
            live.length, live.cap = length, view.cap
        else:
            self.drop(live)
            if is_empty:
                assert (view.len, view.cap) == (0, 0)
                return multiple()
            live = self.add(kind, view, cap, length, kept)
        got = ctypes.string_at(view.ptr, length * kind.elem_bytes)
        assert got[: len(kept)] == kept
        if rear is not None:
            assert got[len(kept) :] == rear
        elif kind.is_zeroed or kind.is_string:
            assert not any(got[len(kept) :])
        live.content = bytearray(got)
        return live

    @rule()
    def trim(self) -> None:
        held = sum(self.stats(base).held_bytes for base in range(4))
        released = self.c.m_trim()
        assert sum(self.stats(base).held_bytes for base in range(4)) == held - released

    @invariant()
    def contents_are_kept(self) -> None:
        for live in getattr(self, "live", {}).values():
            size_bytes = len(live.content)
            assert ctypes.string_at(live.ptr, size_bytes) == live.content
            if live.kind.is_string:
                assert ctypes.string_at(live.ptr + live.length, 1) == b"\0"

    @invariant()
    def accounting_is_exact(self) -> None:
        if not hasattr(self, "live"):
            return
        for base in range(4):
            stats = self.stats(base)
            assert stats.allocs == self.allocs[base]
            assert stats.frees == self.frees[base]
            assert stats.live == self.leaked[base] + sum(live.kind.base == base for live in self.live.values())
            assert stats.requested_bytes == self.requested[base]
            assert stats.held_bytes >= sum(x.block_bytes for x in self.live.values() if x.kind.base == base)

    def teardown(self) -> None:
        for live in list(getattr(self, "live", {}).values()):
            assert self.call(live.kind, "free", live.view()) is True


STRING_VERBS = (
    ("copy", View, [ctypes.c_char_p, ctypes.c_ssize_t]),
    ("append", View, [View, ctypes.c_void_p, ctypes.c_ssize_t]),
)


@needs_gcc
def test_generated_c_does_what_the_model_says(tmp_path_factory: pytest.TempPathFactory) -> None:
    c = model_library(tmp_path_factory.mktemp("model"))
    c.m_stats_of.restype = Stats
    c.m_trim.restype = ctypes.c_size_t
    for kind in KINDS:
        for verb, result, arguments in (
            ("alloc", View, [ctypes.c_ssize_t]),
            ("free", ctypes.c_bool, [View]),
            ("resize", View, [View, ctypes.c_ssize_t]),
            ("grow", View, [View, ctypes.c_ssize_t]),
            *STRING_VERBS * kind.is_string,
        ):
            function = getattr(c, f"m_{kind.name}_{verb}")
            function.restype, function.argtypes = result, arguments
    quiet = ctypes.CFUNCTYPE(None, ctypes.c_char_p)(lambda message: None)
    c.m_set_report(quiet)
    _library[:] = [c]
    run_state_machine_as_test(
        GeneratedC,
        settings=settings(
            max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
    assert all(c.m_stats_of(base).live == 0 for base in range(4))
    c.m_trim()
    assert all(c.m_stats_of(base).held_bytes == 0 for base in range(4))
