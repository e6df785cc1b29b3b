"""How names are spelled, as the grammar has it: without the `%` of values and the `@` of symbols."""

from __future__ import annotations

import re

from irpass.diagnostics import BuildError

VALUE = re.compile(r"[A-Za-z0-9_$]+")
SYMBOL = re.compile(r"[A-Za-z0-9_$.]+")
LABEL = re.compile(r"[A-Za-z_][A-Za-z0-9_$.]*")


def check(name: str, pattern: re.Pattern[str], what: str) -> str:
    """The name.

    Raises: BuildError where it is not spelled like that.
    """
    if not pattern.fullmatch(name):
        raise BuildError.of(f"{name!r} is not {what}", "names are of A-Z a-z 0-9 _ and $, labels start with a letter")
    return name
