"""Random heap specs as TOML, and memory with contents to watch a heap through."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import strategies as st


@st.composite
def spec_texts(draw: st.DrawFn) -> str:
    """The TOML of a sound spec, for hypothesis."""
    return spec_text(lambda options: draw(st.sampled_from(options)))


def spec_text(pick: Callable[[Sequence[Any]], Any]) -> str:
    """The TOML of a sound spec; sizes are small, so that arenas fill and ranges run out."""
    lines = [
        f"align_bytes = {pick((1, 8, 16, 64))}",
        f"cache_line_bytes = {pick((32, 64))}",
        f"pad_to_cache_line = {pick(('false', 'true'))}",
        f'zeroing = "{pick(("on-request", "on-free", "none"))}"',
        f"stack_bytes = {pick((500, 0, 1 << 14))}",
        *pick(([], [f"limit_bytes = {pick((0, 100, 3000, 20_000))}"])),
        *pick(([], [f"held_limit_bytes = {pick((0, 1000, 10_000, 1 << 16))}"])),
        "[system]",
        f'fit = "{pick(("best", "first"))}"',
        f"header_bytes = {pick((0, 8, 16, 24))}",
        f"grow_bytes = {pick((1, 100, 4096))}",
        f"trim_bytes = {pick((0, 1000, 1 << 20))}",
        f"preallocate_bytes = {pick((0, 10_000))}",
        *(_managed(pick) if pick((True, True, True, False)) else []),
    ]
    if pick((False, True)):
        lines += ["[guard]", f"redzone_bytes = {pick((1, 8, 16, 40))}", f"quarantine_blocks = {pick(range(5))}"]
    return "\n".join(lines) + "\n"


def _managed(pick: Callable[[Sequence[Any]], Any]) -> list[str]:
    arena, low, keep = pick((512, 2048)), pick((1, 8, 16, 33, 48)), pick(range(4))
    lines = [
        "[managed]",
        f"min_class_bytes = {low}",
        f"max_class_bytes = {pick((low, 2 * low, 100, 300, arena))}",
        f"arena_bytes = {arena}",
        f'free_list = "{pick(("most-recent", "longest-idle"))}"',
        f"run_blocks = {pick((1, 2, 5, 8))}",
        f"keep_arenas = {keep}",
        f"preallocate_arenas = {pick(range(keep + 1))}",
        f"separate_pointers = {pick(('true', 'false'))}",
        *pick(([], ['classes = "geometric"', f"ratio = {pick((1.1, 1.5, 3))}"])),
    ]
    if pick((True, False)):
        capacity = pick(range(1, 7))
        fill, flush = pick(range(1, capacity + 1)), pick(range(1, capacity + 1))
        lines += ["[cache]", f"capacity_blocks = {capacity}", f"fill_blocks = {fill}", f"flush_blocks = {flush}"]
    return lines


class WatchedBytes:
    """The contents of memory, as the heap and the test change them: the bytes that are not zero."""

    def __init__(self) -> None:
        self._bytes: dict[int, int] = {}

    def clear(self, lo: int, hi: int) -> None:
        for address in range(lo, hi):
            self._bytes.pop(address, None)

    unmap = clear

    def copy(self, source: int, target: int, size_bytes: int) -> None:
        self.set(target, self.get(source, size_bytes))

    def get(self, address: int, size_bytes: int) -> bytes:
        return bytes(self._bytes.get(at, 0) for at in range(address, address + size_bytes))

    def set(self, address: int, data: bytes) -> None:
        self.clear(address, address + len(data))
        self._bytes.update((at, byte) for at, byte in enumerate(data, address) if byte)
