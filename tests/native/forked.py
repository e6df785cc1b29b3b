"""Work in forked children, so that code which crashes or hangs is a finding and not the end of the tests."""

from __future__ import annotations

import os
import pickle
import select
import signal
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from typing import Any

Finding = tuple[int, str]  # the number of a piece of work, and what is wrong with it


def in_children(
    work: Callable[[int], tuple[str | None, int]], numbers: Iterable[int], *, batch: int = 50, seconds: float = 30
) -> Iterator[tuple[int, str | None, int]]:
    """For each number what `work` says of it; a crash, or more than `seconds` for one number, in words.

    A child does a batch of them in order, and another goes on behind the number that ended it.
    """
    left = list(numbers)
    while left:
        done = 0
        for number, message, count in _child(work, left[:batch], seconds):
            yield number, message, count
            done += 1
        left = left[done:]


def _child(
    work: Callable[[int], tuple[str | None, int]], numbers: list[int], seconds: float
) -> Iterator[tuple[int, str | None, int]]:
    reader, writer = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        _work_through(work, numbers, writer)
    os.close(writer)
    with os.fdopen(reader, "rb", buffering=0) as results:
        for number in numbers:
            ready, _, _ = select.select([results], [], [], seconds)
            found = _receive(results) if ready else None
            if found is None:
                if not ready:
                    os.kill(pid, signal.SIGKILL)
                _, status = os.waitpid(pid, 0)
                ended = signal.Signals(status & 0x7F).name if status & 0x7F else f"exit {status >> 8}"
                yield number, f"took more than {seconds} s" if not ready else f"the process ended: {ended}", 0
                return
            yield number, *found
    os.waitpid(pid, 0)


def _work_through(work: Callable[[int], tuple[str | None, int]], numbers: list[int], writer: int) -> None:
    for number in numbers:
        try:
            found = work(number)
        except Exception:  # whatever it is, the parent is to know
            found = (traceback.format_exc(limit=-4), 0)
        data = pickle.dumps(found)
        os.write(writer, len(data).to_bytes(4, "little") + data)
    os._exit(0)


def _receive(results: Any) -> tuple[str | None, int] | None:
    head = results.read(4)
    if len(head) < 4:
        return None
    size, data = int.from_bytes(head, "little"), b""
    while len(data) < size:
        data += results.read(size - len(data))
    found: tuple[str | None, int] = pickle.loads(data)
    return found
