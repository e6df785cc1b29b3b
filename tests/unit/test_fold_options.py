"""The switches of fold-allocs that a golden claim cannot show: they bisect, or are refused."""

from __future__ import annotations

import pytest

import irpass as ip
from irpass.diagnostics import UsageError

FOUR_GROUPS = "".join(
    f"""
func @f{n}() -> i64 {{
entry:
  %a = make []i64, 1
  %b = make []*i64, 1
  %c = make []i64, 1
  %d = make []*i64, 1
  %x = load %c[0]
  ret %x
}}
"""
    for n in range(2)
)


def _folded(passes: str) -> list[str]:
    report = ip.optimize(ip.parse(FOUR_GROUPS), passes)
    return [str(r.fields["site"]) for r in report.remarks if r.kind == "passed"]


@pytest.mark.parametrize("limit", range(6))
def test_fold_limit_folds_the_first_groups_of_the_module(limit: int) -> None:
    everything = _folded("fold-allocs")
    assert len(everything) == 8
    assert _folded(f"fold-allocs{{fold-limit={limit}}}") == everything[: 2 * limit]


def test_every_site_has_one_verdict_whatever_the_limit() -> None:
    for limit in range(6):
        report = ip.optimize(ip.parse(FOUR_GROUPS), f"fold-allocs{{fold-limit={limit}}}")
        verdicts = [r.fields["site"] for r in report.remarks if r.kind in ("passed", "missed")]
        assert len(verdicts) == len(set(verdicts)) == 8


@pytest.mark.parametrize("option", ["max-group", "max-retain", "max-stack", "fold-limit"])
def test_a_negative_size_is_refused(option: str) -> None:
    with pytest.raises(UsageError, match=f"{option} is negative"):
        ip.optimize(ip.parse(FOUR_GROUPS), f"fold-allocs{{{option}=-1}}")


def test_a_scope_that_does_not_exist_is_refused() -> None:
    with pytest.raises(UsageError, match="not one of block, dominance"):
        ip.optimize(ip.parse(FOUR_GROUPS), "fold-allocs{scope=function}")


@pytest.mark.parametrize("option", ["keep", "only"])
@pytest.mark.parametrize(
    ("name", "note"),
    [("@f0:%aa", "did you mean @f0:%a?"), ("@f0:%x", "its sites: @f0:%a"), ("%a", "its sites: @f0:%a")],
)
def test_a_name_that_no_site_has_is_refused(option: str, name: str, note: str) -> None:
    with pytest.raises(UsageError) as caught:
        _folded(f"fold-allocs{{{option}=@f1:%b+{name}}}")
    (found,) = caught.value.diagnostics
    assert f"{name} is no allocation site of " in found.message
    assert any(n.startswith(note) for n in found.notes)


def test_a_site_may_be_named_that_a_pass_before_removes_or_makes() -> None:
    text = "func @g() -> i64 {\nentry:\n  %c = call @f0()\n  ret %c\n}\n" + FOUR_GROUPS
    made = ip.optimize(ip.parse(text), "inline,fold-allocs")
    assert "@g:%a" in [r.fields.get("site") for r in made.remarks]
    ip.optimize(ip.parse(text), "inline,fold-allocs{keep=@g:%a}")
    ip.optimize(ip.parse(text), "dce,fold-allocs{keep=@f0:%a}")
