"""Printing and formatting to IR.

A call of fmt becomes, part by part, text that is appended to a buffer, by the functions of `lib/fmt.go` and
`lib/decimal.go`; where the parts are what the IR's own `print` writes in the same way, that is all there is. A line is
printed when it ends, so a program with prints that do not end one keeps its last line in a variable of `lib/fmt.go`.
"""

from __future__ import annotations

import irpass as ip
from samples.minigo import syntax as s, types as t
from samples.minigo.constants import Constant
from samples.minigo.entities import Var
from samples.minigo.formats import Verb, parse_format
from samples.minigo.function import Operand
from samples.minigo.layout import leaf_count
from samples.minigo.lower_call import CallLowering
from samples.minigo.memory import Leaves, Target

Part = bytes | tuple[Verb, t.Type, Leaves]
_ROOM_BYTES = 16  # for the text of one value, to begin with
_BASES = {"x": 16, "X": 16, "o": 8, "b": 2}


class FmtLowering(CallLowering):
    text: Var  # the buffer that is being filled
    prints_partial_lines: bool

    def call_fmt(self, node: s.Call, name: str) -> Leaves:
        parts = self._parts(node)
        self.here(node)
        if node.builtin in ("fmt.Sprint", "fmt.Sprintf", "fmt.Sprintln", "fmt.Errorf"):
            return [self._view(self._formatted(parts, name))]
        if self.prints_partial_lines:
            self.call_library("fmt", "write", self._formatted(parts))
            return []
        last = parts.pop()
        assert isinstance(last, bytes)
        if last != b"\n":
            parts.append(last.removesuffix(b"\n"))
        operands = _direct(parts)
        self.b.print(*operands if operands is not None else [self._formatted(parts)])
        return []

    def _view(self, bytes_: ip.Value) -> ip.Value:
        """As a string, whose cap is its length."""
        length = self.b.len(bytes_)
        return self.b.slice(bytes_, 0, length, length)

    def _parts(self, node: s.Call) -> list[Part]:
        """What is to be written, in order, the arguments evaluated."""
        parts: list[Part] = []
        if node.builtin in ("fmt.Printf", "fmt.Sprintf", "fmt.Errorf"):
            text = node.args[0].const
            assert isinstance(text, bytes)
            values = iter([(arg.type, self.expr(arg)) for arg in node.args[1:]])
            parts = [part if isinstance(part, bytes) else (part, *next(values)) for part in parse_format(text)]
            return _joined(parts)
        lines = node.builtin.endswith("ln")
        given = self._given(node.args)
        for i, (type, value, constant) in enumerate(given):
            texts = "string" in (t.kind(type), t.kind(given[i - 1][0]))
            if i and (lines or not texts):
                parts.append(b" ")
            parts.append(constant if isinstance(constant, bytes) else (Verb("v"), type, value))
        return _joined([*parts, b"\n"] if lines else parts)

    def _given(self, args: list[s.Expr]) -> list[tuple[t.Type, Leaves, Constant | None]]:
        """For each argument, or result of the one call: its type, its value, and the constant that it may be."""
        if len(args) != 1 or not isinstance(args[0].type, t.Tuple):
            return [(arg.type, self.expr(arg), arg.const) for arg in args]
        values, given = self.expr(args[0]), list[tuple[t.Type, Leaves, Constant | None]]()
        for type in args[0].type.types:
            given.append((type, values[: leaf_count(type)], None))
            values = values[leaf_count(type) :]
        return given

    # ---- into a buffer

    def _formatted(self, parts: list[Part], name: str = "") -> ip.Value:
        """A buffer with the parts."""
        room = sum(len(part) if isinstance(part, bytes) else max(_ROOM_BYTES, part[0].width) for part in parts)
        before = getattr(self, "text", None)
        self.text = Var("text", t.Slice(t.UINT8), s.NOWHERE)
        self.env[self.text] = (self.b.make(ip.U8, 0, room, name=name),)
        for part in parts:
            if isinstance(part, bytes):
                self.write(part)
            else:
                self._value(*part)
        made = self.typed(self.env.pop(self.text)[0])
        if before is not None:
            self.text = before
        return made

    def write(self, text: Operand | bytes) -> None:
        """Append text to the buffer."""
        if not isinstance(text, bytes | ip.Literal) or (text if isinstance(text, bytes) else text.value):
            self.env[self.text] = (self.b.extend(self.typed(self.env[self.text][0]), text),)

    def _by_library(self, name: str, *args: Operand | int) -> None:
        """Append what a function of `lib/fmt.go` appends; a number is a Go int."""
        operands = [ip.Literal(ip.I64, arg) if isinstance(arg, int) else arg for arg in args]
        self.env[self.text] = (self.call_library("fmt", name, self.env[self.text][0], *operands),)

    def _value(self, verb: Verb, type: t.Type, value: Leaves) -> None:
        under = type.under
        if isinstance(under, t.Slice | t.Array):
            if t.is_bytes(type) and verb.letter in "sxXq":
                self._one(verb, t.STRING, value[0])
            else:
                self._list(verb, type, value[0])
        elif isinstance(under, t.Struct):
            self._struct(verb, under, value)
        elif isinstance(under, t.Pointer):
            self._behind(verb, under.elem, self.typed(value[0]))
        else:
            self._one(verb, type, value[0])

    def _list(self, verb: Verb, type: t.Type, slice: Operand) -> None:
        self.write(b"[")
        array = t.array_of(type)
        assert isinstance(type.under, t.Slice | t.Array)
        elem = type.under.elem

        def one(i: Operand) -> None:
            first, others = self.label("first"), self.label("others")
            self.branch(self.b.eq(self.typed(i), 0), first, others)
            self.place(others)
            self.write(b" ")
            self.jump(first)
            self.place(first)
            self._value(verb, elem, self.load(self.element(slice, type, i)))

        length = ip.Literal(ip.I64, array.length) if array is not None else self.b.len(self.typed(slice))
        self.each(ip.Literal(ip.I64, 0), length, one, self.text)
        self.write(b"]")

    def _struct(self, verb: Verb, struct: t.Struct, value: Leaves) -> None:
        self.write(b"{")
        at = 0
        for i, (name, type) in enumerate(struct.fields):
            label = f"{name}:" if verb.plus and verb.letter == "v" else ""
            self.write((" " if i else "").encode() + label.encode())
            self._value(verb, type, value[at : at + leaf_count(type)])
            at += leaf_count(type)
        self.write(b"}")

    def _behind(self, verb: Verb, type: t.Type, pointer: ip.Value) -> None:
        some, none, done = self.label("some"), self.label("none"), self.label("printed")
        self.branch(self.b.eq(pointer, None), none, some)
        self.place(none)
        self.write(b"<nil>")
        self.jump(done)
        self.place(some)
        self.write(b"&")
        self._value(verb, type, [pointer] if isinstance(type.under, t.Array) else self.load(Target(pointer, type)))
        self.jump(done)
        self.place(done)

    def _one(self, verb: Verb, type: t.Type, value: Operand) -> None:
        start = self.b.len(self.typed(self.env[self.text][0])) if verb.width >= 0 else None
        kind = t.kind(type)
        if kind == "int":
            self._integer(verb, self.typed(value))
        elif kind == "float":
            bits = 32 if value.type is ip.F32 else 64
            letter = verb.letter if verb.letter != "v" else "g"
            precision = verb.precision if verb.precision >= 0 or letter in "gG" else 6
            wide = self.convert_number(self.typed(value), ip.F64)
            options = [ip.Literal(ip.I64, number) for number in (ord(letter), precision, bits, _sign(verb))]
            text = self.call_library("decimal", "float", self.env[self.text][0], wide, *options)
            self.env[self.text] = (text,)
        elif kind == "bool":
            self.write(self.b.select(value, "true", "false"))
        elif kind == "error":
            nil = "<nil>" if verb.letter == "v" else "%!s(<nil>)"
            error = self.typed(value)
            self.write(self.b.select(self.b.eq(error, None), nil, error))
        else:
            self._text(verb, value)
        if start is not None:
            zero = verb.zero and (kind in ("int", "float") or verb.letter in "xX")
            self._by_library("pad", start, verb.width, ip.Literal(ip.BOOL, verb.minus), ip.Literal(ip.BOOL, zero))

    def _integer(self, verb: Verb, value: ip.Value) -> None:
        signed = str(value.type).startswith("i")
        wide = self.convert_number(value, ip.I64 if signed else ip.U64)
        if verb.letter in "cqU":
            name = {"c": "char", "q": "quotedChar", "U": "codePoint"}[verb.letter]
            self._by_library(name, self.convert_number(wide, ip.I64))
            return
        base, upper = _BASES.get(verb.letter, 10), ip.Literal(ip.BOOL, verb.letter == "X")
        if signed:
            self._by_library("signed", wide, base, upper, _sign(verb))
        else:
            self._by_library("unsigned", wide, base, upper)

    def _text(self, verb: Verb, value: Operand) -> None:
        if verb.precision >= 0:
            value = self.call_library("fmt", "truncated", value, ip.Literal(ip.I64, verb.precision))
        if verb.letter in "xX":
            self._by_library("hex", value, ip.Literal(ip.BOOL, verb.letter == "X"))
        elif verb.letter == "q":
            self._by_library("quoted", value)
        else:
            self.write(value)


def _sign(verb: Verb) -> int:
    """What stands before a number that is not negative; 0 for nothing."""
    if verb.letter == "v":  # there, + is for the names of fields
        return 0
    return ord("+") if verb.plus else ord(" ") if verb.space else 0


def _joined(parts: list[Part]) -> list[Part]:
    """Neighbouring texts as one."""
    out: list[Part] = []
    for part in parts:
        last = out[-1] if out else None
        if isinstance(part, bytes) and isinstance(last, bytes):
            out[-1] = last + part
        else:
            out.append(part)
    return out


def _direct(parts: list[Part]) -> list[Operand | str | bytes] | None:
    """The operands of the `print` that writes the very same; None where the parts are not set off by single spaces."""
    operands: list[Operand | str | bytes] = []
    for i, part in enumerate(parts):
        if isinstance(part, bytes):
            if i:
                if not part.startswith(b" "):
                    return None
                part = part[1:]
            if i < len(parts) - 1:
                if not part.endswith(b" ") and not (i and not part):
                    return None
                if i and not part:
                    continue
                part = part[:-1]
            operands.append(part)
            continue
        verb, type, values = part
        kind = t.kind(type)
        if verb not in (Verb("v"), Verb({"int": "d", "string": "s", "bool": "t"}.get(kind, "v"))):
            return None
        if kind not in ("int", "string", "bool") or (i and not isinstance(parts[i - 1], bytes)):
            return None
        value = values[0]
        literal = value.value if isinstance(value, ip.Literal) and kind != "string" else None
        operands.append(value if literal is None else str(literal).lower())
    return operands or [b""]
