"""The system's C compiler: to link with, and to compile what is written in C."""

from __future__ import annotations

import os
import shutil
import subprocess

from irpass.diagnostics import Diagnostic, IrpassError, UsageError


def find_cc() -> str:
    """The C compiler's path.

    Raises: UsageError where there is none.
    """
    found = shutil.which(os.environ.get("CC") or "cc")
    if found is None:
        raise UsageError.of(
            "this needs a C compiler, and there is no cc",
            "install gcc or clang, or set CC; `--emit asm`, `--emit llvm`, and `irpass run` on libc need none",
        )
    return found


def run_cc(*words: str) -> None:
    """Compile or link.

    Raises: UsageError where there is no compiler, IrpassError where it fails.
    """
    cc = find_cc()
    done = subprocess.run([cc, *words], capture_output=True, text=True, errors="replace", check=False)
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines()[-5:] or [f"exit status {done.returncode}"]
        raise IrpassError([Diagnostic("link", f"{cc} failed", file="irpass", notes=tuple(lines))])
