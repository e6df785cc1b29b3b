"""The table of passes, the order that the built-in ones need with the reasons, and plug-ins."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from irpass.diagnostics import UsageError
from irpass.fold.fold_allocs import FoldAllocs
from irpass.passes.base import Pass
from irpass.passes.canonicalize import Canonicalize
from irpass.passes.cse import Cse
from irpass.passes.dce import Dce
from irpass.passes.inline import Inline
from irpass.passes.insert_frees import InsertFrees
from irpass.passes.simplify_cfg import SimplifyCfg

BUILT_IN: tuple[type[Pass], ...] = (Canonicalize, Cse, Dce, SimplifyCfg, Inline, InsertFrees, FoldAllocs)
ENTRY_POINT_GROUP = "irpass.passes"
DEFAULT = "(canonicalize,cse,simplify-cfg,dce,inline)*,fold-allocs,canonicalize,cse,simplify-cfg,dce"


class Order(NamedTuple):
    """`first` does its work better, or only, before `then`."""

    first: str
    then: str
    reason: str


ORDER = (
    Order("canonicalize", "fold-allocs", "a length that folds to a literal makes a size known at compile time"),
    Order("cse", "fold-allocs", "two computations of one length become one size"),
    Order("inline", "fold-allocs", "an allocation in a helper is seen only in the block that calls it"),
    Order("inline", "insert-frees", "what a callee returns is in its caller's hands only once it is inlined"),
    Order("insert-frees", "fold-allocs", "a group is given back at once only where its members are freed"),
    Order("simplify-cfg", "fold-allocs", "sites of two blocks that always follow each other share only as one block"),
    Order("dce", "fold-allocs", "an allocation that nobody uses should go, not be folded"),
)


@cache
def plug_ins() -> dict[str, type[Pass]]:
    """The passes of other packages, by name: those in the entry-point group `irpass.passes`.

    Raises: UsageError for an entry point that cannot be loaded or is no pass, or one with a name that is taken.
    """
    from importlib.metadata import entry_points

    found: dict[str, type[Pass]] = {}
    taken = {p.name for p in BUILT_IN}
    for entry in sorted(entry_points(group=ENTRY_POINT_GROUP), key=lambda e: e.name):
        try:
            loaded = entry.load()
        except Exception as error:  # anything may go wrong in a package that is not ours; the user needs its name
            raise UsageError.of(f"plug-in {entry.name} ({entry.value}) cannot be loaded: {error}") from error
        if not (isinstance(loaded, type) and issubclass(loaded, Pass)):
            raise UsageError.of(f"plug-in {entry.name} ({entry.value}) is no subclass of irpass.Pass")
        if loaded.name in taken:
            raise UsageError.of(f"plug-in {entry.name} ({entry.value}): a pass named {loaded.name} exists already")
        taken.add(loaded.name)
        found[loaded.name] = loaded
    return found


def find_pass(name: str) -> type[Pass] | None:
    """The pass of that name; plug-ins are looked for only where no built-in pass has it."""
    for built_in in BUILT_IN:
        if built_in.name == name:
            return built_in
    return plug_ins().get(name)


def all_passes() -> list[type[Pass]]:
    """Every pass, the built-in ones first."""
    return [*BUILT_IN, *plug_ins().values()]
