"""What starting imports: the import list, not the time."""

from __future__ import annotations

import subprocess
import sys

import pytest

SMALL = """func @main() -> i64 {
entry:
  %a = make []i64, 4
  %b = make []i64, 2
  store %a[0], 1
  store %b[0], 2
  %x = load %a[0]
  ret %x
}
"""


def imported(*args: str, stdin: str = "") -> set[str]:
    """The modules that `irpass ARGS` imports, packages by their full names."""
    command = [sys.executable, "-X", "importtime", "-m", "irpass", *args]
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=True)
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip() for line in lines}


@pytest.mark.parametrize("heavy", ["networkx", "rich", "importlib.metadata", "lark"])
def test_version_imports_nothing_heavy(heavy: str) -> None:
    assert heavy not in imported("--version")


def test_help_imports_no_verb() -> None:
    assert not {m for m in imported("--help") if m.startswith("irpass.cli.") and m != "irpass.cli.__main__"}


@pytest.mark.parametrize("heavy", ["networkx", "rich", "importlib.metadata"])
def test_optimizing_a_program_without_calls_needs_no_graph_library(heavy: str) -> None:
    assert heavy not in imported("optimize", "-", stdin=SMALL)


def test_importing_the_library_imports_none_of_its_parts() -> None:
    code = "import sys, irpass; print(sorted(m for m in sys.modules if m.startswith('irpass')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['irpass']"
