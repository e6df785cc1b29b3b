"""Named ways to break a fold: each an edit of AFTER, for one program or several, and whether a run can show it."""

from __future__ import annotations

from dataclasses import dataclass

from tests.mutation.edits import Edit, before, both, drop, move, sub, swap, twice


@dataclass(frozen=True)
class Mutation:
    """`edits` are by name of program. `is_seen`: on one of them, a run differs in what a program may observe."""

    name: str
    edits: dict[str, Edit]
    is_seen: bool


def _seen(name: str, **edits: Edit) -> Mutation:
    return Mutation(name, _programs(edits), True)


def _unseen(name: str, **edits: Edit) -> Mutation:
    return Mutation(name, _programs(edits), False)


def _programs(edits: dict[str, Edit]) -> dict[str, Edit]:
    return {name.replace("_", "-"): edit for name, edit in edits.items()}


def _over(name: str) -> Edit:
    """Put a member of 32 bytes, cleared, where the one before it is."""
    return sub(f"{name} = derive []i64, %arena, 32, 4", f"{name} = derive []i64, %arena, 0, 4, zero")


_PAIR = "%arena = shared.alloc 64, align 8\n  "

REGIONS = [
    _seen("offset one element too low", static=sub("%b = derive []i64, %arena, 32", "%b = derive []i64, %arena, 24"),
          frees=sub("%arena, 64, 4", "%arena, 56, 4")),
    _seen("offset one byte too low", static=sub("%arena, 76, 5, 9", "%arena, 75, 5, 9")),
    _seen("offset one byte too high", static=sub("%arena, 76, 5, 9", "%arena, 77, 5, 9")),
    _unseen("offset not aligned", both_uninit=both(sub("%arena, 32, 2", "%arena, 33, 2"), sub("alloc 48", "alloc 49"))),
    _unseen("offset negative", static=sub("%a = derive []i64, %arena, 0, 4", "%a = derive []i64, %arena, -8, 4")),
    _seen("two members at one offset", static=sub("%b = derive []i64, %arena, 32", "%b = derive []i64, %arena, 0"),
          moved=sub("%arena, %extent, %most", "%arena, 0, %most")),
    _seen("offset by the other member's extent", runtime=sub("%arena, %extent, %m", "%arena, %extent$1, %m")),
    _seen("total one byte too small", static=sub("alloc 85", "alloc 84"), runtime=sub("add %sum, 7", "add %sum, 6")),
    _seen("total without the last member", static=sub("alloc 85", "alloc 76")),
    _unseen("arena aligned too little", static=sub("align 8", "align 4"), runtime=sub("align 8", "align 1")),
    _seen("extent of a narrower element", runtime=sub("extent i16, %m", "extent i8, %m"),
          moved=sub("extent i64, %most", "extent i32, %most")),
    _seen("extent of another length", runtime=sub("extent i16, %m", "extent i16, %n"),
          moved=sub("extent i64, %most", "extent i64, %n")),
    _seen("sum misses an extent", runtime=sub("add %extent, %extent$1", "add %extent, 0"),
          moved=sub("%sum = add %extent, %extent$1", "%sum = add %extent, 0")),
    _seen("wider member behind a narrower one",
            runtime=both(sub("%arena, 0, %n", "%arena, %extent$1, %n"), sub("%arena, %extent, %m", "%arena, 0, %m"))),
    _seen("sum counts one extent twice", moved=both(drop("%extent$1 = extent i64, %most"),
                                                    sub("add %extent, %extent$1", "add %extent, %extent"))),
    _seen("sum wraps by a huge literal", runtime=sub("add %sum, 7", "add %sum, 9223372036854775807")),
    _seen("sum wraps by a shift", runtime_frees=sub("add %extent, %extent", "shl %extent, 62")),
    _seen("sum subtracts", runtime=sub("%sum$1 = add %sum, 7", "%sum$1 = sub %sum, 7")),
    _unseen("limit one byte below the static total", static=sub("align 8, stack", "align 8, limit 84, stack")),
    _seen("members share bytes while both live", held=sub("%arena, 32, 4", "%arena, 0, 4, zero"),
          branches=sub("%arena, 32, 4", "%arena, 0, 4, zero")),
    _seen("last use moved over the next member of its bytes", turns=move("%x = load %a[1]", "%y = load %b[1]")),
    _unseen("an arena that nobody needs", static=before("store %a[3], %n", "%idle = shared.alloc 8, align 8")),
]  # fmt: skip

MEMBERS = [
    _seen("cap one too large", static=sub("5, 9", "5, 10")),
    _seen("cap dropped", static=sub("5, 9", "5")),
    _seen("length one too small", static=sub("%arena, 0, 4", "%arena, 0, 3"),
          runtime=both(before('print "first"', "%fewer = sub %n, 1"), move("%fewer = sub %n, 1", 'print "start"'),
                       sub("%arena, 0, %n", "%arena, 0, %fewer"))),
    _seen("length one too large", static=both(sub("%arena, 0, 4", "%arena, 0, 5"), sub("store %a[3]", "store %a[4]"),
                                              sub("%x = load %a[3]", "%x = load %a[4]"))),
    _seen("length by another value", moved=sub("%arena, %extent, %most", "%arena, %extent, %more")),
    _seen("element type of the other sign", types=sub("derive []i64", "derive []u64")),
    _seen("element type of another kind", types=sub("derive []i64", "derive []f64")),
    _seen("members of one size taken for each other", static=both(sub("store %a[3], %n", "store %b[3], %n"),
                                                                  sub("store %b[3], -1", "store %a[3], -1"))),
    _unseen("members of two types in another order",
            static=swap("%c = derive []i32, %arena, 64, 3", "%d = derive []u8, %arena, 76, 5, 9")),
    _seen("uninit dropped from a member", uninit=sub("0, 4, uninit", "0, 4"),
          both_uninit=sub("stack, uninit", "stack")),
    _seen("uninit arena for a zeroed member", uninit=sub("align 8, stack", "align 8, stack, uninit")),
    _seen("uninit at a zeroed member", uninit=sub("%arena, 32, 4", "%arena, 32, 4, uninit")),
    _seen("zero dropped over another member's bytes", turns=sub("4, zero", "4")),
    _unseen("no scan for members with pointers", pointers=sub("stack, scan", "stack")),
    _seen("stack for a member that is returned", escape=sub("alloc 64, align 8", "alloc 64, align 8, stack")),
    _unseen("stack in a loop", loop=sub("alloc 64, align 8", "alloc 64, align 8, stack")),
    _seen("arena requested once for all rounds", loop=move("%arena = shared.alloc 64, align 8", "br head(0, 0)")),
    _unseen("arena requested behind its first member",
            static=move("%arena = shared.alloc 85, align 8, stack", "%b = derive []i64, %arena, 32, 4")),
    _unseen("arena requested on one way only",
            paths=both(drop("%arena = shared.alloc 64, align 8, count 2"),
                       before("shared.release %arena, %a\n  %x = load %b[0]",
                              "%arena = shared.alloc 64, align 8, count 2"))),
    _seen("a member that a callee frees",
          callee=both(sub("%a = make []i64, 4", _PAIR + "%a = derive []i64, %arena, 0, 4"),
                      sub("%b = make []i64, 4", "%b = derive []i64, %arena, 32, 4"))),
    _seen("a member that is freed under another name",
          other_name=both(sub("%a = make []i64, 4", _PAIR + "%a = derive []i64, %arena, 0, 4"),
                          sub("%b = make []i64, 4", "%b = derive []i64, %arena, 32, 4"))),
    _unseen("a member that the host may free",
            unknown_host=both(sub("%a = make []i64, 4", _PAIR + "%a = derive []i64, %arena, 0, 4"),
                              sub("%b = make []i64, 4", "%b = derive []i64, %arena, 32, 4"))),
]  # fmt: skip

ENDS = [
    _seen("count one too small", paths=sub("count 2", "count 1"), use_after=sub("count 2", "count 1")),
    _unseen("count one too large", paths=sub("count 2", "count 3")),
    _seen("release of the other member", used_after=sub("shared.release %arena, %a", "shared.release %arena, %b")),
    _unseen("release lost", use_after=sub("shared.release %arena, %b\n  ret 3", "ret 3")),
    _seen("release doubled", runtime_frees=twice("shared.release %arena, %a")),
    _seen("free left as it was", runtime_frees=sub("shared.release %arena, %a", "free %a"),
          use_after=sub("shared.release %arena, %a\n  switch", "free %a\n  switch")),
    _unseen("release on one way only", paths=sub("shared.release %arena, %b\n  ret 1", "ret 1")),
    _seen("release moved up over a use", runtime_frees=move("shared.release %arena, %a", "%x = load %a[1]")),
    _seen("release delayed over a use",
          use_after=both(sub("shared.release %arena, %a\n  switch", "switch"),
                         sub("%x = load %a[0]\n", "%x = load %a[0]\n  shared.release %arena, %a\n"),
                         sub("done:\n", "done:\n  shared.release %arena, %a\n"))),
    _seen("release delayed over a callee's use",
          used_after=move("shared.release %arena, %a", "%x = call @use(%a)", behind=True)),
    _unseen("release of what may be huge delayed over an allocation",
            huge=move("shared.release %arena, %a", "%l = len %c")),
    _unseen("shared.free misses a member", frees=sub("%a, %b, %c", "%a, %b")),
    _seen("shared.free names a member twice", frees=sub("%a, %b, %c", "%a, %b, %c, %c")),
    _seen("shared.free moved up over a use", frees=move("shared.free %arena, %a, %b, %c", "%y = load %b[0]")),
    _seen("shared.free lost", frees=drop("shared.free %arena, %a, %b, %c")),
    _seen("shared.free delayed over a use", frees=both(drop("shared.free %arena, %a, %b, %c"),
                                                       before("ret %z", "shared.free %arena, %a, %b, %c"),
                                                       before("ret %u", "shared.free %arena, %a, %b, %c"))),
    _seen("shared.free of what was never freed", branches=before("%neg = lt %n, 0", "shared.free %arena, %a, %b")),
    _seen("shared.free while a member is left to release",
          runtime_frees=sub("shared.release %arena, %a", "shared.free %arena, %a")),
]  # fmt: skip

REST = [
    _seen("division hoisted over a print", runtime=move("%k = div 100, %n", 'print "first"')),
    _seen("member derived in front of a trap", late_trap=move("%b = derive []i64, %arena, 32, %m", "%q = div 10, %n")),
    _seen("member derived in front of a print", late_trap=move("%b = derive []i64, %arena, 32, %m", "print %q")),
    _seen("load hoisted over a store to the same place", runtime=move("%x = load %a[0]", "store %a[0], 11"),
          moved=move("%now = load %table[1]", "store %table[1], 77")),
    _seen("trapping load hoisted over a print", late_trap=move("%y = load %b[2]", 'print "sized"')),
    _unseen("pure instruction hoisted over its operand", moved=move("%most = add %more, 1", "%more = mul %len, 2")),
    _seen("prints change places", branches=swap('print "in"', 'print "between"')),
    _seen("print lost", branches=drop('print "between"')),
    _seen("print doubled", branches=twice('print "high"')),
    _seen("store lost", moved=drop("store %table[1], 77")),
    _seen("stores change places", branches=swap("store %a[0], 1", "store %a[0], 2")),
    _unseen("store in front of a later member",
            branches=move("store %a[0], 1", '%b = derive []i64, %arena, 32, 4 loc("main.go":4:7)')),
    _seen("branch targets swapped", branches=sub("low, high", "high, low")),
    _seen("condition turned round", branches=sub("lt %n, 0", "ge %n, 0")),
    _seen("block arguments swapped", loop=sub("br head(%i1, %sum1)", "br head(%sum1, %i1)")),
    _seen("case of a switch changed", use_after=sub("1: use", "3: use")),
    _seen("literal changed", branches=sub("store %a[0], 2", "store %a[0], 20")),
    _seen("operands swapped", moved=sub("sub %most, 1", "sub 1, %most")),
    _seen("argument of a call changed", escape=sub("@pair(9)", "@pair(8)"), used_after=sub("@use(%a)", "@use(%b)")),
    _seen("loc of a trap changed", branches=sub('"main.go":12:5', '"main.go":12:6')),
    _seen("loc lost", branches=sub(' loc("main.go":9:2)', "")),
    _unseen("loc of a member changed", branches=sub('4 loc("main.go":4:7)', '4 loc("main.go":4:8)')),
    _unseen("attribute of an extern changed", frees=sub("-> i64 nofree", "-> i64 nocapture")),
    _unseen("signature changed", frees=sub("func @use(%s: []i64) -> i64", "func @use(%s: []i64, %t: i64) -> i64")),
    _unseen("function lost", frees=lambda text: text[: text.index("func @use")] + text[text.index("func @main") :]),
    _unseen("extern call lost", unknown_host=drop("call @take(%a)")),
]  # fmt: skip

OVERLAYS = [
    _seen("overlap by one byte", shared=sub("%arena, 16, 9", "%arena, 15, 9")),
    _seen("live range one instruction short", short=sub("%b = derive []i64, %arena, 32, 4",
                                                                      "%b = derive []i64, %arena, 0, 4, zero")),
    _seen("zero dropped over a part of another's bytes", shared=sub("%arena, 16, 9, zero", "%arena, 16, 9")),
    _seen("zero dropped in a row of a size known at run time", in_turn=sub("0, %n, zero", "0, %n")),
    _seen("uninit in the place of zero", in_turn=sub("0, %n, zero", "0, %n, uninit"),
            shared=sub("%arena, 16, 9, zero", "%arena, 16, 9, uninit")),
    _unseen("uninit dropped over another's bytes", in_turn=sub("0, %n, uninit", "0, %n")),
    _seen("zero in the place of uninit", blank=sub("1, uninit", "1, zero")),
    _seen("what another left in the place of uninit", blank=sub("0, 1, uninit", "0, 1")),
    _seen("total of the smaller of two in turn", shared=sub("alloc 32", "alloc 25")),
    _seen("row of the narrower of two in turn", in_turn=sub("extent i64", "extent i32")),
    _seen("the later one begins inside the earlier one", turns=sub("%arena, 0, 4, zero", "%arena, 8, 4, zero")),
    _seen("count without the member whose bytes were taken", in_turn=sub("count 3", "count 2")),
    _unseen("shared.free without the one whose bytes were taken", shared=sub("%arena, %a, %b, %c", "%arena, %b, %c")),
    _unseen("release of the member whose bytes were taken lost",
            in_turn=drop("shared.release %arena, %a")),
    _seen("overlay over a slice", aliased=_over("%b1")),
    _seen("overlay over what was selected", aliased=sub("%b2 = derive []i64, %arena, 72, 4",
                                                        "%b2 = derive []i64, %arena, 40, 4, zero")),
    _seen("overlay over what is in a box", aliased=_over("%b3")),
    _seen("overlay over what a callee gave back", aliased=_over("%b4")),
    _seen("overlay over what was appended to", aliased=_over("%b5")),
    _unseen("overlay over what is still compared", aliased=sub("%b6 = derive *i64, %arena, 8",
                                                               "%b6 = derive *i64, %arena, 0, zero")),
    _seen("overlay over what is read in the next block", aliased=_over("%b7")),
    _seen("overlay over what is read in the next round", aliased=_over("%b8")),
    _seen("overlay over what is returned", aliased=_over("%b9")),
]  # fmt: skip

MUTATIONS = [*REGIONS, *MEMBERS, *ENDS, *OVERLAYS, *REST]
