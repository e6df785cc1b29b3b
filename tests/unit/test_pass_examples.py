"""Every pass shows what it does in its docstring, and does it."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
import textwrap

import pytest

import irpass.fold
import irpass.passes
from irpass.passes.base import FunctionPass, Pass
from irpass.text.parser import parse
from irpass.text.printer import print_module
from irpass.verifier import verify
from tests.unit.pass_runs import after

_EXAMPLE = re.compile(r"^Before:\n\n?(?P<before>(?:    .*\n)+)\nAfter:\n\n?(?P<after>(?:    .*\n)+)", re.MULTILINE)
_MOST_LINES = 8


def _pass_modules() -> dict[str, type[Pass]]:
    found: dict[str, type[Pass]] = {}
    for package in (irpass.passes, irpass.fold):
        for info in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
            module = importlib.import_module(info.name)
            for _, value in inspect.getmembers(module, inspect.isclass):
                if issubclass(value, Pass) and value not in (Pass, FunctionPass) and value.__module__ == info.name:
                    found[info.name] = value
    return found


PASSES = _pass_modules()


def _example(module: str) -> tuple[str, str]:
    match = _EXAMPLE.search(importlib.import_module(module).__doc__ or "")
    assert match is not None, f"{module} shows no Before: and After:"
    return textwrap.dedent(match["before"]), textwrap.dedent(match["after"])


def _length(text: str) -> int:
    return sum(line.strip() != "}" for line in text.splitlines())


def test_the_scalar_passes_are_among_those_found() -> None:
    assert {p.name for p in PASSES.values()} >= {"canonicalize", "cse", "dce", "simplify-cfg", "inline"}


@pytest.mark.parametrize("module", sorted(PASSES))
def test_the_example_of_the_docstring_is_what_the_pass_does(module: str) -> None:
    before, expected = _example(module)
    wanted = parse(expected)
    assert verify(wanted) == []
    assert after(before, PASSES[module]()) == print_module(wanted)


@pytest.mark.parametrize("module", sorted(PASSES))
def test_examples_are_short(module: str) -> None:
    assert max(map(_length, _example(module))) <= _MOST_LINES
