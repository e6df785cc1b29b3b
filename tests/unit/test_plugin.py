"""The sample plug-in, installed as a package manager would, is found, documented and run."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import irpass as ip

SAMPLE = Path(__file__).parent.parent.parent / "samples" / "plugin"
PROGRAM = "func @f(%n: i64) -> i64 {\nentry:\n  %a = mul %n, 8\n  ret %a\n}\n"


@pytest.fixture
def installed(tmp_path: Path) -> dict[str, str]:
    """An environment in which the sample's metadata says what its pyproject.toml says."""
    project = tomllib.loads((SAMPLE / "pyproject.toml").read_text())["project"]
    info = tmp_path / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n")
    lines = [f"[{group}]\n" + "".join(f"{k} = {v}\n" for k, v in entries.items())
             for group, entries in project["entry-points"].items()]  # fmt: skip
    (info / "entry_points.txt").write_text("\n".join(lines))
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(SAMPLE)])}


def irpass(env: dict[str, str], *args: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "irpass", *args]
    return subprocess.run(command, env=env, input=stdin, capture_output=True, text=True, check=False)


def test_passes_lists_the_plug_in_with_its_options(installed: dict[str, str]) -> None:
    done = irpass(installed, "passes")
    assert done.returncode == 0
    assert "strength-reduce  (from irpass_strength)" in done.stdout
    assert "max-shift=62" in done.stdout


def test_a_pipeline_may_name_the_plug_in(installed: dict[str, str]) -> None:
    done = irpass(installed, "optimize", "-", "--passes", "strength-reduce", "--remarks", "all", stdin=PROGRAM)
    assert done.returncode == 0
    assert "%a = shl %n, 3" in done.stdout
    assert "[strength-reduce:reduced]" in done.stderr


def test_its_options_are_typed(installed: dict[str, str]) -> None:
    done = irpass(installed, "optimize", "-", "--passes", "strength-reduce{max-shift=2}", stdin=PROGRAM)
    assert "mul %n, 8" in done.stdout
    done = irpass(installed, "optimize", "-", "--passes", "strength-reduce{max-shift=big}", stdin=PROGRAM)
    assert done.returncode == 2
    assert "'big' is no number" in done.stderr


def test_a_plug_in_that_cannot_be_loaded_is_named(installed: dict[str, str], tmp_path: Path) -> None:
    entry = next(tmp_path.glob("*.dist-info")) / "entry_points.txt"
    entry.write_text("[irpass.passes]\nbroken = irpass_nowhere:Broken\n")
    done = irpass(installed, "passes")
    assert done.returncode == 2
    assert "plug-in broken (irpass_nowhere:Broken) cannot be loaded" in done.stderr


def test_the_pass_means_the_same_on_every_width() -> None:
    sys.path.insert(0, str(SAMPLE))
    try:
        from irpass_strength import StrengthReduce
    finally:
        sys.path.remove(str(SAMPLE))
    from irpass.passes.base import Context

    for width, values in (("u8", (0, 1, 31, 200, 255)), ("i8", (-128, -3, 0, 64, 127))):
        text = f"func @main(%n: {width}) -> {width} {{\nentry:\n  %a = mul %n, 16\n  ret %a\n}}\n"
        module = ip.parse(text)
        assert StrengthReduce().run_module(module, Context(module))
        for value in values:
            assert ip.run(ip.parse(text), value).returned == ip.run(module, value).returned
