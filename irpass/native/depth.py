"""Which calls may pass the depth limit, so that only those count.

A function gets the number of frames that may still open beneath it as a last argument where it needs to know: it calls
where the limit may be reached, or calls a function that needs to know. A program without recursion needs none.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from irpass.ir import ops
from irpass.ir.core import Func


class CallDepths:
    """The functions that `entry` reaches, and how deep each may be called."""

    def __init__(self, entry: Func, max_depth: int) -> None:
        self.max_depth = max_depth
        self._callees: dict[Func, list[Func]] = {}
        self.funcs = self._reach(entry)
        self._deepest = self._longest_chains(entry)
        self._counting = self._need_count()

    def counts(self, func: Func) -> bool:
        """Whether `func` is given the number of frames that are left."""
        return func in self._counting

    def may_overflow(self, caller: Func) -> bool:
        """Whether a call from `caller` may pass the limit."""
        deepest = self._deepest.get(caller)
        return deepest is None or deepest + 1 > self.max_depth

    def is_bounded(self, func: Func) -> bool:
        """Whether `func` is neither in a cycle of calls nor called from one."""
        return func in self._deepest

    def _reach(self, entry: Func) -> Sequence[Func]:
        reached, work = {entry: None}, [entry]
        while work:
            func = work.pop()
            callees = dict.fromkeys(_callees(func))
            self._callees[func] = list(callees)
            new = [f for f in callees if f not in reached]
            reached.update(dict.fromkeys(new))
            work += new
        return list(reached)

    def _longest_chains(self, entry: Func) -> dict[Func, int]:
        """The longest chain of calls that ends at each function; functions in or behind a cycle are not in it."""
        waiting = dict.fromkeys(self.funcs, 0)
        for func in self.funcs:
            for callee in self._callees[func]:
                waiting[callee] += 1
        chains = {entry: 1} if waiting[entry] == 0 else {}
        ready = deque(chains)
        deepest = dict(chains)
        while ready:
            func = ready.popleft()
            for callee in self._callees[func]:
                chains[callee] = max(chains.get(callee, 0), chains[func] + 1)
                waiting[callee] -= 1
                if waiting[callee] == 0:
                    deepest[callee] = chains[callee]
                    ready.append(callee)
        return deepest

    def _need_count(self) -> dict[Func, None]:
        callers: dict[Func, list[Func]] = {func: [] for func in self.funcs}
        for func in self.funcs:
            for callee in self._callees[func]:
                callers[callee].append(func)
        found = {f: None for f in self.funcs if self._callees[f] and self.may_overflow(f)}
        work = list(found)
        while work:
            for caller in callers[work.pop()]:
                if caller not in found:
                    found[caller] = None
                    work.append(caller)
        return found


def _callees(func: Func) -> list[Func]:
    """The functions with bodies that `func` calls."""
    found = [func.module.func(i.imm) for i in func.instrs() if i.op is ops.CALL and isinstance(i.imm, str)]
    return [f for f in found if f is not None and not f.is_extern]
