"""Broken text: random bytes, truncated samples and mutated samples through every verb that reads IR.

    python -m tests.fuzz.text --cases 100000 --seed 1

Whatever comes in, no verb may raise anything but an `IrpassError` with at least one diagnostic, and a text that parses
must print and parse to the same text. A case that takes much longer than its size explains is reported as slow.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from pathlib import Path

import irpass as ip
from irpass.text.format import format_module
from irpass.text.parser import parse

SAMPLES = Path(__file__).parent.parent.parent / "samples"
_PIECES = [
    "%", "@", "%a", "%x", "@main", "{", "}", "(", ")", "[", "]", ":", ",", "=", "->", "//", '"', '"text"', "\\", "\\x",
    "i64", "u8", "f64", "[]", "*", "arena", "make", "new", "add", "load", "store", "br", "br_if", "switch", "ret",
    "derive", "shared.alloc", "shared.free", "free", "call", "print", "func", "type", "extern", "loc", "uninit", "0",
    "-1", "1e400", "0x", "1_", "99999999999999999999", "\n", "\t", "\r", "\x00", "é", "\u2028", "nil", "true", "inf",
]  # fmt: skip


def broken_text(rng: random.Random, samples: list[bytes]) -> bytes:
    """One case: mostly a sample that something has happened to."""
    kind = rng.random()
    if kind < 0.1:
        return rng.randbytes(rng.randrange(400))
    if kind < 0.2:
        return " ".join(rng.choices(_PIECES, k=rng.randrange(60))).encode()
    text = rng.choice(samples)
    if kind < 0.35:
        return text[: rng.randrange(len(text))]
    lines = text.decode().split("\n")
    for _ in range(rng.choice((1, 1, 1, 2, 5, 20))):
        _mutate(rng, lines)
    return "\n".join(lines).encode("utf-8", "replace")


def _mutate(rng: random.Random, lines: list[str]) -> None:
    i = rng.randrange(len(lines))
    what = rng.randrange(7)
    if what == 0 and len(lines) > 1:
        del lines[i]
    elif what == 1:
        lines.insert(i, rng.choice(lines))
    elif what == 2:
        j = rng.randrange(len(lines))
        lines[i], lines[j] = lines[j], lines[i]
    else:
        words = lines[i].split(" ")
        k = rng.randrange(len(words))
        if what == 3:
            words[k] = rng.choice(_PIECES)
        elif what == 4:
            words.insert(k, rng.choice(_PIECES))
        elif what == 5:
            other = rng.choice(lines).split(" ")
            words[k] = rng.choice(other)
        else:
            at = rng.randrange(len(lines[i]) + 1)
            lines[i] = lines[i][:at] + rng.choice(_PIECES) + lines[i][at + rng.randrange(3) :]
            return
        lines[i] = " ".join(words)


def check_case(data: bytes) -> str:
    """What became of a case: `syntax`, `rules` or `good`. Raises whatever a verb wrongly raises."""
    try:
        module = parse(data, "case.ir")
    except ip.IrpassError as error:
        assert error.diagnostics and all(d.message for d in error.diagnostics)
        str(error)
        return "syntax"
    if ip.verify(module):
        return "rules"
    text = ip.print_module(module)
    assert ip.print_module(parse(text)) == text
    assert ip.print_module(parse(format_module(module))) == text
    ip.optimize(module, verify_each=True)
    after = ip.print_module(module)
    assert ip.print_module(ip.parse(after)) == after
    return "good"


def run_cases(cases: int, seed: int, seconds_per_kb: float = 2.0) -> Counter[str]:
    """Run `cases` cases and count what became of them; the first failure is printed with its text and raised."""
    rng = random.Random(seed)
    samples = [p.read_bytes() for p in sorted(SAMPLES.glob("*.ir"))]
    counts: Counter[str] = Counter()
    for i in range(cases):
        data = broken_text(rng, samples)
        start = time.perf_counter()
        try:
            counts[check_case(data)] += 1
        except BaseException:  # whatever a verb raises, and an interrupt: the case must be known
            sys.stderr.write(f"case {i} of seed {seed}:\n{data!r}\n")
            raise
        if time.perf_counter() - start > seconds_per_kb * (1 + len(data) / 1024):
            counts["slow"] += 1
    return counts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    print(dict(run_cases(options.cases, options.seed)))


if __name__ == "__main__":
    main()
