"""Where the members of a group lie in its arena.

In order of falling alignment no padding is needed, whatever the sizes: each size is a multiple of its own alignment,
hence of every later one. Among equal alignments the sizes known at compile time come first, so that as many offsets as
possible are literals.
"""

from __future__ import annotations

from collections.abc import Sequence

from irpass.fold.grouping import retained_bytes
from irpass.fold.plan import Group, Lifetime, Limits, Member, Site


def limit_bytes(sites: Sequence[Site], limits: Limits) -> int:
    """The most bytes that a group with sizes known only at run time may have.

    Where members end at different times, only the known bytes of the longest-lived stand over what may be retained:
    any other byte may be a dead one.
    """
    longest = max(s.lifetime for s in sites)
    outlived = sum(s.lifetime > Lifetime.FREED for s in sites) > 1  # those that end early, by one of the others
    lasting_sites = [s for s in sites if s.lifetime is longest and not (s.ends_early and outlived)]
    if len(lasting_sites) == len(sites):
        return limits.max_group_bytes
    lasting = sum(s.size_bytes or 0 for s in lasting_sites)
    return min(limits.max_group_bytes, lasting + limits.max_retain_bytes)


def lay_out(sites: Sequence[Site], limits: Limits, may_stack: bool) -> Group:
    """The group of these sites, in order of position; `may_stack` says that its block runs once a frame at most."""
    order = sorted(sites, key=lambda s: (-s.align_bytes, s.size_bytes is None, s.index))
    members, at, known = [], 0, True
    for site in order:
        members.append(Member(site.index, at if known else None, site.size_bytes))
        at += site.size_bytes or 0
        known = known and site.size_bytes is not None
    limit = None if known else limit_bytes(sites, limits)
    bounds = [s.bound_bytes for s in sites]
    most = sum(b for b in bounds if b is not None)
    if limit is not None and most <= limit and None not in bounds:
        limit = None  # it could never be reached: the arena is not nil, and needs no other way
    is_scan = any(s.is_scan for s in sites)  # is zeroed then: a collector may look before the last member is written
    dies = all(s.lifetime is Lifetime.DIES and not s.ends_early for s in sites)
    return Group(
        at=min(s.index for s in sites),
        members=tuple(members),
        total_bytes=at if known else None,
        align_bytes=max(s.align_bytes for s in sites),
        limit_bytes=limit,
        is_scan=is_scan,
        is_uninit=not is_scan and all(s.is_uninit for s in sites),
        is_stack=may_stack and dies and known and at <= limits.max_stack_bytes,
        retained_bytes=retained_bytes(sites),
        most_bytes=most if limit is None else limit,
    )
