"""Canonical text with the writer's comments and blank lines kept: what `irpass fmt` prints."""

from __future__ import annotations

from irpass.ir.core import Module
from irpass.text.lines import comment_of, strip_line
from irpass.text.printer import module_lines


def format_module(module: Module) -> str:
    """The text of a module that was just parsed, in canonical form, each comment where it stood.

    A comment at the end of a line stays at its end; one on a line of its own stays in front of the line that followed
    it, indented like that line. Blank lines stay where they separated comments, and go elsewhere.
    """
    source = module.source.split("\n")
    out: list[str] = []
    done = 0  # the last line of the source that has been dealt with
    for number, line in _numbered(module, source):
        for above in range(done + 1, number):
            _keep(source[above - 1], line, out)
        done = max(done, number)
        comment = comment_of(source[number - 1]) if number else ""
        out.append(f"{line}  {comment}" if comment and line else line + comment)
    for below in range(done + 1, len(source) + 1):
        _keep(source[below - 1], "", out)
    while out and not out[-1]:
        out.pop()
    return "".join(line + "\n" for line in out)


def _numbered(module: Module, source: list[str]) -> list[tuple[int, str]]:
    """The canonical lines with their source lines, where closing braces have theirs as well."""
    lines = list(module_lines(module))
    last = 0
    for i, (number, line) in enumerate(lines):
        if line == "}":
            number = next(n for n in range(last + 1, len(source) + 1) if strip_line(source[n - 1]) == "}")
            lines[i] = (number, line)
        last = max(last, number)
    return lines


def _keep(raw: str, following: str, out: list[str]) -> None:
    comment = comment_of(raw)
    if comment:
        indent = following[: len(following) - len(following.lstrip())]
        out.append(indent + comment)
    elif not raw.strip() and out and out[-1].lstrip().startswith("//"):
        out.append("")
