"""What `import irpass as ip` gives, as a user's program and a user's type checker see it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import irpass as ip
from irpass.heap.collector import Collector
from irpass.heap.model import ModelHeap
from irpass.heap.spec_reader import read_heap_spec

LOOP = """func @main(%n: i64) -> i64 {
entry:
  br loop(0)
loop(%i: i64):
  %a = make []i64, 100
  store %a[0], %i
  print %i
  %next = add %i, 1
  %more = lt %next, %n
  br_if %more, loop(%next), done
done:
  ret %n
}
"""


def test_lines_are_handed_on_as_they_are_printed() -> None:
    lines: list[str] = []
    outcome = ip.run(ip.parse(LOOP), 3, on_print=lines.append)
    assert lines == outcome.printed == ["0", "1", "2"]


def test_a_heap_and_a_collector_of_ones_own() -> None:
    module = ip.parse(LOOP)
    heap = ModelHeap(read_heap_spec("limit_bytes = 2000\n[managed]\n", "heap.toml"))
    trapped = ip.run(module, 5, heap=heap)
    assert trapped.trap is not None and trapped.trap.kind == "out of memory"
    heap = ModelHeap(read_heap_spec("limit_bytes = 2000\n[managed]\n", "heap.toml"))
    assert ip.run(module, 5, heap=heap, collector=Collector(every=1)).trap is None


def test_a_heap_is_not_for_native_code() -> None:
    with pytest.raises(ip.UsageError, match="interpreter"):
        ip.run(ip.parse(LOOP), 3, engine="native", collector=Collector())


def test_a_strict_type_checker_sees_every_name() -> None:
    """Under `--strict`, what a package imports is its own but for what it imports `as` itself."""
    tree = ast.parse(Path(ip.__file__).read_text(encoding="utf-8"))
    given = {a.name for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) for a in n.names if a.asname == a.name}
    assert given == set(ip.__all__) - {"__version__"}
