"""A Pygments lexer for the language; Pygments finds it by its entry point, under the name `irpass` and for `*.ir`.

Words come from the tables of operations and types. As in the grammar, a word is a mnemonic, a type or a label by where
it stands: a state for the start of a line, one for its rest, one for the rest of a branch.
"""

from __future__ import annotations

from typing import ClassVar

from pygments.lexer import RegexLexer, include, words
from pygments.token import Comment, Error, Keyword, Name, Number, Operator, Punctuation, String, Whitespace

from irpass.ir import ops
from irpass.ir.types import SCALARS

_LABEL = r"[A-Za-z_][A-Za-z0-9_$.]*"
_BRANCHES = tuple(op.name for op in (ops.BR_IF, ops.BR, ops.SWITCH))
_MNEMONICS = tuple(op.name for op in ops.ALL if op.name not in _BRANCHES)


class IrpassLexer(RegexLexer):
    """Tokens of irpass text; what the grammar does not know is an `Error` token."""

    name = "irpass"
    aliases: ClassVar[list[str]] = ["irpass"]
    filenames: ClassVar[list[str]] = ["*.ir"]
    mimetypes: ClassVar[list[str]] = ["text/x-irpass"]

    tokens: ClassVar = {
        "root": [
            include("blank"),
            (r"\n", Whitespace),
            (_LABEL + r"(?=[ \t]*[(:])", Name.Label, "line"),
            (r"(type|extern|func)\b", Keyword.Declaration, "line"),
            (r"%[A-Za-z0-9_$]+(?=[ \t]*=)", Name.Variable),
            (r"=", Operator),
            (words(_MNEMONICS, suffix=r"\b"), Keyword, "line"),
            (words(_BRANCHES, suffix=r"\b"), Keyword, "branch"),
            (r"\}", Punctuation),
        ],
        "blank": [(r"[ \t\r]+", Whitespace), (r"//[^\n]*", Comment.Single)],
        "operand": [
            include("blank"),
            (r"\n", Whitespace, "#pop"),
            (r'"(?=([^"\\\n]|\\.)*")', String.Double, "string"),  # a string ends on its line
            (r"%[A-Za-z0-9_$]+", Name.Variable),
            (r"@[A-Za-z0-9_$.]+(?=[ \t]*\()", Name.Function),
            (r"@[A-Za-z0-9_$.]+", Name.Class),
            (r"-?[0-9][0-9_]*(\.[0-9]+([eE][+-]?[0-9]+)?|[eE][+-]?[0-9]+)(?![A-Za-z0-9_.$])", Number.Float),
            (r"-?0[xX][0-9a-fA-F_]+(?![A-Za-z0-9_.$])", Number.Hex),
            (r"-?[0-9][0-9_]*(?![A-Za-z0-9_.$])", Number.Integer),
            (r"loc(?=[ \t]*\()", Keyword.Pseudo),
        ],
        "line": [
            include("operand"),
            (r"func\b", Keyword.Declaration),  # behind `extern`
            (words((*SCALARS, "arena"), suffix=r"\b"), Keyword.Type),
            (r"(true|false|nil|-?inf|nan)\b", Keyword.Constant),
            (r"(align|limit|count|stack|scan|uninit|zero)\b", Keyword.Pseudo),
            (r"(pure|nocapture|nofree|noreturn)\b", Keyword.Pseudo),
            (r"->|[=*]", Operator),
            (r"[\[\](){},:.]", Punctuation),
        ],
        "branch": [
            include("operand"),
            (r"(true|false|nil|-?inf|nan)(?=[ \t]*[,)])", Keyword.Constant),
            (_LABEL, Name.Label),
            (r"[\[\](){},:]", Punctuation),
        ],
        "string": [
            (r'"', String.Double, "#pop"),
            (r'\\(x[0-9a-fA-F]{2}|[nt"\\])', String.Escape),
            (r"\\.", Error),
            (r'[^"\\\n]+', String.Double),
        ],
    }
