"""The command line, and the commands that the page shows."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from samples.minigo.__main__ import main
from tests.minigo.real_go import expected_file

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "samples" / "minigo" / "README.md").read_text(encoding="utf-8")
PANICS = (
    'package main\n\nimport (\n\t"fmt"\n\t"os"\n)\n\nfunc main() {\n\tfmt.Println("before", os.Args[1:])\n\t%s\n}\n'
)


def minigo(*args: str) -> Result:
    return CliRunner().invoke(main, args)


def commands(kind: str) -> list[str]:
    block = re.search(rf"<!-- {kind} -->\n```sh\n(.*?)```", PAGE, re.DOTALL)
    assert block is not None
    return block[1].splitlines()


def shell(command: str, folder: Path) -> str:
    """What a command of the page prints, run in a folder that has the samples."""
    command = re.sub(r"^python ", f"{sys.executable} ", command)
    done = subprocess.run(["sh", "-c", command], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "samples").symlink_to(ROOT / "samples")
    return tmp_path


def test_the_commands_of_the_page_do_what_it_says(folder: Path) -> None:
    run, optimized, ir, remarks = [shell(command, folder) for command in commands("commands")]
    assert run == optimized == expected_file(Path("words.go")).read_text(encoding="utf-8")
    assert "shared.alloc" in ir
    line = re.search(r"^    programs/(.*)$", PAGE, re.MULTILINE)
    assert line is not None and f"samples/minigo/programs/{line[1]}" in remarks


def test_the_native_commands_of_the_page_do_what_it_says(folder: Path) -> None:
    pytest.importorskip("llvmlite", reason="native code needs the extra `native`")
    if shutil.which("cc") is None:
        pytest.skip("an executable needs a C compiler to link with")
    run, built = [shell(command, folder) for command in commands("native commands")]
    assert "Pfannkuchen(7) = 16" in run
    assert built.startswith("1000 requests")


@pytest.mark.parametrize(
    "statement, message",
    [
        ("a := make([]int, 1); a[len(os.Args)] = 1", "index out of range"),
        ("n := len(os.Args) - 2; n = 1 / n", "division by zero"),
        ("var p *struct{ x int }; p.x = 1", "nil dereference"),
        ('panic("at the disco")', "at the disco"),
        ("n := -len(os.Args); _ = 1 << n", "negative shift"),
        ("n := -len(os.Args); _ = make([]int, n)", "len out of range"),
        ("var e error; _ = e.Error()", "nil dereference"),
        ("n := len(os.Args); s := os.Args[n:1]; s[0] = s[0]", "slice bounds out of range"),
        ("a := [2][2]int{}; n := 1 << 62; a[n][0] = 1", "index out of range"),
    ],
)
def test_a_panic_has_its_place_and_status_one(tmp_path: Path, statement: str, message: str) -> None:
    file = tmp_path / "main.go"
    file.write_text(PANICS % statement, encoding="utf-8")
    result = minigo("run", str(file), "arg")
    assert result.exit_code == 1
    assert result.stdout == "before [arg]\n"
    assert re.fullmatch(rf"{re.escape(str(file))}:10:\d+: panic: {message}\n", result.stderr)


def test_errors_go_to_standard_error_with_status_one() -> None:
    result = minigo("ir", str(ROOT / "tests" / "minigo" / "errors" / "no-main.go"))
    assert (result.exit_code, result.stdout) == (1, "")
    assert "function main is missing" in result.stderr


def test_a_call_at_fault_has_status_two() -> None:
    assert minigo("run", "no-such-file.go").exit_code == 2
    assert minigo("run").exit_code == 2


def test_arguments_come_as_they_are(tmp_path: Path) -> None:
    file = tmp_path / "main.go"
    file.write_text(PANICS % "", encoding="utf-8")
    assert minigo("run", str(file)).stdout == "before []\n"
    assert minigo("run", str(file), "a b", "-5", "é").stdout == "before [a b -5 é]\n"
