"""The reasons why a site is not folded: one slug each, with what it means and what to do about it.

Each example is a module whose `fold-allocs` gives the reason at its first site or a later one.

`irpass explain SLUG` prints a page; a missed remark names its slug.
"""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import indent


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason: what a remark says, what it means, an example, and what to do."""

    slug: str
    title: str
    meaning: str
    example: str
    remedy: str


REASONS: tuple[Reason, ...] = (
    Reason(
        "only-one",
        "it is the only allocation of its block",
        "A shared request needs at least two members in one block.",
        "func @f() {\nentry:\n  %a = make []i64, 4\n  ret\n}",
        "Nothing is lost here. If the other allocation is in a helper, let `inline` bring it in; if it is in the next\n"
        "block, see whether the branch between them is needed.",
    ),
    Reason(
        "storage-class",
        "the others of its block are of the other storage class",
        "A type with a slice or pointer in it is scanned by a collector, other memory is not. Put together, the\n"
        "collector would look through bytes that hold no pointers.",
        "func @f() {\nentry:\n  %a = make []i64, 4\n  %b = make [][]u8, 4\n  ret\n}",
        "Where no collector runs, `fold-allocs{mix-scan=true}` lets both share.",
    ),
    Reason(
        "late-length",
        "its size is not known when the others are requested",
        "The request stands in front of the first member, so every size must be known there. What computes this one\n"
        "may not be moved up: it reads memory that may change, may trap, or depends on something that does.",
        "func @f(%p: *i64) {\nentry:\n  %a = make []i64, 4\n  print \"here\"\n  %n = load %p\n  %b = make []i64, %n\n"
        "  ret\n}",
        "Compute the length before the first allocation: the load at the named line is what has to move.",
    ),
    Reason(
        "too-large",
        "it is larger than a group may be",
        "A large allocation is not held up by its own call, and would keep its small neighbours alive with it.",
        "func @f() {\nentry:\n  %a = make []i64, 100000\n  %b = make []i64, 4\n  ret\n}",
        "Raise the limit if the sizes are right: `fold-allocs{max-group=1MiB}`.",
    ),
    Reason(
        "group-full",
        "the groups of its block have no room for it",
        "The members of a group take at most `max-group` bytes together.",
        "func @f() -> u8 {\nentry:\n  %a = make []u8, 20000\n  %b = make []u8, 20000\n  %x = load %a[0]\n  ret %x\n}",
        "Raise the limit: `fold-allocs{max-group=64KiB}`; or use the one for the last time\n"
        "before the other is made, so that both can lie in the same bytes.",
    ),
    Reason(
        "retention",
        "the group would keep too many dead bytes alive",
        "A shared arena lives as long as its longest-lived member. One that escapes, or is never freed, would keep\n"
        "the bytes of one that dies or is freed early.",
        "func @f() -> []u8 {\nentry:\n  %a = make []u8, 4000\n  %b = make []u8, 16\n  free %a\n  ret %b\n}",
        "Free both, or neither; or raise `fold-allocs{max-retain=8KiB}` if the bytes do not matter.",
    ),
    Reason(
        "may-be-freed",
        "it may be freed where that cannot be seen",
        "A member of an arena is not freed but released, so every place that may free it must be known. This one is\n"
        "freed through another name, in another function, or by an extern.",
        "extern func @consume([]i64)\n\nfunc @f() {\nentry:\n  %a = make []i64, 4\n  %b = make []i64, 4\n"
        "  call @consume(%a)\n  ret\n}",
        "Free it in the function that makes it, by the name that it was made under; declare an extern that does not\n"
        "free as `nofree`.",
    ),
    Reason(
        "recursion",
        "a call in between may come back into this function",
        "Each frame of the recursion would hold the bytes of members that it has not come to yet.",
        "func @walk(%n: i64) {\nentry:\n  %a = make []i64, 4\n  call @walk(%n)\n  %b = make []i64, 4\n  ret\n}",
        "Allocate both before the recursive call, or both after it.",
    ),
    Reason(
        "barrier",
        "a barrier stands in between",
        "The option `barrier` names functions that no group reaches across.",
        "// passes: fold-allocs{barrier=@checkpoint}\nextern func @checkpoint()\n\nfunc @f() {\nentry:\n"
        "  %a = make []i64, 4\n  call @checkpoint()\n  %b = make []i64, 4\n  ret\n}",
        "Leave the function out of the option.",
    ),
    Reason(
        "always-traps",
        "it always traps",
        "Its length or cap is negative, out of order or past 2^47 bytes: there is nothing to share.",
        "func @f() {\nentry:\n  %a = make []i64, -1\n  ret\n}",
        "Mend the length.",
    ),
    Reason(
        "zero-size",
        "it has no bytes",
        "A pointer to an object without bytes has an identity of its own, which a shared address would lose. The same\n"
        "goes for the elements of a slice of such objects.",
        "type @empty = {}\n\nfunc @f() {\nentry:\n  %a = new @empty\n  %b = new @empty\n  ret\n}",
        "Nothing is lost here.",
    ),
    Reason(
        "kept",
        "the options keep it out",
        "`--keep @f:%a` keeps a site out, `--only` all that it does not name, `--fold-limit N` all after group N.",
        "// passes: fold-allocs{keep=@f:%a}\nfunc @f() {\nentry:\n  %a = make []i64, 4\n  %b = make []i64, 4\n  ret\n}",
        "Change the option.",
    ),
)  # fmt: skip
BY_SLUG = {r.slug: r for r in REASONS}


def explain(slug: str) -> str:
    """The page of one reason as text.

    Raises: KeyError where there is no such reason.
    """
    r = BY_SLUG[slug]
    return f"{r.slug}: {r.title}\n\n{r.meaning}\n\n{indent(r.example, '    ')}\n\nWhat to do: {r.remedy}\n"
