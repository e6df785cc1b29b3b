"""The allocator `pool`: that which `irpass generate` writes for pool.toml, compiled with the system's `cc`."""

from __future__ import annotations

import atexit
import tempfile
from functools import cache
from pathlib import Path
from typing import Final

from irpass.native.compiler import run_cc

_HERE: Final = Path(__file__).parent
_SPEC: Final = "pool.toml"


def write_sources(folder: Path) -> list[str]:
    """Write the generated sources into a folder; gives the files to compile."""
    from irpass.generate import generate_files, read_spec

    spec = read_spec((_HERE / _SPEC).read_text(encoding="utf-8"), _SPEC)
    for name, text in generate_files(spec, "c").items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "pool.c").write_text((_HERE / "pool.c").read_text(encoding="utf-8"), encoding="utf-8")
    return [str(path) for path in sorted(folder.glob("*.c"))]


def compile_object(folder: Path) -> str:
    """An object file in the folder, to link a program with."""
    folder = folder / "pool"
    folder.mkdir()
    # One translation unit, so that the pool's fast paths are inlined into what native code calls.
    unit = folder / "unit.c"
    unit.write_text("".join(f'#include "{Path(name).name}"\n' for name in write_sources(folder)), encoding="utf-8")
    made = folder / "pool.o"
    run_cc("-O2", "-fPIC", "-w", "-c", str(unit), "-o", str(made))
    return str(made)


@cache
def shared_library() -> str:
    """The path of the pool as a shared library, made once a process."""
    with tempfile.TemporaryDirectory(prefix="irpass") as folder:
        made = tempfile.NamedTemporaryFile(prefix="irpass-pool", suffix=".so", delete=False)  # noqa: SIM115  # for the process
        made.close()
        atexit.register(Path(made.name).unlink, missing_ok=True)
        run_cc("-shared", "-pthread", compile_object(Path(folder)), "-o", made.name)
    return made.name
