"""The Pygments lexer and the VS Code grammar know every word of the language, and agree on every sample."""

from __future__ import annotations

import json
import re
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
from pygments.token import Comment, Error, Keyword, Name, Number, String, _TokenType, is_token_subtype

from irpass.ir import ops
from irpass.ir.types import SCALARS
from irpass.text.grammar import lark_parser
from irpass.text.highlight import IrpassLexer

_ROOT = Path(__file__).resolve().parents[2]
_SAMPLES = sorted((_ROOT / "samples").glob("*.ir"))
_TEXTMATE = json.loads((_ROOT / "grammar/vscode/syntaxes/irpass.tmLanguage.json").read_text(encoding="utf-8"))
_RULES: dict[str, dict[str, Any]] = _TEXTMATE["repository"]

# A text that holds what the samples do not: folded instructions, attributes, escapes, all kinds of literals.
_EVERYTHING = r"""extern func @emit([]u8, *@node) -> i64 pure nocapture nofree noreturn // of the host
type @node = { i64, []*@node }
func @f(%x: f64) {
make(%i64: i64):
  %m = shared.alloc 64, align 16, limit 4_096, count 2, stack, scan, uninit loc("a.go":1:2)
  %d = derive []u8, %m, 0, 8, zero
  %e = const f64, -inf
  %g = const f32, -2.5e-3
  store %p.2, -0x1f
  switch %x, make(nan) [-1: type, 0x2: shared.alloc(true, %d)]
type:
  br_if true, make(1e9), true
true:
  print "a\x00\n\" // no comment", false
  shared.free %m, %d
  ret nil
}
"""
_TEXTS = [pytest.param(p.read_text(encoding="utf-8"), id=p.stem) for p in _SAMPLES]
_TEXTS.append(pytest.param(_EVERYTHING, id="everything"))


def _words(terminal: str) -> list[str]:
    """The words of a terminal of the grammar that is a list of words."""
    pattern = next(str(t.pattern.value) for t in lark_parser().terminals if t.name == terminal)
    found = re.fullmatch(r"\(([a-z|]+)\)\\b", pattern)
    assert found is not None, pattern
    return found.group(1).split("|")


def _pygments(text: str) -> list[tuple[str, _TokenType]]:
    """The words and signs that are not blank, with their token types."""
    return [(v.strip(), t) for t, v in IrpassLexer(stripnl=False).get_tokens(text) if v.strip()]


def test_pygments_finds_the_lexer_by_its_entry_point() -> None:
    found = [e for e in entry_points(group="pygments.lexers") if e.name == "irpass"]
    assert found and all(e.load() is IrpassLexer for e in found)


@pytest.mark.parametrize("text", _TEXTS)
def test_lexing_loses_nothing_and_has_no_errors(text: str) -> None:
    tokens = list(IrpassLexer(stripnl=False).get_tokens(text))
    assert "".join(value for _, value in tokens) == text
    assert [value for kind, value in tokens if kind is Error] == []


@pytest.mark.parametrize("text", ['  print "open\n', '  print "\\q"\n', "  ret ?\n", "  %x = nothing %y\n"])
def test_what_the_grammar_does_not_know_is_an_error_token(text: str) -> None:
    assert any(kind is Error for _, kind in _pygments(text))


@pytest.mark.parametrize("op", [op.name for op in ops.ALL])
def test_every_mnemonic_is_a_keyword_at_its_place_and_a_label_at_a_label_s(op: str) -> None:
    assert _pygments(f"  {op} %x\n")[0] == (op, Keyword)
    assert _pygments(f"{op}:\n")[0] == (op, Name.Label)
    assert _pygments(f"  br {op}\n")[1] == (op, Name.Label)
    classes = [_class(s) for word, s in _textmate(f"  {op} %x\n{op}:\n  br {op}\n") if word == op]
    assert (classes[0], classes[1], classes[-1]) == ("keyword", "label", "label")


def test_every_type_word_is_a_type() -> None:
    for word in (*SCALARS, "arena"):
        assert (word, Keyword.Type) in _pygments(f"  %x = const {word}, 0\n")
        assert (word, "storage.type.irpass") in _textmate(f"  %x = const {word}, 0\n")


@pytest.mark.parametrize("terminal", ["ATTRIBUTE", "SIZED", "FLAG", "UNINIT", "DERIVED"])
def test_every_option_and_attribute_of_the_grammar_is_known(terminal: str) -> None:
    words = ["uninit"] if terminal == "UNINIT" else _words(terminal)
    for word in words:
        assert (word, Keyword.Pseudo) in _pygments(f"  shared.alloc 8, {word}\n")
        assert any(w == word and s.startswith("storage.modifier") for w, s in _textmate(f"  shared.alloc 8, {word}\n"))


# ---- TextMate: as much of an engine as the grammar needs. The leftmost match wins, the first rule among equals.


def _expand(patterns: list[dict[str, Any]]) -> list[dict[str, Any]]:
    out: list[dict[str, Any]] = []
    for p in patterns:
        if "include" in p:
            out += _expand([_RULES[p["include"].removeprefix("#")]])
        elif "patterns" in p and "begin" not in p:
            out += _expand(p["patterns"])
        else:
            out.append(p)
    return out


def _captures(match: re.Match[str], rule: dict[str, Any], key: str, outer: str) -> list[tuple[str, str]]:
    parts, at = [], match.start()
    for group, capture in sorted(rule.get(key, {}).items()):
        start, end = match.span(int(group))
        if start >= 0:
            parts += [(match.string[at:start], outer), (match.string[start:end], capture["name"])]
            at = end
    return [*parts, (match.string[at : match.end()], outer)]


def _textmate(text: str) -> list[tuple[str, str]]:
    """The pieces of the text that are not blank, with their innermost scope."""
    out: list[tuple[str, str]] = []
    for line in text.splitlines():
        stack: list[dict[str, Any]] = []  # no rule of this grammar goes over a line's end
        at = 0
        while at <= len(line):
            rule = stack[-1] if stack else _TEXTMATE
            outer = rule.get("name", "")
            found: list[tuple[int, int, re.Match[str], dict[str, Any] | None]] = []
            if stack and (match := re.compile(rule["end"]).search(line, at)):
                found.append((match.start(), -1, match, None))
            for order, inner in enumerate(_expand(rule["patterns"])):
                match = re.compile(inner.get("match") or inner["begin"]).search(line, at)
                if match is not None and match.group():
                    found.append((match.start(), order, match, inner))
            if not found:
                out.append((line[at:], outer))
                break
            start, _, match, chosen = min(found, key=lambda f: f[:2])
            out.append((line[at:start], outer))
            at = match.end()
            if chosen is None:
                out.append((match.group(), outer))
                stack.pop()
            elif "begin" in chosen:
                out += _captures(match, chosen, "beginCaptures", chosen.get("name", ""))
                stack.append(chosen)
            else:
                out += _captures(match, chosen, "captures", chosen.get("name", ""))
            if at == len(line):
                break
    return [(word.strip(), scope) for word, scope in out if word.strip()]


_SCOPES = {
    "comment": "comment", "string": "string", "constant.character": "string", "constant.numeric": "number",
    "variable.other.member": "number", "constant.language": "constant", "variable": "value",
    "keyword.control": "keyword",
    "keyword.other.instruction": "keyword", "keyword.other.loc": "option", "storage.modifier.irpass": "option",
    "storage.modifier.attribute": "option", "storage.type.irpass": "type", "storage.type": "declaration",
    "storage.modifier.extern": "declaration", "entity.name.label": "label", "entity.name": "symbol",
}  # fmt: skip
_KINDS: dict[_TokenType, str] = {
    Comment: "comment", String: "string", Number: "number", Keyword.Constant: "constant", Name.Variable: "value",
    Keyword.Pseudo: "option", Keyword.Type: "type", Keyword.Declaration: "declaration", Name.Label: "label",
    Name.Function: "symbol", Name.Class: "symbol",
}  # fmt: skip


def _class(scope: str) -> str:
    return next((kind for prefix, kind in _SCOPES.items() if scope.startswith(prefix)), "sign")


def _kind(token: _TokenType) -> str:
    return "keyword" if token is Keyword else next((k for t, k in _KINDS.items() if is_token_subtype(token, t)), "sign")


def _characters(pieces: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Each character that is not blank with the class of its piece: the two engines cut pieces differently."""
    return [(c, kind) for text, kind in pieces for c in text if not c.isspace()]


@pytest.mark.parametrize("text", _TEXTS)
def test_vs_code_and_pygments_agree_on_every_character(text: str) -> None:
    textmate = _characters([(word, _class(scope)) for word, scope in _textmate(text)])
    assert textmate == _characters([(word, _kind(token)) for word, token in _pygments(text)])


def test_the_extension_names_files_that_exist() -> None:
    folder = _ROOT / "grammar/vscode"
    package = json.loads((folder / "package.json").read_text(encoding="utf-8"))
    contributes = package["contributes"]
    assert (folder / contributes["languages"][0]["configuration"]).is_file()
    assert (folder / contributes["grammars"][0]["path"]).is_file()
    assert contributes["grammars"][0]["scopeName"] == _TEXTMATE["scopeName"]
    settings = json.loads((folder / "language-configuration.json").read_text(encoding="utf-8"))
    for pattern in settings["indentationRules"].values():
        re.compile(pattern)
