"""A fold that is broken on purpose is refused; what is whole is accepted."""

from __future__ import annotations

import pytest

import irpass as ip
from irpass.check import check
from tests.mutation.mutations import MUTATIONS, Mutation
from tests.mutation.programs import all_names, first_difference, read_program
from tests.mutation.verdicts import judge


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda m: m.name)
def test_mutation_is_refused_on_each_of_its_programs_and_seen_where_it_can_be(mutation: Mutation) -> None:
    verdicts = judge(mutation)
    assert [v.program for v in verdicts if v.rule is None] == []
    assert any(v.difference is not None for v in verdicts) == mutation.is_seen


def test_names_of_mutations_differ_and_every_program_has_one() -> None:
    assert len({m.name for m in MUTATIONS}) == len(MUTATIONS) >= 42
    assert {name for m in MUTATIONS for name in m.edits} == set(all_names())


@pytest.mark.parametrize("name", all_names())
def test_whole_folds_are_accepted_and_run_alike(name: str) -> None:
    program = read_program(name)
    before, after = ip.parse(program.before), ip.parse(program.after)
    assert check(before, after) == []
    assert first_difference(before, after, program.runs) is None


@pytest.mark.parametrize("name", all_names())
def test_programs_are_accepted_against_themselves_and_a_renaming(name: str) -> None:
    program = read_program(name)
    before = ip.parse(program.before)
    assert check(before, ip.parse(program.before)) == []
    for text in (program.before, program.after):
        renamed = _renamed(text)
        assert renamed != ip.print_module(ip.parse(text))
        assert check(before, ip.parse(renamed)) == []


def _renamed(text: str) -> str:
    """The same program, with other names for its values and labels."""
    module = ip.parse(text)
    for func in module.funcs:
        for value in func.params:
            value.name += "_new"
        for block in func.blocks:
            block.name += ".new"
            for value in [*block.params, *(i.result for i in block.instrs if i.result is not None)]:
                value.name += "_new"
    return ip.print_module(module)
