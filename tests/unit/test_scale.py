"""Nothing recurses over what the user gives: large and deep programs pass through every verb."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmarks.programs import block_chain, expression_chain, straight_program

PROGRAMS = {
    "100,000 blocks": block_chain(100_000),
    "an expression 100,000 deep": expression_chain(100_000),
    "a block of 100,000 instructions": straight_program(100_000),
}


@pytest.fixture(scope="module", params=list(PROGRAMS))
def program(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("scale") / "large.ir"
    path.write_text(PROGRAMS[request.param])
    return path


def irpass(*args: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([sys.executable, "-m", "irpass", *args], capture_output=True, check=False)


@pytest.mark.parametrize(
    "verb",
    [
        ["verify"],
        ["fmt"],
        ["optimize", "--remarks", "all", "--stats"],
        ["optimize", "--passes", "fold-allocs{scope=dominance}"],
        ["run"],
        ["graph", "--kind", "deps", "--format", "json"],
        ["graph", "--kind", "cfg", "--format", "dot"],
        ["graph", "--kind", "dom", "--format", "svg"],
        ["graph", "--kind", "calls", "--format", "graphml"],
    ],
    ids=" ".join,
)
def test_a_large_program_passes_through(program: Path, verb: list[str]) -> None:
    done = irpass(verb[0], str(program), *(["5"] if verb[0] == "run" else []), *verb[1:])
    assert done.returncode == 0, done.stderr[-2000:].decode()
