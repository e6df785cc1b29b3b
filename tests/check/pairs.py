"""Pairs of programs in files: a claim, the program before, a line `// ---- after`, the program after."""

from __future__ import annotations

from pathlib import Path

from irpass.api import parse
from irpass.check import check
from irpass.diagnostics import Diagnostic

FOLDER = Path(__file__).parent / "pairs"
NAMES = sorted(p.stem for p in FOLDER.glob("*.ir"))
_MIDDLE = "// ---- after\n"


def read(name: str) -> tuple[str, str]:
    """The texts before and after."""
    before, middle, after = (FOLDER / f"{name}.ir").read_text(encoding="utf-8").partition(_MIDDLE)
    assert middle, f"{name} has no line {_MIDDLE!r}"
    return before, after


def judge(before: str, after: str) -> list[Diagnostic]:
    """What the checker refuses; both texts are verified first."""
    return check(parse(before, "before.ir"), parse(after, "after.ir"))
