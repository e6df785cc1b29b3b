"""Random heap specs as TOML, and memory with contents to watch a heap through."""

from __future__ import annotations

from hypothesis import strategies as st


@st.composite
def spec_texts(draw: st.DrawFn) -> str:
    """The TOML of a sound spec; sizes are small, so that arenas fill and ranges run out."""
    lines = [
        f"align_bytes = {draw(st.sampled_from((1, 8, 16, 64)))}",
        f"cache_line_bytes = {draw(st.sampled_from((32, 64)))}",
        f"pad_to_cache_line = {draw(st.sampled_from(('true', 'false')))}",
        f'zeroing = "{draw(st.sampled_from(("on-request", "on-free", "none")))}"',
        f"stack_bytes = {draw(st.sampled_from((0, 500, 1 << 14)))}",
    ]
    if draw(st.booleans()):
        lines.append(f"limit_bytes = {draw(st.integers(0, 20_000))}")
    if draw(st.booleans()):
        lines.append(f"held_limit_bytes = {draw(st.integers(0, 1 << 16))}")
    lines += [
        "[system]",
        f'fit = "{draw(st.sampled_from(("best", "first")))}"',
        f"header_bytes = {draw(st.sampled_from((0, 8, 16, 24)))}",
        f"grow_bytes = {draw(st.sampled_from((1, 100, 4096)))}",
        f"trim_bytes = {draw(st.sampled_from((0, 1000, 1 << 20)))}",
        f"preallocate_bytes = {draw(st.sampled_from((0, 10_000)))}",
    ]
    if draw(st.integers(0, 3)):
        lines += draw(_managed())
    if draw(st.booleans()):
        quarantine = draw(st.integers(0, 4))
        lines += ["[guard]", f"redzone_bytes = {draw(st.integers(1, 40))}", f"quarantine_blocks = {quarantine}"]
    return "\n".join(lines) + "\n"


@st.composite
def _managed(draw: st.DrawFn) -> list[str]:
    arena = draw(st.sampled_from((512, 2048)))
    low = draw(st.integers(1, 48))
    keep = draw(st.integers(0, 3))
    lines = [
        "[managed]",
        f"min_class_bytes = {low}",
        f"max_class_bytes = {draw(st.integers(low, arena))}",
        f"arena_bytes = {arena}",
        f'free_list = "{draw(st.sampled_from(("most-recent", "longest-idle")))}"',
        f"run_blocks = {draw(st.integers(1, 8))}",
        f"keep_arenas = {keep}",
        f"preallocate_arenas = {draw(st.integers(0, keep))}",
        f"separate_pointers = {draw(st.sampled_from(('true', 'false')))}",
    ]
    if draw(st.booleans()):
        lines += ['classes = "geometric"', f"ratio = {draw(st.sampled_from((1.1, 1.5, 3)))}"]
    if draw(st.booleans()):
        capacity = draw(st.integers(1, 6))
        fill, flush = draw(st.integers(1, capacity)), draw(st.integers(1, capacity))
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
