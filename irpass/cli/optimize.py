"""`irpass optimize`: the main job."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from irpass.cli.io import STDIN, find_inputs, read_text, require_writable, write_output
from irpass.diagnostics import IrpassError, UsageError

if TYPE_CHECKING:
    from irpass.generate.suggest import Request


@dataclass(frozen=True)
class Settings:
    """What the options say about each file; plain data, so that other processes can be given it."""

    passes: str | None = None
    verify_each: bool = False
    check: bool = False
    print_after: str | None = None
    remark_kinds: tuple[str, ...] = ()
    remarks_format: str = "text"
    stats: bool = False
    time_passes: bool = False
    keep: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    fold_limit: int | None = None
    suggest_allocators: str | None = None


@dataclass
class Result:
    """What became of one file: its new text, None where it has errors, and what goes to standard error.

    `requests` are what the new text asks allocators for, where that is wanted.
    """

    path: str
    text: str | None = None
    changed: bool = False
    messages: list[str] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--output", "-o", metavar="OUT", help="Write here, a folder for several files.  [default: standard output]"
)
@click.option("--in-place", "-i", is_flag=True, help="Rewrite the files.")
@click.option(
    "--passes", metavar="PIPELINE", help="Passes to run, see `irpass passes`.  [default: the default pipeline]"
)
@click.option(
    "--remarks",
    metavar="KINDS",
    help="Say on standard error what was done, and why not: passed,missed,analysis or all.",
)
@click.option("--remarks-format", type=click.Choice(["text", "json", "yaml"]), default="text", show_default=True)
@click.option("--stats", is_flag=True, help="Print counters by function as JSON on standard error.")
@click.option("--time-passes", is_flag=True, help="Print the time of each pass on standard error.")
@click.option(
    "--print-after", metavar="PASS", help="Print the module on standard error after PASS, or after each for `all`."
)
@click.option("--verify-each", is_flag=True, help="Verify the module after each pass.")
@click.option("--check", is_flag=True, help="Have the independent checker judge each fold; refused ones are errors.")
@click.option("--keep", multiple=True, metavar="SITE", help="Do not fold this site, e.g. @main:%a. May be repeated.")
@click.option("--only", multiple=True, metavar="SITE", help="Fold no sites but these. May be repeated.")
@click.option("--fold-limit", type=click.IntRange(0), metavar="N", help="Fold the first N groups only: for bisection.")
@click.option(
    "--suggest-allocators",
    metavar="PATH",
    help="Write a spec for `irpass generate`, with the classes that the optimized programs use; `-`: standard error.",
)
@click.option("-j", "--jobs", type=click.IntRange(1), default=1, show_default=True, help="Files at a time.")
def optimize(
    files: tuple[str, ...], output: str | None, in_place: bool, remarks: str | None, jobs: int, **options: Any
) -> None:
    """Run passes over FILEs and print the optimized programs.

    \b
    irpass optimize prog.ir
    irpass optimize prog.ir --remarks all
    irpass optimize prog.ir --passes 'canonicalize,fold-allocs{max-group=64KiB}'
    irpass optimize src/ -o out/ -j 2
    irpass optimize src/ -o out/ --suggest-allocators pools.toml

    Directories stand for the .ir files below them, `-` for standard input. A file with errors is reported and left
    alone; the others are done all the same.
    """
    from irpass.passes.pipeline import order_warnings, parse_pipeline

    settings = Settings(remark_kinds=_kinds(remarks), **_settings(options))
    if settings.passes is not None:
        for warning in order_warnings(parse_pipeline(settings.passes)):
            click.echo(f"irpass: warning: {warning}", err=True)
    if in_place and output is not None:
        raise UsageError.of("--in-place and --output exclude each other")
    inputs = find_inputs(files)
    if in_place and STDIN in inputs:
        raise UsageError.of("standard input cannot be rewritten in place")
    require_writable(settings.suggest_allocators)
    outputs = _outputs(files, inputs, output, in_place)
    failed = False
    requests: list[Request] = []
    for result in _run_all(inputs, settings, jobs):
        for message in result.messages:
            click.echo(message, err=True, nl=not message.endswith("\n"))
        if result.text is None:
            failed = True
        elif not in_place or result.changed:
            write_output(outputs[result.path], result.text)
        several = f"{result.path}:" if len(inputs) > 1 else ""
        requests += [dataclasses.replace(r, site=several + r.site) for r in result.requests]
    if settings.suggest_allocators is not None and (requests or not failed):
        _suggest(requests, inputs[0] if len(inputs) == 1 else f"{len(inputs)} files", settings.suggest_allocators)
    sys.exit(1 if failed else 0)


def _suggest(requests: Sequence[Request], source: str, path: str) -> None:
    from irpass.generate.suggest import suggest_spec

    spec = suggest_spec(requests, source)
    if spec is None:
        click.echo("irpass: no allocators to suggest: nothing is left that a pool could serve", err=True)
    elif path == STDIN:
        click.echo(spec, err=True, nl=False)
    else:
        write_output(path, spec)


def _settings(options: dict[str, Any]) -> dict[str, Any]:
    names = {f.name for f in dataclasses.fields(Settings)}
    return {k: v for k, v in options.items() if k in names}


def _kinds(text: str | None) -> tuple[str, ...]:
    kinds = ("passed", "missed", "analysis")
    if not text or text == "all":
        return kinds if text else ()
    found = tuple(part.strip() for part in text.split(","))
    for kind in found:
        if kind not in kinds:
            raise UsageError.of(f"no kind of remark is called {kind!r}", f"kinds: {', '.join(kinds)}, all")
    return found


def _outputs(
    arguments: Sequence[str], inputs: Sequence[str], output: str | None, in_place: bool
) -> dict[str, str | None]:
    """Where each input's result goes; None is standard output."""
    if in_place:
        return {path: path for path in inputs}
    several = len(inputs) > 1 or any(a != STDIN and Path(a).is_dir() for a in arguments)
    if output is None or output == STDIN or not several:
        target = output
        if output is not None and output != STDIN and Path(output).is_dir():
            target = str(Path(output) / Path(inputs[0]).name)
        return dict.fromkeys(inputs, target)
    folder = Path(output)
    if folder.exists() and not folder.is_dir():
        raise UsageError.of(f"{output} is a file, and there are several inputs", "name a folder")
    outputs: dict[str, str | None] = {}
    for argument in arguments:
        root = Path(argument)
        for path in find_inputs([argument]):
            inner = Path(path).relative_to(root) if root.is_dir() else Path(Path(path).name)
            target_path = folder / inner
            if str(target_path) in outputs.values():
                raise UsageError.of(f"two inputs would both become {target_path}")
            outputs[path] = str(target_path)
    for target in outputs.values():
        assert target is not None
        try:
            Path(target).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError.of(f"cannot make {Path(target).parent}: {error.strerror}") from None
    return outputs


def _run_all(inputs: Sequence[str], settings: Settings, jobs: int) -> Iterator[Result]:
    """The results in the order of the inputs, with a progress bar where people are looking."""
    if jobs == 1 or len(inputs) == 1:
        results: Iterator[Result] = (optimize_one(path, settings) for path in inputs)
        yield from _with_bar(results, len(inputs))
        return
    from concurrent.futures import ProcessPoolExecutor

    with ProcessPoolExecutor(jobs) as pool:
        yield from _with_bar(pool.map(optimize_one, inputs, [settings] * len(inputs)), len(inputs))


def _with_bar(results: Iterator[Result], count: int) -> Iterator[Result]:
    if count < 10 or not sys.stderr.isatty():
        yield from results
        return
    with click.progressbar(results, length=count, label="optimizing", file=sys.stderr) as bar:
        yield from bar


def optimize_one(path: str, settings: Settings) -> Result:
    """Optimize one file; its errors become messages."""
    result = Result(path)
    data, name = read_text(path)
    try:
        _optimize(data, name, settings, result)
    except UsageError:
        raise
    except IrpassError as error:
        result.text = None
        result.messages.append(str(error))
    return result


def _optimize(data: bytes, name: str, settings: Settings, result: Result) -> None:
    from irpass.api import parse
    from irpass.fold.fold_allocs import FoldAllocs
    from irpass.ir.core import Module
    from irpass.passes.base import Pass
    from irpass.passes.pipeline import DEFAULT, Loop, Runner, parse_pipeline
    from irpass.remarks import format_remarks
    from irpass.text.printer import print_module

    def set_pins(step: Pass) -> Pass:
        if not isinstance(step, FoldAllocs):
            return step
        limit = settings.fold_limit if settings.fold_limit is not None else step.fold_limit
        return dataclasses.replace(
            step, keep=step.keep + settings.keep, only=step.only + settings.only, fold_limit=limit
        )

    def show(step: Pass, module: Module) -> None:
        if settings.print_after in (step.name, "all"):
            result.messages.append(f"// after {step.name}\n{print_module(module)}")

    module = parse(data, name)
    pipeline = tuple(
        Loop(tuple(map(set_pins, step.passes))) if isinstance(step, Loop) else set_pins(step)
        for step in parse_pipeline(DEFAULT if settings.passes is None else settings.passes)
    )
    report = Runner(pipeline, settings.verify_each, settings.check, after=show if settings.print_after else None).run(
        module
    )
    remarks = [r for r in report.remarks if r.kind in settings.remark_kinds]
    if remarks:
        result.messages.append(format_remarks(remarks, settings.remarks_format))
    if settings.stats:
        result.messages.append(json.dumps({"file": name, **report.as_dict()}))
    if settings.time_passes:
        result.messages.append("\n".join(_time_lines(report.times)))
    if settings.suggest_allocators is not None:
        from irpass.cli.requests import requests_of

        result.requests = requests_of(module)
    result.text = print_module(module)
    result.changed = result.text.encode() != data


def _time_lines(times: Sequence[object]) -> list[str]:
    from irpass.passes.pipeline import PassTime

    rows = [t for t in times if isinstance(t, PassTime)]
    total = sum(t.seconds for t in rows) or 1.0
    lines = [f"{'pass':16} {'seconds':>9} {'share':>6} {'rounds':>6} {'instructions':>12}"]
    return lines + [
        f"{t.name:16} {t.seconds:9.4f} {t.seconds / total:6.1%} {t.rounds:6} {t.instrs_after:12}" for t in rows
    ]
