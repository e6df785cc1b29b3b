"""Runs before and after a pass see a miscompile, whatever it shows in; hosts give both runs the same."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import irpass as ip
from irpass.interp.machine import run
from irpass.ir import edit, ops
from irpass.ir.core import Instr
from irpass.testing import Asked, Bounds, Failure, Host, compare, random_inputs, random_program


def _compare_broken(text: str, which: Callable[[Instr], bool], harm: Callable[[Instr], None]) -> Failure | None:
    """What `compare` says of a pass that does harm to the instructions that `which` names."""

    def run_module(self: object, module: ip.Module, context: object) -> bool:
        for func in module.funcs:
            for instr in list(func.instrs()):
                if which(instr):
                    harm(instr)
        return True

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("irpass.passes.dce.Dce.run_module", run_module)
        return compare(text, "dce", [[]], asked=Asked(again=False)).failure


def test_two_hosts_give_two_runs_the_same() -> None:
    for seed in range(60):
        module = random_program(seed)
        for args in random_inputs(module, seed):
            one, other = Host(module), Host(module)
            outcomes = [run(module, "main", args, externs=h.externs, max_steps=2000, heap_limit=1 << 18)
                        for h in (one, other)]  # fmt: skip
            assert ip.refines(*outcomes) is None
            assert one.calls == other.calls


def test_a_host_that_sees_something_else_is_a_failure() -> None:
    text = (
        "extern func @log(i64) nocapture nofree\nfunc @main() {\nentry:\n  %x = const i64, 1\n  call @log(%x)\n  ret\n}"
    )
    failure = _compare_broken(text, lambda i: i.op is ops.CONST, lambda i: setattr(i, "imm", 2))
    assert failure is not None
    assert failure.kind == "host"


def test_a_pass_that_changes_a_length_is_caught() -> None:
    text = "func @main() -> i64 {\nentry:\n  %s = make []i64, 3\n  %n = len %s\n  ret %n\n}\n"

    def harm(instr: Instr) -> None:
        edit.become(instr, ops.MAKE, [ip.Literal(ip.I64, 4)], instr.type)

    failure = _compare_broken(text, lambda i: i.op is ops.MAKE, harm)
    assert failure is not None
    assert (failure.kind, failure.message) == ("outcome", "returned: 3 before, 4 after")


def test_a_pass_that_breaks_a_rule_is_caught() -> None:
    text = "func @main() -> i64 {\nentry:\n  %s = make []i64, 3\n  %n = len %s\n  ret %n\n}\n"
    failure = _compare_broken(text, lambda i: i.op is ops.MAKE, lambda i: edit.remove([i]))
    assert failure is not None
    assert failure.kind == "rules"


def test_a_pass_that_raises_is_caught() -> None:
    def harm(instr: Instr) -> None:
        raise KeyError(instr.op.name)

    failure = _compare_broken("func @main() {\nentry:\n  ret\n}\n", lambda i: i.op is ops.RET, harm)
    assert failure is not None
    assert failure.kind == "crash"
    assert failure.signature == "KeyError in test_differential.py, harm"


def test_a_pass_that_allocates_is_caught() -> None:
    def harm(instr: Instr) -> None:
        block = instr.block
        assert block is not None
        more = edit.place(block, Instr(ops.NEW, [], ip.I64), ip.PointerType(ip.I64))
        edit.set_instrs(block, [more, *block.instrs])

    failure = _compare_broken("func @main() {\nentry:\n  ret\n}\n", lambda i: i.op is ops.RET, harm)
    assert failure is not None
    assert (failure.kind, failure.message) == ("calls", "0 allocator calls before, 1 after")


def test_the_checker_is_asked_about_each_fold() -> None:
    text = "func @main() {\nentry:\n  %a = make []i64, 3\n  %b = make []i64, 3\n  ret\n}\n"
    assert compare(text, "fold-allocs,dce,fold-allocs", asked=Asked(again=False)).checks == 2
    assert compare(text, "fold-allocs,dce", asked=Asked(text=False, again=False, check=False)).checks == 0


def test_bounds_are_kept() -> None:
    text = "func @main() {\nentry:\n  br loop\nloop:\n  br loop\n}\n"
    verdict = compare(text, "dce", bounds=Bounds(max_steps=10))
    trap = verdict.runs[0].before.trap
    assert trap is not None
    assert trap.kind == "step limit"
