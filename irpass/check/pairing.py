"""Which function and which block of AFTER is which of BEFORE: rules C01 and C02 of the package; then the walk."""

from __future__ import annotations

from collections import deque

from irpass.check.aliases import Aliases
from irpass.check.graph import Graph
from irpass.check.model import Pairing
from irpass.check.numbers import Numbers
from irpass.check.refusal import Refusal
from irpass.check.walk import Walk
from irpass.ir.core import Block, Func, Module, Struct
from irpass.ir.layout import Layouts


def declarations(before: Module, after: Module) -> list[tuple[Func, Func]]:
    """The functions with bodies, in pairs.

    Raises: Refusal (C01) where the modules do not declare the same.
    """
    for name, old in before.decls.items():
        if name not in after.decls:
            raise Refusal("C01", f"@{name} is missing", None, old)
    functions = []
    for name, new in after.decls.items():
        found = before.decls.get(name)
        if found is None:
            raise Refusal("C01", f"@{name} is not in the program before", new)
        if _head(found) != _head(new):
            raise Refusal("C01", f"@{name} is declared otherwise", new, found)
        if isinstance(found, Func) and isinstance(new, Func) and not new.is_extern:
            functions.append((found, new))
    return functions


def _head(decl: Struct | Func) -> tuple[object, ...]:
    if isinstance(decl, Struct):
        return decl.fields
    return [p.type for p in decl.params], decl.result, decl.is_extern, sorted(decl.attrs)


def pair(before: Func, after: Func, layouts: Layouts, aliases: Aliases) -> Pairing:
    """Pair the blocks and instructions of two functions that are declared alike.

    Raises: Refusal (C02 to C05, C07 to C09).
    """
    partner = _pair_blocks(before, after)
    places = {instr: at for block in after.blocks for at, instr in enumerate(block.instrs)}
    pairing = Pairing(after, Graph(after), Numbers(layouts), places)
    walk = Walk(pairing, aliases)
    walk.params(before.params, after.params)
    for block in pairing.graph.blocks:
        walk.block(partner[block], block)
    return pairing


def _pair_blocks(before: Func, after: Func) -> dict[Block, Block]:
    """For each block of AFTER that can be reached, the one of BEFORE."""
    partner, taken = {after.entry: before.entry}, {before.entry: after.entry}
    queue = deque([after.entry])
    while queue:
        new = queue.popleft()
        old = partner[new]
        if [p.type for p in old.params] != [p.type for p in new.params]:
            raise Refusal("C02", f"block {new.name} has other parameters", new, old)
        a, b = old.terminator, new.terminator
        if a is None or b is None or a.op is not b.op or a.imm != b.imm or len(a.targets) != len(b.targets):
            raise Refusal("C02", f"block {new.name} ends in another way", b or new, a or old)
        for source, target in zip(a.targets, b.targets, strict=True):
            s, t = source.block, target.block
            if t not in partner and s not in taken:
                partner[t], taken[s] = s, t
                queue.append(t)
            elif partner.get(t) is not s:
                raise Refusal("C02", f"this goes to block {t.name}, which is not block {s.name} of before", b, a)
    return partner
