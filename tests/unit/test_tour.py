"""The tour of the README: its commands run, its remark is what is said, and what it promises is so."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import irpass as ip

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
LATE, EARLY = (ROOT / "samples" / "tour" / name for name in ("late.ir", "early.ir"))


def _commands() -> list[str]:
    blocks = re.findall(r"<!-- tour -->\n```sh\n(.*?)```", README, re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


def test_the_readme_quotes_the_remark() -> None:
    report = ip.optimize(ip.parse(LATE.read_text(encoding="utf-8"), "samples/tour/late.ir"))
    said = [r.message.replace("`", "") for r in report.remarks if r.func == "request" and r.kind == "missed"]
    assert any(message in " ".join(README.split()) for message in said), said


def test_the_change_halves_the_calls_and_nothing_else() -> None:
    calls = []
    for path in (LATE, EARLY):
        module = ip.parse(path.read_text(encoding="utf-8"))
        before = ip.run(module, 100)
        ip.optimize(module, check=True)
        after = ip.run(module, 100)
        assert ip.refines(before, after) is None
        assert (before.returned, before.printed) == (5250, ["sum 5250"])
        calls.append(after.heap.calls)
    assert calls == [200, 100]


def test_the_commands_run(tmp_path: Path) -> None:
    pytest.importorskip("llvmlite", reason="irpass build needs the extra `native`")
    if shutil.which("cc") is None:
        pytest.skip("irpass build needs cc")
    (tmp_path / "samples").symlink_to(ROOT / "samples")
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    results = []
    for command in _commands():
        line = command.replace("irpass ", f"{sys.executable} -m irpass ", 1).replace("10000000", "1000")
        done = subprocess.run(line.split(), cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, (command, done.stderr)
        if command.startswith("./"):
            results.append(done.stdout)
    assert len(results) == 2 and results[0] == results[1] != ""
