"""What becomes of a mutation on each of its programs."""

from __future__ import annotations

from dataclasses import dataclass

import irpass as ip
from irpass.check import check
from tests.mutation.mutations import Mutation
from tests.mutation.programs import first_difference, read_program


@dataclass(frozen=True)
class Verdict:
    """`rule` is the checker's, `verify` where the text is no module of the language at all, None where it is accepted.

    `difference` is what a run shows, None where nothing is seen or nothing can be run.
    """

    program: str
    rule: str | None
    difference: str | None


def judge(mutation: Mutation) -> list[Verdict]:
    """The verdicts on a mutation, by program."""
    return [_judge(mutation, name) for name in mutation.edits]


def _judge(mutation: Mutation, name: str) -> Verdict:
    program = read_program(name)
    text = mutation.edits[name](program.after)
    assert text != program.after, f"{mutation.name} changes nothing in {name}"
    before = ip.parse(program.before, name)
    after = ip.parse(text, name, verify=False)
    if ip.verify(after):
        return Verdict(name, "verify", None)
    found = check(before, after)
    return Verdict(name, found[0].code if found else None, first_difference(before, after, program.runs))
