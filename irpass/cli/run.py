"""`irpass run`: execute a program, and say what it did."""

from __future__ import annotations

import json
import os
import re
import sys

import click

from irpass.cli.io import read_text
from irpass.diagnostics import Diagnostic, IrpassError, UsageError
from irpass.interp.inspection import Inspection
from irpass.interp.machine import HEAP_LIMIT_BYTES, MAX_DEPTH, MAX_STEPS, find_entry, run as interpret
from irpass.interp.outcome import Outcome, Trap
from irpass.ir.core import Module
from irpass.ir.semantics import float_text
from irpass.ir.types import BYTES, ScalarType, SliceType, Type, is_reference
from irpass.text.literals import WORDS, LiteralError, parse_number, string_text
from irpass.text.traps import trap_diagnostic

# as the grammar's INT and FLOAT
_NUMBER = re.compile(r"-?(0[xX][0-9a-fA-F_]+|[0-9][0-9_]*(\.[0-9]+)?([eE][+-]?[0-9]+)?)", re.ASCII)


@click.command(context_settings={"ignore_unknown_options": True})  # so that -5 is an argument of the program
@click.argument("file", metavar="FILE")
@click.argument("args", nargs=-1, type=click.UNPROCESSED, metavar="[ARG]...")
@click.option("--entry", default="@main", show_default=True, metavar="@F", help="The function to run.")
@click.option("--engine", default="interp", show_default=True, type=click.Choice(["interp", "native"]),
              help="The reference interpreter, or native code through LLVM: no steps, no --heap.")  # fmt: skip
@click.option("-O", "level", default=2, show_default=True, type=click.IntRange(0, 3), help="LLVM's level, if native.")
@click.option("--allocator", default="libc", show_default=True, metavar="NAME", help="Where native memory is from.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object: result, lines, trap, steps, heap.")
@click.option("--max-steps", default=MAX_STEPS, show_default=True, type=click.IntRange(min=0), metavar="N",
              help="Trap with `step limit` after so many instructions.")  # fmt: skip
@click.option("--heap-limit", type=click.IntRange(min=0), metavar="BYTES",
              help="Trap with `out of memory` past so many live bytes; over what SPEC.toml says. "
              f"[default: {HEAP_LIMIT_BYTES}]")  # fmt: skip
@click.option("--heap", "heap_spec", metavar="SPEC.toml", help="Run on the modelled heap of this spec, and report.")
@click.option("--heap-trace", metavar="OUT", help="Write what is asked of that heap, as JSON lines for irpass replay.")
@click.option("--fail-at", type=click.IntRange(min=1), metavar="N",
              help="Deny that heap's request number N, whatever room there is.")  # fmt: skip
@click.option("--why-alive", "asked", multiple=True, metavar="@F:%A",
              help="When the program ends, show how it can still reach what that instruction allocated.")  # fmt: skip
@click.option("--max-depth", default=MAX_DEPTH, show_default=True, type=click.IntRange(min=1), metavar="N",
              help="Trap with `stack overflow` past so many frames.")  # fmt: skip
def run(
    file: str, args: tuple[str, ...], entry: str, engine: str, level: int, allocator: str, as_json: bool,
    max_steps: int, heap_limit: int | None,
    heap_spec: str | None, heap_trace: str | None, fail_at: int | None, asked: tuple[str, ...], max_depth: int,
) -> None:  # fmt: skip
    """Run a function of FILE in the reference interpreter, or as native code.

    What the program prints goes to standard output; what it returned, and what its heap did, to standard error. ARGs
    are for the function's parameters: 5, 1.5, true; 1,2,3 for a slice; text for a []u8; nil for a pointer. Exit status
    1 if the program trapped, or leaked where the heap's spec calls that a fault. --heap-trace and --fail-at without
    --heap are for a heap with all settings as they are by default.
    """
    from irpass.api import parse

    model = None
    if heap_spec is not None or heap_trace is not None or fail_at is not None:
        from irpass.cli.model_heap import HeapRun

        model = HeapRun(heap_spec, heap_trace, fail_at, heap_limit)

    text, name = read_text(file)
    module = parse(text, name)
    func = find_entry(module, entry, len(args))
    values = [parse_argument(p.type, arg, f"%{p.name}") for p, arg in zip(func.params, args, strict=True)]
    emit = None if as_json else _show
    why: dict[str, tuple[int, list[str]]] = {}

    def ask(at: Inspection) -> None:
        for site in asked:
            why[site] = len(at.objects(site)), at.why_alive(site, _MAX_SHOWN)

    if asked:
        _require_sites(module, asked)
    if engine == "native":
        from irpass.native import engine as native

        if model is not None or asked:
            what = "a modelled heap" if model is not None else "--why-alive"
            raise UsageError.of(f"{what} is for the interpreter", "leave out --engine native")
        outcome = native.run(
            module, entry, values, opt_level=level, allocator=allocator, heap_limit=heap_limit, max_depth=max_depth,
            on_print=emit,
        )  # fmt: skip
    else:
        outcome = interpret(
            module, entry, values, max_steps=max_steps, heap_limit=heap_limit, max_depth=max_depth,
            heap=model.heap if model is not None else None,
            collector=model.collector if model is not None else None, on_print=emit,
            on_end=ask if asked else None,
        )  # fmt: skip
    if as_json:
        found = outcome.to_json()
        counters = found["heap"]
        if model is not None and isinstance(counters, dict):
            counters["model"] = model.to_json()
        if asked:
            found["why_alive"] = {site: {"objects": count, "paths": paths} for site, (count, paths) in why.items()}
        click.echo(json.dumps(found))
    else:
        sys.stdout.flush()
        click.echo(_summary(outcome), err=True)
        if model is not None:
            click.echo(model.text(), err=True)
        for site, (count, paths) in why.items():
            click.echo(_why_text(site, count, paths), err=True)
    errors = [_trapped(module, outcome.trap)] if outcome.trap is not None else []
    if model is not None:
        model.write_trace()
        errors = errors or model.leak_diagnostics(name)
    if errors:
        raise IrpassError(errors)


def _require_sites(module: Module, asked: tuple[str, ...]) -> None:
    """Nothing, where all that is `asked` about are sites that allocate.

    Raises: UsageError otherwise.
    """
    from irpass.interp.watching import sites

    known = sites(module)
    for site in asked:
        if site not in known:
            names = ", ".join(known[:8]) + ", ..." * (len(known) > 8)
            raise UsageError.of(f"nothing is allocated at {site}", f"the module's sites are {names or 'none'}")


def _why_text(site: str, count: int, paths: list[str]) -> str:
    """How many objects of a site are alive, and a line for each of the nearest."""
    lines = [f"alive from {site}: {count}", *(f"  {path}" for path in paths)]
    return "\n".join(lines + [f"  and {count - len(paths)} more"] * (count > len(paths)))


def _show(line: str) -> None:
    sys.stdout.buffer.write(line.encode("utf-8", "surrogateescape") + b"\n")


def parse_argument(t: Type, text: str, what: str) -> object:
    """The Python value that a word of the command line stands for, where a `t` is wanted.

    Raises: UsageError where it stands for none.
    """
    if t is BYTES:
        return os.fsencode(text)
    if isinstance(t, SliceType) and isinstance(t.elem, ScalarType):
        if text == "nil":
            return None
        return [_scalar(t.elem, word, f"an element of {what}") for word in text.split(",")] if text else []
    if isinstance(t, ScalarType):
        return _scalar(t, text, what)
    if is_reference(t) and text == "nil":
        return None
    raise UsageError.of(f"{what} takes {t}, which the command line cannot give", "only nil" * is_reference(t))


def _scalar(t: ScalarType, text: str, what: str) -> object:
    text = text.strip()
    if text in WORDS and WORDS[text] is not None:
        return WORDS[text]
    if not _NUMBER.fullmatch(text):
        raise UsageError.of(f"{what} takes {t}, not {text!r:.80}", "numbers are written as in the language")
    try:
        return parse_number(text)
    except LiteralError as error:
        raise UsageError.of(f"{what}: {error}") from None


def _summary(outcome: Outcome) -> str:
    heap = outcome.heap
    lines = [
        f"returned: {_returned_text(outcome)}",
        f"steps: {'not counted' if outcome.steps is None else outcome.steps}",
        f"heap: calls {heap.calls}, derives {heap.derives}, fallbacks {heap.fallbacks}, frees {heap.frees}, "
        f"collections {heap.collections}",
        f"bytes: requested {heap.bytes_requested}, peak {heap.peak_bytes}, live {heap.live_bytes}",
    ]
    return "\n".join(lines if outcome.trap is None and outcome.result_type is not None else lines[1:])


_MAX_SHOWN = 16


def _returned_text(outcome: Outcome) -> str:
    """A scalar as `print` writes it, a slice of scalars with its first elements, anything else by its type."""
    t, value = outcome.result_type, outcome.returned
    if isinstance(value, bytes):
        return string_text(value[:_MAX_SHOWN]) + "..." * (len(value) > _MAX_SHOWN)
    if isinstance(t, SliceType) and isinstance(value, list):
        shown = [_scalar_text(t.elem, v) for v in value[:_MAX_SHOWN]] + ["..."] * (len(value) > _MAX_SHOWN)
        return f"[{', '.join(shown)}]"
    return f"({t})" if value is None else _scalar_text(t, value)


def _scalar_text(t: Type | None, value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return float_text(value, t) if isinstance(value, float) else str(value)


def _trapped(module: Module, trap: Trap) -> Diagnostic:
    return trap_diagnostic(module, trap.kind, (trap.func, trap.block), trap.line, trap.loc)
