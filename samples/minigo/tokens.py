"""From the text of a file to tokens: semicolons where lines end, and the braces that open the body of a statement."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from lark import Token

_ENDS = {"NAME", "INT", "FLOAT", "CHAR", "STRING", "BREAK", "CONTINUE", "RETURN", "FALLTHROUGH", "STEP_OP"}
_ENDS |= {"RPAR", "RSQB", "RBRACE"}
_HEADERS = {"IF", "FOR", "SWITCH"}
_OPEN, _CLOSE = {"LPAR", "LSQB", "LBRACE"}, {"RPAR", "RSQB", "RBRACE"}


def with_semicolons(tokens: Iterable[Token]) -> Iterator[Token]:
    """The tokens, and a semicolon after each line whose last token may end a statement."""
    last: Token | None = None
    for token in tokens:
        if last is not None and last.type in _ENDS and (token.line or 0) > (last.end_line or 0):
            yield semicolon(last)
        yield token
        last = token
    if last is not None and last.type in _ENDS:
        yield semicolon(last)


def semicolon(after: Token) -> Token:
    column = after.end_column or 1
    return Token("SEMICOLON", "\n", line=after.end_line, column=column, end_line=after.end_line, end_column=column + 1)


def with_bodies(tokens: Iterable[Token]) -> Iterator[Token]:
    """The tokens; the `{` that ends the header of an if, for or switch is of type BODY.

    In a header, `{` after a name opens the body, and only after a type such as `[]T` a literal: Go's own rule.
    """
    depth, headers = 0, []
    before = [""] * 4  # the types of the last tokens
    for token in tokens:
        if token.type in _HEADERS:
            headers.append(depth)
        elif token.type == "LBRACE" and headers and headers[-1] == depth and not _ends_composed_type(before):
            headers.pop()
            token = Token.new_borrow_pos("BODY", token.value, token)
        if token.type in _OPEN or token.type == "BODY":
            depth += 1
        elif token.type in _CLOSE:
            depth -= 1
            while headers and headers[-1] > depth:
                headers.pop()
        before = [*before[1:], token.type]
        yield token


def _ends_composed_type(before: list[str]) -> bool:
    if before[-1] == "STRUCT":
        return True
    if before[-1] != "NAME":
        return False
    return before[-2] == "RSQB" or before[-4:-1] == ["LSQB", "RSQB", "STAR"]


def by_declaration(tokens: Iterable[Token]) -> Iterator[list[Token]]:
    """The tokens of one declaration at a time. A `func`, `var`, `const`, `type` or `import` in the first column begins
    a new one, also where a brace of the one before is missing."""
    declaration: list[Token] = []
    depth = 0
    for token in tokens:
        if token.type in _DECLARATIONS and token.column == 1 and declaration:
            yield declaration
            declaration, depth = [], 0
        depth += (token.type in _OPEN or token.type == "BODY") - (token.type in _CLOSE)
        if token.type == "SEMICOLON" and depth <= 0:
            if declaration:
                yield declaration
            declaration, depth = [], 0
        else:
            declaration.append(token)
    if declaration:
        yield declaration


_DECLARATIONS = {"FUNC", "VAR", "CONST", "TYPE", "IMPORT", "PACKAGE"}


class LiteralError(Exception):
    """What is wrong in a literal."""


_ESCAPE = re.compile(rb"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{3}|[abfnrtv\\'\"]|.)", re.DOTALL)
_SIMPLE = {"a": 7, "b": 8, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11, "\\": 92, "'": 39, '"': 34}


def string_value(text: str) -> bytes:
    """The bytes that a string literal stands for."""
    if text.startswith("`"):
        return text[1:-1].replace("\r", "").encode()
    if "\\'" in text.replace("\\\\", ""):
        raise LiteralError("unknown escape \\' in a string")
    return _ESCAPE.sub(lambda m: _escape(m[1].decode()), text[1:-1].encode())


def rune_value(text: str) -> int:
    """The number that a rune literal stands for."""
    inner = text[1:-1]
    if inner.startswith("\\x") or (inner.startswith("\\") and inner[1:].isdigit()):
        return _escape(inner[1:])[0]
    if inner == '\\"':
        raise LiteralError('unknown escape \\" in a rune')
    decoded = _ESCAPE.sub(lambda m: _escape(m[1].decode()), inner.encode()).decode()
    if len(decoded) != 1:
        raise LiteralError("more than one character in a rune literal")
    return ord(decoded)


def _escape(letters: str) -> bytes:
    if letters in _SIMPLE:
        return bytes([_SIMPLE[letters]])
    code = 1 << 32
    if letters[0] in "xuU" and len(letters) > 1:
        code = int(letters[1:], 16)
    elif letters.isdigit():
        code = int(letters, 8)
    if code > (0xFF if letters[0] == "x" or letters.isdigit() else 0x10FFFF) or 0xD800 <= code < 0xE000:
        raise LiteralError(f"unknown escape \\{letters}")
    return chr(code).encode() if letters[0] in "uU" else bytes([code])


def int_value(text: str) -> int:
    """The number that an integer literal stands for."""
    try:
        if text.startswith("0") and text.strip("0_").isdigit() and text[1:2] not in ("x", "b", "o"):
            return int(text, 8)
        return int(text, 0) if text.strip("0_") else 0
    except ValueError:
        raise LiteralError(f"{text} is no number") from None
