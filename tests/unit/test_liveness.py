"""Values are live where the equations of liveness say so, on random functions."""

from __future__ import annotations

from hypothesis import given, strategies as st

from irpass.analysis.liveness import home, liveness
from irpass.ir.core import Block, Func, Value
from irpass.text.parser import parse
from tests.parts import func_of, result_of
from tests.unit.random_cfg import function, graphs, reaches


@st.composite
def functions(draw: st.DrawFn) -> Func:
    """A function of random edges whose instructions read values that are defined before them."""
    graph = draw(graphs())
    live = reaches(graph, 0)
    bodies: list[list[str]] = [[] for _ in graph]
    for i, body in enumerate(bodies):
        # Values are named %v{block}_{number}: those of the blocks that dominate this one come before it.
        before = [d for d in range(len(graph)) if d != i and d in live and i in live]
        known = [f"%v{d}_{k}" for d in before if i not in reaches(graph, 0, without=d) for k in range(2)]
        for k in range(2):
            operand = draw(st.sampled_from(["%n", *known]))
            body.append(f"%v{i}_{k} = add {operand}, 1")
            known.append(f"%v{i}_{k}")
    return function(graph, bodies)


def slow_liveness(func: Func) -> tuple[dict[Block, set[Value]], dict[Block, set[Value]]]:
    """The equations of liveness, applied until nothing changes."""
    live_in: dict[Block, set[Value]] = {b: set() for b in func.blocks}
    live_out: dict[Block, set[Value]] = {b: set() for b in func.blocks}
    defines = {b: {*b.params, *(i.result for i in b.instrs if i.result is not None)} for b in func.blocks}
    reads = {b: {o for i in b.instrs for o in i.inputs() if isinstance(o, Value)} for b in func.blocks}
    defines[func.entry] |= set(func.params)
    changed = True
    while changed:
        changed = False
        for b in func.blocks:
            out = {v for s in b.successors() for v in live_in[s]}
            into = (reads[b] | out) - defines[b]
            changed |= out != live_out[b] or into != live_in[b]
            live_in[b], live_out[b] = into, out
    return live_in, live_out


@given(functions())
def test_liveness_is_what_the_equations_say(func: Func) -> None:
    found = liveness(func)
    live_in, live_out = slow_liveness(func)
    values = [*func.params, *(i.result for i in func.instrs() if i.result is not None)]
    for b in func.blocks:
        assert found.live_in(b) == [v for v in values if v in live_in[b]]
        assert found.live_out(b) == [v for v in values if v in live_out[b]]
    for v in values:
        assert set(found.live_in_blocks(v)) == {b for b in func.blocks if v in live_in[b]}
        assert all(found.is_live_in(v, b) == (v in live_in[b]) for b in func.blocks)
        assert all(found.is_live_out(v, b) == (v in live_out[b]) for b in func.blocks)


LOOP = """
func @f(%n: i64) -> i64 {
entry:
  %a = make []i64, %n
  br loop(0)
loop(%i: i64):
  %more = lt %i, %n
  br_if %more, body, done
body:
  store %a[%i], %i
  %i1 = add %i, 1
  br loop(%i1)
done:
  ret %i
}
"""


def test_an_argument_is_read_by_the_terminator_and_a_parameter_is_not_live_in() -> None:
    func = func_of(parse(LOOP))
    found = liveness(func)
    names = {b.name: ([v.name for v in found.live_in(b)], [v.name for v in found.live_out(b)]) for b in func.blocks}
    assert names == {
        "entry": ([], ["n", "a"]),
        "loop": (["n", "a"], ["n", "a", "i"]),
        "body": (["n", "a", "i"], ["n", "a"]),
        "done": (["i"], []),
    }


def test_a_value_is_at_home_where_it_is_defined() -> None:
    func = func_of(parse(LOOP))
    entry, loop = func.blocks[:2]
    assert [home(v, func) for v in (func.params[0], result_of(entry.instrs[0]), loop.params[0])] == [entry, entry, loop]
