"""Every program of the project does natively what it does interpreted: before folding and after, at -O0 and -O2."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from irpass.api import optimize, parse
from irpass.ir.copying import copy_module
from irpass.ir.core import Module
from tests.fuzz.native import case
from tests.native.agreement import Limits, disagreement
from tests.native.forked import in_children
from tests.parts import main_args

_ROOT = Path(__file__).resolve().parents[2]
_FILES = sorted(path for folder in ("samples", "tests/run", "tests/golden") for path in (_ROOT / folder).rglob("*.ir"))
_PARTS = 8
_RUN = re.compile(r"^// ?run:(.*?)(?:=>.*)?$", re.MULTILINE)
# Wrong overlays, which read what the language does not say.
_SKIPPED = re.compile("garbage")
_NO_HOST = re.compile("lacks")
RANDOM_PROGRAMS = 500


def _inputs(module: Module, text: str) -> list[list[object]]:
    main = module.func("main")
    if main is None or main.is_extern:
        return []
    found = []
    for line in _RUN.findall(text):
        words = shlex.split(re.sub(r"--[a-z-]+ \S+", "", line))
        found.append(main_args(module, words))
    return found or ([[]] if not main.params else [])


def _file(number: int) -> tuple[str | None, int]:
    path = _FILES[number]
    text = path.read_text(encoding="utf-8")
    module = parse(text, path.name)
    inputs = _inputs(module, text)
    limits = Limits(max_steps=2_000_000, heap_limit_bytes=1 << 26, max_depth=10_000)
    folded = copy_module(module)
    optimize(folded)
    runs = 0
    for program in (module, folded):
        message, count = disagreement(program, inputs, limits=limits, has_host=not _NO_HOST.search(path.name))
        runs += count
        if message is not None:
            return f"{path.name}: {message}", runs
    return None, runs


@pytest.mark.parametrize("part", range(_PARTS))
def test_the_projects_programs_agree(part: int) -> None:
    numbers = [i for i in range(part, len(_FILES), _PARTS) if not _SKIPPED.search(_FILES[i].name)]
    results = list(in_children(_file, numbers, batch=len(numbers)))
    assert not [message for _, message, _ in results if message is not None]
    assert sum(runs for _, _, runs in results) > len(numbers)


@pytest.mark.parametrize("first", range(0, RANDOM_PROGRAMS, 50))
def test_random_programs_agree(first: int) -> None:
    results = list(in_children(case, range(first, first + 50)))
    assert not [f"seed {seed}: {message}" for seed, message, _ in results if message is not None]
    assert sum(runs for _, _, runs in results) > 100
