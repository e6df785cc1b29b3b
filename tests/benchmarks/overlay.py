"""Peak heap bytes of the samples: as written, folded side by side, and folded with overlay.

    python -m tests.benchmarks.overlay         all samples
    python -m tests.benchmarks.overlay --some  those that overlay changes: the table in irpass/fold/README.md

Prints a Markdown table. Each sample runs once in the reference interpreter, with the
arguments of its first `// run:` line; a heap gives back what is freed and what lived in a frame, and nothing else.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import irpass as ip
from irpass.passes.pipeline import DEFAULT
from tests.golden.claims import read_claim
from tests.parts import main_args

SAMPLES = Path(__file__).parent.parent.parent / "samples"


@dataclass(frozen=True)
class Row:
    """Peak heap bytes of one program; `calls` of the allocator before and after; `overlaid` counts members that lie in
    bytes of others."""

    name: str
    calls_before: int
    calls_after: int
    peak_before: int
    peak_apart: int
    peak_overlaid: int
    overlaid: int


def measure(path: Path) -> Row:
    """The row of one sample."""
    claim = read_claim(path)
    args = claim.runs[0] if claim.runs else []
    before = ip.parse(claim.text, path.name)
    apart, overlaid = ip.parse(claim.text, path.name), ip.parse(claim.text, path.name)
    ip.optimize(apart, DEFAULT.replace("fold-allocs", "fold-allocs{overlay=false}"), check=True)
    report = ip.optimize(overlaid, DEFAULT, check=True)
    heaps = [_run(module, args).heap for module in (before, apart, overlaid)]
    members = sum(counters.get("overlaid", 0) for counters in report.statistics.values())
    peaks = [heap.peak_bytes for heap in heaps]
    return Row(path.stem, heaps[0].calls, heaps[2].calls, peaks[0], peaks[1], peaks[2], members)


def _run(module: ip.Module, args: list[str]) -> ip.Outcome:
    return ip.run(module, *main_args(module, args))


def table(rows: list[Row]) -> str:
    lines = [
        "| program | calls, before | after | peak bytes, before | folded, apart | overlaid | members overlaid |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for r in rows:
        numbers = (r.calls_before, r.calls_after, r.peak_before, r.peak_apart, r.peak_overlaid, r.overlaid)
        lines.append(f"| {r.name} | {' | '.join(f'{n:,}' for n in numbers)} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--some", action="store_true")
    is_short = parser.parse_args().some
    rows = [measure(path) for path in sorted(SAMPLES.glob("*.ir"))]
    print(table([row for row in rows if row.overlaid or not is_short]))


if __name__ == "__main__":
    main()
