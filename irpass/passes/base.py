"""What a pass is. A pass asks first (analyses, remarks) and edits last (through `irpass.ir.edit`).

A pass is a frozen dataclass: its fields are its options (typed, with defaults), which pipelines set by name
(`fold-allocs{max-group=32KiB}`: kebab-case there, snake_case here), and the command line documents.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import ClassVar

from irpass.analysis.manager import Analyses
from irpass.ir.core import Func, Module
from irpass.ir.layout import Layouts
from irpass.remarks import Remark


@dataclass
class Context:
    """What passes share while a pipeline runs over one module.

    `statistics` maps a function's name to counters that passes add to.
    """

    module: Module
    analyses: Analyses = field(default_factory=Analyses)
    remarks: list[Remark] = field(default_factory=list)
    statistics: dict[str, dict[str, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.layouts = Layouts(self.module)

    def count(self, func: Func, counter: str, n: int = 1) -> None:
        """Add `n` to a counter of `func`."""
        counters = self.statistics.setdefault(func.name, {})
        counters[counter] = counters.get(counter, 0) + n


@dataclass(frozen=True)
class Pass(ABC):
    """A pass over a whole module. `summary` is one line for `irpass passes`."""

    name: ClassVar[str]
    summary: ClassVar[str]

    @abstractmethod
    def run_module(self, module: Module, context: Context) -> bool:
        """Change `module`, and say whether anything changed."""


@dataclass(frozen=True)
class FunctionPass(Pass):
    """A pass that looks at one function at a time."""

    @abstractmethod
    def run(self, func: Func, context: Context) -> bool:
        """Change `func`, and say whether anything changed."""

    def run_module(self, module: Module, context: Context) -> bool:
        changed = False
        for func in module.funcs:
            changed |= self.run(func, context)
        return changed
