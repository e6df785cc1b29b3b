"""Is a program still the same program after a pipeline? Runs before and after, side by side.

    verdict = compare(text, "canonicalize,fold-allocs", inputs=[[5], [0]])
    assert verdict.failure is None, verdict.failure

What is asked of a pipeline: it raises nothing; after each pass the module is verified; on each input, the run after
refines the run before (`irpass.refines`), the host sees the same calls, and the allocator gets no more of them (one
more in a run that traps, as the language allows); the result prints and reads back as itself; another round changes
nothing, or leaves fewer blocks; and the independent checker accepts what each `fold-allocs` did.

Why fewer blocks are no fault: where folding leaves a block empty (its `free` is made up for in another one, its length
was computed further up), `simplify-cfg` may make one block of several, and so sites share that did not before. A
pipeline that folds once finds that in another round only; as blocks do not come back, it settles.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeVar

from irpass.api import parse
from irpass.check import check as check_fold
from irpass.diagnostics import IrpassError
from irpass.fold.fold_allocs import FoldAllocs
from irpass.interp.machine import find_entry, run
from irpass.interp.outcome import Outcome, refines
from irpass.ir.copying import copy_module
from irpass.ir.core import Module
from irpass.passes.base import Pass
from irpass.passes.pipeline import DEFAULT, Loop, Pipeline, Report, Runner, parse_pipeline
from irpass.testing.host import Host
from irpass.text.printer import print_module

FailureKind = Literal["crash", "rules", "outcome", "host", "calls", "text", "again", "check"]

_T = TypeVar("_T")
_KEEPS_BLOCKS = frozenset({"canonicalize", "cse", "dce", "fold-allocs"})  # a trap stays in its block under these


@dataclass(frozen=True, slots=True)
class Failure:
    """What went wrong, and for which arguments of the entry function where it was in a run.

    `crash`: a pass or the interpreter raised; `rules`: a pass broke a rule of the language; `outcome`, `host`, `calls`:
    a run differs in what a program may observe, in what the host saw, or in allocator calls; `text`: the result does
    not read back as itself; `again`: another round changes something, and neither it nor the one before left fewer
    blocks; `check`: the checker refuses a fold.
    `signature` is what another failure of the same kind must have in common to be taken for the same fault.
    """

    kind: FailureKind
    message: str
    args: tuple[object, ...] | None = None
    signature: str = ""

    def __str__(self) -> str:
        place = f" (arguments: {', '.join(map(repr, self.args))})" if self.args else ""
        return f"{self.kind}: {self.message}{place}"

    def is_like(self, other: Failure | None) -> bool:
        """Whether `other` is, as far as one can tell, the same fault: what a reducer must not lose."""
        return other is not None and (self.kind, self.signature) == (other.kind, other.signature)


@dataclass(slots=True)
class Run:
    """The outcomes for one list of arguments; `after` is None where there was no program to run."""

    args: Sequence[object]
    before: Outcome
    host_calls: list[str]
    after: Outcome | None = None


@dataclass(slots=True)
class Verdict:
    """What comparing gave: `failure` is None where nothing is wrong. `report` is the pipeline's, `checks` the number of
    folds that the checker looked at."""

    failure: Failure | None = None
    runs: list[Run] = field(default_factory=list)
    report: Report = field(default_factory=Report)
    checks: int = 0

    def count(self, counter: str) -> int:
        """The sum over all functions of one of the pipeline's counters, such as `groups`."""
        return sum(counters.get(counter, 0) for counters in self.report.statistics.values())


@dataclass(frozen=True)
class Bounds:
    """What a run may take: instructions, live bytes, and frames."""

    max_steps: int = 5_000
    heap_limit_bytes: int = 1 << 18
    max_depth: int = 200


@dataclass(frozen=True)
class Asked:
    """What is asked beside the runs: of the text, of a second round, and of the independent checker."""

    text: bool = True
    again: bool = True
    check: bool = True


_BOUNDS, _ASKED = Bounds(), Asked()


def compare(
    program: str | Module,
    pipeline: str | None = None,
    inputs: Sequence[Sequence[object]] = ((),),
    *,
    entry: str = "main",
    bounds: Bounds = _BOUNDS,
    asked: Asked = _ASKED,
) -> Verdict:
    """What a pipeline (the default one where none is given) makes of `program`, which stays as it is.

    `inputs` are lists of arguments for `entry`, one for each run.

    Raises: ParseError, VerifyError for a program that is not well formed; UsageError for a pipeline that cannot be
    read, or arguments that do not fit.
    """
    before = parse(program) if isinstance(program, str) else program
    steps = parse_pipeline(DEFAULT if pipeline is None else pipeline)
    for args in inputs:
        find_entry(before, entry, len(args))
    verdict = Verdict()
    verdict.failure = _Comparison(before, steps, entry, bounds, asked, verdict).failure(inputs)
    return verdict


@dataclass(slots=True)
class _Comparison:
    before: Module
    pipeline: Pipeline
    entry: str
    bounds: Bounds
    asked: Asked
    verdict: Verdict
    refusals: list[Failure] = field(default_factory=list)
    copied: Module | None = None

    def failure(self, inputs: Sequence[Sequence[object]]) -> Failure | None:
        """The first thing that is wrong, the plainest evidence first."""
        for args in inputs:
            ran = self._run(self.before, args)
            if isinstance(ran, Failure):
                return ran
            self.verdict.runs.append(Run(args, *ran))
        after = copy_module(self.before)
        report = self._transform(after)
        if isinstance(report, Failure):
            return report
        self.verdict.report = report
        for pair in self.verdict.runs:
            found = self._differs(pair, after)
            if found is not None:
                return found
        for asked, question in ((self.asked.text, _unreadable), (self.asked.again, self._unsettled)):
            found = question(after) if asked else None
            if found is not None:
                return found
        return self.refusals[0] if self.refusals else None

    def _run(self, module: Module, args: Sequence[object]) -> tuple[Outcome, list[str]] | Failure:
        host, bounds = Host(module), self.bounds
        found = _guarded(
            lambda: run(
                module, self.entry, args, externs=host.externs, max_steps=bounds.max_steps,
                heap_limit=bounds.heap_limit_bytes, max_depth=bounds.max_depth,
            ),
            tuple(args),
        )  # fmt: skip
        return found if isinstance(found, Failure) else (found, host.calls)

    def _transform(self, module: Module) -> Report | Failure:
        before, after = (self._keep, self._check) if self.asked.check else (None, None)
        runner = Runner(self.pipeline, verify_each=True, after=after, before=before)
        return _guarded(lambda: runner.run(module))

    def _keep(self, step: Pass, module: Module) -> None:
        if isinstance(step, FoldAllocs):
            self.copied = copy_module(module)

    def _check(self, step: Pass, module: Module) -> None:
        if not isinstance(step, FoldAllocs) or self.copied is None:
            return
        self.verdict.checks += 1
        for refusal in check_fold(self.copied, module):
            self.refusals.append(Failure("check", refusal.render(), signature=refusal.code))

    def _differs(self, pair: Run, module: Module) -> Failure | None:
        args = tuple(pair.args)
        ran = self._run(module, args)
        if isinstance(ran, Failure):
            return ran
        pair.after, host_calls = ran
        old, new = pair.before, pair.after
        difference = refines(old, new, same_blocks=self._names() <= _KEEPS_BLOCKS)
        if difference is not None:
            return Failure("outcome", difference, args, _new_trap(old, new))
        for i, (seen, seen_after) in enumerate(zip(pair.host_calls, host_calls, strict=False), 1):
            if seen != seen_after:
                return Failure("host", f"call {i} of the host: {seen} before, {seen_after} after", args)
        cut_old, cut_new = old.is_cut_short, new.is_cut_short
        missing, extra = len(pair.host_calls) > len(host_calls), len(pair.host_calls) < len(host_calls)
        if (missing and not cut_new) or (extra and not cut_old):
            return Failure("host", f"{len(pair.host_calls)} calls of the host before, {len(host_calls)} after", args)
        if not cut_old and new.heap.calls > old.heap.calls + (old.trap is not None):
            return Failure("calls", f"{old.heap.calls} allocator calls before, {new.heap.calls} after", args)
        return None

    def _unsettled(self, module: Module) -> Failure | None:
        # Blocks may have become one in the first round, which is not counted, and then hold new partners.
        has_fewer = not self._names() <= _KEEPS_BLOCKS
        while True:
            once, blocks = print_module(module), _count_blocks(module)
            report = self._transform(module)
            if isinstance(report, Failure):
                return report
            again = print_module(module)
            if again == once:
                return None
            had_fewer, has_fewer = has_fewer, _count_blocks(module) < blocks
            if not had_fewer and not has_fewer:
                return Failure("again", _first_difference(once, again))

    def _names(self) -> set[str]:
        return {p.name for s in self.pipeline for p in (s.passes if isinstance(s, Loop) else (s,))}


def _new_trap(before: Outcome, after: Outcome) -> str:
    """The word for the trap of the run after, if it is not that of the run before: it tells faults apart well."""
    old, new = (o.trap.kind if o.trap is not None else "none" for o in (before, after))
    return new if new != old else ""


def _guarded(work: Callable[[], _T], args: tuple[object, ...] | None = None) -> _T | Failure:
    """What `work` gives, or how it failed."""
    try:
        return work()
    except IrpassError as error:
        codes = ", ".join(sorted({d.code for d in error.diagnostics}))
        return Failure("rules", str(error), args, codes)
    except Exception as error:  # whatever a pass may raise is a finding, and what this is for
        frame = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{type(error).__name__} in {Path(frame.filename).name}, {frame.name}"
        return Failure("crash", f"{place}, line {frame.lineno}: {error}", args, place)


def _unreadable(module: Module) -> Failure | None:
    text = print_module(module)
    read = _guarded(lambda: parse(text))
    if isinstance(read, Failure):
        return Failure("text", read.message, signature=read.signature)
    again = print_module(read)
    return Failure("text", _first_difference(text, again)) if again != text else None


def _count_blocks(module: Module) -> int:
    return sum(len(f.blocks) for f in module.funcs)


def _first_difference(one: str, other: str) -> str:
    for a, b in zip(one.splitlines(), other.splitlines(), strict=False):
        if a != b:
            return f"{a.strip()!r} becomes {b.strip()!r}"
    return "lines at the end differ"
