"""What is wrong in a program is told at its place, all of it in one run, and never as a traceback."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from pytest_regressions.file_regression import FileRegressionFixture

import irpass as ip
from samples.minigo.compiler import compile_text
from samples.minigo.diagnostics import GoError
from tests.minigo.real_go import CLAIMS, PROGRAMS

ERRORS = sorted((Path(__file__).parent / "errors").glob("*.go"))


def errors_of(text: str, name: str = "main.go") -> GoError:
    with pytest.raises(GoError) as caught:
        compile_text(text, name)
    return caught.value


def test_there_are_ten_negative_programs() -> None:
    assert len(ERRORS) >= 10


@pytest.mark.parametrize("program", ERRORS, ids=lambda path: path.stem)
def test_each_error_has_its_place(program: Path, file_regression: FileRegressionFixture) -> None:
    error = errors_of(program.read_text(encoding="utf-8"), program.name)
    assert all(d.span is not None and d.excerpt for d in error.diagnostics)
    file_regression.check(f"{error}\n", fullpath=program.with_suffix(".txt"))


@pytest.mark.parametrize("opening, closing", [("(", ")"), ("-(", ")"), ("x + (", ")"), ("[]int{f(", ")}[0]")])
def test_deep_nesting_is_an_error_or_compiles(opening: str, closing: str) -> None:
    text = f"package main\n\nfunc main() {{\n\tx := 1\n\tx = {opening * 5000}x{closing * 5000}\n}}\n"
    try:
        compile_text(text)
    except GoError as error:
        assert error.diagnostics


def test_a_sum_of_a_thousand_terms_compiles() -> None:
    text = f"package main\n\nfunc main() {{\n\tx := 1\n\tx = x{' + x' * 1000}\n\t_ = x\n}}\n"
    assert ip.run(compile_text(text)).trap is None


def test_damaged_programs_give_errors_or_compile() -> None:
    """Each program with tokens left out, doubled, or exchanged: nothing else than a GoError comes of it."""
    draw = random.Random(5)
    for program in [*PROGRAMS, *CLAIMS, *ERRORS]:
        words = program.read_text(encoding="utf-8").split(" ")
        for _ in range(2):
            damaged = list(words)
            for _ in range(draw.randint(1, 4)):
                i, j = draw.randrange(len(damaged)), draw.randrange(len(damaged))
                change = draw.choice(("drop", "double", "swap", "character"))
                if change == "drop":
                    damaged[i] = ""
                elif change == "double":
                    damaged[i] += " " + damaged[i]
                elif change == "swap":
                    damaged[i], damaged[j] = damaged[j], damaged[i]
                else:
                    damaged[i] += draw.choice("(){}[];,.:=+\"'`$\\0x\n")
            try:
                module = compile_text(" ".join(damaged))
            except GoError:
                continue
            assert ip.verify(module) == []
