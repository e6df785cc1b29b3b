"""The long run: `python -m tests.packing.fuzz [CASES]` (20,000 unless told) hypothesis cases of layouts, with and
without pins.

Each layout is validated; small ones are also held against brute force, by the exact search and by a capacity.
"""

from __future__ import annotations

import sys
from random import Random

from hypothesis import HealthCheck, given, settings, strategies as st

from irpass.packing import lower_bound, pack, validate
from tests.packing.brute import least_peak
from tests.packing.instances import random_pins, small


def fuzz(cases: int) -> int:
    """Runs so many cases and gives how many layouts were held against brute force."""
    compared = 0

    @settings(max_examples=cases, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.integers(0, 1 << 40), st.integers(0, 20), st.booleans(), st.booleans())
    def case(seed: int, count: int, is_aligned: bool, has_pins: bool) -> None:
        nonlocal compared
        random = Random(seed)
        buffers = small(random, count, is_aligned=is_aligned)
        if has_pins:
            buffers = random_pins(random, buffers)
        layout = pack(buffers, effort=random.choice((0, 50, 500)))
        assert validate(buffers, layout.offsets) == []
        assert layout.lower_bound <= layout.peak
        if count <= 7:
            compared += 1
            least = least_peak(buffers)
            assert lower_bound(buffers) <= least
            assert pack(buffers, exact=True).peak == least
            assert pack(buffers, capacity=least).fits
            assert not least or pack(buffers, capacity=least - 1, exact=True).infeasible

    case()
    return compared


if __name__ == "__main__":
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    print(f"{wanted} cases, {fuzz(wanted)} of them against brute force: no fault")
