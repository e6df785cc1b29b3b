"""Who may import whom. Any edge that is not in the table fails, imports within functions included."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent / "irpass"
PASSES = {"ir", "analysis", "remarks", "diagnostics", "passes.base"}
ALLOWED: dict[str, set[str]] = {
    "diagnostics": set(),
    "ir": {"diagnostics"},
    "remarks": {"diagnostics", "ir"},
    "text": {"diagnostics", "ir"},
    "verifier": {"diagnostics", "ir"},
    "check": {"diagnostics", "ir"},
    "heap": {"diagnostics", "ir", "toml"},
    "packing": {"diagnostics"},
    "generate": {"diagnostics", "toml"},
    "toml": {"diagnostics"},
    "interp": {"diagnostics", "ir", "heap"},
    "analysis": {"diagnostics", "ir", "remarks"},
    "graphs": {"diagnostics", "ir", "analysis", "text"},  # a node shows its instruction as text
    "passes.base": {"ir", "analysis", "remarks"},
    "passes": PASSES,
    "fold": PASSES | {"packing", "text"},  # a remark shows the instruction that is to blame
    "passes.pipeline": PASSES | {"passes", "fold", "verifier", "check"},
    "report": {"diagnostics", "ir", "remarks", "text", "verifier", "graphs", "passes.pipeline"},
    # native code gives the interpreter's outcomes to the interpreter's hosts, and shows the line that trapped
    # and its allocator `pool` is a generated one
    "native": {"diagnostics", "ir", "heap", "interp", "text", "generate"},
    "api": {"diagnostics", "ir", "text", "verifier", "interp", "native", "passes.pipeline"},
}
PIPELINE = ("passes.pipeline", "passes.registry", "passes.options", "passes.pins")


def part_of(module: str) -> str:
    """The row of the table that a module `irpass.X.Y` belongs to."""
    names = module.removeprefix("irpass.").split(".")
    two = ".".join(names[:2])
    if two in PIPELINE:
        return "passes.pipeline"
    return two if two == "passes.base" else names[0]


def imports_of(path: Path) -> set[str]:
    """The modules of irpass that a file imports, wherever in it; but not what only type checkers read."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    hidden = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    found: set[str] = set()
    for node in ast.walk(tree):
        if id(node) in hidden:
            continue
        if isinstance(node, ast.Import):
            found |= {a.name for a in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found |= {f"irpass.{a.name}" for a in node.names} if node.module == "irpass" else {node.module}
    return {m for m in found if m.startswith("irpass.") and not m.startswith("irpass.__")}


def edges() -> dict[tuple[str, str], str]:
    """Each edge between parts, with a file that makes it."""
    found: dict[tuple[str, str], str] = {}
    for path in sorted(ROOT.rglob("*.py")):
        module = ".".join(("irpass", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__")
        if module == "irpass" or module.startswith("irpass.__"):
            continue
        for target in imports_of(path):
            if part_of(target) != part_of(module):
                found.setdefault((part_of(module), part_of(target)), str(path.relative_to(ROOT)))
    return found


def test_no_part_imports_what_the_table_does_not_allow() -> None:
    wrong = {
        f"{source} -> {target} ({path})"
        for (source, target), path in edges().items()
        if source not in ("cli", "testing") and target not in ALLOWED[source]
    }
    # `repr` of an instruction is its text, for people at a debugger.
    assert wrong == {"ir -> text (ir/core.py)"}


def test_only_the_command_line_imports_the_command_line() -> None:
    assert not {edge for edge in edges() if edge[1] == "cli"}


def test_the_table_has_a_row_for_each_part() -> None:
    parts = {part_of(f"irpass.{p.stem if p.is_file() else p.name}") for p in ROOT.iterdir() if p.suffix in ("", ".py")}
    assert parts - {"__init__", "__main__", "__pycache__", "cli", "testing", "py.typed"} <= set(ALLOWED)


def test_heavy_extras_are_imported_where_they_are_used() -> None:
    heavy = {"networkx", "jinja2", "ortools", "xdsl", "llvmlite", "pygments"}
    for path in ROOT.rglob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not {n.split(".")[0] for n in names} & heavy or path.name == "highlight.py", path
