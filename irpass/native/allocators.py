"""The allocators that native code may take its memory from: what to call, and where it is."""

from __future__ import annotations

import ctypes
import ctypes.util
from dataclasses import dataclass
from typing import Final

from irpass.diagnostics import UsageError


@dataclass(frozen=True, slots=True)
class Allocator:
    """`library` is the shared library's short name, None for libc. `functions` are those that `text`, the LLVM
    definitions of `@A.zeroed`, `@A.raw`, `@A.aligned` and `@A.free`, calls: by the name that the text uses, that of
    the library."""

    name: str
    text: str
    functions: tuple[tuple[str, str], ...]
    library: str | None = None
    setup: str | None = None

    def path(self) -> str | None:
        """The shared library; None for libc.

        Raises: UsageError where it is not installed.
        """
        if self.library is None:
            return None
        found = ctypes.util.find_library(self.library)
        if found is None:
            raise UsageError.of(
                f"the allocator {self.name} needs lib{self.library}, which is not installed",
                "install it with the system's package manager, or use --allocator libc",
            )
        return found

    def link_flags(self) -> list[str]:
        """What the linker needs."""
        path = self.path()
        return [f"-l:{path}"] if path is not None else []

    def addresses(self) -> dict[str, int]:
        """Where the functions are in this process, by the names that `text` uses."""
        path = self.path()
        if path is None:
            return {}
        library = ctypes.CDLL(path)
        found = {ours: ctypes.cast(getattr(library, theirs), ctypes.c_void_p).value for ours, theirs in self.functions}
        return {name: address for name, address in found.items() if address is not None}


_LIBC = """
declare noalias ptr @calloc(i64, i64) nounwind allockind("alloc,zeroed") allocsize(0,1) "alloc-family"="malloc"
declare noalias ptr @malloc(i64) nounwind allockind("alloc,uninitialized") allocsize(0) "alloc-family"="malloc"
declare void @free(ptr allocptr) nounwind allockind("free") "alloc-family"="malloc"
declare i32 @posix_memalign(ptr, i64, i64) nounwind

define noalias ptr @A.zeroed(i64 %n, i1 %scan) nounwind alwaysinline {
  %p = call noalias ptr @calloc(i64 1, i64 %n)
  ret ptr %p
}
define noalias ptr @A.raw(i64 %n, i1 %scan) nounwind alwaysinline {
  %p = call noalias ptr @malloc(i64 %n)
  ret ptr %p
}
define noalias ptr @A.aligned(i64 %n, i64 %align, i1 %scan) nounwind {
  %at = alloca ptr
  store ptr null, ptr %at
  %failed = call i32 @posix_memalign(ptr %at, i64 %align, i64 %n)
  %p = load ptr, ptr %at
  %ok = icmp eq i32 %failed, 0
  %q = select i1 %ok, ptr %p, ptr null
  ret ptr %q
}
define void @A.free(ptr %p) nounwind alwaysinline {
  call void @free(ptr %p)
  ret void
}
"""

LIBC: Final = Allocator("libc", _LIBC, ())
ALL: Final = {a.name: a for a in (LIBC,)}


def find(name: str) -> Allocator:
    """The allocator of that name.

    Raises: UsageError where there is none.
    """
    if name not in ALL:
        raise UsageError.of(f"no allocator {name!r:.80}", f"the allocators are {', '.join(ALL)}")
    return ALL[name]
