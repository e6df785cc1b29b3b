"""The generated C when the system has no memory: at each request in turn, and at each with all that follow."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.generate.c_library import WARNINGS, gcc, needs_gcc, write_c

DATA = Path(__file__).parent / "data"
WRAPPED = ("malloc", "calloc", "realloc", "aligned_alloc", "free")

pytestmark = needs_gcc


def run(directory: Path, *options: str, change: tuple[str, str] = ("", "")) -> subprocess.CompletedProcess[str]:
    """Builds the pools, with a text of their source replaced, and runs the work with each request failing in turn."""
    source = write_c(directory, (DATA / "faults.toml").read_text(encoding="utf-8"))
    text = source.read_text(encoding="utf-8")
    assert change[0] in text
    source.write_text(text.replace(*change, 1), encoding="utf-8")
    wrap = "-Wl," + ",".join(f"--wrap={name}" for name in WRAPPED)
    program = directory / "program"
    includes = ("-I", directory, "-I", DATA)
    gcc("-D_POSIX_C_SOURCE=200809L", "-pthread", *options, *includes, DATA / "faults.c", source, "-o", program, wrap)
    return subprocess.run([program], capture_output=True, text=True, check=False, timeout=300)


def test_any_request_may_fail_and_nothing_is_lost(tmp_path: Path) -> None:
    result = run(tmp_path, *WARNINGS, "-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
    assert (result.returncode, result.stderr) == (0, "")
    assert int(result.stdout) > 50


NO_MOVE = "if (moved.ptr == NULL) return none;"


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ("drop_chunk(chunk);\n        return false;", "return false;", "a chunk is lost"),
        ("free(chunk);\n        return NULL;", "return NULL;", "a chunk is lost"),
        ("faults_self_.error = error;", "", "the error is not that there is no memory"),
        ("atomic_fetch_add_explicit(&failures[allocator], 1, memory_order_relaxed);", "", "not counted exactly"),
        (NO_MOVE, f"if (moved.ptr == NULL) faults_words_free(view); {NO_MOVE}", "the second try fails too"),
    ],
    ids=["no-room-in-the-depot", "no-room-in-the-map", "no-error", "no-count", "freed-at-a-failed-move"],
)
def test_a_way_out_that_is_wrong_is_noticed(right: str, wrong: str, message: str, tmp_path: Path) -> None:
    result = run(tmp_path, change=(right, wrong))
    assert result.returncode == 1
    assert message in result.stderr
