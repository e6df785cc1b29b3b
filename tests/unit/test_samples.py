"""Every sample parses, verifies, is canonical, and does what its header says, before folding and after it.

A header is the first comment: prose that says what the sample shows, then one fact a line. `run:` has the arguments of
`@main` as a shell would read them; `prints:` one printed line each; then `returns:` or `traps:`; `calls: 12 -> 5` the
allocator calls as written and after the default pipeline; `missed:` the reasons that the pipeline gives for what it
left alone, sorted, each once.
"""

from __future__ import annotations

import re
import shlex
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from irpass.api import optimize, parse
from irpass.interp.machine import run
from irpass.interp.outcome import Outcome, refines
from irpass.ir import ops
from irpass.ir.core import Module
from irpass.ir.semantics import float_text
from irpass.ir.types import BOOL
from irpass.text.format import format_module
from irpass.text.lines import strip_line
from irpass.text.printer import print_module
from tests.parts import main_args

_SAMPLES = Path(__file__).resolve().parents[2] / "samples"
_KEYS = ("run", "prints", "returns", "traps", "calls", "missed")
_FACT = re.compile(rf"// ({'|'.join(_KEYS)}):(?: (.*))?")
_BEFORE_FOLDING = {ops.EXTENT, ops.SHARED_ALLOC, ops.DERIVE, ops.SHARED_RELEASE, ops.SHARED_FREE}


@dataclass
class Header:
    prose: list[str] = field(default_factory=list)
    facts: dict[str, list[str]] = field(default_factory=dict)

    def one(self, key: str) -> str | None:
        values = self.facts.get(key, [])
        assert len(values) <= 1, f"{key} is told twice"
        return values[0] if values else None


@dataclass(frozen=True)
class Sample:
    name: str
    text: str

    def module(self) -> Module:
        return parse(self.text, self.name)

    def header(self) -> Header:
        header = Header()
        for line in self.text.splitlines():
            if not line.startswith("//"):
                break
            fact = _FACT.fullmatch(line)
            if fact is not None:
                header.facts.setdefault(fact[1], []).append(fact[2] or "")
            else:
                assert not header.facts, f"prose after the facts: {line}"
                header.prose.append(line)
        return header

    def run(self, module: Module) -> Outcome:
        words = shlex.split(self.header().one("run") or "")
        return run(module, "main", main_args(module, words), max_steps=200_000)


_ALL = [Sample(p.name, p.read_text(encoding="utf-8")) for p in sorted(_SAMPLES.glob("*.ir"))]


@pytest.fixture(params=[pytest.param(s, id=s.name) for s in _ALL])
def sample(request: pytest.FixtureRequest) -> Sample:
    found: Sample = request.param
    return found


def test_there_are_enough_and_the_table_lists_each_in_order() -> None:
    assert len(_ALL) >= 18
    table = (_SAMPLES / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| \[`([^`]+\.ir)`\]\(\1\) \|", table, flags=re.MULTILINE) == sorted(s.name for s in _ALL)


def test_the_table_has_the_calls_of_each_header() -> None:
    table = (_SAMPLES / "README.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| \[`([^`]+\.ir)`\].*\| (\d+ -> \d+) \|", table, flags=re.MULTILINE))
    assert told == {s.name: s.header().one("calls") for s in _ALL}


def test_a_header_is_complete(sample: Sample) -> None:
    header = sample.header()
    assert sum(map(len, header.prose)) > 80
    assert {"run", "prints", "calls"} <= set(header.facts)
    assert ("returns" in header.facts) != ("traps" in header.facts)
    keys = [m[1] for m in map(_FACT.fullmatch, sample.text.splitlines()) if m]
    assert keys == sorted(keys, key=_KEYS.index)


def test_a_sample_is_short_and_has_no_folded_instruction(sample: Sample) -> None:
    lines = sample.text.splitlines()
    assert len(lines) <= 120 and max(map(len, lines)) <= 120
    folded = [i for f in sample.module().funcs for i in f.instrs() if i.op in _BEFORE_FOLDING]
    assert folded == []


def test_a_sample_is_canonical_but_for_its_comments(sample: Sample) -> None:
    module = sample.module()
    assert format_module(module) == sample.text
    without = [line for line in sample.text.splitlines() if strip_line(line) or not line]
    printed = print_module(module)
    assert printed.splitlines() == [line.split("  //")[0] for line in without]
    assert print_module(parse(printed)) == printed


def test_a_sample_does_what_its_header_says(sample: Sample) -> None:
    header = sample.header()
    outcome = sample.run(sample.module())
    assert outcome.printed == header.facts["prints"]
    if outcome.trap is not None:
        assert header.one("traps") == outcome.trap.kind
        return
    returned = outcome.returned
    if outcome.result_type is BOOL:
        assert header.one("returns") == str(returned).lower()
    else:
        assert header.one("returns") == (float_text(returned) if isinstance(returned, float) else str(returned))


def test_folding_changes_only_the_calls_and_those_as_the_header_says(sample: Sample) -> None:
    header = sample.header()
    module = sample.module()
    before = sample.run(sample.module())
    optimize(module, verify_each=True)
    after = sample.run(module)
    assert refines(before, after, same_blocks=False) is None
    assert f"{before.heap.calls} -> {after.heap.calls}" == header.one("calls")
    assert after.heap.live_bytes <= before.heap.live_bytes  # no padding here, and nothing dead is kept


def test_the_reasons_for_what_is_left_alone_are_those_of_the_header(sample: Sample) -> None:
    report = optimize(sample.module())
    reasons = sorted({r.name for r in report.remarks if r.kind == "missed" and r.pass_name == "fold-allocs"})
    assert ", ".join(reasons) == (sample.header().one("missed") or "")


def test_optimizing_twice_changes_nothing(sample: Sample) -> None:
    module = sample.module()
    optimize(module)
    once = print_module(module)
    again = parse(once)
    optimize(again)
    assert print_module(again) == once


def test_the_samples_use_most_of_the_language() -> None:
    used = Counter(i.op for s in _ALL for f in s.module().funcs for i in f.instrs())
    unused = {op.name for op in ops.ALL if op not in used and op not in _BEFORE_FOLDING}
    assert unused <= {"and", "xor", "shl", "shr", "field", "clear"}
