"""`irpass generate`: exit status, what goes where, and outputs that are whole or not there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from irpass.cli.generate import generate
from irpass.diagnostics import ParseError, UsageError
from irpass.generate import GenerateError, generate_files, generate_text, read_spec

SAMPLES = Path(__file__).parents[2] / "samples" / "allocators"
SPEC = SAMPLES / "compiler.toml"


def text_of(target: str) -> str:
    spec = read_spec(SPEC.read_text(encoding="utf-8"), "compiler.toml")
    return generate_text(spec, "go" if target == "go" else "c")


@pytest.mark.parametrize("target", ["c", "go"])
def test_without_out_the_text_goes_to_standard_output_and_nothing_else_does(target: str) -> None:
    result = CliRunner().invoke(generate, [str(SPEC), "--target", target])
    assert (result.exit_code, result.stdout, result.stderr) == (0, text_of(target), "")


def test_standard_input_is_a_spec() -> None:
    result = CliRunner().invoke(generate, ["-", "--target", "go"], input=SPEC.read_text(encoding="utf-8"))
    assert result.exit_code == 0
    assert result.stdout == text_of("go").replace("from compiler.toml", "from <stdin>")


def test_a_directory_gets_files_named_after_the_spec(tmp_path: Path) -> None:
    for target in ("c", "go"):
        assert CliRunner().invoke(generate, [str(SPEC), "--target", target, "-o", str(tmp_path)]).exit_code == 0
    assert sorted(p.name for p in tmp_path.iterdir()) == ["pools.c", "pools.go", "pools.h"]


def test_a_file_name_gives_its_stem_to_the_header(tmp_path: Path) -> None:
    result = CliRunner().invoke(generate, [str(SPEC), "--target", "c", "-o", str(tmp_path / "mine.c")])
    assert result.exit_code == 0
    spec = read_spec(SPEC.read_text(encoding="utf-8"), "compiler.toml")
    for name, text in generate_files(spec, "c", "mine").items():
        assert (tmp_path / name).read_text(encoding="utf-8") == text
    assert '#include "mine.h"' in (tmp_path / "mine.c").read_text(encoding="utf-8")


def test_the_same_spec_gives_the_same_bytes_in_every_process(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "irpass.cli", "generate", str(SPEC), "--target", "c"]
    outputs = {
        subprocess.run(command, capture_output=True, check=True, env={"PYTHONHASHSEED": seed}).stdout
        for seed in ("0", "1")
    }
    assert outputs == {text_of("c").encode()}


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b'name = "p"\nbase = 1\n', ParseError),
        (b"\xff", ParseError),
        (b'name = "p"\n[[base]]\nname = "a"\nelem = "t"\nmin_log2 = 4\nmax_log2 = 5\n'
         b'[[type]]\nname = "t"\nsize_bytes = 8\ngo = "T"\n', GenerateError),
    ],
)  # fmt: skip
def test_a_spec_at_fault_leaves_the_old_outputs(content: bytes, error: type[Exception], tmp_path: Path) -> None:
    (tmp_path / "spec.toml").write_bytes(content)
    (tmp_path / "p.c").write_text("old", encoding="utf-8")
    arguments = [str(tmp_path / "spec.toml"), "--target", "c", "-o", str(tmp_path / "p.c")]
    assert isinstance(CliRunner().invoke(generate, arguments).exception, error)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["p.c", "spec.toml"]
    assert (tmp_path / "p.c").read_text(encoding="utf-8") == "old"


@pytest.mark.parametrize("old_header", [None, "old"])
def test_a_source_that_cannot_be_written_takes_the_header_back(old_header: str | None, tmp_path: Path) -> None:
    (tmp_path / "pools.c").mkdir()
    if old_header is not None:
        (tmp_path / "pools.h").write_text(old_header, encoding="utf-8")
    result = CliRunner().invoke(generate, [str(SPEC), "--target", "c", "-o", str(tmp_path)])
    assert isinstance(result.exception, UsageError)
    header = tmp_path / "pools.h"
    assert (header.read_text(encoding="utf-8") if header.exists() else None) == old_header


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["missing.toml", "--target", "c"], 2, "cannot read missing.toml"),
        ([str(SPEC)], 2, "--target"),
        ([str(SPEC), "--target", "rust"], 2, "rust"),
        ([str(SPEC), "--target", "c", "-o", "nowhere/pools.go"], 2, "no name of a .c file"),
        ([str(SPEC), "--target", "go", "-o", "nowhere/pools.go"], 2, "cannot write nowhere/pools.go"),
        ([__file__, "--target", "c"], 1, f"{__file__}:"),
    ],
)
def test_the_exit_status_says_who_is_at_fault(arguments: list[str], status: int, message: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "irpass.cli", "generate", *arguments]
    result = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert result.returncode == status
    assert message in result.stderr
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
