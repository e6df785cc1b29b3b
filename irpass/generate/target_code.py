"""Code of a target language in a spec: names of types, and what makes, clears and resizes objects."""

from __future__ import annotations

import re
from collections.abc import Mapping

from irpass.generate.spec import TARGETS, ObjectCode
from irpass.toml.fields import Fields
from irpass.toml.source import Path

_PLACEHOLDER = re.compile(r"\{(\w*)\}")
_OBJECT_KEYS: Mapping[str, tuple[bool, frozenset[str]]] = {  # key -> is it needed, its placeholders
    "type": (True, frozenset()),
    "make": (True, frozenset({"n"})),
    "clear": (True, frozenset({"x"})),
    "capacity": (True, frozenset({"x"})),
    "resize": (False, frozenset({"x", "n"})),
    "copy": (False, frozenset({"to", "from"})),
    "destroy": (False, frozenset({"x"})),
}


def read_line(fields: Fields, path: Path, key: str) -> str | None:
    """One line of target code; control characters would let a string end the line that it is put in."""
    value = fields.get(path, key, str)
    if value is None:
        return None
    if not value.strip() or not value.isprintable():
        fields.wrong_value("bad-code", (*path, key), f"'{key}' must be one line of code, and not empty")
        return None
    return value


def read_object_code(fields: Fields, path: Path) -> Mapping[str, ObjectCode]:
    """The code for the objects of the base at `path`, by target."""
    code: dict[str, ObjectCode] = {}
    for target in TARGETS:
        if target not in fields.at(path) or fields.get(path, target, dict) is None:
            continue
        where = (*path, target)
        fields.known_keys(where, _OBJECT_KEYS)
        lines: dict[str, str] = {}
        for key, (is_needed, placeholders) in _OBJECT_KEYS.items():
            # Without a collector, an object that finds no room in the pool must be destroyed.
            if not (is_needed or (key == "destroy" and target == "c")) and key not in fields.at(where):
                continue
            text = read_line(fields, where, key)
            if text is None:
                continue
            lines[key] = text
            found = set(_PLACEHOLDER.findall(text))
            for odd in sorted(found - placeholders):
                fields.wrong_value("bad-code", (*where, key), f"'{key}' has no placeholder {{{odd}}}")
            for lacking in sorted(placeholders - found):
                fields.wrong_value("bad-code", (*where, key), f"'{key}' must say where {{{lacking}}} goes")
        if all(key in lines for key, (is_needed, _) in _OBJECT_KEYS.items() if is_needed):
            code[target] = ObjectCode(**lines)
    return code
