"""The modelled heap behind `irpass run`: made as the options say, and what it leaves when the program has ended."""

from __future__ import annotations

from dataclasses import asdict, replace

from irpass.cli.io import read_utf8, write_output
from irpass.diagnostics import Diagnostic
from irpass.heap.collector import Collector
from irpass.heap.model import ModelHeap
from irpass.heap.spec import HeapSpec
from irpass.heap.spec_reader import read_heap_spec
from irpass.heap.trace import event_line
from irpass.interp.machine import HEAP_LIMIT_BYTES


def read_spec(path: str | None, limit_bytes: int | None) -> HeapSpec:
    """The spec in a file, or that of a plain heap; `limit_bytes` stands over its limit.

    Raises: UsageError where the file cannot be read, ParseError for what is wrong with it.
    """
    spec = read_heap_spec(*read_utf8(path)) if path is not None else HeapSpec()
    if limit_bytes is None and spec.limit_bytes is None:
        limit_bytes = HEAP_LIMIT_BYTES
    return spec if limit_bytes is None else replace(spec, limit_bytes=limit_bytes)


class HeapRun:
    """A heap for one run of a program.

    Raises: UsageError where the spec cannot be read, ParseError for what is wrong with it.
    """

    def __init__(
        self, spec_path: str | None, trace_path: str | None, fail_at: int | None, limit_bytes: int | None
    ) -> None:
        self._trace_path = trace_path
        self._lines: list[str] = []
        self.heap = ModelHeap(
            read_spec(spec_path, limit_bytes),
            fail_at=fail_at,
            on_event=None if trace_path is None else lambda event: self._lines.append(event_line(event)),
        )

        wanted = self.heap.spec.collector
        self.collector: Collector | None = None
        if wanted.mode != "none":
            self.collector = Collector(wanted.mode, wanted.threshold_bytes, wanted.every, wanted.step)

    def text(self) -> str:
        """What the heap and its collector did, for people."""
        lines = [self.heap.report().text()]
        if self.collector is not None:
            did = self.collector.stats
            lines.append(
                f"collector {self.collector.mode}: collections {did.collections}, marked {did.marked} blocks with "
                f"{did.marked_bytes} bytes, swept {did.swept} with {did.swept_bytes}, retained at most "
                f"{did.most_retained_bytes}; pauses {did.pause_count}, mean {did.mean_pause:.1f} units, "
                f"longest {did.max_pause}"
            )
        return "\n".join(lines)

    def to_json(self) -> dict[str, object]:
        """The same as an object for JSON; the collector under its own key."""
        found = self.heap.report().to_json()
        if self.collector is not None:
            did = self.collector.stats
            found["collector"] = {
                **{name: number for name, number in asdict(did).items() if name != "pauses"},
                "pauses": did.pause_count,
                "pause_units": did.work_units,
                "longest_pause_units": did.max_pause,
            }
        return found

    def write_trace(self) -> None:
        if self._trace_path is not None:
            write_output(self._trace_path, "".join(self._lines))

    def leak_diagnostics(self, file: str) -> list[Diagnostic]:
        """An error for each site that leaked, where the spec calls leaks faults."""
        guard = self.heap.spec.guard
        if guard is None or guard.leaks != "fault":
            return []
        sites = self.heap.report().sites
        return [
            Diagnostic(
                "leak",
                f"{sites[fault.site].live_blocks} blocks of {fault.site or 'an unknown site'}, with "
                f"{sites[fault.site].live_bytes} bytes, were never freed",
                file,
                notes=(f"the first is at {fault.address:#x}",),
            )
            for fault in self.heap.leaks()
        ]
