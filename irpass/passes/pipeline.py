"""Pipelines: passes in an order, as text and as data.

    canonicalize,cse,fold-allocs{max-group=32KiB overlay=true},dce
    (canonicalize,cse,dce)*,fold-allocs

A `(...)*` runs its passes again until none of them changes anything. A pass does not look twice at a module that has
not changed since it last left it alone.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from irpass.diagnostics import Diagnostic, IrpassError, UsageError
from irpass.fold.fold_allocs import FoldAllocs
from irpass.ir.copying import copy_module
from irpass.ir.core import Module
from irpass.passes.base import Context, Pass
from irpass.passes.options import make_pass
from irpass.passes.pins import Pins
from irpass.passes.registry import DEFAULT, ORDER, all_passes, find_pass
from irpass.remarks import Remark
from irpass.verifier import verify as find_breaches

_MAX_ROUNDS = 16  # of a (...)*: each pass shrinks or normalises, so this is never reached but by a faulty plug-in
_TOKEN = re.compile(r"\s*(?:([a-z][a-z0-9-]*)\s*(\{[^{}]*\})?|(\()|(\)\*)|(,))")


@dataclass(frozen=True, slots=True)
class Loop:
    """Passes that run until nothing changes."""

    passes: tuple[Pass, ...]


Pipeline = tuple[Pass | Loop, ...]


@dataclass(slots=True)
class PassTime:
    """What one pass took in a run: seconds, and instructions before and after it (those of its last round)."""

    name: str
    seconds: float = 0.0
    rounds: int = 0
    instrs_before: int = 0
    instrs_after: int = 0


@dataclass(slots=True)
class Report:
    """What an optimization did: remarks in order, counters by function, times by pass."""

    remarks: list[Remark] = field(default_factory=list)
    statistics: dict[str, dict[str, int]] = field(default_factory=dict)
    times: list[PassTime] = field(default_factory=list)
    changed: bool = False

    def as_dict(self) -> dict[str, object]:
        """Plain data, as `irpass optimize --stats` prints it."""
        times = [
            {"pass": t.name, "seconds": round(t.seconds, 6), "rounds": t.rounds, "instructions": t.instrs_after}
            for t in self.times
        ]
        return {"functions": self.statistics, "passes": times}


def parse_pipeline(text: str) -> Pipeline:
    """The pipeline that `text` describes.

    Raises: UsageError for unknown passes or options, or text that is no pipeline.
    """
    steps: list[Pass | Loop] = []
    group: list[Pass] | None = None
    at, wants_name = 0, True
    text = text.strip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise _bad(text, at, "expected a pass, ',', '(' or ')*'")
        name, options, opening, closing, _ = match.groups()
        if (name or opening) and not wants_name:
            raise _bad(text, match.start(), "expected ',' between passes")
        if not (name or opening) and wants_name:
            raise _bad(text, match.start(), "expected a pass")
        if name:
            step = _make(name, options)
            (steps if group is None else group).append(step)
        elif opening:
            if group is not None:
                raise _bad(text, match.start(), "a (...)* does not nest")
            group = []
        elif closing:
            if group is None:
                raise _bad(text, match.start(), "')*' without '('")
            steps.append(Loop(tuple(group)))
            group = None
        wants_name = not (name or closing)
        at = match.end()
    if group is not None:
        raise _bad(text, at, "expected ')*'")
    if wants_name and text:
        raise _bad(text, at, "expected a pass after ','")
    return tuple(steps)


def _make(name: str, options: str | None) -> Pass:
    pass_class = find_pass(name)
    if pass_class is None:
        import difflib

        names = [p.name for p in all_passes()]
        close = difflib.get_close_matches(name, names, n=1)
        notes = [f"did you mean {close[0]}?"] if close else []
        raise UsageError.of(f"unknown pass {name!r}", *notes, f"passes: {', '.join(names)}")
    texts: dict[str, str] = {}
    for part in (options or "{}")[1:-1].split():
        key, equals, value = part.partition("=")
        if not equals:
            raise UsageError.of(f"{name}: option {part!r} has no value", f"write {part}=VALUE")
        if key in texts:
            raise UsageError.of(f"{name}: option {key} is given twice")
        texts[key] = value
    return make_pass(pass_class, texts)


def _bad(text: str, at: int, wanted: str) -> UsageError:
    return UsageError.of(f"bad pipeline: {wanted} at {text[at : at + 20]!r}", f"in {text!r}", "see irpass passes")


def order_warnings(pipeline: Pipeline) -> list[str]:
    """What the order of the built-in passes gives away, with the reasons. Passes in one loop may stand in any order."""
    position: dict[str, int] = {}
    for i, step in enumerate(pipeline):
        for p in step.passes if isinstance(step, Loop) else (step,):
            position.setdefault(p.name, i)
    return [
        f"{order.first} should run before {order.then}: {order.reason}"
        for order in ORDER
        if order.first in position and order.then in position and position[order.first] > position[order.then]
    ]


@dataclass
class Runner:
    """Runs a pipeline over a module. `before` and `after` are called with each pass that runs.

    `verify_each` verifies the module after each pass; `check_folds` lets the independent checker judge each
    `fold-allocs`, as it does in the tests.
    """

    pipeline: Pipeline
    verify_each: bool = False
    check_folds: bool = False
    after: Callable[[Pass, Module], None] | None = None
    before: Callable[[Pass, Module], None] | None = None

    def run(self, module: Module) -> Report:
        """Change `module`.

        Raises: IrpassError where `verify_each` finds that a pass broke the module, or `check_folds` that a fold cannot
        be justified; UsageError where the options of `fold-allocs` name a site that there is not.
        """
        pins = Pins(_passes(self.pipeline))
        pins.look(module)
        context = Context(module)
        report = Report(context.remarks, context.statistics)
        times = {id(p): PassTime(p.name) for p in _passes(self.pipeline)}
        report.times = list(times.values())
        settled: dict[int, int] = {}
        for step in self.pipeline:
            if isinstance(step, Loop):
                for _ in range(_MAX_ROUNDS):
                    changes = [self._step(p, module, context, times[id(p)], settled, pins) for p in step.passes]
                    if not any(changes):
                        break
                    report.changed = True
            elif self._step(step, module, context, times[id(step)], settled, pins):
                report.changed = True
        pins.check(module.file)
        return report

    def _step(
        self, step: Pass, module: Module, context: Context, spent: PassTime, settled: dict[int, int], pins: Pins
    ) -> bool:
        epoch = sum(f.ir_epoch for f in module.funcs) + len(module.decls)
        if settled.get(id(step)) == epoch:
            return False
        if isinstance(step, FoldAllocs):
            pins.look(module)
        if self.before is not None:
            self.before(step, module)
        judged = copy_module(module) if self.check_folds and isinstance(step, FoldAllocs) else None
        spent.instrs_before = count_instrs(module)
        start = time.perf_counter()
        changed = step.run_module(module, context)
        spent.seconds += time.perf_counter() - start
        spent.rounds += 1
        spent.instrs_after = count_instrs(module)
        settled[id(step)] = sum(f.ir_epoch for f in module.funcs) + len(module.decls)
        if self.verify_each:
            _refuse(find_breaches(module), f"the module is broken after {step.name}", module)
        if judged is not None:
            from irpass.check import check

            _refuse(check(judged, module), "the checker does not accept what fold-allocs did", module)
        if self.after is not None:
            self.after(step, module)
        return changed


def _refuse(found: list[Diagnostic], what: str, module: Module) -> None:
    if found:
        raise IrpassError([Diagnostic("verify-each", what, module.file), *found])


def _passes(pipeline: Pipeline) -> Iterator[Pass]:
    for step in pipeline:
        yield from step.passes if isinstance(step, Loop) else (step,)


def count_instrs(module: Module) -> int:
    """The instructions of all functions."""
    return sum(len(b.instrs) for f in module.funcs for b in f.blocks)


__all__ = [
    "DEFAULT",
    "Loop",
    "PassTime",
    "Pipeline",
    "Report",
    "Runner",
    "order_warnings",
    "parse_pipeline",
]
