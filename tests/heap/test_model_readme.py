"""The heap's page: its commands print what it shows, its example runs, and its table has each key."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from irpass.heap.spec_reader import KEYS
from tests.generate.test_readme import run_console

PAGE = (Path(__file__).parents[2] / "irpass" / "heap" / "README.md").read_text(encoding="utf-8")


def fences(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_the_commands_print_what_the_page_shows(tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    files = dict(zip(("requests.ir", "first.toml", "pooled.toml"), [*fences("ir"), *fences("toml")], strict=True))
    for name, text in files.items():
        assert f"`{name}`" in PAGE
        (work / name).write_text(text, encoding="utf-8")
    assert sum(run_console(text, work) for text in fences("console")) == 5
    assert "requests.jsonl on pooled" in (work / "requests.svg").read_text(encoding="utf-8")


def test_the_example_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (example,) = fences("python")
    exec(compile(example, "README.md", "exec"), {})
    assert capsys.readouterr().out == "260\n"


def test_the_table_has_each_key_under_its_table() -> None:
    rows = [line.split("|")[1] for line in PAGE.splitlines() if line.startswith("| ")]
    table, found = "", set[tuple[str, str]]()
    for cell in rows:
        header = re.search(r"\*\*`\[(\w+)\]`\*\*", cell)
        table = header[1] if header else table
        found |= {(table, key) for key in re.findall(r"`(\w+)`", cell)}
    assert found == {(table, key) for table, keys in KEYS.items() for key in keys} - {("", t) for t in KEYS if t}
