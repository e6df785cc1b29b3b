"""Pairs of programs in files: a claim, the program before, a line `// ---- after`, the program after."""

from __future__ import annotations

from pathlib import Path

from irpass.api import parse
from irpass.check import check
from irpass.diagnostics import Diagnostic

_HERE = Path(__file__).parent
NAMES = sorted(p.stem for p in (_HERE / "pairs").glob("*.ir"))
REFUSED = sorted(p.stem for p in (_HERE / "refused").glob("*.ir"))  # near misses: the first comment names the rule
_MIDDLE = "// ---- after\n"


def read(name: str, folder: str = "pairs") -> tuple[str, str]:
    """The texts before and after."""
    before, middle, after = (_HERE / folder / f"{name}.ir").read_text(encoding="utf-8").partition(_MIDDLE)
    assert middle, f"{name} has no line {_MIDDLE!r}"
    return before, after


def judge(before: str, after: str) -> list[Diagnostic]:
    """What the checker refuses; both texts are verified first."""
    return check(parse(before, "before.ir"), parse(after, "after.ir"))
