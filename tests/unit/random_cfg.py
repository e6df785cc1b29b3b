"""Random control-flow graphs, and functions that have them: what the tests of the analyses draw from."""

from collections.abc import Sequence

from hypothesis import strategies as st

from irpass.ir.core import Func
from irpass.text.parser import parse
from tests.parts import func_of

Graph = Sequence[Sequence[int]]  # the successors of each block


@st.composite
def graphs(draw: st.DrawFn, max_blocks: int = 9) -> list[list[int]]:
    """Successors of each block; block 0 is the entry and nobody's successor. Some blocks are never reached."""
    count = draw(st.integers(1, max_blocks))
    if count == 1:
        return [[]]
    block = st.integers(1, count - 1)
    return [draw(st.lists(block, max_size=3)) for _ in range(count)]


def terminator(successors: Sequence[int]) -> str:
    if not successors:
        return "ret"
    if len(successors) == 1:
        return f"br b{successors[0]}"
    if len(successors) == 2:
        return f"br_if %c, b{successors[0]}, b{successors[1]}"
    cases = ", ".join(f"{i}: b{s}" for i, s in enumerate(successors[1:]))
    return f"switch %n, b{successors[0]} [{cases}]"


def function(graph: Graph, bodies: Sequence[Sequence[str]] | None = None) -> Func:
    """A function with these edges; `bodies` are the instructions before the terminators."""
    lines = ["func @f(%c: bool, %n: i64) {"]
    for i, successors in enumerate(graph):
        lines += [f"b{i}:", *(bodies[i] if bodies is not None else ()), terminator(successors)]
    return func_of(parse("\n".join([*lines, "}"])))


def reaches(graph: Graph, start: int, without: int | None = None) -> set[int]:
    """The blocks on paths from `start` (itself included) that do not pass `without`."""
    found: set[int] = set()
    work = [start]
    while work:
        block = work.pop()
        if block not in found and block != without:
            found.add(block)
            work += graph[block]
    return found
