"""Analyses computed when asked for and kept while they are valid: exactly while the function's epoch stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from irpass.analysis.cfg import Cfg, cfg
from irpass.analysis.dominators import Dominance, DominatorTree, dominance, dominators, post_dominators
from irpass.analysis.effects import Summaries, summaries
from irpass.analysis.liveness import Liveness, liveness
from irpass.analysis.loops import Loops, loops
from irpass.ir.core import Func, Module

T = TypeVar("T")


class Analyses:
    """A cache of analyses by function. An analysis is any function of a `Func`; its own name is its key.

    `cfg(f)`-like ones depend on blocks and edges alone (`edges_only`), the others on every instruction. The methods
    named after an analysis give it with what it needs taken from the cache too.
    """

    def __init__(self) -> None:
        self._cache: dict[tuple[Func, Callable[..., object], bool], tuple[int, object]] = {}
        self._summaries: tuple[Module, list[tuple[Func, int]], Summaries] | None = None

    def get(self, analysis: Callable[[Func], T], func: Func, *, edges_only: bool = False) -> T:
        """`analysis(func)`, computed again only if `func` has changed since."""
        return self._keep(analysis, func, lambda: analysis(func), edges_only)

    def _keep(self, key_of: Callable[..., object], func: Func, compute: Callable[[], T], edges_only: bool) -> T:
        epoch = func.cfg_epoch if edges_only else func.ir_epoch
        key = (func, key_of, edges_only)
        found = self._cache.get(key)
        if found is not None and found[0] == epoch:
            return found[1]  # type: ignore[return-value]  # the key holds the function that made it
        result = compute()
        self._cache[key] = (epoch, result)
        return result

    def cfg(self, func: Func) -> Cfg:
        return self._keep(cfg, func, lambda: cfg(func), edges_only=True)

    def dominators(self, func: Func) -> DominatorTree:
        return self._keep(dominators, func, lambda: dominators(func, self.cfg(func)), edges_only=True)

    def post_dominators(self, func: Func) -> DominatorTree:
        return self._keep(post_dominators, func, lambda: post_dominators(func, self.cfg(func)), edges_only=True)

    def loops(self, func: Func) -> Loops:
        return self._keep(loops, func, lambda: loops(func, self.cfg(func), self.dominators(func)), edges_only=True)

    def dominance(self, func: Func) -> Dominance:
        """Dominance between instructions."""
        return self._keep(dominance, func, lambda: dominance(func, self.dominators(func)), edges_only=False)

    def liveness(self, func: Func) -> Liveness:
        return self._keep(liveness, func, lambda: liveness(func, self.cfg(func)), edges_only=False)

    def summaries(self, module: Module) -> Summaries:
        """What calling each function may do; computed again if any of them has changed. O(functions) to find out."""
        epochs = [(func, func.ir_epoch) for func in module.funcs]
        kept = self._summaries
        if kept is None or kept[0] is not module or kept[1] != epochs:
            kept = self._summaries = (module, epochs, summaries(module))
        return kept[2]
