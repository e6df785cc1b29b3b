"""The checker of calls: of functions and methods, conversions, and what Go has built in."""

from __future__ import annotations

from samples.minigo import constants, syntax as s, types as t
from samples.minigo.check_base import described, fits
from samples.minigo.check_expr import ExprChecker
from samples.minigo.entities import Builtin, Func, TypeName
from samples.minigo.formats import FormatError, Verb, parse_format

PRINTS = ("fmt.Println", "fmt.Print", "fmt.Printf")


class CallChecker(ExprChecker):
    partial_lines: bool = False  # whether anything is printed that does not end its line

    def request(self, func: Func) -> None:
        """Called for each function that is called: a library's is checked then."""

    def _call(self, node: s.Call) -> t.Type:
        converted = self.type_if_any(node.callee)
        if converted is not None:
            return self._conversion(node, converted)
        callee = node.callee
        entity = None
        if isinstance(callee, s.Name):
            entity = self.find(callee.name)
        elif isinstance(callee, s.Selector):
            package = self.package_of(callee.base)
            if package is not None:
                if not self.member(callee, package):
                    return self._after_error(node)
                entity = callee.entity
                if isinstance(entity, TypeName):
                    return self._conversion(node, entity.type)
            else:
                entity = self.method_of(self.value(callee.base), callee.name)
                if entity is not None:
                    return self._method(node, callee, entity)
                if t.kind(callee.base.type) == "error" and callee.name == "Error":
                    self._take(node, 0, 0)
                    node.builtin = "error"
                    return t.STRING
        if isinstance(entity, Func):
            if entity.symbol == "main":
                self.errors.add("unsupported", "minigo does not call main", node.pos)
            return self._function(node, entity)
        if isinstance(entity, Builtin):
            node.builtin = entity.name
            method = getattr(self, f"_builtin_{entity.name.lower().replace('.', '_')}")
            given: t.Type = method(node)
            return given
        if self.value(callee) != t.INVALID:
            self.errors.add("type", f"{described(callee)} is no function", node.pos)
        return self._after_error(node)

    def _after_error(self, node: s.Call) -> t.Type:
        for arg in node.args:
            self.expr(arg)
        return t.INVALID

    def _function(self, node: s.Call, func: Func) -> t.Type:
        node.func = func
        self.func.calls[func] = None
        self.request(func)
        wanted = [var.type for var in func.params]
        if node.spread:
            self.errors.add("unsupported", "minigo knows ... in append only", node.args[-1].pos)
        if len(node.args) == 1 and len(wanted) > 1:  # f(g()), g having several results
            self.expr(node.args[0])
            given = node.args[0].type
            if isinstance(given, t.Tuple) and len(given.types) == len(wanted):
                if not all(fits(a, b) for a, b in zip(given.types, wanted, strict=True)):
                    self.errors.add("type", f"{func.name} takes {t.Tuple(tuple(wanted))}, not {given}", node.pos)
                return func.result
        for arg, type in zip(node.args, wanted, strict=False):
            self.value(arg, None)
            self.assignable(arg, type, f"the call of {func.name}")
        for arg in node.args[len(wanted) :]:
            self.value(arg)
        if len(node.args) != len(wanted):
            many = "too many" if len(node.args) > len(wanted) else "not enough"
            takes = ", ".join(str(type) for type in wanted)
            self.errors.add("call", f"{many} arguments in the call of {func.name}", node.pos,
                            f"it takes {len(wanted)}: ({takes})")  # fmt: skip
        return func.result

    def _method(self, node: s.Call, callee: s.Selector, func: Func) -> t.Type:
        assert func.receiver is not None
        by_pointer = isinstance(func.receiver.type, t.Pointer)
        if by_pointer and not isinstance(callee.base.type, t.Pointer):
            if self.is_addressable(callee.base):
                self.take_address(callee.base)
            else:
                self.errors.add("type", f"{func.name} needs the address of what it is called on", callee.base.pos)
        return self._function(node, func)

    # ---- conversions

    def _conversion(self, node: s.Call, type: t.Type) -> t.Type:
        node.builtin = "conversion"
        if len(node.args) != 1:
            self.errors.add("call", f"a conversion to {type} takes one value", node.pos)
            return type
        arg = node.args[0]
        given = self.value(arg)
        if t.INVALID in (given, type):
            return type
        if arg.const is not None and isinstance(type.under, t.Basic):
            return self._constant_conversion(node, arg, type)
        if t.is_untyped(given):
            wanted = type if t.kind(type) in ("int", "float") or given == t.NIL else None
            if t.kind(type) == "bool":
                wanted = type
            if not (self.convert(arg, wanted, "a conversion") if wanted is not None else self.finish(arg)):
                return type
            given = arg.type
        text = t.kind(type) == "string"
        both_numbers = t.is_number(given) and t.is_number(type)
        from_text = t.kind(given) == "string" and (t.is_bytes(type) or t.is_runes(type))
        to_text = text and (t.is_bytes(given) or t.is_runes(given) or t.kind(given) == "int")
        if not (both_numbers or from_text or to_text or given.under == type.under):
            self.errors.add("type", f"cannot convert {described(arg)} to {type}", node.pos)
        return type

    def _constant_conversion(self, node: s.Call, arg: s.Expr, type: t.Type) -> t.Type:
        assert arg.const is not None
        if t.kind(type) == "string" and t.kind(arg.type) == "int":
            code = int(arg.const)
            node.const = chr(code if 0 <= code < 0x110000 and not 0xD800 <= code < 0xE000 else 0xFFFD).encode()
            return type
        if t.kind(type) == "error" or (t.kind(arg.type) == "string") != (t.kind(type) == "string"):
            self.errors.add("type", f"cannot convert {described(arg)} to {type}", node.pos)
            return t.INVALID
        node.const = constants.represent(arg.const, type)
        if node.const is None:
            self.errors.add("constant", f"constant {constants.text(arg.const)} does not fit {type}", arg.pos)
            return t.INVALID
        return type

    # ---- built in

    def _take(self, node: s.Call, least: int, most: int | None) -> bool:
        """Whether the call has the right number of arguments."""
        count = len(node.args)
        if least <= count and (most is None or count <= most):
            return True
        many = "not enough" if count < least else "too many"
        self.errors.add("call", f"{many} arguments in the call of {node.builtin}", node.pos)
        self._after_error(node)
        return False

    def _builtin_len(self, node: s.Call) -> t.Type:
        if not self._take(node, 1, 1):
            return t.INVALID
        arg = node.args[0]
        type = self.value(arg)
        array = t.array_of(type)
        if isinstance(arg.const, bytes) and node.builtin == "len":
            node.const = len(arg.const)
            return t.INT
        if array is not None:
            node.const = array.length if not self._has_call(arg) else None
        elif not isinstance(type.under, t.Slice) and (t.kind(type) != "string" or node.builtin == "cap"):
            if type != t.INVALID:
                self.errors.add("type", f"{described(arg)} has no {node.builtin}", arg.pos)
            return t.INVALID
        return t.INT

    _builtin_cap = _builtin_len

    def _has_call(self, node: s.Expr) -> bool:
        while isinstance(node, s.Selector | s.Index):
            node = node.base
        return not isinstance(node, s.Name)

    def _builtin_make(self, node: s.Call) -> t.Type:
        if not self._take(node, 2, 3):
            return t.INVALID
        type = self.type_of(node.args[0])
        if not isinstance(type.under, t.Slice):
            if type != t.INVALID:
                self.errors.add("type", f"minigo makes slices, not {type}", node.args[0].pos)
            return t.INVALID
        for size in node.args[1:]:
            self.value(size)
            self.check_index(size, None, inclusive=True)
        if len(node.args) == 3:
            length, cap = node.args[1].const, node.args[2].const
            if isinstance(length, int) and isinstance(cap, int) and length > cap:
                self.errors.add("constant", f"the length {length} is larger than the cap {cap}", node.args[1].pos)
        return type

    def _builtin_new(self, node: s.Call) -> t.Type:
        type = self.type_of(node.args[0]) if self._take(node, 1, 1) else t.INVALID
        return t.Pointer(type) if type != t.INVALID else type

    def _builtin_append(self, node: s.Call) -> t.Type:
        if not self._take(node, 1, None):
            return t.INVALID
        type = self.value(node.args[0])
        if not isinstance(type.under, t.Slice):
            if type != t.INVALID:
                self.errors.add("type", f"append is for slices, not {described(node.args[0])}", node.args[0].pos)
            for arg in node.args[1:]:
                self.value(arg)
            return t.INVALID
        for arg in node.args[1:]:
            given = self.value(arg)
            if node.spread and arg is node.args[-1]:
                self._without_arrays(type.under.elem, node)
                if len(node.args) > 2:
                    self.errors.add("call", "append takes one slice with ...", arg.pos)
                if t.kind(given) == "string" and t.is_bytes(type):
                    self.finish(arg)
                else:
                    self.assignable(arg, t.Slice(type.under.elem), "append")
            else:
                self.assignable(arg, type.under.elem, "append")
        return type

    def _builtin_copy(self, node: s.Call) -> t.Type:
        if not self._take(node, 2, 2):
            return t.INVALID
        to, source = self.value(node.args[0]), self.value(node.args[1])
        if t.is_untyped(source):
            source = self.finish(node.args[1])
        if isinstance(to.under, t.Slice):
            self._without_arrays(to.under.elem, node)
        text = t.is_bytes(to) and t.kind(source) == "string"
        if (
            not text
            and not (isinstance(to.under, t.Slice) and to.under == source.under)
            and t.INVALID not in (to, source)
        ):
            self.errors.add("type", f"cannot copy {source} to {to}", node.pos)
        return t.INT

    def _without_arrays(self, elem: t.Type, node: s.Call) -> None:
        """An error if the elements hold arrays: the IR would copy the slices that they are, not their contents."""
        if t.holds_arrays(elem):
            message = f"minigo does not {node.builtin} slices of {elem}: the elements hold arrays"
            self.errors.add("unsupported", message, node.pos)

    def _builtin_clear(self, node: s.Call) -> t.Type:
        if self._take(node, 1, 1) and not isinstance(self.value(node.args[0]).under, t.Slice):
            self.errors.add("type", f"cannot clear {described(node.args[0])}", node.pos)
        return t.Tuple.NONE

    def _builtin_min(self, node: s.Call) -> t.Type:
        if not self._take(node, 1, None):
            return t.INVALID
        for arg in node.args:
            self.value(arg)
        typed = [a for a in node.args if not t.is_untyped(a.type)]
        kinds = [t.UNTYPED_INT, t.UNTYPED_RUNE, t.UNTYPED_FLOAT, t.UNTYPED_STRING]
        untyped = [kinds.index(a.type) for a in node.args if a.type in kinds]
        type = typed[0].type if typed else kinds[max(untyped, default=0)]
        for arg in node.args:
            if typed:
                self.assignable(arg, type, node.builtin)
        if t.kind(type) not in ("int", "float", "string"):
            if type != t.INVALID:
                self.errors.add("type", f"{node.builtin} is for numbers and strings", node.pos)
            return t.INVALID
        if len({t.kind(arg.type) == "string" for arg in node.args if arg.type != t.INVALID}) > 1:
            self.errors.add("type", f"{node.builtin} of numbers and strings", node.pos)
            return t.INVALID
        if all(arg.const is not None for arg in node.args):
            first = "<" if node.builtin == "min" else ">"
            for value in [arg.const for arg in node.args if arg.const is not None]:
                if node.const is None or constants.binary(first, value, node.const, False):
                    node.const = value
        return type

    _builtin_max = _builtin_min

    def _builtin_panic(self, node: s.Call) -> t.Type:
        if self._take(node, 1, 1):
            self.value(node.args[0])
            if not isinstance(node.args[0].const, bytes):
                self.errors.add("unsupported", "minigo panics with a constant string only", node.args[0].pos)
        return t.Tuple.NONE

    def _builtin_fmt_println(self, node: s.Call) -> t.Type:
        if len(node.args) == 1:
            self.expr(node.args[0])
            if isinstance(node.args[0].type, t.Tuple) and node.args[0].type.types:  # a call with several results
                for type in node.args[0].type.types:
                    self._printable(type, node.args[0])
                return t.STRING if node.builtin.startswith("fmt.S") else t.Tuple.NONE
        for arg in node.args:
            self.value(arg)
            self.finish(arg)
            self._printable(arg.type, arg)
        self.func.prints |= node.builtin in PRINTS
        self.partial_lines |= node.builtin == "fmt.Print"
        return t.STRING if node.builtin.startswith("fmt.S") else t.Tuple.NONE

    _builtin_fmt_print = _builtin_fmt_sprint = _builtin_fmt_sprintln = _builtin_fmt_println

    def _builtin_fmt_printf(self, node: s.Call) -> t.Type:
        given = {"fmt.Sprintf": t.STRING, "fmt.Errorf": t.ERROR}.get(node.builtin, t.Tuple.NONE)
        if not self._take(node, 1, None):
            return given
        self.value(node.args[0])
        text = node.args[0].const
        for arg in node.args[1:]:
            self.value(arg)
            self.finish(arg)
        if not isinstance(text, bytes):
            if node.args[0].type != t.INVALID:
                self.errors.add("unsupported", "minigo needs a constant as the format", node.args[0].pos)
            return given
        try:
            parts = parse_format(text)
        except FormatError as error:
            self.errors.add("format", str(error), node.args[0].pos)
            return given
        verbs = [part for part in parts if isinstance(part, Verb)]
        if len(verbs) != len(node.args) - 1:
            self.errors.add("format", f"the format has {len(verbs)} verbs for {len(node.args) - 1} values", node.pos)
        for verb, arg in zip(verbs, node.args[1:], strict=False):
            self._suits(verb, arg)
        self.func.prints |= node.builtin == "fmt.Printf"
        self.partial_lines |= node.builtin == "fmt.Printf" and not text.endswith(b"\n")
        return given

    _builtin_fmt_sprintf = _builtin_fmt_errorf = _builtin_fmt_printf

    def _builtin_errors_new(self, node: s.Call) -> t.Type:
        if self._take(node, 1, 1):
            self.value(node.args[0])
            self.assignable(node.args[0], t.STRING, "the call of errors.New")
        return t.ERROR

    def _suits(self, verb: Verb, arg: s.Expr) -> None:
        """An error unless the verb is for the argument, or for the elements of it."""
        if arg.type != t.INVALID and not all(verb.letter in _verbs(type) for type in _printed(arg.type, verb)):
            self.errors.add("format", f"%{verb.letter} is not for {described(arg)}", arg.pos)
        self._printable(arg.type, arg)

    def _printable(self, type: t.Type, arg: s.Expr) -> None:
        if type != t.INVALID and not _is_printable(type, top=True):
            self.errors.add("unsupported", f"minigo does not print a value of type {type}", arg.pos)


_VERBS = {"int": "vdxXobcqU", "float": "vfFgGeE", "string": "vsqxX", "bool": "vt", "error": "vs"}


def _verbs(type: t.Type) -> str:
    return "sxXq" if t.is_bytes(type) else _VERBS.get(t.kind(type), "v")


def _printed(type: t.Type, verb: Verb) -> list[t.Type]:
    """The types that a verb is applied to: those of elements and fields, but text where it is for text."""
    under = type.under
    if isinstance(under, t.Pointer):
        under = under.elem.under
    if isinstance(under, t.Slice | t.Array) and not (verb.letter in "sxXq" and t.is_bytes(type)):
        return _printed(under.elem, verb)
    if isinstance(under, t.Struct):
        return [inner for _, field in under.fields for inner in _printed(field, verb)]
    return [type]


def _is_printable(type: t.Type, *, top: bool = False) -> bool:
    """Addresses are not: they differ from run to run."""
    under = type.under
    if isinstance(under, t.Pointer):
        return top and isinstance(under.elem.under, t.Struct | t.Slice | t.Array) and _is_printable(under.elem)
    if isinstance(under, t.Slice | t.Array):
        return _is_printable(under.elem)
    if isinstance(under, t.Struct):
        return all(_is_printable(inner) for _, inner in under.fields)
    return t.kind(type) in ("int", "float", "string", "bool", "error")
