"""The allocators that native code may take its memory from: what to call, and where it is."""

from __future__ import annotations

import ctypes
import ctypes.util
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from irpass.diagnostics import UsageError
from irpass.native import pool
from irpass.native.llvm import runtime_text


@dataclass(frozen=True, slots=True)
class Allocator:
    """`files` are LLVM's text, beside this module: `@A.zeroed`, `@A.raw`, `@A.aligned` and `@A.free`; `@A.setup`, which
    the process calls once, and `@A.begin` and `@A.end`, which a thread calls around its program. `fast_paths` is a file
    with bodies for what those call, to put in their places in an executable. `library` is the short name of the shared
    library that has what they call, None for libc. `is_generated`: the pool has it. `scans_stacks`: it looks for
    references on the stacks of the threads that it knows."""

    name: str
    files: tuple[str, ...]
    fast_paths: str | None = None
    library: str | None = None
    is_generated: bool = False
    scans_stacks: bool = False

    def path(self) -> str | None:
        """The shared library; None for libc.

        Raises: UsageError where it is not installed.
        """
        if self.is_generated:
            return pool.shared_library()
        if self.library is None:
            return None
        found = ctypes.util.find_library(self.library)
        if found is None:
            raise UsageError.of(
                f"the allocator {self.name} needs lib{self.library}, which is not installed",
                "install it with the system's package manager, or use --allocator libc",
            )
        return found

    def link_flags(self, folder: Path) -> list[str]:
        """What the linker needs; what has to be made for it is made in `folder`."""
        if self.is_generated:
            return [pool.compile_object(folder)]
        path = self.path()
        return [f"-l:{path}"] if path is not None else []

    def addresses(self) -> dict[str, int]:
        """Where in this process the functions are that `files` declare.

        Raises: UsageError where the library is not installed, or cannot be loaded into a process that runs.
        """
        path = self.path()
        if path is None:
            return {}
        try:
            library = ctypes.CDLL(path)
        except OSError as error:
            raise UsageError.of(
                f"the allocator {self.name} cannot be loaded: {error}", "`irpass build` can still link with it"
            ) from None
        names = re.findall(r"^declare [^@]*@([A-Za-z_]+)\(", runtime_text(*self.files), re.MULTILINE)
        found = {name: ctypes.cast(getattr(library, name), ctypes.c_void_p).value for name in names}
        return {name: address for name, address in found.items() if address is not None}


LIBC: Final = Allocator("libc", ("allocator_libc.ll", "no_setup.ll"))
MIMALLOC: Final = Allocator("mimalloc", ("allocator_mimalloc.ll", "no_setup.ll"), library="mimalloc")
JEMALLOC: Final = Allocator("jemalloc", ("allocator_jemalloc.ll", "no_setup.ll"), library="jemalloc")
BOEHM: Final = Allocator("boehm", ("allocator_boehm.ll",), library="gc", scans_stacks=True)
POOL: Final = Allocator("pool", ("allocator_pool.ll", "no_setup.ll"), "pool_fast_paths.ll", is_generated=True)
ALL: Final = {a.name: a for a in (LIBC, MIMALLOC, JEMALLOC, BOEHM, POOL)}


def find(name: str) -> Allocator:
    """The allocator of that name.

    Raises: UsageError where there is none.
    """
    if name not in ALL:
        raise UsageError.of(f"no allocator {name!r:.80}", f"the allocators are {', '.join(ALL)}")
    return ALL[name]
