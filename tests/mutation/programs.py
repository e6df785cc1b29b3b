"""The programs that mutations are tried on: BEFORE in `programs/NAME.ir`, with arguments of @main in its `// run:`
lines.

AFTER is what `fold-allocs` makes of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import irpass as ip
from tests.parts import main_args

FOLDER = Path(__file__).parent / "programs"
_MAX_STEPS = 100_000


@dataclass(frozen=True)
class Program:
    """Two texts that do the same, and the arguments to run them with."""

    name: str
    before: str
    after: str
    runs: tuple[tuple[str, ...], ...]


def read_program(name: str) -> Program:
    """The program of that name, folded."""
    before = (FOLDER / f"{name}.ir").read_text(encoding="utf-8")
    module = ip.parse(before, name)
    ip.optimize(module, "fold-allocs", verify_each=True)
    after = ip.print_module(module)
    runs = tuple(tuple(line.split()) for line in re.findall(r"^// run:(.*)$", before, re.MULTILINE))
    return Program(name, before, after, runs)


def all_names() -> list[str]:
    """The names of all programs."""
    return sorted(path.stem for path in FOLDER.glob("*.ir"))


def first_difference(before: ip.Module, after: ip.Module, runs: tuple[tuple[str, ...], ...]) -> str | None:
    """How a run of `after` differs from that of `before` in what a program may observe; None where none does."""
    for run in runs:
        args = main_args(before, run)
        old = ip.run(before, *args, max_steps=_MAX_STEPS)
        new = ip.run(after, *args, max_steps=_MAX_STEPS)
        found = ip.refines(old, new)
        if found is not None:
            return found
    return None
