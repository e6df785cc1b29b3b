"""Shrinks a program while it keeps failing.

    small = reduce(text, lambda text: "bad" in my_compiler(text))

A candidate is tried only if it prints, parses and verifies, so the result does too. Each reduction of
`irpass.testing.reductions` is tried on all of its opportunities at once, then on halves, quarters and so on down to
single ones; all reductions are run again until none of them gets any further.

Source: Zeller and Hildebrandt, "Simplifying and isolating failure-inducing input", 2002; llvm-reduce for reductions
that know the language. Reducers of plain text (C-Reduce, Shrink Ray) need far more tests, as most of their candidates
are no programs.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from irpass.api import parse
from irpass.diagnostics import IrpassError, UsageError
from irpass.ir.copying import copy_module
from irpass.ir.core import Module
from irpass.testing.reductions import ALL, Reduction
from irpass.text.printer import print_module
from irpass.verifier import verify

Progress = Callable[[int, int], None]
"""Called with the number of tests so far, and the size of the smallest failing program in bytes."""


def reduce(
    text: str,
    still_fails: Callable[[str], bool],
    *,
    max_tests: int = 5_000,
    seconds: float | None = None,
    progress: Progress | None = None,
) -> str:
    """A program as small as was found for which `still_fails` holds, as it does for `text`.

    `still_fails` is asked at most `max_tests` times, and not after so many `seconds`; an exception that it raises ends
    the reduction.

    Raises: ParseError, VerifyError for a text that is no program; UsageError where `text` itself does not fail.
    """
    module = parse(text)
    if not still_fails(text):
        raise UsageError.of("the program does not fail, so that there is nothing to reduce")
    start = print_module(module)
    if start != text and not still_fails(start):
        return text  # it is the form of the text that fails, not the program
    deadline = time.monotonic() + seconds if seconds is not None else None
    search = _Search(still_fails, parse(start), start, max_tests, deadline, progress)
    search.run()
    return search.text


@dataclass(slots=True)
class _Chosen:
    """An oracle that lets opportunities `first` to `last` - 1 be taken, and counts all."""

    first: int
    last: int
    asked: int = 0

    def __call__(self) -> bool:
        self.asked += 1
        return self.first < self.asked <= self.last


@dataclass(slots=True)
class _Search:
    still_fails: Callable[[str], bool]
    module: Module
    text: str
    max_tests: int
    deadline: float | None
    progress: Progress | None
    tests: int = 0
    seen: set[int] = field(default_factory=set)

    def run(self) -> None:
        while True:
            before = self.text
            for reduction in ALL:
                self._take_chunks(reduction)
            if self.text == before or self._is_over():
                return

    def _take_chunks(self, reduction: Reduction) -> None:
        """Delta debugging over the opportunities of one reduction, from all at once down to one by one."""
        size = count = self._count(reduction)
        while size > 0 and not self._is_over():
            first = 0
            while first < count and not self._is_over():
                if self._try(reduction, first, first + size):
                    count = self._count(reduction)  # what comes next has moved up to here
                else:
                    first += size
            size //= 2

    def _count(self, reduction: Reduction) -> int:
        """How many opportunities there are while none is taken."""
        none = _Chosen(0, 0)
        reduction(copy_module(self.module), none)
        return none.asked

    def _try(self, reduction: Reduction, first: int, last: int) -> bool:
        """Take the opportunities from `first` to `last` - 1, if the program fails all the same."""
        candidate = copy_module(self.module)
        reduction(candidate, _Chosen(first, last))
        if verify(candidate):
            return False
        text = print_module(candidate)
        if text == self.text or hash(text) in self.seen:
            return False
        self.seen.add(hash(text))
        try:
            parsed = parse(text)
        except IrpassError:
            return False
        self.tests += 1
        if not self.still_fails(text):
            return False
        self.module, self.text = parsed, text
        if self.progress is not None:
            self.progress(self.tests, len(text))
        return True

    def _is_over(self) -> bool:
        return self.tests >= self.max_tests or (self.deadline is not None and time.monotonic() > self.deadline)
