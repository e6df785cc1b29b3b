"""Folds written by hand are accepted, and each way to get them wrong is refused by the rule that it breaks."""

from __future__ import annotations

from pathlib import Path

import pytest

import irpass.check
from irpass.api import parse
from irpass.check import check
from tests.check.mutations import MUTATIONS, Mutation
from tests.check.pairs import NAMES, REFUSED, judge, read


@pytest.mark.parametrize("name", NAMES)
def test_a_legal_fold_is_accepted(name: str) -> None:
    assert [str(d) for d in judge(*read(name))] == []


@pytest.mark.parametrize("name", NAMES)
def test_both_halves_are_accepted_against_themselves(name: str) -> None:
    for text in read(name):
        assert judge(text, text) == []


@pytest.mark.parametrize("name", [n for n in NAMES if "shared.alloc" not in read(n)[0] and n != "renamed"])
def test_a_fold_cannot_be_undone(name: str) -> None:
    before, after = read(name)
    assert judge(after, before) != []


@pytest.mark.parametrize("name", REFUSED)
def test_a_near_miss_is_refused_by_its_rule(name: str) -> None:
    before, after = read(name, "refused")
    assert judge(after, after) == judge(before, before) == []
    found = judge(before, after)
    assert [d.code for d in found] == [before[3:6]], "\n".join(map(str, found)) or after


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda m: m.claim.replace(" ", "-"))
def test_a_broken_fold_is_refused_by_its_rule(mutation: Mutation) -> None:
    before, after = read(mutation.pair)
    for old, new in mutation.changes:
        assert old in after
        after = after.replace(old, new, 1)
    found = judge(before, after)
    assert [d.code for d in found] == [mutation.code], "\n".join(map(str, found)) or after
    assert found[0].span is None or after.split("\n")[found[0].span.line - 1] == found[0].excerpt


def test_a_member_that_only_a_caller_frees_is_refused() -> None:
    before, after = read("never-freed-beside-freed")
    caller = "func @caller() {\nentry:\n  %a = call @main()\n  %t = slice %a, 0, 1\n  free %t\n  ret\n}\n"
    assert [d.code for d in judge(before + caller, after + caller)] == ["C20"]
    assert judge(before + caller.replace("  free %t\n", ""), after + caller.replace("  free %t\n", "")) == []


def test_the_page_shows_what_is_tested() -> None:
    page = (Path(irpass.check.__file__).parent / "README.md").read_text(encoding="utf-8")
    before, after = read("as-on-the-page")
    for text, keep in ((before, 3), (after, 2)):
        for line in text.split("\n")[keep:]:
            assert line.strip() in page or line.strip() in ("ret", "}")


def test_every_rule_is_broken_by_some_mutation() -> None:
    assert {m.code for m in MUTATIONS} == {f"C{n:02d}" for n in range(1, 28)}


def test_a_refusal_gives_both_places() -> None:
    before, after = read("static-group")
    found = check(parse(before, "old.ir"), parse(after.replace("32, 5", "32, 4"), "new.ir"))
    assert found[0].render().split("\n") == [
        "new.ir:6:3: error: the length is not that of the site [C09]",
        "      %b = derive []u8, %m, 32, 4",
        "      ^^^^^^^^^^^^^^^^^^^^^^^^^^^",
        "note: in @main, block entry",
        "note: before: old.ir:6: %b = make []u8, 5",
    ]
