"""One section of a problem: its best layout so far, and the rounds of search that lower it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from random import Random

from irpass.packing.budget import Budget
from irpass.packing.dive import dive, priorities
from irpass.packing.eject import EjectionSearch
from irpass.packing.ground import fill_from_ground
from irpass.packing.grow import grow
from irpass.packing.phases import fill_in_phases
from irpass.packing.problem import Problem
from irpass.packing.search import CapacitySearch, Conflicts
from irpass.packing.wheel import squeaky_layouts

_MAX_DIVE_COUNT = 100  # up to here the dive's shorter setup wins
_MOST_WHEELS = 30
_MANY = 2000  # from here on a layout within a few thousandths of the goal is not worth another
_NEARLY = 1.005
_PHASES = (10, 20, 40)  # layout by layout
_FEW_PRIORITIES = 3  # before a layout is grown
_MOST_ALIVE_GROWN = 400  # with how many others a buffer lives, on average
_SLACKS = (0.004, 0.008, 0.01, 0.01, 0.01, 0.02, 0.03, 0.04)  # of the goal: how high a layout may grow, try by try
_MOVES_PER_NODE = 4  # a move of the ejection search costs about this part of a node of the capacity search
_SEED = 7  # any fixed number: the same input gives the same layout


class Section:
    """Buffers that share no time with any others: `peak` of the layout `offsets`, and `bound`, what was proven for
    these alone.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.pairs = problem.pairs()
        self.bound = 0
        self.offsets: list[int] = []
        self.peak = 0
        self._search: Search | None = None

    def lay_out(self, goal: int, wheel_work: int, budget: Budget) -> None:
        """The first layouts, by one priority after the other until one reaches the goal; then some better ones for
        many buffers.
        """
        # Both make much the same layouts, but only the dive minds what is pinned.
        from_ground = self.problem.obstacles is None and self.problem.count > _MAX_DIVE_COUNT
        lay = fill_from_ground if from_ground else dive
        others = budget.peak  # of the sections that are laid out already
        best_order: list[int] = []
        for order in self._orders(is_refilled=from_ground and wheel_work > 0):
            before = self.peak
            self.take(lay(self.problem, order))
            if not before or self.peak < before:
                best_order = order
            budget.peak = max(others, self.peak)
            if self.is_good(goal) or not budget.is_timely():
                return
        if not from_ground or self.can_grow:
            return
        for offsets in self._refilled(goal, best_order, wheel_work // self.problem.count):
            self.take(offsets)
            budget.peak = max(others, self.peak)
            if self.is_good(goal) or not budget.is_timely():
                return

    def _orders(self, *, is_refilled: bool) -> Iterator[list[int]]:
        """The priorities that are worth a layout, by what comes after them."""
        orders = priorities(self.problem)
        if self.can_grow:
            return islice(orders, _FEW_PRIORITIES)
        if is_refilled and self.problem.count > _MANY:  # the phases are much like the others
            *first, _, by_load, _, by_size, _, _ = orders
            return iter([*first, by_load, by_size])
        return orders

    def _refilled(self, goal: int, order: list[int], fills: int) -> Iterator[list[int]]:
        """More layouts, for about as much work as so many fills."""
        if self.problem.count <= _MANY:
            yield from islice(squeaky_layouts(self.problem, order, self.offsets, goal), min(_MOST_WHEELS, fills))
            return
        for phases in _PHASES[:fills]:
            yield fill_in_phases(self.problem, phases, goal)

    def is_good(self, goal: int) -> bool:
        """Whether the layout needs no better one."""
        return self.peak <= goal or (self.problem.count > _MANY and self.peak <= _NEARLY * goal)

    @property
    def can_grow(self) -> bool:
        """Whether there are so many buffers, and so few of them alive at once, that a layout is best grown."""
        return self.problem.count > _MANY and self.pairs <= _MOST_ALIVE_GROWN * self.problem.count

    def grow(self, goal: int, core: Sequence[int], order: Sequence[int], start: Sequence[int], budget: Budget) -> None:
        """Layouts grown from that of a core, less high ones first."""
        for seed, slack in enumerate(_SLACKS):
            height = goal + int(goal * slack)
            if height >= self.peak or not budget.is_timely():
                return
            grown = grow(self.problem, order, core, start, height, seed, budget)
            if grown is not None:
                self.take(grown)
                return

    def take(self, offsets: list[int]) -> None:
        """Keeps these offsets if they are the best so far."""
        peak = self.problem.peak(offsets)
        if not self.offsets or peak < self.peak:
            self.offsets, self.peak = offsets, peak

    def search(self, goal: int, is_decision: bool, budget: Budget) -> None:
        """One round of search towards the goal, twice as long as the last; `is_decision` asks for the goal and
        nothing above it.
        """
        if self._search is None:
            self._search = Search(self)
        self._search.round(max(goal, self.bound), is_decision, budget)


class Search:
    """What searches a section, and where it stands."""

    def __init__(self, section: Section) -> None:
        self.section = section
        conflicts = Conflicts(section.problem)
        self.tree = CapacitySearch(section.problem, conflicts)
        self.walk = EjectionSearch(section.problem)
        by_area, by_life, _, _, by_life_first, _ = list(priorities(section.problem))[-6:]
        self.orders = [by_life, by_area, by_life_first]
        self.limit = 2 * section.problem.count
        self.share = 0.5  # how far from the goal to the peak the search between them aims
        self.random = Random(_SEED)

    def round(self, goal: int, is_decision: bool, budget: Budget) -> None:
        section = self.section
        if self._decide(goal, budget) is False:
            if is_decision:
                return
            goal = section.bound
        while not is_decision and section.peak > goal + 1 and budget.may_go_on():
            outcome = self._decide(goal + int((section.peak - goal) * self.share), budget)
            goal = max(goal, section.bound)
            if outcome is None:
                self.share = (1 + self.share) / 2
                break
            self.share = 0.5
        while section.peak > goal and budget.may_go_on():
            aim = goal if is_decision else section.peak - max(1, (section.peak - goal) // 8)
            before = self.walk.moves
            found = self.walk.run(section.offsets, aim, budget.slice(_MOVES_PER_NODE * self.limit), budget.may_go_on)
            budget.spend(self.walk.moves - before)
            if found is None:
                break
            section.take(found)
        self.limit *= 2

    def _decide(self, capacity: int, budget: Budget) -> bool | None:
        """Searches for a layout within the capacity by each order in turn: found, proven impossible, or None."""
        for order in [*self.orders, self._shuffled()]:
            if not budget.may_go_on():
                return None
            before = self.tree.nodes
            outcome = self.tree.run(capacity, order, budget.slice(self.limit), budget.may_go_on)
            budget.spend(self.tree.nodes - before)
            if outcome is not None:
                if outcome is False:
                    self.section.bound = max(self.section.bound, capacity + 1)
                    return False
                self.section.take(outcome)
                return True
        return None

    def _shuffled(self) -> list[int]:
        """One of the orders with its places blurred: what every one of them gets wrong needs chance."""
        order = self.random.choice(self.orders)
        blur = 0.1 * len(order)
        return [i for _, i in sorted((k + self.random.uniform(-blur, blur), i) for k, i in enumerate(order))]
