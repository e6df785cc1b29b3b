"""Small edits of a program's text. Each must find what it changes, just once: a mutation that changes nothing proves
nothing.
"""

from __future__ import annotations

from collections.abc import Callable

Edit = Callable[[str], str]


def sub(old: str, new: str) -> Edit:
    """Put `new` where `old` stands."""

    def edit(text: str) -> str:
        if text.count(old) != 1:
            raise LookupError(f"{old!r} stands {text.count(old)} times in:\n{text}")
        return text.replace(old, new)

    return edit


def drop(line: str) -> Edit:
    """Take out a line."""
    return lambda text: _without(text, line)[0]


def twice(line: str) -> Edit:
    """Repeat a line."""
    return sub(f"  {line}\n", f"  {line}\n  {line}\n")


def before(mark: str, line: str) -> Edit:
    """Put a new line in front of another."""
    return sub(f"  {mark}\n", f"  {line}\n  {mark}\n")


def move(line: str, mark: str, *, behind: bool = False) -> Edit:
    """Move a line to the front of another, or behind it."""

    def edit(text: str) -> str:
        rest, moved = _without(text, line)
        place = _index(rest.splitlines(), mark)
        lines = rest.splitlines()
        lines.insert(place + behind, moved)
        return "\n".join(lines) + "\n"

    return edit


def swap(line: str, other: str) -> Edit:
    """Let two lines change places."""

    def edit(text: str) -> str:
        lines = text.splitlines()
        i, j = _index(lines, line), _index(lines, other)
        lines[i], lines[j] = lines[j], lines[i]
        return "\n".join(lines) + "\n"

    return edit


def both(*edits: Edit) -> Edit:
    """One edit after the other."""

    def edit(text: str) -> str:
        for one in edits:
            text = one(text)
        return text

    return edit


def _without(text: str, line: str) -> tuple[str, str]:
    lines = text.splitlines()
    moved = lines.pop(_index(lines, line))
    return "\n".join(lines) + "\n", moved


def _index(lines: list[str], line: str) -> int:
    found = [i for i, candidate in enumerate(lines) if candidate.strip() == line]
    if len(found) != 1:
        raise LookupError(f"the line {line!r} stands {len(found)} times in:\n" + "\n".join(lines))
    return found[0]
