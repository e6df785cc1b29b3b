"""Property tests of memory against models that are too simple to be wrong."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from irpass.heap.simple import SimpleHeap
from irpass.interp.arenas import MISALIGNED, OUT_OF_ARENA, Arena
from irpass.interp.cells import FREED, UNWRITTEN, SparseCells
from irpass.interp.machine import run
from irpass.interp.memory import NIL, Memory, Region, Slice, clear, copy, grown_cap
from irpass.interp.outcome import TrapError
from irpass.interp.shapes import Shapes
from irpass.ir import ops
from irpass.ir.core import ArenaSpec, Module, Struct
from irpass.ir.semantics import binary
from irpass.ir.types import BYTES, I8, I16, I32, I64, SCALARS, U8, ScalarType, StructType
from irpass.text.parser import parse


@given(st.integers(0, 5000), st.integers(1, 20_000))
def test_append_grows_as_the_language_says(cap: int, more: int) -> None:
    needed = cap + more
    grown = grown_cap(cap, needed)
    assert grown >= needed
    if needed > 2 * cap:
        assert grown == needed
    elif cap < 256:
        assert grown == 2 * cap
    else:
        steps = [cap]
        while steps[-1] < needed:
            steps.append(steps[-1] + (steps[-1] + 768) // 4)
        assert grown == steps[-1]


@given(st.lists(st.integers(1, 700), max_size=30))
def test_many_appends_cost_a_number_of_calls_that_grows_with_the_logarithm(pieces: list[int]) -> None:
    memory = Memory(Module(), SimpleHeap())
    shape = memory.shapes.of(U8)
    s, total = NIL, 0
    for piece in pieces:
        for _ in range(piece):
            s = memory.append(shape, s, total % 251)
            total += 1
    assert (s.length, s.cap >= total) == (total, True)
    assert [s.region.cells[i] for i in range(total)] == [i % 251 for i in range(total)]
    assert memory.stats.calls <= 60


class ListSlice:
    """A slice over a Python list that all slices of one allocation share."""

    def __init__(self, base: list[int], lo: int, length: int, cap: int) -> None:
        self.base, self.lo, self.length, self.cap = base, lo, length, cap

    def items(self) -> list[int]:
        return self.base[self.lo : self.lo + self.length]


ACTIONS = st.lists(
    st.tuples(st.sampled_from(["make", "append", "extend", "copy", "slice", "store", "clear"]),
              st.integers(0, 7), st.integers(0, 7), st.integers(-1, 12), st.integers(-1, 12)),
    max_size=60,
)  # fmt: skip


@settings(max_examples=300)
@given(ACTIONS)
def test_slices_behave_as_windows_of_shared_lists(actions: list[tuple[str, int, int, int, int]]) -> None:
    memory = Memory(Module(), SimpleHeap())
    shape = memory.shapes.of(I64)
    real: list[Slice] = [NIL]
    model = [ListSlice([], 0, 0, 0)]
    for name, i, j, a, b in actions:
        s, m = real[i % len(real)], model[i % len(real)]
        t, n = real[j % len(real)], model[j % len(real)]
        if name == "make":
            length, cap = max(a, 0), max(a, b, 0)
            real.append(Slice(memory.allocate(shape, cap), 0, length, cap))
            model.append(ListSlice([0] * cap, 0, length, cap))
        elif name in ("append", "extend"):
            added = [a] if name == "append" else n.items()
            real.append(memory.append(shape, s, a) if name == "append" else memory.extend(shape, s, t))
            model.append(_extended(m, added))
        elif name == "copy":
            moved = n.items()[: m.length]
            assert copy(shape, s, t) == len(moved)
            m.base[m.lo : m.lo + len(moved)] = moved
        elif name == "slice" and 0 <= a <= b <= s.cap:
            real.append(Slice(s.region, s.start + a, b - a, s.cap - a))
            model.append(ListSlice(m.base, m.lo + a, b - a, m.cap - a))
        elif name == "store" and 0 <= a < s.length:
            s.region.cells[s.start + a] = b
            m.base[m.lo + a] = b
        elif name == "clear":
            clear(shape, s)
            m.base[m.lo : m.lo + m.length] = [0] * m.length
        for held, wanted in zip(real, model, strict=True):
            assert (held.length, held.cap) == (wanted.length, wanted.cap)
            assert list(held.region.cells[held.start : held.start + held.length]) == wanted.items()


def _extended(m: ListSlice, added: list[int]) -> ListSlice:
    total = m.length + len(added)
    if not added or total <= m.cap:
        m.base[m.lo + m.length : m.lo + total] = added
        return ListSlice(m.base, m.lo, total, m.cap)
    cap = grown_cap(m.cap, total)
    return ListSlice((m.items() + added + [0] * cap)[:cap], 0, total, cap)


def _pair_shapes() -> Shapes:
    module = Module()
    module.decls["pair"] = Struct("pair", (I8, BYTES))
    return Shapes(module, NIL)


SPARSE_ACTIONS = st.lists(
    st.tuples(st.sampled_from(["set", "move", "tuple"]), st.integers(0, 19), st.integers(0, 19), st.integers(0, 9))
)


@given(SPARSE_ACTIONS, st.booleans())
def test_sparse_cells_behave_as_a_list(actions: list[tuple[str, int, int, int]], unwritten: bool) -> None:
    shape = _pair_shapes().of(StructType("pair"))
    sparse: Any = SparseCells(40, shape, UNWRITTEN if unwritten else None)
    dense: list[Any] = [UNWRITTEN] * 40 if unwritten else [0, NIL] * 20
    for name, a, b, n in actions:
        if name == "set":
            sparse[a] = dense[a] = n
        elif name == "tuple":
            sparse[a : a + 2] = dense[a : a + 2] = (n, n)
        else:
            sparse[a : a + n] = sparse[b : b + n]
            dense[a : a + n] = dense[b : b + n]
        assert list(sparse) == dense
        assert list(sparse[3:9][1:4]) == dense[4:7]


MEMBERS = st.lists(
    st.tuples(st.sampled_from([I8, I16, I32, I64]), st.integers(0, 10), st.integers(-1, 40),
              st.sampled_from([None, "zero", "uninit"])),
    max_size=12,
)  # fmt: skip


@settings(max_examples=300)
@given(MEMBERS, st.booleans())
def test_members_of_an_arena_own_their_bytes_until_another_takes_them(
    members: list[tuple[Any, int, int, str | None]], uninit: bool
) -> None:
    memory = Memory(Module(), SimpleHeap())
    arena = Arena(ArenaSpec(align_bytes=4, uninit=uninit), 40, memory.block(40, 4, False))
    owner: list[Region | None] = [None] * 40  # of each byte, and whether it ever had one: the model
    was_used = [False] * 40
    for t, count, offset, flag in members:
        shape, size = memory.shapes.of(t), count * t.size_bytes
        wrong = OUT_OF_ARENA if offset < 0 or offset + size > 40 else MISALIGNED
        if offset < 0 or offset + size > 40 or offset % t.size_bytes or t is I64:
            with pytest.raises(TrapError, match=wrong):
                arena.derive(shape, count, offset, flag)
            continue
        taken = owner[offset : offset + size]
        region = arena.derive(shape, count, offset, flag)
        for k in range(count):
            at = offset + k * t.size_bytes
            dirty = any(was_used[at : at + t.size_bytes])
            held = region.cells[k]
            if flag == "uninit" or (flag is None and uninit and not dirty):
                assert held is UNWRITTEN
            else:
                assert (held == 0) is (flag == "zero" or not dirty)
        owner = [None if any(live is old for old in taken) else live for live in owner]
        owner[offset : offset + size] = [region] * size
        was_used[offset : offset + size] = [True] * size
        for old in taken:
            assert old is None or (old.cells is FREED and not old.is_ended)
        for live in owner:
            assert live is None or live.cells is not FREED
    arena.end()
    assert all(live is None or live.is_ended for live in owner)


def test_a_block_past_the_address_space_is_out_of_memory_whatever_the_heap() -> None:
    memory = Memory(Module(), SimpleHeap(1 << 60))
    with pytest.raises(TrapError, match=ops.OUT_OF_MEMORY):
        memory.allocate(memory.shapes.of(U8), (1 << 47) + 1)
    s = Slice(Region([]), 0, 0, (1 << 63) - 1)
    s.length = s.cap
    with pytest.raises(TrapError, match=ops.OUT_OF_MEMORY):
        module = Module()
        module.decls["e"] = Struct("e", ())
        nothing = Memory(module, SimpleHeap())
        nothing.append(nothing.shapes.of(StructType("e")), s, ())


INTEGERS = [t for t in SCALARS.values() if t.kind == "int"]


def _edge(t: ScalarType) -> st.SearchStrategy[int]:
    near = [n for edge in (0, t.lo, t.hi, t.hi // 2, t.bits) for n in (edge - 1, edge, edge + 1) if t.lo <= n <= t.hi]
    return st.sampled_from(near) | st.integers(t.lo, t.hi)


@given(st.sampled_from(INTEGERS), st.sampled_from([ops.ADD, ops.SUB, ops.MUL]), st.data())
def test_quick_arithmetic_is_that_of_the_semantics(t: ScalarType, op: ops.Op, data: st.DataObject) -> None:
    module = parse(f"func @main(%a: {t}, %b: {t}) -> {t} {{\nentry:\n  %x = {op.name} %a, %b\n  ret %x\n}}\n")
    a, b = data.draw(_edge(t)), data.draw(_edge(t))
    assert run(module, args=[a, b]).returned == binary(op, t)(a, b)
