"""No other project's rule for a block leaves fewer allocator calls; and the models do what they are said to do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.golden.claims import all_claims
from tests.peers.folding_rules import LIFTED, MODELS, SAMPLES, TERMS, count_calls, table

GOLDEN = Path(__file__).parent.parent / "golden"
FOLD_README = SAMPLES.parent / "irpass" / "fold" / "README.md"
PROGRAMS = sorted(SAMPLES.glob("*.ir")) + all_claims(GOLDEN)


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda p: p.stem)
def test_no_rule_of_the_peers_leaves_fewer_calls(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for limits in (TERMS, LIFTED):
        counts = count_calls(text, limits)
        assert {name: calls for name, calls in counts.models.items() if calls < counts.irpass} == {}


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.ir")), ids=lambda p: p.stem)
def test_beyond_the_block_v8_leaves_fewer_only_where_irpass_does_not_speculate(path: Path) -> None:
    counts = count_calls(path.read_text(encoding="utf-8"))
    assert counts.speculating <= counts.irpass
    assert counts.speculating <= counts.v8_tree
    assert (counts.v8_tree < counts.irpass) == (path.stem == "two-blocks")


def test_v8_still_leaves_fewer_where_a_branch_joins_again_and_where_what_may_not_run_is_freed() -> None:
    found = [p.stem for p in all_claims(GOLDEN) if (c := count_calls(p.read_text())).v8_tree < c.speculating]
    assert found == ["dominance-leaves-a-branch-that-may-not-run", "speculate-leaves-what-is-freed-where-it-is"]


def _counts(body: str, rest: str = "") -> dict[str, int]:
    counts = count_calls(f"func @main(%n: i64, %c: bool) -> i64 {{\nentry:\n{body}\n}}\n{rest}")
    return {**counts.models, "V8, beyond it": counts.v8_tree, "irpass": counts.irpass, "sites": counts.sites}


USES = "  %p = load %a[1]\n  %q = load %b[1]\n  %s = add %p, %q\n  ret %s"


def test_a_call_between_ends_the_group_of_all_but_mlir_and_irpass() -> None:
    found = _counts(
        "  %a = make []i64, 4\n  call @tell(%n)\n  %b = make []i64, 4\n  store %a[1], %n\n" + USES,
        "extern func @tell(i64)\n",
    )
    assert found == {**dict.fromkeys([*MODELS, "V8, beyond it", "sites"], 2), "MLIR": 1, "irpass": 1}


def test_a_size_at_run_time_folds_under_none_of_the_models() -> None:
    found = _counts("  %a = make []i64, 4\n  %b = make []i64, %n\n  store %a[1], %n\n" + USES)
    assert found == {**dict.fromkeys([*MODELS, "V8, beyond it", "sites"], 2), "irpass": 1}


def test_over_257_words_ocaml_begins_another_group() -> None:
    words = _counts("  %a = make []i64, 127\n  %b = make []i64, 128\n  store %a[1], %n\n" + USES)
    assert (words["OCaml"], words["PyPy"], words["irpass"]) == (1, 1, 1)
    words = _counts("  %a = make []i64, 128\n  %b = make []i64, 128\n  store %a[1], %n\n" + USES)
    assert (words["OCaml"], words["PyPy"], words["irpass"]) == (2, 1, 1)


def test_behind_the_entry_block_mlir_plans_nothing_and_v8_goes_on_where_one_way_leads() -> None:
    way = "  %a = make []i64, 4\n  store %a[1], %n\n  br_if %c, one, two\none:\n  %b = make []i64, 4\n"
    found = _counts(way + USES + "\ntwo:\n  %z = make []i64, 4\n  %r = load %z[%n]\n  %t = load %a[%r]\n  ret %t")
    assert found == {**dict.fromkeys([*MODELS, "irpass", "sites"], 3), "V8, beyond it": 1}


def test_the_table_in_the_page_is_what_the_command_prints() -> None:
    page = FOLD_README.read_text(encoding="utf-8")
    found = re.search(r"^\| program \| sites .*?(?=\n\n|\Z)", page, re.MULTILINE | re.DOTALL)
    assert found is not None, "python -m tests.peers.folding_rules prints it"
    assert found[0].strip() == table(sorted(SAMPLES.glob("*.ir")))
