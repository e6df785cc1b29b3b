"""Reading inputs and writing outputs: whole, or not at all."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Sequence
from errno import EISDIR, ENOENT
from pathlib import Path

import click

from irpass.diagnostics import Diagnostic, ParseError, UsageError

STDIN = "-"


def read_text(path: str) -> tuple[bytes, str]:
    """The bytes of a file, or of standard input for `-`, and the name that diagnostics give it.

    Raises: UsageError where it cannot be read.
    """
    if path == STDIN:
        return sys.stdin.buffer.read(), "<stdin>"
    try:
        return Path(path).read_bytes(), path
    except OSError as error:
        raise UsageError.of(f"cannot read {path}: {error.strerror}") from None


def read_utf8(path: str) -> tuple[str, str]:
    """As `read_text`, decoded.

    Raises: ParseError where it is not UTF-8, UsageError where it cannot be read.
    """
    content, name = read_text(path)
    try:
        return content.decode("utf-8"), name
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        message = f"not UTF-8: byte {error.start}, on line {line}, is {content[error.start]:#04x}"
        raise ParseError([Diagnostic("encoding", message, name)]) from None


def find_inputs(paths: Sequence[str]) -> list[str]:
    """The files that the arguments name: a directory stands for the `.ir` files below it, in order of name.

    Raises: UsageError for a directory without any.
    """
    found: list[str] = []
    for path in paths:
        if path == STDIN or not Path(path).is_dir():
            found.append(path)
            continue
        below = sorted(str(p) for p in Path(path).rglob("*.ir") if p.is_file())
        if not below:
            raise UsageError.of(f"no .ir files below {path}")
        found += below
    return list(dict.fromkeys(found))


def write_output(path: str | None, text: str) -> None:
    """Write `text` to a file, whole or not at all; to standard output for None and `-`.

    Raises: UsageError where it cannot be written; an old file is then as it was.
    """
    if path is None or path == STDIN:
        click.echo(text, nl=False)
        return
    target = Path(path)
    target = target.resolve() if target.is_symlink() else target
    try:
        if target.exists() and not target.is_file():  # a device or pipe: nothing to replace
            target.write_text(text, encoding="utf-8")
            return
        mode = target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask()
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
                stream.write(text)
            Path(temporary).chmod(mode)
            Path(temporary).replace(target)
        except BaseException:  # an interrupt too must not leave the temporary file behind
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise UsageError.of(f"cannot write {path}: {error.strerror}") from None


def require_writable(path: str | None) -> None:
    """Nothing, where `write_output` may find a place for the file: for errors before the work, and not after.

    Raises: UsageError where the folder is missing, or the path is one itself.
    """
    if path is None or path == STDIN:
        return
    target = Path(path)
    code = EISDIR if target.is_dir() else None if target.parent.is_dir() else ENOENT
    if code is not None:
        raise UsageError.of(f"cannot write {path}: {os.strerror(code)}")


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
