"""The page on the collector: its commands print what it shows, its Python runs."""

from __future__ import annotations

import contextlib
import io
import os
import re
import subprocess
import sys
from pathlib import Path

import irpass as ip
from irpass.heap.simple import SimpleHeap

PAGE = Path(__file__).parents[2] / "irpass" / "heap" / "collector.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def texts(language: str) -> list[str]:
    return [m[2] for m in BLOCK.finditer(PAGE.read_text(encoding="utf-8")) if m[1] == language]


def test_the_commands_print_what_the_page_shows(tmp_path: Path) -> None:
    folder, shim = tmp_path / "work", tmp_path / "bin"
    folder.mkdir()
    shim.mkdir()
    (shim / "irpass").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m irpass.cli "$@"\n', encoding="utf-8")
    (shim / "irpass").chmod(0o755)
    (folder / "lists.ir").write_text(texts("ir")[0], encoding="utf-8")
    (folder / "collected.toml").write_text(texts("toml")[0], encoding="utf-8")
    environment = {**os.environ, "PATH": f"{shim}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(PAGE.parents[2])}
    steps = re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", "".join(texts("console")), re.MULTILINE)
    assert len(steps) == 10
    for command, expected in steps:
        done = subprocess.run(
            ["sh", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        assert done.stdout + done.stderr == expected, command


def test_the_python_runs() -> None:
    names: dict[str, object] = {"module": ip.parse(texts("ir")[0]), "heap": SimpleHeap()}
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        for text in texts("python"):
            exec(text, names)
    assert re.fullmatch(r"100 \d+ \d+ \d+\n", printed.getvalue())
    assert [outcome.returned for outcome in names["outcomes"]] == [10, 20]  # type: ignore[attr-defined] # from exec
