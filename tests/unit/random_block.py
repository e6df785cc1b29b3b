"""Random straight-line programs over shared memory: many touch the same bytes, some trap."""

from hypothesis import strategies as st

HEAD = """
type @pair = { i64, *i64 }
extern func @keep([]i64)
extern func @look([]i64) -> i64 nocapture nofree

func @bump(%s: []i64) -> i64 {
entry:
  %x = load %s[0]
  %y = add %x, 1
  store %s[0], %y
  ret %y
}
func @start() -> i64 {
entry:
  %s = make []i64, 3
  store %s[1], 5
  %t = slice %s, 1, 3
  %p = new @pair
  %r = call @main(%s, %t, %p, 2)
  ret %r
}
"""
PARAMS = {"i": ["%n"], "s": ["%s", "%t"], "p": ["%p"], "q": [], "ss": [], "c": ["%c"]}
# What each line defines, and its operands by kind; `{0}` is the first of them.
FORMS = [
    ("i", "add {0}, {1}", "ii"), ("i", "div {0}, {1}", "ii"), ("i", "div {0}, 3", "i"), ("i", "shl {0}, {1}", "ii"),
    ("s", "make []i64, 2", ""), ("s", "make []i64, {0}", "i"), ("s", "make []i64, 2, uninit", ""),
    ("ss", "make [][]i64, 2", ""), ("p", "new @pair", ""), ("i", "len {0}", "s"), ("i", "cap {0}", "s"),
    ("s", "slice {0}, 0, 1", "s"), ("s", "slice {0}, 1, {1}", "si"), ("s", "append {0}, {1}", "si"),
    ("s", "extend {0}, {1}", "ss"), ("i", "copy {0}, {1}", "ss"), (None, "clear {0}", "s"),
    ("i", "load {0}[0]", "s"), ("i", "load {0}[{1}]", "si"), (None, "store {0}[0], {1}", "si"),
    (None, "store {0}[1], 7", "s"), ("i", "load {0}.0", "p"), (None, "store {0}.0, {1}", "pi"),
    ("q", "load {0}.1", "p"), (None, "store {0}.1, {1}", "pq"), ("q", "elem {0}, 0", "s"),
    ("q", "field {0}, 0", "p"), ("i", "load {0}", "q"), (None, "store {0}, {1}", "qi"),
    (None, "store {0}[0], {1}", "Ss"), ("s", "load {0}[0]", "S"), ("s", "select {0}, {1}, {2}", "css"),
    ("i", "call @bump({0})", "s"), (None, "call @keep({0})", "s"), ("i", "call @look({0})", "s"),
    (None, "print {0}", "i"), (None, 'print "here"', ""), (None, "free {0}", "s"), ("c", "lt {0}, {1}", "ii"),
    ("a", "shared.alloc 48, align 8", ""), ("s", "derive []i64, {0}, 0, 2", "a"),
    ("s", "derive []i64, {0}, 16, 2", "a"), ("s", "derive []i64, {0}, 8, 1, zero", "a"),
]  # fmt: skip


@st.composite
def block_texts(draw: st.DrawFn, max_lines: int = 14) -> str:
    """A module whose `@main` is one block; `@start` calls it."""
    pools = {kind: list(names) for kind, names in PARAMS.items() if kind != "ss"} | {"S": [], "a": []}
    lines = []
    for n in range(draw(st.integers(1, max_lines))):
        usable = [f for f in FORMS if all(pools[k] for k in f[2])]
        kind, form, operands = draw(st.sampled_from(usable))
        text = form.format(*(draw(st.sampled_from(pools[k][-4:])) for k in operands))
        if kind is not None:
            pools["S" if kind == "ss" else kind].append(f"%v{n}")
            text = f"%v{n} = {text}"
        lines.append(f"  {text}")
    lines.append(f"  ret {draw(st.sampled_from(pools['i']))}")
    head = "func @main(%s: []i64, %t: []i64, %p: *@pair, %n: i64) -> i64 {\nentry:\n  %c = lt %n, 2\n"
    return HEAD + head + "\n".join(lines) + "\n}\n"
