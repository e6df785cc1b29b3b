"""Which sites share a request: the fewest calls. Pure functions over intervals.

Sites can share one request exactly when their request intervals have a common point, so without limits the fewest calls
is a minimum stabbing of intervals: sweep by right end, stab at the least right end, take all that it stabs. Limits on
bytes and on what is retained make it bin packing as well (NP-hard): small blocks are then searched through, large ones
filled by falling size. O(n log n) but for the search, which `_EXACT_SITES` and `_MAX_NODES` bound.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Sequence
from dataclasses import replace
from heapq import heappop, heappush
from typing import NamedTuple

from irpass.fold.overlay import Arrangement, arrange, covered_bytes, most_alive_bytes
from irpass.fold.plan import Lifetime, Limits, Site

_EXACT_SITES = 12
_MAX_NODES = 20_000
_MAX_MISSES = 8  # sites that fit but would retain too much, before a group is closed
MAX_MEMBERS = (1 << 16) - 1  # as many sizes of at most 2^47 bytes cannot wrap a signed 64-bit sum


class Weight(NamedTuple):
    """The known bytes of a group, and how many of them may be dead while it lives."""

    known_bytes: int
    retained_bytes: int


def is_legal(sites: Sequence[Site], limits: Limits) -> bool:
    """Whether these sites may share one request."""
    if max(s.earliest for s in sites) > min(s.index for s in sites):
        return False
    if not limits.mix_scan and len({s.is_scan for s in sites}) > 1:
        return False
    if len(sites) > MAX_MEMBERS:
        return False
    if is_within(Weight(sum(s.size_bytes or 0 for s in sites), retained_bytes(sites)), limits):
        return True
    if not limits.overlay or most_alive_bytes(sites) > limits.max_group_bytes:
        return False
    arranged = arrange(sites, may_share=True, is_quick=True)
    return arranged.overlay is not None and is_within(weigh(sites, arranged), limits)


def is_within(weight: Weight, limits: Limits) -> bool:
    """Whether a group that weighs so much is within the limits."""
    return weight.known_bytes <= limits.max_group_bytes and weight.retained_bytes <= limits.max_retain_bytes


def weigh(sites: Sequence[Site], arranged: Arrangement) -> Weight:
    """What the group of these sites weighs; bytes that members share count once."""
    if arranged.overlay is None:
        return Weight(arranged.known_bytes, retained_bytes(sites))
    lasting = lasting_sites(sites)
    return Weight(arranged.known_bytes, covered_bytes(arranged, sites) - covered_bytes(arranged, lasting))


def lasting_sites(sites: Sequence[Site]) -> list[Site]:
    """The longest-lived, which keep what the others leave."""
    longest = max((s.lifetime for s in sites), default=Lifetime.DIES)
    outlived = sum(s.lifetime > Lifetime.FREED for s in sites) > 1  # those that end early, by one of the others
    return [s for s in sites if s.lifetime is longest and not (s.ends_early and outlived)]


def retained_bytes(sites: Sequence[Site]) -> int:
    """The known bytes of the members that may end before the longest-lived one, which keeps them; none shared."""
    lasting = {s.index for s in lasting_sites(sites)}
    return sum(s.size_bytes or 0 for s in sites if s.index not in lasting)


def group_sites(sites: Sequence[Site], limits: Limits) -> list[list[Site]]:
    """Sets of sites, each legal, that cover all sites with the fewest requests; those of one site stay as they are.

    Minimal where no limit binds, or a storage class has at most 12 sites (and the search ends in time); each set is in
    order of position, and the sets are in order of their first members.
    """
    groups: list[list[Site]] = []
    for scan in (False, True):
        of_class = [s for s in sites if limits.mix_scan or s.is_scan == scan]
        small = [s for s in of_class if (s.size_bytes or 0) <= limits.max_group_bytes]
        groups += [[s] for s in of_class if (s.size_bytes or 0) > limits.max_group_bytes]
        groups += _group_class(small, limits)
        if limits.mix_scan:
            break
    return sorted((sorted(g, key=lambda s: s.index) for g in groups), key=lambda g: g[0].index)


def _group_class(sites: list[Site], limits: Limits) -> list[list[Site]]:
    groups = stabbing(sites)
    if all(is_legal(g, limits) for g in groups):
        return groups
    bound = len(groups)
    plain = replace(limits, overlay=False)
    packed = _fill(sites, plain)
    if len(packed) > bound and len(sites) <= _EXACT_SITES:
        packed = _search(sites, plain, packed, bound)
    return _merged(packed, limits) if limits.overlay and len(packed) > bound else packed


def _merged(groups: list[list[Site]], limits: Limits) -> list[list[Site]]:
    """Groups that have room for each other where their members share bytes are put together, two by two, in rounds.

    What is alive at once decides; where the layout then needs more, or keeps too many dead bytes, the two stay apart.
    Of few groups, each is tried with all.
    """
    groups = sorted(groups, key=lambda g: min(s.index for s in g))
    if len(groups) <= _EXACT_SITES:
        return _merged_with_any(groups, limits)
    level = [_Merge(g) for g in groups]
    for _ in range(2 * len(groups).bit_length()):
        merged: list[_Merge] = []
        is_fresh = False  # the last one has not grown in this round
        for node in level:
            if is_fresh and _might_share(sites := [*merged[-1].sites, *node.sites], limits):
                merged[-1] = _Merge(sites, (merged[-1], node))
                is_fresh = False
            else:
                merged.append(node)
                is_fresh = True
        if len(merged) == len(level):
            break
        level = merged
    found, work = [], level[::-1]
    while work:
        node = work.pop()
        if not node.parts or is_legal(node.sites, limits):
            found.append(node.sites)
        else:
            work += node.parts[::-1]
    return found


def _merged_with_any(groups: Sequence[list[Site]], limits: Limits) -> list[list[Site]]:
    """The same for few groups, which need not stand side by side: each joins the first that has room."""
    merged: list[list[Site]] = []
    for group in groups:
        for i, other in enumerate(merged):
            if is_legal([*other, *group], limits):
                merged[i] = [*other, *group]
                break
        else:
            merged.append(group)
    return merged


class _Merge(NamedTuple):
    """A group, and the two that it was put together from."""

    sites: list[Site]
    parts: tuple[_Merge, ...] = ()


def _might_share(sites: Sequence[Site], limits: Limits) -> bool:
    """Whether nothing is against one request for these sites but the layout."""
    if max(s.earliest for s in sites) > min(s.index for s in sites) or len(sites) > MAX_MEMBERS:
        return False
    return most_alive_bytes(sites) <= limits.max_group_bytes


def stabbing(sites: Sequence[Site], most_members: int = MAX_MEMBERS) -> list[list[Site]]:
    """The fewest groups with a common point each, of at most so many sites, without any other limit.

    Source: the greedy for minimum stabbing of intervals, optimal by exchange; a full group leaves those that end last.
    """
    groups: list[list[Site]] = []
    by_earliest = sorted(sites, key=lambda s: s.earliest)
    waiting: list[tuple[int, Site]] = []  # those whose intervals have begun, a heap by where they end
    taken: set[int] = set()
    at = 0
    for first in sorted(sites, key=lambda s: s.index):
        if first.index in taken:
            continue
        while at < len(by_earliest) and by_earliest[at].earliest <= first.index:
            heappush(waiting, (by_earliest[at].index, by_earliest[at]))
            at += 1
        group = [heappop(waiting)[1] for _ in range(min(len(waiting), most_members))]
        taken.update(s.index for s in group)
        groups.append(group)
    return groups


def _fill(sites: Sequence[Site], limits: Limits) -> list[list[Site]]:
    """Groups by the sweep, each filled by falling size: the better of one pass over all and one for each lifetime."""
    together = _fill_all(sites, limits)
    apart: list[list[Site]] = []
    for lifetime in Lifetime:
        apart += _fill_all([s for s in sites if s.lifetime is lifetime], limits)
    return together if len(together) <= len(apart) else apart


def _fill_all(sites: Sequence[Site], limits: Limits) -> list[list[Site]]:
    groups: list[list[Site]] = []
    by_earliest = sorted(sites, key=lambda s: s.earliest)
    waiting: list[tuple[int, int, Site]] = []  # those whose intervals have begun, by size, the earlier site last
    taken: set[int] = set()
    at = 0
    for first in sorted(sites, key=lambda s: s.index):
        if first.index in taken:
            continue
        while at < len(by_earliest) and by_earliest[at].earliest <= first.index:
            insort(waiting, _key(by_earliest[at]))
            at += 1
        del waiting[bisect_left(waiting, _key(first))]
        group = _fill_one(first, waiting, limits)
        taken.update(s.index for s in group)
        groups.append(group)
    return groups


def _key(site: Site) -> tuple[int, int, Site]:
    return site.size_bytes or 0, -site.index, site


def _fill_one(first: Site, waiting: list[tuple[int, int, Site]], limits: Limits) -> list[Site]:
    """A group around `first`: always the largest waiting site that still fits; taken sites leave `waiting`."""
    group, room = [first], limits.max_group_bytes - (first.size_bytes or 0)
    # Bytes of those that may end early, and of the others, by lifetime.
    early, steady = [0, 0, 0], [0, 0, 0]
    longest, lasting, misses = first.lifetime, 0, 0

    def add(site: Site) -> None:
        nonlocal longest, lasting
        (early if site.ends_early else steady)[site.lifetime] += site.size_bytes or 0
        longest = max(longest, site.lifetime)
        lasting += site.lifetime > Lifetime.FREED

    def retained_with(site: Site) -> int:
        top = max(longest, site.lifetime)
        outlived = lasting + (site.lifetime > Lifetime.FREED) > 1
        own = (site.size_bytes or 0) if site.lifetime < top or (site.ends_early and outlived) else 0
        return own + sum(steady[:top]) + sum(early if outlived else early[:top])

    add(first)
    at = bisect_right(waiting, (room, 1))
    while at > 0 and misses < _MAX_MISSES and len(group) < MAX_MEMBERS:
        at -= 1
        site = waiting[at][2]
        if retained_with(site) > limits.max_retain_bytes:
            misses += 1
            continue
        add(site)
        group.append(site)
        room -= site.size_bytes or 0
        del waiting[at]
        at = bisect_right(waiting, (room, 1), 0, at)
    return group


def _search(sites: Sequence[Site], limits: Limits, best: list[list[Site]], bound: int) -> list[list[Site]]:
    """A cover with the fewest groups, each site tried in each group in order; `best` where the search gives up."""
    order = sorted(sites, key=lambda s: s.index)
    bins: list[list[Site]] = []
    nodes = 0

    def place(i: int) -> None:
        nonlocal best, nodes
        nodes += 1
        if i == len(order):
            best = [list(b) for b in bins]
            return
        for b in bins:
            if len(best) <= bound or nodes > _MAX_NODES:
                return
            b.append(order[i])
            if is_legal(b, limits):
                place(i + 1)
            b.pop()
        if len(bins) + 1 < len(best):
            bins.append([order[i]])
            place(i + 1)
            bins.pop()

    place(0)
    return best
