"""Fills the templates that the targets are written in."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from irpass.diagnostics import UsageError

if TYPE_CHECKING:
    from jinja2 import Environment


def render(template: str, **context: Any) -> str:
    """The text of a template in `templates/`; it ends with one line end.

    Raises: UsageError where jinja2, of the extra `generate`, is not installed.
    """
    text = _environment().get_template(template).render(context)
    # Where parts are left out, their blank lines stay; gofmt allows one.
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n") + "\n"


def fill_placeholders(code: str, **values: str) -> str:
    """`code` with each `{name}` of `values` in place; other braces stay, they are the target language's."""
    return re.sub(r"\{(\w+)\}", lambda match: values.get(match[1], match[0]), code)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    try:
        from jinja2 import Environment, PackageLoader, StrictUndefined  # an extra: only generating needs it
    except ImportError:
        raise UsageError.of("generating code needs jinja2", "install irpass[generate]") from None
    return Environment(
        loader=PackageLoader("irpass.generate"),
        undefined=StrictUndefined,  # a name that the context lacks is an error, not an empty text
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
