"""Ways to get a fold wrong: each changes the AFTER of a good pair, and names the rule that refuses it."""

from __future__ import annotations

from typing import NamedTuple


class Mutation(NamedTuple):
    """In the AFTER of `pair`, the first place of each old text becomes the new one, one change after the other."""

    claim: str
    pair: str
    code: str
    changes: tuple[tuple[str, str], ...]


def _m(claim: str, pair: str, code: str, *changes: tuple[str, str]) -> Mutation:
    return Mutation(claim, pair, code, changes)


_STORE_A, _STORE_B = "  store %a[0], %n\n", "  store %b[0], %x\n"
_MORE_ROOM = ("alloc 64", "alloc 96")

DECLARATIONS = (
    _m("another field type", "gaps-and-any-order", "C01", ("{ i64, i32 }", "{ i64, i64 }")),
    _m("another result", "static-group", "C01", ("-> i64", "-> i32"), ("ret %x", "%y = conv i32, %x\n  ret %y")),
    _m("a parameter more", "static-group", "C01", ("(%n: i64)", "(%n: i64, %o: i64)")),
    _m("a function renamed", "load-over-a-reader", "C01", ("func @first", "func @f"), ("call @first", "call @f")),
    _m("an extern that says less", "helper-that-reads", "C01", ("nocapture nofree", "nofree")),
    _m("branches swapped", "releases", "C03", ("left, right", "right, left")),
    _m("both ways to one block", "free-where-paths-meet", "C02", ("left, right", "left, left")),
    _m("a return for a branch", "free-where-paths-meet", "C02", ('"left"\n  br join', '"left"\n  ret')),
    _m("a block parameter more", "overlay-in-a-loop", "C02",
       ("loop(%i: i64)", "loop(%i: i64, %k: i64)"), ("br loop(0)", "br loop(0, 1)"), ("loop(%j)", "loop(%j, 2)")),
)  # fmt: skip

INSTRUCTIONS = (
    _m("a store dropped", "static-group", "C03", (_STORE_A, "")),
    _m("a store doubled", "static-group", "C03", (_STORE_A, _STORE_A + _STORE_A)),
    _m("a print added", "run-time-sizes", "C03", ("  ret %n", "  print %n\n  ret %n")),
    _m("a site before a store", "static-group", "C03", (_STORE_A, ""), ("32, 5\n", "32, 5\n" + _STORE_A)),
    _m("a trap before a print", "bad-lengths-trap-in-place", "C03",
       ('  print "first"\n', ""), ("16, -1\n", '16, -1\n  print "first"\n')),
    _m("a load added", "overlay", "C03", ("  ret %z", "  %w = load %p\n  ret %z")),
    _m("a site dropped", "two-classes", "C03", ("  %d = derive []f64, %n, 0, 1\n", "")),
    _m("a derive too many", "static-group", "C03", ("  %x =", "  %d = derive []u8, %m, 37, 1\n  %x =")),
    _m("a load in the block above", "releases-then-free", "C03", ("  print", "  %x = load %a[0]\n  print")),
    _m("another index", "static-group", "C04", ("store %a[0]", "store %a[1]")),
    _m("another value stored", "static-group", "C04", ("store %a[0], %n", "store %a[0], 7")),
    _m("another argument", "helper-that-reads", "C04", ("call @sum(%o)", "call @sum(%a)")),
    _m("another callee", "helper-that-reads", "C04", ("call @drop(%o)", "call @show(%o)")),
    _m("members of one size swapped", "overlay", "C04", ("load %b[%n]", "load %a[%n]")),
    _m("another text printed", "releases", "C04", ('"left"', '"right"')),
    _m("another value returned", "run-time-sizes", "C04", ("ret %n", "ret %k")),
    _m("another argument of a branch", "overlay-in-a-loop", "C04", ("loop(%j)", "loop(%i)")),
    _m("another condition", "releases", "C04", ("lt %n, 3", "le %n, 3")),
    _m("another field", "gaps-and-any-order", "C04", ("store %p.0, 7", "store %p.1, 7")),
    _m("another place in the source", "static-group", "C05", ("3:7", "3:8")),
    _m("a place in the source lost", "static-group", "C05", (' loc("main.go":3:7)', "")),
    _m("a place in the source found", "hoisted-load", "C05", ("load %h[1]", 'load %h[1] loc("main.go":1:1)')),
    _m("a pure place in the source lost", "hoisted-pure", "C05", ("add %n, 1", 'add %n, 1 loc("main.go":1:1)')),
    _m("a comparison too many", "releases", "C06", ("  %c = lt", "  %d = lt %n, 4\n  %c = lt")),
    _m("a sum too many", "static-group", "C06", ("  %x = load", "  %y = add %n, 5\n  %x = load")),
    _m("a sum that nobody needs", "overlay", "C06", ("  %m =", "  %extra = add %n, 5\n  %m =")),
    _m("a product dropped", "kept-alone", "C06", ("  %square = mul %n, %n\n", "")),
    _m("a load over a store that changes it", "hoisted-load", "C07",
       ("  store %h[1], %n\n", ""), ("  %k = load %h[1]\n", "  %k = load %h[1]\n  store %h[1], %n\n")),
    _m("a load over a print that may trap", "load-of-a-parameter", "C07",
       ('  print "first"\n', ""), ("  %m =", '  print "first"\n  %m =')),
    _m("another load", "hoisted-load", "C04", ("load %h[1]", "load %h[0]")),
)  # fmt: skip

MEMBERS = (
    _m("another element type", "static-group", "C08", ("[]u8, %m, 32, 5", "[]i8, %m, 32, 5")),
    _m("a slice for a pointer", "two-classes", "C08", ("**i64, %s, 48", "[]*i64, %s, 48, 1")),
    _m("a length changed", "static-group", "C09", ("32, 5", "32, 4")),
    _m("a cap that is larger", "static-group", "C09", ("40, 2, 3", "40, 2, 4"), ("alloc 52", "alloc 56")),
    _m("a cap lost", "static-group", "C09", ("40, 2, 3", "40, 2")),
    _m("length and cap swapped", "run-time-sizes", "C09", ("0, %n, %k", "0, %k, %n")),
    _m("lengths of two members swapped", "sums-in-any-order", "C09", ("%o, %k", "%o, %n")),
    _m("a length from another constant", "hoisted-pure", "C09", ("div %k, 2", "div %k, 3")),
    _m("an arena without members", "static-group", "C10", ("  %m =", "  %o = shared.alloc 8, align 8\n  %m =")),
    _m("a limit below the total", "static-group", "C10", ("align 8", "align 8, limit 51")),
    _m("a total past the address space", "static-group", "C10", ("alloc 52", "alloc 140737488355329")),
    _m("a total that may wrap", "run-time-sizes", "C11",
       ("  %m =", "  %w = mul %u, 65536\n  %m ="), ("alloc %u", "alloc %w")),
    _m("a product that may wrap", "overlay-of-run-time-sizes", "C11", ("extent i64, %n", "mul %n, 8")),
    _m("a negative total", "static-group", "C11", ("alloc 52", "alloc -52")),
    _m("an offset that may be negative", "sums-in-any-order", "C11", ("%o = add %e, 8", "%o = sub %e, -8")),
    _m("an arena a byte too small", "static-group", "C12", ("alloc 52", "alloc 51")),
    _m("a member past the end", "static-group", "C12", ("%m, 40, 2, 3", "%m, 44, 2, 3")),
    _m("an extent of another length", "run-time-sizes", "C12", ("extent u8, %n", "extent u8, %k")),
    _m("an extent of a smaller element", "run-time-sizes", "C13", ("extent i64, %k", "extent i16, %k")),
    _m("a summand lost", "sums-in-any-order", "C12", ("alloc %t,", "alloc %t0,")),
    _m("a total that is a length", "lengths-in-range", "C12", ("alloc %t", "alloc %n")),
    _m("an offset off by one", "static-group", "C13",
       ("%m, 40, 2, 3", "%m, %off, 2, 3"), ("  %m =", "  %off = const i64, 41\n  %m =")),
    _m("an arena aligned too little", "run-time-sizes", "C13",
       ("%e, 3", "%o, 3"), ("  %m =", "  %o = add %e, 2\n  %m =")),
    _m("an offset behind odd bytes", "run-time-sizes", "C13", ("%m, %e, 3", "%m, %f, 3")),
    _m("an overlap of one byte", "static-group", "C14", ("%m, 32, 5", "%m, 31, 5")),
    _m("two members in one place", "one-free", "C14", ("%m, 32, 4", "%m, 0, 4")),
    _m("an overlap at run time", "run-time-sizes-touched", "C14", ("%m, %e, 3", "%m, 0, 3")),
    _m("an overlay of what is touched later", "overlay", "C14", ("%m, 32, 4", "%m, 0, 4")),
    _m("an overlay of what a callee may touch", "helper-that-reads", "C14", ("%m, 32, 4", "%m, 0, 4, zero")),
    _m("an overlay of what is returned", "never-freed-beside-freed", "C14", ("%m, 32, 4", "%m, 0, 4, zero")),
    _m("an overlay of what memory holds", "released-before-uses", "C14", ("%m, 64, 4", "%m, 32, 4, zero")),
    _m("an overlay not cleared", "overlay", "C15", ("0, 8, zero", "0, 8")),
    _m("an overlay in a loop not cleared", "overlay-in-a-loop", "C15", ("0, 4, zero", "0, 4")),
    _m("an overlay at run time not cleared", "overlay-of-run-time-sizes", "C15", (", zero", "")),
    _m("a zeroed site that is uninit", "two-classes", "C15", ("%n, 8, 2", "%n, 8, 2, uninit")),
    _m("a zeroed site in an uninit arena", "uninit-arena", "C15", (", zero", "")),
    _m("half written in an uninit arena", "static-group", "C15", ("align 8", "align 8, uninit")),
    _m("an uninit site that is cleared", "uninit-arena", "C16", ("0, 4, uninit", "0, 4, zero")),
    _m("an uninit site in a zeroed arena", "uninit-arena", "C16", ("align 8, uninit", "align 8")),
    _m("pointers in a noscan arena", "two-classes", "C17", (", scan", "")),
    _m("mixed classes in a noscan arena", "mixed-classes", "C17", (", scan", "")),
    _m("an arena outside of the loop", "overlay-in-a-loop", "C18",
       ("  %m = shared.alloc 32, align 8\n", ""), ("entry:\n", "entry:\n  %m = shared.alloc 32, align 8\n")),
    _m("a member in an inner loop", "both-blocks-in-one-loop", "C18",
       ("  %m = shared.alloc 64, align 8\n", ""), ("entry:\n", "entry:\n  %m = shared.alloc 64, align 8\n")),
    _m("a stack arena in a loop", "overlay-in-a-loop", "C19", ("align 8", "align 8, stack")),
    _m("a returned member on the stack", "never-freed-beside-freed", "C19", ("align 8", "align 8, stack")),
    _m("a stored member on the stack", "stored-in-a-parameter", "C19", ("align 8", "align 8, stack")),
)  # fmt: skip

ENDS = (
    _m("a free left on a member", "releases", "C20", ("shared.release %m, %a", "free %a")),
    _m("a free left on an alias", "free-by-another-name", "C20", ("shared.release %m, %t", "free %t")),
    _m("a member that a callee frees", "kept-alone", "C20", ("make []i64, 4", "derive []i64, %m, 64, 4"),
       ("  %m = shared.alloc 64, align 8\n", ""), ("entry:\n  %a", "entry:\n  %m = shared.alloc 96, align 8\n  %a")),
    _m("a member that an extern may free", "kept-alone", "C20", ("%b = make []i64, 4", "%b = derive []i64, %m, 64, 4"),
       ("  %m = shared.alloc 64, align 8\n", ""), ("  %b", "  %m = shared.alloc 96, align 8\n  %b")),
    _m("a member that a select may free", "kept-alone", "C20", ("%c = make []i64, 4", "%c = derive []i64, %m, 64, 4"),
       ("  %m = shared.alloc 64, align 8\n", ""), ("  %c", "  %m = shared.alloc 96, align 8\n  %c")),
    _m("a release before the free", "releases", "C21", ('  print "left"\n  shared.release %m, %b', '  print "left"'),
       ("shared.release %m, %a", "shared.release %m, %a\n  shared.release %m, %b")),
    _m("a shared.free before the last free", "one-free", "C21", ("  shared.free %m, %b, %a\n", ""),
       (_STORE_B, "  shared.free %m, %b, %a\n" + _STORE_B)),
    _m("a release of the other member", "never-freed-beside-freed", "C21", ("release %m, %b", "release %m, %a")),
    _m("an end of what is no member", "helper-that-reads", "C21", ("%m, %a, %b", "%m, %a, %b, %o")),
    _m("an end of what is of another arena", "two-arenas", "C21", ("%m, %a, %b", "%m, %a, %c")),
    _m("a free on the other way too", "free-where-paths-meet", "C21",
       ('  print "left"', '  shared.free %m, %a, %b\n  print "left"')),
    _m("a free lost", "releases", "C22", ("  shared.release %m, %a\n", "")),
    _m("all frees of a round lost", "freed-in-a-loop", "C22", ("  shared.free %m, %a, %b\n", "")),
    _m("a free lost on one way", "releases", "C22", ("right:\n  shared.release %m, %b\n", "right:\n")),
    _m("a free of another site lost", "kept-alone", "C22", ("  free %either\n", "")),
    _m("a release doubled", "releases", "C23", ("  shared.release %m, %a\n", "  shared.release %m, %a\n" * 2)),
    _m("a member named twice", "one-free", "C23", ("%m, %b, %a", "%m, %b, %a, %a")),
    _m("a release and a shared.free", "releases-then-free", "C23", ("%m, %a, %c", "%m, %a, %c, %b")),
    _m("a double free that no longer traps", "release-keeps-traps", "C23",
       ("again:\n  shared.release %m, %a\n", "again:\n")),
    _m("a free delayed past a call that uses it", "released-before-uses", "C24",
       ("  shared.release %m, %a\n", ""),
       ("  %x = call @peek(%a)\n", "  %x = call @peek(%a)\n  shared.release %m, %a\n"),
       ("  %y = load", "  shared.release %m, %a\n  %y = load")),
    _m("a free delayed past a use through memory", "released-before-uses", "C24",
       ("memory:\n  shared.release %m, %b\n", "memory:\n"),
       ("  %y = load %t[0]\n", "  %y = load %t[0]\n  shared.release %m, %b\n")),
    _m("a free delayed past a print of it", "printed-after-the-free", "C24",
       ("  shared.release %m, %a\n", ""), ("shared.release %m, %b", "shared.free %m, %a, %b")),
    _m("a member that is left and not named", "free-where-paths-meet", "C25", ("%m, %a, %b", "%m, %b")),
    _m("a shared.free of nobody", "static-group", "C25", ("  ret %x", "  shared.free %m\n  ret %x")),
    _m("a member that was never freed is not named", "never-freed-beside-freed", "C25",
       ("shared.release", "shared.free")),
    _m("a count too small", "releases", "C26", ("count 2", "count 1")),
    _m("a count too large", "releases", "C26", ("count 2", "count 3")),
    _m("no count", "releases", "C26", (", count 2", "")),
    _m("a count that the releases reach", "never-freed-beside-freed", "C26", (", count 2", "")),
    _m("a free delayed past a make, the arena may be nil", "nil-arena-releases", "C27",
       ("  shared.release %m, %a\n", ""), ("shared.release %m, %b", "shared.free %m, %a, %b"), (", count 2", "")),
    _m("a free delayed past a derive, the arena may be nil", "nil-arena-derives", "C27",
       ("  shared.release %m, %a\n", ""), ("shared.release %m, %b", "shared.free %m, %a, %b"), (", count 2", "")),
)  # fmt: skip

PAGE = (  # the table of the checker's README
    _m("page: print before the first derive", "as-on-the-page", "C03",
       ("  print %n\n", ""), ("  %a =", "  print %n\n  %a =")),
    _m("page: another length", "as-on-the-page", "C09", ("0, %n", "0, 7")),
    _m("page: a product for the extent", "as-on-the-page", "C11", ("extent i64, %n", "mul %n, 8")),
    _m("page: the total without its last part", "as-on-the-page", "C12",
       ("  %t = add %e, 5\n", ""), ("alloc %t", "alloc %e")),
    _m("page: a count of three", "as-on-the-page", "C26", ("count 2", "count 3")),
    _m("page: a free left", "as-on-the-page", "C20", ("shared.release %m, %a", "free %a")),
)  # fmt: skip

MUTATIONS = (*DECLARATIONS, *INSTRUCTIONS, *MEMBERS, *ENDS, *PAGE)
