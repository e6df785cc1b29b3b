"""Every reason of a missed remark is explained by an example that gives it, and shown by claims."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest

import irpass as ip
from irpass.fold.reasons import BY_SLUG, REASONS, Reason, explain
from tests.golden.claims import all_claims, read_claim

GOLDEN = Path(__file__).parent.parent / "golden"
FOLD = Path(__file__).parent.parent.parent / "irpass" / "fold"
_PASSES = re.compile(r"// passes: (\S+)")


def _missed(reason: Reason) -> dict[str, str]:
    """Slug -> message of the missed remarks that the reason's example gets."""
    passes = _PASSES.search(reason.example)
    report = ip.optimize(ip.parse(reason.example), passes[1] if passes is not None else "fold-allocs")
    return {r.name: r.message for r in report.remarks if r.kind == "missed"}


@pytest.mark.parametrize("reason", REASONS, ids=lambda r: r.slug)
def test_the_example_of_a_reason_gives_it(reason: Reason) -> None:
    assert reason.slug in _missed(reason)


@pytest.mark.parametrize("reason", REASONS, ids=lambda r: r.slug)
def test_the_page_of_a_reason_shows_its_example_and_a_remedy(reason: Reason) -> None:
    page = explain(reason.slug)
    assert page.startswith(f"{reason.slug}: {reason.title}\n")
    assert f"\n\n{textwrap.indent(reason.example, '    ')}\n\nWhat to do: {reason.remedy}\n" in page


def test_reasons_are_told_apart_by_their_slugs() -> None:
    assert len(BY_SLUG) == len(REASONS)


def test_the_pass_gives_no_reason_that_is_not_explained() -> None:
    given = set()
    for path in FOLD.glob("*.py"):
        text = path.read_text(encoding="utf-8")
        given.update(re.findall(r'Refusal\(\s*"([a-z-]+)"', text))
        given.update(re.findall(r'slug = "([a-z-]+)"', text))
    assert given
    assert given <= set(BY_SLUG)


@pytest.mark.parametrize("slug", BY_SLUG)
def test_a_reason_occurs_in_two_claims_at_least(slug: str) -> None:
    claims = [p for p in all_claims(GOLDEN) if any(e.name == slug for e in read_claim(p).remarks)]
    assert len(claims) >= 2
