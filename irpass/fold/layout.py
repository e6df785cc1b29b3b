"""The group that some sites become: places, total, limit, and what is kept alive."""

from __future__ import annotations

from collections.abc import Sequence

from irpass.fold.grouping import is_within, lasting_sites, weigh
from irpass.fold.overlay import Arrangement, arrange, covered_bytes, most_alive_bytes
from irpass.fold.plan import Group, Lifetime, Limits, Site


def limit_bytes(sites: Sequence[Site], limits: Limits, arranged: Arrangement) -> int:
    """The most bytes that a group with sizes known only at run time may have.

    Where members end at different times, only the known bytes of the longest-lived stand over what may be retained:
    any other byte may be a dead one.
    """
    lasting = lasting_sites(sites)
    if len(lasting) == len(sites):
        return limits.max_group_bytes
    return min(limits.max_group_bytes, covered_bytes(arranged, lasting) + limits.max_retain_bytes)


def lay_out(sites: Sequence[Site], limits: Limits, may_stack: bool) -> Group:
    """The group of these sites, in order of position; `may_stack` says that its block runs once a frame at most."""
    arranged = arrange(sites, limits.overlay)
    if limits.overlay and not is_within(weigh(sites, arranged), limits):
        arranged = arrange(sites, may_share=True, is_quick=True)  # as it was when they were grouped
    is_known = all(r.size_bytes is not None for r in arranged.rows)
    total = arranged.known_bytes
    limit = None if is_known else limit_bytes(sites, limits, arranged)
    bounds = [r.bound_bytes for r in arranged.rows]
    most = sum(b for b in bounds if b is not None)
    if limit is not None and most <= limit and None not in bounds:
        limit = None  # it could never be reached: the arena is not nil, and needs no other way
    dies = all(s.lifetime is Lifetime.DIES and not s.ends_early for s in sites)
    return Group(
        at=min(s.index for s in sites),
        rows=arranged.rows,
        members=arranged.members,
        total_bytes=total if is_known else None,
        align_bytes=max(s.align_bytes for s in sites),
        limit_bytes=limit,
        is_scan=any(s.is_scan for s in sites),
        is_uninit=arranged.is_uninit,
        is_stack=may_stack and dies and is_known and total <= limits.max_stack_bytes,
        retained_bytes=weigh(sites, arranged).retained_bytes,
        most_bytes=most if limit is None else limit,
        lower_bound_bytes=most_alive_bytes(sites) if limits.overlay else sum(s.size_bytes or 0 for s in sites),
        padding_bytes=total - covered_bytes(arranged, sites),
        overlay=arranged.overlay,
        refused=arranged.refused,
    )
