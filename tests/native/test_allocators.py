"""The same programs on each allocator: those whose library is not here are skipped, and say so when asked for."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

import irpass as ip
from irpass.diagnostics import UsageError
from irpass.native import allocators
from irpass.native.build import build
from irpass.native.engine import NativeProgram
from irpass.native.options import LoweringOptions
from tests.native.agreement import differs
from tests.native.total import TOTAL

# Sizes of all kinds, alignments past the allocator's own, growth, arenas in all their forms, frees in another order.
_TEXT = (
    TOTAL
    + """
type @node = { i64, *@node, []u8 }
func @list(%n: i64) -> *@node {
entry:
  br loop(0, nil)
loop(%i: i64, %head: *@node):
  %more = lt %i, %n
  br_if %more, body, done
body:
  %node = new @node
  %text = make []u8, %i
  store %node.0, %i
  store %node.1, %head
  store %node.2, %text
  %i1 = add %i, 1
  br loop(%i1, %node)
done:
  ret %head
}
func @drop(%list: *@node) -> i64 {
entry:
  br loop(%list, 0)
loop(%p: *@node, %sum: i64):
  %end = eq %p, nil
  br_if %end, done, one
one:
  %x = load %p.0
  %text = load %p.2
  %next = load %p.1
  %zeros = call @total(%text)
  free %text
  free %p
  %a = add %sum, %x
  %b = add %a, %zeros
  br loop(%next, %b)
done:
  ret %sum
}
func @arenas(%n: i64) -> i64 {
entry:
  %e = extent i64, %n
  %size = add %e, 64
  %m = shared.alloc %size, align 64, limit 4096, scan
  %a = derive []i64, %m, 64, %n
  %b = derive *i64, %m, 0
  %counted = shared.alloc 48, align 32, count 2
  %c = derive []u8, %counted, 0, 20
  %d = derive []u8, %counted, 20, 28
  %raw = shared.alloc %size, align 8, uninit
  %f = derive []i64, %raw, 0, %n, zero
  store %b, 5
  %fresh = append %a, 7
  %end = slice %fresh, %n, %n, %n
  %grown = append %end, 8
  %k = load %fresh[%n]
  %l = load %grown[0]
  %z = call @total(%c)
  shared.release %counted, %d
  shared.release %counted, %c
  shared.free %m, %b, %a
  shared.free %raw, %f
  free %fresh
  free %grown
  %s = add %k, %l
  %t = add %s, %z
  ret %t
}
func @main(%n: i64) -> i64 {
entry:
  br loop(0, 0)
loop(%i: i64, %sum: i64):
  %more = lt %i, %n
  br_if %more, body, done
body:
  %head = call @list(%i)
  %x = call @drop(%head)
  %y = call @arenas(%i)
  %big = mul %i, 100
  %large = make []u8, %big
  %z = call @total(%large)
  free %large
  %a = add %sum, %x
  %b = add %a, %y
  %c = add %b, %z
  %i1 = add %i, 1
  br loop(%i1, %c)
done:
  print "sum", %sum
  %head2 = call @list(5)
  %last = load %head2.0
  ret %last
}
"""
)
_NAMES = sorted(allocators.ALL)


def _present(name: str) -> None:
    if name == "pool" and shutil.which("cc") is None:
        pytest.skip("no cc")
    try:
        allocators.find(name).path()
    except UsageError as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("counters", (False, True))
@pytest.mark.parametrize("name", _NAMES)
def test_a_program_does_the_same_on_every_allocator(name: str, counters: bool) -> None:
    _present(name)
    module = ip.parse(_TEXT)
    expected = ip.run(module, 60)
    assert expected.trap is None
    try:
        program = NativeProgram(module, allocator=name, options=LoweringOptions(counters=counters))
    except UsageError as error:
        assert "cannot be loaded" in str(error)
        pytest.skip(str(error))
    with program:
        for _ in range(2):
            found = program.run([60])
            if not counters:
                assert found.heap.calls == 0
                found = ip.Outcome(found.returned, found.printed, found.trap, None, expected.heap)
            assert differs(expected, found) is None


@pytest.mark.parametrize("name", _NAMES)
def test_an_executable_does_the_same_on_every_allocator(name: str, tmp_path: Path) -> None:
    _present(name)
    module = ip.parse(_TEXT)
    expected = ip.run(module, 60)
    for counters in (False, True):
        build(module, tmp_path / "prog", allocator=name, counters=counters)
        done = subprocess.run([tmp_path / "prog", "60"], capture_output=True, text=True, check=True)
        assert done.stdout.splitlines() == expected.printed
        assert done.stderr.startswith("returned: 4\n")
        assert (f"heap: calls {expected.heap.calls}," in done.stderr) == counters


def test_an_allocator_that_is_not_installed_is_told_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ctypes.util.find_library", lambda name: None)
    for name, library in (("mimalloc", "libmimalloc"), ("jemalloc", "libjemalloc"), ("boehm", "libgc")):
        with pytest.raises(UsageError, match=f"the allocator {name} needs {library}, which is not installed"):
            allocators.find(name).path()


def test_the_page_names_every_allocator() -> None:
    page = (Path(allocators.__file__).parent / "README.md").read_text(encoding="utf-8")
    section = page.split("## Allocators")[1].split("## ")[0]
    assert sorted(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)) == _NAMES
