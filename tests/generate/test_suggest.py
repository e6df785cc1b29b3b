"""`irpass optimize --suggest-allocators`: specs that `irpass generate` takes, with a class for every group."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, strategies as st

import irpass as ip
from irpass.cli.generate import generate
from irpass.cli.optimize import optimize
from irpass.diagnostics import UsageError
from irpass.generate import generate_text, read_spec
from irpass.generate.spec import Spec
from irpass.generate.suggest import LARGEST_SITE_BYTES, Request, suggest_spec
from irpass.ir import ops
from irpass.ir.core import ArenaSpec, Literal
from tests.generate.c_library import WARNINGS, gcc, needs_gcc

SAMPLES = Path(__file__).parents[2] / "samples"
PROGRAMS = sorted(SAMPLES.glob("*.ir"))


@cache
def suggested(*programs: Path) -> tuple[Result, str]:
    """The run over the programs, and the suggestion on standard error."""
    result = CliRunner().invoke(optimize, [*map(str, programs), "--suggest-allocators", "-"])
    assert result.exit_code == 0, result.output
    return result, result.stderr


def words_of(spec: Spec, name: str) -> range:
    """The sizes in bytes that the classes of a base serve."""
    (base,) = [b for b in spec.bases if b.name == name]
    return range(1, base.block_bytes(base.max_log2) + 1)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
def test_the_suggestion_of_a_sample_is_a_spec_with_a_class_for_each_group(program: Path) -> None:
    result, toml = suggested(program)
    arenas = [i for f in ip.parse(result.stdout).funcs for i in f.instrs() if i.op is ops.SHARED_ALLOC]
    pooled = [i for i in arenas if isinstance(i.imm, ArenaSpec) and not i.imm.stack]
    if toml.startswith("irpass: no allocators to suggest"):
        assert not pooled
        return
    spec = read_spec(toml, "suggested.toml")
    assert generate_text(spec, "c") and generate_text(spec, "go")
    for arena in pooled:
        arena_spec, size = arena.imm, arena.operands[0]
        assert isinstance(arena_spec, ArenaSpec)
        most_bytes = size.value if isinstance(size, Literal) else arena_spec.limit_bytes
        if most_bytes is not None:
            assert most_bytes in words_of(spec, "scan" if arena_spec.scan else "noscan")
        assert arena.result is not None
        assert f"%{arena.result.name}" in toml or " more)" in toml


def test_a_program_without_groups_gets_the_classes_of_its_sites(tmp_path: Path) -> None:
    program = tmp_path / "p.ir"
    program.write_text(
        "func @main(%n: i64) -> []i32 {\nentry:\n  %a = make []i32, 100\n  ret %a\n}\n"
        "func @pointers(%n: i64) -> []*f64 {\nentry:\n  %b = make []*f64, 9\n  ret %b\n}\n"
        "func @large(%n: i64) -> []u8 {\nentry:\n  %c = make []u8, 5000000\n  ret %c\n}\n",
        encoding="utf-8",
    )
    _, toml = suggested(program)
    assert "# Too large or too aligned for a pool: 1 site (@large:%c).\n" in toml
    spec = read_spec(toml)
    assert [(b.name, b.element.name, b.min_log2, b.max_log2) for b in spec.bases] == [
        ("noscan", "i64", 6, 6),  # 400 bytes
        ("scan", "ptr", 4, 4),  # 72 bytes
    ]
    assert [(d.name, d.element.name, d.base.name) for d in spec.derived] == [
        ("i32s", "i32", "noscan"),
        ("ptrs", "ptr", "scan"),
    ]


@pytest.mark.parametrize("where", ["-", "file"])
def test_nothing_to_suggest_is_said_and_nothing_is_written(where: str, tmp_path: Path) -> None:
    program = tmp_path / "p.ir"
    program.write_text("func @main(%n: i64) -> i64 {\nentry:\n  ret %n\n}\n", encoding="utf-8")
    path = where if where == "-" else str(tmp_path / "pools.toml")
    result = CliRunner().invoke(optimize, [str(program), "--suggest-allocators", path])
    assert result.exit_code == 0
    assert result.stderr == "irpass: no allocators to suggest: nothing is left that a pool could serve\n"
    assert [p.name for p in tmp_path.iterdir()] == ["p.ir"]


@pytest.mark.parametrize("path, word", [("missing/pools.toml", "No such file or directory"), (".", "Is a directory")])
def test_a_path_that_cannot_be_written_is_told_before_anything_is(path: str, word: str, tmp_path: Path) -> None:
    out = tmp_path / "out.ir"
    words = [str(SAMPLES / "merge-sort.ir"), "-o", str(out), "--suggest-allocators", str(tmp_path / path)]
    result = CliRunner().invoke(optimize, words)
    assert isinstance(result.exception, UsageError) and str(result.exception).endswith(f"{word} [usage]")
    assert not out.exists()


def test_a_file_with_errors_gets_its_errors_and_the_others_a_suggestion(tmp_path: Path) -> None:
    broken = tmp_path / "broken.ir"
    broken.write_text("func @main() {", encoding="utf-8")
    out = str(tmp_path / "out")
    alone = CliRunner().invoke(optimize, [str(broken), "--suggest-allocators", "-"])
    assert alone.exit_code == 1 and "suggest" not in alone.stderr.replace("--suggest", "")
    sample = str(SAMPLES / "merge-sort.ir")
    both = CliRunner().invoke(optimize, [str(broken), sample, "-o", out, "--suggest-allocators", "-"])
    assert both.exit_code == 1 and "[[base]]" in both.stderr


def test_a_file_gets_the_spec_and_the_program_stays_on_standard_output(tmp_path: Path) -> None:
    program, path = SAMPLES / "merge-sort.ir", tmp_path / "pools.toml"
    result = CliRunner().invoke(optimize, [str(program), "--suggest-allocators", str(path)])
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == CliRunner().invoke(optimize, [str(program)]).stdout
    assert path.read_text(encoding="utf-8") == suggested(program)[1]


def test_several_files_get_one_spec_that_is_the_same_in_every_process(tmp_path: Path) -> None:
    names = ["request-records.ir", "hash-map.ir", "binary-tree.ir"]
    outputs = set()
    for seed, jobs in (("0", "1"), ("1", "2")):
        out = tmp_path / f"{seed}.toml"
        command = [sys.executable, "-m", "irpass.cli", "optimize", *names, "-j", jobs, "--suggest-allocators", str(out)]
        env = {"PYTHONHASHSEED": seed, "PYTHONPATH": str(SAMPLES.parent)}
        subprocess.run(command, cwd=SAMPLES, env=env, capture_output=True, check=True)
        outputs.add(out.read_text(encoding="utf-8"))
    (toml,) = outputs
    assert toml.startswith("# Suggested from 3 files, for ")
    assert "request-records.ir:@" in toml


@needs_gcc
def test_the_suggestion_for_all_samples_compiles(tmp_path: Path) -> None:
    _, toml = suggested(*PROGRAMS)
    (tmp_path / "suggested.toml").write_text(toml, encoding="utf-8")
    out = str(tmp_path / "pools.c")
    result = CliRunner().invoke(generate, [str(tmp_path / "suggested.toml"), "--target", "c", "-o", out])
    assert (result.exit_code, result.output) == (0, "")
    gcc("-D_POSIX_C_SOURCE=200809L", *WARNINGS, "-c", out, "-o", tmp_path / "pools.o")


SIZES = st.one_of(st.none(), st.integers(1, 100), st.integers(1, 1 << 22), st.sampled_from([1 << 20, 1 << 36, 1 << 47]))
ELEMS = st.lists(st.sampled_from(["bool", "u8", "i64", "f32", "ptr", "@node", "[]i64"]), max_size=3, unique=True)
REQUESTS = st.builds(
    Request, st.text(max_size=6), SIZES, SIZES, st.integers(0, 14).map(lambda n: 1 << n), st.booleans(),
    st.booleans(), st.booleans(), st.booleans(), ELEMS.map(tuple),
)  # fmt: skip


@given(st.lists(REQUESTS, max_size=6))
def test_any_requests_give_a_spec_that_is_accepted_and_covers_them(requests: list[Request]) -> None:
    toml = suggest_spec(requests, "a\nfile")
    needed = [r for r in requests if not r.is_stack and r.align_bytes <= 4096]
    if toml is None:
        assert all(r.size_bytes is not None and r.size_bytes > LARGEST_SITE_BYTES for r in needed)
        return
    spec = read_spec(toml)
    for request in needed:
        bound = request.most_bytes if request.size_bytes is None else request.size_bytes
        if bound is None or bound > (32 << 30 if request.is_group else LARGEST_SITE_BYTES):
            continue
        (base,) = [b for b in spec.bases if b.element.is_pointerful == request.is_scan]
        assert bound <= base.block_bytes(base.max_log2)
        assert base.align_bytes >= request.align_bytes
        assert base.zeroing == "on-free" or request.is_uninit
