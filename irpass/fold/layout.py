"""Where the members of a group lie in its arena.

In order of falling alignment no padding is needed, whatever the sizes: each size is a multiple of its own alignment,
hence of every later one. Among equal alignments the sizes known at compile time come first, so that as many offsets as
possible are literals.
"""

from __future__ import annotations

from collections.abc import Sequence

from irpass.fold.grouping import retained_bytes
from irpass.fold.plan import Group, Lifetime, Limits, Member, Site


def lay_out(sites: Sequence[Site], limits: Limits, may_stack: bool) -> Group:
    """The group of these sites, in order of position; `may_stack` says that its block runs once a frame at most."""
    order = sorted(sites, key=lambda s: (-s.align_bytes, s.size_bytes is None, s.index))
    members, at, known = [], 0, True
    for site in order:
        members.append(Member(site.index, at if known else None, site.size_bytes))
        at += site.size_bytes or 0
        known = known and site.size_bytes is not None
    is_mixed = len({s.lifetime for s in sites}) > 1
    limit = None if known else (limits.max_retain_bytes if is_mixed else limits.max_group_bytes)
    dies = all(s.lifetime is Lifetime.DIES for s in sites)
    return Group(
        at=min(s.index for s in sites),
        members=tuple(members),
        total_bytes=at if known else None,
        align_bytes=max(s.align_bytes for s in sites),
        limit_bytes=limit,
        is_scan=any(s.is_scan for s in sites),
        is_uninit=all(s.is_uninit for s in sites),
        is_stack=may_stack and dies and known and at <= limits.max_stack_bytes,
        retained_bytes=retained_bytes(sites),
    )
