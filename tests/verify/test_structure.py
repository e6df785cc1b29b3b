"""Uses, links and parts of instructions that do not agree with each other: no text can say that, a pass may do it."""

from __future__ import annotations

import pytest

from irpass.diagnostics import Loc
from irpass.ir import edit, ops
from irpass.ir.core import Func, Literal, Module
from irpass.ir.types import I64, PointerType
from irpass.text.parser import parse
from irpass.verifier import verify
from tests.parts import func_of
from tests.verify.built_module import add, found, instr_of, value_of


def test_an_operand_set_without_counting_it_is_found(module: Module) -> None:
    instr_of(module, "a").operands[1] = func_of(module).params[0]
    assert found(module) == [("V18", 3)]  # %n is read twice, once counted


def test_a_use_that_is_left_behind_is_found(module: Module) -> None:
    instr_of(module, "b").operands[:] = [value_of(module, "a"), Literal(I64, 3)]
    assert found(module) == [("V18", 5)]  # %a counts two reads where there is one


def test_a_stale_use_that_balances_a_missing_one_is_found(module: Module) -> None:
    uses = value_of(module, "a").uses
    del uses[instr_of(module, "b")]
    uses[instr_of(module, "k")] = 2
    assert found(module) == [("V18", 5)]


def test_names_and_labels_are_marked_as_taken(module: Module) -> None:
    func = func_of(module)
    func.names -= {"b", "^done"}
    assert found(module) == [("V18", 3), ("V18", 3)]


def test_links_point_back(module: Module) -> None:
    func = func_of(module)
    instr_of(module, "k").block = func.blocks[1]
    assert found(module) == [("V23", 11)]


def test_a_block_names_its_function(module: Module) -> None:
    func_of(module).blocks[1].func = Func("g", module)
    assert found(module) == [("V23", 13)]


def test_a_result_names_its_instruction(module: Module) -> None:
    value_of(module, "k").owner = func_of(module)
    assert found(module) == [("V23", 3)]


def test_a_function_names_its_module(module: Module) -> None:
    func_of(module).module = Module()
    assert found(module) == [("V23", 3)]


def test_no_block_and_no_instruction_stands_twice(module: Module) -> None:
    func = func_of(module)
    func.blocks.append(func.blocks[2])
    assert {code for code, _ in found(module)} == {"V23", "V06", "V18"}
    func.blocks.pop()
    done = func.blocks[2].instrs
    done.insert(0, done[0])
    assert {code for code, _ in found(module)} == {"V23", "V18"}


def test_a_value_of_another_function_is_found(module: Module) -> None:
    other = func_of(parse("func @g(%n: i64) {\nentry:\n  ret\n}\n"), "g")
    add(module, ops.NEG, [other.params[0]], I64)
    (only,) = verify(module)
    assert (only.code, only.span and only.span.line) == ("V17", 99)
    assert only.message == "%n is not defined in @f"


def test_a_value_whose_instruction_was_removed_is_found(module: Module) -> None:
    edit.remove([instr_of(module, "a")])
    assert {("V17", 6), ("V17", 12)} == set(found(module))


@pytest.mark.parametrize("imm", [None, "host", b"x", 1.5])
def test_immediates_are_those_of_the_operation(module: Module, imm: object) -> None:
    add(module, ops.FIELD, [value_of(module, "p")], PointerType(I64), imm=imm)
    assert found(module) == [("V23", 99)]


def test_type_words_are_there_exactly_where_they_belong(module: Module) -> None:
    instr_of(module, "a").type = I64
    instr_of(module, "d").type = None
    assert found(module) == [("V23", 5), ("V23", 8)]


def test_operands_are_values_or_literals(module: Module) -> None:
    instr_of(module, "a").operands[1] = 1  # type: ignore[call-overload]  # the mistake that a pass makes
    assert found(module) == [("V23", 5)]


def test_the_numbers_of_a_loc_are_not_negative(module: Module) -> None:
    instr_of(module, "a").loc = Loc("main.go", 1, -1)
    assert found(module) == [("V23", 5)]


def test_the_number_of_targets_is_that_of_the_operation(module: Module) -> None:
    func = func_of(module)
    func.blocks[1].instrs[-1].imm = (1,)
    assert found(module) == [("V23", 15)]
