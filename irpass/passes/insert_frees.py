"""An allocation that nothing outside its function can hold is freed where its last use has passed.

Needs: a verified module. Keeps: all that a program shows; memory comes back earlier. Leaves to others: allocations that
are stored in memory, returned, kept by a callee, or freed already; buffers that `append` has moved away from.

Before:
    func @f(%n: i64) -> i64 {
    entry:
      %a = make []i64, 8
      %p = elem %a, %n
      %x = load %p
      ret %x
    }

After:
    func @f(%n: i64) -> i64 {
    entry:
      %a = make []i64, 8
      %p = elem %a, %n
      %x = load %p
      free %a
      ret %x
    }

For a front end whose language has a collector, and a target that has none. A site is freed where no reference of its
alias class is live any more: after the last use in a block, or on the edge where the class stops being live. Each
reference of the class must come from the site, by instructions and block parameters that the site dominates, so that a
class which has died is born again by the site alone, and each object is freed once.

Source: the buffer deallocation of MLIR (`-buffer-deallocation`, 2020), whose ownership flags are not needed here, since
a site whose ownership is not known statically is left alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar

from irpass.analysis.alias_classes import CAPTURED, FOREIGN, FREED, FREED_BY_CALL, FREED_BY_CALLER, FREED_OWN, OUTER
from irpass.analysis.cfg import Cfg
from irpass.analysis.liveness import Liveness
from irpass.analysis.points_to import PointsTo
from irpass.ir import edit, ops
from irpass.ir.core import Block, Func, Instr, Module, Target, Value
from irpass.passes.base import Context, Pass

_SITES = (ops.MAKE, ops.NEW)
_NOT_OURS = CAPTURED | FOREIGN | OUTER | FREED | FREED_BY_CALL | FREED_BY_CALLER | FREED_OWN


@dataclass(frozen=True)
class InsertFrees(Pass):
    """Free what does not leave its function, where it is used no more."""

    name: ClassVar[str] = "insert-frees"
    summary: ClassVar[str] = "free allocations that do not leave their function, after their last use"

    def run_module(self, module: Module, context: Context) -> bool:
        points_to = PointsTo(module)
        changed = False
        for func in module.funcs:
            graph, live = context.analyses.cfg(func), context.analyses.liveness(func)
            place = {instr: n for block in func.blocks for n, instr in enumerate(block.instrs)}
            found = [c for c in _candidates(func, points_to, graph) if _deaths(c, graph, live, place)]
            found = [c for c in found if _dominates(c, graph, context)]
            if found:
                _insert(func, found, graph)
                context.count(func, "insert-frees.sites", len(found))
                changed = True
        return changed


@dataclass(slots=True)
class _Candidate:
    """A site, the references that may name its object, and where the last of them dies."""

    site: Instr
    references: list[Value]
    after: dict[Block, int] = field(default_factory=dict)  # block -> how many of its instructions come before the free
    on_edges: list[tuple[Block, Block]] = field(default_factory=list)


def _candidates(func: Func, points_to: PointsTo, graph: Cfg) -> Iterator[_Candidate]:
    """The sites that are alone in an alias class which stays in `func` and is stored nowhere."""
    classes: dict[object, list[Value]] = {}
    for value in _references(func, points_to):
        classes.setdefault(points_to.class_of(value), []).append(value)
    stored = {points_to.contents_class(values[0]) for values in classes.values()}
    for token, values in classes.items():
        sites = [v.definition for v in values if v.definition is not None and v.definition.op in _SITES]
        if len(sites) != 1 or token in stored or points_to.flags(values[0]) & _NOT_OURS:
            continue
        site = sites[0]
        assert site.block is not None
        others = {v for v in values if v is not site.result}
        if graph.is_reachable(site.block) and all(_comes_from(v, {*others, site.result}, graph) for v in others):
            yield _Candidate(site, values)


def _references(func: Func, points_to: PointsTo) -> Iterator[Value]:
    for value in func.params:
        if points_to.knows(value):
            yield value
    for block in func.blocks:
        for value in (*block.params, *(i.result for i in block.instrs if i.result is not None)):
            if points_to.knows(value):
                yield value


def _comes_from(value: Value, references: set[Value | None], graph: Cfg) -> bool:
    """Whether the class is live already wherever `value` is defined."""
    owner = value.owner
    if isinstance(owner, Instr):
        return owner.op is not ops.LOAD and any(o in references for o in owner.operands if isinstance(o, Value))
    if not isinstance(owner, Block):
        return False
    n = owner.params.index(value)
    edges = [t for p in graph.predecessors[owner] for t in p.instrs[-1].targets if t.block is owner]
    return all(isinstance(t.args[n], Value) and t.args[n] in references for t in edges)


def _deaths(c: _Candidate, graph: Cfg, live: Liveness, place: dict[Instr, int]) -> bool:
    """Find where the class of `c` dies; False where it never does, or its site may run while an older object lives.

    `place` numbers the instructions of each block from 0.
    """
    at_start: dict[Block, None] = {}
    last: dict[Block, int] = {}  # the last instruction of a block that reads or makes a reference; -1 for its beginning
    for value in c.references:
        if isinstance(value.owner, Block):
            at_start[value.owner] = None
        at_start.update(dict.fromkeys(live.live_in_blocks(value)))
        for instr in (value.definition, *value.uses):
            if instr is not None and instr.block is not None:
                last[instr.block] = max(last.get(instr.block, -1), place[instr])
    if c.site.block in at_start:
        return False
    for block in (b for b in {**last, **at_start} if graph.is_reachable(b)):
        if any(s in at_start for s in graph.successors[block]):
            c.on_edges += [(block, s) for s in graph.successors[block] if s not in at_start and not _stops(s)]
        elif not _stops(block):
            c.after[block] = last.get(block, -1) + 1
    return bool(c.after or c.on_edges) and all(count < len(block.instrs) for block, count in c.after.items())


def _stops(block: Block) -> bool:
    """Whether the program ends in `block`: nothing needs to come back there."""
    return block.instrs[-1].op is ops.TRAP


def _dominates(c: _Candidate, graph: Cfg, context: Context) -> bool:
    assert c.site.block is not None
    tree = context.analyses.dominators(graph.func)
    return all(tree.dominates(c.site.block, b) for b in (*c.after, *(s for s, _ in c.on_edges)))


def _insert(func: Func, found: list[_Candidate], graph: Cfg) -> None:
    """Put the frees in: after an instruction, at the start of a block that all its edges need it in, or on an edge."""
    inside: dict[Block, list[tuple[int, Instr]]] = {}
    edges: dict[tuple[Block, Block], list[Instr]] = {}
    for c in found:
        for block, count in c.after.items():
            inside.setdefault(block, []).append((count, c.site))
        for source, target in c.on_edges:
            if len(graph.predecessors[target]) == 1:
                inside.setdefault(target, []).append((0, c.site))
            else:
                edges.setdefault((source, target), []).append(c.site)
    split: dict[Block, list[tuple[Block, list[Instr]]]] = {}
    for (source, target), sites in edges.items():
        split.setdefault(source, []).extend(_split(func, source, target, sites))
    contents: list[tuple[Block, list[Instr]]] = []
    for block in func.blocks:
        contents.append((block, _with_frees(block, inside.get(block, []))))
        contents += split.get(block, [])
    edit.set_blocks(func, contents)


def _with_frees(block: Block, frees: list[tuple[int, Instr]]) -> list[Instr]:
    instrs: list[Instr] = []
    by_place: dict[int, list[Instr]] = {}
    for count, site in frees:
        by_place.setdefault(count, []).append(_free(block, site))
    for n, instr in enumerate(block.instrs):
        instrs += by_place.get(n, [])
        instrs.append(instr)
    return instrs


def _split(func: Func, source: Block, target: Block, sites: list[Instr]) -> Iterator[tuple[Block, list[Instr]]]:
    """A block with the frees on each edge from `source` to `target`, which `source` then goes to instead."""
    terminator = source.instrs[-1]
    targets: list[Target] = []
    for old in terminator.targets:
        if old.block is not target:
            targets.append(old)
            continue
        between = edit.new_block(func, "free")
        onward = Instr(ops.BR, [], targets=(Target(target, list(old.args)),), loc=terminator.loc)
        yield between, [*(_free(between, site) for site in sites), edit.place(between, onward)]
        targets.append(Target(between, []))
    edit.set_targets(terminator, terminator.op, terminator.operands, tuple(targets), terminator.imm)


def _free(block: Block, site: Instr) -> Instr:
    assert site.result is not None
    return edit.place(block, Instr(ops.FREE, [site.result], loc=site.loc))
