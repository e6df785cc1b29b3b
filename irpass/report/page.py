"""From a program to the page: what the template shows, in the order in which it shows it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Any

from irpass.diagnostics import UsageError
from irpass.ir import ops
from irpass.ir.copying import copy_module
from irpass.ir.core import Block, Module
from irpass.passes.pipeline import DEFAULT, Report, Runner, parse_pipeline
from irpass.remarks import Remark
from irpass.text.parser import parse
from irpass.text.printer import print_module
from irpass.verifier import check

if TYPE_CHECKING:
    from jinja2 import Environment

_MAX_PICTURES = 24  # of dependency graphs: a page of more takes long to open, and nobody looks at them all
_SITES = (ops.MAKE, ops.NEW)
# counter of fold-allocs -> how the page names it
_COUNTERS = {
    "sites": "allocation sites",
    "calls": "allocator calls left",
    "derives": "derived members",
    "static_bytes": "bytes of members, of known size",
    "arena_bytes": "bytes of arenas, of known size",
    "saved_bytes": "bytes saved by sharing",
    "lower_bound_bytes": "lower bound of arena bytes",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a program: its HTML, and what was said of it."""

    number: int
    html: str
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as a `data:` URL, with the words beside it."""

    title: str
    url: str


@dataclass(slots=True)
class Page:
    """What the template is filled with."""

    file: str
    pipeline: str
    facts: list[tuple[str, int]]
    before: list[Line]
    after: list[Line]
    elsewhere: list[Remark]
    graphs: list[Picture] = field(default_factory=list)
    layouts: list[Picture] = field(default_factory=list)
    graphs_left_out: int = 0


def html_report(text: str | bytes, file: str = "<string>", passes: str | None = None) -> str:
    """The page for a program and a pipeline, the default one unless given.

    Raises: ParseError, VerifyError; UsageError for a pipeline that cannot be read, or where jinja2 or Pygments, of the
    extra `report`, is not installed.
    """
    module = parse(text, file)
    check(module)
    pipeline = DEFAULT if passes is None else passes
    folded = copy_module(module)
    report = Runner(parse_pipeline(pipeline)).run(folded)
    page = _page(module, folded, report, pipeline)
    return _environment().get_template("report.html.j2").render(page=page)


def _page(module: Module, folded: Module, report: Report, pipeline: str) -> Page:
    by_line: dict[int, dict[str, Remark]] = {}  # copies that inlining made say the same: once is enough
    for remark in report.remarks:
        by_line.setdefault(remark.line, {})[remark.text()] = remark
    before = _lines(module.source or print_module(module), by_line)
    elsewhere = [r for line, found in by_line.items() if not 0 < line <= len(before) for r in found.values()]
    page = Page(module.file, pipeline, _facts(report), before, _lines(print_module(folded), {}), elsewhere)
    blocks = [b for f in module.funcs for b in f.blocks if sum(i.op in _SITES for i in b.instrs) > 1]
    page.graphs = [_dependencies(block) for block in blocks[:_MAX_PICTURES]]
    page.graphs_left_out = len(blocks) - len(page.graphs)
    page.layouts = _layouts(folded)
    return page


def _facts(report: Report) -> list[tuple[str, int]]:
    totals = {name: sum(c.get(name, 0) for c in report.statistics.values()) for name in _COUNTERS}
    return [(_COUNTERS[name], total) for name, total in totals.items()]


def _lines(text: str, remarks: dict[int, dict[str, Remark]]) -> list[Line]:
    return [Line(n, html, tuple(remarks.get(n, {}).values())) for n, html in enumerate(_highlighted(text), 1)]


def _highlighted(text: str) -> Iterable[str]:
    """Each line as HTML, its tokens in spans with Pygments' short classes."""
    try:
        from pygments import highlight
        from pygments.formatters import HtmlFormatter

        from irpass.text.highlight import IrpassLexer
    except ImportError:
        raise _missing("Pygments") from None
    html = highlight(text, IrpassLexer(stripnl=False), HtmlFormatter(nowrap=True))
    return html.rstrip("\n").split("\n")


def _dependencies(block: Block) -> Picture:
    from irpass.graphs import block_graph, to_svg

    return Picture(f"@{block.func.name}, block {block.name}", _url(to_svg(block_graph(block))))


def _layouts(folded: Module) -> list[Picture]:
    """A picture for each function that has arenas."""
    from irpass.graphs.layout import arena_layouts, layout_svg

    by_func = groupby(arena_layouts(folded), key=lambda arena: arena.func)
    return [Picture(f"@{name}", _url(layout_svg(list(arenas)))) for name, arenas in by_func]


def _url(svg: str) -> str:
    return "data:image/svg+xml;base64," + b64encode(svg.encode("utf-8")).decode("ascii")


def _environment() -> Environment:
    try:
        from jinja2 import Environment, PackageLoader, StrictUndefined  # an extra: only the page needs it
    except ImportError:
        raise _missing("jinja2") from None
    environment = Environment(
        loader=PackageLoader("irpass.report"), undefined=StrictUndefined, autoescape=True, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.globals["styles"] = _styles()
    return environment


def _styles() -> Sequence[str]:
    """The colours of tokens, for light and for dark screens."""
    try:
        from pygments.formatters import HtmlFormatter
    except ImportError:
        raise _missing("Pygments") from None
    by_screen: list[Any] = [HtmlFormatter(style=name) for name in ("friendly", "monokai")]
    return [formatter.get_style_defs(".code") for formatter in by_screen]


def _missing(library: str) -> UsageError:
    return UsageError.of(f"a report needs {library}", "install irpass[report]")
