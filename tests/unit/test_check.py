"""The checker's parts against slow twins, every sample against itself and a renaming, and what it may import."""

from __future__ import annotations

import ast
import json
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest

import irpass.check
from irpass.api import parse
from irpass.check import check
from irpass.check.graph import Graph
from irpass.check.numbers import Numbers
from irpass.ir import ops
from irpass.ir.builder import Builder
from irpass.ir.core import Instr, Literal, Module
from irpass.ir.layout import Layouts
from irpass.ir.types import I64, U8

_ROOT = Path(__file__).parents[2]
_SAMPLES = sorted((_ROOT / "samples").glob("*.ir"))


def test_the_checker_imports_the_model_and_diagnostics_only() -> None:
    for path in sorted(Path(irpass.check.__file__).parent.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [a.name for a in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                if name.split(".")[0] == "irpass":
                    assert name.startswith(("irpass.ir.", "irpass.check.")) or name in (
                        "irpass.ir",
                        "irpass.diagnostics",
                    )


def test_every_rule_that_is_raised_is_listed() -> None:
    assert irpass.check.__doc__ is not None
    listed = set(re.findall(r"^  (C\d\d)  ", irpass.check.__doc__, re.MULTILINE))
    raised = set()
    for path in Path(irpass.check.__file__).parent.glob("*.py"):
        raised |= set(re.findall(r'"(C\d\d)"', path.read_text(encoding="utf-8")))
    assert raised == listed


@pytest.mark.parametrize("path", _SAMPLES, ids=lambda p: p.stem)
def test_a_sample_is_accepted_against_itself_and_a_renaming(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    renamed = re.sub(r"%([A-Za-z0-9_$]+)", r"%v_\1", text)
    module = parse(text)
    assert check(module, parse(text)) == []
    for func in (after := parse(renamed)).funcs:
        for block in func.blocks:
            block.name += "_of_it"
    assert check(module, after) == []


def _random_graph(rng: random.Random) -> Module:
    b = Builder()
    func = b.func("main", [("x", I64)])
    blocks = [b.block() for _ in range(rng.randrange(1, 12))]
    for block in [func.entry, *blocks]:
        b.at(block)
        targets = [rng.choice(blocks) for _ in range(rng.randrange(3))]
        if not targets:
            b.ret()
        elif len(targets) == 1:
            b.br(targets[0])
        else:
            b.br_if(b.eq(func.params[0], 1), targets[0], targets[1])
    return b.module


def _reached(graph: Graph, start: int, without: int) -> set[int]:
    """What can be reached from the successors of `start` without passing `without`."""
    seen: set[int] = set()
    stack = [s for s in graph.successors[start] if s != without]
    while stack:
        node = stack.pop()
        if node not in seen:
            seen.add(node)
            stack += [s for s in graph.successors[node] if s != without]
    return seen


@pytest.mark.parametrize("seed", range(150))
def test_dominance_and_cycles_agree_with_reachability(seed: int) -> None:
    func = _random_graph(random.Random(seed)).funcs[0]
    graph = Graph(func)
    everything = range(len(graph.blocks))
    for a in everything:
        cut = _reached(graph, 0, a) | {0} if a else set()
        assert graph.is_on_cycle(graph.blocks[a]) == (a in _reached(graph, a, -1))
        for b in everything:
            assert graph.dominates(graph.blocks[a], graph.blocks[b]) == (a == b or b not in cut)
            if a != b:
                expected = b in _reached(graph, b, a)
                assert graph.is_on_cycle_without(graph.blocks[b], graph.blocks[a]) == expected


def _sums() -> tuple[Numbers, int, int]:
    numbers = Numbers(Layouts(Module()))
    return numbers, numbers.extent(8, numbers.fresh(I64)), numbers.extent(4, numbers.fresh(I64))


def _apply(numbers: Numbers, op: ops.Op, a: int, b: int) -> int:
    return numbers.pure(Instr(op, [Literal(I64, 0), Literal(I64, 0)]), [a, b])


def test_sums_are_compared_whatever_their_shape() -> None:
    numbers, e, f = _sums()
    left = _apply(numbers, ops.ADD, _apply(numbers, ops.ADD, e, f), _apply(numbers, ops.ADD, e, numbers.size(8)))
    right = _apply(
        numbers, ops.ADD, numbers.size(8), _apply(numbers, ops.ADD, _apply(numbers, ops.MUL, e, numbers.size(2)), f)
    )
    assert numbers.at_most([left], [right])
    assert numbers.at_most([right], [left])
    assert numbers.at_most([e, f], [left])
    assert not numbers.at_most([left], [e, f])
    assert not numbers.at_most([e], [f])


def test_a_sum_of_many_extents_may_wrap() -> None:
    numbers, e, _ = _sums()
    assert not numbers.may_wrap(_apply(numbers, ops.MUL, e, numbers.size(65535)))
    assert numbers.may_wrap(_apply(numbers, ops.MUL, e, numbers.size(65536)))
    assert not numbers.is_size(_apply(numbers, ops.ADD, numbers.fresh(I64), numbers.size(8)))


def test_a_length_of_a_byte_is_its_own_extent() -> None:
    numbers = Numbers(Layouts(Module()))
    n = numbers.pure(Instr(ops.CONV, [Literal(U8, 0)], I64), [numbers.fresh(U8)])
    assert numbers.extent(1, n) == n
    assert numbers.at_most([numbers.extent(8, n)], [numbers.size(255 * 8)])
    assert not numbers.at_most([numbers.extent(8, n)], [numbers.size(255 * 8 - 1)])


def test_a_module_without_text_is_refused_in_words() -> None:
    def build(length: int) -> Module:
        b = Builder()
        b.func("main")
        b.make(I64, length, name="a")
        b.ret()
        return b.module

    found = check(build(3), build(4))
    assert [str(d) for d in found] == [
        "<module>: error: operand 1 of this make is another value than before (at %a = make) [C04]\n"
        "note: in @main, block entry\nnote: before: %a = make"
    ]


def test_the_command_says_what_it_refuses(tmp_path: Path) -> None:
    before, after = tmp_path / "before.ir", tmp_path / "after.ir"
    before.write_text("func @main() {\nentry:\n  %a = make []i64, 3\n  ret\n}\n", encoding="utf-8")
    after.write_text("func @main() {\nentry:\n  %a = make []i64, 4\n  ret\n}\n", encoding="utf-8")

    def run(*args: object) -> tuple[int, str, str]:
        command = [sys.executable, "-m", "irpass", "check", *map(str, args)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr

    assert run(before, before) == (0, "", "")
    status, out, err = run(before, after)
    assert (status, out) == (1, "")
    assert "after.ir:3:3: error: operand 1 of this make is another value than before [C04]" in err
    status, out, _ = run(before, after, "--json")
    answer = json.loads(out)
    assert (status, answer["accepted"], [r["code"] for r in answer["refusals"]]) == (1, False, ["C04"])
    assert run(before, tmp_path / "none.ir")[0] == 2
