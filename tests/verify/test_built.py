"""Breaches that text cannot have, since the parser refuses them or cannot make them: made by hand, then found."""

from __future__ import annotations

import pytest

from irpass.ir import edit, ops
from irpass.ir.builder import Builder
from irpass.ir.core import ArenaSpec, Block, Literal, Module, Struct, Target, Value
from irpass.ir.types import BOOL, BYTES, F32, F64, I8, I64, U8, PointerType, ScalarType, SliceType, Type
from irpass.verifier import verify
from tests.parts import func_of
from tests.verify.built_module import add, found, instr_of, value_of


@pytest.mark.parametrize("name", ["", "a b", "%a", "a\nb", "ä"])
def test_value_names_are_spelled_as_the_grammar_says(module: Module, name: str) -> None:
    value_of(module, "b").name = name
    func_of(module).names.add(name)
    assert found(module) == [("V05", 6)]


def test_labels_and_symbols_are_spelled_as_the_grammar_says(module: Module) -> None:
    func = func_of(module)
    func.blocks[1].name = "1st"
    func.names.add("^1st")
    func.name = "f f"
    assert found(module) == [("V05", 3), ("V06", 3), ("V05", 13)]  # V06: and it is not the name it is declared by


def test_names_are_unique(module: Module) -> None:
    value_of(module, "b").name = "n"
    func_of(module).blocks[2].name = "next"
    assert found(module) == [("V06", 6), ("V06", 16)]


def test_attributes_are_known_given_once_and_those_of_externs(module: Module) -> None:
    host = func_of(module, "host")
    host.attrs = ("pure", "quick", "pure")
    func_of(module).attrs = ("pure",)
    assert found(module) == [("V07", 1), ("V07", 1), ("V07", 3)]


def test_a_function_has_a_body_and_an_extern_none(module: Module) -> None:
    host = func_of(module, "host")
    host.blocks.append(Block("entry", host))
    func_of(module).blocks.clear()
    assert found(module) == [("V07", 1), ("V07", 3)]


def test_a_block_that_was_built_without_a_line_is_named() -> None:
    b = Builder()
    b.func("main")
    b.block("open", [("i", I64)])
    (first, second) = verify(b.module)
    assert (first.code, first.span, first.notes[-1]) == ("V09", None, "in @main, block entry")
    assert (second.code, second.span, second.notes[-1]) == ("V09", None, "in @main, block open")


def test_an_instruction_that_was_built_without_a_line_is_named() -> None:
    b = Builder()
    f = b.func("main", [("n", I64)], I64)
    total = b.add(f.params[0], 1, name="total")
    b.ret(total)
    assert total.definition is not None
    total.definition.operands[1] = Literal(F64, 1.0)
    (only,) = verify(b.module)
    assert (only.code, only.notes[-1]) == ("V10", "in @main, block entry, instruction 1: %total = add ...")


def test_the_result_has_the_type_that_the_operation_gives(module: Module) -> None:
    value_of(module, "q").type = F64
    assert found(module) == [("V10", 10)]


def test_an_unused_result_of_wrong_type_and_a_result_of_what_gives_none(module: Module) -> None:
    add(module, ops.CLEAR, [func_of(module).params[1]], I64)
    assert found(module) == [("V10", 99)]


@pytest.mark.parametrize(
    ("literal", "codes"),
    [
        (Literal(I64, 1 << 63), ["V11"]),
        (Literal(I64, -(1 << 63)), []),
        (Literal(I64, True), ["V11"]),
        (Literal(I64, 1.0), ["V11"]),
        (Literal(I64, None), ["V11"]),
        (Literal(I64, b"text"), ["V11"]),
        (Literal(F64, 1.0), ["V10"]),
        (Literal(I8, 1), ["V10"]),
    ],
)
def test_literal_operands_fit_their_type(module: Module, literal: Literal, codes: list[str]) -> None:
    instr_of(module, "a").operands[1] = literal
    assert [code for code, _ in found(module)] == codes


def test_literal_arguments_of_branches_fit_their_type(module: Module) -> None:
    branch = func_of(module).blocks[0].instrs[-1]
    edit.drop_uses(branch)
    branch.targets[0].args[0] = Literal(I64, 1 << 64)
    edit.add_uses(branch)
    assert found(module) == [("V11", 12)]


@pytest.mark.parametrize(
    ("type", "imm", "codes"),
    [
        (I64, 1 << 63, ["V11"]),
        (U8, 256, ["V11"]),
        (U8, -1, ["V11"]),
        (U8, 255, []),
        (BOOL, 1, ["V11"]),
        (BOOL, True, []),
        (F64, 1, ["V11"]),
        (F64, float("nan"), []),
        (F64, float("-inf"), []),
        (F32, 0.1, ["V11"]),  # not rounded
        (F32, 0.5, []),
        (F32, 1e300, ["V11"]),
        (BYTES, b"\xff\x00", []),
        (BYTES, None, []),
        (BYTES, "text", ["V23"]),
        (SliceType(I8), b"text", ["V11"]),
        (PointerType(I64), None, []),
        (PointerType(I64), 0, ["V11"]),
        (I64, (1,), ["V23"]),
    ],
)
def test_constants_fit_their_type(module: Module, type: Type, imm: object, codes: list[str]) -> None:
    add(module, ops.CONST, [], type, type=type, imm=imm)
    assert [code for code, line in found(module) if line == 99] == codes


ONE, NIL, TRUE = Literal(I64, 1), Literal(BYTES, None), Literal(BOOL, True)


@pytest.mark.parametrize(
    ("op", "operands", "result", "more"),
    [
        (ops.ADD, [ONE, ONE], I64, {}),
        (ops.NEG, [ONE], I64, {}),
        (ops.EQ, [ONE, ONE], BOOL, {}),
        (ops.EQ, [NIL, NIL], BOOL, {}),
        (ops.SELECT, [TRUE, ONE, ONE], I64, {}),
        (ops.CONV, [ONE], F64, {"type": F64}),
        (ops.LEN, [NIL], I64, {}),
        (ops.APPEND, [NIL, Literal(U8, 1)], BYTES, {}),
        (ops.COPY, [NIL, NIL], I64, {}),
        (ops.CLEAR, [NIL], None, {}),
        (ops.LOAD, [NIL, ONE], U8, {}),
        (ops.STORE, [Literal(PointerType(I64), None), ONE], None, {}),
        (ops.ELEM, [NIL, ONE], PointerType(U8), {}),
        (ops.PRINT, [ONE], None, {}),
    ],
    ids=lambda p: p.name if isinstance(p, ops.Op) else "",
)
def test_a_literal_stands_only_where_its_type_follows(
    module: Module, op: ops.Op, operands: list[Value | Literal], result: Type | None, more: dict[str, object]
) -> None:
    add(module, op, list(operands), result, **more)
    assert found(module) == [("V12", 99)]


@pytest.mark.parametrize(
    ("op", "operands", "result"),
    [
        (ops.NOT, [TRUE], BOOL),
        (ops.EQ, [TRUE, TRUE], BOOL),
        (ops.SELECT, [TRUE, TRUE, TRUE], BOOL),
        (ops.LEN, [Literal(BYTES, b"abc")], I64),
        (ops.PRINT, [Literal(BYTES, b"abc"), TRUE], None),
        (ops.FREE, [Literal(PointerType(I64), None)], None),
        (ops.FREE, [NIL], None),
    ],
    ids=lambda p: p.name if isinstance(p, ops.Op) else "",
)
def test_bools_text_and_a_freed_nil_need_no_context(
    module: Module, op: ops.Op, operands: list[Value | Literal], result: Type | None
) -> None:
    add(module, op, list(operands), result)
    assert found(module) == []


def test_the_callee_is_declared_and_a_function(module: Module) -> None:
    instr_of(module, "r").imm = "gone"
    assert found(module) == [("V16", 14)]
    instr_of(module, "r").imm = "pair"
    assert found(module) == [("V16", 14)]


def test_switch_cases_fit_what_they_are_compared_with(module: Module) -> None:
    switch = func_of(module).blocks[1].instrs[-1]
    switch.imm = (1, 1 << 63)
    assert found(module) == [("V15", 15)]
    switch.imm = (1, True)
    assert found(module) == [("V15", 15), ("V15", 15)]  # True is no integer, and equals the 1


def test_branch_targets_are_blocks_of_the_function(module: Module) -> None:
    func = func_of(module)
    stray = Block("stray", func)
    br = func.blocks[0].instrs[-1]
    br.targets = (br.targets[0], Target(stray, []))
    assert found(module) == [("V14", 12)]


def test_the_number_of_arguments_is_that_of_the_parameters(module: Module) -> None:
    func_of(module).blocks[0].instrs[-1].targets[1].args.append(Literal(I64, 1))
    assert found(module) == [("V14", 12)]


@pytest.mark.parametrize(
    ("name", "flag", "legal"),
    [("d", "zero", True), ("d", "uninit", True), ("p", "uninit", True), ("p", "zero", False), ("a", "uninit", False)],
)
def test_the_last_word_is_one_that_the_instruction_may_have(module: Module, name: str, flag: str, legal: bool) -> None:
    instr = instr_of(module, name)
    instr.flag = flag
    assert found(module) == ([] if legal else [("V19", instr.line)])


def test_arena_options_that_no_text_has(module: Module) -> None:
    instr_of(module, "m").imm = ArenaSpec(align_bytes=1 << 60, limit_bytes=-5, count=-1)
    assert found(module) == [("V20", 7)] * 3


@pytest.mark.parametrize("number", [-1, 2])
def test_field_numbers_are_those_of_the_struct(module: Module, number: int) -> None:
    instr_of(module, "q").imm = number
    assert found(module) == [("V10", 10)]


def test_two_results_for_a_ret(module: Module) -> None:
    ret = func_of(module).blocks[2].instrs[-1]
    ret.operands.append(Literal(I64, 2))
    assert found(module) == [("V10", 17)]


def test_a_struct_declared_under_another_name(module: Module) -> None:
    module.decls["other"] = Struct("thing", (I64,), 50)
    assert found(module) == [("V06", 50)]


def test_scalar_types_made_by_hand_are_not_those_of_the_language(module: Module) -> None:
    value_of(module, "q").type = ScalarType("i64", "int", 64, signed=True)
    assert found(module) == [("V10", 10)]
