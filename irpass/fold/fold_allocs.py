"""fold-allocs: the allocations of a block that can share one request become one `shared.alloc` and derived members.

Needs: nothing; finds more after `inline`, `canonicalize`, `cse` and `simplify-cfg`. Keeps: everything that a program
may observe, the order of all traps, every length and cap. Leaves to others: removing allocations that nobody uses
(`dce`).

Before:

    func @f() {
    entry:
      %a = make []i64, 4
      %b = make []i64, 2
      store %a[0], 7
      ret
    }

After:

    func @f() {
    entry:
      %arena = shared.alloc 48, align 8, stack
      %a = derive []i64, %arena, 0, 4
      %b = derive []i64, %arena, 32, 2
      store %a[0], 7
      ret
    }

Source: OCaml's comballoc and V8's allocation folding for the idea; minimum stabbing, sizes at run time, frees and
retention are this project's.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import ClassVar

from irpass.analysis.call_graph import call_components, callee_name, is_recursive
from irpass.analysis.cfg import cfg
from irpass.analysis.dominators import dominators
from irpass.analysis.lives import Lives
from irpass.analysis.loops import loops
from irpass.analysis.points_to import PointsTo
from irpass.fold.frees import Positions, plan_frees
from irpass.fold.grouping import group_sites
from irpass.fold.layout import lay_out
from irpass.fold.plan import Group, Limits
from irpass.fold.ranges import most
from irpass.fold.regions import Region, Scope, find_regions
from irpass.fold.report import report_group, report_missed
from irpass.fold.rewrite import GroupRewrite, rewrite_func
from irpass.fold.sites import Refusal, RegionSites, SiteRules, collect_sites
from irpass.fold.zeroing import written_first
from irpass.ir import ops
from irpass.ir.core import Func, Instr, Module
from irpass.passes.base import Context, Pass


@dataclass(frozen=True)
class FoldAllocs(Pass):
    """See the module's own text."""

    name: ClassVar[str] = "fold-allocs"
    summary: ClassVar[str] = "allocations of a block that can share one request become one, with derived members"

    max_group: int = field(default=32 << 10, metadata={"help": "bytes that a group may have"})
    max_retain: int = field(default=1 << 10, metadata={"help": "dead bytes that a group may keep alive"})
    max_stack: int = field(default=1 << 10, metadata={"help": "bytes of a group that may live in the frame"})
    stack: bool = field(default=True, metadata={"help": "let groups that die with the frame live in it"})
    runtime: bool = field(default=True, metadata={"help": "fold sites whose sizes only the running program knows"})
    scope: Scope = field(
        default="block", metadata={"help": "partners in a block, in blocks that run together, or that may run"}
    )
    zeroing: bool = field(default=True, metadata={"help": "do not zero what is wholly written before it is read"})
    overlay: bool = field(default=True, metadata={"help": "let members that are not alive together share bytes"})
    mix_scan: bool = field(default=False, metadata={"help": "let memory with and without pointers share"})
    keep: tuple[str, ...] = field(default=(), metadata={"help": "sites to leave alone, as @f:%a"})
    only: tuple[str, ...] = field(default=(), metadata={"help": "the only sites to fold, as @f:%a"})
    barrier: tuple[str, ...] = field(default=(), metadata={"help": "functions that no group reaches across"})
    fold_limit: int | None = field(default=None, metadata={"help": "fold the first N groups only, to bisect"})

    def __post_init__(self) -> None:
        for name in ("max_group", "max_retain", "max_stack"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name.replace('_', '-')} is negative")
        if self.fold_limit is not None and self.fold_limit < 0:
            raise ValueError("fold-limit is negative")

    @property
    def limits(self) -> Limits:
        stack_bytes = self.max_stack if self.stack else -1
        return Limits(self.max_group, self.max_retain, stack_bytes, self.mix_scan, self.overlay)

    def run_module(self, module: Module, context: Context) -> bool:
        points_to = PointsTo(module)
        components = call_components(module)
        recursive = is_recursive(module, components)
        partners = {name: names for names in components for name in names}
        planned: list[tuple[RegionSites, tuple[GroupRewrite, ...]]] = []
        left = self.fold_limit
        for func in module.funcs:
            lives: Lives | None = None
            rules = self._rules(func, frozenset(partners[func.name]) if func.name in recursive else frozenset())
            graph = context.analyses.get(cfg, func, edges_only=True)
            tree = context.analyses.get(dominators, func, edges_only=True)
            for region in find_regions(func, self.scope, context.analyses):
                bound = partial(most, at=region.blocks[0], graph=graph, tree=tree)
                found = collect_sites(region, points_to, context.layouts, rules, bound)
                if found.sites or found.refused:
                    self._keep_out(found)
                    if self.overlay and len(found.sites) > 1:
                        in_loops = context.analyses.get(loops, func, edges_only=True)
                        lives = lives if lives is not None else Lives(func, points_to, graph, in_loops)
                    self._look_closer(found, points_to, lives)
                    groups = self._plan(found, context, left)
                    left = left - len(groups) if left is not None else None
                    planned.append((found, self._rewrites(found, groups, points_to, context)))
        for found, rewrites in planned:
            self._report(found, rewrites, context)
        return self._apply(planned)

    def _rules(self, func: Func, comes_back: frozenset[str]) -> SiteRules:
        barriers = frozenset(name.lstrip("@") for name in self.barrier)
        walls = comes_back | barriers
        hidden = None
        if walls and self.scope != "block":
            hidden = next((i for i in func.instrs() if i.op is ops.CALL and callee_name(i) in walls), None)
        return SiteRules(comes_back, barriers, frozenset(self.keep), frozenset(self.only), hidden)

    def _keep_out(self, found: RegionSites) -> None:
        if not self.runtime:
            for site in found.sites:
                if site.size_bytes is None:
                    found.refused[site.index] = Refusal("kept", "runtime=false keeps sizes known only at run time out")
            found.sites = [s for s in found.sites if s.size_bytes is not None]

    def _look_closer(self, found: RegionSites, points_to: PointsTo, lives: Lives | None) -> None:
        """Of sites that may find partners: how long each is alive, and whether it must be zeroed."""
        if len(found.sites) < 2:
            return
        instrs = found.region.instrs
        last = lives.last_positions(found.region.blocks) if lives is not None else {}
        written = written_first(found.region, points_to) if self.zeroing else set[Instr]()
        found.sites = [
            replace(s, last=last.get(instrs[s.index]), needs_zero=instrs[s.index] not in written) for s in found.sites
        ]

    def _plan(self, found: RegionSites, context: Context, left: int | None) -> list[Group]:
        """The groups of one region; sites that the options keep out are refused on the way."""
        func = found.region.func
        runs_once = not context.analyses.get(loops, func, edges_only=True).is_in_cycle(found.region.blocks[0])
        groups: list[Group] = []
        for sites in group_sites(found.sites, self.limits):
            if len(sites) < 2:
                continue
            if left is not None and len(groups) >= left:
                found.refused.update({s.index: Refusal("kept", "fold-limit is reached") for s in sites})
                continue
            groups.append(lay_out(sites, self.limits, runs_once))
        found.sites = [s for s in found.sites if s.index not in found.refused]
        return groups

    def _rewrites(
        self, found: RegionSites, groups: list[Group], points_to: PointsTo, context: Context
    ) -> tuple[GroupRewrite, ...]:
        instrs = found.region.instrs
        in_loops = context.analyses.get(loops, found.region.func, edges_only=True)
        out = []
        positions: Positions = {}
        for group in groups:
            members = tuple(instrs[m.index] for m in group.members)
            frees = plan_frees(members, group.limit_bytes is not None, points_to, in_loops, positions)
            out.append(GroupRewrite(group, members, frees))
        return tuple(out)

    def _report(self, found: RegionSites, rewrites: tuple[GroupRewrite, ...], context: Context) -> None:
        func = found.region.func
        grouped = {m.index for r in rewrites for m in r.group.members}
        groups = [r.group for r in rewrites]
        overlays = [g.overlay for g in groups if g.overlay is not None]
        sites = len(found.sites) + len(found.refused)
        context.count(func, "sites", sites)
        context.count(func, "calls", sites - len(grouped) + len(rewrites))
        context.count(func, "groups", len(rewrites))
        context.count(func, "derives", len(grouped))
        context.count(func, "overlaid", sum(m.over is not None for g in groups for m in g.members))
        context.count(func, "static_bytes", sum(g.static_bytes for g in groups))
        context.count(func, "arena_bytes", sum(r.size_bytes or 0 for g in groups for r in g.rows))
        context.count(func, "padding_bytes", sum(g.padding_bytes for g in groups))
        context.count(func, "lower_bound_bytes", sum(g.lower_bound_bytes for g in groups))
        context.count(func, "saved_bytes", sum(o.saved_bytes for o in overlays))
        context.count(func, "cleared_bytes", sum(o.cleared_with - o.cleared_without for o in overlays))
        for rewrite in rewrites:
            context.remarks += report_group(rewrite, self.name)
        context.remarks += report_missed(found, rewrites, self.limits, self.name)

    def _apply(self, planned: list[tuple[RegionSites, tuple[GroupRewrite, ...]]]) -> bool:
        by_func: dict[Func, list[tuple[Region, tuple[GroupRewrite, ...]]]] = {}
        for found, rewrites in planned:
            if rewrites:
                by_func.setdefault(found.region.func, []).append((found.region, rewrites))
        for func, of_func in by_func.items():
            rewrite_func(func, of_func)
        return bool(by_func)
