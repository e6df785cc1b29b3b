"""The remarks of fold-allocs: each site gets exactly one verdict, passed or missed with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

from irpass.analysis.call_graph import callee_name
from irpass.fold.grouping import is_legal, retained_bytes
from irpass.fold.plan import Group, Lifetime, Limits, Site
from irpass.fold.rewrite import GroupRewrite
from irpass.fold.sites import Refusal, RegionSites, site_name
from irpass.ir import ops
from irpass.ir.core import Instr
from irpass.remarks import Remark, remark_at
from irpass.text.printer import instr_text


def report_group(rewrite: GroupRewrite, pass_name: str) -> list[Remark]:
    """A passed remark at each member: where it lies, and with whom."""
    group = rewrite.group
    names = [_name(i) for i in rewrite.members]
    size = f"{group.total_bytes} bytes" if group.total_bytes is not None else f"at most {group.most_bytes} bytes"
    first = next(i for m, i in zip(group.members, rewrite.members, strict=True) if m.index == group.at)
    words = [w for w, is_set in (("stack", group.is_stack), ("uninit", group.is_uninit)) if is_set]
    if rewrite.frees.ends:
        words.append("freed at once")
    elif rewrite.frees.releases:
        words.append("released one by one")
    if group.retained_bytes:
        words.append(f"keeps {group.retained_bytes} dead bytes")
    how = f" ({', '.join(words)})" if words else ""
    by_index = {m.index: name for m, name in zip(group.members, names, strict=True)}
    remarks = [_request(rewrite, first, names, pass_name)]
    for member, instr in zip(group.members, rewrite.members, strict=True):
        known = member.offset_bytes is not None
        place = f"at offset {member.offset_bytes}" if known else "behind sizes known at run time"
        if member.over is not None:
            place += f", in bytes of {by_index[member.over]}{' that it clears' if member.is_zeroed else ''}"
        numbers = [-1 if n is None else n for n in (member.size_bytes, member.offset_bytes, group.total_bytes)]
        remarks.append(
            remark_at(
                "passed", pass_name, "folded", instr,
                f"{_name(instr)} shares one request of {size} with {_others(names, instr)}, {place}{how}",
                site=site_name(instr), type=str(instr.type), request=site_name(first),
                size=numbers[0], offset=numbers[1], total=numbers[2],
                over=by_index[member.over] if member.over is not None else "", zeroed=member.is_zeroed,
            )
        )  # fmt: skip
    return sorted(remarks, key=lambda r: r.line)


def _name(instr: Instr) -> str:
    return site_name(instr).partition(":")[2]


def _others(names: list[str], instr: Instr) -> str:
    own = _name(instr)
    others = list(islice((n for n in names if n != own), 4))  # never all: a group may have thousands
    return ", ".join(others) if len(names) <= 5 else f"{', '.join(others[:3])} and {len(names) - 4} more"


def _request(rewrite: GroupRewrite, first: Instr, names: list[str], pass_name: str) -> Remark:
    """An analysis remark at the first member: what the request costs, and what bounds it."""
    group = rewrite.group
    unknown = sum(m.size_bytes is None for m in group.members)
    padding = f"{group.padding_bytes} bytes of padding" if group.padding_bytes else "no padding"
    words = [f"{len(names)} members", f"{group.static_bytes} bytes known", padding]
    if unknown:
        bounded = "their sizes are bounded" if group.limit_bytes is None else f"limit {group.limit_bytes}"
        words.append(f"{unknown} sizes known at run time ({bounded})")
    if group.retained_bytes:
        words.append(f"{group.retained_bytes} bytes kept after their members end")
    words += _sharing(group)
    overlay, plain = group.overlay, 0 if group.is_uninit else group.static_bytes
    return remark_at(
        "analysis", pass_name, "request", first, f"one request in front of {_name(first)}: {', '.join(words)}",
        members=names, known_bytes=group.static_bytes, padding_bytes=group.padding_bytes,
        lower_bound_bytes=group.lower_bound_bytes, bytes_before=group.static_bytes,
        bytes_after=overlay.bytes_with if overlay is not None else group.static_bytes,
        cleared_before=overlay.cleared_without if overlay is not None else plain,
        cleared_after=overlay.cleared_with if overlay is not None else plain,
        retained_bytes=group.retained_bytes, most_bytes=group.most_bytes,
    )  # fmt: skip


def _sharing(group: Group) -> list[str]:
    """What sharing bytes saves and costs, or why it is not done."""
    words = []
    bound = f"{group.lower_bound_bytes} alive at once"
    found = group.overlay
    if found is not None and found.saved_bytes:
        words.append(f"overlay needs {found.bytes_with} bytes instead of {found.bytes_without} ({bound})")
        words.append(f"clearing {found.cleared_with} instead of {found.cleared_without}")
    if found is not None and found.unknown_in_turn:
        words.append(f"{found.unknown_in_turn} of run-time sizes in bytes of others")
    if group.refused is not None:
        more = group.refused.cleared_with - group.refused.cleared_without
        words.append(f"overlay would save {group.refused.saved_bytes} bytes ({bound}), but clear {more} more: not done")
    return words


def report_missed(found: RegionSites, rewrites: Sequence[GroupRewrite], limits: Limits, pass_name: str) -> list[Remark]:
    """A missed remark at each site that no group took."""
    remarks = []
    grouped = {m.index for r in rewrites for m in r.group.members}
    instrs = found.region.instrs
    missed = {s.index: s for s in found.sites if s.index not in grouped}
    for index in sorted([*missed, *found.refused]):
        refusal = found.refused.get(index) or _why(missed[index], found, rewrites, limits)
        message = f"{_name(instrs[index])} is not folded: {refusal.text}"
        remarks.append(
            remark_at(
                "missed", pass_name, refusal.slug, instrs[index], message,
                site=site_name(instrs[index]), type=str(instrs[index].type),
                blame=refusal.blame.line if refusal.blame is not None else 0,
            )
        )  # fmt: skip
    return remarks


def _why(site: Site, found: RegionSites, rewrites: Sequence[GroupRewrite], limits: Limits) -> Refusal:
    """Why a site that may be folded is in no group: what keeps it from the nearest other site."""
    others = [s for s in found.sites if s.index != site.index]
    if not others:
        alone = "it is the only allocation of its block" if not found.refused else "the other allocations are out"
        return Refusal("only-one", alone)
    if (site.size_bytes or 0) > limits.max_group_bytes:
        return Refusal("too-large", f"its {site.size_bytes} bytes are more than a group's {limits.max_group_bytes}")
    mates = others if limits.mix_scan else [s for s in others if s.is_scan == site.is_scan]
    if mates and all((s.size_bytes or 0) > limits.max_group_bytes for s in mates):
        return Refusal("only-one", f"the other allocations of its block are larger than {limits.max_group_bytes} bytes")
    mates = [s for s in mates if (s.size_bytes or 0) <= limits.max_group_bytes]
    if not mates:
        return Refusal("storage-class", "the others of its block are of the other storage class")
    near = min(mates, key=lambda s: abs(s.index - site.index))
    meeting = [s for s in mates if _meet([s, site])]
    if not meeting:
        return _held(site, near, found)
    fitting = [s for s in meeting if (s.size_bytes or 0) + (site.size_bytes or 0) <= limits.max_group_bytes]
    for partners in ([[s] for s in fitting], _groups_with_room(site, found, rewrites, limits)):
        if partners and not any(is_legal([*p, site], limits) for p in partners):
            kept, least = min(((retained_bytes([*p, site]), p) for p in partners), key=lambda pair: pair[0])
            names = " and ".join(_name(found.region.instrs[s.index]) for s in least[:2])
            who = names if len(least) <= 2 else f"the group of {names}"
            text = f"with {who} it would keep {kept} dead bytes alive, more than {limits.max_retain_bytes}"
            return Refusal("retention", text)
    groups = _groups(found, rewrites, limits, site)
    apart = [s for g in groups if any(m in meeting for m in g) for s in g if not _meet([s, site])]
    if apart and not any(_meet([*g, site]) for g in groups):
        return _held(site, min(apart, key=lambda s: abs(s.index - site.index)), found)
    return Refusal("group-full", f"the groups of its block have no room for it under {limits.max_group_bytes} bytes")


def _groups_with_room(
    site: Site, found: RegionSites, rewrites: Sequence[GroupRewrite], limits: Limits
) -> list[list[Site]]:
    """The groups that could take the site as far as class, intervals and bytes go."""
    lenient = replace(limits, max_retain_bytes=limits.max_group_bytes)
    return [g for g in _groups(found, rewrites, limits, site) if is_legal([*g, site], lenient)]


def _groups(found: RegionSites, rewrites: Sequence[GroupRewrite], limits: Limits, site: Site) -> list[list[Site]]:
    """The groups of the site's storage class."""
    by_index = {s.index: s for s in found.sites}
    groups = [[by_index[m.index] for m in r.group.members] for r in rewrites]
    return [g for g in groups if limits.mix_scan or g[0].is_scan == site.is_scan]


def _meet(sites: Sequence[Site]) -> bool:
    """Whether the request intervals have a common point."""
    return max(s.earliest for s in sites) <= min(s.index for s in sites)


def _held(site: Site, near: Site, found: RegionSites) -> Refusal:
    later = site if site.index > near.index else near
    held_by = found.held[later.index].held_by
    instrs = found.region.instrs
    who = _name(instrs[near.index])
    if held_by is None and later.index >= found.region.sure and later.lifetime is Lifetime.FREED:
        freed = "it" if later is site else _name(instrs[later.index])
        return Refusal(
            "retention", f"{freed} may not run, and is freed where it does: elsewhere nothing would give its bytes back"
        )
    if held_by is None:
        return Refusal("late-length", f"its size and that of {who} are never known together")
    if held_by.op is ops.CALL and not _feeds(held_by, instrs[later.index]):
        slug = "barrier" if callee_name(held_by) in found.barriers else "recursion"
        return Refusal(slug, f"the call at line {held_by.line} stands between it and {who}", held_by)
    what = "its size" if later is site else f"the size of {who}"
    text = f"{what} depends on `{instr_text(held_by)}` at line {held_by.line}"
    if found.held[later.index].obstacle is not None:
        obstacle = found.held[later.index].obstacle
        assert obstacle is not None
        text += f", which cannot move above `{instr_text(obstacle)}` at line {obstacle.line}"
    return Refusal("late-length", f"{text}: too late for {who if later is site else 'this one'}", held_by)


def _feeds(source: Instr, instr: Instr) -> bool:
    """Whether the result of `source` is what the size of `instr` is computed from."""
    work, seen = list(instr.operands), set[Instr]()
    while work:
        operand = work.pop()
        made_by = getattr(operand, "definition", None)
        if made_by is source:
            return True
        if made_by is not None and made_by not in seen and made_by.block is source.block:
            seen.add(made_by)
            work += made_by.operands
    return False
