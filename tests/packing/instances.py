"""Packing instances from a seed: what the tests and the benchmarks of the packer share."""

from __future__ import annotations

from random import Random

from irpass.packing import Buffer, validate


def small(random: Random, count: int, *, is_aligned: bool = True) -> list[Buffer]:
    """Buffers close together in time and size, so that layouts are hard to tell apart; a few without bytes or without
    life.
    """
    times = random.choice((4, 6, 10))
    largest = random.choice((4, 10, 40))
    buffers = []
    for _ in range(count):
        first = random.randrange(times)
        last = random.randint(first + (random.random() < 0.95), times)
        size = random.randint(random.random() < 0.9, largest)
        buffers.append(Buffer(size, first, last, random.choice((1, 1, 2, 3, 4, 8)) if is_aligned else 1))
    return buffers


def random_pins(random: Random, buffers: list[Buffer]) -> list[Buffer]:
    """The same buffers, some of them pinned where they do not overlap."""
    pinned = list(buffers)
    for i, b in enumerate(buffers):
        if random.random() < 0.3:
            candidate = Buffer(b.size, b.first, b.last, b.alignment, random.randrange(12) * b.alignment)
            trial = [*pinned[:i], candidate, *pinned[i + 1 :]]
            fixed = [b for b in trial if b.offset is not None]
            if not validate(fixed, [b.offset or 0 for b in fixed]):
                pinned = trial
    return pinned


def function(count: int, seed: int) -> list[Buffer]:
    """A random function: sizes log-uniform from 8 to 4,096 bytes, lives between two random instructions."""
    random = Random(seed)
    buffers = []
    for _ in range(count):
        first, last = sorted(random.sample(range(2 * count + 2), 2))
        buffers.append(Buffer(round(2 ** random.uniform(3, 12)), first, last))
    return buffers


def stream(count: int, alive: int, seed: int) -> list[Buffer]:
    """One buffer begins at each time, and about `alive` are alive at once."""
    random = Random(seed)
    return [
        Buffer(round(2 ** random.uniform(3, 12)), time, time + 1 + int(random.expovariate(1 / alive)))
        for time in range(count)
    ]


def chain(count: int, seed: int) -> list[Buffer]:
    """A neural network's activations: each lives until the next layer has read it, one in five until a layer further
    on.
    """
    random = Random(seed)
    buffers = []
    for time in range(count):
        skip = random.randint(2, 20) if random.random() < 0.2 else 1
        buffers.append(Buffer(random.choice((1, 2, 3, 4, 6, 8)) << random.randint(8, 12), time, time + 1 + skip))
    return buffers


def nest(count: int, seed: int) -> list[Buffer]:
    """Lives that nest or do not touch, like those of a stack."""
    random = Random(seed)
    buffers: list[Buffer] = []
    spans = [(0, 4 * count)]
    while len(buffers) < count:
        first, last = spans.pop(random.randrange(len(spans)))
        buffers.append(Buffer(round(2 ** random.uniform(3, 12)), first, last))
        if last - first >= 4:
            cut = random.randint(first + 2, last - 2)
            spans += [(first + 1, cut), (cut, last - 1)]
        elif not spans:
            spans.append((0, 4 * count))
    return buffers


def guillotine(count: int, seed: int) -> tuple[list[Buffer], int]:
    """A rectangle cut to pieces, so that a layout without any waste exists; and its height."""
    random = Random(seed)
    side = 10 * count
    pieces = [(0, 0, side, side)]
    while len(pieces) < count:
        k = max(range(len(pieces)), key=lambda k: _area(pieces[k]) * random.random())
        first, low, last, high = pieces[k]
        if random.random() < 0.5 and last - first > 1:
            cut = random.randint(first + 1, last - 1)
            pieces[k] = (first, low, cut, high)
            pieces.append((cut, low, last, high))
        elif high - low > 1:
            cut = random.randint(low + 1, high - 1)
            pieces[k] = (first, low, last, cut)
            pieces.append((first, cut, last, high))
    random.shuffle(pieces)
    return [Buffer(high - low, first, last) for first, low, last, high in pieces], side


def _area(piece: tuple[int, int, int, int]) -> int:
    first, low, last, high = piece
    return (last - first) * (high - low)
