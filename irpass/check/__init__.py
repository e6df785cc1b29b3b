"""`check(before, after)`: does `after` do what `before` does, but for where its memory comes from?

Knows nothing of how folding works and takes no plan: any legal fold is accepted, those written by hand too. The rules:

Correspondence
  C01  Both modules declare the same types, functions and externs.
  C02  Blocks correspond from the entry along the branch targets, in order; their parameters have the same types.
  C03  Whatever has an effect or may trap stands in the same order: nothing dropped, added, moved.
  C04  Corresponding instructions have the same operation, type, literal parts and operands, value by value.
  C05  Corresponding instructions have the same place in the user's source.
  C06  A pure instruction that cannot trap may move, but is still there (`len` and `cap` of a site need not be); new
       ones are constants, or feed sizes and offsets only.
  C07  A load stands earlier only in its block, over what can neither write what it reads, nor trap, nor be seen.

Members: what a `derive` makes of a `make` or `new`
  C08  It has the type of its site.
  C09  It has the length and cap of its site.
  C10  Its arena has members; a literal total is at most 2^47 bytes, and not over the limit.
  C11  Sizes and offsets are sums of literals and sizes of at least 0, and cannot wrap.
  C12  Its bytes lie inside its arena.
  C13  Its offset, and its arena's alignment, are multiples of its alignment.
  C14  Two members have bytes in common only where the earlier one is never touched after the later one is derived.
  C15  It is zeroed where its site was: `zero` over bytes of another member and in an `uninit` arena, unless it is
       uninit at its site too, or wholly written before anything else can be done with it.
  C16  It is unwritten where its site was `uninit`, in a nil arena too.
  C17  An arena with a member that may hold pointers is `scan`.
  C18  Its arena is requested on every way to it, and it is derived once in each arena at most.
  C19  A `stack` arena is not in a loop, and no member outlives the call.

Ends: what becomes of a `free` of a member
  C20  No `free`, and no extern that may free, can reach a member.
  C21  No member is ended before it was freed.
  C22  Every free is made up for, before the arena is requested again or the function returns.
  C23  No member is ended twice, unless its site was freed twice there.
  C24  Between the old free and the new end nothing can touch or free the member.
  C25  A `shared.free` names all members that are left, and an ended arena gives no more.
  C26  The count of an arena with releases is the number of its members (or too high to be reached, if some of them
       are never released).
  C27  Where the arena may be nil, nothing allocates between the old free and the new end.

Not checked: both modules are taken to be verified; blocks that cannot be reached; names of values and labels (a label
shows in the place of a trap); what is policy and not meaning (group sizes, retention, recursion, how much more is
asked for); whether externs do what their attributes say; that members of size 0 have addresses of their own.

Values are followed by number (`numbers`), instructions are paired block by block (`pairing`), sizes are compared as
linear sums (`numbers`), what may be one memory is told by classes (`aliases`); then members
(`members`, `overlay`) and ends (`ends`) are judged. Near-linear in instructions.
"""

from __future__ import annotations

from irpass.check.aliases import Aliases
from irpass.check.ends import check_ends
from irpass.check.members import check_members
from irpass.check.overlay import check_overlay
from irpass.check.pairing import declarations, pair
from irpass.check.refusal import Refusal
from irpass.diagnostics import Diagnostic
from irpass.ir.core import Module
from irpass.ir.layout import Layouts


def check(before: Module, after: Module) -> list[Diagnostic]:
    """Empty where `after` refines `before`; else, for each function, the first thing that cannot be justified.

    Places are those of `after`; a note gives the place in `before`. Both modules are taken to be verified.
    """
    try:
        functions = declarations(before, after)
    except Refusal as refusal:
        return [refusal.diagnostic(before, after)]
    found = []
    aliases = Aliases(after)
    layouts = Layouts(after)
    for old, new in functions:
        try:
            pairing = pair(old, new, layouts, aliases)
            if pairing.arenas:
                check_members(pairing, aliases)
                check_overlay(pairing, aliases)
                check_ends(pairing, aliases)
            arenas = pairing.arenas
            pairing.pures.check({a.instr for a in arenas} | {m.derive for a in arenas for m in a.members})
        except Refusal as refusal:
            found.append(refusal.diagnostic(before, after))
    return found
