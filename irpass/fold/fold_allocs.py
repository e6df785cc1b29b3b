"""fold-allocs: the allocations of a block that can share one request become one `shared.alloc` and derived members.

Needs: nothing; finds more after `inline`, `canonicalize`, `cse` and `simplify-cfg`. Keeps: everything that a program
may observe, the order of all traps, every length and cap. Leaves to others: removing allocations that nobody uses
(`dce`).

Before:

    func @f() {
    entry:
      %a = make []i64, 4
      %b = make []i64, 2
      ret
    }

After:

    func @f() {
    entry:
      %arena = shared.alloc 48, align 8, stack
      %a = derive []i64, %arena, 0, 4
      %b = derive []i64, %arena, 32, 2
      ret
    }

Source: OCaml's comballoc and V8's allocation folding for the idea; minimum stabbing, sizes at run time, frees and
retention are this project's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from irpass.analysis.call_graph import call_components, is_recursive
from irpass.analysis.loops import loops
from irpass.analysis.points_to import PointsTo
from irpass.fold.frees import plan_frees
from irpass.fold.grouping import group_sites
from irpass.fold.layout import lay_out
from irpass.fold.plan import BlockPlan, Group, Limits
from irpass.fold.report import report_group, report_missed
from irpass.fold.rewrite import GroupRewrite, rewrite_block
from irpass.fold.sites import BlockSites, Refusal, SiteRules, collect_sites
from irpass.ir.core import Func, Module
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
    mix_scan: bool = field(default=False, metadata={"help": "let memory with and without pointers share"})
    keep: tuple[str, ...] = field(default=(), metadata={"help": "sites to leave alone, as @f:%a"})
    only: tuple[str, ...] = field(default=(), metadata={"help": "the only sites to fold, as @f:%a"})
    barrier: tuple[str, ...] = field(default=(), metadata={"help": "functions that no group reaches across"})
    fold_limit: int | None = field(default=None, metadata={"help": "fold the first N groups only, to bisect"})

    def __post_init__(self) -> None:
        for name in ("max_group", "max_retain", "max_stack"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name.replace('_', '-')} is negative")

    @property
    def limits(self) -> Limits:
        return Limits(self.max_group, self.max_retain, self.max_stack if self.stack else -1, self.mix_scan)

    def run_module(self, module: Module, context: Context) -> bool:
        points_to = PointsTo(module)
        components = call_components(module)
        recursive = is_recursive(module, components)
        partners = {name: names for names in components for name in names}
        planned: list[tuple[BlockSites, BlockPlan, list[GroupRewrite]]] = []
        left = self.fold_limit
        for func in module.funcs:
            comes_back = frozenset(partners[func.name]) if func.name in recursive else frozenset[str]()
            rules = SiteRules(
                comes_back, frozenset(b.lstrip("@") for b in self.barrier), frozenset(self.keep), frozenset(self.only)
            )
            for block_sites in self._collect(func, points_to, context, rules):
                plan = self._plan(block_sites, context, left)
                left = left - len(plan.groups) if left is not None else None
                planned.append((block_sites, plan, self._rewrites(block_sites, plan, points_to)))
        for block_sites, plan, rewrites in planned:
            self._report(block_sites, plan, rewrites, context)
        for block_sites, _, rewrites in planned:
            if rewrites:
                rewrite_block(block_sites.block, rewrites)
        return any(rewrites for _, _, rewrites in planned)

    def _collect(self, func: Func, points_to: PointsTo, context: Context, rules: SiteRules) -> list[BlockSites]:
        found = [collect_sites(b, points_to, context.layouts, rules) for b in func.blocks]
        return [f for f in found if f.sites or f.refused]

    def _plan(self, found: BlockSites, context: Context, left: int | None) -> BlockPlan:
        sites = found.sites
        if not self.runtime:
            for site in [s for s in sites if s.size_bytes is None]:
                found.refused[site.index] = Refusal("kept", "runtime=false keeps sizes known only at run time out")
            sites = found.sites = [s for s in sites if s.size_bytes is not None]
        func = found.block.func
        may_stack = context.analyses.get(loops, func, edges_only=True).depth(found.block) == 0
        groups: list[Group] = []
        for members in group_sites(sites, self.limits):
            if len(members) < 2:
                continue
            if left is not None and len(groups) >= left:
                for site in members:
                    found.refused[site.index] = Refusal("kept", "fold-limit is reached")
                found.sites = [s for s in found.sites if s not in members]
                continue
            groups.append(lay_out(members, self.limits, may_stack))
        return BlockPlan(tuple(sorted(groups, key=lambda g: g.at)))

    def _rewrites(self, found: BlockSites, plan: BlockPlan, points_to: PointsTo) -> list[GroupRewrite]:
        instrs = found.block.instrs
        out = []
        for group in plan.groups:
            members = tuple(instrs[m.index] for m in group.members)
            out.append(GroupRewrite(group, members, plan_frees(members, group.limit_bytes is not None, points_to)))
        return out

    def _report(self, found: BlockSites, plan: BlockPlan, rewrites: list[GroupRewrite], context: Context) -> None:
        func = found.block.func
        grouped = {m.index for g in plan.groups for m in g.members}
        context.count(func, "sites", len(found.sites) + len(found.refused))
        context.count(func, "calls", len(found.sites) + len(found.refused) - len(grouped) + len(plan.groups))
        context.count(func, "groups", len(plan.groups))
        context.count(func, "derives", len(grouped))
        context.count(func, "static_bytes", sum(g.static_bytes for g in plan.groups))
        context.count(func, "padding_bytes", 0)
        context.count(func, "lower_bound_bytes", sum(g.static_bytes for g in plan.groups))
        for rewrite in rewrites:
            context.remarks += report_group(rewrite, self.name)
        context.remarks += report_missed(found, grouped, self.limits, self.name)
