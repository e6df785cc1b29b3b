"""Tests for passes, of irpass and of others: random programs, differential runs, a reducer.

    from irpass.testing import run_cases, reduce_case

    for case in run_cases(range(1000), "my-pass,fold-allocs"):
        assert case.failure is None, f"{case.failure}\\n{reduce_case(case)}"

`random_program` gives valid, ending programs; `compare` runs one before and after a pipeline; `reduce` shrinks what
fails; `Host` plays the host for any module. On the command line: `irpass fuzz` and `irpass reduce`.
"""

from irpass.ir.copying import copy_module
from irpass.testing.differential import Asked, Bounds, Failure, Run, Verdict, compare
from irpass.testing.fuzz import Case, Statistics, case_text, fails_like, pipeline_of, reduce_case, run_case, run_cases
from irpass.testing.generator import random_inputs, random_program
from irpass.testing.host import Host
from irpass.testing.program import Options
from irpass.testing.reducer import reduce

__all__ = [
    "Asked",
    "Bounds",
    "Case",
    "Failure",
    "Host",
    "Options",
    "Run",
    "Statistics",
    "Verdict",
    "case_text",
    "compare",
    "copy_module",
    "fails_like",
    "pipeline_of",
    "random_inputs",
    "random_program",
    "reduce",
    "reduce_case",
    "run_case",
    "run_cases",
]
