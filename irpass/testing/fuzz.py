"""Many random programs, each compared before and after a pipeline, and what became of them.

    statistics = Statistics()
    for case in run_cases(range(1000), "my-pass,fold-allocs"):
        statistics.add(case)
        if case.failure is not None:
            print(case.seed, case.failure, reduce_case(case))

A generator whose programs rarely fold proves nothing: so the statistics say how many folded, trapped, fell back on
allocations of their own, or ran out of steps.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from irpass.diagnostics import IrpassError
from irpass.ir import ops
from irpass.passes.pipeline import DEFAULT
from irpass.testing.differential import Asked, Bounds, Failure, Verdict, compare
from irpass.testing.generator import random_inputs, random_program
from irpass.testing.program import Options
from irpass.testing.reducer import Progress, reduce
from irpass.text.printer import print_module

_PIPELINES = (
    (7, "fold-allocs"),
    (5, DEFAULT),
    (4, "fold-allocs{scope=dominance}"),
    (1, DEFAULT.replace("fold-allocs", "fold-allocs{scope=dominance}")),
    (2, "fold-allocs{overlay=false}"),
    (1, "fold-allocs{scope=dominance overlay=false}"),
    (1, "fold-allocs{max-group=64 max-retain=16}"),
    (1, "fold-allocs{max-group=48 max-retain=0 max-stack=0}"),
    (1, "fold-allocs{stack=false mix-scan=true}"),
    (1, "dce,fold-allocs{runtime=false},dce"),
    (1, "fold-allocs{fold-limit=1}"),
    (1, "canonicalize,cse,dce,fold-allocs,canonicalize,cse,dce"),
    (1, "(inline,simplify-cfg)*,fold-allocs"),
    (1, "(canonicalize,cse,simplify-cfg,dce,inline)*"),
    (1, "insert-frees,fold-allocs"),
    (1, DEFAULT.replace("fold-allocs", "insert-frees,fold-allocs")),
)
_TEXT_EVERY = 8  # reading text back costs as much as all the rest


@dataclass(slots=True)
class Case:
    """One program of a fuzzing run: its seed gives it, its `inputs` and `pipeline` again."""

    seed: int
    pipeline: str
    inputs: list[list[object]]
    verdict: Verdict

    @property
    def failure(self) -> Failure | None:
        return self.verdict.failure

    def without_reports(self) -> Case:
        """The case with its failure only: all that other processes need to know."""
        return replace(self, verdict=Verdict(self.failure))


@dataclass(slots=True)
class Statistics:
    """What became of programs and runs. `traps` counts runs of the original by the word for their trap."""

    programs: int = 0
    folded: int = 0
    overlaid: int = 0
    sites: int = 0
    groups: int = 0
    derives: int = 0
    checked: int = 0
    runs: int = 0
    trapped: int = 0
    fell_back: int = 0
    out_of_steps: int = 0
    calls_before: int = 0
    calls_after: int = 0
    traps: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)

    def add(self, case: Case) -> None:
        verdict = case.verdict
        self.programs += 1
        self.folded += verdict.count("groups") > 0
        self.overlaid += verdict.count("overlaid") > 0
        self.sites += verdict.count("sites")
        self.groups += verdict.count("groups")
        self.derives += verdict.count("derives")
        self.checked += verdict.checks
        if verdict.failure is not None:
            self.failures[verdict.failure.kind] += 1
        for run in verdict.runs:
            self.runs += 1
            self.calls_before += run.before.heap.calls
            if run.before.trap is not None:
                kind = run.before.trap.kind
                self.traps[kind if kind in _TRAPS else "trap"] += 1
                self.out_of_steps += kind == ops.STEP_LIMIT
                self.trapped += not run.before.is_cut_short
            if run.after is not None:
                self.calls_after += run.after.heap.calls
                self.fell_back += run.after.heap.fallbacks > 0

    def merge(self, other: Statistics) -> None:
        """Add what another part of the same fuzzing run counted."""
        for name in self.__slots__:
            value = getattr(self, name)
            if isinstance(value, Counter):
                value.update(getattr(other, name))
            else:
                setattr(self, name, value + getattr(other, name))

    def as_dict(self) -> dict[str, object]:
        """Plain data."""
        values = ((name, getattr(self, name)) for name in self.__slots__)
        return {name: dict(sorted(v.items())) if isinstance(v, Counter) else v for name, v in values}


_TRAPS = frozenset(word for op in ops.ALL for word in op.traps) | {ops.STEP_LIMIT}
_OPTIONS, _BOUNDS = Options(), Bounds()


def run_cases(
    seeds: Iterable[int],
    pipeline: str | None = None,
    *,
    options: Options = _OPTIONS,
    bounds: Bounds = _BOUNDS,
    asked: Asked | None = None,
    check: bool = True,
) -> Iterator[Case]:
    """The cases of these seeds. Without a `pipeline` the seed chooses one of a list; without `asked`, what is asked."""
    for seed in seeds:
        yield run_case(seed, pipeline, options=options, bounds=bounds, asked=asked, check=check)


def run_case(
    seed: int,
    pipeline: str | None = None,
    *,
    options: Options = _OPTIONS,
    bounds: Bounds = _BOUNDS,
    asked: Asked | None = None,
    check: bool = True,
) -> Case:
    """The case of one seed."""
    module = random_program(seed, options)
    inputs = random_inputs(module, seed)
    chosen = pipeline if pipeline is not None else pipeline_of(seed)
    again = seed % 2 == 0 and "fold-limit" not in chosen  # a second round folds N more groups
    wanted = asked if asked is not None else Asked(text=seed % _TEXT_EVERY == 0, again=again, check=check)
    return Case(seed, chosen, inputs, compare(module, chosen, inputs, bounds=bounds, asked=wanted))


def pipeline_of(seed: int) -> str:
    """The pipeline that a seed stands for where none is given."""
    weights = [weight for weight, _ in _PIPELINES]
    return random.Random(seed).choices([text for _, text in _PIPELINES], weights)[0]


def reduce_case(case: Case, *, options: Options = _OPTIONS, max_tests: int = 2_000, progress: Progress | None = None,
                seconds: float | None = None) -> str:  # fmt: skip
    """A small program that fails as `case` does: for the same arguments, in the same way."""
    failure = case.failure
    assert failure is not None, "the case did not fail"
    inputs = [list(failure.args)] if failure.args is not None else case.inputs
    text = print_module(random_program(case.seed, options))
    test = fails_like(failure, case.pipeline, inputs)
    if not test(text):  # it takes more than this failure's own arguments, or what text does not show
        return text
    return reduce(text, test, max_tests=max_tests, seconds=seconds, progress=progress)


def case_text(case: Case, program: str) -> str:
    """`program` with what one needs to know to see it fail, in comments that `tests/golden` can read as a claim."""
    failure = case.failure
    assert failure is not None, "the case did not fail"
    inputs = [list(failure.args)] if failure.args is not None else case.inputs
    found = compare(program, case.pipeline, inputs).failure
    failure = found if found is not None and failure.is_like(found) else failure  # in the words of the reduced program
    lines = [f"seed {case.seed}: {line}" if i == 0 else line for i, line in enumerate(str(failure).splitlines())]
    lines.append(f"passes: {case.pipeline}")
    if failure.args is not None:
        lines.append(f"run: {' '.join(map(_argument_text, failure.args))}")
    return "".join(f"// {line}".rstrip() + "\n" for line in lines) + program


def _argument_text(value: object) -> str:
    """An argument as `irpass run` takes it."""
    if isinstance(value, list):
        return ",".join(map(_argument_text, value))
    return "nil" if value is None else str(value).lower()


def fails_like(failure: Failure, pipeline: str, inputs: Sequence[Sequence[object]]) -> Callable[[str], bool]:
    """A predicate for `reduce`: whether a program still fails as `failure` says."""
    kind = failure.kind
    asked = Asked(text=kind == "text", again=kind == "again", check=kind == "check")

    def still_fails(text: str) -> bool:
        try:
            return failure.is_like(compare(text, pipeline, inputs, asked=asked).failure)
        except IrpassError:  # not a program, or one that cannot be run like this
            return False

    return still_fails
