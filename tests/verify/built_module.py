"""A sound module for tests to break by hand, its parts by name, and what the verifier then finds."""

from __future__ import annotations

from irpass.ir import edit, ops
from irpass.ir.core import Instr, Literal, Module, Value
from irpass.ir.types import Type
from irpass.verifier import verify
from tests.parts import func_of, result_of

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


def instr_of(module: Module, name: str) -> Instr:
    return next(i for i in func_of(module).instrs() if i.result is not None and i.result.name == name)


def value_of(module: Module, name: str) -> Value:
    return result_of(instr_of(module, name))


def found(module: Module) -> list[tuple[str, int]]:
    return [(d.code, d.span.line if d.span else 0) for d in verify(module)]


def add(
    module: Module, op: ops.Op, operands: list[Value | Literal], result: Type | None = None, **more: object
) -> None:
    """Put an instruction at the start of `done`, above the `ret` of line 17; it has line 99."""
    block = func_of(module).blocks[2]
    instr = edit.place(block, Instr(op, operands, line=99, **more), result)  # type: ignore[arg-type]  # wrong on purpose
    edit.set_instrs(block, [instr, *block.instrs])
