"""Sites that options name, and whether there are such sites at all: a name with a typing error would pin nothing."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from irpass.diagnostics import UsageError
from irpass.fold.fold_allocs import FoldAllocs
from irpass.fold.sites import site_name
from irpass.ir import ops
from irpass.ir.core import Module
from irpass.passes.base import Pass

_MOST_SHOWN = 8
_ALLOCATIONS = (ops.MAKE, ops.NEW, ops.DERIVE)  # one that is folded already is still the site of that name


class Pins:
    """The sites that the `fold-allocs` of a pipeline are to keep out, or to fold only.

    A name counts where a site has it at the start, or in front of any `fold-allocs`: passes before it may remove a
    site, and `inline` makes new ones, which remarks name.
    """

    def __init__(self, passes: Iterable[Pass]) -> None:
        self._named = dict.fromkeys(n for p in passes if isinstance(p, FoldAllocs) for n in (*p.keep, *p.only))
        self._seen: dict[str, None] = {}

    def look(self, module: Module) -> None:
        """Note the sites that there are now."""
        if self._named:
            found = (i for f in module.funcs for i in f.instrs() if i.op in _ALLOCATIONS)
            self._seen.update(dict.fromkeys(map(site_name, found)))

    def check(self, file: str) -> None:
        """Raises: UsageError for a name that no site of the module had."""
        for name in self._named:
            if name in self._seen:
                continue
            close = difflib.get_close_matches(name, self._seen, n=1)
            sites = [*self._seen][:_MOST_SHOWN] + (["..."] if len(self._seen) > _MOST_SHOWN else [])
            raise UsageError.of(
                f"fold-allocs: {name} is no allocation site of {file}",
                *([f"did you mean {close[0]}?"] if close else []),
                f"its sites: {', '.join(sites) or 'none'}",
            )
