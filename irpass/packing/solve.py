"""`pack`: quick layouts first, then searches for as many steps as the caller allows."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from irpass.packing.bounds import lower_bound
from irpass.packing.budget import Budget, Progress
from irpass.packing.few import FEW, pack_few
from irpass.packing.grow import core_and_order
from irpass.packing.model import Buffer, Packing
from irpass.packing.problem import sections
from irpass.packing.section import Section
from irpass.packing.validate import validate

EFFORTS = ("quick", "default", "high")

# A step costs about as much as the buffers that live with one, so fewer are taken where there are more buffers.
_DEFAULT_WORK = 400_000
_MAX_DEFAULT_STEPS = 20_000
_HIGH_FACTOR = 100
_WHEEL_WORK = 60_000  # buffers that the squeaky wheel may lay out, all its runs together
_HIGH_WHEEL_FACTOR = 10
_MAX_PAIRS_DEFAULT = 500_000  # the searches keep every pair that lives together in memory
_MAX_PAIRS = 10_000_000


def pack(
    buffers: Sequence[Buffer],
    *,
    capacity: int | None = None,
    effort: str | int = "default",
    exact: bool = False,
    time_limit: float | None = None,
    progress: Callable[[Progress], bool | None] | None = None,
) -> Packing:
    """Offsets for the buffers with a low peak; the same for the same arguments on every machine, unless a time limit
    cuts it short.

    `effort` bounds the searches in steps: a number, or "quick" (none: the layouts of a few orders), "default" or
    "high". With a `capacity`, the search ends at the first layout that fits, and "default" searches as long as
    "high". `exact` searches without a bound of steps, until the layout is proven optimal (or, with a capacity, until
    it fits or none can). `time_limit` is in seconds. `progress` is called now and then during a search, and ends it
    by giving False. All ends give the best layout found.

    Raises: ValueError for an unknown effort, a negative number, or pinned buffers that overlap.
    """
    if capacity is not None and capacity < 0:
        raise ValueError(f"a capacity is not negative, but this one is {capacity}")
    if isinstance(effort, str) and effort not in EFFORTS:
        raise ValueError(f"an effort is a number of steps or one of {', '.join(EFFORTS)}, not {effort!r}")
    if isinstance(effort, int) and effort < 0:
        raise ValueError(f"an effort is not negative, but this one is {effort}")
    if len(buffers) <= FEW and all(b.offset is None for b in buffers):
        offsets = pack_few(buffers)
        peak = _peak(buffers, offsets)
        return Packing(offsets, peak, peak, True, capacity is not None and peak > capacity, capacity)

    parts = [Section(problem) for problem in sections(buffers)]
    _check_pins(buffers)
    if capacity is not None and effort == "default":
        effort = "high"
    max_pairs = _MAX_PAIRS_DEFAULT if effort == "default" and not exact else _MAX_PAIRS
    budget = Budget(None if exact else _steps(effort, parts), time_limit, progress)
    wheel_work = 0 if effort in ("quick", 0) else _WHEEL_WORK * (_HIGH_WHEEL_FACTOR if effort == "high" else 1)
    budget.bound = bound = lower_bound(buffers)
    for part in parts:
        goal = bound if capacity is None else max(bound, capacity)
        part.lay_out(goal, wheel_work, budget)
        if wheel_work and part.can_grow and not part.is_good(goal):
            _grow(part, goal, budget)
    return _improve(buffers, parts, bound, capacity, max_pairs, budget)


def _grow(part: Section, goal: int, budget: Budget) -> None:
    """A layout around that of the part's core, where the core is much smaller."""
    core, order = core_and_order(part.problem)
    if len(core) > part.problem.count // 2:
        return
    start = pack(part.problem.buffers(core), progress=lambda _: budget.is_timely())
    budget.spend(start.steps, is_extra=True)
    part.grow(goal, core, order, start.offsets, budget)


def _steps(effort: str | int, parts: Sequence[Section]) -> int:
    if isinstance(effort, int):
        return effort
    if effort == "quick":
        return 0
    largest = max((part.problem.count for part in parts), default=1)
    return min(_MAX_DEFAULT_STEPS, _DEFAULT_WORK // largest) * (_HIGH_FACTOR if effort == "high" else 1)


def _improve(
    buffers: Sequence[Buffer],
    parts: Sequence[Section],
    bound: int,
    capacity: int | None,
    max_pairs: int,
    budget: Budget,
) -> Packing:
    """Searches in whichever section stands highest, until that is good enough or the budget is spent."""
    is_infeasible = False
    while True:
        bound = max([bound, *(part.bound for part in parts)])
        is_infeasible = capacity is not None and bound > capacity
        goal = bound if capacity is None else max(bound, capacity)
        worst = max(parts, key=lambda part: part.peak, default=None)
        if worst is None or worst.peak <= goal or is_infeasible or worst.pairs > max_pairs:
            break
        budget.peak, budget.bound = worst.peak, bound
        if not budget.may_go_on():
            break
        worst.search(goal, capacity is not None, budget)

    offsets = [b.offset or 0 for b in buffers]
    for part in parts:
        for name, offset in zip(part.problem.names, part.offsets, strict=True):
            offsets[name] = offset
    peak = _peak(buffers, offsets)
    return Packing(tuple(offsets), peak, bound, peak == bound, is_infeasible, capacity, budget.steps, budget.is_stopped)


def _peak(buffers: Sequence[Buffer], offsets: Sequence[int]) -> int:
    return max((o + b.size for o, b in zip(offsets, buffers, strict=True)), default=0)


def _check_pins(buffers: Sequence[Buffer]) -> None:
    """Raises: ValueError where two pinned buffers overlap, which no layout can mend."""
    pinned = [i for i, b in enumerate(buffers) if b.offset is not None]
    if not pinned:
        return
    breaches = validate([buffers[i] for i in pinned], [buffers[i].offset or 0 for i in pinned])
    for breach in breaches:
        if breach.buffer is not None and breach.other is not None:
            one, other = sorted((pinned[breach.buffer], pinned[breach.other]))
            raise ValueError(f"the pinned buffers {one} and {other} are alive together and overlap")
