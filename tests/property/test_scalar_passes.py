"""Random programs do the same before and after each scalar pass, and after all of them until nothing changes."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings, strategies as st

from irpass.interp.machine import run
from irpass.interp.outcome import Outcome, refines
from irpass.ir.core import Module
from irpass.passes.base import Context, Pass
from irpass.passes.canonicalize import Canonicalize
from irpass.passes.cse import Cse
from irpass.passes.dce import Dce
from irpass.passes.inline import Inline
from irpass.passes.simplify_cfg import SimplifyCfg
from irpass.text.parser import parse
from irpass.text.printer import print_module
from irpass.verifier import verify
from tests.property.scalar_programs import program

PASSES: tuple[Pass, ...] = (Canonicalize(), Cse(), SimplifyCfg(), Dce(), Inline(near_recursion=True))
ARGUMENTS = [(0, 0, 0.0, False), (5, 200, -0.0, True), (-(2**63), 255, math.nan, True), (3, 1, 1.5, False)]
SEEDS = st.integers(0, 2**32)
MOST_STEPS = 20_000
MOST_ROUNDS = 12


def _outcomes(module: Module) -> list[Outcome]:
    return [run(module, "main", args, max_steps=MOST_STEPS) for args in ARGUMENTS]


def _changed(module: Module, p: Pass, context: Context) -> bool:
    before = print_module(module)
    changed = p.run_module(module, context)
    assert verify(module) == [], f"broken after {p.name}"
    now = print_module(module)
    assert changed == (before != now)
    assert print_module(parse(now)) == now
    return changed


def _check(text: str, module: Module) -> None:
    for before, after in zip(_outcomes(parse(text)), _outcomes(module), strict=True):
        assert refines(before, after, same_blocks=False) is None


@pytest.mark.parametrize("p", PASSES, ids=lambda p: p.name)
@given(seed=SEEDS)
@settings(max_examples=60, deadline=None)
def test_each_pass_keeps_what_a_program_does(p: Pass, seed: int) -> None:
    text = program(seed)
    module = parse(text)
    _changed(module, p, Context(module))
    _check(text, module)


@pytest.mark.parametrize("p", [p for p in PASSES if not isinstance(p, Inline)], ids=lambda p: p.name)
@given(seed=SEEDS)
@settings(max_examples=30, deadline=None)
def test_each_pass_is_done_after_one_run(p: Pass, seed: int) -> None:
    module = parse(program(seed))
    context = Context(module)
    _changed(module, p, context)
    assert not p.run_module(module, context)


@given(seed=SEEDS)
@settings(max_examples=60, deadline=None)
def test_all_passes_together_settle_and_keep_what_a_program_does(seed: int) -> None:
    text = program(seed)
    module = parse(text)
    context = Context(module)
    for _ in range(MOST_ROUNDS):
        changes = [_changed(module, p, context) for p in PASSES]
        if not any(changes):
            break
    else:
        raise AssertionError("the passes do not settle")
    _check(text, module)


def test_the_programs_are_worth_it() -> None:
    texts = [program(seed) for seed in range(60)]
    outcomes = [outcome for text in texts for outcome in _outcomes(parse(text))]
    trapped = sum(o.trap is not None for o in outcomes)
    assert len(outcomes) // 8 < trapped < len(outcomes) * 3 // 4
    assert all(a != b for a, b in pairwise(texts))
