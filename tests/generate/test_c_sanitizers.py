"""The generated C, with several threads, under the sanitizers of gcc."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.generate.c_library import WARNINGS, gcc, needs_gcc, write_c

DATA = Path(__file__).parent / "data"
SAMPLES = Path(__file__).parents[2] / "samples" / "allocators"

pytestmark = needs_gcc


def build(directory: Path, program: str, sample: str, *options: str) -> Path:
    source = write_c(directory, (SAMPLES / sample).read_text(encoding="utf-8"))
    out = directory / "program"
    include = ("-I", directory, "-I", DATA)
    posix = ("-D_POSIX_C_SOURCE=200809L", "-pthread")
    gcc(*posix, *WARNINGS, *options, *include, DATA / program, source, "-o", out)
    return out


def run(program: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([program, *arguments], capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.parametrize("sanitizer", ["address,undefined", "thread"])
def test_threads_are_clean_under_sanitizer(sanitizer: str, tmp_path: Path) -> None:
    options = ("-O1", "-g", f"-fsanitize={sanitizer}", "-fno-sanitize-recover=all")
    result = run(build(tmp_path, "threads.c", "compiler.toml", *options))
    assert (result.returncode, result.stderr) == (0, "")
    stats = json.loads(result.stdout)
    assert stats["words"]["allocs"] == stats["words"]["frees"] > 4 * 20000 * 3
    assert sum(row["allocs"] for row in stats["words"]["classes"]) == stats["words"]["allocs"]


@pytest.mark.parametrize(
    ("misuse", "report"),
    [
        ("over-run", "use-after-poison"),
        ("free", "use-after-poison"),
        ("shrunk", "use-after-poison"),
        ("large", "use-after-poison"),
        ("nothing", ""),
    ],
)
def test_address_sanitizer_sees_the_misuse_of_a_view(misuse: str, report: str, tmp_path: Path) -> None:
    result = run(build(tmp_path, "misuse.c", "compiler.toml", "-O1", "-fsanitize=address"), misuse)
    assert (result.returncode == 0) == (report == "")
    assert report in result.stderr


def test_objects_are_pooled_by_capacity(tmp_path: Path) -> None:
    result = run(build(tmp_path, "objects.c", "sets.toml", "-O1", "-g", "-fsanitize=address,undefined"))
    assert (result.returncode, result.stderr) == (0, "")
    stats = json.loads(result.stdout)["sparse"]
    assert (stats["allocs"], stats["frees"], stats["live"]) == (5, 5, 0)
