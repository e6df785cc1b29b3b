"""Which class an operation is in, and the colours of classes and edge kinds: the same in dot and SVG.

Fills are pale and strokes dark enough for text of either on the other's page; edges differ by dashes too, for readers
who do not see colours and for printers.
"""

from __future__ import annotations

from typing import NamedTuple

from irpass.ir import ops
from irpass.ir.ops import Op


class NodeStyle(NamedTuple):
    """Fill and stroke as `#rrggbb`, and what the legend calls the class."""

    fill: str
    stroke: str
    name: str


class EdgeStyle(NamedTuple):
    """Colour as `#rrggbb`, dashes as SVG has them (empty: solid), and what the legend calls the kind."""

    colour: str
    dashes: str
    name: str


_CLASSES: dict[str, tuple[Op, ...]] = {
    "constant": (ops.CONST,),
    "arithmetic": (*ops.ARITHMETIC, ops.NEG, ops.NOT, ops.SELECT, ops.CONV, ops.EXTENT),
    "comparison": tuple(ops.COMPARISONS),
    "allocation": (ops.MAKE, ops.NEW, ops.SHARED_ALLOC, ops.DERIVE),
    "slice": (ops.LEN, ops.CAP, ops.SLICE, ops.ELEM, ops.FIELD),
    "memory": (ops.LOAD, ops.STORE, ops.APPEND, ops.EXTEND, ops.COPY, ops.CLEAR),
    "release": (ops.FREE, ops.SHARED_RELEASE, ops.SHARED_FREE),
    "call": (ops.CALL,),
    "output": (ops.PRINT,),
    "control": (ops.BR, ops.BR_IF, ops.SWITCH, ops.RET, ops.TRAP),
}
_CLASS_OF = {op: name for name, members in _CLASSES.items() for op in members}

NODES: dict[str, NodeStyle] = {
    "param": NodeStyle("#ffffff", "#495057", "parameter"),
    "input": NodeStyle("#ffffff", "#868e96", "from another block"),
    "constant": NodeStyle("#f1f3f5", "#868e96", "constant"),
    "arithmetic": NodeStyle("#e7f0ff", "#3b6fd4", "arithmetic"),
    "comparison": NodeStyle("#e0f5f4", "#1b8a8f", "comparison"),
    "allocation": NodeStyle("#ffefd6", "#d9822b", "allocation"),
    "slice": NodeStyle("#f1eafe", "#7950c2", "slice or address"),
    "memory": NodeStyle("#fde8ef", "#c2255c", "memory"),
    "release": NodeStyle("#f8e0d2", "#a13d12", "release"),
    "call": NodeStyle("#e5f6e7", "#2b8a3e", "call"),
    "output": NodeStyle("#fff8d6", "#a67c00", "output"),
    "control": NodeStyle("#e6e9ec", "#343a40", "control"),
    "entry": NodeStyle("#e5f6e7", "#2b8a3e", "entry"),
    "block": NodeStyle("#f8f9fa", "#495057", "block"),
    "exit": NodeStyle("#fde8ef", "#c2255c", "end of the function"),
    "unreachable": NodeStyle("#ffffff", "#adb5bd", "never reached"),
    "function": NodeStyle("#e7f0ff", "#3b6fd4", "function"),
    "recursive": NodeStyle("#f1eafe", "#7950c2", "recursive function"),
    "extern": NodeStyle("#ffffff", "#868e96", "extern function"),
}
EDGES: dict[str, EdgeStyle] = {
    "data": EdgeStyle("#4a5568", "", "data"),
    "memory": EdgeStyle("#c2255c", "6 3", "memory"),
    "trap": EdgeStyle("#d9822b", "2 3", "order of traps"),
    "effect": EdgeStyle("#2b8a3e", "8 3 2 3", "order of effects"),
    "always": EdgeStyle("#495057", "", "always"),
    "true": EdgeStyle("#2b8a3e", "", "true"),
    "false": EdgeStyle("#c92a2a", "6 3", "false"),
    "case": EdgeStyle("#3b6fd4", "", "case"),
    "default": EdgeStyle("#868e96", "2 3", "default"),
    "idom": EdgeStyle("#495057", "", "immediately dominates"),
    "ipdom": EdgeStyle("#495057", "", "immediately post-dominates"),
    "calls": EdgeStyle("#495057", "", "calls"),
}


def op_class(op: Op) -> str:
    """The class of an operation: a key of `NODES`."""
    return _CLASS_OF[op]
