"""Breaches that text cannot have, since the parser refuses them or cannot make them: made by hand, then found."""

from __future__ import annotations

import pytest

from irpass.diagnostics import Loc
from irpass.ir import edit, ops
from irpass.ir.builder import Builder
from irpass.ir.core import ArenaSpec, Block, Func, Instr, Literal, Module, Struct, Target, Value
from irpass.ir.types import BOOL, BYTES, F32, F64, I8, I64, U8, PointerType, ScalarType, SliceType, Type
from irpass.text.parser import parse
from irpass.verifier import verify

TEXT = """extern func @host(i64) -> i64
type @pair = { i64, f64 }
func @f(%n: i64, %s: []i64, %c: bool, %x: f32) -> i64 {
entry:
  %a = add %n, 1
  %b = mul %a, %a
  %m = shared.alloc 64, align 8
  %d = derive []i64, %m, 0, 8
  %p = new @pair
  %q = load %p.0
  %k = const i64, 7
  br_if %c, next(%a), done
next(%i: i64):
  %r = call @host(%i)
  switch %r, done [1: done, 2: next(%r)]
done:
  ret %b
}
"""


@pytest.fixture
def module() -> Module:
    built = parse(TEXT)
    assert verify(built) == []
    return built


def func_of(module: Module) -> Func:
    func = module.func("f")
    assert func is not None
    return func


def instr_of(module: Module, name: str) -> Instr:
    return next(i for i in func_of(module).instrs() if i.result is not None and i.result.name == name)


def value_of(module: Module, name: str) -> Value:
    result = instr_of(module, name).result
    assert result is not None
    return result


def found(module: Module) -> list[tuple[str, int]]:
    return [(d.code, d.span.line if d.span else 0) for d in verify(module)]


def add(
    module: Module, op: ops.Op, operands: list[Value | Literal], result: Type | None = None, **more: object
) -> None:
    """Put an instruction at the start of `done`, above the `ret` of line 17; it has line 99."""
    block = func_of(module).blocks[2]
    instr = edit.place(block, Instr(op, operands, line=99, **more), result)  # type: ignore[arg-type]  # wrong on purpose
    edit.set_instrs(block, [instr, *block.instrs])


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
    host = module.func("host")
    assert host is not None
    host.attrs = ("pure", "quick", "pure")
    func_of(module).attrs = ("pure",)
    assert found(module) == [("V07", 1), ("V07", 1), ("V07", 3)]


def test_a_function_has_a_body_and_an_extern_none(module: Module) -> None:
    host = module.func("host")
    assert host is not None
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


def test_the_number_of_targets_is_that_of_the_operation(module: Module) -> None:
    func = func_of(module)
    func.blocks[1].instrs[-1].imm = (1,)
    assert found(module) == [("V23", 15)]


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


# ---- bookkeeping


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
    other = parse("func @g(%n: i64) {\nentry:\n  ret\n}\n").func("g")
    assert other is not None
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


@pytest.mark.parametrize("number", [-1, 2])
def test_field_numbers_are_those_of_the_struct(module: Module, number: int) -> None:
    instr_of(module, "q").imm = number
    assert found(module) == [("V10", 10)]


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
