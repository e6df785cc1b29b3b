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


@dataclass(frozen=True, slots=True)
class Allocator:
    """`text` is LLVM's: it defines `@A.zeroed`, `@A.raw`, `@A.aligned` and `@A.free`; `@A.setup`, which the process
    calls once, and `@A.begin` and `@A.end`, which a thread calls around its program. `library` is the short name of
    the shared library that the functions which it calls are in, None for libc. `is_generated`: they are the pool's.
    `scans_stacks`: it looks for references on the stacks of the threads that it knows."""

    name: str
    text: str
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
        """Where in this process the functions are that `text` declares.

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
        names = re.findall(r"^declare [^@]*@([A-Za-z_]+)\(", self.text, re.MULTILINE)
        found = {name: ctypes.cast(getattr(library, name), ctypes.c_void_p).value for name in names}
        return {name: address for name, address in found.items() if address is not None}


_NOTHING_TO_PREPARE = """
define void @A.setup() nounwind { ret void }
define void @A.begin() nounwind { ret void }
define void @A.end() nounwind { ret void }
"""

# `%scan` says that pointers may be in the block; only a collector asks.
_LIBC = (
    _NOTHING_TO_PREPARE
    + """
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
define void @A.free(ptr %p, i64 %n) nounwind alwaysinline {
  call void @free(ptr %p)
  ret void
}
"""
)

_MIMALLOC = (
    _NOTHING_TO_PREPARE
    + """
declare noalias ptr @mi_zalloc(i64) nounwind allockind("alloc,zeroed") allocsize(0) "alloc-family"="mimalloc"
declare noalias ptr @mi_malloc(i64) nounwind allockind("alloc,uninitialized") allocsize(0) "alloc-family"="mimalloc"
declare noalias ptr @mi_malloc_aligned(i64, i64) nounwind
declare void @mi_free(ptr allocptr) nounwind allockind("free") "alloc-family"="mimalloc"

define noalias ptr @A.zeroed(i64 %n, i1 %scan) nounwind alwaysinline {
  %p = call noalias ptr @mi_zalloc(i64 %n)
  ret ptr %p
}
define noalias ptr @A.raw(i64 %n, i1 %scan) nounwind alwaysinline {
  %p = call noalias ptr @mi_malloc(i64 %n)
  ret ptr %p
}
define noalias ptr @A.aligned(i64 %n, i64 %align, i1 %scan) nounwind {
  %p = call noalias ptr @mi_malloc_aligned(i64 %n, i64 %align)
  ret ptr %p
}
define void @A.free(ptr %p, i64 %n) nounwind alwaysinline {
  call void @mi_free(ptr %p)
  ret void
}
"""
)

# The functions that only jemalloc has, so that libc's stay what they are in a process that has both. They take no
# size of 0 and no null. Flags: 64 zeroes, the low bits are the logarithm of the alignment.
_JEMALLOC = (
    _NOTHING_TO_PREPARE
    + """
declare noalias ptr @mallocx(i64, i32) nounwind allocsize(0) "alloc-family"="jemalloc"
declare void @dallocx(ptr allocptr, i32) nounwind allockind("free") "alloc-family"="jemalloc"

define noalias ptr @A.zeroed(i64 %n, i1 %scan) nounwind alwaysinline {
  %some = call i64 @llvm.umax.i64(i64 %n, i64 1)
  %p = call noalias ptr @mallocx(i64 %some, i32 64)
  ret ptr %p
}
define noalias ptr @A.raw(i64 %n, i1 %scan) nounwind alwaysinline {
  %some = call i64 @llvm.umax.i64(i64 %n, i64 1)
  %p = call noalias ptr @mallocx(i64 %some, i32 0)
  ret ptr %p
}
define noalias ptr @A.aligned(i64 %n, i64 %align, i1 %scan) nounwind {
  %some = call i64 @llvm.umax.i64(i64 %n, i64 1)
  %zeros = call i64 @llvm.cttz.i64(i64 %align, i1 true)
  %flags = trunc i64 %zeros to i32
  %p = call noalias ptr @mallocx(i64 %some, i32 %flags)
  ret ptr %p
}
define void @A.free(ptr %p, i64 %n) nounwind alwaysinline {
  %nil = icmp eq ptr %p, null
  br i1 %nil, label %done, label %some
some:
  call void @dallocx(ptr %p, i32 0)
  br label %done
done:
  ret void
}
"""
)

# Blocks without pointers are not looked into, and do not come zeroed.
_BOEHM = """
declare noalias ptr @GC_malloc(i64) nounwind allockind("alloc,zeroed") allocsize(0) "alloc-family"="gc"
declare noalias ptr @GC_malloc_atomic(i64) nounwind allockind("alloc,uninitialized") allocsize(0) "alloc-family"="gc"
declare noalias ptr @GC_memalign(i64, i64) nounwind
declare void @GC_free(ptr allocptr) nounwind allockind("free") "alloc-family"="gc"
declare void @GC_init() nounwind
declare void @GC_allow_register_threads() nounwind
declare i32 @GC_get_stack_base(ptr) nounwind
declare i32 @GC_register_my_thread(ptr) nounwind
declare i32 @GC_unregister_my_thread() nounwind

define void @A.setup() nounwind {
  call void @GC_init()
  call void @GC_allow_register_threads()
  ret void
}
define void @A.begin() nounwind {
  %base = alloca [64 x i8], align 16
  %found = call i32 @GC_get_stack_base(ptr %base)
  %entered = call i32 @GC_register_my_thread(ptr %base)
  ret void
}
define void @A.end() nounwind {
  %left = call i32 @GC_unregister_my_thread()
  ret void
}
define noalias ptr @A.zeroed(i64 %n, i1 %scan) nounwind alwaysinline {
  br i1 %scan, label %traced, label %plain
traced:
  %p = call noalias ptr @GC_malloc(i64 %n)
  ret ptr %p
plain:
  %q = call noalias ptr @GC_malloc_atomic(i64 %n)
  %missing = icmp eq ptr %q, null
  br i1 %missing, label %done, label %clear
clear:
  call void @llvm.memset.p0.i64(ptr %q, i8 0, i64 %n, i1 false)
  br label %done
done:
  ret ptr %q
}
define noalias ptr @A.raw(i64 %n, i1 %scan) nounwind alwaysinline {
  br i1 %scan, label %traced, label %plain
traced:                                            ; zeroed: what a collector finds there must not be what was before
  %p = call noalias ptr @GC_malloc(i64 %n)
  ret ptr %p
plain:
  %q = call noalias ptr @GC_malloc_atomic(i64 %n)
  ret ptr %q
}
define noalias ptr @A.aligned(i64 %n, i64 %align, i1 %scan) nounwind {
  %p = call noalias ptr @GC_memalign(i64 %align, i64 %n)
  ret ptr %p
}
define void @A.free(ptr %p, i64 %n) nounwind alwaysinline {
  call void @GC_free(ptr %p)
  ret void
}
"""

# A block that is aligned more than all are is a part of a larger one: the pool takes back any part of a block.
_POOL = (
    _NOTHING_TO_PREPARE
    + """
declare noalias ptr @irpass_pool_take(i64) nounwind allockind("alloc,uninitialized") allocsize(0) "alloc-family"="pool"
declare void @irpass_pool_give(ptr allocptr, i64) nounwind allockind("free") "alloc-family"="pool"

define noalias ptr @A.zeroed(i64 %n, i1 %scan) nounwind alwaysinline {
  %p = call noalias ptr @irpass_pool_take(i64 %n)
  %missing = icmp eq ptr %p, null
  br i1 %missing, label %done, label %clear
clear:
  call void @llvm.memset.p0.i64(ptr align 16 %p, i8 0, i64 %n, i1 false)
  br label %done
done:
  ret ptr %p
}
define noalias ptr @A.raw(i64 %n, i1 %scan) nounwind alwaysinline {
  %p = call noalias ptr @irpass_pool_take(i64 %n)
  ret ptr %p
}
define noalias ptr @A.aligned(i64 %n, i64 %align, i1 %scan) nounwind {
  %more = add i64 %n, %align
  %p = call noalias ptr @irpass_pool_take(i64 %more)
  %missing = icmp eq ptr %p, null
  %at = ptrtoint ptr %p to i64
  %last = sub i64 %align, 1
  %past = add i64 %at, %last
  %mask = sub i64 0, %align
  %start = and i64 %past, %mask
  %skip = sub i64 %start, %at
  %q = getelementptr i8, ptr %p, i64 %skip
  %r = select i1 %missing, ptr null, ptr %q
  ret ptr %r
}
define void @A.free(ptr %p, i64 %n) nounwind alwaysinline {
  call void @irpass_pool_give(ptr %p, i64 %n)
  ret void
}
"""
)

LIBC: Final = Allocator("libc", _LIBC)
MIMALLOC: Final = Allocator("mimalloc", _MIMALLOC, "mimalloc")
JEMALLOC: Final = Allocator("jemalloc", _JEMALLOC, "jemalloc")
BOEHM: Final = Allocator("boehm", _BOEHM, "gc", scans_stacks=True)
POOL: Final = Allocator("pool", _POOL, is_generated=True)
ALL: Final = {a.name: a for a in (LIBC, MIMALLOC, JEMALLOC, BOEHM, POOL)}


def find(name: str) -> Allocator:
    """The allocator of that name.

    Raises: UsageError where there is none.
    """
    if name not in ALL:
        raise UsageError.of(f"no allocator {name!r:.80}", f"the allocators are {', '.join(ALL)}")
    return ALL[name]
