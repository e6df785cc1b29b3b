"""What a heap says when a program misuses it. A fault leaves the heap as it was."""

from __future__ import annotations

from typing import Final

from irpass.ir import ops

BAD_FREE: Final = ops.BAD_FREE
DOUBLE_FREE: Final = ops.DOUBLE_FREE
USE_AFTER_FREE: Final = ops.USE_AFTER_FREE
OVER_RUN: Final = "over-run"
UNDER_RUN: Final = "under-run"
BAD_ACCESS: Final = "bad access"
BAD_MARK: Final = "bad mark"
LEAK: Final = "leak"


class HeapFault(Exception):  # noqa: N818 - `Error` would say that the library failed: it is the program that did
    """A misuse: its `kind`, the `address`, the `site` that allocated the block there (`""`: none did), and the place
    `at` which it was noticed."""

    def __init__(self, kind: str, address: int, site: str = "", at: str = "") -> None:
        block = f" of the block from {site}" if site else ""
        super().__init__(f"{kind} at {address:#x}{block}" + (f", in {at}" if at else ""))
        self.kind = kind
        self.address = address
        self.site = site
        self.at = at
