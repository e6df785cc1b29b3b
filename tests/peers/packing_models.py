"""Small models of the planners of other projects, to compare layouts with.

Each re-tells the rule by which a planner picks offsets, from its public description, and nothing else of it: a model
has none of the speed, limits or extras of the original, and where it says "model" a figure must too. Alignments are
respected by all.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Iterable, Sequence
from random import Random

from irpass.packing import Buffer

Planner = Callable[[Sequence[Buffer]], list[int]]


def _place_all(buffers: Sequence[Buffer], order: Iterable[int], *, is_best_fit: bool) -> list[int]:
    """Offsets by placing in `order`: in the lowest gap, or the smallest, between what lives at the same time; else on
    top.
    """
    offsets = [0] * len(buffers)
    placed: list[tuple[int, int]] = []  # (offset, index), rising
    for i in order:
        b = buffers[i]
        end = 0
        best, best_gap = -1, 0
        for begin, j in placed:
            other = buffers[j]
            if other.first < b.last and b.first < other.last:
                offset = -(-end // b.alignment) * b.alignment
                if offset + b.size <= begin and (best < 0 or (is_best_fit and begin - end < best_gap)):
                    best, best_gap = offset, begin - end
                    if not is_best_fit:
                        break
                end = max(end, begin + other.size)
        offsets[i] = best if best >= 0 else -(-end // b.alignment) * b.alignment
        insort(placed, (offsets[i], i))
    return offsets


def mlir_best_fit(buffers: Sequence[Buffer]) -> list[int]:
    """Model of MLIR's static memory planner (2026): by start, into the smallest gap."""
    order = sorted(range(len(buffers)), key=lambda i: buffers[i].first)
    return _place_all(buffers, order, is_best_fit=True)


def iree_layout_slices(buffers: Sequence[Buffer]) -> list[int]:
    """Model of IREE's LayoutSlices: in program order, into the smallest gap among the slices that live with it."""
    order = sorted(range(len(buffers)), key=lambda i: (buffers[i].first, buffers[i].last))
    return _place_all(buffers, order, is_best_fit=True)


def xla_by_lifetime(buffers: Sequence[Buffer]) -> list[int]:
    """Model of XLA's global decreasing-size best-fit heap, in its temporal order: longest life first, then size;
    smallest gap.
    """
    order = sorted(range(len(buffers)), key=lambda i: (buffers[i].first - buffers[i].last, -buffers[i].size))
    return _place_all(buffers, order, is_best_fit=True)


def xla_by_size(buffers: Sequence[Buffer]) -> list[int]:
    """Model of XLA's global decreasing-size best-fit heap, in its spatial order: largest first, then longest life;
    smallest gap.
    """
    order = sorted(range(len(buffers)), key=lambda i: (-buffers[i].size, buffers[i].first - buffers[i].last))
    return _place_all(buffers, order, is_best_fit=True)


def tflite_greedy_by_size(buffers: Sequence[Buffer]) -> list[int]:
    """Model of TFLite's greedy by size: largest first, earlier start first, into the lowest gap."""
    order = sorted(range(len(buffers)), key=lambda i: (-buffers[i].size, buffers[i].first))
    return _place_all(buffers, order, is_best_fit=False)


def first_fit_by_lifetime(buffers: Sequence[Buffer]) -> list[int]:
    """First-fit, longest life first: exact on nests."""
    order = sorted(range(len(buffers)), key=lambda i: buffers[i].first - buffers[i].last)
    return _place_all(buffers, order, is_best_fit=False)


def tvm_hill_climb(buffers: Sequence[Buffer], attempts: int = 100) -> list[int]:
    """Model of TVM USMP's hill climbing: swaps a buffer at the peak with one placed before it, keeps what is better,
    and sometimes worse.
    """
    random = Random(0)
    order = sorted(range(len(buffers)), key=lambda i: (-buffers[i].size, buffers[i].first - buffers[i].last))
    offsets = _place_all(buffers, order, is_best_fit=False)
    best, best_peak = offsets, _peak(buffers, offsets)
    peak = best_peak
    for attempt in range(attempts):
        high = [k for k, i in enumerate(order) if offsets[i] + buffers[i].size == peak and k]
        if not high:
            break
        later = random.choice(high)
        sooner = random.randrange(later)
        order[later], order[sooner] = order[sooner], order[later]
        trial = _place_all(buffers, order, is_best_fit=False)
        trial_peak = _peak(buffers, trial)
        if trial_peak <= peak or random.random() * attempts > attempt * 4:
            offsets, peak = trial, trial_peak
            if peak < best_peak:
                best, best_peak = offsets, peak
        else:
            order[later], order[sooner] = order[sooner], order[later]
    return best


def _peak(buffers: Sequence[Buffer], offsets: Sequence[int]) -> int:
    return max((o + b.size for o, b in zip(offsets, buffers, strict=True)), default=0)


CLASSIC_GREEDY: dict[str, Planner] = {
    "MLIR best-fit (model)": mlir_best_fit,
    "IREE LayoutSlices (model)": iree_layout_slices,
    "XLA by lifetime (model)": xla_by_lifetime,
    "XLA by size (model)": xla_by_size,
    "TFLite by size (model)": tflite_greedy_by_size,
    "first-fit by lifetime": first_fit_by_lifetime,
}
PLANNERS: dict[str, Planner] = {**CLASSIC_GREEDY, "TVM hill climb (model)": tvm_hill_climb}
