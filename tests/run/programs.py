"""The programs of this folder: what each claims, read from its comments.

    // run: 5 --max-steps 9 => 7        arguments, options, and what it returns (nothing after the arrow: nothing)
    // run: 6 => trap step limit in @f block b      the rest after the word for the trap may be left out
    // prints: a line                   what that run prints, line by line
    // heap: calls 2, frees 0           counters of that run
    // steps: 12

The line that traps ends in `// trap: step limit`, with every word that it traps with in any run.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypedDict

FOLDER = Path(__file__).parent / "programs"
_RUN = re.compile(r"// run:(.*?)(?:=>(.*))?$")
_TRAP = re.compile(r"trap (.*?)(?: in @(\S+) block (\S+))?$")


class Limits(TypedDict, total=False):
    """Limits of a run, as the interpreter takes them."""

    max_steps: int
    heap_limit: int
    max_depth: int


_OPTIONS: dict[str, Literal["max_steps", "heap_limit", "max_depth"]] = {
    "--max-steps": "max_steps",
    "--heap-limit": "heap_limit",
    "--max-depth": "max_depth",
}


@dataclass
class Run:
    """One run of a program, and what it must do."""

    args: list[str]
    options: Limits
    returns: str | None
    trap: str | None
    place: tuple[str, str] | None
    prints: list[str] = field(default_factory=list)
    heap: dict[str, int] = field(default_factory=dict)
    steps: int | None = None


def runs_of(text: str) -> list[Run]:
    """What the header of a program says."""
    runs: list[Run] = []
    for line in text.splitlines():
        if not line.startswith("//"):
            break
        found = _RUN.match(line)
        word, _, rest = line[3:].partition(":")
        rest = rest.removeprefix(" ")
        if found:
            runs.append(_run(found.group(1), (found.group(2) or "").strip()))
        elif word == "prints":
            runs[-1].prints.append(rest)
        elif word == "heap":
            runs[-1].heap = {name: int(n) for name, n in (pair.split() for pair in rest.split(","))}
        elif word == "steps":
            runs[-1].steps = int(rest)
        else:
            raise ValueError(f"what does this line say? {line}")
    return runs


def _run(call: str, result: str) -> Run:
    words = shlex.split(call)
    args: list[str] = []
    options: Limits = {}
    while words:
        word = words.pop(0)
        if word.startswith("--"):
            options[_OPTIONS[word]] = int(words.pop(0))
        else:
            args.append(word)
    trap = _TRAP.match(result)
    place = (trap.group(2), trap.group(3)) if trap and trap.group(2) else None
    returns = result if result and not trap else None
    return Run(args, options, returns, trap.group(1) if trap else None, place)


def trap_lines(text: str) -> dict[str, set[int]]:
    """The lines that say they trap, for each word."""
    found: dict[str, set[int]] = {}
    for number, line in enumerate(text.splitlines(), 1):
        _, mark, words = line.partition("// trap: ")
        for word in words.split(", ") if mark else ():
            found.setdefault(word, set()).add(number)
    return found
