"""Which calls `inline` replaces, by what, and which it must not."""

from __future__ import annotations

from irpass.interp.machine import run
from irpass.interp.outcome import refines
from irpass.passes.base import Context
from irpass.passes.inline import Inline
from irpass.text.parser import parse
from tests.unit.pass_runs import after

SMALL = "func @g(%a: i64) -> i64 {\nentry:\n  %b = mul %a, 3\n  ret %b\n}\n"
ARMS = """\
func @g(%a: i64) -> i64 {
entry:
  %n = lt %a, 0
  br_if %n, low, high(%a)
low:
  ret -1
high(%h: i64):
  %k = add %h, 1
  ret %k
}
"""


def main_after(text: str, *passes: Inline) -> list[str]:
    """The lines of `@main` after inlining."""
    found = after(text, *(passes or (Inline(),)))
    return [line.strip() for line in found[found.index("func @main") :].splitlines()[1:-1]]


def test_a_straight_body_stands_where_the_call_stood() -> None:
    text = SMALL + "func @main(%x: i64) -> i64 {\nentry:\nprint %x\n%r = call @g(%x)\nprint %r\nret %r\n}\n"
    assert main_after(text) == ["entry:", "print %x", "%b = mul %x, 3", "print %b", "ret %b"]


def test_copies_have_names_of_their_own() -> None:
    text = SMALL + "func @main(%b: i64) -> i64 {\nentry:\n%r = call @g(%b)\n%s = call @g(%r)\nret %s\n}\n"
    assert main_after(text) == ["entry:", "%b$1 = mul %b, 3", "%b$2 = mul %b$1, 3", "ret %b$2"]


def test_literals_come_as_constants() -> None:
    text = SMALL + "func @main() -> i64 {\nentry:\n%r = call @g(7)\nret %r\n}\n"
    assert main_after(text) == ["entry:", "%a = const i64, 7", "%b = mul %a, 3", "ret %b"]


def test_a_branching_body_splits_the_block_and_the_result_is_a_parameter() -> None:
    text = ARMS + "func @main(%x: i64) -> i64 {\nentry:\n%r = call @g(%x)\nprint %r\nret %r\n}\n"
    assert main_after(text) == [
        "entry:", "%n = lt %x, 0", "br_if %n, low, high(%x)", "low:", "br entry$1(-1)",
        "high(%h: i64):", "%k = add %h, 1", "br entry$1(%k)", "entry$1(%r: i64):", "print %r", "ret %r",
    ]  # fmt: skip


def test_a_result_that_nobody_named_needs_no_parameter() -> None:
    text = ARMS + "func @main(%x: i64) {\nentry:\ncall @g(%x)\nret\n}\n"
    assert "entry$1:" in main_after(text)


def test_a_body_that_never_returns_leaves_valid_text() -> None:
    text = 'func @g() -> i64 {\ne:\ntrap "no"\n}\nfunc @main() -> i64 {\nentry:\n%r = call @g()\nret %r\n}\n'
    assert main_after(text) == ["entry:", 'trap "no"', "entry$1(%r: i64):", "ret %r"]


def test_callees_come_first() -> None:
    text = (
        "func @main(%x: i64) -> i64 {\nentry:\n%r = call @h(%x)\nret %r\n}\n"
        "func @h(%y: i64) -> i64 {\nentry:\n%r = call @g(%y)\nret %r\n}\n" + SMALL
    )
    found = after(text, Inline())
    assert "call" not in found
    assert found.count("mul") == 3


def test_a_result_passed_to_the_next_call_is_followed_whatever_the_order_of_the_blocks() -> None:
    text = (
        "func @id(%a: i64) -> i64 {\ne:\nret %a\n}\nfunc @main(%x: i64) -> i64 {\nentry:\nbr first\n"
        "second:\n%t = call @id(%s)\nret %t\nfirst:\n%s = call @id(%x)\nbr second\n}\n"
    )
    assert main_after(text) == ["entry:", "br first", "second:", "ret %x", "first:", "br second"]


RECURSIVE = """\
func @g(%a: i64) -> i64 {
entry:
  %z = le %a, 0
  br_if %z, done, more
done:
  ret 0
more:
  %m = sub %a, 1
  %r = call @g(%m)
  %s = call @leaf(%r)
  ret %s
}
func @leaf(%a: i64) -> i64 {
entry:
  %b = add %a, 1
  ret %b
}
func @main(%x: i64) -> i64 {
entry:
  %r = call @g(%x)
  %s = call @leaf(%r)
  ret %s
}
"""


def test_a_recursive_function_is_not_inlined() -> None:
    assert "%r = call @g(%x)" in main_after(RECURSIVE)
    assert "%r = call @g(%x)" in main_after(RECURSIVE, Inline(near_recursion=True))


def test_a_leaf_is_inlined_where_no_recursion_can_be_below() -> None:
    assert "%b = add %r, 1" in main_after(RECURSIVE)


def test_a_stack_overflow_comes_neither_later_nor_not_at_all() -> None:
    # The deepest frame is the leaf's, called when the recursion is at its deepest.
    text = RECURSIVE.replace("ret 0", "%q = call @leaf(0)\n  ret %q")
    for n in range(9_990, 10_002):
        before = run(parse(text), "main", (n,))
        module = parse(text)
        assert Inline().run_module(module, Context(module))
        assert refines(before, run(module, "main", (n,)), same_blocks=False) is None
    assert before.trap is not None


def test_near_recursion_is_asked_for() -> None:
    assert after(RECURSIVE, Inline(near_recursion=True)).count("call @leaf") == 0
    assert after(RECURSIVE, Inline()).count("call @leaf") == 1


def test_a_caller_of_a_recursion_is_not_inlined() -> None:
    text = RECURSIVE + "func @top(%x: i64) -> i64 {\nentry:\n%r = call @main(%x)\nret %r\n}\n"
    assert "call @main" in after(text, Inline())


def test_mutual_recursion_is_recursion() -> None:
    text = (
        "func @a(%x: i64) -> i64 {\ne:\n%r = call @b(%x)\nret %r\n}\nfunc @b(%x: i64) -> i64 {\ne:\n%r = call @a(%x)\n"
        "ret %r\n}\nfunc @main(%x: i64) -> i64 {\nentry:\n%r = call @a(%x)\nret %r\n}\n"
    )
    assert after(text, Inline()).count("call") == 3


def test_a_chain_of_calls_as_deep_as_the_stack_is_left_alone() -> None:
    n = 10_050
    links = [f"func @f{i}() {{\ne:\ncall @f{i - 1}()\nret\n}}" for i in range(1, n)]
    text = "\n".join(["func @f0() {\ne:\nret\n}", *links])
    module = parse(text)
    assert not Inline().run_module(module, Context(module))
    assert run(module, f"f{n - 1}").trap is not None


def _large(size: int) -> str:
    lines = [f"%v{i} = add %v{i - 1}, %a" for i in range(1, size - 1)]
    return "\n".join(["func @g(%a: i64) -> i64 {", "e:", "%v0 = add %a, 1", *lines, f"ret %v{size - 2}", "}\n"])


ONCE = "func @main(%x: i64) -> i64 {\nentry:\n%r = call @g(%x)\nret %r\n}\n"
TWICE = "func @main(%x: i64) -> i64 {\nentry:\n%r = call @g(%x)\n%s = call @g(%r)\nret %s\n}\n"


def test_size_decides() -> None:
    assert "call" not in after(_large(32) + TWICE, Inline())
    assert "call" in after(_large(33) + TWICE, Inline())
    assert "call" not in after(_large(33) + TWICE, Inline(max_size=33))


def test_once_called_functions_may_be_larger() -> None:
    assert "call" not in after(_large(128) + ONCE, Inline())
    assert "call" in after(_large(129) + ONCE, Inline())
    assert "call" in after(_large(128) + ONCE, Inline(once=False))


def test_a_caller_stops_growing() -> None:
    assert "call" in after(_large(20) + TWICE, Inline(max_caller=30))


def test_what_folding_has_been_over_is_left_alone() -> None:
    text = (
        "func @g() -> i64 {\ne:\n%m = shared.alloc 16, align 8, stack\n%p = derive *i64, %m, 0\n%v = load %p\n"
        "ret %v\n}\n"
        "func @main() -> i64 {\nentry:\n%r = call @g()\nret %r\n}\n"
    )
    assert "%r = call @g()" in main_after(text)


def test_externs_are_left_alone() -> None:
    text = "extern func @g(i64) -> i64\nfunc @main() -> i64 {\nentry:\n%r = call @g(1)\nret %r\n}\n"
    assert "%r = call @g(1)" in main_after(text)


def test_a_trap_keeps_line_and_loc() -> None:
    text = (
        'func @g(%a: i64) -> i64 {\nentry:\n  %b = div 1, %a loc("a.go":7:3)\n  ret %b\n}\n'
        "func @main(%x: i64) -> i64 {\nentry:\n  %r = call @g(%x)\n  ret %r\n}\n"
    )
    before = run(parse(text), "main", (0,))
    module = parse(text)
    assert Inline().run_module(module, Context(module))
    trap = run(module, "main", (0,)).trap
    assert before.trap is not None and trap is not None
    assert (trap.kind, trap.line, trap.loc) == (before.trap.kind, before.trap.line, before.trap.loc)
    assert (before.trap.func, trap.func) == ("g", "main")
