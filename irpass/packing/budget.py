"""What a search may spend: steps, which are the same on every machine, and on top of them a clock and the caller's
word.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a search has come: the peak of the best layout so far, the best bound that is proven, and the steps
    taken.
    """

    peak: int
    lower_bound: int
    steps: int


class Budget:
    """Counts steps against `max_steps` (None: without end), and asks the clock and the caller whether to go on."""

    def __init__(
        self, max_steps: int | None, time_limit: float | None, progress: Callable[[Progress], bool | None] | None
    ) -> None:
        self.max_steps = max_steps
        self.steps = 0
        self.is_stopped = False
        self.peak = self.bound = 0  # what `progress` is told; the packer keeps them up to date
        self._deadline = None if time_limit is None else monotonic() + time_limit
        self._progress = progress

    def slice(self, steps: int) -> int:
        """So many of these steps as are left."""
        return steps if self.max_steps is None else max(0, min(steps, self.max_steps - self.steps))

    def spend(self, steps: int, *, is_extra: bool = False) -> None:
        """Counts steps; extra ones leave as many for later as there were."""
        self.steps += steps
        if is_extra and self.max_steps is not None:
            self.max_steps += steps

    def may_go_on(self) -> bool:
        """Whether steps are left and neither the clock nor the caller has ended the search."""
        return self.is_timely() and (self.max_steps is None or self.steps < self.max_steps)

    def is_timely(self) -> bool:
        """Whether neither the clock nor the caller has ended the search; tells the caller how far it is."""
        is_late = self._deadline is not None and monotonic() >= self._deadline
        if not is_late and not self.is_stopped and self._progress is not None:
            is_late = self._progress(Progress(self.peak, self.bound, self.steps)) is False
        self.is_stopped = self.is_stopped or is_late
        return not self.is_stopped
