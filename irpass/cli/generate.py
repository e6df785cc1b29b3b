"""`irpass generate`: pooled and derived allocators from a spec, as C or Go source."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import cast

import click

from irpass.cli.io import read_utf8, write_output
from irpass.diagnostics import UsageError
from irpass.generate import TARGETS, Target, generate_files, generate_text, read_spec

_SUFFIX = {"c": ".c", "go": ".go"}


@click.command()
@click.argument("spec_path", metavar="SPEC.toml")
@click.option("--target", required=True, type=click.Choice(TARGETS), help="The language to write.")
@click.option("-o", "out", metavar="OUT", help="A file, or a directory that is there; standard output by default.")
def generate(spec_path: str, target: str, out: str | None) -> None:
    """Write the allocators of a spec as source code.

    For C, -o writes a header beside the source; standard output gets both as one file.

    \b
    irpass generate pools.toml --target c -o build/      build/pools.h and build/pools.c
    irpass generate pools.toml --target go -o pools.go
    """
    spec = read_spec(*read_utf8(spec_path))
    chosen = cast(Target, target)  # click.Choice has checked it
    if out is None or out == "-":
        write_output(None, generate_text(spec, chosen))
        return
    path = Path(out)
    if path.is_dir():
        path = path / f"{spec.name}{_SUFFIX[target]}"
    elif path.suffix != _SUFFIX[target] or not path.stem:
        raise UsageError.of(f"{out} is no directory, and no name of a {_SUFFIX[target]} file")
    _write_all({str(path.with_name(name)): text for name, text in generate_files(spec, chosen, path.stem).items()})


def _write_all(files: dict[str, str]) -> None:
    """Writes every file; where one cannot be written, those before it are as they were."""
    before: dict[str, bytes | None] = {}
    try:
        for name, text in files.items():
            old = Path(name)
            before[name] = old.read_bytes() if old.is_file() else None
            write_output(name, text)
    except (OSError, UsageError) as error:
        *written, failed = before
        for name in written:
            content = before[name]
            with suppress(OSError):  # the first error is the one to tell
                Path(name).unlink(missing_ok=True) if content is None else Path(name).write_bytes(content)
        if isinstance(error, UsageError):
            raise
        raise UsageError.of(f"cannot write {failed}: {error.strerror}") from None
