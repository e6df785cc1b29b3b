"""Dependencies allow every order that does the same, and keep every pair that conflicts."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings, strategies as st

from irpass.analysis.depgraph import EDGE_KINDS, dependencies
from irpass.analysis.effects import Summaries, is_observable, may_trap, summaries
from irpass.analysis.locations import locations
from irpass.interp.machine import run
from irpass.interp.outcome import Trap
from irpass.ir import edit, ops
from irpass.ir.core import Block, Module
from irpass.text.parser import parse
from irpass.text.printer import print_module
from irpass.verifier import check
from tests.parts import end_of, func_of, result_of
from tests.unit.random_block import block_texts


def outcome(module: Module) -> tuple[str, list[str], Trap | None, list[list[object] | None]]:
    seen: list[list[object] | None] = []

    def keep(s: list[object] | None) -> None:
        seen.append(list(s) if s is not None else None)

    def look(s: list[object] | None) -> int:
        seen.append(list(s) if s is not None else None)
        return len(s) if s is not None else -1

    found = run(module, "start", externs={"keep": keep, "look": look})
    return repr(found.returned), found.printed, found.trap, seen


@settings(max_examples=300)
@given(block_texts(), st.randoms(use_true_random=False))
def test_every_order_that_keeps_the_edges_does_the_same(text: str, random: Random) -> None:
    module = parse(text)
    check(module)
    before = outcome(module)
    block = func_of(module, "main").entry
    waiting = [len(s) for s in dependencies(block).sources()]
    targets: list[list[int]] = [[] for _ in waiting]
    for target, sources in enumerate(dependencies(block).sources()):
        for source in sources:
            targets[source].append(target)
    last = len(waiting) - 1
    order, ready = [], [i for i, n in enumerate(waiting) if n == 0 and i != last]
    while ready:
        at = ready.pop(random.randrange(len(ready)))
        order.append(at)
        for t in targets[at]:
            waiting[t] -= 1
            if waiting[t] == 0 and t != last:
                ready.append(t)
    assert len(order) == last
    instrs = block.instrs
    edit.set_instrs(block, [instrs[i] for i in [*order, last]])
    check(module)
    assert outcome(module) == before, print_module(module)


def slow_edges(block: Block, callees: Summaries | None) -> dict[tuple[int, int], set[str]]:
    """Every pair that must stay in order, with the kinds of reasons, one pair after the other."""
    where = locations(block.func, callees)
    access = [where.access(i) for i in block.instrs]
    shows = [is_observable(i, callees) or i.op.is_terminator for i in block.instrs]
    traps = [may_trap(i) for i in block.instrs]
    pairs: dict[tuple[int, int], set[str]] = {}
    for t, target in enumerate(block.instrs):
        for s, source in enumerate(block.instrs[:t]):
            kinds: set[str] = set()
            if source.result is not None and source.result in list(target.inputs()):
                kinds.add("data")
            (r1, w1), (r2, w2) = access[s], access[t]
            if set(w1) & {*r2, *w2} or set(r1) & set(w2):
                kinds.add("memory")
            if (shows[s] or traps[s]) and (shows[t] or traps[t]):
                kinds.add("order")
            if kinds:
                pairs[s, t] = kinds
    return pairs


@given(block_texts(), st.booleans())
def test_the_edges_are_direct_conflicts_and_their_closure_has_every_conflict(text: str, with_summaries: bool) -> None:
    module = parse(text)
    block = func_of(module, "main").entry
    callees = summaries(module) if with_summaries else None
    found = dependencies(block, callees)
    expected = slow_edges(block, callees)
    assert all(e.kind in EDGE_KINDS and e.source < e.target for e in found.edges)
    assert [e.target for e in found.edges] == sorted(e.target for e in found.edges)
    assert len({e[:3] for e in found.edges}) == len(found.edges)
    for group in ({"data"}, {"memory"}, {"order"}):
        kinds = {"trap", "effect"} if group == {"order"} else group
        edges = [e for e in found.edges if e.kind in kinds]
        assert all(group <= expected[e.source, e.target] for e in edges)
        behind: list[set[int]] = [set() for _ in block.instrs]
        for e in edges:
            behind[e.target] |= {e.source} | behind[e.source]
        wanted = {pair for pair, reasons in expected.items() if group <= reasons}
        assert wanted <= {(s, t) for t, sources in enumerate(behind) for s in sources}
    data = {(e.source, e.target): e.detail for e in found.edges if e.kind == "data"}
    assert data == {
        (s, t): ",".join(str(n) for n, o in enumerate(block.instrs[t].inputs()) if o is block.instrs[s].result)
        for (s, t), reasons in expected.items()
        if "data" in reasons
    }


def edges_of(
    body: str, params: str = "%s: []i64, %t: []i64, %b: []u8, %n: i64", head: str = ""
) -> list[tuple[int, int, str, str]]:
    module = parse(f"{head}\nfunc @f({params}) {{\nentry:\n{body}\n  ret\n}}")
    found = dependencies(func_of(module).entry)
    return [(e.source, e.target, e.kind, e.detail) for e in found.edges]


def memory_edges(body: str, **more: str) -> list[tuple[int, int, str]]:
    return [(s, t, detail) for s, t, kind, detail in edges_of(body, **more) if kind == "memory"]


def test_reads_depend_on_the_last_write_and_the_next_write_on_all_of_them() -> None:
    body = "store %s[0], 1\n%a = load %s[0]\n%b2 = load %t[0]\nstore %t[1], 2\n%c = load %s[1]"
    assert memory_edges(body) == [
        (0, 1, "write-read"),
        (0, 2, "write-read"),
        (1, 3, "read-write"),
        (2, 3, "read-write"),
        (3, 4, "write-read"),
    ]


def test_two_allocations_that_stay_here_do_not_alias() -> None:
    body = "%x = make []i64, 2\n%y = make []i64, 2\nstore %x[0], 1\n%a = load %y[0]\n%z = slice %x, 0, 1\nclear %z"
    assert memory_edges(body) == [(2, 5, "write-write")]


@pytest.mark.parametrize("leak", ["store %h[0], %x", "call @out(%x)", "%w = select true, %x, %s", "%w = append %h, %x"])
def test_an_allocation_that_is_handed_on_may_be_what_a_parameter_is(leak: str) -> None:
    body = f"%x = make []i64, 2\n{leak}\nstore %x[0], 1\n%a = load %s[0]"
    params = "%s: []i64, %h: [][]i64"
    assert (2, 3, "write-read") in memory_edges(body, params=params, head="extern func @out([]i64)")


def test_memory_of_different_scalar_types_is_different_memory() -> None:
    assert memory_edges("store %s[0], 1\n%a = load %b[0]") == []


def test_a_struct_is_read_with_all_its_fields() -> None:
    head = "type @in = { i64, f64 }\ntype @out = { @in, bool }"
    params = "%p: *@out, %x: *i64, %y: *f64, %z: *i32"
    body = "%w = load %p\nstore %x, 1\nstore %y, 2.0\nstore %z, 3\nstore %p.1, true"
    assert memory_edges(body, params=params, head=head) == [
        (0, 1, "read-write"),
        (0, 2, "read-write"),
        (0, 4, "read-write"),
    ]


def test_a_pointer_to_the_first_field_frees_the_whole_struct() -> None:
    head = "type @pair = { i64, f64 }"
    body = "%q = field %p, 0\nstore %y, 1.0\nfree %q"
    assert (1, 2, "write-write") in memory_edges(body, params="%p: *@pair, %y: *f64", head=head)


def test_a_derive_ends_what_had_its_bytes() -> None:
    body = """%m = shared.alloc 16, align 8
    %a = derive []i64, %m, 0, 1
    %x = load %a[0]
    %b2 = derive []f64, %m, 0, 1, zero"""
    assert (2, 3, "read-write") in memory_edges(body)


def test_traps_and_effects_are_one_chain_that_ends_at_the_terminator() -> None:
    body = "%a = div %n, %n\n%b2 = div %n, %n\nprint %n\n%c = add %n, 1\n%d = div %n, %n\n%e = div %n, 2"
    order = [(s, t, kind) for s, t, kind, _ in edges_of(body) if kind in ("trap", "effect")]
    assert order == [(0, 1, "trap"), (1, 2, "effect"), (2, 4, "effect"), (4, 6, "effect")]


def test_values_that_unreachable_code_defines_in_a_ring_have_no_root() -> None:
    func = func_of(
        parse("""
func @f(%s: []i64) {
entry:
  ret
dead:
  %a = slice %s, 0, 1
  %b = slice %a, 0, 1
  br dead
}""")
    )
    a, b = func.blocks[1].instrs[:2]
    edit.replace_operand(a, func.params[0], result_of(b))
    where = locations(func)
    assert where.root(result_of(a)) is None and where.root(result_of(b)) is None


def test_terminators_have_no_edges_where_nothing_must_come_first() -> None:
    block = func_of(parse("func @f(%n: i64) {\nentry:\n  %a = add %n, 1\n  ret\n}")).entry
    assert dependencies(block).edges == [] and end_of(block).op is ops.RET
