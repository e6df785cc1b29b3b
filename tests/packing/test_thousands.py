"""Thousands of buffers: layouts grown around a core or filled in phases, and the index of who lives with whom."""

from random import Random

from irpass.packing import Buffer, lower_bound, pack, validate
from irpass.packing.dive import priorities
from irpass.packing.ground import LifeTree, fill_from_ground
from irpass.packing.phases import fill_in_phases
from irpass.packing.problem import Problem, sections
from irpass.packing.together import Neighbourhood
from tests.packing.instances import function, small, stream


def test_a_hundred_alive_among_thousands_stay_within_a_hundredth() -> None:
    buffers = stream(2500, 100, 1)
    layout = pack(buffers)
    assert validate(buffers, layout.offsets) == []
    assert layout.peak <= 1.01 * layout.lower_bound
    assert layout.peak < pack(buffers, effort="quick").peak


def test_a_grown_layout_minds_pins_and_alignments() -> None:
    buffers = [Buffer(b.size, b.first, b.last, (1, 4, 16)[b.size % 3]) for b in stream(2500, 60, 1)]
    for k, i in enumerate(range(100, 2500, 200)):
        buffers[i] = Buffer(buffers[i].size, buffers[i].first, buffers[i].last, 16, 4096 * (k % 3))
    pinned = [b for b in buffers if b.offset is not None]
    assert validate(pinned, [b.offset or 0 for b in pinned]) == []
    assert validate(buffers, pack(buffers).offsets) == []


def test_the_index_finds_exactly_those_that_live_together() -> None:
    for seed in range(50):
        for problem in sections(small(Random(seed), 60)) + sections(stream(80, 5, seed)):
            neighbourhood = Neighbourhood(problem)
            for i in range(problem.count):
                first, last = problem.firsts[i], problem.lasts[i]
                spans = enumerate(zip(problem.firsts, problem.lasts, strict=True))
                assert sorted(neighbourhood.of(i)) == [j for j, (a, b) in spans if a < last and first < b and j != i]


def test_layouts_filled_in_phases_are_valid() -> None:
    for phases in (1, 3, 50):
        for buffers in (function(300, phases), stream(300, 20, phases)):
            problem = Problem(buffers, range(len(buffers)))
            assert validate(buffers, fill_in_phases(problem, phases, 20_000)) == []


def test_phases_waste_less_than_the_best_of_six_single_fills() -> None:
    at_once = in_phases = 0
    for seed in range(3):
        buffers = stream(3000, 500, seed)
        problem = Problem(buffers, range(len(buffers)))
        goal = lower_bound(buffers)
        at_once += min(problem.peak(fill_from_ground(problem, order)) for order in priorities(problem)) - goal
        in_phases += problem.peak(fill_in_phases(problem, 10, goal)) - goal
    assert in_phases < 0.8 * at_once


def test_buffers_of_few_sizes_are_laid_out_by_size() -> None:
    random = Random(3)
    buffers = [Buffer(8 << random.randrange(10), t, t + 1 + int(random.expovariate(1 / 600))) for t in range(3000)]
    layout = pack(buffers)
    assert validate(buffers, layout.offsets) == []
    assert layout.peak <= 1.015 * layout.lower_bound


def test_the_tree_of_lives_finds_the_first_on_offer() -> None:
    random = Random(5)
    for count in (1, 2, 3, 20, 33):
        lives = [sorted(random.sample(range(30), 2)) for _ in range(count)]
        tree = LifeTree([first for first, _ in lives], [last for _, last in lives])
        for _ in range(20):
            order = random.sample(range(count), random.randint(1, count))
            tree.offer(order)
            gone = set(random.sample(order, len(order) // 3))
            for i in gone:
                tree.remove(i)
            first, last = sorted(random.sample(range(30), 2))
            within = [r for r, i in enumerate(order) if i not in gone and first <= lives[i][0] and lives[i][1] <= last]
            assert tree.first_within(first, last) == min(within, default=tree.none)
