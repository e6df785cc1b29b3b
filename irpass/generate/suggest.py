"""A spec for a program's requests: pools with the classes that they would use, and who wants which.

Memory with pointers and memory without get a base each, both in words, so that a group of members of several types is
some number of words. What has a bound takes all classes up to it; what has none, those up to what a group may have.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from irpass.generate.layout import MAX_ALIGN_BYTES, MAX_LOG2, MIN_BLOCK_BYTES
from irpass.generate.spec import BUILTIN_ELEMENTS, WORD_BYTES, Zeroing

LARGEST_SITE_BYTES = 1 << 20  # a site alone that wants more gains nothing from a pool: the system maps that at once
RUN_TIME_BYTES = 32 << 10  # the most that fold-allocs gives a group: it limits the groups of such sizes to that
_MOST_NAMES = 4  # in a comment


@dataclass(frozen=True, slots=True)
class Request:
    """What one instruction asks an allocator for.

    `size_bytes` is None where only the running program knows it; `most_bytes` then bounds it, where something does.
    `elems` are the element types of what lies in it, as a spec names them (`i32`, `ptr`) or as the program does.
    """

    site: str
    size_bytes: int | None
    most_bytes: int | None = None
    align_bytes: int = WORD_BYTES
    is_scan: bool = False
    is_uninit: bool = False
    is_group: bool = False
    is_stack: bool = False
    elems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Want:
    """The classes that a request takes, by log2 of words: `low` alone, or any up to `high`."""

    request: Request
    low: int
    high: int
    is_bounded: bool

    @property
    def text(self) -> str:
        if self.low == self.high and self.request.size_bytes is not None:
            return f"2**{self.low} words"
        return f"up to 2**{self.high} words, by its size at run time" if self.is_bounded else "of any size"


def suggest_spec(requests: Sequence[Request], source: str, name: str = "pools") -> str | None:
    """The TOML of a spec whose classes hold every group of `requests`, and every site of at most 1 MiB.

    `source` says where the requests are from. None where no request needs an allocator.
    """
    needed = [r for r in requests if not r.is_stack]
    wants = [(r, _want(r)) for r in needed]
    pooled = [w for _, w in wants if w is not None]
    if not pooled:
        return None
    lines = [f"# Suggested from {_printable(source)}, for {_count(needed)}."]
    in_frames = [r for r in requests if r.is_stack]
    if in_frames:
        lines.append(f"# In frames, and so in no pool: {_who(in_frames)}.")
    beyond = [r for r, w in wants if w is None]
    if beyond:
        lines.append(f"# Too large or too aligned for a pool: {_who(beyond)}.")
    lines += [f'name = "{name}"', ""]
    for is_scan in (False, True):
        of_base = [w for w in pooled if w.request.is_scan == is_scan]
        if of_base:
            lines += _base(of_base, "scan" if is_scan else "noscan", "ptr" if is_scan else "i64")
    return "\n".join(lines).rstrip("\n") + "\n"


def _want(request: Request) -> _Want | None:
    """The classes for a request; None where it is no work for a pool."""
    most_bytes = request.most_bytes if request.size_bytes is None else request.size_bytes
    largest_bytes = WORD_BYTES << MAX_LOG2 if request.is_group else LARGEST_SITE_BYTES
    is_bounded = most_bytes is not None and most_bytes <= largest_bytes
    if request.align_bytes > MAX_ALIGN_BYTES or (request.size_bytes is not None and not is_bounded):
        return None
    high = _log2_of(most_bytes if most_bytes is not None and is_bounded else RUN_TIME_BYTES)
    return _Want(request, high if request.size_bytes is not None else _log2_of(0), high, is_bounded)


def _log2_of(size_bytes: int) -> int:
    words = -(-max(size_bytes, MIN_BLOCK_BYTES) // WORD_BYTES)
    return (words - 1).bit_length()


def _base(wants: Sequence[_Want], name: str, elem: str) -> list[str]:
    """The base for all that `wants` ask for, and the views onto it."""
    requests = [w.request for w in wants]
    align_bytes = max(WORD_BYTES, *(r.align_bytes for r in requests))
    smallest = (align_bytes // WORD_BYTES).bit_length() - 1  # so that blocks side by side are all aligned
    low = max(smallest, min(w.low for w in wants))
    high = max(low, *(w.high for w in wants))
    holds = "with pointers" if elem == "ptr" else "without pointers"
    lines = [f"# Memory {holds}, in words: 2**{low} are {WORD_BYTES << low} bytes. The requests, by class:"]
    by_text: dict[str, list[_Want]] = {}
    for want in sorted(wants, key=lambda w: (w.request.size_bytes is None, not w.is_bounded, w.high)):
        by_text.setdefault(want.text, []).append(want)
    lines += [f"#   {text}: {_who([w.request for w in group])}" for text, group in by_text.items()]
    views, others = _elements(requests, is_scan=elem == "ptr")
    if others:
        lines.append(f"# They also hold {_named(others)}, of which there can be no view here: take words, and cast.")
        if elem == "ptr":
            lines.append("# In Go, its collector must know which words hold pointers: give each a [[type]] and a base.")
    lines += ["[[base]]", f'name = "{name}"', f'elem = "{elem}"', f"min_log2 = {low}", f"max_log2 = {high}"]
    zeroing: Zeroing = "none" if elem != "ptr" and all(r.is_uninit for r in requests) else "on-free"
    if zeroing == "none":
        lines.append(f'zeroing = "{zeroing}"  # each request writes its memory before it reads it')
    if align_bytes > WORD_BYTES:
        lines.append(f"align_bytes = {align_bytes}")
    lines.append("")
    for view in views:
        users = [r for r in requests if view in r.elems]
        lines += [
            f"# For {_who(users)}.",
            "[[derived]]",
            f'name = "{view}s"',
            f'elem = "{view}"',
            f'base = "{name}"',
            "",
        ]
    return lines


def _elements(requests: Sequence[Request], is_scan: bool) -> tuple[list[str], list[str]]:
    """The element types that can be views of a base of words, in the spec's order, and those that cannot."""
    used = dict.fromkeys(elem for r in requests for elem in r.elems)
    views = [e.name for e in BUILTIN_ELEMENTS.values() if e.name in used and e.is_pointerful == is_scan]
    return views, [elem for elem in used if elem not in views]


def _who(requests: Sequence[Request]) -> str:
    """`2 groups and 1 site (@f:%a, @f:%b, @g:%c)`, with the first few names."""
    return f"{_count(requests)} ({_named([r.site for r in requests])})"


def _count(requests: Sequence[Request]) -> str:
    groups = sum(r.is_group for r in requests)
    counts = ((groups, "group"), (len(requests) - groups, "site"))
    return " and ".join(f"{n} {word}{'s' if n != 1 else ''}" for n, word in counts if n)


def _named(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMES
    return ", ".join(map(_printable, names[:_MOST_NAMES])) + (f" and {more} more" if more > 0 else "")


def _printable(text: str) -> str:
    """`text` fit for a comment, which a line end in the name of a file would end."""
    return "".join(c if c.isprintable() else "?" for c in text)
