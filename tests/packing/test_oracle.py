"""The exact search against CP-SAT's proven optimum (OR-tools, only here): 300 instances of up to 14 buffers."""

from random import Random

import pytest

from irpass.packing import Buffer, pack, validate
from tests.packing.instances import small

cp_model = pytest.importorskip("ortools.sat.python.cp_model")


def proven_optimum(buffers: list[Buffer]) -> int:
    model = cp_model.CpModel()
    top = sum(b.size + b.alignment for b in buffers)
    peak = model.new_int_var(0, top, "peak")
    lives, places, sizes = [], [], []
    for i, b in enumerate(buffers):
        cell = model.new_int_var(0, top // b.alignment, f"cell{i}")
        model.add(cell * b.alignment + b.size <= peak)
        if b.size > 0 and b.first < b.last:
            lives.append(model.new_fixed_size_interval_var(b.first, b.last - b.first, f"life{i}"))
            places.append(model.new_fixed_size_interval_var(cell * b.alignment, b.size, f"place{i}"))
            sizes.append(b.size)
    model.add_no_overlap_2d(lives, places)
    model.add_cumulative(lives, sizes, peak)
    model.minimize(peak)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    assert solver.solve(model) == cp_model.OPTIMAL
    return int(solver.objective_value)


@pytest.mark.parametrize("block", range(10))
def test_the_exact_search_equals_cp_sat(block: int) -> None:
    for k in range(30):
        random = Random(1000 * block + k)
        buffers = small(random, random.randint(4, 14), is_aligned=k % 2 == 0)
        layout = pack(buffers, exact=True)
        assert validate(buffers, layout.offsets) == []
        assert layout.optimal
        assert layout.peak == proven_optimum(buffers)
