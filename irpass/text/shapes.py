"""What a line of a given shape says: its parse tree, with holes where names and numbers stand.

A `Hole` is the index of what varies (see `irpass.text.lines`), or the text itself where it is part of the shape.
"""

from __future__ import annotations

from typing import NamedTuple

from lark import Token, Tree

from irpass.ir import ops
from irpass.ir.types import StructType, Type, parse_type

Hole = int | str
Node = Tree[Token]


class Arg(NamedTuple):
    """An operand: kind `value`, `number`, `string` or `word`."""

    kind: str
    hole: Hole


class TypeShape(NamedTuple):
    """A type: known, or a struct whose name varies behind a prefix of `[]` and `*`."""

    known: Type | None
    prefix: str = ""
    symbol: Hole = ""


class TargetShape(NamedTuple):
    """A label behind a terminator, with what is passed to its block."""

    label: Hole
    args: tuple[Arg, ...]


class ParamShape(NamedTuple):
    """A parameter of a function or a block."""

    name: Hole
    type: TypeShape


class InstrShape(NamedTuple):
    """An instruction. `imm` holds numbers, a symbol or a string by what `op` needs; `options` those of an arena.

    `plain` is set where every operand is a value that varies and there is nothing else to look at: the quick way.
    """

    op: ops.Op
    result: Hole | None
    args: tuple[Arg, ...]
    type: TypeShape | None = None
    imm: tuple[Arg, ...] = ()
    flag: str | None = None
    targets: tuple[TargetShape, ...] = ()
    options: tuple[tuple[str, Hole], ...] = ()
    loc: tuple[Hole, Hole, Hole] | None = None
    plain: tuple[int, ...] | None = None


class LabelShape(NamedTuple):
    """The line that a block begins with."""

    name: Hole
    params: tuple[ParamShape, ...]


class HeadShape(NamedTuple):
    """A `func` head, an `extern` or a `type`: for a type, `types` are its fields; for an extern, its parameters."""

    keyword: str
    name: Hole
    params: tuple[ParamShape, ...]
    types: tuple[TypeShape, ...]
    result: TypeShape | None
    attrs: tuple[str, ...]


class EndShape(NamedTuple):
    """The `}` that ends a function."""


LineShape = InstrShape | LabelShape | HeadShape | EndShape


class ShapeReader:
    """Reads the parse tree of one line; `starts` says where its varying parts start."""

    def __init__(self, starts: list[int]) -> None:
        self._index = {start: i for i, start in enumerate(starts)}

    def read(self, tree: Node) -> LineShape:
        node = _tree(tree.children[0])
        if node.data == "instr":
            return self._instr(node)
        if node.data == "label":
            return LabelShape(self._hole(node.children[0]), self._params(node))
        if node.data == "func_end":
            return EndShape()
        return self._head(node)

    def _hole(self, token: Token | Node) -> Hole:
        assert isinstance(token, Token)
        start = token.start_pos or 0
        if token[:1] in ("%", "@"):  # the sign belongs to the shape
            return self._index.get(start + 1, str(token[1:]))
        return self._index.get(start, str(token))

    def _params(self, node: Node) -> tuple[ParamShape, ...]:
        for child in node.children:
            if isinstance(child, Tree) and child.data == "params":
                pairs = [_tree(c).children for c in child.children]
                return tuple(ParamShape(self._hole(name), self._type(_tree(t))) for name, t in pairs)
        return ()

    def _head(self, node: Node) -> HeadShape:
        types: tuple[TypeShape, ...] = ()
        result: TypeShape | None = None
        attrs = []
        for child in node.children[1:]:
            if isinstance(child, Token):
                attrs.append(str(child))
            elif child.data == "types":
                types = tuple(self._type(_tree(t)) for t in child.children)
            elif child.data == "type":
                result = self._type(child)
        keyword = "func" if node.data == "func_head" else "type" if node.data == "typedef" else "extern"
        return HeadShape(keyword, self._hole(node.children[0]), self._params(node), types, result, tuple(attrs))

    def _type(self, node: Node) -> TypeShape:
        tokens = [t for t in node.children if isinstance(t, Token)]
        prefix = "".join("*" if t == "*" else "[]" for t in tokens[:-1])
        last = tokens[-1]
        if last.type == "SYMBOL":
            hole = self._hole(last)
            if isinstance(hole, int):
                return TypeShape(None, prefix, hole)
        return TypeShape(parse_type(prefix + str(last)))

    def _arg(self, node: Node) -> Arg:
        return Arg(str(node.data), self._hole(node.children[0]))

    def _operands(self, nodes: list[Node]) -> tuple[Arg, ...]:
        """The operands among the children of a node, those of a `place` or an `operands` in their order."""
        out: list[Arg] = []
        for node in nodes:
            if node.data in ("place", "operands"):
                out += [self._arg(c) for c in node.children if isinstance(c, Tree)]
            elif node.data in ("value", "number", "string", "word"):
                out.append(self._arg(node))
        return tuple(out)

    def _target(self, node: Node) -> TargetShape:
        rest = [c for c in node.children[1:] if isinstance(c, Tree)]
        return TargetShape(self._hole(node.children[0]), self._operands(rest))

    def _instr(self, node: Node) -> InstrShape:
        children = list(node.children)
        result = self._hole(children.pop(0)) if isinstance(children[0], Token) else None
        body = _tree(children[0])
        loc = None
        if len(children) > 1:
            file, line, column = (self._hole(c) for c in _tree(children[1]).children)
            loc = (file, line, column)
        shape = self._body(body)._replace(result=result, loc=loc)
        holes = [a.hole for a in shape.args if a.kind == "value"]
        plain = [h for h in holes if isinstance(h, int)]
        if len(plain) == len(shape.args) and not (shape.targets or shape.options or loc):
            shape = shape._replace(plain=tuple(plain))
        return shape

    def _body(self, node: Node) -> InstrShape:
        name = str(node.data)
        tokens = [c for c in node.children if isinstance(c, Token)]
        trees = [c for c in node.children if isinstance(c, Tree)]
        op = _op(name, tokens)
        types = [self._type(t) for t in trees if t.data == "type"]
        type_shape = types[0] if types else None
        if op is ops.CONST:
            return InstrShape(op, None, (), type_shape, imm=self._operands(trees))
        targets = [self._target(t) for t in trees if t.data == "target"]
        cases = [t for t in trees if t.data == "case"]
        targets += [self._target(_tree(c.children[1])) for c in cases]
        imm = [Arg("number", self._hole(c.children[0])) for c in cases]
        for tree in trees:
            if tree.data == "place":
                imm += [Arg("number", self._hole(t)) for t in tree.children if isinstance(t, Token)]
        if op in (ops.CALL, ops.FIELD, ops.TRAP):
            kind = {ops.CALL: "symbol", ops.FIELD: "number", ops.TRAP: "string"}[op]
            imm.append(Arg(kind, self._hole(tokens[0])))
        flag = next((str(t) for t in tokens if t.type in ("UNINIT", "DERIVED")), None)
        options = [self._option(t) for t in trees if t.data == "arena_option"]
        args = self._operands(trees)
        return InstrShape(op, None, args, type_shape, tuple(imm), flag, tuple(targets), tuple(options))

    def _option(self, node: Node) -> tuple[str, Hole]:
        word = str(node.children[0])
        return word, self._hole(node.children[1]) if len(node.children) > 1 else ""


def _tree(node: Token | Node) -> Node:
    assert isinstance(node, Tree)
    return node


def _op(name: str, tokens: list[Token]) -> ops.Op:
    if name in ("binary", "unary", "measure", "pair", "end"):
        return ops.BY_NAME[str(tokens[0])]
    return ops.BY_NAME[name.replace("shared_", "shared.")]


def build_type(shape: TypeShape, varying: list[str]) -> Type:
    """The type that a shape stands for, given what varies."""
    if shape.known is not None:
        return shape.known
    assert isinstance(shape.symbol, int)
    if not shape.prefix:
        return StructType(varying[shape.symbol])
    return parse_type(f"{shape.prefix}@{varying[shape.symbol]}")
