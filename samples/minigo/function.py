"""SSA for one function: which value each variable has, through branches and loops.

Control flow in this subset is structured, so that blocks can be made in the order of the text, each when all ways to it
are known, but for the way back to the head of a loop. For that one, the checker has listed the variables that the loop
assigns. A block takes as parameters the variables that have different values on the ways to it. Branches are written
last of all, when the parameters of every block are known.

Source: after Braun et al., Simple and Efficient Construction of SSA Form (2013), without its incomplete phis, which
only gotos would need.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import irpass as ip
from samples.minigo.entities import Var
from samples.minigo.layout import Layout, ascii_name

Operand = ip.Value | ip.Literal
Env = dict[Var, tuple[Operand, ...]]


@dataclass(eq=False)
class Label:
    """A place to go to. `visible` are the variables that exist there, `params` those that its block takes, by leaf."""

    name: str
    visible: frozenset[Var]
    edges: list[tuple[Branch, Env]] = field(default_factory=list)
    block: ip.Block | None = None
    params: list[tuple[Var, int]] = field(default_factory=list)


@dataclass(eq=False)
class Branch:
    """The end of a block; to two labels if it has a condition."""

    block: ip.Block
    condition: Operand | None
    targets: list[tuple[Label, Env]]
    loc: ip.Loc | None


class FunctionBuilder:
    """Builds one function: `env` holds the values of variables at the place that is being built.

    A variable that lives in memory has one value, the pointer to it.
    """

    def __init__(self, builder: ip.Builder, layout: Layout, func: ip.Func) -> None:
        self.b = builder
        self.layout = layout
        self.ir_func = func
        self.env: Env = {}
        self.reachable = True
        self.loc: ip.Loc | None = None
        self._branches: dict[Branch, None] = {}

    # ---- values

    def typed(self, operand: Operand) -> ip.Value:
        """A literal, where the IR wants a value."""
        if isinstance(operand, ip.Literal):
            return self.b.const(operand.type, operand.value)
        return operand

    def types_of(self, var: Var) -> list[ip.Type]:
        if var.in_memory:
            return [ip.PointerType(self.layout.ir(var.type))]
        return self.layout.leaf_types(var.type)

    def fresh_name(self, wish: str) -> str:
        """A name for a parameter that the function does not have yet."""
        name, number = ascii_name(wish), 0
        while name in self.ir_func.names:
            number += 1
            name = f"{ascii_name(wish)}${number}"
        return name

    # ---- control flow

    def at(self, loc: ip.Loc) -> None:
        """What is built from here on comes from this place of the source."""
        self.loc = loc
        self.b.loc(*loc)

    def label(self, name: str, *also: Var) -> Label:
        """A label for later; the variables that exist there are those of now, `also` included."""
        return Label(name, frozenset([*self.env, *also]))

    def jump(self, label: Label) -> None:
        """Go on at `label`; nothing can be built until another label is placed."""
        self._branch(None, label)

    def branch(self, condition: Operand, then: Label, other: Label) -> None:
        self._branch(condition, then, other)

    def _branch(self, condition: Operand | None, *labels: Label) -> None:
        if self.reachable:
            branch = Branch(self.b.here, condition, [(label, self.env) for label in labels], self.loc)
            for label in labels:
                label.edges.append((branch, self.env))
            self._branches[branch] = None
            self.env = dict(self.env)
        self.reachable = False

    def end(self) -> None:
        """The block ends in a return or a trap."""
        self.reachable = False

    def place(self, label: Label) -> None:
        """Build at `label` from here on; all ways to it are known."""
        self.reachable = bool(label.edges)
        if not label.edges:
            return
        branch, env = label.edges[0]
        if len(label.edges) == 1 and branch.condition is None:  # nobody else comes here: no block is needed
            del self._branches[branch]
            self.env = {var: values for var, values in env.items() if var in label.visible}
            self.b.at(branch.block)
            return
        envs = [env for _, env in label.edges]
        differing: list[tuple[Var, int]] = []
        self.env = {}
        for var, values in env.items():
            if var in label.visible and all(var in other for other in envs):
                self.env[var] = values
                for leaf, value in enumerate(values):
                    if any(other[var][leaf] != value for other in envs):
                        differing.append((var, leaf))
        self._open(label, differing)

    def place_loop(self, label: Label, assigned: list[Var]) -> None:
        """Build at the head of a loop from here on; more ways to it will come, which change `assigned` only."""
        if not self.reachable:
            return
        self.jump(label)
        self.reachable = True
        params = [(var, leaf) for var in assigned if var in self.env for leaf in range(len(self.env[var]))]
        self._open(label, params)

    def _open(self, label: Label, params: list[tuple[Var, int]]) -> None:
        """Make the block of a label."""
        label.params = params
        declared: list[tuple[str, ip.Type]] = []
        for var, leaf in params:
            name = self.fresh_name(var.name)
            self.ir_func.names.add(name)
            declared.append((name, self.types_of(var)[leaf]))
        self.ir_func.names.difference_update(name for name, _ in declared)
        label.block = self.b.block(label.name, declared, func=self.ir_func)
        for (var, leaf), param in zip(params, label.block.params, strict=True):
            values = list(self.env[var])
            values[leaf] = param
            self.env[var] = tuple(values)
        self.b.at(label.block)

    def finish(self) -> None:
        """Write the branches."""
        for branch in self._branches:
            self.b.at(branch.block)
            loc = branch.loc
            targets = [self._target(label, env) for label, env in branch.targets]
            if branch.condition is None:
                self.b.br(*targets[0], loc=loc)
            else:
                self.b.br_if(branch.condition, targets[0], targets[1], loc=loc)

    def _target(self, label: Label, env: Env) -> tuple[ip.Block, *tuple[Operand, ...]]:
        assert label.block is not None
        return (label.block, *(env[var][leaf] for var, leaf in label.params))
