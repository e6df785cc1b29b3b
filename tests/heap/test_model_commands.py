"""`irpass run --heap` and `irpass replay`: what they print and write, exit statuses, and what they refuse."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SORT = str(ROOT / "samples" / "merge-sort.ir")
PROGRAM = """
func @main(%n: i64) -> i64 {
entry:
  print "n", %n
  %kept = make []i64, %n
  %freed = make []u8, 100
  free %freed
  ret %n
}
"""
LOOP = """
func @main(%n: i64) -> i64 {
entry:
  br body(0)
body(%i: i64):
  %s = make []i64, 16
  store %s[0], %i
  %next = add %i, 1
  %more = lt %next, %n
  br_if %more, body(%next), done
done:
  ret %i
}
"""


def irpass(*args: object, text: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "irpass", *map(str, args)]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False)


def sample(name: str) -> str:
    return str(ROOT / "samples" / "heaps" / f"{name}.toml")


@pytest.fixture
def program(tmp_path: Path) -> str:
    path = tmp_path / "prog.ir"
    path.write_text(PROGRAM)
    return str(path)


def test_the_summary_has_the_report_and_the_program_prints_as_ever(program: str) -> None:
    done = irpass("run", program, "--heap", sample("glibc-like"), "4")
    assert (done.returncode, done.stdout) == (0, "n 4\n")
    assert done.stderr.startswith("returned: 4\nsteps: 5\nheap: calls 2, ")
    assert "\nmodel glibc-like: calls 2, denied 0, frees 1, " in done.stderr
    rows = [line.split() for line in done.stderr.splitlines() if line.startswith("@main:%")]
    assert rows == [["@main:%freed", "1", "100", "1", "0", "0", "0", "100"],
                    ["@main:%kept", "1", "32", "0", "1", "32", "32", "32"]]  # fmt: skip


def test_json_keeps_its_keys_and_has_the_model_beside_them(program: str) -> None:
    plain = json.loads(irpass("run", program, "--json", "4").stdout)
    found = json.loads(irpass("run", program, "--json", "4", "--heap", sample("thread-cached")).stdout)
    model = found["heap"].pop("model")
    assert found == plain
    assert (
        model["name"] == "thread-cached" and model["calls"] == 2 and model["sites"]["@main:%kept"]["live_bytes"] == 32
    )
    assert model["now"]["live_bytes"] == 32
    assert "collector" not in model


def test_a_collector_of_the_spec_collects(tmp_path: Path) -> None:
    program, trace = tmp_path / "loop.ir", tmp_path / "t.jsonl"
    program.write_text(LOOP)
    done = irpass("run", program, "200", "--json", "--heap", sample("collected"), "--heap-trace", trace)
    heap = json.loads(done.stdout)["heap"]
    collector, swept = heap["model"].pop("collector"), heap["frees"]
    assert heap["collections"] > 3 and swept > 100
    assert (collector["collections"], collector["swept"]) == (heap["collections"], swept)
    assert heap["model"]["collections"] == {
        "count": heap["collections"], "marked": collector["marked"], "swept": swept
    }  # fmt: skip
    assert collector["pauses"] > heap["collections"]
    replayed = json.loads(irpass("replay", trace, "--heap", sample("collected"), "--json").stdout)
    assert {**heap["model"], "events": replayed["events"]} == replayed


def test_a_trace_replays_to_the_same_report(tmp_path: Path) -> None:
    trace = tmp_path / "t.jsonl"
    for name in ("tiny", "glibc-like", "thread-cached"):
        done = irpass("run", SORT, "40", "--json", "--heap", sample(name), "--heap-trace", trace)
        assert done.returncode == 0
        model = json.loads(done.stdout)["heap"]["model"]
        replayed = json.loads(irpass("replay", trace, "--heap", sample(name), "--json").stdout)
        assert replayed.pop("events") == len(trace.read_text().splitlines())
        assert replayed == model


def test_a_replay_prints_the_other_heaps_report_and_draws_it(tmp_path: Path) -> None:
    trace, svg = tmp_path / "t.jsonl", tmp_path / "t.svg"
    assert irpass("run", SORT, "40", "--heap-trace", trace).returncode == 0
    done = irpass("replay", trace, "--heap", sample("guarded"), "--svg", svg)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("model guarded: calls 79, denied 0, frees 79")
    assert svg.read_text().startswith("<svg ") and "t.jsonl on guarded</title>" in svg.read_text()
    assert irpass("replay", "-", text=trace.read_text()).stdout.startswith("model heap: calls 79")


def test_a_chosen_request_fails_as_out_of_memory_and_the_trace_has_it(program: str, tmp_path: Path) -> None:
    trace = tmp_path / "t.jsonl"
    done = irpass("run", program, "4", "--fail-at", "2", "--heap-trace", trace)
    assert done.returncode == 1 and f"{program}:6:3: error: out of memory [trap]" in done.stderr
    assert [json.loads(line)["denied"] for line in trace.read_text().splitlines()] == [None, "injected"]
    assert irpass("run", program, "4", "--fail-at", "3").returncode == 0


def test_leaks_are_errors_where_the_spec_says_so(program: str) -> None:
    done = irpass("run", program, "4", "--heap", sample("guarded"))
    assert (done.returncode, done.stdout) == (1, "n 4\n")
    assert f"{program}: error: 1 blocks of @main:%kept, with 32 bytes, were never freed [leak]" in done.stderr
    assert irpass("run", SORT, "40", "--heap", sample("guarded")).returncode == 0


def test_the_limit_of_the_command_stands_over_that_of_the_spec(program: str, tmp_path: Path) -> None:
    spec = tmp_path / "h.toml"
    spec.write_text("limit_bytes = 100")
    assert "out of memory" in irpass("run", program, "4", "--heap", spec).stderr
    assert irpass("run", program, "4", "--heap", spec, "--heap-limit", "200").returncode == 0
    assert "out of memory" in irpass("run", program, "4", "--heap", sample("tiny"), "--heap-limit", "131").stderr


def test_a_spec_with_mistakes_is_refused_with_their_places_before_anything_runs(program: str, tmp_path: Path) -> None:
    spec = tmp_path / "h.toml"
    spec.write_text("[system]\nfit = 'worst'\n")
    for command in (("run", program, "4"), ("replay", program)):
        done = irpass(*command, "--heap", spec)
        assert (done.returncode, done.stdout) == (1, "")
        assert (
            f"{spec}:2:7: error: unknown fit 'worst' [unknown-value]\n    fit = 'worst'\n          ^^^^^^^"
            in done.stderr
        )
    spec.write_bytes(b"name = '\xff'")
    assert "not UTF-8: byte 8" in irpass("run", program, "4", "--heap", spec).stderr


def test_a_bad_trace_is_refused_and_no_picture_is_written(tmp_path: Path) -> None:
    trace, svg = tmp_path / "t.jsonl", tmp_path / "t.svg"
    trace.write_text('{"event":"trim"}\n{"event":"free","id":3,"site":"","thread":0}\n')
    done = irpass("replay", trace, "--svg", svg)
    assert (done.returncode, done.stdout) == (1, "") and not svg.exists()
    assert f"{trace}:2:1: error: block 3 was never allocated [trace]" in done.stderr


@pytest.mark.parametrize(
    "args",
    [("--heap", "missing.toml"), ("--fail-at", "0"), ("--heap-trace", "/nowhere/t.jsonl"), ("--heap-limit", "-1")],
)
def test_a_wrong_call_has_status_2_and_no_traceback(program: str, args: tuple[str, str]) -> None:
    done = irpass("run", program, "4", *args)
    assert done.returncode == 2 and "Traceback" not in done.stderr and done.stderr


def test_wrong_calls_of_replay_have_status_2() -> None:
    assert irpass("replay").returncode == irpass("replay", "missing.jsonl").returncode == 2
    done = irpass("replay", "-", "--svg", "/nowhere/a.svg")
    assert done.returncode == 2 and done.stdout == "" and "Traceback" not in done.stderr
