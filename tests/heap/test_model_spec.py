"""A heap's spec: what each key becomes, and every mistake with its line and column."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from irpass.diagnostics import ParseError
from irpass.heap.spec import CacheSpec, CollectorSpec, GuardSpec, HeapSpec, ManagedSpec, SystemSpec
from irpass.heap.spec_reader import KEYS, read_heap_spec

ROOT = Path(__file__).parents[2]
SAMPLES = sorted((ROOT / "samples" / "heaps").glob("*.toml"))

WHOLE = """
name = "whole"
align_bytes = 16
cache_line_bytes = 128
pad_to_cache_line = true
zeroing = "none"
limit_bytes = 1000
held_limit_bytes = 2000
stack_bytes = 3000
[system]
fit = "first"
header_bytes = 8
grow_bytes = 4096
trim_bytes = 5
preallocate_bytes = 6
[managed]
min_class_bytes = 24
max_class_bytes = 500
classes = "geometric"
ratio = 1.5
arena_bytes = 4096
free_list = "longest-idle"
run_blocks = 3
preallocate_arenas = 1
keep_arenas = 2
separate_pointers = false
[cache]
capacity_blocks = 10
fill_blocks = 4
flush_blocks = 5
[guard]
redzone_bytes = 7
quarantine_blocks = 8
leaks = "fault"
[collector]
mode = "concurrent"
threshold_bytes = 4000
every = 3
step = 2
"""


def test_each_key_is_read() -> None:
    assert read_heap_spec(WHOLE) == HeapSpec(
        "whole", 16, 128, True, "none", 1000, 2000, 3000,
        SystemSpec("first", 8, 4096, 5, 6),
        ManagedSpec(24, 500, "geometric", 1.5, 4096, "longest-idle", 3, 1, 2, False),
        CacheSpec(10, 4, 5),
        GuardSpec(7, 8, "fault"),
        CollectorSpec("concurrent", 4000, 3, 2),
    )  # fmt: skip
    assert {*re.findall(r"^\[?(\w+)", WHOLE, re.MULTILINE)} == {key for keys in KEYS.values() for key in keys}


def test_an_empty_spec_is_a_system_tier_alone() -> None:
    assert read_heap_spec("") == HeapSpec()


@pytest.mark.parametrize(
    ("text", "line", "column", "code"),
    [
        ("limit = 5", 1, 1, "unknown-key"),
        ("[managed]\narena_byte = 5", 2, 1, "unknown-key"),
        ("system = 3", 1, 10, "wrong-type"),
        ("align_bytes = 24", 1, 15, "out-of-range"),
        ("\nalign_bytes = '8'", 2, 15, "wrong-type"),
        ("align_bytes = true", 1, 15, "wrong-type"),
        ("limit_bytes = -1", 1, 15, "out-of-range"),
        ("name = ''", 1, 8, "bad-name"),
        ("zeroing = 'always'", 1, 11, "unknown-value"),
        ("[system]\nfit = 'worst'", 2, 7, "unknown-value"),
        ("[managed]\nmin_class_bytes = 64\nmax_class_bytes = 32", 3, 19, "bad-classes"),
        ("[managed]\nmax_class_bytes = 4096\narena_bytes = 2048", 2, 19, "bad-classes"),
        ("[managed]\nmin_class_bytes = 4096\narena_bytes = 2048", 2, 19, "bad-classes"),
        ("align_bytes = 1024\n[managed]\nmax_class_bytes = 16\narena_bytes = 512", 4, 15, "bad-arena"),
        ("align_bytes = 1\n[managed]\nmin_class_bytes = 1\narena_bytes = 131072", 4, 15, "bad-arena"),
        ("[managed]\nclasses = 'geometric'", 1, 2, "missing-key"),
        ("[managed]\nclasses = 'geometric'\nratio = 1", 3, 9, "out-of-range"),
        ("[managed]\nclasses = 'geometric'\nratio = nan", 3, 9, "out-of-range"),
        ("[managed]\nratio = 1.5", 2, 1, "unused-key"),
        ("[managed]\nkeep_arenas = 1\npreallocate_arenas = 2", 2, 15, "out-of-range"),
        ("[cache]", 1, 2, "no-tier"),
        ("[managed]\n[cache]\ncapacity_blocks = 4\nfill_blocks = 5", 4, 15, "out-of-range"),
        ("[guard]\nredzone_bytes = 0", 2, 17, "out-of-range"),
        ("[collector]\nmode = 'generational'", 2, 8, "unknown-value"),
        ("[collector]\nevery = 0", 2, 9, "out-of-range"),
        ("[collector\n", 1, 11, "toml"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_place(text: str, line: int, column: int, code: str) -> None:
    with pytest.raises(ParseError) as error:
        read_heap_spec(text, "h.toml")
    (found,) = error.value.diagnostics
    assert found.span is not None
    assert (found.code, found.span.line, found.span.column, found.file) == (code, line, column, "h.toml")


def test_every_mistake_is_told_in_order_of_place() -> None:
    with pytest.raises(ParseError) as error:
        read_heap_spec("zeroing = 3\n[guard]\nleak = 'fault'\n[system]\nfit = 'any'\nheader_bytes = 1000\n")
    lines = [d.span.line for d in error.value.diagnostics if d.span is not None]
    assert lines == [1, 3, 5, 6]
    assert "did you mean 'leaks'?" in str(error.value)


@settings(deadline=None)
@given(st.text(alphabet='[]="\n.#{}, 0123456789abcdefghijklmnopqrstuvwxyz_', max_size=60))
def test_any_text_is_a_spec_or_has_diagnostics(text: str) -> None:
    try:
        assert isinstance(read_heap_spec(text), HeapSpec)
    except ParseError as error:
        assert error.diagnostics


def test_the_sample_specs_are_sound_and_named_as_their_files() -> None:
    assert len(SAMPLES) >= 5
    for path in SAMPLES:
        text = path.read_text(encoding="utf-8")
        assert read_heap_spec(text, path.name).name == path.stem and text.startswith("# ")
