"""From the text of a Go file to its syntax tree: `go.lark` over the tokens of one declaration at a time."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedToken

from samples.minigo import syntax as s
from samples.minigo.diagnostics import Errors
from samples.minigo.tokens import by_declaration, semicolon, with_bodies, with_semicolons
from samples.minigo.tree import TreeBuilder

_UNKNOWN = {
    "chan": "channels", "defer": "defer", "fallthrough": "fallthrough", "go": "goroutines", "goto": "goto",
    "interface": "interfaces", "map": "maps", "select": "select", "...": "functions with any number of arguments",
}  # fmt: skip


@cache
def _lark() -> Lark:
    grammar = Path(__file__).with_name("go.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", lexer="basic", start="item", propagate_positions=True, maybe_placeholders=True)


def parse_file(text: str, name: str, errors: Errors) -> s.File:
    """The syntax tree of a file; what could not be read is missing from it, and is in `errors`."""
    errors.sources[name] = text.split("\n")
    file = s.File(name, "", [], [], [])
    build = TreeBuilder(name, errors)
    for declaration in by_declaration(with_bodies(with_semicolons(_tokens(text, name, errors)))):
        item = _parse(declaration, name, errors)
        if item is None:
            continue
        node = build.transform(item)
        if isinstance(node, str):
            file.package = file.package or node
        elif isinstance(node, s.FuncDecl):
            file.funcs.append(node)
        elif isinstance(node, list):
            file.imports += node
        else:
            file.decls.append(node)
    if not file.package:
        errors.add("syntax", "the file does not begin with a package clause", s.Pos(name, 1, 1), "package main")
    return file


def _tokens(text: str, name: str, errors: Errors) -> list[Token]:
    tokens: list[Token] = []
    try:
        for token in _lark().lex(text):
            known = token.type != "NAME" or token.value not in _UNKNOWN
            tokens.append(token if known else Token.new_borrow_pos("UNKNOWN", token.value, token))
    except UnexpectedCharacters as error:
        character = text[error.pos_in_stream or 0]
        what = {'"': "a string that does not end", "'": "a rune that does not end", "`": "a string that does not end"}
        message = what.get(character, f"unexpected character {character!r}")
        errors.add("syntax", message, s.Pos(name, error.line, error.column))
        errors.raise_any()  # what follows would be read as something else
    return tokens


def _parse(tokens: list[Token], name: str, errors: Errors) -> Tree[Any] | None:
    """The tree of one declaration; None after an error."""
    parser = _lark().parse_interactive("")
    end = semicolon(tokens[-1])
    try:
        for token in tokens:
            parser.feed_token(token)
        tree: Tree[Any] = parser.feed_token(Token.new_borrow_pos("$END", "", end))
    except UnexpectedToken as error:
        token = error.token if error.token.type != "$END" else end
        _report(token, parser.accepts(), name, errors)  # type: ignore[no-untyped-call] # lark types all but this
        return None
    return tree


def _report(token: Token, accepts: set[str], name: str, errors: Errors) -> None:
    text = str(token)
    pos = s.Pos(name, token.line or 1, token.column or 1, max(1, len(text.split("\n")[0])))
    if text in _UNKNOWN:
        errors.add("unsupported", f"minigo does not know {_UNKNOWN[text]}", pos)
    elif text == "func":
        errors.add("unsupported", "minigo does not know functions as values", pos, "declare it at the top of the file")
    else:
        what = "the end of the line" if text == "\n" else repr(text)
        wanted = sorted({_spelled(kind) for kind in accepts})
        notes = [f"expected {' or '.join(wanted)}"] if 0 < len(wanted) <= 4 else []
        if token.type in ("LBRACE", "BODY") and "SEMICOLON" not in accepts:
            notes.append("a { stands on the line of what it belongs to")
        errors.add("syntax", f"unexpected {what}", pos, *notes)


def _spelled(kind: str) -> str:
    """A kind of token, as a person would write it."""
    names = {"NAME": "a name", "SEMICOLON": "the end of the statement", "BODY": "{", "$END": "the end of the line",
             "DEFINE_OP_RANGE": ":= range", "STEP_OP": "++", "ASSIGN_OP": "+=", "STRING": "a string"}  # fmt: skip
    for terminal in _lark().terminals:
        if terminal.name == kind and kind not in names and terminal.pattern.type == "str":
            return str(terminal.pattern.value)
    return names.get(kind, kind.lower())
