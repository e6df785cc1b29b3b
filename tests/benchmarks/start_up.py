"""How long `irpass optimize` takes on a ten-line file, against `xdsl-opt` on a ten-line file, in the same run.

    python -m tests.benchmarks.start_up [--runs 20]

Both are installed in a fresh virtual environment, irpass from a wheel that is built here; runs alternate, and the
medians and their ratio are printed.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
IR = """func @main(%n: i64) -> i64 {
entry:
  %a = make []i64, 4
  %b = make []i64, 2
  store %a[0], %n
  store %b[1], 7
  %x = load %a[0]
  %y = load %b[1]
  %z = add %x, %y
  ret %z
}
"""
MLIR = """builtin.module {
  func.func @main(%n: i64, %k: index) -> i64 {
    %a = memref.alloc() : memref<4xi64>
    %b = memref.alloc() : memref<2xi64>
    memref.store %n, %a[%k] : memref<4xi64>
    %x = memref.load %a[%k] : memref<4xi64>
    %z = arith.addi %x, %n : i64
    func.return %z : i64
  }
}
"""


def seconds(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=20)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
        bin_folder = folder / "venv" / "bin"
        pip = [str(bin_folder / "pip"), "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([str(bin_folder / "pip"), "wheel", "--quiet", "--no-deps", "-w", name, str(ROOT)], check=True)
        subprocess.run([*pip, str(next(folder.glob("irpass-*.whl"))), "xdsl"], check=True)
        (folder / "ten.ir").write_text(IR)
        (folder / "ten.mlir").write_text(MLIR)
        commands = {
            "irpass optimize": [str(bin_folder / "irpass"), "optimize", str(folder / "ten.ir")],
            "xdsl-opt": [str(bin_folder / "xdsl-opt"), str(folder / "ten.mlir")],
            "python -c pass": [str(bin_folder / "python"), "-c", "pass"],
        }
        times: dict[str, list[float]] = {key: [] for key in commands}
        for command in commands.values():
            seconds(command)  # caches and byte code
        for _ in range(runs):
            for key, command in commands.items():
                times[key].append(seconds(command))
    medians = {key: statistics.median(values) for key, values in times.items()}
    for key, value in medians.items():
        print(f"{key:16} {value * 1000:7.1f} ms (median of {runs})")
    print(f"irpass takes {medians['irpass optimize'] / medians['xdsl-opt']:.2f} of xdsl-opt's time")


if __name__ == "__main__":
    main()
