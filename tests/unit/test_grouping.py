"""Grouping against brute force: nobody groups sites into fewer requests."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from functools import partial, reduce
from itertools import combinations
from operator import or_

import pytest

from irpass.fold.grouping import group_sites, is_legal, retained_bytes, stabbing
from irpass.fold.layout import lay_out
from irpass.fold.plan import Lifetime, Limits, Site


def _intervals(rng: random.Random, count: int, places: int) -> list[Site]:
    """Sites at different places, their intervals of all lengths."""
    ends = sorted(rng.sample(range(places), count))
    return [Site(end, rng.randint(max(0, end - rng.choice((0, 2, places))), end), 8, 8) for end in ends]


def _fewest_points(sites: Sequence[Site]) -> int:
    """The least number of places that stab all intervals; only right ends need to be tried."""
    stabbed = [sum(1 << i for i, s in enumerate(sites) if s.earliest <= e.index <= s.index) for e in sites]
    everything = (1 << len(sites)) - 1
    for count in range(len(sites) + 1):
        if any(reduce(or_, chosen, 0) == everything for chosen in combinations(stabbed, count)):
            return count
    raise AssertionError("each interval is stabbed by its own end")


def _may_share(sites: Sequence[Site], limits: Limits) -> bool:
    """The rules of sharing one request, said once more: a common place, one class, few bytes, few dead bytes."""
    if not any(all(s.earliest <= p <= s.index for s in sites) for p in range(max(s.index for s in sites) + 1)):
        return False
    if not limits.mix_scan and len({s.is_scan for s in sites}) == 2:
        return False
    dead = 0
    for s in sites:
        ends_at_the_earliest = Lifetime.FREED if s.ends_early else s.lifetime
        if any(t is not s and t.lifetime > ends_at_the_earliest for t in sites):
            dead += s.size_bytes or 0
    return sum(s.size_bytes or 0 for s in sites) <= limits.max_group_bytes and dead <= limits.max_retain_bytes


def _fewest_groups(sites: Sequence[Site], may_share: Callable[[Sequence[Site]], bool]) -> int:
    """The least number of groups, over all partitions: the first site that is left, with any of the others."""
    subsets = [[s for i, s in enumerate(sites) if mask >> i & 1] for mask in range(1 << len(sites))]
    legal = [len(chosen) == 1 or (len(chosen) > 1 and may_share(chosen)) for chosen in subsets]
    fewest = [0] * len(subsets)
    for mask in range(1, len(subsets)):
        lowest = mask & -mask
        rest = mask ^ lowest
        best, part = len(sites), rest
        while True:
            if legal[part | lowest]:
                best = min(best, 1 + fewest[rest ^ part])
            if not part:
                break
            part = (part - 1) & rest
        fewest[mask] = best
    return fewest[-1]


def _site(rng: random.Random, index: int, reach: int, sizes: Sequence[int]) -> Site:
    lifetime = rng.choice(list(Lifetime))
    return Site(
        index=index,
        earliest=rng.randint(max(0, index - reach), index),
        size_bytes=rng.choice(sizes) if rng.random() < 0.8 else None,
        align_bytes=rng.choice((1, 2, 4, 8)),
        is_scan=rng.random() < 0.2,
        lifetime=lifetime,
        ends_early=lifetime > Lifetime.FREED and rng.random() < 0.3,
    )


def _limits(rng: random.Random) -> Limits:
    return Limits(rng.choice((0, 16, 32, 64, 1000)), rng.choice((0, 8, 24, 1000)), 0, rng.random() < 0.2)


def test_stabbing_equals_brute_force_on_10_000_random_interval_sets() -> None:
    rng = random.Random(1)
    for _ in range(10_000):
        count = rng.randint(0, 7)
        sites = _intervals(rng, count, rng.choice((7, 12, 40)))
        groups = stabbing(sites)
        assert sorted(s.index for g in groups for s in g) == [s.index for s in sites]
        assert all(max(s.earliest for s in g) <= min(s.index for s in g) for g in groups)
        assert len(groups) == _fewest_points(sites)


def test_stabbing_with_few_members_a_group_equals_brute_force() -> None:
    rng = random.Random(7)
    bound = 0
    for _ in range(2_000):
        sites = _intervals(rng, rng.randint(4, 7), rng.choice((7, 12)))
        most = rng.randint(1, 3)
        limits = Limits(max_group_bytes=8 * most)  # each has 8 bytes
        groups = stabbing(sites, most)
        assert sorted(s.index for g in groups for s in g) == [s.index for s in sites]
        assert all(len(g) <= most and max(s.earliest for s in g) <= min(s.index for s in g) for g in groups)
        assert len(groups) == _fewest_groups(sites, partial(_may_share, limits=limits))
        bound += len(groups) > len(stabbing(sites))
    assert bound > 500, "the number of members hardly ever binds: this shows nothing"


def test_no_legal_grouping_has_fewer_calls_than_the_one_found() -> None:
    rng = random.Random(2)
    bound = 0
    for _ in range(3_000):
        count = rng.choice((1, 2, 3, 4, 5, 6, 7, 8))
        sites = [_site(rng, i, rng.choice((0, 2, 9)), (0, 1, 8, 8, 16, 24, 40, 100)) for i in range(count)]
        limits = _limits(rng)
        groups = group_sites(sites, limits)
        assert sorted(s.index for g in groups for s in g) == list(range(count))
        assert all(len(g) == 1 or _may_share(g, limits) for g in groups)
        assert len(groups) == _fewest_groups(sites, partial(_may_share, limits=limits))
        bound += len(groups) > len(stabbing(sites))
    assert bound > 500, "the limits hardly ever bind: this shows nothing"


def test_legality_is_what_the_rules_say() -> None:
    rng = random.Random(3)
    verdicts = []
    for _ in range(3_000):
        sites = [_site(rng, i, 9, (1, 8, 16)) for i in range(rng.randint(2, 4))]
        limits = Limits(rng.choice((16, 1000)), rng.choice((8, 1000)), 0, rng.random() < 0.5)
        verdicts.append(is_legal(sites, limits))
        assert verdicts[-1] == _may_share(sites, limits)
    assert 300 < sum(verdicts) < 2_700


@pytest.mark.parametrize("reach", [0, 5, 200, 5_000])
def test_many_sites_are_each_in_one_legal_group(reach: int) -> None:
    rng = random.Random(reach)
    sites = [_site(rng, i, reach, (0, 8, 100, 1_000, 20_000, 40_000)) for i in range(5_000)]
    limits = Limits()
    groups = group_sites(sites, limits)
    assert sorted(s.index for g in groups for s in g) == list(range(5_000))
    assert all(len(g) == 1 or is_legal(g, limits) for g in groups)
    assert [g[0].index for g in groups] == sorted(g[0].index for g in groups)
    assert all([s.index for s in g] == sorted(s.index for s in g) for g in groups)


def test_where_no_limit_binds_many_sites_take_the_fewest_calls() -> None:
    rng = random.Random(4)
    sites = [Site(i, rng.randint(max(0, i - 60), i), 1, 1) for i in range(3_000)]
    assert len(group_sites(sites, Limits())) == len(stabbing(sites))


def test_filling_wastes_little_where_only_bytes_bind() -> None:
    rng = random.Random(5)
    sites = [Site(i, 0, rng.randint(1, 20_000), 1) for i in range(2_000)]
    groups = group_sites(sites, Limits())
    total = sum(s.size_bytes or 0 for s in sites)
    assert len(groups) <= 1.03 * total / Limits().max_group_bytes + 1


def test_regions_lie_apart_inside_the_arena_and_aligned() -> None:
    rng = random.Random(6)
    for _ in range(2_000):
        align = [rng.choice((1, 2, 4, 8)) for _ in range(rng.randint(2, 8))]
        sites = [Site(i, 0, a * rng.randint(0, 5), a) for i, a in enumerate(align)]
        group = lay_out(sites, Limits(), may_stack=False)
        at = 0
        for member in group.members:
            assert member.offset_bytes == at
            assert member.size_bytes is not None
            assert at % align[member.index] == 0
            at += member.size_bytes
        assert group.total_bytes == at
        assert group.align_bytes == max(align)


def test_a_group_that_keeps_dead_bytes_has_room_for_all_that_is_known() -> None:
    rng = random.Random(7)
    limited = 0
    for _ in range(3_000):
        sites = [_site(rng, i, 9, (0, 8, 100, 2_000)) for i in range(rng.randint(2, 5))]
        limits = Limits(max_group_bytes=rng.choice((4_000, 32 << 10)), max_retain_bytes=rng.choice((0, 100, 1 << 10)))
        if not is_legal(sites, limits):
            continue
        group = lay_out(sites, limits, may_stack=False)
        if group.limit_bytes is not None:
            limited += 1
            assert group.static_bytes <= group.limit_bytes <= limits.max_group_bytes
            if retained_bytes(sites):
                lasting = group.static_bytes - retained_bytes(sites)
                assert group.limit_bytes <= lasting + limits.max_retain_bytes
    assert limited > 100
