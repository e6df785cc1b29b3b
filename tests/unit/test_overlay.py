"""Where members lie that share bytes: random sites against the rules of lives, sizes and clearing, said once more."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import combinations

import pytest

import irpass as ip
from irpass.fold.grouping import group_sites, is_legal
from irpass.fold.layout import lay_out
from irpass.fold.overlay import arrange, covered_bytes, most_alive_bytes
from irpass.fold.plan import Group, Lifetime, Limits, Member, Site

_MOST_ELEMS = 7  # of sizes that are bounded
SHARING = Limits(overlay=True)


def _site(rng: random.Random, index: int, last_index: int, is_scan: bool = False) -> Site:
    align = 8 if is_scan else rng.choice((1, 2, 4, 8))
    elem_bytes = align * rng.choice((1, 1, 2))
    is_known = rng.random() < 0.7
    return Site(
        index=index,
        earliest=0,
        size_bytes=elem_bytes * rng.randint(0, 9) if is_known else None,
        align_bytes=align,
        is_scan=is_scan,
        is_uninit=rng.random() < 0.15,
        last=rng.randint(index, last_index) if rng.random() < 0.8 else None,
        needs_zero=rng.random() < 0.6,
        cap=None if is_known else rng.randint(0, 1),
        elem_bytes=elem_bytes,
        fits_bytes=None if is_known or rng.random() < 0.5 else _MOST_ELEMS * elem_bytes,
    )


def _sites(rng: random.Random, most: int = 9) -> list[Site]:
    count = rng.randint(2, most)
    is_scan = rng.random() < 0.3
    return [_site(rng, i, 2 * count, is_scan) for i in range(count)]


def _places(group: Group, sites: Sequence[Site], elems: Sequence[int]) -> dict[int, tuple[int, int]]:
    """The first and last byte (exclusive) of each member where caps are these numbers of elements."""
    by_index = {s.index: s for s in sites}

    def size(index: int) -> int:
        site = by_index[index]
        return site.size_bytes if site.size_bytes is not None else site.elem_bytes * elems[site.cap or 0]

    starts, at = [], 0
    for row in group.rows:
        starts.append(at)
        at += row.size_bytes if row.size_bytes is not None else size(row.index)
    return {m.index: (s := starts[m.row] + m.in_row_bytes, s + size(m.index)) for m in group.members}


def _alive_together(a: Site, b: Site) -> bool:
    first, second = sorted((a, b), key=lambda s: s.index)
    return first.last is None or first.last >= second.index


def test_members_that_are_alive_together_never_share_a_byte() -> None:
    rng = random.Random(1)
    shared = 0
    for _ in range(4_000):
        sites = _sites(rng)
        group = lay_out(sites, SHARING, may_stack=False)
        assert sorted(m.index for m in group.members) == [s.index for s in sites]
        for elems in ((0, 0), (1, _MOST_ELEMS), (6, 2)):
            places = _places(group, sites, elems)
            total = sum(_row_bytes(group, sites, elems))
            for site in sites:
                assert places[site.index][1] <= total
                assert places[site.index][0] % site.align_bytes == 0
            for a, b in combinations(sites, 2):
                (lo, hi), (begin, end) = places[a.index], places[b.index]
                overlaps = lo < end and begin < hi and lo < hi and begin < end
                shared += overlaps
                assert not (overlaps and _alive_together(a, b)), (a, b, group)
    assert shared > 3_000, "members hardly ever share: this shows nothing"


def _row_bytes(group: Group, sites: Sequence[Site], elems: Sequence[int]) -> list[int]:
    by_index = {s.index: s for s in sites}
    return [
        r.size_bytes if r.size_bytes is not None else by_index[r.index].elem_bytes * elems[by_index[r.index].cap or 0]
        for r in group.rows
    ]


def test_offsets_in_the_plan_are_those_of_the_rows() -> None:
    rng = random.Random(2)
    for _ in range(500):
        sites = _sites(rng)
        group = lay_out(sites, SHARING, may_stack=False)
        places = _places(group, sites, (3, 5))
        for m in group.members:
            assert m.offset_bytes is None or m.offset_bytes == places[m.index][0]


def test_whoever_may_read_what_another_left_clears_it() -> None:
    rng = random.Random(3)
    cleared = 0
    for _ in range(4_000):
        sites = _sites(rng)
        group = lay_out(sites, SHARING, may_stack=False)
        places = _places(group, sites, (_MOST_ELEMS, _MOST_ELEMS))
        members = {m.index: m for m in group.members}
        for site in sites:
            lo, hi = places[site.index]
            before = [places[s.index] for s in sites if s.index < site.index]
            is_used = lo < hi and any(b < e and lo < e and b < hi for b, e in before)
            reads = site.needs_zero and not site.is_uninit
            if reads:
                assert members[site.index].is_zeroed or not (is_used or group.is_uninit)
            if group.is_scan:
                assert not group.is_uninit
                assert not is_used or members[site.index].is_zeroed
            assert not (members[site.index].is_zeroed and site.is_uninit)
            assert (members[site.index].over is not None) == is_used
            cleared += members[site.index].is_zeroed
    assert cleared > 1_000


def test_sharing_saves_bytes_and_does_not_clear_more_than_that() -> None:
    rng = random.Random(4)
    refused = 0
    for _ in range(1_500):
        sites = _sites(rng)
        arranged = arrange(sites, may_share=True)
        side_by_side = arrange(sites, may_share=False)
        assert arranged.known_bytes <= side_by_side.known_bytes
        refused += arranged.refused is not None
        if arranged.overlay is None:
            assert (arranged.rows, arranged.members) == (side_by_side.rows, side_by_side.members)
        else:
            found = arranged.overlay
            assert found.saved_bytes == side_by_side.known_bytes - arranged.known_bytes
            assert found.saved_bytes >= 0 and any(m.over is not None for m in arranged.members)
            assert found.cleared_with - found.cleared_without <= found.saved_bytes
        if arranged.refused is not None:
            more = arranged.refused.cleared_with - arranged.refused.cleared_without
            assert more > arranged.refused.saved_bytes
    assert refused > 8, "the rule hardly ever binds: this shows nothing"


def test_an_arena_has_at_least_the_most_bytes_that_are_alive_at_once() -> None:
    rng = random.Random(5)
    reached = 0
    for _ in range(2_000):
        sites = [s for s in _sites(rng) if s.size_bytes is not None]
        if len(sites) < 2:
            continue
        arranged = arrange(sites, may_share=True)
        least = most_alive_bytes(sites)
        assert arranged.known_bytes >= least
        reached += arranged.known_bytes == least
        assert covered_bytes(arranged, sites) <= arranged.known_bytes
    assert reached > 1_000


def test_without_overlay_lives_change_nothing() -> None:
    rng = random.Random(6)
    for _ in range(1_000):
        sites = _sites(rng)
        group = lay_out(sites, Limits(), may_stack=True)
        assert group.overlay is None and not any(m.is_zeroed or m.over is not None for m in group.members)
        assert len(group.rows) == len(sites)


def test_groups_that_share_bytes_stay_within_the_limits_and_are_no_more() -> None:
    rng = random.Random(7)
    fewer = 0
    for _ in range(400):
        sites = _sites(rng, 10)
        limits = Limits(rng.choice((32, 64, 128)), rng.choice((0, 16, 1000)), 0, False)
        lifetimes = [
            rng.choice((Lifetime.FREED, Lifetime.DIES)) if s.last is not None else Lifetime.ESCAPES for s in sites
        ]
        sites = [_with_lifetime(s, lifetime) for s, lifetime in zip(sites, lifetimes, strict=True)]
        sharing = Limits(limits.max_group_bytes, limits.max_retain_bytes, 0, False, overlay=True)
        apart, shared = group_sites(sites, limits), group_sites(sites, sharing)
        assert sorted(s.index for g in shared for s in g) == [s.index for s in sites]
        assert len(shared) <= len(apart)
        fewer += len(shared) < len(apart)
        for sites_of_group in shared:
            if len(sites_of_group) > 1:
                assert is_legal(sites_of_group, sharing)
                group = lay_out(sites_of_group, sharing, may_stack=False)
                assert sum(r.size_bytes or 0 for r in group.rows) <= sharing.max_group_bytes
                assert group.retained_bytes <= sharing.max_retain_bytes
    assert fewer > 15, "sharing hardly ever makes room: this shows nothing"


def _with_lifetime(site: Site, lifetime: Lifetime) -> Site:
    return Site(
        site.index, site.earliest, site.size_bytes, site.align_bytes, site.is_scan, site.is_uninit, lifetime,
        last=site.last, needs_zero=site.needs_zero, cap=site.cap, elem_bytes=site.elem_bytes,
        fits_bytes=site.fits_bytes,
    )  # fmt: skip


def test_narrower_elements_follow_wider_ones_and_not_the_other_way_round() -> None:
    def site(index: int, elem_bytes: int, last: int) -> Site:
        return Site(index, 0, None, elem_bytes, last=last, cap=0, elem_bytes=elem_bytes)

    assert len(lay_out([site(0, 8, 0), site(1, 4, 1)], SHARING, may_stack=False).rows) == 1
    assert len(lay_out([site(0, 4, 0), site(1, 8, 1)], SHARING, may_stack=False).rows) == 2
    assert len(lay_out([site(0, 8, 1), site(1, 4, 1)], SHARING, may_stack=False).rows) == 2


@pytest.mark.parametrize("count", [3_000])
def test_many_members_in_turn_are_laid_out(count: int) -> None:
    rng = random.Random(8)
    sites = [Site(i, 0, 8 * rng.randint(1, 9), 8, last=i + rng.randint(0, 9)) for i in range(count)]
    group = lay_out(sites, SHARING, may_stack=False)
    assert group.total_bytes is not None and group.total_bytes <= 1.15 * group.lower_bound_bytes
    assert len({m.index for m in group.members}) == count
    assert isinstance(group.members[0], Member)


IN_TURN = """func @main(%n: i64) -> i64 {
entry:
  %a = make []i64, 8
  store %a[1], %n
  %x = load %a[1]
  %b = make []i64, 6
  %y = load %b[1]
  %s = add %x, %y
  ret %s
}
"""


def test_remarks_and_statistics_tell_what_sharing_gives_and_costs() -> None:
    report = ip.optimize(ip.parse(IN_TURN), "fold-allocs")
    (request,) = [r for r in report.remarks if r.name == "request"]
    text = "overlay needs 64 bytes instead of 112 (64 alive at once), clearing 112 instead of 112"
    assert text in request.message
    numbers = {
        "bytes_before": 112,
        "bytes_after": 64,
        "lower_bound_bytes": 64,
        "cleared_before": 112,
        "cleared_after": 112,
    }
    assert {name: request.fields[name] for name in numbers} == numbers
    counters = report.statistics["main"]
    wanted = {"overlaid": 1, "static_bytes": 112, "arena_bytes": 64, "lower_bound_bytes": 64, "saved_bytes": 48}
    assert {name: counters[name] for name in wanted} == wanted


def test_statistics_without_overlay_count_all_bytes() -> None:
    counters = ip.optimize(ip.parse(IN_TURN), "fold-allocs{overlay=false}").statistics["main"]
    wanted = {"overlaid": 0, "static_bytes": 112, "arena_bytes": 112, "lower_bound_bytes": 112, "saved_bytes": 0}
    assert {name: counters[name] for name in wanted} == wanted
