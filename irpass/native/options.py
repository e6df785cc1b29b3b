"""What one lowering is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from irpass.diagnostics import UsageError

HEAP_LIMIT_BYTES: Final = 1 << 30  # as in the interpreter
MAX_DEPTH: Final = 10_000
LEVELS: Final = (0, 1, 2, 3)


@dataclass(frozen=True, slots=True)
class LoweringOptions:
    """`max_depth` in frames, the entry's included. `counters` keeps the heap's counters and with them an exact limit;
    without, only a single request over `heap_limit_bytes` is denied. `debug_info` writes DWARF lines from each `loc`.
    `for_process`: externs are the host's, by number; else they are symbols to link with, or missing.
    """

    max_depth: int = MAX_DEPTH
    heap_limit_bytes: int = HEAP_LIMIT_BYTES
    counters: bool = True
    debug_info: bool = False
    for_process: bool = True


def check_level(level: int) -> None:
    """Raises: UsageError where LLVM has no such optimization level."""
    if level not in LEVELS:
        raise UsageError.of(f"no optimization level {level}", "the levels are 0 to 3")
