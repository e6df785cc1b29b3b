"""The fourteen programs, and how large a run of each is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

GO = Path(__file__).parents[3] / "samples" / "minigo" / "programs"
C = Path(__file__).parent / "c"
ALLOCATES = "allocation-heavy"
WELL_KNOWN = "well-known"
FAMILIES = (ALLOCATES, WELL_KNOWN)


@dataclass(frozen=True, slots=True)
class Program:
    """`size` is the argument that makes the unfolded program with libc run for 0.3 to 1 s, `counted` the one that
    allocator calls and peaks are counted with."""

    name: str
    family: str
    size: int
    counted: int

    @property
    def go(self) -> Path:
        return GO / f"{self.name}.go"

    @property
    def c(self) -> Path:
        return C / f"{self.name}.c"

    @property
    def has_scratch(self) -> bool:
        """Whether the program in C can have arrays in its frames instead of asking an allocator."""
        return "scratch.h" in self.c.read_text(encoding="utf-8")


PROGRAMS = {
    p.name: p
    for p in (
        Program("records", ALLOCATES, 4_000_000, 100_000),
        Program("matrices", ALLOCATES, 3_200_000, 100_000),
        Program("split", ALLOCATES, 3_000_000, 100_000),
        Program("trees", ALLOCATES, 200_000, 100_000),
        Program("tokens", ALLOCATES, 1_000_000, 50_000),
        Program("graphs", ALLOCATES, 800_000, 30_000),
        Program("distance", ALLOCATES, 3_000_000, 100_000),
        Program("particles", ALLOCATES, 5_000_000, 100_000),
        Program("fannkuch", WELL_KNOWN, 10, 8),
        Program("spectralnorm", WELL_KNOWN, 2_500, 100),
        Program("nbody", WELL_KNOWN, 1_200_000, 1_000),
        Program("binarytrees", WELL_KNOWN, 17, 12),
        Program("nqueens", WELL_KNOWN, 13, 8),
        Program("matmul", WELL_KNOWN, 900, 100),
    )
}
