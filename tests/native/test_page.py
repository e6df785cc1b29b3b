"""What the page about native code shows is true."""

from __future__ import annotations

import contextlib
import io
import re
import subprocess
import sys
from pathlib import Path

from irpass import native

_PAGE = (Path(native.__file__).parent / "README.md").read_text(encoding="utf-8")
_ROOT = Path(__file__).resolve().parents[2]


def _fences(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", _PAGE, re.DOTALL)


def test_the_example_in_python_prints_what_the_page_says() -> None:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(_fences("python")[0], "README.md", "exec"), {})
    assert out.getvalue() == _fences("text")[0]


def test_the_commands_print_what_the_page_says(tmp_path: Path) -> None:
    shown = _fences("console")[0].splitlines()
    commands = [line[2:] for line in shown if line.startswith("$ ")][1:]
    printed = [line for line in shown if not line.startswith("$ ")]
    for command in commands:
        words = command.replace("irpass ", f"{sys.executable} -m irpass ").replace("samples/", f"{_ROOT}/samples/")
        done = subprocess.run(
            words, shell=True, cwd=tmp_path, check=True, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        assert [line for line in printed if line in done.stdout.splitlines()] == printed
