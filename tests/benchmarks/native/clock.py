"""Processor seconds of child processes, the variants of a program by turns."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.native.variants import Variant


def cpu_seconds(command: Sequence[str]) -> float:
    """User and system time of one run, all its threads included.

    Raises: subprocess.CalledProcessError where it fails.
    """
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise subprocess.CalledProcessError(process.returncode, list(command))
    return usage.ru_utime + usage.ru_stime


def outputs_differ(variants: Sequence[Variant]) -> list[str]:
    """The names of the variants that print anything else than the first; each is run once, which warms it up too."""
    printed = [subprocess.run(v.command, capture_output=True, check=True).stdout for v in variants]
    return [v.name for v, text in zip(variants, printed, strict=True) if text != printed[0]]


def best_seconds(variants: Sequence[Variant], runs: int) -> dict[str, float]:
    """The least processor seconds of `runs` runs of each, taken by turns."""
    best: dict[str, float] = {}
    for _ in range(runs):
        for variant in variants:
            seconds = cpu_seconds(variant.command)
            best[variant.name] = min(seconds, best.get(variant.name, seconds))
    return best


def libc_calls(variant: Variant, counter: Path, scratch: Path) -> int:
    """How many calls of one run reach libc's allocator."""
    report = scratch / "calls"
    environment = {**os.environ, "LD_PRELOAD": str(counter), "IRPASS_CALLS": str(report)}
    subprocess.run(variant.command, stdout=subprocess.DEVNULL, env=environment, check=True)
    return int(report.read_text(encoding="ascii"))
