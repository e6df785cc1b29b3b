"""Small models of the rules by which other projects fold allocations, to compare how many allocator calls remain.

    python -m tests.peers.folding_rules            the table for the samples, in Markdown
    python -m tests.peers.folding_rules FILE...    for other programs

Each model re-tells which sites may share a call, from the published sources, and nothing else: where the table says
OCaml, it means the model. All of them see the blocks of a module after the scalar passes, and are held to the same
terms as irpass: memory with and without pointers apart, the same bytes for a group and dead bytes kept, and the sites
that irpass must leave alone (freed where nobody sees it, always trapping, without bytes) are left alone. `LIFTED`
lifts the first three terms, for the models and for irpass.

- `ocaml`: the combined allocation of a block; at most 257 words, one of them the header of each object; ends at a call
  and at what the runtime allocates.
- `pypy`: the same with young objects of up to 135,168 bytes; ends at what may collect. A trace has no counterpart here.
- `v8`: up to 131,072 bytes; ends at what may allocate. `v8_tree`: the same along blocks with one predecessor.
- `mlir`: all sites of the entry block, whatever is between them.

Sizes known only at run time fold under none of these rules.

Source: OCaml asmcomp/comballoc.ml; PyPy rpython/jit/backend/llsupport/rewrite.py; V8 compiler/memory-lowering.cc; and
MLIR's static-memory-planner-analysis, 2026.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import irpass as ip
from irpass.fold.fold_allocs import FoldAllocs
from irpass.fold.grouping import is_legal, retained_bytes
from irpass.fold.plan import Group, Limits, Site
from irpass.fold.sites import RegionSites
from irpass.ir import ops
from irpass.ir.copying import copy_module
from irpass.ir.core import Block, Func, Module
from irpass.passes.base import Context
from irpass.passes.registry import DEFAULT

SCALAR = DEFAULT.split(",fold-allocs", maxsplit=1)[0]
SAMPLES = Path(__file__).parent.parent.parent / "samples"
_CALLS = (ops.CALL, ops.PRINT, ops.APPEND, ops.EXTEND)

TERMS = Limits()
LIFTED = Limits(1 << 46, 1 << 46, mix_scan=True)


@dataclass(frozen=True)
class Step:
    """What matters of an instruction: it is a site that may share, or one that stays `alone`, or a call."""

    site: Site | None = None
    alone: bool = False


Blocks = dict[Block, list[Step]]
Model = Callable[[Func, Blocks, Limits], int]


@dataclass
class Open:
    """The group that the next site may join; `calls` counts the groups so far."""

    limits: Limits
    fits: Callable[[Sequence[Site]], bool]
    sites: list[Site] = field(default_factory=list)
    calls: int = 0

    def close(self) -> None:
        self.sites = []

    def take(self, site: Site) -> None:
        """Let the site join, or begin the next group."""
        together = [*self.sites, site]
        if not self.sites or not self.fits(together) or not _within(together, self.limits):
            self.calls += 1
            together = [site]
        self.sites = together


def _within(sites: Sequence[Site], limits: Limits) -> bool:
    """Whether the sites keep the terms that hold for all."""
    if not limits.mix_scan and len({s.is_scan for s in sites}) > 1:
        return False
    total = sum(s.size_bytes or 0 for s in sites)
    return total <= limits.max_group_bytes and retained_bytes(sites) <= limits.max_retain_bytes


def _walk(steps: Sequence[Step], group: Open) -> None:
    """Take the sites in order; a call ends the group, and so does a site that the rule cannot fold."""
    for step in steps:
        site = step.site
        if site is None or step.alone or site.size_bytes is None or not group.fits([site]):
            group.close()
            group.calls += site is not None
        else:
            group.take(site)


def _by_block(blocks: Blocks, limits: Limits, fits: Callable[[Sequence[Site]], bool]) -> int:
    calls = 0
    for steps in blocks.values():
        group = Open(limits, fits)
        _walk(steps, group)
        calls += group.calls
    return calls


def _fits_ocaml(sites: Sequence[Site]) -> bool:
    return sum(-(-(s.size_bytes or 0) // 8) + 1 for s in sites) <= 257


def _fits_pypy(sites: Sequence[Site]) -> bool:
    return sum(-(-(s.size_bytes or 0) // 8) * 8 for s in sites) <= 135_168


def _fits_v8(sites: Sequence[Site]) -> bool:
    return sum(-(-(s.size_bytes or 0) // 8) * 8 for s in sites) <= 131_072


def ocaml(func: Func, blocks: Blocks, limits: Limits) -> int:
    return _by_block(blocks, limits, _fits_ocaml)


def pypy(func: Func, blocks: Blocks, limits: Limits) -> int:
    return _by_block(blocks, limits, _fits_pypy)


def v8(func: Func, blocks: Blocks, limits: Limits) -> int:
    return _by_block(blocks, limits, _fits_v8)


def v8_tree(func: Func, blocks: Blocks, limits: Limits) -> int:
    """A block with one predecessor goes on with that one's group; where ways meet, groups end."""
    predecessors: dict[Block, list[Block]] = {b: [] for b in blocks}
    for block in blocks:
        for successor in block.successors():
            predecessors[successor].append(block)
    calls = 0
    stack: list[tuple[Block, list[Site]]] = [(b, []) for b in blocks if len(predecessors[b]) != 1]
    while stack:
        block, sites = stack.pop()
        group = Open(limits, _fits_v8, sites)
        _walk(blocks[block], group)
        calls += group.calls
        stack += [(s, group.sites) for s in block.successors() if len(predecessors[s]) == 1]
    return calls


def mlir(func: Func, blocks: Blocks, limits: Limits) -> int:
    """All sites of known sizes in the entry block; another group begins where the terms for all do not allow one."""
    open_groups: list[list[Site]] = []
    calls = 0
    for block, steps in blocks.items():
        for step in steps:
            site = step.site
            if site is None:
                continue
            if block is not func.entry or step.alone or site.size_bytes is None:
                calls += 1
                continue
            for group in open_groups:
                if is_legal([*group, site], limits):
                    group.append(site)
                    break
            else:
                open_groups.append([site])
    return calls + len(open_groups)


MODELS: dict[str, Model] = {"OCaml": ocaml, "PyPy": pypy, "V8, in the block": v8, "MLIR": mlir}


@dataclass(frozen=True)
class Counts:
    """Allocator calls in the text of a program: as written after the scalar passes, by model, and under irpass."""

    sites: int
    models: dict[str, int]
    v8_tree: int
    irpass: int
    speculating: int  # irpass with `scope=speculate`


def count_calls(text: str, limits: Limits = TERMS) -> Counts:
    """How many calls remain of those in `text`."""
    module = ip.parse(text)
    ip.optimize(module, SCALAR)
    per_func = _steps(module)
    sites = sum(step.site is not None for _, blocks in per_func for steps in blocks.values() for step in steps)
    models = {name: sum(m(f, blocks, limits) for f, blocks in per_func) for name, m in MODELS.items()}
    tree = sum(v8_tree(f, blocks, limits) for f, blocks in per_func)
    options = f"max-group={limits.max_group_bytes} max-retain={limits.max_retain_bytes}"
    options += f" mix-scan={str(limits.mix_scan).lower()}"
    ours, speculating = (_calls(module, f"{options} scope={scope}") for scope in ("block", "speculate"))
    return Counts(sites, models, tree, ours, speculating)


def _calls(module: Module, options: str) -> int:
    report = ip.optimize(copy_module(module), f"fold-allocs{{{options}}}")
    return sum(counters.get("calls", 0) for counters in report.statistics.values())


@dataclass(frozen=True)
class Looker(FoldAllocs):
    """The pass, noting the sites of each block before it plans."""

    blocks: Blocks = field(default_factory=dict)

    def _plan(self, found: RegionSites, *rest: Any) -> list[Group]:
        sites = {s.index: s for s in found.sites}
        steps = self.blocks[found.region.blocks[0]] = []
        for index, instr in enumerate(found.region.instrs):
            if instr.op in (ops.MAKE, ops.NEW):
                steps.append(Step(sites.get(index, Site(index, index, None, 1)), alone=index in found.refused))
            elif instr.op in _CALLS:
                steps.append(Step())
        return super()._plan(found, *rest)


def _steps(module: Module) -> list[tuple[Func, Blocks]]:
    """The functions with the steps of their blocks; `module` stays as it is."""
    copy = copy_module(module)
    looker = Looker()
    without = {block: [Step() for i in block.instrs if i.op in _CALLS] for f in copy.funcs for block in f.blocks}
    looker.run_module(copy, Context(copy))
    return [(func, {b: looker.blocks.get(b, without[b]) for b in func.blocks}) for func in copy.funcs if func.blocks]


def table(paths: Sequence[Path]) -> str:
    """The counts by program, in Markdown."""
    names = ["program", "sites", *MODELS, "V8, beyond it", "irpass", "irpass, beyond it"]
    lines = [f"| {' | '.join(names)} |", f"|{' --- |' * len(names)}"]
    total = [0] * (len(names) - 1)
    for path in paths:
        counts = count_calls(path.read_text(encoding="utf-8"))
        row = [counts.sites, *counts.models.values(), counts.v8_tree, counts.irpass, counts.speculating]
        total = [a + b for a, b in zip(total, row, strict=True)]
        lines.append(f"| {path.stem} | {' | '.join(map(str, row))} |")
    return "\n".join([*lines, f"| all | {' | '.join(map(str, total))} |"])


def main() -> None:
    print(table([Path(name) for name in sys.argv[1:]] or sorted(SAMPLES.glob("*.ir"))))


if __name__ == "__main__":
    main()
