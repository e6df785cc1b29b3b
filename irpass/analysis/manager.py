"""Analyses computed when asked for and kept while they are valid: exactly while the function's epoch stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from irpass.ir.core import Func

T = TypeVar("T")


class Analyses:
    """A cache of analyses by function. An analysis is any function of a `Func`; its own name is its key.

    `cfg(f)`-like ones depend on blocks and edges alone (`edges_only`), the others on every instruction.
    """

    def __init__(self) -> None:
        self._cache: dict[tuple[Func, Callable[[Func], object], bool], tuple[int, object]] = {}

    def get(self, analysis: Callable[[Func], T], func: Func, *, edges_only: bool = False) -> T:
        """`analysis(func)`, computed again only if `func` has changed since."""
        epoch = func.cfg_epoch if edges_only else func.ir_epoch
        key = (func, analysis, edges_only)
        found = self._cache.get(key)
        if found is not None and found[0] == epoch:
            return found[1]  # type: ignore[return-value]  # the key holds the function that made it
        result = analysis(func)
        self._cache[key] = (epoch, result)
        return result
