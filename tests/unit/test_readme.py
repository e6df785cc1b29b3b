"""What the README shows is true: its example runs, and its first program gives what it says."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import irpass as ip

README = (Path(__file__).parent.parent.parent / "README.md").read_text(encoding="utf-8")


def fences(language: str) -> list[str]:
    """The fenced blocks of a language, in order."""
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_the_first_program_is_optimized_as_shown() -> None:
    before, after = fences("ir")[:2]
    module = ip.parse(before)
    ip.optimize(module, check=True)
    assert ip.print_module(module) == ip.print_module(ip.parse(after))


def test_the_library_example_runs_and_prints_what_the_readme_says() -> None:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(fences("python")[0], "README.md", "exec"), {})
    lines = out.getvalue().splitlines()
    assert lines[-1] == "2 -> 1 None"
    assert sum("shared.alloc" in line for line in lines) == 1
    assert [line.split(": ")[0] for line in lines if ": passed: " in line] == ["toy.src:1:5", "toy.src:2:5"]
    assert len(fences("python")[0].strip().splitlines()) <= 27


def test_the_table_of_commands_names_each_verb() -> None:
    from irpass.cli import VERBS

    for verb in VERBS:
        assert f"`irpass {verb}" in README, verb


def test_every_link_leads_somewhere() -> None:
    root = Path(__file__).parent.parent.parent
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (root / target).exists(), target
