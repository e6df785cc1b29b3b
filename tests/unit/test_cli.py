"""The verbs as a user calls them: what goes where, what is written, and the exit status."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from irpass.cli import main

GOOD = """// Two buffers.
func @main(%n: i64) -> i64 {
entry:
  %a = make []i64, 4 // the first
  %b = make []u8, %n loc("toy.src":3:7)
  store %a[0], %n
  store %b[0], 1
  %x = load %a[0]
  ret %x
}
"""
BAD = "func @main() {\nentry:\n  %a = mak []i64, 4\n  ret 1\n}\n"


class Done(NamedTuple):
    """What a call printed, and its exit status."""

    status: int
    out: str
    err: str


Call = Callable[..., Done]


@pytest.fixture
def irpass(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    def call(*args: str | Path, stdin: bytes = b"") -> Done:
        monkeypatch.setattr(sys, "argv", ["irpass", *map(str, args)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return Done(int(ended.value.code or 0), printed.out, printed.err)

    return call


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "good.ir"
    path.write_text(GOOD)
    return path


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    path = tmp_path / "bad.ir"
    path.write_text(BAD)
    return path


def test_optimize_prints_the_program_and_nothing_else(irpass: Call, good: Path) -> None:
    done = irpass("optimize", good)
    assert done.status == 0 and done.err == ""
    assert done.out.count("shared.alloc") == 1 and done.out.count("derive") == 2


def test_a_dash_reads_standard_input(irpass: Call, good: Path) -> None:
    assert irpass("optimize", "-", stdin=GOOD.encode()).out == irpass("optimize", good).out


def test_a_broken_file_gets_every_error_and_status_1(irpass: Call, bad: Path) -> None:
    done = irpass("optimize", bad)
    assert done.status == 1 and done.out == ""
    assert f"{bad}:3:8: error: unexpected 'mak'" in done.err and "did you mean make?" in done.err
    assert f"{bad}:4:3: error:" in done.err or f"{bad}:4:7: error:" in done.err
    assert "Traceback" not in done.err


def test_the_good_file_is_done_although_the_other_is_broken(
    irpass: Call, good: Path, bad: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    done = irpass("optimize", good, bad, "-o", out)
    assert done.status == 1
    assert [p.name for p in out.iterdir()] == ["good.ir"]


def test_an_output_that_fails_is_not_touched(irpass: Call, bad: Path, tmp_path: Path) -> None:
    out = tmp_path / "old.ir"
    out.write_text("as it was")
    assert irpass("optimize", bad, "-o", out).status == 1
    assert out.read_text() == "as it was"
    assert not list(tmp_path.glob(".old.ir*"))


def test_in_place_rewrites_the_file_and_keeps_its_mode(irpass: Call, good: Path) -> None:
    good.chmod(0o640)
    assert irpass("optimize", "--in-place", good) == (0, "", "")
    assert "shared.alloc" in good.read_text() and good.stat().st_mode & 0o777 == 0o640


def test_a_directory_stands_for_the_files_below_it(irpass: Call, good: Path, tmp_path: Path) -> None:
    (tmp_path / "src" / "inner").mkdir(parents=True)
    (tmp_path / "src" / "inner" / "a.ir").write_text(GOOD)
    (tmp_path / "src" / "b.ir").write_text(GOOD)
    assert irpass("optimize", tmp_path / "src", "-o", tmp_path / "out", "-j", "2").status == 0
    written = sorted(str(p.relative_to(tmp_path / "out")) for p in (tmp_path / "out").rglob("*.ir"))
    assert written == ["b.ir", "inner/a.ir"]


@pytest.mark.parametrize(
    ("args", "part"),
    [
        (["optimize", "nowhere.ir"], "cannot read nowhere.ir"),
        (["optimize", "-", "--in-place"], "standard input cannot be rewritten"),
        (["optimize", "-", "--passes", "fold-alocs"], "did you mean fold-allocs?"),
        (["optimize", "-", "--passes", "fold-allocs{max-grop=1}"], "did you mean max-group?"),
        (["optimize", "-", "--passes", "fold-allocs{max-group=big}"], "'big' is no number"),
        (["optimize", "-", "--passes", "fold-allocs{max-group=-1}"], "max-group is negative"),
        (["optimize", "-", "--passes", "fold-allocs{scope=world}"], "'world' is not one of block, dominance"),
        (["optimize", "-", "--passes", "cse,,dce"], "expected a pass"),
        (["optimize", "-", "--passes", "(cse,dce"], "expected ')*'"),
        (["optimize", "-", "--passes", "cse dce"], "expected ',' between passes"),
        (["optimize", "-", "--remarks", "mised"], "no kind of remark"),
        (["optimize", "-", "--no-such-option"], "No such option"),
        (["explain", "late-lenght"], "did you mean late-length?"),
        (["fmt", "--check", "--in-place", "-"], "exclude each other"),
        (["nonsense"], "No such command"),
    ],
)
def test_a_call_at_fault_gets_status_2_and_says_what_to_do(irpass: Call, args: list[str], part: str) -> None:
    done = irpass(*args, stdin=GOOD.encode())
    assert done.status == 2 and part in done.err and "Traceback" not in done.err


def test_remarks_speak_of_the_users_own_places(irpass: Call, good: Path) -> None:
    lines = irpass("optimize", good, "--remarks", "passed").err.splitlines()
    assert [line.split(": ")[0] for line in lines] == [f"{good}:4", "toy.src:3:7"]


def test_remarks_as_json_are_one_object_a_line_and_lead_from_each_derive_to_its_site(irpass: Call, good: Path) -> None:
    lines = irpass("optimize", good, "--remarks", "all", "--remarks-format", "json").err.splitlines()
    records = [json.loads(line) for line in lines]
    folded = {r["site"]: (r["type"], r["size"], r["offset"]) for r in records if r["name"] == "folded"}
    assert folded == {"@main:%a": ("[]i64", 32, 0), "@main:%b": ("[]u8", -1, 32)}


def test_remarks_as_yaml_are_documents_with_a_tag(irpass: Call, good: Path) -> None:
    text = irpass("optimize", good, "--remarks", "passed", "--remarks-format", "yaml").err
    assert text.count("--- !Passed\n") == 2 and text.count("...\n") == 2
    assert 'pass: "fold-allocs"\n' in text and 'loc: "toy.src:3:7"\n' in text


def test_stats_are_one_json_object(irpass: Call, good: Path) -> None:
    stats = json.loads(irpass("optimize", good, "--stats").err)
    main_stats = stats["functions"]["main"]
    assert (main_stats["sites"], main_stats["calls"], main_stats["derives"]) == (2, 1, 2)
    assert {"pass", "seconds", "rounds", "instructions"} == set(stats["passes"][0])


def test_time_passes_and_print_after(irpass: Call, good: Path) -> None:
    done = irpass("optimize", good, "--time-passes", "--print-after", "fold-allocs")
    assert done.err.count("// after fold-allocs") == 1 and "fold-allocs" in done.err.split("// after")[1]
    assert "seconds" in done.err
    assert irpass("optimize", good, "--print-after", "all").err.count("// after ") > 4


def test_sites_can_be_pinned(irpass: Call, good: Path) -> None:
    assert "shared.alloc" not in irpass("optimize", good, "--keep", "@main:%a").out
    assert "shared.alloc" not in irpass("optimize", good, "--only", "@main:%a").out
    assert "shared.alloc" not in irpass("optimize", good, "--fold-limit", "0").out
    assert "shared.alloc" in irpass("optimize", good, "--fold-limit", "1").out


@pytest.mark.parametrize(
    "arguments",
    [("--keep", "@main:%no"), ("--only", "@no:%a"), ("--passes", "fold-allocs{keep=@main:%no}"),
     ("--fold-limit", "-1"), ("--passes", "fold-allocs{fold-limit=-1}")],
)  # fmt: skip
def test_pins_that_pin_nothing_are_usage_errors(irpass: Call, good: Path, arguments: tuple[str, str]) -> None:
    done = irpass("optimize", good, *arguments)
    assert done.status == 2 and not done.out
    assert "is no allocation site of" in done.err or "fold-limit" in done.err


def test_a_pipeline_in_a_worse_order_is_warned_about_with_the_reason(irpass: Call, good: Path) -> None:
    done = irpass("optimize", good, "--passes", "fold-allocs,canonicalize")
    assert done.status == 0 and "warning: canonicalize should run before fold-allocs: a length" in done.err


def test_verify_says_nothing_of_good_files(irpass: Call, good: Path, bad: Path) -> None:
    assert irpass("verify", good) == (0, "", "")
    assert irpass("verify", good, bad).status == 1


def test_fmt_keeps_comments_and_its_check_names_the_file(irpass: Call, good: Path) -> None:
    text = irpass("fmt", good).out
    assert text.startswith("// Two buffers.\nfunc @main") and "%a = make []i64, 4  // the first\n" in text
    done = irpass("fmt", "--check", good)
    assert done.status == 1 and f"{good}: not in canonical form" in done.err
    assert irpass("fmt", "--in-place", good).status == 0 and good.read_text() == text
    assert irpass("fmt", "--check", good) == (0, "", "")


def test_passes_lists_options_with_defaults_and_reasons(irpass: Call) -> None:
    out = irpass("passes").out
    assert "max-group=32KiB  (number or size)" in out and "inline before fold-allocs:" in out


def test_explain_lists_the_reasons_and_explains_each(irpass: Call) -> None:
    from irpass.fold.reasons import REASONS

    listed = irpass("explain").out
    for reason in REASONS:
        assert reason.slug in listed
        page = irpass("explain", reason.slug).out
        assert page.startswith(f"{reason.slug}: ") and "What to do: " in page
