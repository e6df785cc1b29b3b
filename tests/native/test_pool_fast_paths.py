"""Executables on the pool have its fast paths in line: they do what the calls do, in every mode of the caches."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

import irpass as ip
from irpass.native.build import build
from tests.native.total import TOTAL

pytestmark = pytest.mark.skipif(shutil.which("cc") is None, reason="no cc")

# A ring of slices, each freed when its place is taken again: frees as old as the ring is long, so that allocs and frees
# take turns (ring 1), or come in runs (ring 96, emptied and filled again). Bytes are zero at first, and then not.
_TEXT = (
    TOTAL
    + """
func @main(%ring: i64, %runs: i64, %most: i64) -> i64 {
entry:
  %slots = make [][]u8, %ring
  br round(0, 7, 0)
round(%run: i64, %seed: i64, %sum: i64):
  %more = lt %run, %runs
  br_if %more, fill(0, %seed, %sum), done
fill(%i: i64, %s: i64, %a: i64):
  %left = lt %i, %ring
  br_if %left, one, empty(0)
one:
  %s1 = mul %s, 1103515245
  %s2 = add %s1, 12345
  %s3 = and %s2, 2147483647
  %high = shr %s3, 8
  %size = rem %high, %most
  %new = make []u8, %size
  %old = load %slots[%i]
  free %old
  store %slots[%i], %new
  %zeros = call @total(%new)
  %a0 = add %a, %size
  %a1 = add %a0, %zeros
  %i1 = add %i, 1
  br fill(%i1, %s3, %a1)
empty(%k: i64):
  %rest = lt %k, %ring
  br_if %rest, drop, next
drop:
  %held = load %slots[%k]
  free %held
  store %slots[%k], nil
  %k1 = add %k, 1
  br empty(%k1)
next:
  %run1 = add %run, 1
  br round(%run1, %s, %a)
done:
  ret %sum
}
"""
)


@pytest.mark.parametrize("ring, runs, most", ((1, 3000, 100), (96, 40, 70), (300, 6, 3000), (5, 60, 40000)))
def test_they_do_what_the_calls_do(ring: int, runs: int, most: int, tmp_path: Path) -> None:
    module = ip.parse(_TEXT)
    arguments = [str(ring), str(runs), str(most)]
    shown = set()
    for name, level in (("libc", 2), ("pool", 0), ("pool", 2)):
        build(module, tmp_path / "prog", allocator=name, opt_level=level)
        done = subprocess.run([tmp_path / "prog", *arguments], capture_output=True, text=True, check=True)
        shown.add((done.stdout, done.stderr))
    assert len(shown) == 1


def test_only_the_rare_paths_are_calls(tmp_path: Path) -> None:
    build(ip.parse(_TEXT), tmp_path / "prog.ll", allocator="pool", emit="llvm")
    called = set(re.findall(r"call [^@]*@(irpass_pool\w*)\(", (tmp_path / "prog.ll").read_text(encoding="utf-8")))
    assert called == {"irpass_pool_take_any", "irpass_pool_give_any"}
