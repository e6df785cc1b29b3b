"""The grammar, loaded once: from the package's own data, or from the checkout where that is what is installed."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lark import Lark


def grammar_path() -> Path:
    """Where `ir.lark` is: beside this module in an installed wheel, in `grammar/` in a checkout.

    Raises: FileNotFoundError where it is in neither place.
    """
    here = Path(__file__).resolve().parent
    for path in (here / "ir.lark", here.parent.parent / "grammar" / "ir.lark"):
        if path.is_file():
            return path
    raise FileNotFoundError(f"ir.lark is neither in {here} nor in {here.parent.parent / 'grammar'}: reinstall irpass")


@cache
def lark_parser() -> Lark:
    """The LALR parser, with the starts `module` and `line`.

    Its tables are kept in the user's cache folder, since making them takes longer than parsing a small program;
    where that folder cannot be written they are made each time.
    """
    from lark import Lark

    return Lark(
        grammar_path().read_text(encoding="utf-8"),
        parser="lalr",
        start=["module", "line"],
        maybe_placeholders=False,
        cache=_cache_file() or False,
    )


def _cache_file() -> str | None:
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    folder = Path(base).expanduser() / "irpass"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError):  # RuntimeError: no home folder
        return None
    return str(folder / "ir.tables") if os.access(folder, os.W_OK) else None
