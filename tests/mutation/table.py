"""The table of mutations: `python -m tests.mutation.table`."""

from __future__ import annotations

from tests.mutation.mutations import MUTATIONS
from tests.mutation.verdicts import judge


def main() -> None:
    print("| mutation | program | rule | seen at run time |\n| --- | --- | --- | --- |")
    caught = seen = 0
    for mutation in MUTATIONS:
        verdicts = judge(mutation)
        caught += any(v.rule is not None for v in verdicts)
        seen += any(v.difference is not None for v in verdicts)
        for v in verdicts:
            print(f"| {mutation.name} | {v.program} | {v.rule or '**accepted**'} | {v.difference or '-'} |")
    print(f"\n{len(MUTATIONS)} mutations: the checker refuses {caught}, a run shows {seen}.")


if __name__ == "__main__":
    main()
