"""An allocation that nothing outside its function can hold is freed where its last use has passed.

Needs: a verified module. Keeps: all that a program shows; memory comes back earlier. Leaves to others: allocations that
are returned, kept by a callee, or freed already; those of a loop that outlive its round; buffers that `append` has
moved away from.

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

For a front end whose language has a collector, and a target that has none. A site is freed where nothing can reach its
alias class any more: no reference of the class is live, nor one of a class whose objects may hold it. That is after the
last use in a block, or on the edge where liveness ends. Such a *life* begins in one block only, all else comes from
live references; each way to its end passes the site, which no way within the life passes twice: so each object is
freed once.

Source: the buffer deallocation of MLIR (`-buffer-deallocation`, 2020), whose ownership flags are not needed here, since
a site whose ownership is not known statically is left alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar

from irpass.analysis.alias_classes import CAPTURED, FOREIGN, FREED, FREED_BY_CALL, FREED_BY_CALLER, FREED_OWN, OUTER
from irpass.analysis.cfg import Cfg
from irpass.analysis.dominators import DominatorTree
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
            found = list(_freed_sites(func, points_to, graph, live, context.analyses.dominators(func)))
            if found:
                _insert(func, found, graph)
                context.count(func, "insert-frees.sites", len(found))
                changed = True
        return changed


@dataclass(slots=True)
class _Life:
    """Where the objects of a class may be reached, block by block, and where that ends."""

    at_start: dict[Block, None] = field(default_factory=dict)
    after: dict[Block, int] = field(default_factory=dict)  # block -> how many of its instructions come before the end
    on_edges: list[tuple[Block, Block]] = field(default_factory=list)


def _freed_sites(
    func: Func, points_to: PointsTo, graph: Cfg, live: Liveness, tree: DominatorTree
) -> Iterator[tuple[Instr, _Life]]:
    """The sites whose objects can be freed, each with its life."""
    classes: dict[object, list[Value]] = {}
    for value in filter(points_to.knows, func.values()):
        classes.setdefault(points_to.class_of(value), []).append(value)
    holders: dict[object, list[object]] = {}  # class -> those whose objects may hold its own, at any depth
    for token, values in classes.items():
        for within in points_to.classes_within(values[0]):
            holders.setdefault(within, []).append(token)
    place = {instr: n for block in func.blocks for n, instr in enumerate(block.instrs)}
    for token, values in classes.items():
        sites = [v.definition for v in values if v.definition is not None and v.definition.op in _SITES]
        if not sites or points_to.flags(values[0]) & _NOT_OURS:
            continue
        family = dict.fromkeys(values)
        for holder in holders.get(token, ()):
            family.update(dict.fromkeys(classes[holder]))
        births = _births(family, graph)
        life = _life(family, graph, live, place) if births is not None else None
        if births is None or life is None or sum(block not in life.at_start for block in births) != 1:
            continue
        for site in sites:
            assert site.block is not None
            if _runs_once(site.block, life, graph) and _ends_after(site.block, life, tree):
                yield site, life


def _births(family: dict[Value, None], graph: Cfg) -> dict[Block, None] | None:
    """The blocks of the sites and calls that give a reference where none need be live; None if others may do so."""
    births: dict[Block, None] = {}
    for value in family:
        if _comes_from(value, family, graph):
            continue
        origin = value.definition
        if origin is None or origin.op not in (*_SITES, ops.CALL):
            return None
        assert origin.block is not None
        if not graph.is_reachable(origin.block):
            return None
        births[origin.block] = None
    return births


def _comes_from(value: Value, family: dict[Value, None], graph: Cfg) -> bool:
    """Whether a reference of `family` is live already wherever `value` is defined."""
    owner = value.owner
    if isinstance(owner, Instr):
        return any(o in family for o in owner.operands if isinstance(o, Value))
    if not isinstance(owner, Block):
        return False
    n = owner.params.index(value)
    edges = [t for p in graph.predecessors[owner] for t in p.instrs[-1].targets if t.block is owner]
    return all(isinstance(t.args[n], Value) and t.args[n] in family for t in edges)


def _life(family: dict[Value, None], graph: Cfg, live: Liveness, place: dict[Instr, int]) -> _Life | None:
    """Where a reference of `family` is live; None where that never ends.

    `place` numbers the instructions of each block from 0.
    """
    life = _Life()
    last: dict[Block, int] = {}  # the last instruction of a block that reads or makes a reference
    for value in family:
        if isinstance(value.owner, Block):
            life.at_start[value.owner] = None
        life.at_start.update(dict.fromkeys(live.live_in_blocks(value)))
        for instr in (value.definition, *value.uses):
            if instr is not None and instr.block is not None:
                last[instr.block] = max(last.get(instr.block, -1), place[instr])
    for block in (b for b in {**last, **life.at_start} if graph.is_reachable(b)):
        if any(s in life.at_start for s in graph.successors[block]):
            life.on_edges += [(block, s) for s in graph.successors[block] if s not in life.at_start and not _stops(s)]
        elif not _stops(block):
            life.after[block] = last.get(block, -1) + 1
    ends = bool(life.after or life.on_edges) and all(n < len(block.instrs) for block, n in life.after.items())
    return life if ends else None


def _stops(block: Block) -> bool:
    """Whether the program ends in `block`: nothing needs to come back there."""
    return block.instrs[-1].op is ops.TRAP


def _runs_once(block: Block, life: _Life, graph: Cfg) -> bool:
    """Whether no way leads from `block` back to it within one life."""
    seen: set[Block] = set()
    work = [block] if block in life.at_start else []
    while work:
        for successor in graph.successors[work.pop()]:
            if successor is block:
                return False
            if successor in life.at_start and successor not in seen:
                seen.add(successor)
                work.append(successor)
    return True


def _ends_after(block: Block, life: _Life, tree: DominatorTree) -> bool:
    """Whether each way to an end of the life passes `block`."""
    return all(tree.dominates(block, end) for end in (*life.after, *(source for source, _ in life.on_edges)))


def _insert(func: Func, found: list[tuple[Instr, _Life]], graph: Cfg) -> None:
    """Put the frees in: after an instruction, at the start of a block that all its edges need it in, or on an edge."""
    inside: dict[Block, list[tuple[int, Instr]]] = {}
    edges: dict[tuple[Block, Block], list[Instr]] = {}
    for site, life in found:
        for block, count in life.after.items():
            inside.setdefault(block, []).append((count, site))
        for source, target in life.on_edges:
            if len(graph.predecessors[target]) == 1:
                inside.setdefault(target, []).append((0, site))
            else:
                edges.setdefault((source, target), []).append(site)
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
