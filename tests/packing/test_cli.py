"""`irpass pack`: what it prints where, its exit status, and a place for every fault of a table."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from irpass.cli.pack import pack
from irpass.packing import Buffer, validate
from irpass.packing.table import read_table, write_table
from tests.packing.instances import function, stream

SMALL = "id,lower,upper,size\na,0,2,64\nb,1,4,32\nc,3,5,64\n"


def run(table: str | bytes, *options: str) -> Result:
    return CliRunner().invoke(pack, ["-", *options], input=table)


def test_the_table_comes_back_with_offsets() -> None:
    result = run(SMALL)
    assert result.exit_code == 0
    assert result.stdout == "id,lower,upper,size,offset\na,0,2,64,0\nb,1,4,32,64\nc,3,5,64,0\n"
    assert result.stderr == "peak 96 bytes, lower bound 96: optimal (0 steps)\n"


def test_its_own_output_passes_its_check() -> None:
    assert run(run(SMALL).stdout, "--check", "--capacity", "96").exit_code == 0


def test_json_says_all() -> None:
    result = run(SMALL, "--json", "--capacity", "100")
    found = json.loads(result.stdout)
    buffers = found.pop("buffers")
    assert buffers[1] == {"id": "b", "lower": 1, "upper": 4, "size": 32, "alignment": 1, "offset": 64}
    assert found["fits"] and not found["infeasible"] and not found["stopped"]
    assert (found["capacity"], found["peak"], found["lower_bound"], found["gap"]) == (100, 96, 96, 0)


def test_what_does_not_fit_prints_no_layout() -> None:
    result = run(SMALL, "--capacity", "95")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "do not fit into 95 bytes: no layout does [pack-capacity]" in result.stderr


def test_an_offset_pins_and_an_empty_cell_does_not() -> None:
    result = run("id,lower,upper,size,offset,alignment\na,0,2,64,32,\nb,0,2,8,,16\n")
    assert result.stdout.splitlines()[1:] == ["a,0,2,64,1,32", "b,0,2,8,16,0"]


def test_columns_come_in_any_order_and_line_ends_in_either_form() -> None:
    result = run(b"\xef\xbb\xbfsize,id,upper,lower\r\n5,x,2,0\r\n\r\n")
    assert result.stdout == "id,lower,upper,size,offset\nx,0,2,5,0\n"


def test_ids_may_be_quoted() -> None:
    result = run('id,lower,upper,size\n"a,b",0,2,5\n')
    assert result.stdout.splitlines()[1] == '"a,b",0,2,5,0'


@pytest.mark.parametrize(
    ("table", "place", "message"),
    [
        ("", "<stdin>:1:1", "there is no table here"),
        ("id,lower,upper\n", "<stdin>:1:1", "there is no column size"),
        ("id,lower,upper,size,colour\n", "<stdin>:1:21", "unknown column 'colour'"),
        ("id,lower,upper,size,size\n", "<stdin>:1:21", "the column size occurs twice"),
        ("id,lower,upper,size\na,0,4,-3\n", "<stdin>:2:7", "the size -3 is negative"),
        ("id,lower,upper,size\na,5,2,1\n", "<stdin>:2:5", "upper 2 is before lower 5"),
        ("id,lower,upper,size\na,0,2, x\n", "<stdin>:2:8", "size is an integer, but here is 'x'"),
        ("id,lower,upper,size\na,0,2,1_0\n", "<stdin>:2:7", "size is an integer, but here is '1_0'"),
        ("id,lower,upper,size\na,0,,1\n", "<stdin>:2:5", "upper is an integer, but here is nothing"),
        ("id,lower,upper,size\na,0,2\n", "<stdin>:2:1", "4 cells were expected, but here are 3"),
        ("id,lower,upper,size\na,0,2,1\na,0,2,1\n", "<stdin>:3:1", "the id a occurs twice"),
        ("id,lower,upper,size\na,0,2,9223372036854775808\n", "<stdin>:2:7", "size does not fit 64 bits"),
        (f"id,lower,upper,size\na,0,2,{2**63 - 1}\nb,0,2,1\n", "<stdin>:3:7", "sum past 2^63"),
        ("id,lower,upper,size,alignment\na,0,2,1,0\n", "<stdin>:2:9", "the alignment 0 is below 1"),
        ("id,lower,upper,size,offset,alignment\na,0,2,1,6,4\n", "<stdin>:2:9", "not a multiple of 4"),
        (f"id,lower,upper,size\na,0,2,{10**4000}\n", "<stdin>:2:7", "size does not fit 64 bits"),
        ('id,lower,upper,size\n"a,0,2,1\n', "<stdin>:2:1", "this is no row of CSV"),
        (b"id,lower,upper,size\na\xff,0,2,1\n", "<stdin>:2:2", "not UTF-8"),
        ("id,lower,upper,size,offset\na,0,2,9,0\nb,1,3,9,8\n", "<stdin>:3:1", "buffer b at [8, 17) overlaps buffer a"),
    ],
)
def test_each_fault_is_a_diagnostic_at_its_place(table: str | bytes, place: str, message: str) -> None:
    result = run(table)
    assert result.exit_code == 1
    assert result.stdout == ""
    first = result.stderr.splitlines()[0]
    assert first.startswith(f"{place}: error: ")
    assert message in first


def test_every_fault_is_told_in_one_run() -> None:
    result = run("id,lower,upper,size\na,0,4,-3\nb,5,2,1\nc,0,1\n")
    places = [line for line in result.stderr.splitlines() if ": error: " in line]
    assert [line.split(": ")[0] for line in places] == ["<stdin>:2:7", "<stdin>:3:5", "<stdin>:4:1"]


def test_check_wants_every_offset() -> None:
    result = run("id,lower,upper,size,offset\na,0,2,9,0\nb,1,3,9,\n", "--check")
    assert result.exit_code == 1
    assert result.stderr.startswith("<stdin>:3:1: error: it has no offset to check")


def test_check_finds_what_ends_above_the_capacity() -> None:
    result = run("id,lower,upper,size,offset\na,0,2,9,4\n", "--check", "--capacity", "12")
    assert result.exit_code == 1
    assert "buffer a ends at 13, above the capacity 12" in result.stderr


@pytest.mark.parametrize("options", [("--effort", "much"), ("--capacity", "-1"), ("--time-limit", "x"), ("--exakt",)])
def test_a_wrong_call_exits_with_2(options: tuple[str, ...]) -> None:
    assert run(SMALL, *options).exit_code == 2


def test_a_file_that_is_not_there_exits_with_2(tmp_path: Path) -> None:
    result = CliRunner().invoke(pack, [str(tmp_path / "none.csv")])
    assert result.exit_code == 2
    assert "cannot read" in result.stderr


def test_a_picture_shows_every_buffer(tmp_path: Path) -> None:
    out = tmp_path / "layout.svg"
    buffers = [*stream(300, 20, 1), Buffer(0, 1, 2), Buffer(5, 3, 3)]
    ids = [f"<{i}>" for i in range(len(buffers))]
    table = write_table(ids, buffers, [0] * len(buffers)).replace(",offset", ",x", 0)
    rows = [line.rsplit(",", 1)[0] for line in table.splitlines()]
    result = run("\n".join(rows), "--svg", str(out), "--effort", "quick", "--capacity", "1000000")
    assert result.exit_code == 0
    titles = [e.text or "" for e in ElementTree.fromstring(out.read_text()).iter("{http://www.w3.org/2000/svg}title")]
    assert len(titles) == 300
    assert titles[7].startswith("<7>: ")


def test_a_picture_that_cannot_be_written_prints_nothing(tmp_path: Path) -> None:
    result = run(SMALL, "--svg", str(tmp_path / "none" / "layout.svg"))
    assert result.exit_code == 2
    assert result.stdout == ""


def test_a_table_reads_back_as_it_was_written() -> None:
    buffers = [Buffer(b.size, b.first, b.last, 4, 4 * i) for i, b in enumerate(function(40, 1))]
    ids = [f"b{i}" for i in range(40)]
    offsets = [b.offset or 0 for b in buffers]
    table = read_table(write_table(ids, buffers, offsets).encode(), "t.csv")
    assert list(table.buffers) == buffers
    assert list(table.ids) == ids


def test_the_printed_layout_is_valid() -> None:
    buffers = function(60, 5)
    table = write_table([str(i) for i in range(60)], buffers, [0] * 60)
    rows = "\n".join(line.rsplit(",", 1)[0] for line in table.splitlines())
    found = read_table(run(rows).stdout.encode(), "t.csv")
    assert validate(buffers, [b.offset or 0 for b in found.buffers]) == []
