"""The page says all that was found, at its line, and needs nothing but itself."""

from __future__ import annotations

import base64
import re
import subprocess
import sys
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest

import irpass as ip
from irpass.diagnostics import UsageError
from irpass.report import html_report

SAMPLES = sorted((Path(__file__).parents[2] / "samples").glob("*.ir"))
TWO = """func @main(%n: i64) -> i64 {
entry:
  %a = make []i64, 4
  %b = make []u8, %n
  print "<b>&\\"", %n
  %alone = make [][]u8, 2
  store %alone[%n], nil
  %x = load %a[0]
  ret %x
}
"""


class _Page(HTMLParser):
    """The ids and the sources that a page names, and whether its tags close."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.sources: list[str] = []
        self.tags: list[str] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append(tag)
        self.ids += [found["id"] or ""] if "id" in found else []
        self.sources += [found[name] or "" for name in ("src", "href") if name in found]
        if tag not in ("meta", "img", "link", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def _text(html: str) -> str:
    return unescape(re.sub(r"<[^>]*>", "", html))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda p: p.stem)
def test_every_sample_has_a_page_with_every_remark(path: Path) -> None:
    page = html_report(path.read_bytes(), path.name)
    parsed = _Page(page)
    assert parsed.open == []
    assert len(parsed.ids) == len(set(parsed.ids))
    text = _text(page)
    for remark in ip.optimize(ip.parse(path.read_text(), path.name)).remarks:
        assert f"@{remark.func}: {remark.message}" in text


def test_nothing_is_fetched_from_elsewhere() -> None:
    page = _Page(html_report(TWO))
    assert page.sources
    assert all(s.startswith(("#", "data:image/svg+xml;base64,")) for s in page.sources)
    assert not {"script", "link", "iframe"} & set(page.tags)


def test_a_remark_stands_below_its_line() -> None:
    page = html_report(TWO)
    line = page.index('id="before-6"')
    assert line < page.index("%alone is not folded") < page.index('id="before-7"')


def test_what_a_program_says_is_text_and_no_markup() -> None:
    page = html_report(TWO)
    assert "<b>&" not in page
    assert 'print "<b>&\\"", %n' in _text(page)


def test_both_programs_are_there_line_by_line() -> None:
    text = _text(html_report(TWO))
    module = ip.parse(TWO)
    ip.optimize(module)
    for line in [*TWO.splitlines(), *ip.print_module(module).splitlines()]:
        assert line in text


def test_the_pictures_are_of_the_blocks_with_several_sites() -> None:
    page = _Page(html_report(TWO))
    pictures = [base64.b64decode(s.partition(",")[2]).decode() for s in page.sources if s.startswith("data:")]
    assert any("make []u8, %n" in picture for picture in pictures)
    assert all(picture.lstrip().startswith("<svg") for picture in pictures)


def test_each_function_with_arenas_has_their_layout() -> None:
    page = _Page(html_report(TWO))
    pictures = [base64.b64decode(s.partition(",")[2]).decode() for s in page.sources if s.startswith("data:")]
    assert sum("%arena" in picture and "%b" in picture for picture in pictures) == 1


def test_the_pipeline_is_the_one_that_was_asked_for() -> None:
    page = _text(html_report(TWO, passes="fold-allocs{runtime=false}"))
    assert "fold-allocs{runtime=false}" in page
    assert "shared.alloc" not in page
    with pytest.raises(UsageError):
        html_report(TWO, passes="fold-alloc")


def _run(*args: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "irpass", "report", *args]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)


def test_the_verb_writes_the_page_whole(tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    done = _run("-", "-o", str(out), stdin=TWO)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert out.read_text(encoding="utf-8") == html_report(TWO, "<stdin>")


def test_a_program_with_errors_gets_no_page(tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    done = _run("-", "-o", str(out), stdin=TWO.replace("%a[0]", "%c[0]"))
    assert done.returncode == 1
    assert "<stdin>:8:" in done.stderr
    assert "Traceback" not in done.stderr
    assert not out.exists()


@pytest.mark.parametrize("missing", ["jinja2", "pygments"])
def test_without_its_libraries_it_says_what_to_install(missing: str) -> None:
    code = (
        f"import sys; sys.modules[{missing!r}] = None\n"
        "from irpass.cli import main; sys.argv = ['irpass', 'report', '-']; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], input=TWO, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "irpass[report]" in done.stderr
    assert "Traceback" not in done.stderr
