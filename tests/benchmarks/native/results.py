"""What was measured of a program, and why it does not gain where it does not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import exp, log

from irpass.fold.reasons import BY_SLUG
from irpass.remarks import Remark
from tests.benchmarks.native.programs import Program
from tests.benchmarks.native.variants import Counts

GAINS = 1.05  # times as fast, from which on a program counts as faster
_MICROSECONDS_A_CALL = 2.0  # an allocator call every so often is less than a hundredth of the work


@dataclass(frozen=True, slots=True)
class Result:
    """Of one program: processor seconds by variant; what the language's heap counts before and after folding, at
    `program.counted`; and how many calls reach libc's allocator in one measured run, where that was counted."""

    program: Program
    seconds: dict[str, float]
    before: Counts
    after: Counts
    reaching_libc: dict[str, int]
    missed: dict[str, int]  # sites by the slug that says why they are not folded
    folded_sites: int

    def speed(self, variant: str, against: str = "libc unfolded") -> float | None:
        """How many times as fast a variant is as another; None where one of them was not measured."""
        if variant not in self.seconds or against not in self.seconds:
            return None
        return self.seconds[against] / self.seconds[variant]

    def gain(self, allocator: str) -> float | None:
        """How many times as fast folding makes the program with one allocator."""
        return self.speed(f"{allocator} folded", f"{allocator} unfolded")

    def why(self, allocator: str = "libc") -> str:
        """Why the program does not gain, from what was measured; empty where it does."""
        gain = self.gain(allocator)
        if gain is None or gain >= GAINS:
            return ""
        unfolded_seconds = self.seconds[f"{allocator} unfolded"]
        calls = self.reaching_libc.get("libc unfolded")
        if calls is not None and unfolded_seconds * 1e6 > calls * _MICROSECONDS_A_CALL:
            return f"it hardly allocates: {calls:,} calls in {unfolded_seconds:.1f} s"
        if calls is not None and calls * 10 < self.before.calls:
            return f"LLVM removes its allocations: {calls:,} calls are left of {self.before.calls:,}"
        if self.after.calls >= 0.95 * self.before.calls:
            return self._why_no_fewer_calls()
        saved = 1 - self.after.calls / self.before.calls
        nanoseconds = unfolded_seconds * 1e9 / calls if calls else 0.0
        return f"{saved:.0%} of its calls go, but it works {nanoseconds:,.0f} ns for each"

    def _why_no_fewer_calls(self) -> str:
        if not self.missed:
            return "what is folded runs once; the calls are made elsewhere" if self.folded_sites else "no site is left"
        slug, count = max(self.missed.items(), key=lambda item: item[1])
        return f"{BY_SLUG[slug].title} ({count} of {sum(self.missed.values()) + self.folded_sites} sites)"

    def record(self) -> dict[str, object]:
        """The result as plain data."""
        speeds = {name: self.speed(name) for name in self.seconds}
        return {**asdict(self), "speeds": speeds, "why": self.why()}


def sites_by_verdict(remarks: Sequence[Remark], file: str) -> tuple[dict[str, int], int]:
    """Of the sites in a source file, how many fold-allocs left alone, by reason, and how many it folded."""
    own = [r for r in remarks if r.pass_name == "fold-allocs" and r.loc is not None and r.loc.file == file]
    return dict(Counter(r.name for r in own if r.kind == "missed")), sum(r.kind == "passed" for r in own)


def geometric_mean(values: Sequence[float]) -> float:
    """Raises: ValueError for no values."""
    if not values:
        raise ValueError("no values")
    return exp(sum(map(log, values)) / len(values))
