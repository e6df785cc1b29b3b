"""Claims: IR files whose comments say what must hold of them.

Header lines, before any code:

    // passes: fold-allocs        the pipeline; the default one where it is not given
    // run: 5 true                arguments of a run of @main; several lines are several runs
    // calls: 4 -> 1              allocator calls of the first run, before and after
    // traps: index out of range  that run ends so, before and after

On the line that it is about, a remark of `fold-allocs`, which must be there, and with no other beside it:

    %a = make []i64, 4  //~ passed folded
    %b = make []i64, %n  //~ missed late-length: load %p

Behind the colon stands a part of the message. The expected output lies beside the claim as `NAME.out`;
`pytest --force-regen` rewrites it.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path

_HEADER = re.compile(r"//\s*(passes|run|calls|traps):\s?(.*)")
_EXPECTED = re.compile(r"//~\s*(passed|missed|analysis)\s+([a-z-]+)(?::\s*(.*))?$")


@dataclass
class ExpectedRemark:
    """A remark that a line of a claim asks for."""

    line: int
    kind: str
    name: str
    part: str


@dataclass
class Claim:
    """One file, read."""

    path: Path
    text: str
    passes: str | None = None
    runs: list[list[str]] = field(default_factory=list)
    calls: tuple[int, int] | None = None
    traps: str | None = None
    remarks: list[ExpectedRemark] = field(default_factory=list)


def read_claim(path: Path) -> Claim:
    """The claim in the file at `path`."""
    claim = Claim(path, path.read_text(encoding="utf-8"))
    for number, line in enumerate(claim.text.splitlines(), 1):
        header = _HEADER.match(line)
        if header is not None:
            _read_header(claim, header.group(1), header.group(2).strip())
        expected = _EXPECTED.search(line)
        if expected is not None:
            claim.remarks.append(ExpectedRemark(number, expected[1], expected[2], (expected[3] or "").strip()))
        elif "//~" in line:
            raise ValueError(f"{path}:{number}: not an expected remark: {line.strip()}")
    return claim


def _read_header(claim: Claim, key: str, value: str) -> None:
    if key == "passes":
        claim.passes = value
    elif key == "run":
        claim.runs.append(shlex.split(value))
    elif key == "traps":
        claim.traps = value
    else:
        before, _, after = value.partition("->")
        claim.calls = int(before), int(after)


def all_claims(folder: Path) -> list[Path]:
    """The claims below a folder, in order of name."""
    return sorted(folder.rglob("*.ir"))
