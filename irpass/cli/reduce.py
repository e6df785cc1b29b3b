"""`irpass reduce`: a smaller program that fails like the one that is given."""

from __future__ import annotations

import shlex
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import click

from irpass.cli.io import read_text, write_output
from irpass.diagnostics import Diagnostic, IrpassError, UsageError

_PLACE = "{}"


@click.command()
@click.argument("file", metavar="FILE")
@click.option("--command", required=True, metavar="CMD",
              help="What fails (exits non-zero) on FILE. {} is the program to try; else that comes last.")  # fmt: skip
@click.option("--output", "-o", metavar="OUT", help="Write here.  [default: standard output]")
@click.option("--max-tests", type=click.IntRange(1), default=5000, show_default=True, metavar="N",
              help="Run CMD at most so often.")  # fmt: skip
@click.option("--time-limit", type=click.FloatRange(0, min_open=True), metavar="SECONDS", help="Stop after so long.")
@click.option("--timeout", type=click.FloatRange(0, min_open=True), default=30.0, show_default=True, metavar="SECONDS",
              help="A run of CMD that takes longer did not fail.")  # fmt: skip
def reduce(
    file: str, command: str, output: str | None, max_tests: int, time_limit: float | None, timeout: float
) -> None:
    """Shrink the program in FILE while a command keeps failing on it.

    \b
    irpass reduce bad.ir --command 'irpass optimize --check --passes my-pass {}' -o small.ir
    irpass reduce bad.ir --command './still-wrong.sh'

    CMD is split into words as a shell would, and run without one. A smaller program is kept if CMD exits with the same
    status on it as on FILE, which must not be 0; what CMD prints is thrown away. (Mind that llvm-reduce and C-Reduce
    have it the other way round: 0 is interesting there.) Each program tried parses and verifies, so FILE has to.
    """
    from irpass.api import parse
    from irpass.testing.reducer import reduce as shrink

    data, name = read_text(file)
    text = data.decode("utf-8", "replace")
    parse(data, name)
    words = _words(command)
    with tempfile.TemporaryDirectory(prefix="irpass-reduce-") as folder:
        path = Path(folder) / "program.ir"
        wanted = _status(words, path, text, timeout)
        if not wanted:
            how = "does not end in time" if wanted is None else "exits with status 0"
            notes = ("a command that fails on the program is what a reduction goes by",)
            raise IrpassError([Diagnostic("reduce", f"the command {how} on this program", name, notes=notes)])
        tests = 0

        def progress(done: int, size_bytes: int) -> None:
            nonlocal tests
            tests = done
            if sys.stderr.isatty():
                click.echo(f"\rreducing: {size_bytes} bytes, {done} runs ", nl=False, err=True)

        small = shrink(
            text, lambda t: _status(words, path, t, timeout) == wanted, max_tests=max_tests, seconds=time_limit,
            progress=progress,
        )  # fmt: skip
    click.echo(f"{chr(13) * sys.stderr.isatty()}irpass: {len(text)} bytes became {len(small)}", err=True)
    write_output(output, small)


def _words(command: str) -> list[str]:
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise UsageError.of(f"--command cannot be split into words: {error}") from None
    if not words:
        raise UsageError.of("--command is empty")
    return words if any(_PLACE in word for word in words) else [*words, _PLACE]


def _status(words: Sequence[str], path: Path, text: str, timeout: float) -> int | None:
    """The exit status of the command on a program; None where it takes too long."""
    path.write_text(text, encoding="utf-8")
    try:
        done = subprocess.run(
            [word.replace(_PLACE, str(path)) for word in words], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, timeout=timeout, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return None
    except OSError as error:
        raise UsageError.of(f"cannot run {words[0]}: {error.strerror}") from None
    return done.returncode
